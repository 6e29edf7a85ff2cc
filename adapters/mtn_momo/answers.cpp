#include "adapters/mtn_momo/answers.h"

#include "adapters/mtn_momo/declines.h"
#include "adapters/wire.h"

namespace switchyard::mtn_momo_words {
namespace {

// Their bodies are empty or objects. Anything else was written by somebody on the way.
bool is_theirs(const std::string& body) {
  return body.find_first_not_of(" \t\r\n") == std::string::npos || parse_json(body).is_object();
}

void add_reason(Update& update, const std::string& code, const std::string& message, About about) {
  add_refusal(update, declines, code, message);
  if (about == About::charge) return;
  if (code == "PAYEE_NOT_FOUND") update.decline = Decline::payer_not_found;
  if (code == "PAYEE_NOT_ALLOWED_TO_RECEIVE") update.decline = Decline::invalid_account;
}

Verdict verdict_of(std::string_view status) {
  if (status == "PENDING") return Verdict::pending;
  if (status == "SUCCESSFUL") return Verdict::captured;
  if (status == "FAILED") return Verdict::refused;
  return Verdict::unknown;
}

// Whether nothing was made of the request. A 404 is MTN's no only where a code says so: a gateway
// that is being changed answers 404 to everything, to a second copy of a request that was taken,
// too.
bool is_no(int status, const std::string& code) {
  if (code == "INTERNAL_PROCESSING_ERROR" || code == "SERVICE_UNAVAILABLE") return false;
  if (status == 404) return !code.empty();
  return status == 400 || status == 401 || status == 403 || status == 429;
}

// Where no code that we know says why, the HTTP status does; bodies are often empty.
Decline decline_by_status(int status, const std::string& code) {
  if (status == 429) return Decline::provider_unavailable;
  return status == 400 && !code.empty() ? Decline::unmapped : Decline::configuration;
}

}  // namespace

Update said_to_request(const HttpResponse& response, const std::string& reference_id, About about) {
  if (response.status >= 500 || !is_theirs(response.body)) return {};
  const Json body = parse_json(response.body);
  const std::string code = text_at(body, "code");
  // The id is a random one that only we have used: what exists is our own earlier copy.
  const bool was_taken_before = response.status >= 400 && code == "RESOURCE_ALREADY_EXIST";
  if (response.status == 202 || was_taken_before)
    return {.verdict = Verdict::pending, .provider_reference = reference_id};
  if (!is_no(response.status, code)) return {};
  Update update = {.verdict = Verdict::refused};
  add_reason(update, code, text_at(body, "message"), about);
  if (update.decline == Decline::unmapped)
    update.decline = decline_by_status(response.status, code);
  if (code.empty()) update.provider_code = "http_" + std::to_string(response.status);
  return update;
}

Update said_of_request(const HttpResponse& response, const std::string& reference_id, About about) {
  if (response.status == 404) return {.verdict = Verdict::not_found};
  const Json body = parse_json(response.body);
  if (response.status != 200 || !body.is_object()) return {};
  Update update = {
      .verdict = verdict_of(text_at(body, "status")),
      .provider_reference = reference_id,  // is not repeated in the answer
      .our_reference = text_at(body, "externalId"),
      .money = money_from(decimal_at(body, "amount"), text_at(body, "currency")),
  };
  believe_only_readable_money(update);
  if (update.verdict == Verdict::refused) {
    // A word in some countries, an object in others.
    const std::string word = text_at(body, "reason");
    add_reason(update, word.empty() ? text_at(body, "reason.code") : word,
               text_at(body, "reason.message"), about);
  }
  // May be there while the payer still thinks about it: no proof of anything.
  if (const std::string id = transaction_id_at(body); !id.empty())
    update.memory = {{"financial_transaction_id", id}};
  return update;
}

std::string transaction_id_at(const Json& body) {
  std::string id = text_at(body, "financialTransactionId");
  if (id.empty()) id = decimal_at(body, "financialTransactionId");
  return plain_id(id, 64);
}

}  // namespace switchyard::mtn_momo_words
