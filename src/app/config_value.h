// Reads one value of a configuration file, or says what is wrong with it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/config_load.h"
#include "app/config_node.h"

namespace switchyard {

// What has been found so far, in one file.
struct Findings {
  std::string file;
  SecretsHere secrets = SecretsHere::must_be;
  std::vector<ConfigProblem> problems = {};
  std::vector<ConfigProblem> warnings = {};

  void refuse(Place place, std::string message) {
    problems.push_back({file, place.line, place.column, std::move(message)});
  }
  void warn(Place place, std::string message) {
    warnings.push_back({file, place.line, place.column, std::move(message)});
  }
};

// Where a text came from: written in the file itself, or named there and kept elsewhere.
struct SourcedText {
  std::string text;
  bool is_written_here = true;
};

// A value and its name for messages: `server.port`, `account "stripe_us": mode`. Every reader
// leaves its target alone, and returns false, when it has refused the value.
class ConfigValue {
 public:
  ConfigValue(const ConfigNode& node, std::string name, Findings& findings)
      : node_(node), name_(std::move(name)), findings_(findings) {}

  bool text(std::string& target) const;
  // A name that messages and answers show: never fetched, as it might be a secret.
  bool word(std::string& target) const;
  bool truth(bool& target) const;
  bool whole(int& target, int least, int most) const;
  bool whole(std::int64_t& target, std::int64_t least, std::int64_t most) const;
  bool number(double& target, double above, double most) const;
  bool duration(std::chrono::milliseconds& target, std::chrono::milliseconds least,
                std::chrono::milliseconds most) const;
  bool duration(std::chrono::seconds& target, std::chrono::seconds least,
                std::chrono::seconds most) const;
  bool one_of(std::string& target, const std::vector<std::string>& words) const;

  // A text, or a list of texts. An empty list is refused.
  bool texts(std::vector<std::string>& target) const;
  // The same, each one checked by `is_right`; `what` says what it should be.
  bool texts(std::vector<std::string>& target, bool (*is_right)(std::string_view),
             std::string_view what) const;

  // The text itself, or what "env:NAME" or "file:PATH" stands for.
  std::optional<SourcedText> sourced_text() const;
  // A text, number or truth as text; for the settings of adapters.
  std::optional<SourcedText> setting() const;

  // The values of a list, or the value itself.
  std::vector<ConfigValue> each() const;
  ConfigValue member(const ConfigMember& member) const;  // of a table, named "when.currency"
  bool is_table() const;                                 // refuses anything else

  const ConfigNode& node() const { return node_; }
  const std::string& name() const { return name_; }
  Findings& findings() const { return findings_; }
  bool refuse(std::string message) const;  // "NAME message"; false
  void warn(std::string message) const;

 private:
  bool must_be(std::string_view what) const;  // refuses the value as it is written; false

  const ConfigNode& node_;
  std::string name_;
  Findings& findings_;
};

// A table of the file, from which keys are taken by name; what nobody has asked for is unknown.
class ConfigTable {
 public:
  // `prefix` goes before the names of its values: "server.", `account "stripe_us": `.
  ConfigTable(const ConfigNode& node, std::string prefix, Findings& findings)
      : node_(node), prefix_(std::move(prefix)), findings_(findings) {}

  std::optional<ConfigValue> take(std::string_view key);
  // As take, but a key that is absent is refused, at the place of the table.
  std::optional<ConfigValue> need(std::string_view key, std::string_view what);
  void know(std::string_view key) { known_.emplace(key); }
  // Refuses every key that was not asked for; `where` as in "[server]".
  void refuse_unknown(std::string_view where) const;

  const ConfigNode& node() const { return node_; }
  Findings& findings() const { return findings_; }

 private:
  const ConfigNode& node_;
  std::string prefix_;
  Findings& findings_;
  std::set<std::string, std::less<>> known_ = {};
};

}  // namespace switchyard
