#include "store/grants.h"

#include "store/query.h"

namespace switchyard {
namespace {

// A role that nothing binds is worse than a missing right: everybody would believe in the wall.
constexpr const char* what_is_wrong = R"(
  SELECT CASE
    WHEN r.oid IS NULL THEN 'There is no role ' || $1::text || ': make it with CREATE ROLE … LOGIN.'
    WHEN r.rolsuper OR r.rolbypassrls THEN
      $1::text || ' is a superuser or exempt from row security: nothing binds it.'
    WHEN pg_has_role(r.oid, t.relowner, 'MEMBER') THEN
      $1::text || ' owns the tables, or is a member of the role that does: what it has it could not lose.'
    WHEN has_schema_privilege(r.oid, current_schema(), 'CREATE') THEN
      $1::text || ' may make tables here. Run REVOKE CREATE ON SCHEMA ' || quote_ident(current_schema()) ||
      ' FROM PUBLIC, ' || quote_ident($1::text) || '.'
    ELSE '' END AS problem
  FROM pg_class t LEFT JOIN pg_roles r ON r.rolname = $1::text
  WHERE t.oid = 'journal_lines'::regclass)";

// What was said stands: journal, events, anomalies, tries and bank references are only added to. Of
// a key the router notes its last use; merchants and keys are made by the owner's commands.
constexpr const char* statements = R"(
  SELECT format('REVOKE ALL ON ALL TABLES IN SCHEMA %1$I FROM %2$I;'
                'GRANT USAGE ON SCHEMA %1$I TO %2$I;'
                'GRANT EXECUTE ON FUNCTION %1$I.turn_answer_partitions() TO %2$I;',
                current_schema(), $1::text) ||
         string_agg(format('GRANT %s ON %I.%I TO %I', what, current_schema(), name, $1::text), ';')
  FROM (VALUES
    ('schema_migrations',   'SELECT'),
    ('merchants',           'SELECT'),
    ('api_keys',            'SELECT, UPDATE (last_used_at)'),
    ('journal_lines',       'SELECT, INSERT'),
    ('events',              'SELECT, INSERT'),
    ('anomalies',           'SELECT, INSERT'),
    ('bank_references',     'SELECT, INSERT'),
    ('delivery_tries',      'SELECT, INSERT'),
    ('idempotency_answers', 'SELECT, INSERT'),
    ('payments',            'SELECT, INSERT, UPDATE'),
    ('attempts',            'SELECT, INSERT, UPDATE'),
    ('steps',               'SELECT, INSERT, UPDATE'),
    ('refunds',             'SELECT, INSERT, UPDATE'),
    ('event_counters',      'SELECT, INSERT, UPDATE'),
    ('endpoints',           'SELECT, INSERT, UPDATE'),
    ('deliveries',          'SELECT, INSERT, UPDATE'),
    ('provider_webhooks',   'SELECT, INSERT, UPDATE'),
    ('unmapped_codes',      'SELECT, INSERT, UPDATE'),
    ('customers',           'SELECT, INSERT, UPDATE, DELETE'),
    ('leases',              'SELECT, INSERT, UPDATE, DELETE'),
    ('idempotency_keys',    'SELECT, INSERT, UPDATE, DELETE'),
    ('commits',             'SELECT, INSERT, DELETE')) AS needed (name, what))";

}  // namespace

Result<void> grant_serving(const Secret& url, const std::string& role) {
  return Connection(url).write_schema([&](Transaction& transaction) -> Result<void> {
    transaction.exec("SELECT pg_advisory_xact_lock(7300)");
    const std::string problem = text_of(transaction.exec_params1(what_is_wrong, role), "problem");
    if (!problem.empty()) return fail(ErrorCode::conflict, problem);
    const auto grants = transaction.exec_params1(statements, role)[0].as<std::string>();
    transaction.exec(grants);
    return {};
  });
}

}  // namespace switchyard
