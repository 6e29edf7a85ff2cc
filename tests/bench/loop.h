// One thread, one epoll: every socket and every delay of the benchmark's own side. It must cost
// little, since it shares the machine with what it measures.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;
using Instant = Clock::time_point;

// A connection, ours or theirs. The loop owns it until it is closed.
struct Peer {
  int socket = -1;
  bool is_writing = false;  // the kernel took only a part
  std::string input = {};
  std::string output = {};
  std::function<void(Peer&)> on_input = {};
  std::function<void(Peer&)> on_close = {};
  std::size_t slot = 0;  // the caller's
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Ends the program with a message when it cannot: there is nothing to measure then.
  void listen(int port, std::function<void(Peer&)> on_input);
  Peer& connect(int port);

  void write(Peer& peer, std::string_view bytes);
  void close(Peer& peer);
  void at(Instant when, std::function<void()> task);
  void run_until(const std::function<bool()>& is_over);

 private:
  struct Timer {
    Instant when;
    std::uint64_t order;
    std::shared_ptr<std::function<void()>> task;
    bool operator<(const Timer& other) const {  // the earliest is on top
      return when != other.when ? when > other.when : order > other.order;
    }
  };

  Peer& watch(int socket);
  void accept_all();
  void read(Peer& peer);
  void flush(Peer& peer);
  int run_timers();

  int epoll_ = -1;
  int listener_ = -1;
  std::uint64_t timers_made_ = 0;
  std::function<void(Peer&)> on_input_;
  std::priority_queue<Timer> timers_;
  std::vector<std::unique_ptr<Peer>> peers_;  // by socket
  std::vector<std::unique_ptr<Peer>> closed_;
};

[[noreturn]] void give_up(const std::string& why);

}  // namespace bench
