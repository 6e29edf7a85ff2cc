// A merchant's endpoint: answers each POST as the test says and keeps what it got. Loopback only,
// on a free port.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/message.h"

namespace switchyard::testing {

struct Received {
  Headers headers;  // names as they were sent
  std::string body;
  std::string id() const { return header_of(headers, "webhook-id"); }
};

struct Say {
  int status = 200;
  std::string headers = {};  // "retry-after: 7\r\n"
  std::string body = {};
  bool is_silent = false;  // never answers
};

class Receiver {
 public:
  using Script = std::function<Say(const Received&)>;

  explicit Receiver(Script script = [](const Received&) { return Say{}; })
      : script_(std::move(script)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
    if (listen(listener_, SOMAXCONN) != 0) std::abort();
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~Receiver() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      is_closing_ = true;
      for (const int descriptor : open_) shutdown(descriptor, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
  }
  Receiver(const Receiver&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hooks"; }

  std::vector<Received> received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const Received& each : received()) ids.push_back(each.id());
    return ids;
  }
  std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return threads_.size();
  }
  // False when that many have not come within the time that a test may take.
  bool wait_for(std::size_t count) const {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds(30),
                          [&] { return received_.size() >= count; });
  }

 private:
  void accept_all() {
    while (true) {
      const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor < 0) return;
      const std::lock_guard lock(mutex_);
      open_.push_back(descriptor);
      threads_.emplace_back([this, descriptor] { serve(descriptor); });
    }
  }

  void serve(int descriptor) {
    std::string bytes;
    while (const auto request = read_request(descriptor, bytes)) {
      {
        const std::lock_guard lock(mutex_);
        received_.push_back(*request);
      }
      came_.notify_all();
      const Say say = script_(*request);
      if (say.is_silent) continue;  // until the client closes
      const std::string answer = "HTTP/1.1 " + std::to_string(say.status) +
                                 " X\r\nContent-Length: " + std::to_string(say.body.size()) +
                                 "\r\n" + say.headers + "\r\n" + say.body;
      if (::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
    }
    const std::lock_guard lock(mutex_);
    open_.remove(descriptor);
    close(descriptor);
  }

  static std::optional<Received> read_request(int descriptor, std::string& bytes) {
    while (true) {
      if (const auto end = bytes.find("\r\n\r\n"); end != std::string::npos) {
        Received request = read_head(bytes.substr(0, end + 2));
        const std::size_t length = std::stoul("0" + header_of(request.headers, "content-length"));
        if (bytes.size() >= end + 4 + length) {
          request.body = bytes.substr(end + 4, length);
          bytes.erase(0, end + 4 + length);
          return request;
        }
      }
      char buffer[16'384];
      const ssize_t count = recv(descriptor, buffer, sizeof buffer, 0);
      if (count <= 0) return std::nullopt;
      bytes.append(buffer, static_cast<std::size_t>(count));
    }
  }

  static Received read_head(const std::string& head) {
    Received request;
    std::size_t at = head.find("\r\n") + 2;
    while (at < head.size()) {
      const std::size_t end = head.find("\r\n", at), colon = head.find(": ", at);
      if (colon < end)
        request.headers.emplace_back(head.substr(at, colon - at),
                                     head.substr(colon + 2, end - colon - 2));
      at = end + 2;
    }
    return request;
  }

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable came_;
  std::vector<Received> received_;
  std::list<int> open_;
  std::list<std::thread> threads_;
  bool is_closing_ = false;
  std::thread acceptor_;
};

}  // namespace switchyard::testing
