#include "app/config_sections.h"

#include "app/config_words.h"
#include "http/address.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;

constexpr auto day = std::chrono::hours(24);

bool is_network(std::string_view text) { return parse_network(text).has_value(); }

void read_address(const ConfigValue& value, std::string& target) {
  std::string address;
  if (!value.text(address)) return;
  const bool has_prefix = address.find('/') != std::string::npos;
  if (address != "localhost" && (has_prefix || !is_network(address)))
    value.refuse("must be an address of this machine, such as \"127.0.0.1\" or \"0.0.0.0\"");
  else
    target = address;
}

void read_public_url(const ConfigValue& value, Config& config) {
  std::string url;
  if (!value.text(url)) return;
  if (!parse_web_address(url))
    value.refuse("must be a URL such as \"https://pay.example.com\", without a query");
  else
    config.server.public_url = without_slash(url);
}

void read_networks(const ConfigValue& value, std::vector<std::string>& target) {
  if (value.node().kind == ConfigNode::Kind::list && value.node().items.empty())
    target.clear();
  else
    value.texts(target, is_network, "an address or network, such as \"10.0.0.0/8\"");
}

void read_late_money(const ConfigValue& value, LateMoney& target) {
  std::string word;
  if (value.one_of(word, {"keep", "refund"}))
    target = word == "refund" ? LateMoney::refund : LateMoney::keep;
}

void read_schedule(const ConfigValue& value, Config& config) {
  std::vector<std::chrono::seconds> gaps;
  bool is_right = true;
  for (const ConfigValue& each : value.each()) {
    gaps.emplace_back();
    is_right = each.duration(gaps.back(), 0s, 7 * day) && is_right;
  }
  if (gaps.empty() || gaps.size() > 50)
    value.refuse("must hold between 1 and 50 durations");
  else if (is_right)
    config.delivery.schedule = gaps;
}

// postgresql://user:password@host or "password=..." among key words.
bool holds_password(std::string_view url) {
  const std::size_t start = url.find("://");
  if (start == std::string_view::npos) return url.find("password=") != std::string_view::npos;
  const std::string_view rest = url.substr(start + 3);
  const std::size_t at = rest.find('@');
  return at != std::string_view::npos && rest.substr(0, at).find(':') != std::string_view::npos;
}

// Nullopt when it has been refused.
std::optional<SourcedText> read_secret(const ConfigValue& value) {
  std::optional<SourcedText> found = value.sourced_text();
  if (!found || !found->text.empty()) return found;
  value.refuse("must not be empty");
  return std::nullopt;
}

void read_database_url(const ConfigValue& value, Config& config) {
  const auto found = read_secret(value);
  if (!found) return;
  if (found->is_written_here && holds_password(found->text))
    value.warn("holds a password in plain text: better \"env:DATABASE_URL\" or \"file:...\"");
  config.database.url = Secret(found->text);
}

void read_master_key(const ConfigValue& value, Config& config) {
  const auto found = read_secret(value);
  if (!found) return;
  if (found->is_written_here)
    value.warn("is in plain text: better \"env:SWITCHYARD_MASTER_KEY\" or \"file:...\"");
  config.secrets.master_key = Secret(found->text);
}

// clang-format off
const ReadKey<Config> keys[] = {
    {{"server.address", R"("127.0.0.1")", "The address the API listens on; `0.0.0.0` for all."},
     [](const ConfigValue& v, Config& c) { read_address(v, c.server.address); }},
    {{"server.port", "8080", "Its port."},
     [](const ConfigValue& v, Config& c) { v.whole(c.server.port, 1, 65535); }},
    {{"server.public_url", "", "How providers and payers reach this router; absent: `http://` with the address and port above. Webhooks of providers come in at this URL plus `/webhooks/` and the account's id."},
     read_public_url},
    {{"server.io_threads", "1", "Threads that read requests and write answers."},
     [](const ConfigValue& v, Config& c) { v.whole(c.server.io_threads, 1, 64); }},
    {{"server.workers", "6000", "Requests worked on at once; most of them wait for a provider."},
     [](const ConfigValue& v, Config& c) { v.whole(c.server.workers, 1, 100'000); }},
    {{"server.connections", "20000", "Open connections from clients; more are not accepted."},
     [](const ConfigValue& v, Config& c) { v.whole(c.server.connections, 1, 1'000'000); }},
    {{"server.trusted_proxies", "[]", "Addresses or networks whose `X-Forwarded-For` is believed."},
     [](const ConfigValue& v, Config& c) { read_networks(v, c.server.trusted_proxies); }},
    {{"server.operations_address", R"("127.0.0.1")", "The address `/metrics` is served on."},
     [](const ConfigValue& v, Config& c) { read_address(v, c.server.operations_address); }},
    {{"server.operations_port", "0", "Its port; 0 is the one after `server.port`."},
     [](const ConfigValue& v, Config& c) { v.whole(c.server.operations_port, 0, 65535); }},
    {{"server.answer_within", R"("20s")", "What a provider has not decided by then is answered with 202, and goes on."},
     [](const ConfigValue& v, Config& c) { v.duration(c.server.answer_within, 100ms, 2min); }},
    {{"server.drain_within", R"("25s")", "At shutdown, how long requests that are under way may take to end."},
     [](const ConfigValue& v, Config& c) { v.duration(c.server.drain_within, 0s, 10min); }},

    {{"database.url", "", "A libpq URL; absent: the environment variable `DATABASE_URL`."}, read_database_url},
    {{"database.connections", "8", "Connections for reading; the writer has its own."},
     [](const ConfigValue& v, Config& c) { v.whole(c.database.connections, 1, 1000); }},
    {{"database.batch", "64", "Changes the writer commits together at most."},
     [](const ConfigValue& v, Config& c) { v.whole(c.database.batch, 1, 1000); }},

    {{"secrets.master_key", "", "Encrypts what is stored encrypted: 32 bytes as 64 hex digits or base64. Several, separated by commas, are tried in turn and the first one encrypts, so that keys can be changed. Absent: the environment variable `SWITCHYARD_MASTER_KEY`."},
     read_master_key},

    {{"api.require_idempotency_key", "false", "Refuse a POST that could move money and brings no `Idempotency-Key`."},
     [](const ConfigValue& v, Config& c) { v.truth(c.api.require_idempotency_key); }},
    {{"api.reads_per_second", "100", "Per merchant; bursts of twice that."},
     [](const ConfigValue& v, Config& c) { v.whole(c.api.reads_per_second, 1, 10'000'000); }},
    {{"api.writes_per_second", "50", "Per merchant; bursts of twice that."},
     [](const ConfigValue& v, Config& c) { v.whole(c.api.writes_per_second, 1, 10'000'000); }},
    {{"api.requests_per_second_per_address", "0", "Per client address; 0 is no limit."},
     [](const ConfigValue& v, Config& c) { v.whole(c.api.requests_per_second_per_address, 0, 10'000'000); }},
    {{"api.attempts_per_payment", "10", "Attempts that one payment may have in all, against card testing."},
     [](const ConfigValue& v, Config& c) { v.whole(c.api.attempts_per_payment, 1, 100); }},
    {{"api.largest_amount", "0", "Payments above it are refused, in the smallest unit of any currency; 0 is no limit but 2^53-1."},
     [](const ConfigValue& v, Config& c) { v.whole(c.api.largest_amount, 0, max_amount); }},

    {{"late_money.after_cancel", R"("refund")", "Money that arrives after the payment was canceled: `keep` or `refund`."},
     [](const ConfigValue& v, Config& c) { read_late_money(v, c.late_money.after_cancel); }},
    {{"late_money.after_other_success", R"("refund")", "The same after another attempt has taken the money."},
     [](const ConfigValue& v, Config& c) { read_late_money(v, c.late_money.after_other_success); }},
    {{"late_money.after_expiry", R"("keep")", "The same after the payment expired."},
     [](const ConfigValue& v, Config& c) { read_late_money(v, c.late_money.after_expiry); }},
    {{"late_money.after_failure", R"("keep")", "The same after the payment failed."},
     [](const ConfigValue& v, Config& c) { read_late_money(v, c.late_money.after_failure); }},

    {{"payments.expire_after", R"("24h")", "Unless the payment says otherwise."},
     [](const ConfigValue& v, Config& c) { v.duration(c.payments.expire_after, 1s, 365 * day); }},
    {{"payments.transfers_expire_after", R"("7d")", "The same for manual transfers."},
     [](const ConfigValue& v, Config& c) { v.duration(c.payments.transfers_expire_after, 1s, 365 * day); }},
    {{"payments.review_after", R"("24h")", "An outcome that is still unknown after so long is shown to a person."},
     [](const ConfigValue& v, Config& c) { v.duration(c.payments.review_after, 1s, 365 * day); }},
    {{"payments.look_up_speed", "1.0", "The gaps between look-ups at a provider are divided by it; for tests."},
     [](const ConfigValue& v, Config& c) { v.number(c.payments.look_up_speed, 0, 100'000); }},

    {{"delivery.allowed_networks", "[]", "Networks that webhook endpoints may be in besides public ones."},
     [](const ConfigValue& v, Config& c) { read_networks(v, c.delivery.allowed_networks); }},
    {{"delivery.plain_http_allowed", "false", "Whether endpoints in test mode may be `http://`; in live mode they never may."},
     [](const ConfigValue& v, Config& c) { v.truth(c.delivery.plain_http_allowed); }},
    {{"delivery.schedule", R"(["0s", "5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"])", "The gap before each try to deliver an event, give or take a fifth."},
     read_schedule},
    {{"delivery.timeout", R"("15s")", "How long an endpoint may take to answer."},
     [](const ConfigValue& v, Config& c) { v.duration(c.delivery.timeout, 1s, 2min); }},
    {{"delivery.workers", "64", "Deliveries under way at once."},
     [](const ConfigValue& v, Config& c) { v.whole(c.delivery.workers, 1, 10'000); }},

    {{"log.level", R"("info")", "What is written at least: `debug`, `info`, `warning` or `error`."},
     [](const ConfigValue& v, Config& c) { v.one_of(c.log.level, {"debug", "info", "warning", "error"}); }},
};
// clang-format on

std::string_view section_of(const ReadKey<Config>& key) {
  return key.key.name.substr(0, key.key.name.find('.'));
}

void read_section(const std::string& name, const ConfigNode& node, Findings& findings,
                  Config& config) {
  ConfigTable table(node, name + ".", findings);
  for (const ReadKey<Config>& each : keys) {
    if (section_of(each) != name) continue;
    if (const auto value = table.take(each.last_name())) each.read(*value, config);
  }
  table.refuse_unknown("[" + name + "]");
}

}  // namespace

std::span<const ReadKey<Config>> section_keys() { return keys; }

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const ReadKey<Config>& each : keys)
    if (names.empty() || names.back() != section_of(each)) names.emplace_back(section_of(each));
  return names;
}

void read_sections(const ConfigNode& file, Findings& findings, Config& config) {
  for (const std::string& name : section_names()) {
    const ConfigMember* section = find_member(file, name);
    if (section == nullptr) continue;
    const ConfigValue value(section->node, name, findings);
    if (value.is_table()) read_section(name, section->node, findings, config);
  }
  complete_sections(file, findings, config);
}

}  // namespace switchyard
