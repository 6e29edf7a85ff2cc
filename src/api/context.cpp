#include "api/context.h"

#include "api/pan_guard.h"
#include "web/problem.h"

namespace switchyard {
namespace {

bool is_write(const Request& request) {
  return request.method != "GET" && request.method != "HEAD";
}

Failure too_many(const std::string& whose) {
  return fail(Error{.code = ErrorCode::rate_limited,
                    .message = "Too many requests " + whose + ": wait as long as Retry-After says.",
                    .retry_after_sec = 1});
}

Result<Json> read_body(const Request& request) {
  if (!is_write(request) || request.body.empty()) return Json::object();
  Json body = TRY(parse_strict_json(request.body));
  if (!body.is_object())
    return fail(ErrorCode::invalid_json,
                "The body must be a JSON object, as in {\"amount\": 4999}.");
  TRY(refuse_card_numbers(body));
  return body;
}

Result<Reply> answer(Api& api, const Request& request, const Asker& asker, const RateVerdict& rate,
                     ApiHandler handler) {
  if (!rate.is_allowed) return too_many("of this merchant");
  TRY(refuse_card_numbers(request));
  Json body = TRY(read_body(request));
  return handler(api, {.request = request, .asker = asker, .body = std::move(body)});
}

void add_limit(Reply& reply, const RateVerdict& rate) {
  if (rate.limit == 0) return;  // switched off
  reply.headers.emplace_back("RateLimit-Limit", std::to_string(rate.limit));
  reply.headers.emplace_back("RateLimit-Remaining", std::to_string(rate.remaining));
  reply.headers.emplace_back("RateLimit-Reset", std::to_string(rate.reset_sec));
}

}  // namespace

Handler guarded(Api& api, Access access, ApiHandler handler) {
  return [&api, access, handler](const Request& request) -> Result<Reply> {
    const auto now = std::chrono::steady_clock::now();
    if (!api.rate_limit.take_address(request.peer, now).is_allowed)
      return too_many("from this address");
    const Asker asker = TRY(api.authenticator.authenticate(request, access));
    const RateVerdict rate = api.rate_limit.take(asker.merchant_id, is_write(request), now);
    const Result<Reply> result = answer(api, request, asker, rate, handler);
    Reply reply = result ? *result : to_reply(result.error(), request.request_id);
    add_limit(reply, rate);
    return reply;
  };
}

}  // namespace switchyard
