#include "sandbox/page.h"

#include "sandbox/wire.h"

namespace switchyard::sandbox {

Reply html_page(std::string_view provider, std::string_view title, const std::string& content,
                int status) {
  constexpr std::string_view look =
      "body{font:16px/1.5 sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}"
      "label{display:block;margin:.5rem 0}input,select,button{font:inherit;padding:.6rem 1rem;"
      "margin:.2rem .5rem .2rem 0}table{border-collapse:collapse}td{padding:.2rem "
      ".6rem}form{margin:.4rem 0}"
      ".code{font-size:2.5rem;letter-spacing:.3rem}.bad{color:#b00020}.note{color:#666}";
  const std::string name = html_escaped(title);
  std::string page =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>";
  page += name + "</title><style>" + std::string(look) + "</style></head><body><h1>" + name +
          "</h1>" + content + "<p class=\"note\">" + std::string(provider) +
          " simulator: no money moves here.</p></body></html>";
  return {.status = status, .body = std::move(page), .content_type = "text/html; charset=utf-8"};
}

Reply see_other(const std::string& url) {
  return {.status = 303, .content_type = "text/plain", .headers = {{"Location", url}}};
}

std::string with_query(const std::string& url, const std::string& pair) {
  return url + (url.find('?') == std::string::npos ? "?" : "&") + pair;
}

}  // namespace switchyard::sandbox
