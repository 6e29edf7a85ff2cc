#include "web/wire.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "web/tokens.h"

namespace switchyard {
namespace {

constexpr std::string_view api_version = "2026-11-20";
constexpr std::array<std::string_view, 7> framing_headers = {
    "connection", "content-length", "transfer-encoding", "trailer", "upgrade", "date", "server"};

std::string_view phrase_of(int status) {
  // clang-format off
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Status";
  }
  // clang-format on
}

bool is_clean_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

bool may_be_sent(const std::pair<std::string, std::string>& field) {
  const std::string name = to_lower(field.first);
  return is_token(name) && is_clean_value(field.second) &&
         std::find(framing_headers.begin(), framing_headers.end(), name) == framing_headers.end();
}

bool has_header(const Fields& headers, std::string_view lower_case_name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& field) { return is_same_word(field.first, lower_case_name); });
}

void add_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

// "Fri, 20 Nov 2026 07:00:00 GMT", whatever the locale.
std::string http_date() {
  static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT", days[utc.tm_wday],
                utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                utc.tm_sec);
  return text.data();
}

void add_our_headers(std::string& out, const Reply& reply, const Envelope& envelope) {
  add_header(out, "Date", http_date());
  add_header(out, "Request-Id", envelope.request_id);
  add_header(out, "Switchyard-Version", api_version);
  if (!has_header(reply.headers, "cache-control")) add_header(out, "Cache-Control", "no-store");
  if (!has_header(reply.headers, "x-content-type-options"))
    add_header(out, "X-Content-Type-Options", "nosniff");
  if (envelope.is_from_any_origin) {
    add_header(out, "Access-Control-Allow-Origin", "*");
    add_header(out, "Access-Control-Expose-Headers",
               "Request-Id, Retry-After, Idempotent-Replayed");
  }
  if (envelope.is_closing) add_header(out, "Connection", "close");
}

}  // namespace

std::optional<std::string> write_reply(const Reply& reply, const Envelope& envelope) {
  const bool has_no_body = reply.status == 204 || reply.status == 304;
  if (!std::all_of(reply.headers.begin(), reply.headers.end(), may_be_sent) ||
      !is_clean_value(reply.content_type) || reply.status < 200 || reply.status > 599)
    return std::nullopt;

  std::string out;
  out.reserve(512 + reply.body.size());
  out += "HTTP/1.1 ";
  out += std::to_string(reply.status);
  out += ' ';
  out += phrase_of(reply.status);
  out += "\r\n";
  add_our_headers(out, reply, envelope);
  for (const auto& [name, value] : reply.headers) add_header(out, name, value);
  if (!has_no_body) {
    if (!reply.content_type.empty()) add_header(out, "Content-Type", reply.content_type);
    add_header(out, "Content-Length", std::to_string(reply.body.size()));
  }
  out += "\r\n";
  if (!has_no_body && !envelope.is_head) out += reply.body;
  return out;
}

Reply preflight_reply(std::string_view methods) {
  return {.status = 204,
          .headers = {{"Access-Control-Allow-Methods", std::string(methods)},
                      {"Access-Control-Allow-Headers",
                       "Authorization, Content-Type, Idempotency-Key, Switchyard-Client-Secret, "
                       "Prefer"},
                      {"Access-Control-Max-Age", "600"}}};
}

}  // namespace switchyard
