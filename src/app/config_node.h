// A configuration file as it was written: values with their places, in the order of the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

struct Place {
  int line = 0;
  int column = 0;
};

struct ConfigMember;

struct ConfigNode {
  enum class Kind { text, whole, number, truth, list, table, time };

  Kind kind = Kind::table;
  Place place = {};
  std::string text = {};
  std::int64_t whole = 0;
  double number = 0;
  bool truth = false;
  std::vector<ConfigNode> items = {};  // of a list
  std::vector<ConfigMember> members;   // of a table; no "= {}", which would need the whole type
};

struct ConfigMember {
  std::string name;
  Place place;  // of the name
  ConfigNode node;
};

inline const ConfigMember* find_member(const ConfigNode& table, std::string_view name) {
  for (const ConfigMember& member : table.members)
    if (member.name == name) return &member;
  return nullptr;
}

}  // namespace switchyard
