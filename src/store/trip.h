// For the files of store/ only: several statements in one trip to the server. A batch has a dozen
// of them, and each trip by itself costs more than most of what the server does for it.
#pragma once

#include "store/query.h"

namespace switchyard {

class Trip {
 public:
  // Where a statement stands in its trip; `none` when there was nothing to ask.
  enum class Stop : int { none = -1 };

  explicit Trip(Transaction& transaction) : transaction_(transaction) {}

  template <class... Parameters>
  Stop add(const Query& query, const Parameters&... parameters) {
    prepare(query);
    std::string text = start_of(query);
    ((text += transaction_.quote(parameters), text += ','), ...);
    return add_text(std::move(text));
  }
  // Over arrays; nothing happens without rows.
  template <std::size_t N>
  Stop add_rows(const Query& query, Rows<N>& rows) {
    if (rows.is_empty()) return Stop::none;
    prepare(query);
    std::string text = start_of(query);
    for (const std::string& column : rows.parameters()) text += transaction_.quote(column) + ",";
    return add_text(std::move(text));
  }

  // Goes to the server, the first time. Nothing can be added afterwards.
  void go();
  // Goes, if it has not; then the rows of that statement, once.
  Rowset answer(Stop stop);
  // Everything as one text, for who sends it with something of its own and needs no answers.
  std::string text() const;

 private:
  void prepare(const Query& query);
  static std::string start_of(const Query& query);
  Stop add_text(std::string text);

  Transaction& transaction_;
  bool is_over_ = false;
  std::vector<std::string> statements_;
  std::vector<Rowset> answers_;
};

}  // namespace switchyard
