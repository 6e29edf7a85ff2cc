// Reads the fields of a request's body, all problems in one pass: every field is asked for by
// name, what was not asked for is an unknown field, and the first problem is the error's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "domain/money.h"
#include "domain/payment.h"

namespace switchyard {

class BodyReader {
 public:
  // `json` is an object (or null, read as an empty one) and outlives this. `prefix` names its
  // place:
  // "" for the body, "customer." inside.
  explicit BodyReader(const Json& json, std::string prefix = "");

  // Each returns the value or an empty one, and notes a problem where the field is wrong.
  std::string text(std::string_view name, std::size_t longest, bool is_required = false);
  std::optional<std::int64_t> amount(std::string_view name,
                                     bool is_required = false);  // 1 … 2^53-1
  std::optional<Currency> currency(std::string_view name, bool is_required = false);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::string choice(std::string_view name, const std::vector<std::string_view>& words,
                     bool is_required = false);
  std::optional<Time> time(std::string_view name);
  Metadata metadata(std::string_view name);
  std::vector<std::string> texts(std::string_view name, std::size_t most, std::size_t longest);
  // Inner objects are read by a BodyReader of their own, whose problems are taken over by `absorb`.
  const Json* object(std::string_view name, bool is_required = false);
  void absorb(const BodyReader& inner);
  bool has(std::string_view name) const;
  void note(std::string_view name, std::string message, ErrorCode code = ErrorCode::invalid_field);

  // Unknown fields are noted here. An error holds every problem; its code, message and param are
  // those of the first.
  Result<void> finish();

 private:
  const Json* find(std::string_view name, bool is_required);

  const Json& json_;
  std::string prefix_;
  std::vector<std::string> asked_;
  std::vector<Problem> problems_;
  std::vector<ErrorCode> codes_;
};

}  // namespace switchyard
