// What stands before M-Pesa: access tokens, limits of calls, and the checks of what was sent.
#pragma once

#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/mpesa/simulator_parts.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox::mpesa_pay {

inline std::int64_t number_setting(const World& world, std::string_view name,
                                   std::int64_t otherwise) {
  const std::string text = world.setting(name, "");
  std::int64_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

inline Reply error(int status, std::string_view code, const std::string& message) {
  return {
      status,
      write_json({{"requestId", new_id("req")}, {"errorCode", code}, {"errorMessage", message}})};
}
inline Reply bad_request(const std::string& member) {
  return error(400, "400.002.02", "Bad Request - Invalid " + member);
}
inline Reply too_many_calls() {
  return {429, R"({"fault":{"faultstring":"Spike arrest violation","detail":{"errorcode":)"
               R"("policies.ratelimit.SpikeArrestViolation"}}})"};
}

// Guarded by the simulator's mutex.
class Gate {
 public:
  explicit Gate(World& world) : world_(world) {}

  // GET /oauth/v1/generate. Whoever is not known gets a 400 without a word.
  Reply give_token(const Request& request) {
    if (request.query_value("grant_type") != "client_credentials" || !is_known(request))
      return {400, ""};
    const std::int64_t lasts = number_setting(world_, "mpesa.token_lasts_sec", 3599);
    const std::string token = to_base64url(random_bytes(21));
    tokens_[token] = {world_.unix_time() + lasts, generation()};
    return {200, write_json({{"access_token", token}, {"expires_in", std::to_string(lasts)}})};
  }

  // Why this request is not let through.
  std::optional<Reply> stop(const Request& request) {
    if (is_too_fast()) return too_many_calls();
    std::string_view token = request.header("authorization");
    if (token.starts_with("Bearer ")) token.remove_prefix(7);
    const auto found = tokens_.find(std::string(token));
    if (found != tokens_.end() && world_.unix_time() < found->second.until &&
        found->second.generation == generation())
      return std::nullopt;
    return world_.setting("mpesa.token_refusal", "401") == "404"
               ? error(404, "404.001.03", "Invalid Access Token")
               : error(401, "401.003.01", "Invalid Access Token");
  }

  // Of a push or a query: whether its Password is made of its Timestamp.
  std::optional<Reply> stop_unsigned(const Json& body) const {
    const std::string short_code = text_at(body, "BusinessShortCode");
    const std::string time = text_at(body, "Timestamp");
    if (!is_digits(short_code) || short_code.size() < 5 || short_code.size() > 7)
      return bad_request("BusinessShortCode");
    if (!is_digits(time) || time.size() != 14) return bad_request("Timestamp");
    if (short_code == "999999") return error(500, "500.001.1001", "Merchant does not exist");
    const std::string passkey = world_.setting("mpesa.passkey." + short_code,
                                               world_.setting("mpesa.passkey", public_passkey));
    if (text_at(body, "Password") != to_base64(short_code + passkey + time))
      return error(500, "500.001.1001", "Wrong credentials");
    return std::nullopt;
  }

  std::optional<Reply> stop_bad_push(const Json& body) const {
    const std::string number = text_at(body, "PhoneNumber");
    const std::string payee = text_at(body, "PartyB");
    const std::string type = text_at(body, "TransactionType");
    const bool is_kenyan = is_digits(number) && number.size() == 12 &&
                           (number.starts_with("2547") || number.starts_with("2541"));
    if (type != "CustomerPayBillOnline" && type != "CustomerBuyGoodsOnline")
      return bad_request("TransactionType");
    if (integer_at(body, "Amount").value_or(0) < 1) return bad_request("Amount");
    if (!is_kenyan) return bad_request("PhoneNumber");
    if (text_at(body, "PartyA") != number) return bad_request("PartyA");
    if (!is_digits(payee) ||
        (type == "CustomerPayBillOnline" && payee != text_at(body, "BusinessShortCode")))
      return bad_request("PartyB");
    if (!is_address(text_at(body, "CallBackURL"))) return bad_request("CallBackURL");
    if (text_at(body, "AccountReference").empty()) return bad_request("AccountReference");
    if (text_at(body, "TransactionDesc").empty()) return bad_request("TransactionDesc");
    return std::nullopt;
  }

  std::optional<Reply> stop_bad_order(const Json& body, std::string_view command) const {
    if (text_at(body, "Initiator").empty()) return bad_request("Initiator");
    const auto credential = from_base64(text_at(body, "SecurityCredential"));
    if (!credential || credential->empty()) return bad_request("SecurityCredential");
    if (text_at(body, "CommandID") != command) return bad_request("CommandID");
    if (text_at(body, "TransactionID").empty()) return bad_request("TransactionID");
    if (!is_address(text_at(body, "ResultURL"))) return bad_request("ResultURL");
    if (!is_address(text_at(body, "QueueTimeOutURL"))) return bad_request("QueueTimeOutURL");
    if (text_at(body, "Remarks").empty()) return bad_request("Remarks");
    return std::nullopt;
  }

 private:
  struct Known {
    std::int64_t until = 0;
    std::string generation;
  };
  static constexpr std::string_view public_passkey =
      "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919";

  // Every token that was given out before this setting changed is revoked.
  std::string generation() const { return world_.setting("mpesa.token_generation", "1"); }

  bool is_known(const Request& request) const {
    const std::string_view header = request.header("authorization");
    if (!header.starts_with("Basic ")) return false;
    const auto pair = from_base64(header.substr(6));
    const std::size_t colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos || colon == 0 || colon + 1 == pair->size()) return false;
    const std::string secret = world_.setting("mpesa.consumer_secret", "");
    return pair->substr(0, colon) != "ck_wrong" &&
           (secret.empty() || pair->substr(colon + 1) == secret);
  }

  bool is_too_fast() {
    const std::int64_t most = number_setting(world_, "mpesa.calls_per_sec", 0);
    const std::int64_t now = world_.unix_time();
    calls_ = now == second_ ? calls_ + 1 : 1;
    second_ = now;
    return most > 0 && calls_ > most;
  }

  // A sandbox is called from its own machine, so http will do.
  bool is_address(const std::string& url) const {
    if (!url.starts_with("http://") && !url.starts_with("https://")) return false;
    const std::string word = world_.setting("mpesa.refused_url_word", "");
    return word.empty() || url.find(word) == std::string::npos;
  }

  World& world_;
  std::map<std::string, Known> tokens_;
  std::int64_t second_ = 0;
  std::int64_t calls_ = 0;
};

}  // namespace switchyard::sandbox::mpesa_pay
