// Requests we send and their answers, as plain data. Adapters see this and nothing else of http.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The first value under that name, in any case of letters; "" when absent.
inline std::string header_of(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (std::equal(key.begin(), key.end(), name.begin(), name.end(), [](char a, char b) {
          const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
          return lower(a) == lower(b);
        }))
      return value;
  return {};
}

struct HttpRequest {
  std::string method = "GET";
  std::string url = {};
  Headers headers = {};
  std::string body = {};
  // The kind of access token that goes with it as `Authorization: Bearer …`, added when it leaves:
  // one of the adapter's `tokens`. "" for none.
  std::string token = {};

  bool operator==(const HttpRequest&) const = default;
};

struct HttpResponse {
  int status = 0;
  Headers headers = {};
  std::string body = {};

  bool operator==(const HttpResponse&) const = default;
};

}  // namespace switchyard
