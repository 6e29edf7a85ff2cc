#include "schema.h"

#include <algorithm>
#include <regex>
#include <string_view>

namespace switchyard::testing {
namespace {

const Json nothing = nullptr;

constexpr std::string_view keywords[] = {"$ref",     "additionalProperties",
                                         "anyOf",    "default",
                                         "enum",     "description",
                                         "format",   "items",
                                         "maxItems", "maxLength",
                                         "maximum",  "maxProperties",
                                         "minItems", "minLength",
                                         "minimum",  "oneOf",
                                         "pattern",  "properties",
                                         "required", "type"};

bool is_of_type(const Json& value, const std::string& type) {
  if (type == "null") return value.is_null();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "array") return value.is_array();
  return type == "object" && value.is_object();
}

std::string shown(const Json& value) {
  const std::string text = write_json(value);
  return text.size() <= 80 ? text : text.substr(0, 80) + "…";
}

// Below or above a number keyword, when the schema has it.
bool is_below(const Json& schema, const char* keyword, std::int64_t value) {
  return schema.contains(keyword) && value < schema[keyword].get<std::int64_t>();
}
bool is_above(const Json& schema, const char* keyword, std::int64_t value) {
  return schema.contains(keyword) && value > schema[keyword].get<std::int64_t>();
}

std::string bounds_problem(const Json& schema, const Json& value) {
  if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    if (is_below(schema, "minimum", number) || is_above(schema, "maximum", number))
      return "is out of bounds";
  }
  if (!value.is_string()) return "";
  const auto& text = value.get_ref<const std::string&>();
  // Characters, not bytes: those that begin one.
  const auto length = static_cast<std::int64_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  if (is_below(schema, "minLength", length)) return "is too short";
  if (is_above(schema, "maxLength", length)) return "is too long";
  if (schema.contains("pattern") &&
      !std::regex_search(text, std::regex(schema["pattern"].get<std::string>())))
    return "does not fit " + schema["pattern"].get<std::string>();
  return "";
}

}  // namespace

const Json& SchemaCheck::resolve(const Json& maybe_reference) const {
  const Json* found = &maybe_reference;
  while (found->is_object() && found->contains("$ref")) {
    const std::string reference = (*found)["$ref"].get<std::string>();
    if (!reference.starts_with("#/")) return nothing;
    const Json::json_pointer pointer(reference.substr(1));
    if (!root_.contains(pointer)) return nothing;
    found = &root_[pointer];
  }
  return *found;
}

std::vector<std::string> SchemaCheck::problems(const Json& schema, const Json& value) const {
  Problems out;
  check(schema, value, "", out);
  return out;
}

void SchemaCheck::check(const Json& schema, const Json& value, const std::string& place,
                        Problems& out) const {
  const Json& plain = resolve(schema);
  const std::string here = place.empty() ? "the answer" : place;
  if (!plain.is_object()) {
    out.push_back(here + ": the schema is no object: " + shown(schema));
    return;
  }
  for (const auto& member : plain.items())
    if (std::ranges::find(keywords, member.key()) == std::end(keywords))
      out.push_back(here + ": nobody checks the keyword " + member.key());
  check_type(plain, value, here, out);
  if (plain.contains("enum") &&
      std::find(plain["enum"].begin(), plain["enum"].end(), value) == plain["enum"].end())
    out.push_back(here + " is none of its words: " + shown(value));
  if (const std::string problem = bounds_problem(plain, value); !problem.empty())
    out.push_back(here + " " + problem + ": " + shown(value));
  if (value.is_object()) check_object(plain, value, place, out);
  if (value.is_array()) check_array(plain, value, place, out);
  check_choice(plain, value, here, out);
}

void SchemaCheck::check_type(const Json& schema, const Json& value, const std::string& place,
                             Problems& out) const {
  if (!schema.contains("type")) return;
  const Json& type = schema["type"];
  const bool fits = type.is_array()
                        ? std::any_of(type.begin(), type.end(),
                                      [&](const Json& each) {
                                        return is_of_type(value, each.get<std::string>());
                                      })
                        : is_of_type(value, type.get<std::string>());
  if (!fits) out.push_back(place + " is no " + shown(type) + ": " + shown(value));
}

void SchemaCheck::check_object(const Json& schema, const Json& value, const std::string& place,
                               Problems& out) const {
  const std::string prefix = place.empty() ? "" : place + ".";
  for (const Json& name : member_at(schema, "required"))
    if (!value.contains(name.get<std::string>()))
      out.push_back(prefix + name.get<std::string>() + " is missing");
  if (is_above(schema, "maxProperties", static_cast<std::int64_t>(value.size())))
    out.push_back(place + " has too many members");
  const Json& properties = schema.contains("properties") ? schema["properties"] : nothing;
  const Json& others =
      schema.contains("additionalProperties") ? schema["additionalProperties"] : nothing;
  for (const auto& member : value.items()) {
    const std::string name = prefix + member.key();
    if (properties.is_object() && properties.contains(member.key()))
      check(properties[member.key()], member.value(), name, out);
    else if (others.is_object())
      check(others, member.value(), name, out);
    else if (others.is_boolean() && !others.get<bool>())
      out.push_back(name + " is not documented");
  }
}

void SchemaCheck::check_array(const Json& schema, const Json& value, const std::string& place,
                              Problems& out) const {
  const auto count = static_cast<std::int64_t>(value.size());
  if (is_below(schema, "minItems", count) || is_above(schema, "maxItems", count))
    out.push_back(place + " has too few or too many items");
  if (!schema.contains("items")) return;
  for (std::size_t i = 0; i < value.size(); ++i)
    check(schema["items"], value[i], place + "[" + std::to_string(i) + "]", out);
}

// Of the alternatives, what is wrong with the one that comes nearest is what a reader wants to
// know.
void SchemaCheck::check_choice(const Json& schema, const Json& value, const std::string& place,
                               Problems& out) const {
  for (const char* keyword : {"anyOf", "oneOf"}) {
    if (!schema.contains(keyword)) continue;
    std::size_t fitting = 0;
    Problems fewest;
    for (const Json& each : schema[keyword]) {
      Problems found;
      check(each, value, place, found);
      if (found.empty()) ++fitting;
      if (fewest.empty() || found.size() < fewest.size()) fewest = std::move(found);
    }
    if (fitting == 0) out.insert(out.end(), fewest.begin(), fewest.end());
    if (fitting > 1 && std::string_view(keyword) == "oneOf")
      out.push_back(place + " fits several of oneOf");
  }
}

}  // namespace switchyard::testing
