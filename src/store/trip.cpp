#include "store/trip.h"

namespace switchyard {

void Trip::prepare(const Query& query) {
  transaction_.conn().prepare(query.name, query.sql);
  transaction_.conn().prepare_now(query.name);
}

std::string Trip::start_of(const Query& query) {
  return std::string("EXECUTE ") + query.name + "(";
}

Trip::Stop Trip::add_text(std::string text) {
  assert(!is_over_ && "this trip is over");
  text.back() = ')';
  statements_.push_back(std::move(text));
  return Stop(static_cast<int>(statements_.size()) - 1);
}

void Trip::go() {
  if (is_over_) return;
  is_over_ = true;
  if (statements_.empty()) return;
  pqxx::pipeline together(transaction_);
  together.retain(static_cast<int>(statements_.size()) + 1);
  std::vector<pqxx::pipeline::query_id> ids;
  for (const std::string& statement : statements_) ids.push_back(together.insert(statement));
  together.complete();
  for (const auto id : ids) answers_.push_back(together.retrieve(id));
}

Rowset Trip::answer(Stop stop) {
  if (stop == Stop::none) return {};
  go();
  return std::move(answers_[static_cast<std::size_t>(stop)]);
}

std::string Trip::text() const {
  std::string all;
  for (const std::string& statement : statements_) all += statement + ";";
  return all;
}

}  // namespace switchyard
