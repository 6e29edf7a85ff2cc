#include "api/operations.h"

namespace switchyard {
namespace {

constexpr const char* ok = R"({"status":"ok"})";

// As long it may go unnoticed that the database is gone; and under load, when every connection is
// busy, whoever asks for our health does not wait behind hundreds of requests.
constexpr std::chrono::seconds recently{1};

// Opening a transaction is a question that only a working database answers.
bool has_database(Database& database) {
  return database.has_answered_within(recently) ||
         database.read([](Transaction&) -> Result<void> { return {}; });
}

}  // namespace

Handler healthz() {
  return [](const Request&) -> Result<Reply> { return Reply{.body = ok}; };
}

Handler readyz(Database& database, std::function<bool()> is_draining) {
  return [&database, is_draining = std::move(is_draining)](const Request&) -> Result<Reply> {
    if (is_draining())
      return fail(ErrorCode::starting, "The server is stopping; send nothing new to it.");
    if (!has_database(database))
      return fail(ErrorCode::starting, "The server cannot reach its database.");
    return Reply{.body = ok};
  };
}

Handler metrics_page(const Metrics& metrics) {
  return [&metrics](const Request&) -> Result<Reply> {
    return Reply{.body = metrics.text(),
                 .content_type = "text/plain; version=0.0.4; charset=utf-8"};
  };
}

}  // namespace switchyard
