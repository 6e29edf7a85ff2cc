// What happens when, in a world whose clock jumps from one event to the next.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "base/clock.h"
#include "task.h"

namespace switchyard::sim {

class Schedule final : public Clock {
 public:
  explicit Schedule(Time start) : now_(start) {}

  Time now() const override { return now_; }
  // Events of one moment happen in the order in which they were put here.
  void at(Time when, Task task) {
    heap_.push_back({std::max(when, now_), ++count_, place_for(std::move(task))});
    std::push_heap(heap_.begin(), heap_.end());
  }
  void after(Duration delay, Task task) { at(now_ + delay, std::move(task)); }

  // False when nothing is left to happen before `end`.
  bool run_next(Time end) {
    if (heap_.empty() || heap_.front().when > end) return false;
    std::pop_heap(heap_.begin(), heap_.end());
    const Event event = heap_.back();
    heap_.pop_back();
    now_ = event.when;
    (*event.task)();
    event.task->let_go();
    free_.push_back(event.task);
    return true;
  }
  std::uint64_t count() const { return count_; }

 private:
  struct Event {
    Time when;
    std::uint64_t number;
    Task* task;
    bool operator<(const Event& other) const {
      return when != other.when ? when > other.when : number > other.number;
    }
  };

  // The heap moves its events often; their tasks stay where they are.
  Task* place_for(Task task) {
    if (free_.empty()) return &tasks_.emplace_back(std::move(task));
    Task* place = free_.back();
    free_.pop_back();
    *place = std::move(task);
    return place;
  }

  Time now_;
  std::uint64_t count_ = 0;
  std::vector<Event> heap_;
  std::deque<Task> tasks_;
  std::vector<Task*> free_;
};

}  // namespace switchyard::sim
