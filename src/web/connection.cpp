#include "web/connection.h"

#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <utility>

namespace switchyard {
namespace {

// Bytes that nobody asked for are read and dropped, so that our answer is not lost to a reset; but
// only so many, or one client could keep the I/O thread busy for nothing.
constexpr std::size_t most_unwanted_bytes = 1 << 20;

}  // namespace

ClientConnection::ClientConnection(int socket, std::string address, GateLimits limits,
                                   const PhaseTimes& times)
    : address_(std::move(address)), times_(times), gate_(limits), socket_(socket) {
  // A new connection owes its first request as soon as a slow header would be due.
  enter(Phase::waiting, times_.header);
}

void ClientConnection::enter(Phase phase, std::chrono::milliseconds lasting) {
  phase_ = phase;
  deadline_ = (std::chrono::steady_clock::now() + lasting).time_since_epoch().count();
}

bool ClientConnection::admits_input(std::size_t size) {
  const std::lock_guard lock(mutex_);
  if (socket_ < 0) return false;
  if (phase_ == Phase::waiting || phase_ == Phase::head || phase_ == Phase::body) return true;
  is_closing_ = true;
  unwanted_bytes_ += size;
  if (unwanted_bytes_ > most_unwanted_bytes) ::shutdown(socket_, SHUT_RDWR);
  return false;
}

// The deadline of a phase is absolute: it is set when the phase begins and no byte moves it.
void ClientConnection::expect_rest_of_head() {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::waiting) enter(Phase::head, times_.header);
}

void ClientConnection::expect_body() {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::waiting || phase_ == Phase::head) enter(Phase::body, times_.body);
}

bool ClientConnection::owe_answer(bool is_last) {
  const std::lock_guard lock(mutex_);
  const bool is_reading =
      phase_ == Phase::waiting || phase_ == Phase::head || phase_ == Phase::body;
  if (!is_reading || socket_ < 0) return false;
  is_closing_ = is_closing_ || is_last;
  enter(Phase::answering, times_.answer);
  return true;
}

ClientConnection::Sent ClientConnection::send_answer(std::string bytes, bool is_closing) {
  const std::lock_guard lock(mutex_);
  if (socket_ < 0 || phase_ != Phase::answering) return Sent::not_at_all;
  is_closing_ = is_closing_ || is_closing;
  unsent_ = std::move(bytes);
  sent_ = 0;
  return write_some();
}

ClientConnection::Sent ClientConnection::send_rest() {
  const std::lock_guard lock(mutex_);
  if (socket_ < 0 || phase_ != Phase::writing) return Sent::not_at_all;
  return write_some();
}

ClientConnection::Sent ClientConnection::write_some() {
  while (sent_ < unsent_.size()) {
    const ssize_t size = ::send(socket_, unsent_.data() + sent_, unsent_.size() - sent_,
                                MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size >= 0) {
      sent_ += static_cast<std::size_t>(size);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (phase_ != Phase::writing) enter(Phase::writing, times_.write);
      return Sent::in_part;
    } else if (errno != EINTR) {
      ::shutdown(socket_, SHUT_RDWR);  // the client has gone
      enter(Phase::lingering, times_.linger);
      return Sent::not_at_all;
    }
  }
  finish_answer();
  return Sent::all;
}

// Closing is done in two steps: an end to what we say, then a while for the client to hear it. A
// close with unread input would reset the connection and take the answer with it.
void ClientConnection::finish_answer() {
  unsent_ = {};
  sent_ = 0;
  if (!is_closing_) return enter(Phase::waiting, times_.idle);
  ::shutdown(socket_, SHUT_WR);
  enter(Phase::lingering, times_.linger);
}

void ClientConnection::send_interim(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (socket_ < 0 || phase_ != Phase::body) return;
  // A few bytes on a socket that has sent nothing else: they fit, or the client has gone.
  static_cast<void>(::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

void ClientConnection::shut_down() {
  const std::lock_guard lock(mutex_);
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

bool ClientConnection::is_closing_after_answer() const {
  const std::lock_guard lock(mutex_);
  return is_closing_;
}

int ClientConnection::socket_to_poll() const {
  const std::lock_guard lock(mutex_);
  return socket_;
}

bool ClientConnection::is_open() const {
  const std::lock_guard lock(mutex_);
  return socket_ >= 0 && phase_ != Phase::lingering;
}

bool ClientConnection::owes_answer() const {
  const std::lock_guard lock(mutex_);
  return socket_ >= 0 && (phase_ == Phase::answering || phase_ == Phase::writing);
}

ClientConnection::Overdue ClientConnection::close_if_overdue(Moment now) {
  const std::lock_guard lock(mutex_);
  if (socket_ < 0 || !may_be_overdue(now)) return Overdue::nothing;
  if (phase_ == Phase::head || phase_ == Phase::body) {
    // From here on the request is refused, so that the I/O thread cannot begin it any more.
    is_closing_ = true;
    enter(Phase::answering, times_.linger);
    return Overdue::request;
  }
  ::shutdown(socket_, SHUT_RDWR);
  enter(Phase::lingering, times_.linger);
  return Overdue::closed;
}

int ClientConnection::release() {
  const std::lock_guard lock(mutex_);
  return std::exchange(socket_, -1);
}

}  // namespace switchyard
