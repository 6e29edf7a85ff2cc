#include "app/dev_demo.h"

#include <algorithm>
#include <iomanip>
#include <set>
#include <thread>

#include "app/dev_browser.h"
#include "app/dev_payments.h"
#include "base/clock.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_story = 30s;
constexpr auto between_looks = 20ms;

// What the message is about, wherever its provider writes it.
std::string word_of_message(const Json& message) {
  for (const char* place : {"event", "type", "event_type", "transaction_status", "status"})
    if (std::string word = text_at(message, place); !word.empty()) return word;
  return "what is to be looked up";
}

// One payment's story: what is new is told once, in the order it is seen.
class Story {
 public:
  Story(const DemoPlace& place, const DemoPayment& asked) : place_(place), asked_(asked) {}

  DemoResult tell(int number) {
    place_.out << "\n" << number << "  " << asked_.title << "\n";
    mark_ = newest_seq(place_.sandbox.webhooks_sent());
    if (create() && act() && wait_for_the_end()) {
      line("done", text_at(payment_, "status") + ", " + received_text() + " received");
      if (is_refundable() != asked_.is_given_back)
        give_up("GET /v1/providers is wrong about its refunds");
      else if (asked_.is_given_back)
        give_back();
    }
    if (!problem_.empty()) line("PROBLEM", problem_);
    const Json received = place_.sandbox.received_events();
    return {.title = asked_.title,
            .payment = payment_,
            .refund = refund_,
            .given_back = given_back_,
            .received = events_about(received, text_at(payment_, "id")),
            .problem = problem_};
  }

 private:
  void line(const std::string& what, const std::string& text) {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began_);
    place_.out << "   " << std::setw(6) << since.count() << " ms  " << std::left << std::setw(9)
               << what << std::right << "  " << text << std::endl;
  }

  bool give_up(const std::string& problem) {
    problem_ = problem;
    return false;
  }

  static std::int64_t newest_seq(const Json& list) {
    return list.empty() ? 0 : integer_at(list.back(), "seq").value_or(0);
  }

  std::string received_text() const {
    const bool is_all = integer_at(payment_, "amount_received") == integer_at(payment_, "amount");
    return is_all ? text_at(payment_, "amount_display")
                  : decimal_at(payment_, "amount_received") + " of it";
  }

  bool create() {
    Json body = {
        {"amount", asked_.amount},
        {"currency", asked_.currency},
        {"description", asked_.title},
        {"customer",
         {{"external_id", "demo_payer"}, {"email", "jane@example.com"}, {"name", "Jane Doe"}}},
        {"payment_method", asked_.method},
        {"confirm", true},
        {"return_url", place_.sandbox.url() + "/merchant/return"}};
    if (!asked_.provider.empty()) body["metadata"] = {{"provider", asked_.provider}};
    const JsonAnswer answer = place_.api.post("/v1/payments", body);
    if (!answer.is_success())
      return give_up("POST /v1/payments answered " + std::to_string(answer.status) + " " +
                     answer.text);
    payment_ = answer.body;
    line("payment", "POST /v1/payments → " + std::to_string(answer.status) + " " +
                        text_at(payment_, "id") + ", " + text_at(payment_, "amount_display") +
                        ", " + text_at(payment_, "status"));
    look();
    return true;
  }

  bool act() {
    const std::string action = text_at(payment_, "next_action.type");
    if (action == "redirect") return visit_page(text_at(payment_, "next_action.redirect.url"));
    if (action == "approve_on_phone")
      line("payer", "a prompt asks for the PIN on " + text_at(asked_.method, "phone_number"));
    if (action == "approve_in_app") line("payer", "approves in the wallet's app");
    if (action == "transfer_instructions") return confirm_transfer();
    return true;
  }

  bool visit_page(const std::string& url) {
    line("payer", "opens " + url);
    Browser browser(place_.http);
    auto done = browser.open(url);
    for (const PageStep& step : asked_.pages) {
      if (done) done = browser.press(step.button, step.fields);
      if (!done) return give_up(done.error().message);
      line("payer", step.told);
    }
    return done ? true : give_up(done.error().message);
  }

  bool confirm_transfer() {
    line("payer", "sends the money to " +
                      text_at(payment_, "next_action.transfer_instructions.account_number") +
                      ", quoting " +
                      text_at(payment_, "next_action.transfer_instructions.reference"));
    const std::string id = text_at(payment_, "id");
    const JsonAnswer answer = place_.api.post("/v1/payments/" + id + "/transfer/confirm",
                                              {{"amount", asked_.amount},
                                               {"bank_reference", "FT-" + id.substr(id.size() - 8)},
                                               {"received_at", to_rfc3339(SystemClock().now())}});
    if (!answer.is_success()) return give_up("confirming answered " + answer.text);
    line("person", "finds it on the bank statement: POST …/transfer/confirm → 200");
    return true;
  }

  bool wait_for_the_end() {
    return wait_until([&] { return has_ended() && has_been_told(); });
  }

  template <class IsTrue>
  bool wait_until(IsTrue is_true) {
    while (!is_true()) {
      if (place_.is_interrupted()) return give_up("interrupted");
      if (std::chrono::steady_clock::now() - began_ > longest_story)
        return give_up("still " + text_at(payment_, "status") + " after " +
                       std::to_string(longest_story.count()) +
                       " s, or its events have not arrived");
      std::this_thread::sleep_for(between_looks);
      look();
    }
    return true;
  }

  bool has_ended() const {
    const std::string status = text_at(payment_, "status");
    return status == "succeeded" || status == "failed";
  }

  // Each event that was made was also taken.
  bool has_been_told() const {
    return events_made_ > 0 && std::ssize(events_told_) == events_made_;
  }

  std::string provider() const { return text_at(payment_, "provider"); }

  bool is_ours(const Json& method) const {
    const std::string type = text_at(asked_.method, "type");
    if (text_at(method, "type") != type) return false;
    const Json& kinds = member_at(method, "kinds");
    const Json ours = text_at(asked_.method, type == "mobile_money" ? "network" : "kind");
    return kinds.empty() || std::find(kinds.begin(), kinds.end(), ours) != kinds.end();
  }

  // As the account says of this way of paying.
  bool is_refundable() const {
    const Json providers = place_.api.get("/v1/providers").body;
    for (const Json& each : member_at(providers, "data")) {
      if (text_at(each, "id") != provider() || bool_at(each, "can.refund") != true) continue;
      for (const Json& method : member_at(each, "methods"))
        if (is_ours(method)) return text_at(method, "refunds") != "none";
    }
    return false;
  }

  void give_back() {
    const std::size_t lines_before = place_.sandbox.ledger(provider()).size();
    const JsonAnswer answer = place_.api.post(
        "/v1/refunds", {{"payment", text_at(payment_, "id")}, {"reason", "requested_by_customer"}});
    if (!answer.is_success()) {
      give_up("POST /v1/refunds answered " + std::to_string(answer.status) + " " + answer.text);
      return;
    }
    refund_ = answer.body;
    const std::string id = text_at(refund_, "id");
    line("refund", "POST /v1/refunds → " + std::to_string(answer.status) + " " + id + ", " +
                       text_at(refund_, "status"));
    const bool is_over = wait_until([&] {
      if (const JsonAnswer now = place_.api.get("/v1/refunds/" + id); now.is_success())
        refund_ = now.body;
      if (text_at(refund_, "status") == "pending") return false;
      look();  // its last event is made by now, and has to be counted before all have been told
      return has_been_told();
    });
    if (!is_over) return;
    line("done", "the refund has " + text_at(refund_, "status"));
    const Json ledger = place_.sandbox.ledger(provider());
    for (std::size_t i = lines_before; i < ledger.size(); ++i)
      if (text_at(ledger[i], "operation") == "refund") given_back_.push_back(ledger[i]);
  }

  void look() {
    const std::string id = text_at(payment_, "id");
    if (const JsonAnswer answer = place_.api.get("/v1/payments/" + id); answer.is_success())
      payment_ = answer.body;
    tell_attempts();
    tell_webhooks();
    events_made_ =
        std::ssize(member_at(place_.api.get("/v1/events?limit=100&payment=" + id).body, "data"));
    tell_events(id);
  }

  void tell_attempts() {
    for (const Json& attempt : member_at(payment_, "attempts")) {
      const std::string id = text_at(attempt, "id");
      const std::string status = text_at(attempt, "status");
      if (!told_.contains(id)) {
        line("route", "rule " + text_at(attempt, "route.rule") + ", " +
                          text_at(attempt, "route.reason") + ": account " +
                          text_at(attempt, "account"));
        told_.insert(id);
      }
      const std::string reference = text_at(attempt, "provider_reference");
      if (told_.insert(id + status).second)
        line("attempt", text_at(attempt, "account") + " " + status +
                            (reference.empty() ? "" : ", there " + reference));
    }
  }

  bool is_about_us(const std::string& webhook) const {
    for (const Json& attempt : member_at(payment_, "attempts"))
      for (const char* name : {"id", "provider_reference"})
        if (const std::string text = text_at(attempt, name);
            !text.empty() && webhook.find(text) != std::string::npos)
          return true;
    return false;
  }

  void tell_webhooks() {
    for (const Json& sent : place_.sandbox.webhooks_sent(mark_)) {
      const std::string body = text_at(sent, "body");
      if (!is_about_us(body) || !told_.insert("webhook " + decimal_at(sent, "seq")).second)
        continue;
      const Json message = parse_json(body);
      line("webhook", text_at(sent, "provider") + " says " + word_of_message(message) +
                          ", answered " + text_at(sent, "outcome"));
    }
  }

  void tell_events(const std::string& id) {
    for (const Json& each : events_about(place_.sandbox.received_events(), id)) {
      if (integer_at(each, "answered") != 200) continue;
      if (!events_told_.insert(text_at(each, "webhook_id")).second) continue;
      line("event", decimal_at(each, "event.sequence") + " " + text_at(each, "type") +
                        " delivered, signature " +
                        (bool_at(each, "verified") == true ? "verified" : "WRONG"));
    }
  }

  const DemoPlace& place_;
  const DemoPayment& asked_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::int64_t mark_ = 0;
  Json payment_ = nullptr;
  Json refund_ = nullptr;
  Json given_back_ = Json::array();
  std::int64_t events_made_ = 0;
  std::set<std::string> told_;
  std::set<std::string> events_told_;
  std::string problem_;
};

}  // namespace

std::vector<DemoResult> make_demo_payments(const DemoPlace& place) {
  std::vector<DemoResult> results;
  for (const DemoPayment& asked : demo_payments()) {
    if (place.is_interrupted()) break;
    results.push_back(Story(place, asked).tell(static_cast<int>(results.size()) + 1));
  }
  return results;
}

Json events_about(const Json& received, const std::string& payment_id) {
  Json found = Json::array();
  for (const Json& each : received)
    if (text_at(each, "event.data.object.id") == payment_id ||
        text_at(each, "event.data.object.payment") == payment_id)
      found.push_back(each);
  return found;
}

}  // namespace switchyard
