// One router with its sandbox and database for all attacks of this program, and short ways to reach
// it byte by byte. An attack leaves it as it found it: still serving, its books in order.
#pragma once

#include "tests/journeys/story.h"
#include "tests/web/raw_client.h"

namespace switchyard::testing {

using switchyard::status_of;  // of raw answers, beside that of JSON

// Started by the first test that needs it, ended with the program. It logs all it ever would.
Stack& target();

inline int port_of(const std::string& url) { return std::stoi(url.substr(url.rfind(':') + 1)); }
inline int target_port() { return port_of(target().url()); }

// An answer to bytes on a connection of their own.
struct RawAnswer {
  int status = 0;
  std::string head;
  std::string body;
  std::string code;  // error.code, "" where there is none
};
RawAnswer send_raw(const std::string& bytes);

// A request as bytes, with the merchant's key; a body goes with its length and as JSON.
std::string request_bytes(const std::string& method, const std::string& path,
                          const std::string& body = "", const std::string& headers = "");
// POST /v1/payments with these bytes for a body.
RawAnswer create_raw(const std::string& body, const std::string& headers = "");

inline std::string code_of(const JsonAnswer& answer) { return text_at(answer.body, "error.code"); }
inline std::string count_of(const std::string& table) {
  return target().value("SELECT count(*) FROM " + table);
}

// Changes its database behind the router's back.
void execute(const std::string& sql);

// {"amount": 100, "currency": "USD", …} with more or other members.
Json small_payment(const Json& more = Json::object());

// All rows of all tables of a database, a line each, and names of those tables.
std::string dump(Stack& stack);

}  // namespace switchyard::testing
