// A payer's browser as far as the sandbox's pages need one: follows redirects, finds the forms of a
// page, fills them in and sends them. No script, no cookies.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "http/client.h"
#include "http/message.h"

namespace switchyard {

struct PageButton {
  std::string name;
  std::string value;
  std::string label;
};

struct PageForm {
  bool is_post = false;
  std::string action;   // as it is written; "" is the page itself
  Headers fields = {};  // inputs by name, with their values
  std::vector<PageButton> buttons = {};
};

// The forms of a page, in order.
std::vector<PageForm> find_forms(std::string_view html);

class Browser {
 public:
  explicit Browser(HttpClient& http) : http_(http) {}

  // Errors: no answer, an HTTP error or too many redirects.
  Result<void> open(const std::string& url);
  // Presses the button with that value (or label), with these fields filled in. "" presses the
  // first button of the first form that has all the fields.
  Result<void> press(const std::string& button, const Headers& fields = {});

  const std::string& url() const { return url_; }  // where redirects led to
  const std::string& page() const { return page_; }

 private:
  Result<void> go(HttpRequest request);

  HttpClient& http_;
  std::string url_;
  std::string page_;
};

}  // namespace switchyard
