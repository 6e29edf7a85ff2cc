// One client's connection: who may write to its socket, and until when each phase may last.
//
// Answers are written straight to the socket under the connection's lock, and the lock also guards
// the moment the socket is closed. Pistache's own way (Peer::send, ResponseWriter) queues answers
// by file descriptor number: when a client leaves and another is accepted under the same number
// before the queue is read, the new client receives the old one's answer. Here that cannot happen.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "web/gate.h"

namespace switchyard {

using Moment = std::chrono::steady_clock::time_point;

struct PhaseTimes {
  std::chrono::milliseconds header{10'000};
  std::chrono::milliseconds body{20'000};
  std::chrono::milliseconds idle{75'000};
  std::chrono::milliseconds answer{30'000};  // a handler that takes longer loses its client
  std::chrono::milliseconds write{20'000};   // a client that reads an answer more slowly is closed
  std::chrono::milliseconds linger{2'000};   // for a client to notice that we closed
};

class ClientConnection {
 public:
  // `socket` stays Pistache's to close, until release().
  ClientConnection(int socket, std::string address, GateLimits limits, const PhaseTimes& times);
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  const std::string& address() const { return address_; }
  // The I/O thread's alone.
  Gate& gate() { return gate_; }

  // For the I/O thread, on input. False: the bytes are not wanted, because an answer is still owed
  // or the connection is being closed; the connection then closes after that answer.
  bool admits_input(std::size_t size);
  void expect_rest_of_head();
  void expect_body();
  // The request is complete and an answer is owed. False when its time was up a moment earlier.
  // `is_last`: more bytes have come already, so close after the answer.
  bool owe_answer(bool is_last);

  // From any thread. Nothing happens when the client has gone.
  enum class Sent { all, in_part, not_at_all };
  Sent send_answer(std::string bytes, bool is_closing);
  void send_interim(std::string_view bytes);  // "100 Continue"
  // Writes more of an answer that was sent in part.
  Sent send_rest();
  void shut_down();  // both ways, at once; Pistache notices and lets go

  bool is_closing_after_answer() const;
  // Only to be polled: by the time it is looked at it may name another connection, or none (-1).
  int socket_to_poll() const;
  bool is_open() const;
  bool owes_answer() const;

  // What the deadline that has passed means.
  enum class Overdue { nothing, request, closed };
  Overdue close_if_overdue(Moment now);
  bool may_be_overdue(Moment now) const {
    return deadline_.load() <= now.time_since_epoch().count();
  }

  // The socket is about to be closed: nobody writes to it afterwards. Returns it the first time.
  int release();
  // Bytes of a request that count against the server's memory; set by the I/O thread.
  std::size_t counted_bytes = 0;

 private:
  enum class Phase { waiting, head, body, answering, writing, lingering };

  void enter(Phase phase, std::chrono::milliseconds lasting);
  Sent write_some();
  void finish_answer();

  const std::string address_;
  const PhaseTimes& times_;
  Gate gate_;
  std::atomic<Moment::rep> deadline_{0};

  mutable std::mutex mutex_;  // guards all below, and every write to the socket
  int socket_;                // -1 once released
  Phase phase_ = Phase::waiting;
  bool is_closing_ = false;
  std::size_t unwanted_bytes_ = 0;
  std::string unsent_;
  std::size_t sent_ = 0;
};

}  // namespace switchyard
