// Reads the members of a JSON object into C++ values, and notes every misspelt or mistyped one.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "domain/money.h"
#include "domain/words.h"

namespace switchyard {

using Texts = std::map<std::string, std::string>;

// Reads the members of one object by name, and notes those that nobody asked for.
class JsonReader {
 public:
  JsonReader(const Json& object, std::string where, std::vector<std::string>& mistakes)
      : object_(object), where_(std::move(where)), mistakes_(mistakes) {
    if (!object_.is_object()) mistakes_.push_back(where_ + " is not an object");
  }
  ~JsonReader() {
    if (!object_.is_object()) return;
    for (const auto& [key, value] : object_.items())
      if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
        mistakes_.push_back(where_ + "." + key + " is not a member we know");
  }

  const Json* find(const std::string& key) {
    asked_.push_back(key);
    return object_.is_object() && object_.contains(key) ? &object_.at(key) : nullptr;
  }
  // Reads the object under that key, when there is one.
  template <class Read>
  void inside(const std::string& key, Read read) {
    const Json* found = find(key);
    if (!found) return;
    JsonReader reader(*found, where_ + "." + key, mistakes_);
    read(reader);
  }

  void read(const std::string& key, std::string& into) {
    if (const Json* found = expect(key, &Json::is_string)) into = found->get<std::string>();
  }
  void read(const std::string& key, bool& into) {
    if (const Json* found = expect(key, &Json::is_boolean)) into = found->get<bool>();
  }
  void read(const std::string& key, std::optional<bool>& into) {
    if (const Json* found = expect(key, &Json::is_boolean)) into = found->get<bool>();
  }
  void read(const std::string& key, int& into) {
    if (const Json* found = expect(key, &Json::is_number_integer)) into = found->get<int>();
  }
  void read(const std::string& key, std::optional<std::int64_t>& into) {
    if (const Json* found = expect(key, &Json::is_number_integer))
      into = found->get<std::int64_t>();
  }
  void read(const std::string& key, Json& into) {
    if (const Json* found = find(key)) into = *found;
  }
  void read(const std::string& key, std::vector<std::string>& into) {
    if (const Json* found = expect(key, &Json::is_array))
      for (const Json& each : *found)
        into.push_back(each.is_string() ? each.get<std::string>() : "?");
  }
  void read(const std::string& key, Texts& into) {
    const Json* found = expect(key, &Json::is_object);
    if (!found) return;
    for (const auto& [name, value] : found->items()) {
      if (!value.is_string())
        mistakes_.push_back(where_ + "." + key + "." + name + " is not a string");
      into[name] = value.is_string() ? value.get<std::string>() : "";
    }
  }
  void read(const std::string& key, Time& into) {
    std::string text;
    read(key, text);
    if (text.empty()) return;
    const auto time = parse_rfc3339(text);
    if (!time) mistakes_.push_back(where_ + "." + key + " is not an RFC 3339 time");
    into = time.value_or(into);
  }
  void read(const std::string& key, Money& into) {
    inside(key, [&](JsonReader& money) {
      std::optional<std::int64_t> amount;
      std::string code;
      money.read("amount", amount);
      money.read("currency", code);
      const auto currency = find_currency(code);
      if (!amount || !currency)
        mistakes_.push_back(where_ + "." + key + " needs amount and currency");
      into = {amount.value_or(0), currency.value_or(Currency{})};
    });
  }
  void read(const std::string& key, std::optional<Money>& into) {
    Money money;
    read(key, money);
    if (find(key)) into = money;
  }
  template <class E, std::size_t N>
  void read_word(const std::string& key, const Words<E, N>& words, E& into) {
    std::string text;
    read(key, text);
    if (!find(key)) return;
    const auto value = from_word(words, text);
    if (!value) mistakes_.push_back(where_ + "." + key + ": there is no word \"" + text + "\"");
    into = value.value_or(into);
  }

 private:
  const Json* expect(const std::string& key, bool (Json::*is_right)() const noexcept) {
    const Json* found = find(key);
    if (!found || (found->*is_right)()) return found;
    mistakes_.push_back(where_ + "." + key + " is of a wrong type");
    return nullptr;
  }

  const Json& object_;
  std::string where_;
  std::vector<std::string>& mistakes_;
  std::vector<std::string> asked_;
};

}  // namespace switchyard
