// For store/ only: what the rows of a payment, its attempts, refunds and customer have in common.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "domain/payment.h"
#include "store/trip.h"

namespace switchyard {

inline Mode mode_of(const Row& row) {
  return text_of(row, "mode") == "live" ? Mode::live : Mode::test;
}

inline Money money_of(const Row& row) {
  const auto currency = find_currency(text_of(row, "currency"));
  assert(currency && "a stored currency is one we know");
  return {integer_of(row, "amount"), *currency};
}

inline Metadata metadata_of(const Row& row) {
  Metadata metadata;
  const Json json = json_of(row, "metadata");
  for (const auto& [key, value] : json.items())
    if (value.is_string()) metadata[key] = value.get<std::string>();
  return metadata;
}

inline Json metadata_json(const Metadata& metadata) {
  Json json = Json::object();
  for (const auto& [key, value] : metadata) json[key] = value;
  return json;
}

// A null stays a null: absent actions and errors are not empty objects.
inline std::string json_text(const Json& json) { return json.is_null() ? "" : write_json(json); }

// What must not lie in clear, bound to the row that it belongs to.
inline std::string sealed(const Sealer& sealer, const std::string& plain,
                          const std::string& about) {
  return plain.empty() ? "" : to_base64(sealer.seal(plain, about));
}

inline std::string opened(const Sealer& sealer, const std::string& sealed_text,
                          const std::string& about) {
  if (sealed_text.empty()) return "";
  const auto bytes = from_base64(sealed_text);
  const auto plain = bytes ? sealer.open(*bytes, about) : std::nullopt;
  assert(plain && "the master key opens what it sealed");
  return *plain;
}

// One statement writes its rows in the order of their keys, so that two routers never wait for each
// other in a circle.
template <class T>
void sort_by_id(std::vector<const T*>& rows) {
  std::sort(rows.begin(), rows.end(), [](const T* a, const T* b) { return a->id < b->id; });
}

}  // namespace switchyard
