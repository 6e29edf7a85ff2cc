#include "app/config_value.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/config_words.h"

namespace switchyard {
namespace {

using Kind = ConfigNode::Kind;

constexpr std::size_t largest_secret = 64 * 1024;

// Never what a reference stands for: messages are printed.
std::string as_written(const ConfigNode& node) {
  switch (node.kind) {
    case Kind::text:
      return in_quotes(node.text);
    case Kind::whole:
      return std::to_string(node.whole);
    case Kind::number: {
      std::ostringstream out;
      out << node.number;
      return out.str();
    }
    case Kind::truth:
      return node.truth ? "true" : "false";
    case Kind::list:
      return "a list";
    case Kind::table:
      return "a table";
    case Kind::time:
      return "a time";
  }
  return "this";
}

// What the file holds, without the line end that editors add.
std::optional<std::string> read_secret_file(const std::filesystem::path& path) {
  std::error_code problem;
  if (!std::filesystem::is_regular_file(path, problem)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::string text(largest_secret + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.is_open() || text.size() > largest_secret) return std::nullopt;
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

std::string_view after(std::string_view text, std::string_view prefix) {
  return text.substr(prefix.size());
}

// "" when the variable or file is absent or empty; `missing` then says so.
std::string fetch(std::string_view reference, const std::string& config_file,
                  std::string& missing) {
  if (reference.starts_with("env:")) {
    const std::string name(after(reference, "env:"));
    const char* value = std::getenv(name.c_str());
    if (value != nullptr && *value != '\0') return value;
    missing = "names the environment variable " + name + ", which is not set";
    return {};
  }
  const std::filesystem::path written(after(reference, "file:"));
  const auto path = std::filesystem::path(config_file).parent_path() / written;
  std::string text = read_secret_file(path).value_or("");
  if (text.empty())
    missing = "names the file " + path.string() + ", which is absent, unreadable or empty";
  return text;
}

}  // namespace

bool ConfigValue::refuse(std::string message) const {
  findings_.refuse(node_.place, name_ + " " + message);
  return false;
}

void ConfigValue::warn(std::string message) const {
  findings_.warn(node_.place, name_ + " " + message);
}

bool ConfigValue::must_be(std::string_view what) const {
  return refuse("must be " + std::string(what) + ", not " + as_written(node_));
}

std::optional<SourcedText> ConfigValue::sourced_text() const {
  if (node_.kind != Kind::text) {
    must_be("text in quotes");
    return std::nullopt;
  }
  if (!node_.text.starts_with("env:") && !node_.text.starts_with("file:"))
    return SourcedText{node_.text, true};
  std::string missing;
  std::string fetched = fetch(node_.text, findings_.file, missing);
  if (!missing.empty()) {
    if (findings_.secrets == SecretsHere::must_be)
      refuse(std::move(missing));
    else
      warn(std::move(missing));
    return std::nullopt;
  }
  return SourcedText{std::move(fetched), false};
}

std::optional<SourcedText> ConfigValue::setting() const {
  if (node_.kind == Kind::truth || node_.kind == Kind::whole)
    return SourcedText{as_written(node_), true};
  if (node_.kind == Kind::text) return sourced_text();
  must_be("text in quotes, a whole number, true or false");
  return std::nullopt;
}

bool ConfigValue::text(std::string& target) const {
  std::optional<SourcedText> found = sourced_text();
  if (!found) return false;
  if (found->text.empty()) return refuse("must not be empty");
  target = std::move(found->text);
  return true;
}

bool ConfigValue::word(std::string& target) const {
  const bool is_reference = node_.kind == Kind::text &&
                            (node_.text.starts_with("env:") || node_.text.starts_with("file:"));
  if (is_reference)
    return refuse("must be written here, not fetched by " + as_written(node_) +
                  ": it is a name that messages and answers show");
  return text(target);
}

bool ConfigValue::truth(bool& target) const {
  if (node_.kind != Kind::truth) return must_be("true or false");
  target = node_.truth;
  return true;
}

bool ConfigValue::whole(std::int64_t& target, std::int64_t least, std::int64_t most) const {
  if (node_.kind != Kind::whole || node_.whole < least || node_.whole > most)
    return must_be("a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  target = node_.whole;
  return true;
}

bool ConfigValue::whole(int& target, int least, int most) const {
  std::int64_t wide = 0;
  if (!whole(wide, std::int64_t{least}, std::int64_t{most})) return false;
  target = static_cast<int>(wide);
  return true;
}

bool ConfigValue::number(double& target, double above, double most) const {
  const double given = node_.kind == Kind::whole ? double(node_.whole) : node_.number;
  const bool is_number = node_.kind == Kind::whole || node_.kind == Kind::number;
  // Written so that "nan", which compares as false with everything, is refused.
  if (!is_number || !(given > above && given <= most)) {
    std::ostringstream range;
    range << "a number above " << above << " and at most " << most;
    return must_be(range.str());
  }
  target = given;
  return true;
}

bool ConfigValue::duration(std::chrono::milliseconds& target, std::chrono::milliseconds least,
                           std::chrono::milliseconds most) const {
  const std::string form = R"(a duration with its unit, such as "500ms", "30s", "24h" or "7d")";
  if (node_.kind != Kind::text) return must_be(form);
  const auto given = parse_duration(node_.text);
  if (!given) return must_be(form);
  if (*given < least || *given > most)
    return must_be("from " + in_quotes(duration_text(least)) + " to " +
                   in_quotes(duration_text(most)));
  target = *given;
  return true;
}

bool ConfigValue::duration(std::chrono::seconds& target, std::chrono::seconds least,
                           std::chrono::seconds most) const {
  std::chrono::milliseconds fine{0};
  if (!duration(fine, std::chrono::milliseconds(least), std::chrono::milliseconds(most)))
    return false;
  if (fine % std::chrono::seconds(1) != std::chrono::milliseconds(0))
    return must_be("whole seconds");
  target = std::chrono::duration_cast<std::chrono::seconds>(fine);
  return true;
}

bool ConfigValue::one_of(std::string& target, const std::vector<std::string>& words) const {
  std::string given;
  if (!text(given)) return false;
  if (std::find(words.begin(), words.end(), given) == words.end())
    return refuse("must be " + choice_of(words) + ", not " + as_written(node_) +
                  suggestion(given, words));
  target = std::move(given);
  return true;
}

std::vector<ConfigValue> ConfigValue::each() const {
  if (node_.kind != Kind::list) return {*this};
  std::vector<ConfigValue> values;
  for (const ConfigNode& item : node_.items) values.emplace_back(item, name_, findings_);
  return values;
}

bool ConfigValue::texts(std::vector<std::string>& target) const {
  return texts(
      target, [](std::string_view) { return true; }, "text");
}

bool ConfigValue::texts(std::vector<std::string>& target, bool (*is_right)(std::string_view),
                        std::string_view what) const {
  const std::vector<ConfigValue> values = each();
  if (values.empty()) return refuse("must not be an empty list: leave the key out instead");
  std::vector<std::string> read;
  for (const ConfigValue& value : values) {
    std::string text;
    if (!value.text(text)) continue;
    if (is_right(text))
      read.push_back(std::move(text));
    else
      value.must_be(what);
  }
  if (read.size() != values.size()) return false;
  target = std::move(read);
  return true;
}

ConfigValue ConfigValue::member(const ConfigMember& member) const {
  return ConfigValue(member.node, name_ + "." + member.name, findings_);
}

bool ConfigValue::is_table() const { return node_.kind == Kind::table || must_be("a table"); }

std::optional<ConfigValue> ConfigTable::take(std::string_view key) {
  know(key);
  const ConfigMember* member = find_member(node_, key);
  if (member == nullptr) return std::nullopt;
  return ConfigValue(member->node, prefix_ + std::string(key), findings_);
}

std::optional<ConfigValue> ConfigTable::need(std::string_view key, std::string_view what) {
  std::optional<ConfigValue> value = take(key);
  if (!value)
    findings_.refuse(node_.place,
                     prefix_ + std::string(key) + " is missing: write " + std::string(what));
  return value;
}

void ConfigTable::refuse_unknown(std::string_view where) const {
  const std::vector<std::string> known(known_.begin(), known_.end());
  for (const ConfigMember& member : node_.members) {
    if (known_.contains(member.name)) continue;
    findings_.refuse(member.place, "there is no key " + in_quotes(member.name) + " in " +
                                       std::string(where) + suggestion(member.name, known));
  }
}

}  // namespace switchyard
