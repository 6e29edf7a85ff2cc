// The pages that payers see at the simulators: plain HTML, no script, one look for all.
#pragma once

#include <string>
#include <string_view>

#include "web/message.h"

namespace switchyard::sandbox {

// `title` is text, `content` is HTML. `provider` is named as what is only played.
Reply html_page(std::string_view provider, std::string_view title, const std::string& content,
                int status = 200);
Reply see_other(const std::string& url);
// The address with one more pair, whether or not it has a query.
std::string with_query(const std::string& url, const std::string& pair);

}  // namespace switchyard::sandbox
