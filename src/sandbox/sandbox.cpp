#include "sandbox/sandbox.h"

#include <charconv>

#include "sandbox/wire.h"

namespace switchyard::sandbox {

using namespace std::chrono_literals;

namespace {

Reply problem(int status, std::string message) {
  return {.status = status, .body = write_json({{"error", std::move(message)}})};
}

std::int64_t number_in(std::string_view text, std::int64_t otherwise) {
  std::int64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "/example/charges" → "example", and the request as its simulator sees it: "/charges".
std::string take_first_segment(Request& request) {
  const std::size_t slash = std::min(request.path.find('/', 1), request.path.size());
  const std::string first = request.path.substr(1, slash - 1);
  request.path.erase(0, slash);
  if (request.path.empty()) request.path = "/";
  return first;
}

Reply html_502() {
  return {.status = 502,
          .body =
              "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad "
              "Gateway</h1></center></body></html>",
          .content_type = "text/html"};
}

// The head of a gzip stream and some of the rest, which is no JSON to anybody.
Reply torn_gzip(Reply reply) {
  reply.headers.emplace_back("Content-Encoding", "gzip");
  reply.body = std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) + reply.body.substr(0, 20);
  return reply;
}

Reply status_reply(std::int64_t status) {
  Reply reply = problem(static_cast<int>(status), "ordered by a fault of the sandbox");
  if (status == 429) reply.headers.emplace_back("Retry-After", "1");
  if (status >= 300 && status < 400) reply.headers.emplace_back("Location", "http://127.0.0.1:9/");
  return reply;
}

}  // namespace

Sandbox::Sandbox(SandboxOptions options)
    : options_(std::move(options)),
      settings_(options_.settings.begin(), options_.settings.end()),
      ledger_(options_.ledger_file),
      requests_(options_.request_file),
      faults_(options_.seed),
      merchant_([this] { return unix_time(); }),
      simulators_(make_simulators(*this)),
      webhooks_(std::make_unique<Webhooks>(timers_, faults_, options_.speed)),
      listener_(options_.host, options_.port,
                [this](const Request& request) { return answer(request); }) {}

Sandbox::~Sandbox() { stop(); }

Result<void> Sandbox::start() {
  const int port = TRY(listener_.bind());
  url_ =
      options_.url.empty() ? "http://" + options_.host + ":" + std::to_string(port) : options_.url;
  listener_.start();
  return {};
}

// Timers first: dropping what waits there also frees handlers that wait for it. Then nobody asks
// for another webhook, and the sender can go.
void Sandbox::stop() {
  timers_.stop();
  listener_.stop();
  webhooks_.reset();
}

std::vector<std::string> Sandbox::providers() const {
  std::vector<std::string> names;
  for (const auto& simulator : simulators_) names.push_back(simulator->name());
  return names;
}

std::string Sandbox::base_url(std::string_view provider) const {
  return url_ + "/" + std::string(provider);
}

void Sandbox::record(LedgerLine line) { ledger_.append(line); }

void Sandbox::send_webhook(WebhookOrder order) { webhooks_->send(std::move(order)); }

void Sandbox::after(std::chrono::milliseconds delay, std::function<void()> run) {
  const double scaled = static_cast<double>(delay.count()) * options_.speed;
  timers_.after(std::chrono::milliseconds(static_cast<std::int64_t>(scaled)), std::move(run));
}

std::string Sandbox::setting(std::string_view name, std::string_view otherwise) const {
  const std::lock_guard lock(settings_mutex_);
  const auto found = settings_.find(name);
  return found == settings_.end() ? std::string(otherwise) : found->second;
}

std::int64_t Sandbox::unix_time() const { return timers_.unix_time(); }

Answer Sandbox::answer(const Request& received) {
  Request request = received;
  const std::string first = take_first_segment(request);
  const auto names = providers();
  const bool is_provider = std::find(names.begin(), names.end(), first) != names.end();
  if (!is_provider && first != "merchant") return {control(received)};
  const auto fault = faults_.take_for_request(first, request);
  requests_.append(first, request, fault);
  return fault ? misbehave(*fault, first, request) : Answer{play(first, request)};
}

Reply Sandbox::play(const std::string& provider, const Request& request) {
  if (provider == "merchant") return merchant_.handle(request);
  for (const auto& simulator : simulators_)
    if (simulator->name() == provider) return simulator->handle(request);
  return problem(404, "no such provider");
}

Answer Sandbox::misbehave(const Fault& fault, const std::string& provider, const Request& request) {
  const std::chrono::milliseconds wait(fault.number);
  if (fault.action == "late") return execute_late(fault, provider, request);
  if (fault.action == "slow") {
    if (!fault.is_executed) timers_.pause(wait);
    const Reply reply = play(provider, request);
    if (fault.is_executed) timers_.pause(wait);
    return {reply};
  }
  const Reply reply = fault.is_executed ? play(provider, request) : html_502();
  if (fault.action == "status") return {status_reply(fault.number)};
  if (fault.action == "html_502") return {html_502()};
  if (fault.action == "gzip") return {torn_gzip(reply)};
  if (fault.action == "truncate") return {reply, Answer::How::half};
  if (fault.action == "timeout") timers_.pause(wait);
  return {reply, fault.action == "reset" ? Answer::How::reset : Answer::How::nothing};
}

// The copy that got lost on the way and arrives when nobody expects it any more. Not later than it
// was ordered, though, as it would be when this machine has no time for its timers: a copy that is
// older than a provider's memory of keys is charged a second time, whatever anybody does.
Answer Sandbox::execute_late(const Fault& fault, const std::string& provider,
                             const Request& request) {
  constexpr std::chrono::seconds most_besides{3};
  const std::chrono::milliseconds wait(fault.number);
  const auto too_late = std::chrono::steady_clock::now() + wait + most_besides;
  timers_.after(wait, [this, provider, request, too_late] {
    if (std::chrono::steady_clock::now() < too_late) play(provider, request);
  });
  return {{}, Answer::How::nothing};
}

Reply Sandbox::control(const Request& request) {
  const auto is = [&](std::string_view method, std::string_view path) {
    return request.method == method && request.path == path;
  };
  const std::int64_t after = number_in(request.query_value("after"), 0);
  const auto limit = static_cast<std::size_t>(number_in(request.query_value("limit"), 10'000));
  if (is("GET", "/")) return front_page();
  if (is("GET", "/healthz")) return {.body = R"({"ok":true})"};
  if (is("GET", "/ledger"))
    return {.body = write_json(ledger_.read(after, request.query_value("provider"), limit))};
  if (is("GET", "/webhooks_sent")) return {.body = write_json(webhooks_->read(after))};
  if (request.path == "/faults") return change_faults(request);
  if (is("POST", "/settings")) return change_settings(request);
  if (is("POST", "/clock")) return move_clock(request);
  return problem(404, "the sandbox has no such page; GET / lists them");
}

// POST takes one order or a list of them; of a list with a mistake, those before it hold.
Reply Sandbox::change_faults(const Request& request) {
  if (request.method == "DELETE") faults_.clear();
  if (request.method != "POST") return {.body = write_json(faults_.list())};
  const Json body = parse_json(request.body);
  const Json orders = body.is_array() ? body : Json::array({body});
  Json added = Json::array();
  for (const Json& order : orders) {
    auto understood = faults_.add(order);
    if (!understood) return problem(400, understood.error().message);
    added.push_back(std::move(*understood));
  }
  return {.status = 201, .body = write_json(added)};
}

Reply Sandbox::change_settings(const Request& request) {
  const Json body = parse_json(request.body);
  if (!body.is_object())
    return problem(400, R"(settings are an object: {"example.webhook_key": "…"})");
  const std::lock_guard lock(settings_mutex_);
  for (const auto& [name, value] : body.items())
    settings_[name] = value.is_string() ? value.get_ref<const std::string&>() : write_json(value);
  Json all = Json::object();
  for (const auto& [name, value] : settings_) all[name] = value;
  return {.body = write_json(all)};
}

Reply Sandbox::move_clock(const Request& request) {
  const auto seconds = integer_at(parse_json(request.body), "advance_sec");
  if (!seconds || *seconds < 0) return problem(400, "advance_sec is a number of seconds");
  timers_.advance(std::chrono::seconds(*seconds));
  return {.body = write_json({{"unix_time", unix_time()}})};
}

Reply Sandbox::front_page() const {
  Json providers = Json::object();
  for (const std::string& name : this->providers()) providers[name] = base_url(name);
  return {.body = write_json({
              {"sandbox", "Plays payment providers. No money moves here."},
              {"providers", std::move(providers)},
              {"merchant",
               {{"events", url_ + "/merchant/events"}, {"return", url_ + "/merchant/return"}}},
              {"steer", {"/faults", "/ledger", "/webhooks_sent", "/settings", "/clock"}},
          })};
}

}  // namespace switchyard::sandbox
