// The calls of Stripe's API that are played, each with the parameters it knows.
#pragma once

#include "adapters/stripe/simulator_intents.h"
#include "adapters/stripe/simulator_sessions.h"

namespace switchyard::sandbox::stripe_simulator {

class Calls {
 public:
  explicit Calls(Book& book) : book_(book) {}

  // `path` is "/v1/payment_intents/pi_1/capture", `is_public` that a publishable key asks.
  Answer answer(const std::string& method, const std::string& path, const Params& params,
                bool is_public, const std::string& version) {
    const auto [resource, id, verb] = split(path);
    if (resource == "tokens" && method == "POST" && id.empty())
      return create_token(params, is_public);
    if (is_public) return public_read(method, resource, id, params);
    if (method == "POST" && resource == "payment_intents")
      return IntentCalls(book_).post(id, verb, params, version);
    if (method == "POST" && resource == "checkout/sessions")
      return SessionCalls(book_).post(id, verb, params, version);
    if (method == "POST" && resource == "refunds" && id.empty()) return create_refund(params);
    if (method == "POST" && resource == "payment_methods" && id.empty())
      return create_method(params);
    if (method == "GET" && resource == "payment_intents" && id == "search") return search(params);
    if (method == "GET" && verb.empty()) return read(resource, id, params);
    return no(refuse(404, "", "Unrecognized request URL (" + method + ": " + path + ")."));
  }

  void expand(Json& object, const std::string& path);

 private:
  struct Place {
    std::string resource, id, verb;
  };
  static Place split(std::string path) {
    Place place;
    path.erase(0, std::string_view("/v1/").size());
    if (path.starts_with("checkout/")) {
      place.resource = "checkout/";
      path.erase(0, place.resource.size());
    }
    std::string* parts[] = {&place.resource, &place.id, &place.verb};
    for (std::string* part : parts) {
      const std::size_t end = std::min(path.find('/'), path.size());
      *part += path.substr(0, end);
      path.erase(0, std::min(end + 1, path.size()));
    }
    return place;
  }

  // A browser may read the payment intent whose secret it knows, and nothing else.
  Answer public_read(const std::string& method, const std::string& resource, const std::string& id,
                     const Params& params) {
    const auto found = book_.intents.find(id);
    if (method == "GET" && resource == "payment_intents" && found != book_.intents.end() &&
        text_at(found->second.json, "client_secret") == params.text("client_secret"))
      return found->second.json;
    return no(refuse(401, "secret_key_required", "This call needs a secret key."));
  }

  Answer create_refund(const Params& params) {
    constexpr std::string_view known[] = {"payment_intent", "charge",     "amount",
                                          "reason",         "metadata[*", "instructions_email"};
    if (auto wrong = params.find_unknown(known)) return no(std::move(*wrong));
    if (auto wrong = check_metadata(params, "metadata")) return no(std::move(*wrong));
    if (const std::string reason = params.text("reason");
        !is_one_of(reason, {"", "duplicate", "fraudulent", "requested_by_customer"}))
      return no(refuse(400, "", "Invalid reason", "reason"));
    std::string id = params.text("charge");
    if (id.empty()) {
      const auto intent = book_.intents.find(params.text("payment_intent"));
      if (intent == book_.intents.end())
        return no(no_such("payment_intent", params.text("payment_intent"), "payment_intent"));
      id = text_at(intent->second.json, "latest_charge");
    }
    const auto found = book_.charges.find(id);
    if (found == book_.charges.end()) return no(no_such("charge", id, "charge"));
    return refunded(found->second, params);
  }

  Answer refunded(Json& charge, const Params& params) {
    if (!bool_at(charge, "captured").value_or(false))
      return no(refuse(400, "", "This charge has not been captured: cancel it instead.", "", true));
    const std::int64_t left =
        *integer_at(charge, "amount_captured") - *integer_at(charge, "amount_refunded");
    if (left <= 0)
      return no(refuse(400, "charge_already_refunded", "The charge has already been refunded.", "",
                       true));
    if (*bool_at(charge, "disputed"))
      return no(refuse(400, "charge_disputed", "The charge has been charged back.", "", true));
    const auto amount = params.has("amount") ? params.integer("amount") : std::optional(left);
    if (!amount || *amount < 1)
      return no(refuse(400, "parameter_invalid_integer", "Invalid positive integer", "amount"));
    if (*amount > left)
      return no(refuse(400, "", "Refund amount is greater than unrefunded amount on charge.",
                       "amount", true));
    return book_.add_refund(charge, *amount, params);
  }

  Answer create_method(const Params& params) {
    constexpr std::string_view known[] = {
        "type",           "card[token]", "card[number]",      "card[exp_month]",
        "card[exp_year]", "card[cvc]",   "billing_details[*", "metadata[*"};
    if (auto wrong = params.find_unknown(known)) return no(std::move(*wrong));
    auto made = take_token(book_, params, "card");
    if (!made) return no(std::move(made.error()));
    return book_.methods[made->second];
  }

  // As the browser's script does it. With a secret key Stripe wants no card numbers.
  Answer create_token(const Params& params, bool is_public) {
    if (!is_public)
      return no(refuse(402, "", "Sending credit card numbers directly is generally unsafe."));
    std::string number = params.text("card[number]");
    std::erase_if(number, [](char c) { return c == ' ' || c == '-'; });
    const TestCard* card = find_number(number);
    if (!card || number.empty())
      return no({402, card_error("incorrect_number", "", "", "number"), true});
    const auto month = params.integer("card[exp_month]").value_or(0);
    if (month < 1 || month > 12)
      return no({402, card_error("invalid_expiry_month", "", "", "exp_month"), true});
    if (params.integer("card[exp_year]").value_or(0) < 2026)
      return no({402, card_error("invalid_expiry_year", "", "", "exp_year"), true});
    const std::string id = make_id("tok_");
    book_.tokens[id] = {card};
    return Json{{"id", id},
                {"object", "token"},
                {"card",
                 {{"id", make_id("card_")},
                  {"object", "card"},
                  {"brand", card->brand},
                  {"exp_month", month},
                  {"exp_year", *params.integer("card[exp_year]")},
                  {"last4", last4_of(*card)}}},
                {"created", book_.now()},
                {"livemode", false},
                {"type", "card"},
                {"used", false}};
  }

  Answer read(const std::string& resource, const std::string& id, const Params& params);
  Answer read_list(const std::string& resource, const Params& params);
  Answer search(const Params& params);
  std::optional<Json> find(const std::string& resource, const std::string& id);

  Book& book_;
};

inline std::optional<Json> Calls::find(const std::string& resource, const std::string& id) {
  const auto in = [&](const std::map<std::string, Json>& all) {
    const auto found = all.find(id);
    return found == all.end() ? std::nullopt : std::optional(found->second);
  };
  if (resource == "charges") return in(book_.charges);
  if (resource == "refunds") return in(book_.refunds);
  if (resource == "payment_methods") return in(book_.methods);
  if (const auto intent = book_.intents.find(id);
      resource == "payment_intents" && intent != book_.intents.end())
    return intent->second.json;
  if (const auto session = book_.sessions.find(id);
      resource == "checkout/sessions" && session != book_.sessions.end()) {
    book_.expire_if_late(session->second);
    return session->second.json;
  }
  for (const Json& event : book_.events)
    if (resource == "events" && text_at(event, "id") == id) return event;
  return std::nullopt;
}

// "payment_intent.latest_charge": each id on the way becomes the object that it names.
inline void Calls::expand(Json& object, const std::string& path) {
  const std::size_t dot = std::min(path.find('.'), path.size());
  const std::string name = path.substr(0, dot);
  const std::string id = text_at(object, name);
  if (!id.empty())
    for (const char* resource : {"payment_intents", "charges", "payment_methods"})
      if (const auto found = find(resource, id)) object[name] = *found;
  if (dot < path.size() && member_at(object, name).is_object())
    expand(object[name], path.substr(dot + 1));
}

inline Answer Calls::read(const std::string& resource, const std::string& id,
                          const Params& params) {
  if (id.empty()) return read_list(resource, params);
  auto found = find(resource, id);
  if (!found) {
    const bool is_intent = resource == "payment_intents";
    const std::string kind =
        resource == "checkout/sessions"
            ? "checkout.session"
            : resource.substr(0, std::max<std::size_t>(resource.size(), 1) - 1);
    return no(no_such(kind, id, is_intent ? "intent" : "id"));
  }
  for (const std::string& path : params.list("expand")) expand(*found, path);
  return *found;
}

// By one word of the metadata. What is younger than stripe.search_lag_s is not found yet.
inline Answer Calls::search(const Params& params) {
  if (!params.has("query"))
    return no(refuse(400, "parameter_missing", "Missing required param: query.", "query"));
  const std::string query = params.text("query");
  const std::string begin = "metadata['";
  const std::size_t middle = query.find("']:'");
  if (!query.starts_with(begin) || middle == query.npos || !query.ends_with('\''))
    return no(refuse(400, "", "This simulator searches by metadata['key']:'value' only.", "query"));
  const std::string key = query.substr(begin.size(), middle - begin.size());
  const std::string value = query.substr(middle + 4, query.size() - middle - 5);
  const int lag = std::atoi(book_.world().setting("stripe.search_lag_s", "2").c_str());
  Json found = Json::array();
  for (const auto& [id, intent] : book_.intents)
    if (text_at(member_at(intent.json, "metadata"), key) == value &&
        *integer_at(intent.json, "created") + lag <= book_.now())
      found.push_back(intent.json);
  return Json{{"object", "search_result"},
              {"data", found},
              {"has_more", false},
              {"url", "/v1/payment_intents/search"}};
}

// Newest first, as they are made.
inline Answer Calls::read_list(const std::string& resource, const Params& params) {
  std::vector<Json> all;
  const auto take = [&](const Json& object) {
    for (const char* name : {"payment_intent", "charge", "type"})
      if (params.has(name) && text_at(object, name) != params.text(name)) return;
    all.push_back(object);
  };
  if (resource == "payment_intents")
    for (const auto& [id, intent] : book_.intents) take(intent.json);
  if (resource == "refunds")
    for (const auto& [id, refund] : book_.refunds) take(refund);
  if (resource == "charges")
    for (const auto& [id, charge] : book_.charges) take(charge);
  if (resource == "checkout/sessions")
    for (const auto& [id, session] : book_.sessions) take(session.json);
  if (resource == "events")
    for (const Json& event : book_.events) take(event);
  std::stable_sort(all.begin(), all.end(), [](const Json& a, const Json& b) {
    return *integer_at(a, "created") > *integer_at(b, "created");
  });
  const auto limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(params.integer("limit").value_or(10), 1, 100));
  const bool has_more = all.size() > limit;
  if (has_more) all.resize(limit);
  return Json{
      {"object", "list"}, {"data", all}, {"has_more", has_more}, {"url", "/v1/" + resource}};
}

}  // namespace switchyard::sandbox::stripe_simulator
