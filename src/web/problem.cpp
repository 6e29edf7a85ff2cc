#include "web/problem.h"

#include <algorithm>
#include <string>

namespace switchyard {
namespace {

Json to_json(const std::vector<Problem>& details) {
  Json list = Json::array();
  for (const Problem& problem : details)
    list.push_back({{"param", problem.param}, {"message", problem.message}});
  return list;
}

Fields headers_of(const Error& error, int status) {
  Fields headers;
  // A 503 always says when to come back; the others only where that can help.
  const int retry_after_sec =
      status == 503 ? std::max(error.retry_after_sec, 1) : error.retry_after_sec;
  if (retry_after_sec > 0) headers.emplace_back("Retry-After", std::to_string(retry_after_sec));
  if (status == 401) headers.emplace_back("WWW-Authenticate", "Bearer");
  return headers;
}

}  // namespace

Reply to_reply(const Error& error, std::string_view request_id, const Json& extra) {
  const ErrorInfo& info = info_of(error.code);
  Json body = {{"type", info.type}, {"code", info.name}, {"message", error.message}};
  if (!error.param.empty()) body["param"] = error.param;
  if (!error.details.empty()) body["details"] = to_json(error.details);
  if (!error.payment_id.empty()) body["payment"] = error.payment_id;
  if (extra.is_object()) body.update(extra);
  body["request_id"] = request_id;
  body["doc_url"] = "docs/errors.md#" + std::string(info.name);
  return {.status = info.http_status,
          .body = write_json({{"error", std::move(body)}}),
          .headers = headers_of(error, info.http_status)};
}

}  // namespace switchyard
