#include "app/config_load.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "app/config_accounts.h"
#include "app/config_rules.h"
#include "app/config_sections.h"
#include "app/config_words.h"

// The one place that knows the library, which throws what is caught below. Its own assertions are
// off: version 3.3 asserts that a table's name begins with a letter ("[!x]") just before refusing
// it properly, and a file with a typing mistake must not end a router that reloads it.
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.h>

namespace switchyard {
namespace {

using Kind = ConfigNode::Kind;

Place place_of(const toml::source_region& region) {
  return {static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

ConfigNode node_of(const toml::node& toml_node);

// The library sorts keys by name; we report, and print rules, in the order of the file.
std::vector<ConfigMember> members_of(const toml::table& table) {
  std::vector<ConfigMember> members;
  for (const auto& [key, value] : table)
    members.push_back({std::string(key.str()), place_of(key.source()), node_of(value)});
  std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
  });
  return members;
}

std::vector<ConfigNode> items_of(const toml::array& array) {
  std::vector<ConfigNode> items;
  for (const toml::node& item : array) items.push_back(node_of(item));
  return items;
}

ConfigNode node_of(const toml::node& given) {
  ConfigNode node{.kind = Kind::time, .place = place_of(given.source())};
  if (const auto* table = given.as_table())
    node = {.kind = Kind::table, .place = node.place, .members = members_of(*table)};
  else if (const auto* array = given.as_array())
    node = {.kind = Kind::list, .place = node.place, .items = items_of(*array)};
  else if (const auto* text = given.as_string())
    node = {.kind = Kind::text, .place = node.place, .text = text->get()};
  else if (const auto* whole = given.as_integer())
    node = {.kind = Kind::whole, .place = node.place, .whole = whole->get()};
  else if (const auto* number = given.as_floating_point())
    node = {.kind = Kind::number, .place = node.place, .number = number->get()};
  else if (const auto* truth = given.as_boolean())
    node = {.kind = Kind::truth, .place = node.place, .truth = truth->get()};
  return node;
}

struct ParsedFile {
  bool is_toml = false;
  ConfigNode file = {};
  std::string mistake = {};
  Place mistake_place = {};
};

ParsedFile parse_toml(const std::string& toml, const std::string& name) {
  try {
    return {.is_toml = true, .file = node_of(toml::parse(toml, name))};
  } catch (const toml::parse_error& error) {
    return {.mistake = std::string(error.description()), .mistake_place = place_of(error.source())};
  }
}

void refuse_unknown_tables(const ConfigNode& file, Findings& findings) {
  ConfigTable table(file, "", findings);
  for (const std::string& name : section_names()) table.know(name);
  table.know("account");
  table.know("rule");
  table.refuse_unknown("the file");
}

void read_file(const ConfigNode& file, Findings& findings, Config& config) {
  refuse_unknown_tables(file, findings);
  read_sections(file, findings, config);
  read_accounts(file, findings, config);
  read_rules(file, findings, config);
}

// From the top of the file to its end, whatever order the checks ran in.
void sort_by_place(std::vector<ConfigProblem>& problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const auto& a, const auto& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
}

ConfigOutcome refused(std::string file, Place place, std::string message) {
  ConfigOutcome outcome;
  outcome.problems.push_back({std::move(file), place.line, place.column, std::move(message)});
  return outcome;
}

}  // namespace

std::string ConfigProblem::text() const {
  if (line == 0) return file + ": " + message;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

ConfigOutcome read_config(const std::string& toml, const std::string& name, SecretsHere secrets) {
  const ParsedFile parsed = parse_toml(toml, name);
  if (!parsed.is_toml) return refused(name, parsed.mistake_place, parsed.mistake);
  Findings findings{.file = name, .secrets = secrets};
  ConfigOutcome outcome;
  read_file(parsed.file, findings, outcome.config);
  outcome.problems = std::move(findings.problems);
  outcome.warnings = std::move(findings.warnings);
  sort_by_place(outcome.problems);
  sort_by_place(outcome.warnings);
  return outcome;
}

ConfigOutcome load_config(const std::string& path, SecretsHere secrets) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || !text) return refused(path, {}, "cannot be read");
  return read_config(text.str(), path, secrets);
}

}  // namespace switchyard
