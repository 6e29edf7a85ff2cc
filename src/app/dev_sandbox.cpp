#include "app/dev_sandbox.h"

namespace switchyard {

using namespace std::chrono_literals;

Result<SandboxProcess> SandboxProcess::start(HttpClient& http, const SandboxStart& options) {
  ChildProcess process =
      TRY(ChildProcess::start({.command = {options.program, "--json", "--port",
                                           std::to_string(options.port), "--speed", options.speed},
                               .log_file = options.log_file,
                               .is_read = true}));
  const auto line = process.read_line(10s);
  const std::string url = line ? text_at(parse_json(*line), "url") : "";
  if (url.empty())
    return fail(ErrorCode::internal, "The sandbox does not start: " + options.program + ".");
  return SandboxProcess(std::move(process), JsonClient(http, url));
}

Result<void> SandboxProcess::tell(const std::string& path, const Json& body) const {
  const JsonAnswer answer = control_.post(path, body);
  if (answer.is_success()) return {};
  return fail(ErrorCode::internal, "The sandbox refused " + path + ": " + answer.text);
}

Result<void> SandboxProcess::set(const Json& settings) const { return tell("/settings", settings); }

Result<void> SandboxProcess::add_receiver_secret(const std::string& secret) const {
  return tell("/merchant/secret", {{"secret", secret}});
}

Result<void> SandboxProcess::order_fault(const Json& order) const { return tell("/faults", order); }

Json SandboxProcess::ledger(const std::string& provider) const {
  return member_at(control_.get("/ledger?provider=" + provider).body, "lines");
}

Json SandboxProcess::webhooks_sent(std::int64_t after) const {
  return member_at(control_.get("/webhooks_sent?after=" + std::to_string(after)).body, "tries");
}

Json SandboxProcess::received_events(std::int64_t after) const {
  return member_at(control_.get("/merchant/events?after=" + std::to_string(after)).body, "events");
}

}  // namespace switchyard
