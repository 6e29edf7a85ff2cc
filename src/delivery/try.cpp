#include "delivery/try.h"

#include <algorithm>

#include "base/json.h"
#include "delivery/signature.h"

namespace switchyard {
namespace {

constexpr std::size_t kept_answer_bytes = 4'096;
constexpr std::size_t read_answer_bytes = 64 << 10;

DeliveryTry::Next next_of(Meaning meaning, bool has_another_try) {
  if (meaning == Meaning::delivered) return DeliveryTry::Next::succeeded;
  return has_another_try ? DeliveryTry::Next::try_again : DeliveryTry::Next::give_up;
}

}  // namespace

std::optional<HttpRequest> build_request(ClaimedDelivery& delivery, Time at) {
  const auto secrets = secrets_in(delivery.secret, at);
  std::string signature = sign_message(secrets, delivery.event_id, at, delivery.body);
  if (signature.empty()) return std::nullopt;
  // In lower case: some receivers look for no other spelling.
  return HttpRequest{.method = "POST",
                     .url = delivery.url,
                     .headers = {{"content-type", "application/json"},
                                 {"user-agent", "Switchyard/0.1"},
                                 {"webhook-id", delivery.event_id},
                                 {"webhook-timestamp", std::to_string(unix_seconds(at))},
                                 {"webhook-signature", std::move(signature)},
                                 // A router that receives this refuses it: no loops.
                                 {"switchyard-hop", "1"}},
                     .body = std::move(delivery.body)};
}

SendOptions send_options(const DeliveryOptions& options, Mode mode) {
  return {.connect_timeout =
              std::min<std::chrono::milliseconds>(options.timeout, std::chrono::seconds(5)),
          .timeout = options.timeout,
          .answer_bytes = read_answer_bytes,
          .public_addresses_only = true,
          .allowed_networks = options.allowed_networks,
          .plain_http_allowed = options.plain_http_allowed && mode == Mode::test};
}

DeliveryTry read_outcome(const Answered& answered, const Schedule& schedule) {
  const auto& [delivery, outcome, at, throttles_in_a_row] = answered;
  const Meaning meaning = meaning_of(outcome);
  const auto asked_for = retry_after(outcome, at);
  const auto wait = wait_before_next(schedule, delivery.id, delivery.tries + 1, asked_for);
  DeliveryTry made{.lease = {delivery.id, delivery.lease_token},
                   .endpoint_id = delivery.endpoint_id,
                   .number = delivery.tries + 1,
                   .next = next_of(meaning, wait.has_value()),
                   .again_in = wait.value_or(std::chrono::milliseconds(0)),
                   .url = delivery.url,
                   .status = outcome.response.status,
                   .problem = outcome.problem,
                   .answer = readable_answer(outcome.response.body),
                   .took = std::chrono::ceil<std::chrono::milliseconds>(outcome.took),
                   .at = at};
  // Were it kept when nothing was sent, it would tell a merchant which of our addresses exist.
  if (outcome.transport != Transport::not_sent) made.address = outcome.address;
  if (meaning == Meaning::throttled)
    made.endpoint_rests = rest_of_endpoint(throttles_in_a_row, asked_for);
  return made;
}

std::string readable_answer(std::string_view body) {
  const std::string start(body.substr(0, kept_answer_bytes));
  const bool is_plain = std::ranges::all_of(
      start, [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t'; });
  if (is_plain) return start;
  // Through JSON: what is not UTF-8 is replaced on the way out, NUL on the way back.
  return parse_json(write_json(Json(start))).get<std::string>();
}

}  // namespace switchyard
