// Customers as they are read; they are written through the writer. Deleted ones are never found.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/customer.h"
#include "store/database.h"

namespace switchyard {

// The param of external_id_conflict when a command's new customer has turned out to exist: nothing
// of it was done, its key not claimed either.
inline constexpr const char* customer_is_taken = "customer.external_id";

// Nullopt for another merchant's or mode's as for one that does not exist.
Result<std::optional<Customer>> find_customer(Database&, const std::string& merchant_id, Mode,
                                              const std::string& id);
Result<std::optional<Customer>> find_customer_by_external_id(Database&,
                                                             const std::string& merchant_id, Mode,
                                                             const std::string& external_id);

struct CustomerFilter {
  std::string merchant_id;
  Mode mode = Mode::test;
  std::string external_id = {};
  std::string after = {};   // cursor: newest first, what comes after this id
  std::string before = {};  // cursor: what comes before it
  int limit = 25;
};
struct CustomerPage {
  std::vector<Customer> customers = {};  // newest first
  bool has_more = false;                 // in the direction that was asked for
};
Result<CustomerPage> list_customers(Database&, const CustomerFilter&);

}  // namespace switchyard
