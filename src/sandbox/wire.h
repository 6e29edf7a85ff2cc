// HTTP/1.1 as bytes on a socket: enough for the router's client, curl and browsers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "web/message.h"

namespace switchyard::sandbox {

// Reads one request after another from a connection.
class RequestReader {
 public:
  explicit RequestReader(int socket) : socket_(socket) {}
  // Nullopt: the peer has left, or sent what we do not understand.
  std::optional<Request> next();
  bool keeps_open() const { return keeps_open_; }

 private:
  bool receive();
  std::optional<std::string> read_head();
  bool read_body(Request& request);

  int socket_;
  std::string buffer_;
  bool keeps_open_ = true;
};

std::string write_reply(const Reply& reply, bool keeps_open);
bool send_bytes(int socket, std::string_view bytes);

std::string percent_decoded(std::string_view text, bool plus_is_space);
// "a=1&b=2", as in queries and forms.
Fields decode_fields(std::string_view text);
std::string html_escaped(std::string_view text);

}  // namespace switchyard::sandbox
