// A server that says exactly what a test wants it to say, byte by byte. Each connection is handed
// to a script on a thread of its own. Loopback only, on a free port.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace switchyard {

class RawConnection {
 public:
  explicit RawConnection(int descriptor) : descriptor_(descriptor) {}

  // The head and body of the next request, as sent; nullopt when the client has closed.
  std::optional<std::string> read_request() {
    while (true) {
      const auto head_end = received_.find("\r\n\r\n");
      if (head_end != std::string::npos) {
        const std::size_t size = head_end + 4 + body_bytes(received_.substr(0, head_end + 2));
        if (received_.size() >= size) {
          const std::string request = received_.substr(0, size);
          received_.erase(0, size);
          return request;
        }
      }
      char buffer[16'384];
      const ssize_t count = recv(descriptor_, buffer, sizeof buffer, 0);
      if (count <= 0) return std::nullopt;
      received_.append(buffer, std::size_t(count));
    }
  }

  // False when the client has gone.
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(std::size_t(count));
    }
    return true;
  }

  bool answer(std::string_view body, std::string_view more_headers = "") {
    return write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
                 std::string(more_headers) + "\r\n" + std::string(body));
  }

  // Closes with a reset instead of an end.
  void reset() {
    const linger at_once = {1, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

  void wait_until_client_closes() {
    while (read_request()) continue;
  }

 private:
  static std::size_t body_bytes(const std::string& head) {
    const auto at = head.find("\r\nContent-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 18));
  }

  int descriptor_;
  std::string received_;
};

class RawServer {
 public:
  using Script = std::function<void(RawConnection&)>;

  // `address` and `port`: for IPv4; where they are not said, 127.0.0.1 and any free one.
  explicit RawServer(Script script, int family = AF_INET, const char* address_text = "127.0.0.1",
                     int port = 0)
      : script_(std::move(script)) {
    const bool is_ipv6 = family == AF_INET6;
    listener_ = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in ipv4 = {};
    ipv4.sin_family = AF_INET;
    inet_pton(AF_INET, address_text, &ipv4.sin_addr);
    ipv4.sin_port = htons(static_cast<std::uint16_t>(port));
    sockaddr_in6 ipv6 = {};
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_addr = in6addr_loopback;
    auto* address =
        is_ipv6 ? reinterpret_cast<sockaddr*>(&ipv6) : reinterpret_cast<sockaddr*>(&ipv4);
    socklen_t size = is_ipv6 ? sizeof ipv6 : sizeof ipv4;
    if (bind(listener_, address, size) != 0) std::abort();
    if (listen(listener_, SOMAXCONN) != 0) std::abort();
    getsockname(listener_, address, &size);
    port_ = ntohs(is_ipv6 ? ipv6.sin6_port : ipv4.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~RawServer() {
    stop_listening();
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int descriptor : open_) shutdown(descriptor, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
  }
  RawServer(const RawServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  int connections() const { return connections_; }
  // From here on, connecting is refused.
  void stop_listening() { shutdown(listener_, SHUT_RDWR); }

 private:
  void accept_all() {
    while (true) {
      const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor < 0) return;
      ++connections_;
      const std::lock_guard lock(mutex_);
      open_.push_back(descriptor);
      threads_.emplace_back([this, descriptor] { serve(descriptor); });
    }
  }

  void serve(int descriptor) {
    RawConnection connection(descriptor);
    script_(connection);
    const std::lock_guard lock(mutex_);
    open_.remove(descriptor);
    close(descriptor);
  }

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::list<int> open_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

// Answers every request on every connection with the same bytes.
inline RawServer::Script always(std::string response) {
  return [response = std::move(response)](RawConnection& connection) {
    while (connection.read_request())
      if (!connection.write(response)) return;
  };
}

// Answers one request with these bytes and closes.
inline RawServer::Script once(std::string response) {
  return [response = std::move(response)](RawConnection& connection) {
    if (connection.read_request()) connection.write(response);
  };
}

inline std::string ok(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

}  // namespace switchyard
