#include "checkout/return_page.h"

#include <future>

#include "flow/look_after.h"
#include "flow/start_payment.h"
#include "store/payments.h"

namespace switchyard {
namespace {

// How long a browser waits for the provider's word before it goes on anyway.
constexpr std::chrono::seconds patience{8};
constexpr std::chrono::seconds between_looks{2};

std::string encoded(std::string_view text) {
  std::string out;
  for (const unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += static_cast<char>(c);
    } else {
      out += '%' + to_hex(std::string_view(reinterpret_cast<const char*>(&c), 1));
    }
  }
  return out;
}

// The fragment, if there is one, stays last.
std::string with_payment(const std::string& url, const Payment& payment) {
  const std::size_t hash = std::min(url.find('#'), url.size());
  std::string target = url.substr(0, hash);
  target += target.find('?') == std::string::npos ? '?' : '&';
  target += "payment_id=" + payment.id;
  if (!payment.external_id.empty()) target += "&external_id=" + encoded(payment.external_id);
  return target + url.substr(hash);
}

std::string sentence_of(PaymentStatus status) {
  if (status == PaymentStatus::succeeded) return "Your payment has been received.";
  if (status == PaymentStatus::failed)
    return "Your payment did not go through. You have not been charged.";
  if (status == PaymentStatus::canceled || status == PaymentStatus::expired)
    return "This payment is over. You have not been charged.";
  return "Your payment is being processed. You can close this page.";
}

// Nothing of the payment itself is put into the page, so there is nothing to escape.
Reply own_page(const Payment& payment) {
  return {.status = 200,
          .body =
              "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
              "content=\"width=device-width\"><title>Payment</title><h1>" +
              sentence_of(payment.status) + "</h1></html>\n",
          .content_type = "text/html; charset=utf-8",
          .headers = {{"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
                      {"Referrer-Policy", "no-referrer"}}};
}

// Not for every reload of a page that anybody can open: the first look is free, further ones wait
// their turn, and nobody looks twice at once.
bool may_look(const Services& services, const Attempt& attempt) {
  if (!is_live(attempt.status) || attempt.status == AttemptStatus::captured ||
      attempt.status == AttemptStatus::sending || services.in_flight.has(attempt.id))
    return false;
  return attempt.lookups == 0 || services.clock.now() - attempt.updated_at > between_looks;
}

void look_now(Services& services, const AttemptPlace& place) {
  auto looked = std::make_shared<std::promise<void>>();
  auto waiting = looked->get_future();
  look_after(services, place.payment_id, place.attempt_id, Occasion::payer_is_back,
             [looked] { looked->set_value(); });
  waiting.wait_for(patience);
}

}  // namespace

Result<Reply> show_return(Services& services, const Request& request) {
  const std::string token(request.param("token"));
  const std::size_t dot = token.find('.');
  const std::string attempt_id = token.substr(0, dot);
  const auto unknown = [] { return fail(ErrorCode::not_found, "There is no such page."); };
  if (dot == std::string::npos ||
      !services.sealer.is_derived(token.substr(dot + 1), "return", attempt_id))
    return unknown();
  const auto place = TRY(find_attempt_place(services.database, attempt_id));
  if (!place) return unknown();
  const PaymentRecord before = TRY(read_again(services, place->payment_id));
  const Attempt* attempt = before.find_attempt(attempt_id);
  if (attempt && may_look(services, *attempt)) look_now(services, *place);
  const PaymentRecord record = TRY(read_again(services, place->payment_id));
  if (record.payment.return_url.empty()) return own_page(record.payment);
  return Reply{.status = 303,
               .body = "",
               .content_type = "text/plain; charset=utf-8",
               .headers = {{"Location", with_payment(record.payment.return_url, record.payment)},
                           {"Referrer-Policy", "no-referrer"}}};
}

}  // namespace switchyard
