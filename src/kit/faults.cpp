// What a provider that fails, or lies, may answer. A broken answer decides nothing, and a word that
// nobody knows is unknown.
#include <algorithm>
#include <functional>

#include "flow/run_calls.h"
#include "kit/check_adapter.h"

namespace switchyard {
namespace {

Source source_of(const std::string& call) {
  if (call == "cancel") return Source::close_answer;
  const bool is_question =
      call == "lookup" || call == "find" || call == "lookup_refund" || call == "on_return";
  return is_question ? Source::lookup : Source::answer;
}

std::string word_of_verdict(const Update& update) { return text_at(to_json(update), "verdict"); }

// Money moves, or never will: what must not come of nonsense.
bool decides(Verdict verdict) {
  return verdict != Verdict::unknown && verdict != Verdict::pending &&
         verdict != Verdict::not_found && verdict != Verdict::requires_action;
}

bool names_money(const Update& update) { return update.money || update.received; }

class Hostile {
 public:
  Hostile(const Adapter& adapter, const Exchange& exchange, const OfferedCall& call,
          Findings& findings)
      : exchange_(exchange), call_(call), findings_(findings) {
    send_.account = &exchange.account;
    send_.adapter = &adapter;
    send_.name = call.name;
    send_.source = source_of(call.name);
    send_.read = call.call.read;
    send_.charge = exchange.charge;
    honest_ = understood(*exchange.answers);
  }

  int count() const { return count_; }

  void fail_to_answer() {
    expect_unknown({.transport = Transport::no_answer}, "no answer at all");
    for (const int status : {500, 502, 503, 504, 301, 302, 307}) {
      SendOutcome outcome = answered(*exchange_.answers);
      outcome.response.status = status;
      const std::string what = "the same body with status " + std::to_string(status);
      expect_unknown(outcome, what);
      if (status >= 500) expect_read_as_unknown(outcome.response, what);
    }
  }

  void answer_nonsense() {
    if (exchange_.answers->body.empty()) return;  // where no body is expected, any is as good
    for (const char* body :
         {"", "null", "[]", "{}", "0", "\"\"", "true", "<html>Bad gateway</html>",
          "{\"status\":", "{\"status\":{}}", "{\"data\":[]}", "\xff\xfe\x00"})
      expect_undecided(body, "the body " + std::string(body));
    expect_undecided(std::string(200'000, '['), "a body of 200,000 brackets");
    cut_short();
  }

  // Nonsense changed once more may make sense: only what is understood is changed.
  void change_members() {
    if (honest_.verdict == Verdict::unknown) return;
    const Json honest = Json::parse(exchange_.answers->body, nullptr, false);
    if (honest.is_structured()) change_each(honest, honest, "");
  }

 private:
  static SendOutcome answered(const HttpResponse& response) {
    return {.transport = Transport::answered, .response = response};
  }
  Update understood(const HttpResponse& response) const {
    return update_of(send_, answered(response));
  }
  void find(const std::string& what, const Update& update, const std::string& to_do) {
    findings_.push_back({call_.name + ", exchange " + exchange_.name + ": " + what + " means " +
                             word_of_verdict(update),
                         to_do});
  }
  void expect_unknown(const SendOutcome& outcome, const std::string& what) {
    ++count_;
    if (const Update update = update_of(send_, outcome); update.verdict != Verdict::unknown)
      find(what, update, "It may have been executed: the verdict has to be unknown.");
  }
  // The router does not even ask the adapter then; who reads it elsewhere, or copies it, would.
  void expect_read_as_unknown(const HttpResponse& response, const std::string& what) {
    ++count_;
    if (const Update update = send_.read(*send_.account, send_.charge, response);
        decides(update.verdict))
      find(what, update, "It may have been executed: the verdict has to be unknown.");
  }
  void expect_undecided(const std::string& body, const std::string& what) {
    ++count_;
    HttpResponse response = *exchange_.answers;
    response.body = body;
    // A refusal may be read from the status alone.
    if (response.status >= 400) return;
    if (const Update update = understood(response); decides(update.verdict))
      find(what, update, "What cannot be read has to be unknown.");
  }
  // An honest answer may still be whole after that: JSON's last bracket is not the last byte.
  void cut_short() {
    const std::string& body = exchange_.answers->body;
    for (std::size_t part = 1; part < 8; ++part)
      expect_undecided(body.substr(0, body.size() * part / 8), "an eighth or more cut off");
  }

  void change_each(const Json& whole, const Json& here, const std::string& pointer) {
    if (here.is_structured()) {
      for (const auto& [key, value] : here.items())
        change_each(whole, value, pointer + "/" + escaped(key));
      return;
    }
    for (const Json& other : std::vector<Json>{"word_nobody_knows", nullptr, Json::object(),
                                               Json::array(), -7, "", std::string(10'000, 'x')})
      if (other != here) expect_no_other_decision(whole, pointer, other);
  }
  // Why money will never move may be read from another word than that it will not.
  static bool is_same_decision(Verdict one, Verdict other) {
    const auto is_no = [](Verdict verdict) {
      return verdict == Verdict::refused || verdict == Verdict::canceled ||
             verdict == Verdict::expired;
    };
    return one == other || (is_no(one) && is_no(other));
  }
  // The status alone says no, whatever the words; a conflict may be with what was taken before.
  static bool is_refusal_by_status(int status, const Update& update) {
    return update.verdict == Verdict::refused && status >= 400 && status != 408 && status != 409 &&
           status != 425;
  }
  bool names_us(const Json& value) const {
    if (!value.is_string() || value.get<std::string>().empty()) return false;
    const Charge& charge = exchange_.charge;
    return value == charge.attempt_id || value == charge.operation.attempt_id;
  }
  // As after an address that the payer must not be sent to: nobody else is asked before that.
  static bool will_be_closed(const Update& update) {
    return update.verdict == Verdict::refused && update.is_still_payable;
  }
  static std::string escaped(const std::string& key) {
    std::string text;
    for (const char c : key) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return text;
  }
  void expect_no_other_decision(Json whole, const std::string& pointer, const Json& other) {
    if (names_us(whole[Json::json_pointer(pointer)])) return;  // then it is about something else
    ++count_;
    whole[Json::json_pointer(pointer)] = other;
    HttpResponse response = *exchange_.answers;
    response.body = write_json(whole);
    const Update update = understood(response);
    const std::string what = pointer + " = " + write_json(other).substr(0, 40);
    if (decides(update.verdict) && !is_same_decision(update.verdict, honest_.verdict) &&
        !is_refusal_by_status(response.status, update) && !will_be_closed(update))
      find(what, update, "A value that is not documented has to be unknown, or change nothing.");
    const bool is_about_ours = update.our_reference == honest_.our_reference;
    if (is_about_ours && says_money_is_held(update.verdict) && names_money(honest_) &&
        !names_money(update))
      find(what, update, "Money that cannot be read cannot be compared: it has to be unknown.");
  }

  const Exchange& exchange_;
  const OfferedCall& call_;
  Findings& findings_;
  Send send_;
  Update honest_;
  int count_ = 0;
};

}  // namespace

int meet_faults(const Adapter& adapter, const Exchange& exchange, const OfferedCall& call,
                Findings& findings) {
  Hostile hostile(adapter, exchange, call, findings);
  hostile.fail_to_answer();
  hostile.answer_nonsense();
  hostile.change_members();
  return hostile.count();
}

}  // namespace switchyard
