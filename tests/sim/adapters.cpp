// The adapters of the simulated providers: built as the real ones are, in place of adapters/all.
// They differ in what they declare, and that is what the core decides by.
#include "adapters/adapter.h"

#include "wire.h"

namespace switchyard {
namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr DeclineRow declines[] = {
    {"no_funds", Decline::insufficient_funds}, {"declined", Decline::card_declined},
    {"stolen", Decline::lost_or_stolen},       {"out_of_order", Decline::provider_error},
    {"no_request", Decline::configuration},    {"said_no", Decline::payer_rejected}};

HttpRequest call(const Account& account, const Charge& charge, std::string method,
                 const std::string& path, std::string body = {}) {
  HttpRequest request{.method = std::move(method), .url = account.base_url + path};
  request.headers = {{"Authorization", "Bearer " + account.setting("api_key")}};
  if (request.method == "POST")
    request.headers.emplace_back("Idempotency-Key", charge.provider_key);
  request.body = std::move(body);
  return request;
}

HttpRequest build_charge(const Account& account, const Charge& charge) {
  std::string body;
  add_field(body, "ref", charge.attempt_id);
  add_field(body, "pay", charge.payment_id);
  add_field(body, "amount", charge.money.amount);
  add_field(body, "cur", charge.money.currency.code());
  add_field(body, "manual", charge.manual_capture ? 1 : 0);
  add_field(body, "rail", word_of(charge.method.rail));
  return call(account, charge, "POST", "/charge", std::move(body));
}

HttpRequest build_session(const Account& account, const Charge& charge) {
  return call(account, charge, "POST", "/session", "ref=" + charge.attempt_id);
}

std::string named(const Charge& charge) {
  return charge.provider_reference.empty() ? "?ref=" + charge.attempt_id
                                           : "?id=" + charge.provider_reference;
}

HttpRequest build_lookup(const Account& account, const Charge& charge) {
  return call(account, charge, "GET", "/charge" + named(charge));
}

// Knows only the names that the provider gave: the adapter declares so.
HttpRequest build_lookup_by_id(const Account& account, const Charge& charge) {
  return call(account, charge, "GET", "/charge?id=" + charge.provider_reference);
}

HttpRequest build_cancel(const Account& account, const Charge& charge) {
  return call(account, charge, "POST", "/cancel" + named(charge));
}

HttpRequest build_operation(const Account& account, const Charge& charge, const std::string& path) {
  std::string body;
  add_field(body, "charge", charge.provider_reference);
  add_field(body, "ref", charge.operation.attempt_id);
  add_field(body, "pay", charge.payment_id);
  add_field(body, "amount", charge.operation.money.amount);
  add_field(body, "cur", charge.operation.money.currency.code());
  return call(account, charge, "POST", path, std::move(body));
}

HttpRequest build_capture(const Account& account, const Charge& charge) {
  return build_operation(account, charge, "/capture");
}

HttpRequest build_refund(const Account& account, const Charge& charge) {
  return build_operation(account, charge, "/refund");
}

HttpRequest build_lookup_refund(const Account& account, const Charge& charge) {
  const Charge::Part& refund = charge.operation;
  return call(account, charge, "GET",
              refund.provider_reference.empty() ? "/refund?ref=" + refund.attempt_id
                                                : "/refund?id=" + refund.provider_reference);
}

Verdict verdict_of(std::string_view state) {
  if (state == "captured" || state == "succeeded") return Verdict::captured;
  if (state == "authorized") return Verdict::authorized;
  if (state == "action") return Verdict::requires_action;
  if (state == "pending") return Verdict::pending;
  if (state == "refused" || state == "failed") return Verdict::refused;
  if (state == "canceled") return Verdict::canceled;
  if (state == "expired") return Verdict::expired;
  if (state == "session") return Verdict::next_step;
  return Verdict::unknown;
}

Update said(std::string_view text) {
  Update update{.verdict = verdict_of(field(text, "state")),
                .provider_reference = std::string(field(text, "id")),
                .our_reference = std::string(field(text, "ref"))};
  const auto currency = find_currency(field(text, "cur"));
  if (currency) update.money = Money{number_field(text, "amount"), *currency};
  if (currency && !field(text, "received").empty())
    update.received = Money{number_field(text, "received"), *currency};
  update.is_still_payable = field(text, "open") == "1";
  if (const auto code = field(text, "code"); !code.empty()) {
    update.provider_code = code;
    update.decline = decline_from(declines, code);
  }
  if (update.verdict == Verdict::requires_action) update.next_action = {{"type", "redirect"}};
  return update;
}

Update read_said(const Account&, const Charge&, const HttpResponse& response) {
  if (response.status == 404) return {.verdict = Verdict::not_found};
  return response.status >= 500 ? Update{} : said(response.body);
}

Update read_session(const Account&, const Charge&, const HttpResponse& response) {
  if (response.status != 200 || field(response.body, "state") != "session")
    return response.status == 422 ? said(response.body) : Update{};
  return {.verdict = Verdict::next_step};
}

Proof verify(const Account& account, const Incoming& incoming) {
  if (account.adapter == "keyless") return Proof::unproven;
  return header_of(incoming.headers, "signature") == "ours" ? Proof::verified : Proof::rejected;
}

std::vector<News> read_webhook(const Account&, const Incoming& incoming) {
  const bool is_refund = field(incoming.body, "about") == "refund";
  News news{.about = is_refund ? News::About::refund : News::About::charge,
            .provider_event_id = std::string(field(incoming.body, "event")),
            .update = said(incoming.body)};
  news.our_reference = news.update.our_reference;
  if (is_refund)
    news.refund_reference = news.update.provider_reference;
  else
    news.provider_reference = news.update.provider_reference;
  news.update.next_action = nullptr;
  return {news};
}

std::vector<Offer> offers(bool is_manual) {
  const ChargeStep create{"create", {build_charge, read_said}};
  const ChargeStep session{"session", {build_session, read_session}, Moves::once_shown};
  return {{.rail = Rail::card, .manual_capture = is_manual, .steps = {create}},
          {.rail = Rail::hosted_page, .manual_capture = is_manual, .steps = {create}},
          {.rail = Rail::mobile_money, .steps = {create}},
          {.rail = Rail::wallet, .steps = {session, create}}};
}

Adapter with_everything(std::string_view name) {
  Adapter adapter{.name = name, .title = name};
  adapter.settings = {{.name = "api_key", .is_required = true, .is_secret = true}};
  adapter.offers = offers(true);
  adapter.finds_out_by = FindsOutBy::our_reference;
  adapter.lookup = {build_lookup, read_said};
  adapter.cancel = {build_cancel, read_said};
  adapter.capture = {build_capture, read_said};
  adapter.partial_capture = true;
  adapter.refund = {build_refund, read_said};
  adapter.lookup_refund = {build_lookup_refund, read_said};
  adapter.webhook = {verify, read_webhook};
  adapter.dedup_window = 24h;
  adapter.declines = {std::begin(declines), std::end(declines)};
  return adapter;
}

// An id that was lost with the answer is found only by the same key, and that for a short time.
Adapter short_windowed() {
  Adapter adapter = with_everything("short");
  adapter.finds_out_by = FindsOutBy::id;
  adapter.lookup = {build_lookup_by_id, read_said};
  adapter.dedup_window = 20min;
  return adapter;
}

// Our reference is its name for the charge; a repetition is a 409. Nothing can be called off.
Adapter reference_keyed() {
  Adapter adapter = with_everything("reference");
  adapter.offers = offers(false);
  adapter.cancel = {};
  adapter.capture = {};
  adapter.dedup_window = 0s;
  adapter.one_refund_at_a_time = true;
  return adapter;
}

// Neither keys nor references nor signatures: sent once, and known only by what it answered.
Adapter keyless() {
  Adapter adapter = with_everything("keyless");
  adapter.offers = offers(false);
  adapter.finds_out_by = FindsOutBy::id;
  adapter.lookup = {build_lookup_by_id, read_said};
  adapter.cancel = {};
  adapter.capture = {};
  adapter.lookup_refund = {};
  adapter.dedup_window = 0s;
  adapter.webhooks_prove_themselves = false;
  return adapter;
}

// Cannot be asked about anything: only the same bytes under the same key tell.
Adapter without_lookup() {
  Adapter adapter = with_everything("resend");
  adapter.offers = offers(false);
  adapter.finds_out_by = FindsOutBy::same_key_resend;
  adapter.lookup = {};
  adapter.lookup_refund = {};
  for (Offer& offer : adapter.offers) offer.refunds = Refunds::only_whole;
  return adapter;
}

}  // namespace
}  // namespace sim

std::span<const Adapter* const> all_adapters() {
  static const Adapter all[] = {sim::with_everything("keyed"), sim::short_windowed(),
                                sim::reference_keyed(),        sim::keyless(),
                                sim::without_lookup(),         sim::with_everything("liar")};
  static const Adapter* const list[] = {&all[0], &all[1], &all[2], &all[3], &all[4], &all[5]};
  return list;
}

const Adapter* find_adapter(std::string_view name) {
  for (const Adapter* adapter : all_adapters())
    if (adapter->name == name) return adapter;
  return nullptr;
}

}  // namespace switchyard
