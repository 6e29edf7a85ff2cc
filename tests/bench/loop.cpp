#include "loop.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bench {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void send_at_once(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

void give_up(const std::string& why) {
  std::fprintf(stderr, "switchyard-bench: %s (%s)\n", why.c_str(), std::strerror(errno));
  std::exit(1);
}

Loop::Loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

Loop::~Loop() {
  for (const auto& peer : peers_)
    if (peer) ::close(peer->socket);
  if (listener_ >= 0) ::close(listener_);
  ::close(epoll_);
}

void Loop::listen(int port, std::function<void(Peer&)> on_input) {
  on_input_ = std::move(on_input);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 4096) != 0)
    give_up("cannot listen on port " + std::to_string(port));
  epoll_event event{.events = EPOLLIN, .data = {.fd = listener_}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
}

Peer& Loop::watch(int socket) {
  send_at_once(socket);
  if (peers_.size() <= static_cast<std::size_t>(socket)) peers_.resize(socket + 1);
  peers_[socket] = std::make_unique<Peer>();
  peers_[socket]->socket = socket;
  epoll_event event{.events = EPOLLIN | EPOLLRDHUP, .data = {.fd = socket}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
  return *peers_[socket];
}

Peer& Loop::connect(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (socket < 0 ||
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    give_up("cannot connect to port " + std::to_string(port));
  return watch(socket);
}

void Loop::accept_all() {
  while (true) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    watch(socket).on_input = on_input_;
  }
}

void Loop::write(Peer& peer, std::string_view bytes) {
  peer.output += bytes;
  if (!peer.is_writing) flush(peer);
}

void Loop::flush(Peer& peer) {
  const ssize_t sent =
      ::send(peer.socket, peer.output.data(), peer.output.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) peer.output.erase(0, static_cast<std::size_t>(sent));
  const bool has_more = !peer.output.empty();
  if (has_more == peer.is_writing) return;
  peer.is_writing = has_more;
  epoll_event event{.events = EPOLLIN | EPOLLRDHUP, .data = {.fd = peer.socket}};
  if (has_more) event.events |= EPOLLOUT;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, peer.socket, &event);
}

// Memory is given back at the end of the turn: the caller may still hold the reference.
void Loop::close(Peer& peer) {
  if (!peers_[peer.socket]) return;
  ::close(peer.socket);
  closed_.push_back(std::move(peers_[peer.socket]));
  if (peer.on_close) peer.on_close(peer);
}

void Loop::read(Peer& peer) {
  char bytes[32 << 10];
  const ssize_t got = ::recv(peer.socket, bytes, sizeof bytes, MSG_DONTWAIT);
  if (got > 0) {
    peer.input.append(bytes, static_cast<std::size_t>(got));
    peer.on_input(peer);
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    close(peer);
  }
}

void Loop::at(Instant when, std::function<void()> task) {
  timers_.push({when, timers_made_++, std::make_shared<std::function<void()>>(std::move(task))});
}

// Milliseconds to the next one.
int Loop::run_timers() {
  while (!timers_.empty()) {
    const auto left = timers_.top().when - Clock::now();
    if (left > std::chrono::nanoseconds(0))
      return static_cast<int>(
          std::min<std::int64_t>(50, std::chrono::ceil<std::chrono::milliseconds>(left).count()));
    const auto task = timers_.top().task;
    timers_.pop();
    (*task)();
  }
  return 50;
}

void Loop::run_until(const std::function<bool()>& is_over) {
  epoll_event events[256];
  while (!is_over()) {
    const int count = ::epoll_wait(epoll_, events, 256, run_timers());
    for (int i = 0; i < count; ++i) {
      const int socket = events[i].data.fd;
      if (socket == listener_) {
        accept_all();
        continue;
      }
      const auto& peer = peers_[socket];
      if (peer && (events[i].events & EPOLLOUT)) flush(*peer);
      if (peer && (events[i].events & ~EPOLLOUT)) read(*peer);
    }
    closed_.clear();
  }
}

}  // namespace bench
