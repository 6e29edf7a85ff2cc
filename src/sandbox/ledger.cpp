#include "sandbox/ledger.h"

#include "base/clock.h"

namespace switchyard::sandbox {

Ledger::Ledger(const std::string& file) {
  if (!file.empty()) file_.open(file, std::ios::app);
}

void Ledger::append(const LedgerLine& line) {
  const std::lock_guard lock(mutex_);
  lines_.push_back({
      {"seq", lines_.size() + 1},
      {"at", to_rfc3339(SystemClock().now())},
      {"provider", line.provider},
      {"operation", line.operation},
      {"object", line.object},
      {"reference", line.reference},
      {"amount", line.amount},
      {"currency", line.currency},
  });
  // Flushed line by line, so that a reader sees what happened before a crash of ours.
  if (file_.is_open()) file_ << write_json(lines_.back()) << std::endl;
}

Json Ledger::read(std::int64_t after, std::string_view provider, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  Json found = Json::array();
  bool has_more = false;
  for (std::size_t i = static_cast<std::size_t>(std::max<std::int64_t>(after, 0));
       i < lines_.size(); ++i) {
    if (!provider.empty() && text_at(lines_[i], "provider") != provider) continue;
    has_more = found.size() == limit;
    if (has_more) break;
    found.push_back(lines_[i]);
  }
  return {{"lines", std::move(found)}, {"has_more", has_more}};
}

}  // namespace switchyard::sandbox
