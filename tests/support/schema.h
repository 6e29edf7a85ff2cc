// JSON Schema, as much of it as docs/openapi.yaml uses; a keyword beyond that is a problem, so that
// nothing is promised that nobody checks.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace switchyard::testing {

class SchemaCheck {
 public:
  // `root` is where "#/…" references lead; it outlives this.
  explicit SchemaCheck(const Json& root) : root_(root) {}

  std::vector<std::string> problems(const Json& schema, const Json& value) const;
  const Json& resolve(const Json& maybe_reference) const;

 private:
  using Problems = std::vector<std::string>;
  void check(const Json& schema, const Json& value, const std::string& place, Problems& out) const;
  void check_type(const Json& schema, const Json& value, const std::string& place,
                  Problems& out) const;
  void check_object(const Json& schema, const Json& value, const std::string& place,
                    Problems& out) const;
  void check_array(const Json& schema, const Json& value, const std::string& place,
                   Problems& out) const;
  void check_choice(const Json& schema, const Json& value, const std::string& place,
                    Problems& out) const;

  const Json& root_;
};

}  // namespace switchyard::testing
