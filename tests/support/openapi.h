// docs/openapi.yaml for tests: whether an answer is what it promises, and whether what it lists is
// what the router routes.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace switchyard::testing {

// The whole document, as JSON. Read once.
const Json& openapi_document();

struct Operation {
  std::string method;  // "POST"
  std::string path;    // "/v1/payments/{id}/confirm"; as a route, "/webhooks/{account}/{rest...}"

  auto operator<=>(const Operation&) const = default;
};
std::vector<Operation> operations();

// What is wrong with an answer, empty if nothing. `path` is a request's ("/v1/payments/pay_01…") or
// a template. An operation, status or member that the document does not know is a problem too.
std::vector<std::string> problems_of(const std::string& method, const std::string& path, int status,
                                     const std::string& body);

// The same for any value under any schema of the document.
std::vector<std::string> problems_of(const Json& schema, const Json& value);
// Follows a "$ref" into the document; null when it leads nowhere.
const Json& resolved(const Json& maybe_reference);

// "GET /v1/x is routed and not documented", and the other way round; empty when both are the same.
std::vector<std::string> differences(const std::vector<Operation>& documented,
                                     const std::vector<Operation>& routed);

}  // namespace switchyard::testing
