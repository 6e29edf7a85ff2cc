#include "app/dev_check.h"

#include <iomanip>
#include <map>

namespace switchyard {
namespace {

using Sentences = std::vector<std::string>;

void check_status(const Json& payment, Sentences& wrong) {
  if (text_at(payment, "status") != "succeeded")
    wrong.push_back("its status is " + text_at(payment, "status"));
  if (integer_at(payment, "amount_received") != integer_at(payment, "amount"))
    wrong.push_back("it received " + decimal_at(payment, "amount_received"));
}

// Each event once, in any order of arrival; together they tell the whole story without a gap.
std::map<std::int64_t, std::string> types_by_sequence(const Json& received, Sentences& wrong) {
  std::map<std::int64_t, std::string> types;
  for (const Json& each : received) {
    if (bool_at(each, "verified") != true)
      wrong.push_back("the signature of " + text_at(each, "type") + " is wrong");
    if (text_at(each, "webhook_id") != text_at(each, "event.id"))
      wrong.push_back("webhook-id is not the event's");
    types[integer_at(each, "event.sequence").value_or(0)] = text_at(each, "type");
  }
  return types;
}

void check_events(const Json& received, bool needs_payer, Sentences& wrong) {
  const auto types = types_by_sequence(received, wrong);
  std::map<std::string, int> counts;
  std::int64_t expected = 0;
  for (const auto& [sequence, type] : types) {
    ++counts[type];
    if (sequence != ++expected)
      return wrong.push_back("event " + std::to_string(expected) + " is missing");
  }
  if (counts["payment.created"] != 1 || types.empty() || types.begin()->second != "payment.created")
    wrong.push_back("its events do not begin with payment.created");
  if (needs_payer && counts["payment.requires_action"] != 1)
    wrong.push_back("payment.requires_action was not sent once");
  if (counts["payment.succeeded"] != 1) wrong.push_back("payment.succeeded was not sent once");
}

const Json* winning_attempt(const Json& payment) {
  for (const Json& attempt : member_at(payment, "attempts"))
    if (text_at(attempt, "status") == "captured") return &attempt;
  return nullptr;
}

bool is_by_hand(const Json& payment) {
  return text_at(payment, "payment_method.type") == "manual_transfer";
}

void check_moved_once(const Json& lines, const std::string& did, std::int64_t amount,
                      Sentences& wrong) {
  if (lines.size() != 1)
    wrong.push_back("the provider " + did + " " + std::to_string(lines.size()) + " times");
  for (const Json& line : lines)
    if (integer_at(line, "amount") != amount)
      wrong.push_back("the provider " + did + " " + decimal_at(line, "amount") + ", not " +
                      std::to_string(amount));
}

Json charges_of(const Json& attempt, const Json& ledger) {
  Json lines = Json::array();
  for (const Json& line : ledger)
    if (text_at(line, "operation") == "charge" &&
        text_at(line, "reference") == text_at(attempt, "id"))
      lines.push_back(line);
  return lines;
}

void check_ledger(const DemoResult& result, const Json& ledger, Sentences& wrong) {
  const Json* attempt = winning_attempt(result.payment);
  if (!attempt) return wrong.push_back("no attempt is captured");
  if (is_by_hand(result.payment)) return;
  check_moved_once(charges_of(*attempt, ledger), "charged",
                   integer_at(result.payment, "amount").value_or(0), wrong);
}

void check_refund(const DemoResult& result, Sentences& wrong) {
  if (result.refund.is_null()) return;
  if (text_at(result.refund, "status") != "succeeded")
    wrong.push_back("its refund is " + text_at(result.refund, "status"));
  int told = 0;
  for (const Json& each : result.received) told += text_at(each, "type") == "refund.succeeded";
  if (told != 1) wrong.push_back("refund.succeeded was sent " + std::to_string(told) + " times");
  check_moved_once(result.given_back, "gave back", integer_at(result.payment, "amount").value_or(0),
                   wrong);
}

// By characters, not by bytes; a name that is too long pushes the rest aside.
std::string padded(const std::string& text, std::size_t width) {
  std::size_t length = 0;
  for (const char c : text) length += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return length < width ? text + std::string(width - length, ' ') : text;
}

std::string row(const Sentences& cells) {
  constexpr std::size_t widths[] = {34, 12, 15, 10, 10, 7, 7, 8, 0};
  assert(cells.size() == std::size(widths));
  std::string text = "  ";
  for (std::size_t i = 0; i < cells.size(); ++i) text += padded(cells[i], widths[i]) + " ";
  return text + "\n";
}

std::string row_of(const DemoResult& result, const Json& ledger, bool is_fine) {
  const Json* attempt = winning_attempt(result.payment);
  int verified = 0;
  for (const Json& each : result.received) verified += bool_at(each, "verified") == true;
  const bool has_provider = attempt && !is_by_hand(result.payment);
  return row({result.title, text_at(result.payment, "provider"),
              text_at(result.payment, "amount_display"), text_at(result.payment, "status"),
              result.refund.is_null() ? "-" : text_at(result.refund, "status"),
              std::to_string(result.received.size()), std::to_string(verified),
              has_provider ? std::to_string(charges_of(*attempt, ledger).size()) : "-",
              is_fine ? "ok" : "WRONG"});
}

}  // namespace

std::vector<std::string> problems_with(const DemoResult& result, const DemoPlace& place) {
  Sentences wrong;
  if (!result.problem.empty()) wrong.push_back(result.problem);
  const bool needs_payer = text_at(result.payment, "payment_method.type") != "card";
  check_status(result.payment, wrong);
  check_events(result.received, needs_payer, wrong);
  check_ledger(result, place.sandbox.ledger(), wrong);
  check_refund(result, wrong);
  return wrong;
}

bool check_demo_payments(const std::vector<DemoResult>& results, const DemoPlace& place) {
  const Json ledger = place.sandbox.ledger();
  std::string problems;
  place.out << "\n"
            << row({"payment", "account", "amount", "status", "refund", "events", "signed",
                    "charges", ""});
  for (const DemoResult& result : results) {
    const Sentences wrong = problems_with(result, place);
    place.out << row_of(result, ledger, wrong.empty());
    for (const std::string& sentence : wrong)
      problems += "  " + result.title + ": " + sentence + "\n";
  }
  place.out << problems << std::flush;
  return problems.empty() && !results.empty();
}

}  // namespace switchyard
