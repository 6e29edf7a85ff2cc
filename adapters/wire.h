// What several providers share in how they write requests and prove webhooks.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

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

// "t=SECONDS,v1=HEX[,v1=HEX]": HMAC-SHA256 with `key` over "SECONDS.BODY", several while a key is
// changed. False for an empty key and for a time further from `now` than `tolerance`.
bool is_signed_with_time(std::string_view header, std::string_view key, std::string_view body,
                         Time now, std::chrono::seconds tolerance);

}  // namespace switchyard
