#include "api/operations.h"

namespace switchyard {
namespace {

constexpr const char* ok = R"({"status":"ok"})";

// Opening a transaction is a question that only a working database answers.
Result<void> ask_database(Database& database) {
  return database.read([](Transaction&) -> Result<void> { return {}; });
}

}  // namespace

Handler healthz() {
  return [](const Request&) -> Result<Reply> { return Reply{.body = ok}; };
}

Handler readyz(Database& database, std::function<bool()> is_draining) {
  return [&database, is_draining = std::move(is_draining)](const Request&) -> Result<Reply> {
    if (is_draining())
      return fail(ErrorCode::starting, "The server is stopping; send nothing new to it.");
    if (!ask_database(database))
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
