// When Pudgy gives an endpoint up: with a try that is refused three days or more after the first
// one since anything was taken. The sandbox tells nobody how a try ended, but shows it: behind a
// try that was refused comes the next one, and with one that was taken the order is over, tries
// left or not. Only of the last try of all nothing is known, and nothing is made of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace switchyard::sandbox::pudgy_simulator {

// Of one endpoint. Tries run on other threads, and may end even inside send_webhook.
class Patience {
 public:
  bool is_over() const {
    const std::lock_guard lock(mutex_);
    return is_over_;
  }
  void begin_anew() {
    const std::lock_guard lock(mutex_);
    refused_since_ = 0;
    is_over_ = false;
  }
  // Of tries, by the time at which they were made. A refusal is known only when the next try comes,
  // and by then another message may have been taken.
  void note_refused(std::int64_t at) {
    const std::lock_guard lock(mutex_);
    if (at <= taken_at_) return;
    refused_since_ = refused_since_ == 0 ? at : std::min(refused_since_, at);
    if (at - refused_since_ >= 3 * 24 * 3600) is_over_ = true;
  }
  void note_taken(std::int64_t at) {
    const std::lock_guard lock(mutex_);
    taken_at_ = std::max(taken_at_, at);
    if (refused_since_ <= taken_at_) refused_since_ = 0;
  }

 private:
  mutable std::mutex mutex_;
  std::int64_t taken_at_ = 0;       // Unix seconds; 0: never
  std::int64_t refused_since_ = 0;  // 0: not since it has taken one
  bool is_over_ = false;
};

// One event on its way to one endpoint: lives as long as it may be tried.
class Delivery {
 public:
  Delivery(std::shared_ptr<Patience> patience, std::size_t tries)
      : patience_(std::move(patience)), tries_(tries) {}
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  ~Delivery() {
    if (begun_ > 0 && begun_ < tries_) patience_->note_taken(last_try_at_);
  }
  void begin_try(std::int64_t now) {
    if (begun_ > 0) patience_->note_refused(last_try_at_);
    last_try_at_ = now;
    ++begun_;
  }

 private:
  std::shared_ptr<Patience> patience_;
  std::size_t tries_, begun_ = 0;
  std::int64_t last_try_at_ = 0;
};

}  // namespace switchyard::sandbox::pudgy_simulator
