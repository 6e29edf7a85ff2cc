// Asks the API and holds each answer against docs/openapi.yaml.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "openapi.h"
#include "running_api.h"

namespace switchyard::testing {

// `path` is the template in the document. The handler is asked as the router would.
inline Reply ask_documented(RunningApi& api, const std::string& path, ApiHandler handler,
                            const Ask& what, Access access = Access::secret) {
  const Reply reply = api.ask(handler, what, access);
  EXPECT_EQ(problems_of(what.method, path, reply.status, reply.body), std::vector<std::string>());
  return reply;
}

inline std::string id_of(const Reply& reply) { return text_at(parse_json(reply.body), "id"); }

// The ids of a list's objects, in order.
inline std::vector<std::string> ids_of(const Reply& reply) {
  std::vector<std::string> ids;
  const Json json = parse_json(reply.body);
  for (const Json& each : member_at(json, "data")) ids.push_back(text_at(each, "id"));
  return ids;
}

}  // namespace switchyard::testing
