// The sandbox's own small HTTP/1.1 server, on plain sockets: it must be able to do what a proper
// server never does, such as closing in the middle of an answer. One thread a connection.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "base/result.h"
#include "web/message.h"

namespace switchyard::sandbox {

struct Answer {
  enum class How {
    whole,
    half,     // the head and half of the body, then closed
    nothing,  // closed without a byte
    reset,    // the same, as a TCP reset
  };
  Reply reply = {};
  How how = How::whole;
};

class Listener {
 public:
  // The answerer runs on the connection's thread, for many connections at once, and may wait.
  using Answerer = std::function<Answer(const Request&)>;

  Listener(std::string host, int port, Answerer answerer);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Result<int> bind();  // the port that it got; nobody is answered yet
  void start();
  // Closes every connection and waits for the answerers that run. Idempotent.
  void stop();

 private:
  void accept_all();
  void begin(int socket);
  void serve(int socket);
  static void* run_thread(void* task);

  std::string host_;
  int port_;
  Answerer answerer_;
  int listening_ = -1;
  std::thread accepting_;
  std::mutex mutex_;
  std::condition_variable all_closed_;
  std::set<int> open_;
  bool is_stopping_ = false;
};

}  // namespace switchyard::sandbox
