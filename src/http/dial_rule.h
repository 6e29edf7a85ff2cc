// Which addresses one request may go to, from its SendOptions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/address.h"
#include "http/client.h"

namespace switchyard {

class DialRule {
 public:
  // Empty, or why nothing may be dialled at all.
  std::string read(const SendOptions& options, bool is_plain_http);

  bool may_dial(const sockaddr* address) const;
  bool may_dial(std::string_view address_text) const;  // false when it is no address

 private:
  bool is_public_only_ = true;
  bool is_plain_http_ = false;
  bool is_plain_http_allowed_ = false;
  std::vector<Network> allowed_ = {};
};

}  // namespace switchyard
