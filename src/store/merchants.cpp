#include "store/merchants.h"

#include "base/crypto.h"
#include "base/id.h"
#include "base/log.h"
#include "store/query.h"

namespace switchyard {
namespace {

// 27 of 62 characters are 160 bits.
constexpr std::size_t key_length = 27;
constexpr std::string_view base62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

constexpr Query insert_merchant_query{"insert_merchant", R"(
  INSERT INTO merchants (id, name, return_hosts) VALUES ($1, $2, $3::text[])
  RETURNING id, name, to_json(return_hosts) AS return_hosts, micros(created_at) AS created_at)"};

constexpr Query list_merchants_query{"list_merchants", R"(
  SELECT id, name, to_json(return_hosts) AS return_hosts, micros(created_at) AS created_at
  FROM merchants WHERE $1 = '' OR id = $1 ORDER BY id)"};

constexpr Query return_hosts_query{"set_return_hosts",
                                   "UPDATE merchants SET return_hosts = $2::text[] WHERE id = $1"};

constexpr Query insert_key_query{"insert_api_key", R"(
  INSERT INTO api_keys (id, merchant_id, mode, kind, hash, hint)
  SELECT $1, m.id, $3, $4, $5, $6 FROM merchants m WHERE m.id = $2
  RETURNING micros(created_at) AS created_at)"};

constexpr Query list_keys_query{"list_api_keys", R"(
  SELECT id, merchant_id, mode, kind, hint, micros(created_at) AS created_at,
    micros(last_used_at) AS last_used_at, micros(revoked_at) AS revoked_at
  FROM api_keys WHERE merchant_id = $1 ORDER BY id)"};

constexpr Query revoke_query{"revoke_api_key", R"(
  UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL)"};

constexpr Query find_query{"api_key_by_hash", R"(
  SELECT k.id, k.merchant_id, k.mode, k.kind, k.hint, micros(k.created_at) AS created_at,
    micros(k.last_used_at) AS last_used_at, micros(k.revoked_at) AS revoked_at,
    to_json(m.return_hosts) AS return_hosts,
    coalesce(k.last_used_at < now() - interval '1 minute', true) AS is_long_unused
  FROM api_keys k JOIN merchants m ON m.id = k.merchant_id
  WHERE k.hash = $1 AND k.revoked_at IS NULL)"};

constexpr Query touch_query{"touch_api_key", R"(
  UPDATE api_keys SET last_used_at = now()
  WHERE id = $1 AND coalesce(last_used_at < now() - interval '1 minute', true))"};

std::vector<std::string> texts_of(const Row& row, const char* column) {
  std::vector<std::string> texts;
  for (const Json& text : json_of(row, column)) texts.push_back(text.get<std::string>());
  return texts;
}

Merchant merchant_of(const Row& row) {
  return {.id = text_of(row, "id"),
          .name = text_of(row, "name"),
          .return_hosts = texts_of(row, "return_hosts"),
          .created_at = time_of(row, "created_at")};
}

ApiKey key_of(const Row& row) {
  return {.id = text_of(row, "id"),
          .merchant_id = text_of(row, "merchant_id"),
          .mode = text_of(row, "mode") == "live" ? Mode::live : Mode::test,
          .is_publishable = text_of(row, "kind") == "publishable",
          .hint = text_of(row, "hint"),
          .created_at = time_of(row, "created_at"),
          .last_used_at = maybe_time_of(row, "last_used_at"),
          .revoked_at = maybe_time_of(row, "revoked_at")};
}

// Bytes that would make some characters likelier than others are thrown away.
std::string random_base62(std::size_t length) {
  std::string text;
  while (text.size() < length)
    for (const char byte : random_bytes(length)) {
      const auto value = static_cast<unsigned char>(byte);
      if (value < 248 && text.size() < length) text += base62[value % base62.size()];
    }
  return text;
}

}  // namespace

std::string key_prefix(Mode mode, bool is_publishable) {
  return std::string(is_publishable ? "pk_" : "sk_") + std::string(word_of(mode)) + "_";
}

Result<Merchant> create_merchant(Database& database, const std::string& name,
                                 const std::vector<std::string>& return_hosts) {
  Merchant made;
  const std::string id = new_id("mer");
  TRY(database.write([&](Transaction& transaction) -> Result<void> {
    for (const Row& row :
         run(transaction, insert_merchant_query, id, name, text_array(return_hosts)))
      made = merchant_of(row);
    return {};
  }));
  return made;
}

Result<std::vector<Merchant>> list_merchants(Database& database) {
  std::vector<Merchant> merchants;
  TRY(database.read([&](Transaction& transaction) -> Result<void> {
    merchants.clear();
    for (const Row& row : run(transaction, list_merchants_query, std::string()))
      merchants.push_back(merchant_of(row));
    return {};
  }));
  return merchants;
}

Result<std::optional<Merchant>> find_merchant(Database& database, const std::string& id) {
  std::optional<Merchant> found;
  if (id.empty()) return found;
  TRY(database.read([&](Transaction& transaction) -> Result<void> {
    for (const Row& row : run(transaction, list_merchants_query, id)) found = merchant_of(row);
    return {};
  }));
  return found;
}

Result<bool> set_return_hosts(Database& database, const std::string& id,
                              const std::vector<std::string>& return_hosts) {
  bool is_there = false;
  TRY(database.write([&](Transaction& transaction) -> Result<void> {
    is_there =
        run(transaction, return_hosts_query, id, text_array(return_hosts)).affected_rows() > 0;
    return {};
  }));
  return is_there;
}

Result<NewApiKey> create_key(Database& database, const std::string& merchant_id, Mode mode,
                             bool is_publishable) {
  const std::string text = key_prefix(mode, is_publishable) + random_base62(key_length);
  NewApiKey made{.key = {.id = new_id("key"), .merchant_id = merchant_id}, .text = Secret(text)};
  made.key.mode = mode;
  made.key.is_publishable = is_publishable;
  made.key.hint = text.substr(text.size() - 4);
  bool is_made = false;
  TRY(database.write([&](Transaction& transaction) -> Result<void> {
    is_made = false;
    for (const Row& row :
         run(transaction, insert_key_query, made.key.id, merchant_id, std::string(word_of(mode)),
             is_publishable ? "publishable" : "secret", sha256_hex(text), made.key.hint)) {
      made.key.created_at = time_of(row, "created_at");
      is_made = true;
    }
    return {};
  }));
  if (!is_made) return fail(ErrorCode::not_found, "There is no such merchant.");
  return made;
}

Result<std::vector<ApiKey>> list_keys(Database& database, const std::string& merchant_id) {
  std::vector<ApiKey> keys;
  TRY(database.read([&](Transaction& transaction) -> Result<void> {
    keys.clear();
    for (const Row& row : run(transaction, list_keys_query, merchant_id))
      keys.push_back(key_of(row));
    return {};
  }));
  return keys;
}

Result<bool> revoke_key(Database& database, const std::string& key_id) {
  bool is_revoked = false;
  TRY(database.write([&](Transaction& transaction) -> Result<void> {
    is_revoked = run(transaction, revoke_query, key_id).affected_rows() > 0;
    return {};
  }));
  return is_revoked;
}

Result<std::optional<KeyOwner>> find_key_by_hash(Database& database, const std::string& hash) {
  std::optional<KeyOwner> found;
  bool is_long_unused = false;
  TRY(database.look([&](Transaction& transaction) -> Result<void> {
    for (const Row& row : run(transaction, find_query, hash)) {
      found = KeyOwner{.key = key_of(row), .return_hosts = texts_of(row, "return_hosts")};
      is_long_unused = bool_of(row, "is_long_unused");
    }
    return {};
  }));
  if (!found || !is_long_unused) return found;
  const auto touched = database.note([&](Transaction& transaction) -> Result<void> {
    run(transaction, touch_query, found->key.id);
    return {};
  });
  if (!touched) log_warning("api_key.not_touched", {{"key", found->key.id}});
  return found;
}

}  // namespace switchyard
