// For the files of store/ only: how a named query is run and its rows are read.
#pragma once

#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "store/database.h"
#include "store/rows.h"

namespace switchyard {

using Row = pqxx::row;
using Rowset = pqxx::result;

// A named statement, prepared once a connection.
struct Query {
  const char* name;
  const char* sql;
};

template <class... Parameters>
Rowset run(Transaction& transaction, const Query& query, const Parameters&... parameters) {
  transaction.conn().prepare(query.name, query.sql);
  return transaction.exec_prepared(query.name, parameters...);
}

// A statement over arrays; nothing happens without rows.
template <std::size_t N>
Rowset run_rows(Transaction& transaction, const Query& query, Rows<N>& rows) {
  if (rows.is_empty()) return {};
  const auto& parameters = rows.parameters();
  transaction.conn().prepare(query.name, query.sql);
  return transaction.exec_prepared(query.name, pqxx::prepare::make_dynamic_params(parameters));
}

inline std::string text_of(const Row& row, const char* column) {
  const auto field = row[column];
  return field.is_null() ? std::string() : std::string(field.c_str(), field.size());
}
inline std::vector<std::string> texts_of(const Rowset& rows, const char* column) {
  std::vector<std::string> texts;
  for (const Row& row : rows) texts.push_back(text_of(row, column));
  return texts;
}
inline std::int64_t integer_of(const Row& row, const char* column) {
  return row[column].as<std::int64_t>();
}
inline bool bool_of(const Row& row, const char* column) { return row[column].as<bool>(); }
// Times are selected as micros(column), so that nothing is lost on the way.
inline Time time_of(const Row& row, const char* column) {
  return Time{std::chrono::microseconds{integer_of(row, column)}};
}
inline std::optional<Time> maybe_time_of(const Row& row, const char* column) {
  if (row[column].is_null()) return std::nullopt;
  return time_of(row, column);
}
inline Json json_of(const Row& row, const char* column) { return parse_json(text_of(row, column)); }

}  // namespace switchyard
