#include "api/body_reader.h"

#include <algorithm>

namespace switchyard {
namespace {

constexpr std::size_t most_pairs = 50;
constexpr std::size_t longest_key = 40;
constexpr std::size_t longest_value = 500;
constexpr std::size_t most_problems = 100;
constexpr std::string_view reserved_prefix = "switchyard_";

const Json& empty_object() {
  static const Json empty = Json::object();
  return empty;
}

// Characters, not bytes: the text is UTF-8, checked when it was parsed.
std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
  });
}

// What is wrong with a text, "" if nothing.
std::string text_problem(const Json& value, std::size_t longest) {
  if (!value.is_string()) return "must be a string";
  const auto& text = value.get_ref<const std::string&>();
  if (length_of(text) > longest)
    return "must be no longer than " + std::to_string(longest) + " characters";
  if (has_controls(text)) return "must not hold control characters";
  return "";
}

std::string shown(std::string_view name) {
  std::string text(name.substr(0, 64));
  std::ranges::replace_if(
      text, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text;
}

std::string listed(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + std::string(words[i]);
  return text;
}

}  // namespace

BodyReader::BodyReader(const Json& json, std::string prefix)
    : json_(json.is_null() ? empty_object() : json), prefix_(std::move(prefix)) {
  assert(json_.is_object());
}

bool BodyReader::has(std::string_view name) const {
  const auto found = json_.find(std::string(name));
  return found != json_.end() && !found->is_null();
}

void BodyReader::note(std::string_view name, std::string message, ErrorCode code) {
  if (problems_.size() >= most_problems) return;
  const std::string param = prefix_ + std::string(name);
  problems_.push_back({param, param + " " + message + (message.ends_with('.') ? "" : ".")});
  codes_.push_back(code);
}

const Json* BodyReader::find(std::string_view name, bool is_required) {
  asked_.emplace_back(name);
  const auto found = json_.find(std::string(name));
  if (found != json_.end() && !found->is_null()) return &*found;
  if (is_required) note(name, "is required", ErrorCode::missing_field);
  return nullptr;
}

std::string BodyReader::text(std::string_view name, std::size_t longest, bool is_required) {
  const Json* value = find(name, is_required);
  if (!value) return {};
  std::string problem = text_problem(*value, longest);
  if (problem.empty() && is_required && value->get_ref<const std::string&>().empty())
    problem = "must not be empty";
  if (!problem.empty()) {
    note(name, std::move(problem));
    return {};
  }
  return value->get<std::string>();
}

std::optional<std::int64_t> BodyReader::amount(std::string_view name, bool is_required) {
  const Json* value = find(name, is_required);
  if (!value) return {};
  const bool is_whole = value->is_number_unsigned()
                            ? value->get<std::uint64_t>() <= static_cast<std::uint64_t>(max_amount)
                            : value->is_number_integer();
  const std::int64_t amount = is_whole ? value->get<std::int64_t>() : 0;
  if (amount >= 1 && amount <= max_amount) return amount;
  note(name,
       "must be a whole number from 1 to 9007199254740991 in the currency's smallest unit, without "
       "quotes, "
       "fraction or exponent",
       ErrorCode::amount_invalid);
  return {};
}

std::optional<Currency> BodyReader::currency(std::string_view name, bool is_required) {
  const Json* value = find(name, is_required);
  if (!value) return {};
  const auto found =
      value->is_string() ? find_currency(value->get_ref<const std::string&>()) : std::nullopt;
  if (!found)
    note(name, "must be an ISO 4217 code in upper case, as in \"USD\"",
         ErrorCode::currency_invalid);
  return found;
}

std::optional<bool> BodyReader::boolean(std::string_view name) {
  const Json* value = find(name, false);
  if (!value) return {};
  if (value->is_boolean()) return value->get<bool>();
  note(name, "must be true or false");
  return {};
}

std::optional<std::int64_t> BodyReader::integer(std::string_view name, std::int64_t least,
                                                std::int64_t most) {
  const Json* value = find(name, false);
  if (!value) return {};
  const bool fits_in_64_bits =
      value->is_number_integer() &&
      !(value->is_number_unsigned() &&
        value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX));
  if (fits_in_64_bits) {
    const auto number = value->get<std::int64_t>();
    if (number >= least && number <= most) return number;
  }
  note(name,
       "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return {};
}

std::string BodyReader::choice(std::string_view name, const std::vector<std::string_view>& words,
                               bool is_required) {
  const Json* value = find(name, is_required);
  if (!value) return {};
  if (value->is_string())
    for (const std::string_view word : words)
      if (value->get_ref<const std::string&>() == word) return std::string(word);
  note(name, "must be " + listed(words));
  return {};
}

std::optional<Time> BodyReader::time(std::string_view name) {
  const Json* value = find(name, false);
  if (!value) return {};
  const auto time =
      value->is_string() ? parse_rfc3339(value->get_ref<const std::string&>()) : std::nullopt;
  if (!time) note(name, "must be a time as in \"2026-11-20T07:00:00Z\"");
  return time;
}

Metadata BodyReader::metadata(std::string_view name) {
  const Json* value = find(name, false);
  if (!value) return {};
  if (!value->is_object()) {
    note(name, "must be an object of strings");
    return {};
  }
  if (value->size() > most_pairs) {
    note(name, "may have no more than 50 pairs");
    return {};
  }
  Metadata metadata;
  for (const auto& pair : value->items()) {
    const std::string place = std::string(name) + "." + shown(pair.key());
    std::string problem = text_problem(pair.value(), longest_value);
    if (pair.key().empty() || length_of(pair.key()) > longest_key || has_controls(pair.key()))
      problem = "must have a key of 1 to 40 characters";
    if (pair.key().starts_with(reserved_prefix))
      problem = "must not have a key that begins with switchyard_, which is ours";
    if (!problem.empty())
      note(place, std::move(problem));
    else
      metadata.emplace(pair.key(), pair.value().get<std::string>());
  }
  return metadata;
}

std::vector<std::string> BodyReader::texts(std::string_view name, std::size_t most,
                                           std::size_t longest) {
  const Json* value = find(name, false);
  if (!value) return {};
  if (!value->is_array() || value->size() > most) {
    note(name, "must be a list of no more than " + std::to_string(most) + " strings");
    return {};
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < value->size(); ++i) {
    std::string problem = text_problem((*value)[i], longest);
    if (!problem.empty())
      note(std::string(name) + "." + std::to_string(i), std::move(problem));
    else
      texts.push_back((*value)[i].get<std::string>());
  }
  return texts;
}

const Json* BodyReader::object(std::string_view name, bool is_required) {
  const Json* value = find(name, is_required);
  if (!value || value->is_object()) return value;
  note(name, "must be an object");
  return nullptr;
}

void BodyReader::absorb(const BodyReader& inner) {
  BodyReader finished = inner;
  if (const auto done = finished.finish(); done) return;
  problems_.insert(problems_.end(), finished.problems_.begin(), finished.problems_.end());
  codes_.insert(codes_.end(), finished.codes_.begin(), finished.codes_.end());
}

Result<void> BodyReader::finish() {
  for (const auto& member : json_.items())
    if (std::ranges::find(asked_, member.key()) == asked_.end())
      note(shown(member.key()), "is not a field of this call", ErrorCode::unknown_field);
  if (problems_.empty()) return {};
  Error error{.code = codes_.front(), .message = problems_.front().message};
  error.param = problems_.front().param;
  error.details = problems_;
  return fail(std::move(error));
}

}  // namespace switchyard
