// The kit has nothing to say against an adapter that is right, and finds each thing that is wrong
// with one, with what to do about it.
#include "kit/check_adapter.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/crypto.h"
#include "kit/pages.h"

namespace switchyard {
namespace {

const std::string key = "6d0d8e0c-8bb5-4f0c-9d2a-0f7f7d9c1d10";
const std::string host = "https://test.plain-pay.example";
constexpr DeclineRow declines[] = {{"no_money", Decline::insufficient_funds}};

// ---- Plain Pay, as it should be

HttpRequest create_with(const Account& account, const Charge& charge, const std::string& amount) {
  return {.method = "POST",
          .url = account.base_url + "/charges",
          .headers = {{"Authorization", "Bearer " + account.setting("api_key")},
                      {"Idempotency-Key", charge.provider_key}},
          .body = write_json({{"reference", charge.attempt_id},
                              {"amount", amount},
                              {"currency", charge.money.currency.code()}})};
}

HttpRequest build_create(const Account& account, const Charge& charge) {
  return create_with(account, charge, charge.money.decimal());
}

HttpRequest build_lookup(const Account& account, const Charge& charge) {
  return {.url = account.base_url + "/charges/" + charge.provider_reference,
          .headers = {{"Authorization", "Bearer " + account.setting("api_key")}}};
}

std::optional<Money> money_in(const Json& body) {
  const auto currency = find_currency(text_at(body, "currency"));
  if (!currency) return std::nullopt;
  const auto amount = amount_from_decimal(decimal_at(body, "amount"), currency->exponent());
  return amount ? std::optional(Money{*amount, *currency}) : std::nullopt;
}

Update said(const Json& body) {
  const std::string status = text_at(body, "status");
  Update update{.provider_reference = text_at(body, "id"),
                .our_reference = text_at(body, "reference"),
                .money = money_in(body)};
  if (status == "paid" && update.money) update.verdict = Verdict::captured;
  if (status == "rejected") {
    update.verdict = Verdict::refused;
    update.provider_code = text_at(body, "code");
    update.decline = decline_from(declines, update.provider_code);
  }
  return update;
}

Update read_charge(const Account&, const Charge&, const HttpResponse& response) {
  return response.status >= 500 ? Update{} : said(parse_json(response.body));
}

std::string signature_of(const std::string& bytes, const std::string& webhook_key) {
  return to_hex(hmac_sha256(webhook_key, bytes));
}

Proof proof_of(const Account& account, const Incoming& incoming, const std::string& signed_bytes) {
  const std::string& webhook_key = account.setting("webhook_key");
  const bool is_right = !webhook_key.empty() &&
                        equal_in_constant_time(signature_of(signed_bytes, webhook_key),
                                               header_of(incoming.headers, "plain-signature"));
  return is_right ? Proof::verified : Proof::rejected;
}

Proof verify_webhook(const Account& account, const Incoming& incoming) {
  return proof_of(account, incoming, incoming.body);
}

std::vector<News> read_webhook(const Account&, const Incoming& incoming) {
  const Json body = parse_json(incoming.body);
  News news{.about = News::About::charge,
            .provider_event_id = text_at(body, "event"),
            .update = said(body)};
  news.provider_reference = news.update.provider_reference;
  news.our_reference = news.update.our_reference;
  return {news};
}

Adapter plain_pay() {
  Adapter adapter{.name = "plain_pay",
                  .title = "Plain Pay",
                  .base_url_test = "https://test.plain-pay.example",
                  .base_url_live = "https://plain-pay.example"};
  adapter.settings = {secret("api_key", "The secret key of the dashboard."),
                      secret("webhook_key", "The key that signs messages.")};
  adapter.offers = {{.rail = Rail::card,
                     .currencies = {"EUR", "JPY"},
                     .steps = {{"create", {build_create, read_charge}}},
                     .needs = {"token"}}};
  adapter.finds_out_by = FindsOutBy::our_reference;
  adapter.lookup = {build_lookup, read_charge};
  adapter.webhook = {verify_webhook, read_webhook};
  adapter.dedup_window = std::chrono::hours(24);
  adapter.declines = {std::begin(declines), std::end(declines)};
  return adapter;
}

// ---- its exchanges

Money money_of(const char* currency) { return {5000, *find_currency(currency)}; }

Exchange exchange(const std::string& name, const std::string& call, const Money& money) {
  Exchange it{.adapter = "plain_pay", .name = name, .call = call};
  it.account = {.id = "plain_pay_test", .adapter = "plain_pay", .base_url = host};
  it.account.settings = {{"api_key", Secret("sk_test_12345")},
                         {"webhook_key", Secret("whk_test_12345")}};
  it.charge = {.attempt_id = "att_1", .payment_id = "pay_1", .money = money};
  it.charge.method.token = "tok_1";
  it.charge.provider_key = key;
  return it;
}

Json charge_json(const std::string& status, const Money& money) {
  return {{"status", status},
          {"id", "ch_1"},
          {"reference", "att_1"},
          {"amount", money.decimal()},
          {"currency", money.currency.code()},
          {"code", status == "rejected" ? "no_money" : ""}};
}

Update paid(const Money& money) {
  return {.verdict = Verdict::captured,
          .provider_reference = "ch_1",
          .our_reference = "att_1",
          .money = money};
}

Exchange creates(const std::string& name, const Money& money, const HttpResponse& answers,
                 const Update& means) {
  Exchange it = exchange(name, "charge.create", money);
  it.sends = ExpectedRequest{.method = "POST", .url = host + "/charges"};
  it.sends->headers.emplace_back("Idempotency-Key", key);
  it.sends->json = Json{
      {"reference", "att_1"}, {"amount", money.decimal()}, {"currency", money.currency.code()}};
  it.answers = answers;
  it.means = means;
  return it;
}

Exchange paid_at_once(const std::string& name, const Money& money) {
  return creates(name, money, {.status = 201, .body = write_json(charge_json("paid", money))},
                 paid(money));
}

Exchange rejected(const Money& money) {
  Update means = paid(money);
  means.verdict = Verdict::refused;
  means.decline = Decline::insufficient_funds;
  means.provider_code = "no_money";
  return creates("rejected", money,
                 {.status = 402, .body = write_json(charge_json("rejected", money))}, means);
}

Exchange looked_up(const Money& money) {
  Exchange it = exchange("looked_up", "lookup", money);
  it.charge.provider_reference = "ch_1";
  it.sends = ExpectedRequest{.method = "GET", .url = host + "/charges/ch_1"};
  it.answers = HttpResponse{.status = 200, .body = write_json(charge_json("paid", money))};
  it.means = paid(money);
  return it;
}

// Of the message so many bytes are signed.
Exchange told(const Money& money, std::size_t signed_bytes = std::string::npos) {
  Exchange it = exchange("told", "webhook", money);
  Json body = charge_json("paid", money);
  body["event"] = "evt_1";
  it.incoming.method = "POST";
  it.incoming.body = write_json(body);
  it.incoming.headers.emplace_back(
      "plain-signature", signature_of(it.incoming.body.substr(0, signed_bytes), "whk_test_12345"));
  it.proof = Proof::verified;
  const News news{.about = News::About::charge,
                  .provider_event_id = "evt_1",
                  .provider_reference = "ch_1",
                  .our_reference = "att_1",
                  .update = paid(money)};
  it.news = std::vector<News>{news};
  return it;
}

std::vector<Exchange> all_exchanges() {
  const Money euros = money_of("EUR");
  return {paid_at_once("paid_at_once", euros),
          paid_at_once("yen_have_no_decimals", money_of("JPY")), rejected(euros), looked_up(euros),
          told(euros)};
}

// ---- what is found

Findings findings_of(const Adapter& adapter, const std::vector<Exchange>& exchanges) {
  const AdapterReport report = check_adapter(adapter, exchanges);
  Findings all = report.findings;
  for (const CallReport& call : report.calls)
    all.insert(all.end(), call.findings.begin(), call.findings.end());
  EXPECT_EQ(all.empty(), report.is_sound());
  return all;
}

std::string text_of(const Findings& findings) {
  std::string text;
  for (const Finding& each : findings) text += each.what + " → " + each.to_do + "\n";
  return text;
}

void expect_found(const Adapter& adapter, const std::string& what, const std::string& to_do,
                  const std::vector<Exchange>& exchanges = all_exchanges()) {
  const Findings findings = findings_of(adapter, exchanges);
  EXPECT_TRUE(std::ranges::any_of(findings,
                                  [&](const Finding& each) {
                                    return each.what.find(what) != std::string::npos &&
                                           each.to_do.find(to_do) != std::string::npos;
                                  }))
      << "nobody says \"" << what << " → " << to_do << "\", but:\n"
      << text_of(findings);
}

Adapter with_create(Build build, Read read = read_charge) {
  Adapter adapter = plain_pay();
  adapter.offers[0].steps[0].call = {build, read};
  return adapter;
}

TEST(Kit, has_nothing_to_say_against_a_sound_adapter) {
  const Adapter adapter = plain_pay();
  const std::vector<Exchange> exchanges = all_exchanges();
  EXPECT_EQ(text_of(findings_of(adapter, exchanges)), "");
  const AdapterReport report = check_adapter(adapter, exchanges);
  EXPECT_EQ(report.exchanges, 5);
  EXPECT_GT(report.webhook_attacks, 50);
  ASSERT_EQ(report.calls.size(), 2u);
  EXPECT_EQ(report.calls[0].call.name, "charge.create");
  EXPECT_EQ(report.calls[0].exchanges, 3);
  EXPECT_GT(report.calls[0].faults, 100);
  EXPECT_EQ(report.calls[1].call.name, "lookup");
}

TEST(Kit, finds_a_charge_that_no_call_looks_up) {
  Adapter adapter = plain_pay();
  adapter.lookup = {};
  expect_found(adapter, "card is looked up by no call", "Give `lookup`");
}

TEST(Kit, finds_an_amount_that_is_rounded) {
  const Adapter adapter = with_create([](const Account& account, const Charge& charge) {
    const Money rounded{charge.money.amount / 100 * 100, charge.money.currency};
    return create_with(account, charge, rounded.decimal());
  });
  expect_found(adapter, "/amount is not in proportion: EUR 49.99 is sent as 49.00",
               "Convert exactly");
}

TEST(Kit, finds_an_exponent_that_is_not_the_currencys) {
  const Adapter adapter = with_create([](const Account& account, const Charge& charge) {
    const Money cents{charge.money.amount, *find_currency("EUR")};
    return create_with(account, charge, cents.decimal());
  });
  expect_found(adapter, "exchange yen_have_no_decimals (charge.create): the body is",
               "Correct the adapter");
}

TEST(Kit, finds_a_servers_error_that_is_read_as_a_refusal) {
  const Adapter adapter =
      with_create(build_create, [](const Account&, const Charge&, const HttpResponse& response) {
        if (response.status < 500) return said(parse_json(response.body));
        return Update{.verdict = Verdict::refused, .decline = Decline::provider_error};
      });
  expect_found(adapter, "status 500 means refused", "has to be unknown");
}

TEST(Kit, finds_an_unknown_word_that_is_read_as_money) {
  const Adapter adapter =
      with_create(build_create, [](const Account&, const Charge&, const HttpResponse& response) {
        Update update = response.status >= 500 ? Update{} : said(parse_json(response.body));
        if (update.verdict == Verdict::unknown && update.money) update.verdict = Verdict::captured;
        return update;
      });
  expect_found(adapter, "/status = \"word_nobody_knows\" means captured", "has to be unknown");
}

// The core compares the amount with ours, and cannot compare what is not there.
TEST(Kit, finds_money_whose_amount_could_not_be_read) {
  const Adapter adapter =
      with_create(build_create, [](const Account&, const Charge&, const HttpResponse& response) {
        const Json body = parse_json(response.body);
        Update update = response.status >= 500 ? Update{} : said(body);
        if (response.status < 500 && text_at(body, "status") == "paid")
          update.verdict = Verdict::captured;
        return update;
      });
  expect_found(adapter, "/amount = \"word_nobody_knows\" means captured", "unknown");
}

TEST(Kit, finds_an_answer_that_is_believed_though_it_was_cut_short) {
  const Adapter adapter = with_create(
      build_create, [](const Account&, const Charge& charge, const HttpResponse& response) {
        Update update = response.status >= 500 ? Update{} : said(parse_json(response.body));
        if (response.status < 500 && response.body.find("\"paid\"") != std::string::npos) {
          update.verdict = Verdict::captured;
          update.money = charge.money;
        }
        return update;
      });
  expect_found(adapter, "an eighth or more cut off means captured", "has to be unknown");
}

TEST(Kit, finds_a_charge_that_nothing_keeps_apart_from_its_copy) {
  const Adapter adapter = with_create([](const Account& account, const Charge& charge) {
    HttpRequest request = build_create(account, charge);
    request.headers.pop_back();
    request.body = write_json({{"reference", "order"},
                               {"amount", charge.money.decimal()},
                               {"currency", charge.money.currency.code()}});
    return request;
  });
  expect_found(adapter, "is kept apart by no key and no reference of ours",
               "Send provider_key as the idempotency key");
}

TEST(Kit, finds_a_secret_in_a_URL) {
  const Adapter adapter = with_create([](const Account& account, const Charge& charge) {
    HttpRequest request = build_create(account, charge);
    request.url += "?key=" + account.setting("api_key");
    return request;
  });
  expect_found(adapter, "its URL holds the secret api_key", "send secrets in headers");
}

TEST(Kit, finds_a_webhook_that_is_believed_with_another_secret) {
  Adapter adapter = plain_pay();
  adapter.webhook.verify = [](const Account&, const Incoming& incoming) {
    const bool is_signed = !header_of(incoming.headers, "plain-signature").empty();
    return is_signed ? Proof::verified : Proof::rejected;
  };
  expect_found(adapter, "believed with the secrets of another account",
               "verify has to refuse what does not prove itself");
}

TEST(Kit, finds_a_webhook_whose_amount_may_be_changed_on_its_way) {
  constexpr std::size_t signed_bytes = 20;
  Adapter adapter = plain_pay();
  adapter.webhook.verify = [](const Account& account, const Incoming& incoming) {
    return proof_of(account, incoming, incoming.body.substr(0, signed_bytes));
  };
  std::vector<Exchange> exchanges = all_exchanges();
  exchanges.back() = told(money_of("EUR"), signed_bytes);
  expect_found(adapter, "exchange told: believed with byte",
               "verify has to refuse what does not prove itself", exchanges);
}

TEST(Kit, finds_money_in_a_webhook_that_says_nothing) {
  Adapter adapter = plain_pay();
  adapter.webhook.read = [](const Account& account, const Incoming& incoming) {
    std::vector<News> news = read_webhook(account, incoming);
    news[0].update.verdict = Verdict::captured;
    return news;
  };
  expect_found(adapter, "money is read from a body that says nothing",
               "say unknown about what it cannot read");
}

TEST(Kit, finds_a_call_that_no_exchange_shows) {
  std::vector<Exchange> exchanges = all_exchanges();
  std::erase_if(exchanges, [](const Exchange& each) { return each.call == "lookup"; });
  expect_found(plain_pay(), "no exchange shows the call lookup", "Write exchanges/*.json",
               exchanges);
}

TEST(Kit, tells_a_person_what_is_wrong_and_what_to_do) {
  Adapter adapter = plain_pay();
  adapter.lookup = {};
  const std::string text = report_text(check_adapter(adapter, all_exchanges()));
  EXPECT_TRUE(text.starts_with("Plain Pay\n")) << text;
  EXPECT_NE(text.find("NOT SOUND"), std::string::npos) << text;
  EXPECT_NE(text.find("    card is looked up by no call\n      → Give `lookup`."),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace switchyard
