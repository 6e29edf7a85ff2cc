// Answers as bytes. Every value is checked here, once, so that nothing a handler echoes can end a
// header line early.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "web/message.h"

namespace switchyard {

struct Envelope {
  std::string_view request_id;
  bool is_closing = false;          // says so, and the connection is closed after it
  bool is_head = false;             // the lengths, without the body
  bool is_from_any_origin = false;  // browsers may read it, without credentials
};

// Nothing when the reply has a header that must not be sent: a name that is no word, a value with
// control characters, or one of the headers that frame the message.
std::optional<std::string> write_reply(const Reply& reply, const Envelope& envelope);

// The answer to a browser's preflight for a path that takes `methods`.
Reply preflight_reply(std::string_view methods);

}  // namespace switchyard
