#include "web/connections.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cassert>
#include <cstdint>

namespace switchyard {
namespace {

// Deadlines are seconds long; being late by so much is nothing, and looking costs little.
constexpr std::chrono::milliseconds between_sweeps{100};

void wake_up(int event) {
  const std::uint64_t one = 1;
  static_cast<void>(!write(event, &one, sizeof one));  // full means that it is awake
}

}  // namespace

Connections::Connections(std::size_t most, std::size_t most_per_address,
                         std::function<void(const std::shared_ptr<ClientConnection>&)> refuse_slow)
    : most_(most),
      most_per_address_(most_per_address),
      refuse_slow_(std::move(refuse_slow)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  assert(wake_ >= 0);
  thread_ = std::thread([this] { run(); });
}

Connections::~Connections() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_up(wake_);
  thread_.join();
  close(wake_);
}

bool Connections::add(const std::shared_ptr<ClientConnection>& connection, bool is_proxy) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= most_) return false;
  if (!is_proxy) {
    std::size_t& count = by_address_[connection->address()];
    if (count >= most_per_address_) return false;
    ++count;
  }
  entries_[connection.get()] = {connection, is_proxy};
  return true;
}

void Connections::remove(const ClientConnection& connection) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(&connection);
  if (entry == entries_.end()) return;
  if (!entry->second.is_proxy) {
    const auto count = by_address_.find(connection.address());
    if (--count->second == 0) by_address_.erase(count);
  }
  entries_.erase(entry);
}

std::size_t Connections::count() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void Connections::send_rest_when_writable(std::shared_ptr<ClientConnection> connection) {
  {
    const std::lock_guard lock(mutex_);
    half_written_.push_back(std::move(connection));
  }
  wake_up(wake_);
}

std::size_t Connections::close_those_that_owe_nothing() {
  const std::lock_guard lock(mutex_);
  std::size_t owing = 0;
  for (const auto& [key, entry] : entries_) {
    if (entry.connection->owes_answer())
      ++owing;
    else
      entry.connection->shut_down();
  }
  return owing;
}

void Connections::close_all() {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, entry] : entries_)
    if (const int socket = entry.connection->release(); socket >= 0) close(socket);
  entries_.clear();
  by_address_.clear();
}

void Connections::run() {
  Moment next_sweep = std::chrono::steady_clock::now() + between_sweeps;
  for (;;) {
    wait_for_writable(between_sweeps);
    {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) return;
    }
    if (std::chrono::steady_clock::now() < next_sweep) continue;
    close_overdue();
    next_sweep = std::chrono::steady_clock::now() + between_sweeps;
  }
}

void Connections::close_overdue() {
  const Moment now = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<ClientConnection>> overdue;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, entry] : entries_)
      if (entry.connection->may_be_overdue(now)) overdue.push_back(entry.connection);
  }
  for (const auto& connection : overdue)
    if (connection->close_if_overdue(now) == ClientConnection::Overdue::request)
      refuse_slow_(connection);
}

void Connections::wait_for_writable(std::chrono::milliseconds at_most) {
  std::vector<std::shared_ptr<ClientConnection>> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(half_written_);
  }
  std::vector<pollfd> polled{{.fd = wake_, .events = POLLIN, .revents = 0}};
  for (const auto& connection : waiting)
    polled.push_back({.fd = connection->socket_to_poll(), .events = POLLOUT, .revents = 0});
  poll(polled.data(), polled.size(), static_cast<int>(at_most.count()));

  std::uint64_t count = 0;
  static_cast<void>(!read(wake_, &count, sizeof count));
  std::vector<std::shared_ptr<ClientConnection>> still_waiting;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const bool is_ready = polled[i + 1].revents != 0;
    if (is_ready ? waiting[i]->send_rest() == ClientConnection::Sent::in_part
                 : waiting[i]->is_open())
      still_waiting.push_back(std::move(waiting[i]));
  }
  if (still_waiting.empty()) return;
  const std::lock_guard lock(mutex_);
  for (auto& connection : still_waiting) half_written_.push_back(std::move(connection));
}

}  // namespace switchyard
