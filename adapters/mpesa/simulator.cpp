// Plays M-Pesa's Daraja as README.md describes it: prompts, the phone that they appear on, and
// reversals. Written from Safaricom's pages, not from the adapter.
#include <map>
#include <mutex>

#include "adapters/mpesa/simulator_gate.h"
#include "adapters/mpesa/simulator_parts.h"
#include "adapters/mpesa/simulator_phone.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox {
namespace {

using namespace std::chrono_literals;
using namespace mpesa_pay;

class MpesaSimulator final : public Simulator {
 public:
  explicit MpesaSimulator(World& world) : world_(world), gate_(world) {}

  std::string name() const override { return "mpesa"; }

  Reply handle(const Request& request) override {
    const std::lock_guard lock(mutex_);
    if (request.path.starts_with("/phone/")) return handle_phone(request);
    if (request.path == "/oauth/v1/generate" && request.method == "GET")
      return gate_.give_token(request);
    if (auto refusal = gate_.stop(request)) return *refusal;
    if (request.method != "POST") return nothing_here();
    const Json body = parse_json(request.body);
    if (request.path == "/mpesa/stkpush/v1/processrequest") return push(body);
    if (request.path == "/mpesa/stkpushquery/v1/query") return query(body);
    if (request.path == "/mpesa/reversal/v1/request") return reverse(body);
    if (request.path == "/mpesa/transactionstatus/v1/query") return tell_status(body);
    return nothing_here();
  }

 private:
  static Reply nothing_here() { return error(404, "404.001.01", "Resource not found"); }
  bool is_on(std::string_view setting) const { return world_.setting(setting, "") == "true"; }

  // ---- Prompts

  Reply push(const Json& body) {
    if (auto refusal = gate_.stop_unsigned(body)) return *refusal;
    if (auto refusal = gate_.stop_bad_push(body)) return *refusal;
    Prompt prompt = prompt_of(body);
    if (is_refused_at_once(prompt.number)) return answer(prompt, "1", "Rejected");
    const std::string lock = world_.setting("mpesa.locks_subscribers", "");
    const bool is_locked = !lock.empty() && has_open_prompt(prompt.number);
    if (is_locked && lock == "500")
      return error(500, "500.001.1001",
                   "Unable to lock subscriber, a transaction is already in process for the current "
                   "subscriber");
    const Reply reply = answer(prompt, "0", "Success. Request accepted for processing");
    begin(prompts_[prompt.id] = prompt, is_locked);
    return reply;
  }

  Prompt prompt_of(const Json& body) {
    const std::string time = east_african_time(world_.unix_time());
    Prompt prompt;
    prompt.id = "ws_CO_" + time.substr(6, 2) + time.substr(4, 2) + time.substr(0, 4) +
                time.substr(8) + std::to_string(crc32_of(new_uuid()));
    prompt.merchant_request_id = "29115-34620561-" + std::to_string(++last_request_);
    prompt.short_code = text_at(body, "BusinessShortCode");
    prompt.number = text_at(body, "PhoneNumber");
    prompt.callback_url = text_at(body, "CallBackURL");
    prompt.reference = text_at(body, "AccountReference");
    prompt.description = text_at(body, "TransactionDesc");
    prompt.shillings = integer_at(body, "Amount").value_or(0);
    prompt.expires_at = world_.unix_time() + prompt_lasts.count();
    return prompt;
  }

  static Reply answer(const Prompt& prompt, const std::string& code, const std::string& text) {
    return {200, write_json({{"MerchantRequestID", prompt.merchant_request_id},
                             {"CheckoutRequestID", prompt.id},
                             {"ResponseCode", code},
                             {"ResponseDescription", text},
                             {"CustomerMessage", text}})};
  }

  bool has_open_prompt(const std::string& number) {
    for (auto& [id, prompt] : prompts_)
      if (prompt.number == number && is_still_open(prompt)) return true;
    return false;
  }

  void begin(const Prompt& prompt, bool is_locked) {
    const std::string code = code_in(prompt.number);
    if (is_locked) return end_later(prompt, 0s, "1001");
    if (prompt.reference.size() > 12 || prompt.description.size() > 13)
      return end_later(prompt, 0s, "1025");
    if (prompt.shillings > number_setting(world_, "mpesa.most_shillings", 250'000))
      return end_later(prompt, 0s, "3");
    if (waits_for_its_page(prompt.number)) return;
    const bool is_slow = code == "1037" || code == "1019";
    end_later(prompt, is_slow ? prompt_lasts : payer_takes, code.empty() ? "0" : code);
  }

  void end_later(const Prompt& prompt, std::chrono::seconds delay, const std::string& code) {
    world_.after(delay, [this, id = prompt.id, code] {
      const std::lock_guard lock(mutex_);
      if (Prompt& it = prompts_.at(id); it.is_open()) end(it, code);
    });
  }

  void end(Prompt& prompt, const std::string& code) {
    prompt.code = code;
    if (code == "0") {
      prompt.receipt = new_id("r").substr(18);  // ten letters and digits
      prompt.paid_at = world_.unix_time();
      by_receipt_[prompt.receipt] = prompt.id;
      world_.record({name(), "charge", prompt.id, name_in(prompt.callback_url, prompt.reference),
                     prompt.shillings * 100, "KES"});
    }
    if (is_never_called_back(prompt.number) || is_on("mpesa.loses_callbacks")) return;
    send(prompt.callback_url, callback_of(prompt));
  }

  // Nobody answered in time. Noticed when somebody looks, so that POST /clock can bring it about.
  bool is_still_open(Prompt& prompt) {
    if (prompt.is_open() && waits_for_its_page(prompt.number) &&
        world_.unix_time() >= prompt.expires_at)
      end(prompt, "1037");
    return prompt.is_open();
  }

  // Unsigned, and once.
  void send(const std::string& url, const Json& body) {
    world_.send_webhook(
        {.provider = name(),
         .request = {"POST", url, {{"Content-Type", "application/json"}}, write_json(body)},
         .schedule = {0ms}});
  }

  Reply query(const Json& body) {
    if (auto refusal = gate_.stop_unsigned(body)) return *refusal;
    const auto found = prompts_.find(text_at(body, "CheckoutRequestID"));
    if (found == prompts_.end() || found->second.short_code != text_at(body, "BusinessShortCode"))
      return bad_request("CheckoutRequestID");
    Prompt& prompt = found->second;
    const std::int64_t gap = number_setting(world_, "mpesa.query_gap_sec", 0);
    const bool is_too_soon = world_.unix_time() - prompt.queried_at < gap;
    prompt.queried_at = world_.unix_time();
    if (is_too_soon) return too_many_calls();
    if (!is_still_open(prompt)) return say_result(prompt, prompt.code);
    if (is_told_a_new_word(prompt.number)) return say_result(prompt, "4242");
    return error(500, "500.001.1001", "The transaction is being processed");
  }

  Reply say_result(const Prompt& prompt, const std::string& code) const {
    Json said = {{"ResponseCode", "0"},
                 {"ResponseDescription", "The service request has been accepted successsfully"},
                 {"MerchantRequestID", prompt.merchant_request_id},
                 {"CheckoutRequestID", prompt.id},
                 {"ResultCode", code},
                 {"ResultDesc", text_of(code)}};
    if (is_on("mpesa.query_code_is_number")) said["ResultCode"] = number_of(code);
    return {200, write_json(said)};
  }

  // ---- The payer's phone

  Reply handle_phone(const Request& request) {
    std::string number = request.path.substr(7);
    if (number.starts_with('+')) number.erase(0, 1);
    if (request.method == "POST") {
      press(number, decode_fields(request.body));
      return see_other(world_.base_url(name()) + "/phone/" + number);
    }
    std::vector<const Prompt*> open;
    for (auto& [id, prompt] : prompts_)
      if (prompt.number == number && is_still_open(prompt)) open.push_back(&prompt);
    return phone_page(number, open);
  }

  void press(const std::string& number, const Fields& form) {
    std::string id, code;
    for (const auto& [field, value] : form) {
      if (field == "prompt") id = value;
      if (field == "action") code = code_of_button(value);
    }
    const auto found = prompts_.find(id);
    if (found == prompts_.end() || found->second.number != number || code.empty()) return;
    if (is_still_open(found->second)) end(found->second, code);
  }

  // ---- The back office

  static Order order_of(const Json& body) {
    Order order;
    order.originator_id = new_uuid();
    order.conversation_id = "AG_" + new_id("c").substr(2);
    order.initiator = text_at(body, "Initiator");
    order.receipt = text_at(body, "TransactionID");
    order.result_url = text_at(body, "ResultURL");
    order.timeout_url = text_at(body, "QueueTimeOutURL");
    order.occasion = text_at(body, "Occasion");
    return order;
  }

  static Reply accept(const Order& order) {
    return {200, write_json({{"OriginatorConversationID", order.originator_id},
                             {"ConversationID", order.conversation_id},
                             {"ResponseCode", "0"},
                             {"ResponseDescription", "Accept the service request successfully."}})};
  }

  Reply reverse(const Json& body) {
    if (auto refusal = gate_.stop_bad_order(body, "TransactionReversal")) return *refusal;
    const std::string amount = text_at(body, "Amount");
    if (!is_digits(amount) || amount.size() > 9) return bad_request("Amount");
    if (!is_digits(text_at(body, "ReceiverParty"))) return bad_request("ReceiverParty");
    if (text_at(body, "RecieverIdentifierType") != "11")
      return bad_request("RecieverIdentifierType");
    Order order = order_of(body);
    order.shillings = std::stoll(amount);
    world_.after(payer_takes, [this, order] {
      const std::lock_guard lock(mutex_);
      execute(order);
    });
    return accept(order);
  }

  void execute(const Order& order) {
    Prompt* paid = find_paid(order.receipt);
    if (paid && is_left_in_the_queue(paid->number)) return leave_in_queue(order);
    const std::string code = objection_to(order, paid);
    if (!code.empty()) return say(order, code, text_of(code), nullptr);
    paid->reversed += order.shillings;
    world_.record({name(), "refund", order.conversation_id,
                   name_in(order.result_url, order.occasion), order.shillings * 100, "KES"});
    if (loses_its_result(paid->number)) return;
    Json parameters = Json::array();
    parameters.push_back({{"Key", "Amount"}, {"Value", order.shillings}});
    parameters.push_back({{"Key", "OriginalTransactionID"}, {"Value", order.receipt}});
    say(order, is_reversed_in_odd_words(paid->number) ? "21" : "0", text_of("0"), parameters);
  }

  Prompt* find_paid(const std::string& receipt) {
    const auto found = by_receipt_.find(receipt);
    return found == by_receipt_.end() ? nullptr : &prompts_.at(found->second);
  }

  // The ResultCode of a reversal that is not made; "" for one that is.
  std::string objection_to(const Order& order, const Prompt* paid) const {
    if (is_wrong_initiator(order)) return "2001";
    if (!paid || cannot_be_reversed(paid->number)) return "17";
    if (is_on("mpesa.float_is_empty")) return "1";
    const std::int64_t left = paid->shillings - paid->reversed;
    const bool is_whole = order.shillings == paid->shillings;
    const bool is_part = order.shillings > 0 && is_on("mpesa.partial_reversals");
    return order.shillings > left || !(is_whole || is_part) ? "17" : "";
  }

  bool is_wrong_initiator(const Order& order) const {
    const std::string known = world_.setting("mpesa.initiator", "");
    return !known.empty() && order.initiator != known;
  }

  // No page shows such a message: it names the request, and says why.
  void leave_in_queue(const Order& order) {
    send(order.timeout_url, {{"OriginatorConversationID", order.originator_id},
                             {"ConversationID", order.conversation_id},
                             {"ResponseDescription", "The request has timed out in the queue."}});
  }

  void say(const Order& order, const std::string& code, const std::string& text,
           const Json& parameters) {
    if (!is_on("mpesa.loses_results"))
      send(order.result_url, result_of(order, code, text, parameters));
  }

  Reply tell_status(const Json& body) {
    if (auto refusal = gate_.stop_bad_order(body, "TransactionStatusQuery")) return *refusal;
    if (!is_digits(text_at(body, "PartyA"))) return bad_request("PartyA");
    if (text_at(body, "IdentifierType") != "4") return bad_request("IdentifierType");
    const Order order = order_of(body);
    world_.after(payer_takes, [this, order] {
      const std::lock_guard lock(mutex_);
      report(order);
    });
    return accept(order);
  }

  void report(const Order& order) {
    const Prompt* paid = find_paid(order.receipt);
    if (is_wrong_initiator(order)) return say(order, "2001", text_of("2001"), nullptr);
    if (!paid) return say(order, "17", text_of("17"), nullptr);
    const bool is_reversed = paid->reversed == paid->shillings;
    Json parameters = Json::array();
    parameters.push_back({{"Key", "ReceiptNo"}, {"Value", paid->receipt}});
    parameters.push_back({{"Key", "Amount"}, {"Value", paid->shillings}});
    parameters.push_back(
        {{"Key", "TransactionStatus"},
         {"Value", is_reversed ? world_.setting("mpesa.reversed_word", "Reversed")
                               : world_.setting("mpesa.standing_word", "Completed")}});
    say(order, "0", text_of("0"), parameters);
  }

  World& world_;
  std::mutex mutex_;  // guards all below
  Gate gate_;
  std::map<std::string, Prompt> prompts_;
  std::map<std::string, std::string> by_receipt_;  // → CheckoutRequestID
  std::int64_t last_request_ = 0;
};

}  // namespace

std::unique_ptr<Simulator> make_mpesa_simulator(World& world) {
  return std::make_unique<MpesaSimulator>(world);
}

}  // namespace switchyard::sandbox
