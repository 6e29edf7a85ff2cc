#include "sandbox/request_log.h"

#include "base/clock.h"

namespace switchyard::sandbox {
namespace {

// Whatever a provider calls the key under which a copy is no second request. Each has a header of
// its own for it, X-Reference-Id or another's Request-Id.
std::string key_of(const Request& request) {
  for (const auto& [name, value] : request.headers)
    for (const char* ending : {"idempotency-key", "-request-id", "-reference-id"})
      if (name.ends_with(ending)) return value;
  return {};
}

}  // namespace

RequestLog::RequestLog(const std::string& file) {
  if (!file.empty()) file_.open(file, std::ios::app);
}

void RequestLog::append(const std::string& provider, const Request& request,
                        const std::optional<Fault>& fault) {
  if (!file_.is_open()) return;
  const double at = std::chrono::duration<double>(SystemClock().now().time_since_epoch()).count();
  // Enough to tell whose key it is; the rest stays where it was.
  const std::string authorization(request.header("authorization"));
  const Json line = {
      {"at", at},
      {"credential",
       authorization.substr(authorization.size() - std::min<std::size_t>(authorization.size(), 8))},
      {"provider", provider},
      {"method", request.method},
      {"path", request.path},
      {"key", key_of(request)},
      {"body", request.body},
      {"fault", fault ? fault->action : ""},
      {"is_executed", !fault || fault->is_executed}};
  const std::lock_guard lock(mutex_);
  file_ << write_json(line) << std::endl;
}

}  // namespace switchyard::sandbox
