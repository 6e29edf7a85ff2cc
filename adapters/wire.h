// What several providers share in how they write requests and answers, and prove webhooks.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "adapters/adapter.h"
#include "base/clock.h"

namespace switchyard {

// RFC 3986: everything but letters, digits and -._~ becomes %XX.
std::string percent_encoded(std::string_view text);

// A body of application/x-www-form-urlencoded, or a query: names and values are encoded here.
class Form {
 public:
  Form& add(std::string_view name, std::string_view value);
  Form& add_unless_empty(std::string_view name, std::string_view value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// "Basic …", for an Authorization header.
std::string basic_authorization(std::string_view user, std::string_view password);

// An id of theirs, which goes into our URLs and headers: "" for one that holds anything but
// letters, digits, _ and -, or is longer than any that they make.
std::string plain_id(std::string_view id, std::size_t longest);
inline std::string plain_id_at(const Json& body, std::string_view path, std::size_t longest = 64) {
  return plain_id(text_at(body, path), longest);
}

// What a payer is told who must go to a page.
Json redirect_to(const std::string& url);

// {"access_token": "…", "expires_in": 3599}, a number or a text, answered with 200 or 201. An hour
// where it says nothing, 90 days at most; nothing for a text that could not stand in a header.
std::optional<AccessToken> read_bearer_token(const Account&, const HttpResponse& response);

// "t=SECONDS,v1=HEX[,v1=HEX]": HMAC-SHA256 with `key` over "SECONDS.BODY", several while a key is
// changed. False for an empty key and for a time further from `now` than `tolerance`.
bool is_signed_with_time(std::string_view header, std::string_view key, std::string_view body,
                         Time now, std::chrono::seconds tolerance);

}  // namespace switchyard
