// The timelines of a world's payments. Nothing is written down unless somebody will read it.
#pragma once

#include <concepts>
#include <map>
#include <string>
#include <vector>

#include "schedule.h"

namespace switchyard::sim {

class Story {
 public:
  Story(const Clock& clock, bool is_told) : clock_(clock), is_told_(is_told) {}

  bool is_told() const { return is_told_; }
  template <std::invocable Line>
  void tell(const std::string& payment_id, Line line) {
    if (is_told_) lines_.push_back({clock_.now(), payment_id, line()});
  }
  // Those of one payment, and those that concern all of the world ("").
  std::vector<std::string> of(const std::string& payment_id) const {
    std::vector<std::string> lines;
    for (const auto& line : lines_)
      if (line.payment_id == payment_id || line.payment_id.empty())
        lines.push_back(to_rfc3339(line.at) + " " + line.text);
    return lines;
  }

 private:
  struct Line {
    Time at;
    std::string payment_id;
    std::string text;
  };
  const Clock& clock_;
  const bool is_told_;
  std::vector<Line> lines_;
};

}  // namespace switchyard::sim
