// Requests we receive, as plain data: what the gate let through, already decoded.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace switchyard {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;       // "GET"
  std::string path;         // percent-decoded once, starts with "/"; never holds "..", "//" or NUL
  Fields path_params = {};  // from the route's {name} segments
  Fields query = {};        // decoded; no key twice
  Fields headers = {};      // names in lower case; no name twice but those HTTP allows to repeat
  std::string body = {};    // the raw bytes
  std::string peer = {};    // "127.0.0.1": the client, or what a configured proxy says
  std::string request_id = {};
  std::string raw_target = {};  // as it came, for signatures that cover it; never logged

  std::string_view header(std::string_view lower_case_name) const {
    return find(headers, lower_case_name);
  }
  std::string_view param(std::string_view name) const { return find(path_params, name); }
  std::string_view query_value(std::string_view name) const { return find(query, name); }

 private:
  static std::string_view find(const Fields& fields, std::string_view name) {
    for (const auto& [key, value] : fields)
      if (key == name) return value;
    return {};
  }
};

struct Reply {
  int status = 200;
  std::string body = {};
  std::string content_type = "application/json";
  Fields headers = {};  // besides Request-Id, Switchyard-Version, Cache-Control and the lengths

  bool operator==(const Reply&) const = default;
};

// A handler runs top to bottom on a worker and may wait. An Error becomes the one JSON error shape.
using Handler = std::function<Result<Reply>(const Request&)>;

enum class Access {
  secret,       // needs a secret key; a publishable one answers 403 before anything is read
  publishable,  // a publishable key may come too, and browsers from any origin
  open,         // no key: provider webhooks, return pages, healthz
};

struct Route {
  std::string method;
  std::string pattern;  // "/v1/payments/{id}/confirm"; a last segment "{rest...}" takes the rest
  Handler handler;
  Access access = Access::secret;
};

}  // namespace switchyard
