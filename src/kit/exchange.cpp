#include "kit/exchange.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "kit/form.h"
#include "kit/json_reader.h"

namespace switchyard {
namespace {

constexpr Words<Verdict, 11> verdict_words{{
    {Verdict::unknown, "unknown"},
    {Verdict::not_sent, "not_sent"},
    {Verdict::not_found, "not_found"},
    {Verdict::next_step, "next_step"},
    {Verdict::pending, "pending"},
    {Verdict::requires_action, "requires_action"},
    {Verdict::authorized, "authorized"},
    {Verdict::captured, "captured"},
    {Verdict::refused, "refused"},
    {Verdict::canceled, "canceled"},
    {Verdict::expired, "expired"},
}};
constexpr Words<News::About, 4> about_words{{
    {News::About::charge, "charge"},
    {News::About::refund, "refund"},
    {News::About::ping, "ping"},
    {News::About::other, "other"},
}};
constexpr Words<Proof, 4> proof_words{{
    {Proof::asks, "asks"},
    {Proof::verified, "verified"},
    {Proof::unproven, "unproven"},
    {Proof::rejected, "rejected"},
}};
constexpr Words<Mode, 2> mode_words{{{Mode::test, "test"}, {Mode::live, "live"}}};

void read_account(JsonReader& given, const Adapter& adapter, Account& account) {
  account.id = std::string(adapter.name) + "_test";
  account.adapter = adapter.name;
  for (const Setting& setting : adapter.settings)
    if (!setting.otherwise.empty())
      account.settings[std::string(setting.name)] = Secret(std::string(setting.otherwise));
  given.inside("account", [&](JsonReader& reader) {
    Texts settings;
    reader.read("id", account.id);
    reader.read_word("mode", mode_words, account.mode);
    reader.read("base_url", account.base_url);
    reader.read("webhook_url", account.webhook_url);
    reader.read("settings", settings);
    reader.read("currencies", account.currencies);
    reader.read("countries", account.countries);
    reader.read("forward_metadata", account.forward_metadata);
    for (const auto& [name, value] : settings) account.settings[name] = Secret(value);
  });
  if (account.base_url.empty())
    account.base_url = account.mode == Mode::live ? adapter.base_url_live : adapter.base_url_test;
  if (account.webhook_url.empty())
    account.webhook_url = "https://pay.example.com/webhooks/" + account.id;
}

void read_method(JsonReader& reader, PaymentMethod& method) {
  reader.read_word("rail", rail_words, method.rail);
  reader.read("token", method.token);
  reader.read("token_account", method.token_account);
  reader.read("network", method.network);
  reader.read("phone_number", method.phone_number);
  reader.read("kind", method.kind);
}

void read_charge(JsonReader& reader, Charge& charge) {
  reader.read("attempt_id", charge.attempt_id);
  reader.read("payment_id", charge.payment_id);
  reader.read("money", charge.money);
  reader.inside("method", [&](JsonReader& method) { read_method(method, charge.method); });
  reader.inside("payer", [&](JsonReader& payer) {
    payer.read("id", charge.payer.id);
    payer.read("external_id", charge.payer.external_id);
    payer.read("email", charge.payer.email);
    payer.read("name", charge.payer.name);
    payer.read("phone", charge.payer.phone);
  });
  reader.read("description", charge.description);
  reader.read("country", charge.country);
  reader.read("return_url", charge.return_url);
  reader.read("webhook_url", charge.webhook_url);
  reader.read("metadata", charge.metadata);
  reader.read("manual_capture", charge.manual_capture);
  reader.read("may_be_paid", charge.may_be_paid);
  reader.read("provider_reference", charge.provider_reference);
  reader.read("memory", charge.memory);
  reader.read("provider_key", charge.provider_key);
  reader.read("now", charge.now);
  reader.inside("operation", [&](JsonReader& part) {
    part.read("attempt_id", charge.operation.attempt_id);
    part.read("money", charge.operation.money);
    part.read("reason", charge.operation.reason);
    part.read("provider_reference", charge.operation.provider_reference);
    part.read("webhook_url", charge.operation.webhook_url);
    part.read("memory", charge.operation.memory);
  });
}

void read_update(JsonReader& reader, Update& update) {
  reader.read_word("verdict", verdict_words, update.verdict);
  reader.read("provider_reference", update.provider_reference);
  reader.read("our_reference", update.our_reference);
  reader.read("account_echo", update.account_echo);
  reader.read("money", update.money);
  reader.read("received", update.received);
  reader.read("is_still_payable", update.is_still_payable);
  reader.read("provider_code", update.provider_code);
  reader.read("provider_message", update.provider_message);
  reader.read("next_action", update.next_action);
  reader.read("memory", update.memory);
  reader.read("refunded_total", update.refunded_total);
}

void read_update(JsonReader& reader, Update& update, std::vector<std::string>& mistakes) {
  read_update(reader, update);
  std::string decline;
  reader.read("decline", decline);
  if (decline.empty()) return;
  update.decline = find_decline(decline);
  if (!update.decline) mistakes.push_back("there is no decline \"" + decline + "\"");
}

void read_news(JsonReader& reader, News& news, std::vector<std::string>& mistakes) {
  reader.read_word("about", about_words, news.about);
  reader.read("provider_event_id", news.provider_event_id);
  reader.read("provider_reference", news.provider_reference);
  reader.read("our_reference", news.our_reference);
  reader.read("refund_reference", news.refund_reference);
  reader.read("type", news.type);
  reader.read("is_live", news.is_live);
  reader.inside("update", [&](JsonReader& update) { read_update(update, news.update, mistakes); });
}

FormPairs read_pairs(const Json& list, std::vector<std::string>& mistakes) {
  FormPairs pairs;
  for (const Json& each : list) {
    if (each.is_array() && each.size() == 2 && each[0].is_string() && each[1].is_string())
      pairs.emplace_back(each[0].get<std::string>(), each[1].get<std::string>());
    else
      mistakes.push_back("a form is a list of pairs of strings");
  }
  return pairs;
}

void read_body(JsonReader& reader, std::string& body, std::vector<std::string>& mistakes) {
  if (const Json* json = reader.find("json")) body = write_json(*json);
  if (const Json* form = reader.find("form")) body = encode_form(read_pairs(*form, mistakes));
  reader.read("text", body);
}

void read_sends(JsonReader& reader, ExpectedRequest& sends, std::vector<std::string>& mistakes) {
  reader.read("method", sends.method);
  reader.read("url", sends.url);
  if (const Json* headers = reader.find("headers"); headers && headers->is_object())
    for (const auto& [name, value] : headers->items())
      sends.headers.emplace_back(
          name, value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt);
  if (const Json* json = reader.find("json")) sends.json = *json;
  if (const Json* form = reader.find("form")) sends.form = read_pairs(*form, mistakes);
  reader.read("text", sends.text);
  reader.read("token", sends.token);
}

void read_token(const Json& json, ExpectedToken& token, std::vector<std::string>& mistakes) {
  if (json.is_null()) return;
  token.is_token = true;
  JsonReader reader(json, "token", mistakes);
  reader.read("text", token.text);
  reader.read("lasts_sec", token.lasts_sec);
}

void read_conversation(JsonReader& reader, Exchange& exchange) {
  auto& mistakes = exchange.mistakes;
  reader.inside("sends",
                [&](JsonReader& sends) { read_sends(sends, exchange.sends.emplace(), mistakes); });
  reader.inside("answers", [&](JsonReader& answers) {
    HttpResponse& response = exchange.answers.emplace();
    Texts headers;
    answers.read("status", response.status);
    answers.read("headers", headers);
    response.headers.assign(headers.begin(), headers.end());
    read_body(answers, response.body, mistakes);
  });
  reader.inside("means",
                [&](JsonReader& means) { read_update(means, exchange.means.emplace(), mistakes); });
  if (reader.find("proof")) reader.read_word("proof", proof_words, exchange.proof.emplace());
  if (const Json* list = reader.find("news"))
    for (exchange.news.emplace(); const Json& each : *list) {
      JsonReader news(each, "news", mistakes);
      read_news(news, exchange.news->emplace_back(), mistakes);
    }
  if (reader.find("says")) reader.read("says", exchange.says.emplace());
  if (const Json* token = reader.find("token"))
    read_token(*token, exchange.token.emplace(), mistakes);
  reader.read("is", exchange.is);
}

void read_given(JsonReader& reader, const Adapter& adapter, Exchange& exchange) {
  const Time noon = *parse_rfc3339("2026-11-20T07:00:00.000Z");
  exchange.charge.now = noon;
  exchange.incoming.received_at = noon;
  exchange.incoming.method = "POST";
  read_account(reader, adapter, exchange.account);
  reader.inside("charge", [&](JsonReader& charge) { read_charge(charge, exchange.charge); });
  reader.inside("incoming", [&](JsonReader& incoming) {
    Texts headers;
    incoming.read("method", exchange.incoming.method);
    incoming.read("path", exchange.incoming.path);
    incoming.read("received_at", exchange.incoming.received_at);
    incoming.read("attempt_id", exchange.incoming.attempt_id);
    incoming.read("headers", headers);
    exchange.incoming.headers.assign(headers.begin(), headers.end());
    read_body(incoming, exchange.incoming.body, exchange.mistakes);
  });
  reader.inside("request", [&](JsonReader& request) {
    Texts headers;
    request.read("method", exchange.request.method);
    request.read("url", exchange.request.url);
    request.read("headers", headers);
    exchange.request.headers.assign(headers.begin(), headers.end());
    read_body(request, exchange.request.body, exchange.mistakes);
  });
}

Json parse_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  // Not parse_json: a number in an answer stays a number here.
  return Json::parse(text.str(), nullptr, false);
}

namespace fs = std::filesystem;

void find_exchanges(const fs::path& folder, const std::string& adapter,
                    std::vector<ExchangePlace>& places) {
  for (const auto& file : fs::directory_iterator(folder)) {
    // One folder may hold several adapters; each but the one of its name has a folder of its own.
    if (file.is_directory()) find_exchanges(file.path(), file.path().filename(), places);
    if (file.path().extension() != ".json") continue;
    const Json json = parse_file(file.path());
    const std::size_t count = json.is_array() ? json.size() : 1;
    for (std::size_t i = 0; i < count; ++i)
      places.push_back(
          {.adapter = adapter,
           .path = file.path(),
           .index = i,
           .name = file.path().stem().string() + (i ? "_" + std::to_string(i + 1) : "")});
  }
}

}  // namespace

std::vector<ExchangePlace> find_exchanges(const std::string& adapters_folder) {
  std::vector<ExchangePlace> places;
  std::error_code problem;  // no such folder: nothing in it
  for (const auto& folder : fs::directory_iterator(adapters_folder, problem))
    if (fs::is_directory(folder.path() / "exchanges"))
      find_exchanges(folder.path() / "exchanges", folder.path().filename(), places);
  std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) {
    return std::tie(a.path, a.index) < std::tie(b.path, b.index);
  });
  return places;
}

Exchange read_exchange(const ExchangePlace& place) {
  Exchange exchange;
  exchange.adapter = place.adapter;
  exchange.name = place.name;
  const Json file = parse_file(place.path);
  const Adapter* adapter = find_adapter(place.adapter);
  if (file.is_discarded()) exchange.mistakes.push_back("the file is not JSON");
  if (!adapter) exchange.mistakes.push_back("adapters/list.txt does not name this adapter");
  if (!exchange.mistakes.empty()) return exchange;

  const Json& json = file.is_array() ? file.at(place.index) : file;
  JsonReader reader(json, "exchange", exchange.mistakes);
  reader.read("why", exchange.why);
  reader.read("source", exchange.source);
  reader.read("call", exchange.call);
  if (!reader.find("given")) exchange.mistakes.push_back("given is missing");
  reader.inside("given", [&](JsonReader& given) { read_given(given, *adapter, exchange); });
  read_conversation(reader, exchange);
  return exchange;
}

std::string_view word_of(Proof proof) { return word_of(proof_words, proof); }

namespace {
Json to_json(const std::optional<Money>& money) {
  if (!money) return nullptr;
  return {{"amount", money->amount}, {"currency", money->currency.code()}};
}
}  // namespace

Json to_json(const Update& update) {
  return {
      {"verdict", word_of(verdict_words, update.verdict)},
      {"provider_reference", update.provider_reference},
      {"our_reference", update.our_reference},
      {"account_echo", update.account_echo},
      {"money", to_json(update.money)},
      {"received", to_json(update.received)},
      {"is_still_payable", update.is_still_payable},
      {"decline", update.decline ? Json(info_of(*update.decline).name) : Json()},
      {"provider_code", update.provider_code},
      {"provider_message", update.provider_message},
      {"next_action", update.next_action},
      {"memory", update.memory},
      {"refunded_total", update.refunded_total ? Json(*update.refunded_total) : Json()},
  };
}

Json to_json(const News& news) {
  return {
      {"about", word_of(about_words, news.about)},
      {"provider_event_id", news.provider_event_id},
      {"provider_reference", news.provider_reference},
      {"our_reference", news.our_reference},
      {"refund_reference", news.refund_reference},
      {"type", news.type},
      {"is_live", news.is_live ? Json(*news.is_live) : Json()},
      {"update", to_json(news.update)},
  };
}

std::string pretty(const Json& json) { return nlohmann::json(json).dump(2); }

}  // namespace switchyard
