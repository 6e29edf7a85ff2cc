// Giving money back. Nothing answers at once what became of a reversal: its result comes as a
// message to the refund's own address, and so does the answer to a question about its payment.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "adapters/adapter.h"
#include "adapters/mpesa/answers.h"
#include "adapters/mpesa/declines.h"
#include "adapters/mpesa/requests.h"
#include "adapters/wire.h"

namespace switchyard::mpesa_pay {

inline Json initiated(const Account& account, const Charge& charge, std::string_view command) {
  return {{"Initiator", account.setting("initiator")},
          {"SecurityCredential", account.setting("security_credential")},
          {"CommandID", command},
          {"TransactionID", text_at(charge.memory, "receipt")},
          {"ResultURL", charge.operation.webhook_url},
          {"QueueTimeOutURL", charge.operation.webhook_url},
          {"Remarks", "Refund"},
          {"Occasion", charge.operation.attempt_id}};
}

inline const std::string& receiver_party(const Account& account) {
  const std::string& party = account.setting("receiver_party");
  return party.empty() ? account.setting("short_code") : party;
}

inline HttpRequest build_refund(const Account& account, const Charge& charge) {
  Json body = initiated(account, charge, "TransactionReversal");
  body["Amount"] = std::to_string(whole_shillings(charge.operation.money));
  body["ReceiverParty"] = receiver_party(account);
  body["RecieverIdentifierType"] = "11";  // spelled as there
  return post(account, "/mpesa/reversal/v1/request", body);
}

// Its own result comes first: there is no question to ask yet.
inline Update read_refund(const Account&, const Charge& charge, const HttpResponse& response) {
  Update update = first_word(response, Verdict::pending, "ConversationID");
  if (update.verdict == Verdict::pending)
    update.memory["status_asked_at"] = unix_seconds(charge.now);
  return update;
}

// Its answer is a message, which makes us look again: without a gap the two would go round.
inline bool is_status_due(const Account& account, const Charge& charge) {
  const auto asked_at = integer_at(charge.operation.memory, "status_asked_at");
  return !asked_at ||
         unix_seconds(charge.now) - *asked_at >= number_in(account, "status_gap_s", 600);
}

// A look asks the question about the payment when it is due, and otherwise the query about the
// prompt, which is answered at once and causes no message. Either way what has been said decides.
inline HttpRequest build_lookup_refund(const Account& account, const Charge& charge) {
  if (!is_status_due(account, charge)) return build_lookup(account, charge);
  Json body = initiated(account, charge, "TransactionStatusQuery");
  body["PartyA"] = receiver_party(account);
  body["IdentifierType"] = "4";  // a short code
  return post(account, "/mpesa/transactionstatus/v1/query", body);
}

inline Update reversal_known(const Account& account, const Json& memory) {
  const std::string code = text_at(memory, "result_code");
  const std::string status = text_at(memory, "status");
  Update update = {.verdict = Verdict::pending};
  if (code == "0" || is_listed(account.setting("reversed_words"), status)) {
    update.verdict = Verdict::captured;
    if (code == "0") say_remembered_amount(update, memory);
    return update;
  }
  const bool has_failed = !code.empty() || bool_at(memory, "is_timed_out").value_or(false);
  if (!has_failed || !is_listed(account.setting("unreversed_words"), status)) return update;
  update.verdict = Verdict::refused;
  update.decline = code.empty() ? Decline::provider_unavailable : decline_of_reversal(code);
  update.provider_code = code;
  update.provider_message = text_at(memory, "result_text");
  return update;
}

inline Update read_lookup_refund(const Account& account, const Charge& charge,
                                 const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (response.status != 200 || code_at(body, "ResponseCode") != "0") return {};
  Update update = reversal_known(account, charge.operation.memory);
  if (is_status_due(account, charge)) update.memory["status_asked_at"] = unix_seconds(charge.now);
  return update;
}

// ---- Its messages

// What was known of the payment may be older than this: it is asked about anew.
inline void ask_status_at_once(Json& memory) {
  memory["status"] = "";
  memory["status_asked_at"] = 0;
}

// Of a reversal, or of a question about its payment, which may fail in the same words: only a
// TransactionStatus tells them apart, and the ConversationID, which the core compares with that of
// the reversal. What has neither is only a reason to look.
inline News result_said(const Incoming& incoming, const Json& said) {
  News news = {
      .about = News::About::refund, .our_reference = incoming.attempt_id, .type = "Result"};
  const Json& parameters = member_at(said, "ResultParameters.ResultParameter");
  const std::string status = text_at(value_in(parameters, "Key", "TransactionStatus"), "");
  const std::string code = code_at(said, "ResultCode");
  if (!status.empty()) {
    news.type = "TransactionStatus";
    if (code == "0") news.update.memory["status"] = status;
    return news;
  }
  news.refund_reference = plain_id_at(said, "ConversationID");
  if (news.refund_reference.empty() || code.empty()) return news;
  Json& memory = news.update.memory;
  memory["result_code"] = code;
  memory["result_text"] = text_at(said, "ResultDesc");
  if (code == "0")
    remember_amount(memory, value_in(parameters, "Key", "Amount"));
  else
    ask_status_at_once(memory);
  return news;
}

// Whatever else comes to a refund's address tells that a request has left its queue unserved: no
// page shows such a message.
inline News timeout_said(const Incoming& incoming, const Json& said) {
  News news = {.about = News::About::refund,
               .our_reference = incoming.attempt_id,
               .refund_reference = plain_id_at(said, "ConversationID"),
               .type = "QueueTimeOut"};
  if (news.refund_reference.empty()) return news;
  news.update.memory["is_timed_out"] = true;
  ask_status_at_once(news.update.memory);
  return news;
}

}  // namespace switchyard::mpesa_pay
