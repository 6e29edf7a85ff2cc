// A string that prints as ***, so that no log line, error or test failure can show it.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

namespace switchyard {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  // The one way to the text: grep for it to see every use.
  const std::string& reveal() const { return text_; }
  bool is_empty() const { return text_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

}  // namespace switchyard
