#include "domain/states_text.h"

#include <cassert>
#include <span>
#include <string_view>

#include "domain/attempt.h"
#include "domain/payment.h"
#include "domain/refund.h"

namespace switchyard {
namespace {

std::string_view meaning_of(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::requires_payment_method:
      return "created, nobody asked to pay yet";
    case PaymentStatus::processing:
      return "a provider is working on it, or its answer is unknown and is being looked up";
    case PaymentStatus::requires_action:
      return "the payer must do something: see `next_action`";
    case PaymentStatus::requires_capture:
      return "authorized, money not taken";
    case PaymentStatus::succeeded:
      return "money received; refunds move `amount_refunded`";
    case PaymentStatus::failed:
      return "every account that could take it has refused; may be confirmed again until it "
             "expires";
    case PaymentStatus::canceled:
      return "over; left only by late money";
    case PaymentStatus::expired:
      return "over, time ran out; left only by late money";
  }
  assert(false);
  return "";
}

std::string_view meaning_of(PaymentChange change) {
  switch (change) {
    case PaymentChange::attempt_started:
      return "an attempt was saved and may be sent";
    case PaymentChange::action_required:
      return "the payer must act at the provider";
    case PaymentChange::authorized:
      return "the provider holds the money for us";
    case PaymentChange::paid:
      return "the provider has taken the money, early or late";
    case PaymentChange::capture_sent:
      return "a capture was saved and may be sent";
    case PaymentChange::capture_refused:
      return "the capture was certainly not executed";
    case PaymentChange::refused_everywhere:
      return "every allowed account has refused, and each attempt is closed";
    case PaymentChange::closed_canceled:
      return "canceled, and nothing is left open at any provider";
    case PaymentChange::voided:
      return "the provider has acknowledged giving up the held money";
    case PaymentChange::payer_acted:
      return "the payer has acted, our next call follows";
    case PaymentChange::time_ran_out:
      return "too late, and nothing is left open at any provider";
  }
  assert(false);
  return "";
}

std::string_view meaning_of(AttemptStatus status) {
  switch (status) {
    case AttemptStatus::sending:
      return "saved; a call may be on its way";
    case AttemptStatus::unknown:
      return "a call may have been executed and nobody has said";
    case AttemptStatus::requires_action:
      return "the payer must act at the provider";
    case AttemptStatus::authorized:
      return "money held, not taken";
    case AttemptStatus::closing:
      return "refused or given up, but still payable at the provider until our cancel is "
             "acknowledged";
    case AttemptStatus::captured:
      return "money taken; for a refund, given back";
    case AttemptStatus::not_sent:
      return "no byte of it left us";
    case AttemptStatus::refused:
      return "the provider said no and its object is closed";
    case AttemptStatus::canceled:
      return "closed at the provider before money moved";
    case AttemptStatus::expired:
      return "ran out at the provider before money moved";
  }
  assert(false);
  return "";
}

std::string_view meaning_of(RefundStatus status) {
  switch (status) {
    case RefundStatus::pending:
      return "asked for; waiting for its turn or for the provider";
    case RefundStatus::succeeded:
      return "the money went back";
    case RefundStatus::failed:
      return "the money did not go back, or the provider took it back";
    case RefundStatus::canceled:
      return "withdrawn before the provider gave anything back";
  }
  assert(false);
  return "";
}

std::string code(std::string_view word) { return "`" + std::string(word) + "`"; }

std::string row(std::initializer_list<std::string> cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string heading(std::initializer_list<std::string> cells) {
  std::string line = row(cells) + "|";
  for (std::size_t i = 0; i < cells.size(); ++i) line += "---|";
  return line + "\n";
}

// The words of a change along the arrow; a table without named changes has bare arrows.
std::string label_of(const PaymentTransition& each) {
  return ": " + std::string(word_of(each.change));
}
template <class Row>
std::string label_of(const Row&) {
  return "";
}

template <class Row>
std::string diagram(std::string_view start, std::span<const Row> rows) {
  std::string text = "```mermaid\nstateDiagram-v2\n    [*] --> " + std::string(start) + "\n";
  for (const Row& each : rows)
    text += "    " + std::string(word_of(each.from)) + " --> " + std::string(word_of(each.to)) +
            label_of(each) + "\n";
  return text + "```\n";
}

template <class Row>
std::string from_to_table(std::span<const Row> rows) {
  std::string text = heading({"from", "to"});
  for (const Row& each : rows) text += row({code(word_of(each.from)), code(word_of(each.to))});
  return text;
}

std::string payments() {
  std::string text = "## Payments\n\n";
  text += heading({"status", "meaning", "final"});
  for (const auto& [status, word] : payment_status_words)
    text += row({code(word), std::string(meaning_of(status)), is_final(status) ? "yes" : "no"});
  text += "\nA final status has a `finished_at`, the others have none.\n\n";
  text += heading({"change", "meaning"});
  for (const auto& [change, word] : payment_change_words)
    text += row({code(word), std::string(meaning_of(change))});
  text += "\n" + heading({"from", "change", "to"});
  for (const PaymentTransition& each : payment_transitions())
    text += row({code(word_of(each.from)), code(word_of(each.change)), code(word_of(each.to))});
  return text + "\n" + diagram("requires_payment_method", payment_transitions());
}

std::string attempts() {
  std::string text = "## Attempts\n\n";
  text +=
      "One try at one account. While an attempt is live, money may still move by it, and no other\n"
      "account is tried. Its certainty follows from its status, and its rank never falls, late\n"
      "money excepted.\n\n";
  text += heading({"status", "meaning", "certainty", "live", "rank"});
  for (const auto& [status, word] : attempt_status_words)
    text += row({code(word), std::string(meaning_of(status)), code(word_of(certainty_of(status))),
                 is_live(status) ? "yes" : "no", std::to_string(rank_of(status))});
  text += "\nA captured attempt whose money came late no longer counts as live.\n\n";
  text += from_to_table(attempt_transitions());
  return text + "\n" + diagram("sending", attempt_transitions());
}

std::string refunds() {
  std::string text = "## Refunds\n\n" + heading({"status", "meaning"});
  for (const auto& [status, word] : refund_status_words)
    text += row({code(word), std::string(meaning_of(status))});
  text += "\n" + from_to_table(refund_transitions());
  return text + "\n" + diagram("pending", refund_transitions());
}

}  // namespace

std::string states_markdown() {
  return "# States\n\n"
         "Generated from the tables in `src/domain`; a test compares. What a table does not list\n"
         "changes nothing.\n\n" +
         payments() + "\n" + attempts() + "\n" + refunds();
}

}  // namespace switchyard
