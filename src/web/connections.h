// All connections of one server: how many there may be, and the one thread that closes those whose
// time is up and writes the rest of answers that a slow client could not take at once.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "web/connection.h"

namespace switchyard {

class Connections {
 public:
  // `refuse_slow` answers a client that was too slow to send its request.
  Connections(std::size_t most, std::size_t most_per_address,
              std::function<void(const std::shared_ptr<ClientConnection>&)> refuse_slow);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // False when there are too many. Proxies carry many clients and are not counted by address.
  bool add(const std::shared_ptr<ClientConnection>& connection, bool is_proxy);
  void remove(const ClientConnection& connection);
  std::size_t count() const;

  void send_rest_when_writable(std::shared_ptr<ClientConnection> connection);

  // For the drain: connections that owe no answer are shut down; how many still owe one.
  std::size_t close_those_that_owe_nothing();
  // Once nobody else can close the sockets.
  void close_all();

 private:
  struct Entry {
    std::shared_ptr<ClientConnection> connection;
    bool is_proxy = false;
  };

  void run();
  void close_overdue();
  void wait_for_writable(std::chrono::milliseconds at_most);

  const std::size_t most_;
  const std::size_t most_per_address_;
  const std::function<void(const std::shared_ptr<ClientConnection>&)> refuse_slow_;

  mutable std::mutex mutex_;  // guards the four below
  std::unordered_map<const ClientConnection*, Entry> entries_;
  std::unordered_map<std::string, std::size_t> by_address_;
  std::vector<std::shared_ptr<ClientConnection>> half_written_;
  bool is_stopping_ = false;

  int wake_ = -1;  // an eventfd
  std::thread thread_;
};

}  // namespace switchyard
