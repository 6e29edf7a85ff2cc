#include "store/deliveries_read.h"

#include <algorithm>

#include "store/query.h"

namespace switchyard {
namespace {

const std::string select_deliveries = R"(
  SELECT d.id, d.event_id, e.type AS event_type, d.payment_id, d.status,
    micros(d.due_at) AS due_at, micros(d.created_at) AS created_at,
    micros(d.finished_at) AS finished_at
  FROM deliveries d JOIN events e ON e.id = d.event_id
  WHERE d.merchant_id = $1 AND d.mode = $2 AND d.endpoint_id = $3 AND ($4 = '' OR d.status = $4))";
const std::string down_sql =
    select_deliveries + " AND ($5 = '' OR d.id < $5) ORDER BY d.id DESC LIMIT $6";
const std::string up_sql = select_deliveries + " AND d.id > $5 ORDER BY d.id LIMIT $6";

constexpr Query tries_query{"list_delivery_tries", R"(
  SELECT delivery_id, number, url, status, problem, answer, took_ms,
    micros(created_at) AS created_at
  FROM delivery_tries WHERE delivery_id = ANY($1::text[]) ORDER BY delivery_id, number)"};

LoggedDelivery delivery_of(const Row& row) {
  LoggedDelivery delivery{.id = text_of(row, "id"),
                          .event_id = text_of(row, "event_id"),
                          .event_type = text_of(row, "event_type"),
                          .payment_id = text_of(row, "payment_id"),
                          .status = text_of(row, "status"),
                          .created_at = time_of(row, "created_at"),
                          .finished_at = maybe_time_of(row, "finished_at")};
  if (delivery.status == "pending") delivery.due_at = maybe_time_of(row, "due_at");
  return delivery;
}

LoggedTry try_of(const Row& row) {
  return {.number = static_cast<int>(integer_of(row, "number")),
          .url = text_of(row, "url"),
          .http_status = static_cast<int>(integer_of(row, "status")),
          .problem = text_of(row, "problem"),
          .answer = text_of(row, "answer"),
          .took_ms = integer_of(row, "took_ms"),
          .created_at = time_of(row, "created_at")};
}

void add_tries(Transaction& transaction, std::vector<LoggedDelivery>& deliveries) {
  std::vector<std::string> ids;
  for (const LoggedDelivery& delivery : deliveries) ids.push_back(delivery.id);
  if (ids.empty()) return;
  for (const Row& row : run(transaction, tries_query, text_array(ids))) {
    const std::string id = text_of(row, "delivery_id");
    const auto owner = std::ranges::find(deliveries, id, &LoggedDelivery::id);
    assert(owner != deliveries.end());
    owner->tries.push_back(try_of(row));
  }
}

}  // namespace

Result<DeliveryPage> list_deliveries(Database& database, const DeliveryFilter& filter) {
  DeliveryPage page;
  const bool is_backwards = !filter.before.empty();
  const Query query = is_backwards ? Query{"list_deliveries_up", up_sql.c_str()}
                                   : Query{"list_deliveries_down", down_sql.c_str()};
  TRY(database.read_for(filter.merchant_id, [&](Transaction& transaction) -> Result<void> {
    page = {};
    for (const Row& row : run(transaction, query, filter.merchant_id,
                              std::string(word_of(filter.mode)), filter.endpoint_id, filter.status,
                              is_backwards ? filter.before : filter.after, filter.limit + 1)) {
      page.has_more = static_cast<int>(page.deliveries.size()) == filter.limit;
      if (page.has_more) break;
      page.deliveries.push_back(delivery_of(row));
    }
    add_tries(transaction, page.deliveries);
    return {};
  }));
  if (is_backwards) std::ranges::reverse(page.deliveries);
  return page;
}

}  // namespace switchyard
