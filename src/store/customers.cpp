#include "store/customers.h"

#include <algorithm>

#include "store/record_rows.h"

namespace switchyard {
namespace {

const std::string select_customers =
    std::string("SELECT ") + customer_columns +
    " FROM customers c WHERE c.merchant_id = $1 AND c.mode = $2 AND NOT c.is_deleted";
const std::string by_id_sql = select_customers + " AND c.id = $3";
const std::string by_external_id_sql = select_customers + " AND c.external_id = $3";
const std::string list_down_sql =
    select_customers +
    " AND ($3 = '' OR c.external_id = $3) AND ($4 = '' OR c.id < $4) ORDER BY c.id DESC LIMIT $5";
const std::string list_up_sql =
    select_customers + " AND ($3 = '' OR c.external_id = $3) AND c.id > $4 ORDER BY c.id LIMIT $5";

Result<std::optional<Customer>> find_one(Database& database, const Query& query,
                                         const std::string& merchant_id, Mode mode,
                                         const std::string& value) {
  std::optional<Customer> found;
  TRY(database.read_for(merchant_id, [&](Transaction& transaction) -> Result<void> {
    found.reset();
    for (const Row& row : run(transaction, query, merchant_id, std::string(word_of(mode)), value))
      found = customer_of(row);
    return {};
  }));
  return found;
}

}  // namespace

Result<std::optional<Customer>> find_customer(Database& database, const std::string& merchant_id,
                                              Mode mode, const std::string& id) {
  return find_one(database, {"find_customer", by_id_sql.c_str()}, merchant_id, mode, id);
}

Result<std::optional<Customer>> find_customer_by_external_id(Database& database,
                                                             const std::string& merchant_id,
                                                             Mode mode,
                                                             const std::string& external_id) {
  return find_one(database, {"find_customer_by_external_id", by_external_id_sql.c_str()},
                  merchant_id, mode, external_id);
}

Result<CustomerPage> list_customers(Database& database, const CustomerFilter& filter) {
  CustomerPage page;
  const bool is_backwards = !filter.before.empty();
  const Query query = is_backwards ? Query{"list_customers_up", list_up_sql.c_str()}
                                   : Query{"list_customers_down", list_down_sql.c_str()};
  TRY(database.read_for(filter.merchant_id, [&](Transaction& transaction) -> Result<void> {
    page = {};
    for (const Row& row :
         run(transaction, query, filter.merchant_id, std::string(word_of(filter.mode)),
             filter.external_id, is_backwards ? filter.before : filter.after, filter.limit + 1)) {
      page.has_more = static_cast<int>(page.customers.size()) == filter.limit;
      if (page.has_more) break;
      page.customers.push_back(customer_of(row));
    }
    return {};
  }));
  if (is_backwards) std::ranges::reverse(page.customers);
  return page;
}

}  // namespace switchyard
