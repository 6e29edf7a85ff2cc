#include "store/refunds.h"

#include <algorithm>

#include "store/record_rows.h"

namespace switchyard {
namespace {

std::string mode_text(Mode mode) { return std::string(word_of(mode)); }

const std::string select_refunds = std::string("SELECT ") + refund_columns + " FROM refunds r";
const std::string find_sql =
    select_refunds + " WHERE r.merchant_id = $1 AND r.mode = $2 AND r.id = $3";
const std::string external_sql =
    select_refunds + " WHERE r.merchant_id = $1 AND r.mode = $2 AND r.external_id = $3";

const std::string list_sql = select_refunds + R"(
  WHERE r.merchant_id = $1 AND r.mode = $2
    AND ($3 = '' OR r.payment_id = $3) AND ($4 = '' OR r.external_id = $4)
    AND ($5 = '' OR r.status = $5) AND ($6 = '' OR r.id < $6) AND ($7 = '' OR r.id > $7))";
const std::string newest_first = list_sql + " ORDER BY r.id DESC LIMIT $8";
const std::string oldest_first = list_sql + " ORDER BY r.id LIMIT $8";

Result<std::optional<Refund>> find_one(Database& database, const Query& query,
                                       const std::string& merchant_id, Mode mode,
                                       const std::string& name) {
  std::optional<Refund> found;
  TRY(database.read_for(merchant_id, [&](Transaction& transaction) -> Result<void> {
    for (const Row& row : run(transaction, query, merchant_id, mode_text(mode), name))
      found = refund_of(row);
    return {};
  }));
  return found;
}

}  // namespace

Result<std::optional<Refund>> find_refund(Database& database, const std::string& merchant_id,
                                          Mode mode, const std::string& id) {
  return find_one(database, {"find_refund", find_sql.c_str()}, merchant_id, mode, id);
}

Result<std::optional<Refund>> find_refund_by_external_id(Database& database,
                                                         const std::string& merchant_id, Mode mode,
                                                         const std::string& external_id) {
  return find_one(database, {"refund_by_external_id", external_sql.c_str()}, merchant_id, mode,
                  external_id);
}

Result<RefundPage> list_refunds(Database& database, const RefundFilter& f) {
  RefundPage page;
  TRY(database.read_for(f.merchant_id, [&](Transaction& transaction) -> Result<void> {
    page = {};
    const bool backwards = !f.before.empty();
    for (const Row& row : transaction.exec_params(
             backwards ? oldest_first : newest_first, f.merchant_id, mode_text(f.mode),
             f.payment_id, f.external_id, f.status, f.after, f.before, f.limit + 1))
      page.refunds.push_back(refund_of(row));
    page.has_more = static_cast<int>(page.refunds.size()) > f.limit;
    if (page.has_more) page.refunds.pop_back();
    if (backwards) std::reverse(page.refunds.begin(), page.refunds.end());
    return {};
  }));
  return page;
}

}  // namespace switchyard
