// A real proxy in front of a router, as the examples in config/ say but for names, port and
// certificate.
#pragma once

#include <filesystem>
#include <string>

#include "app/dev_process.h"

namespace switchyard::testing {

enum class ProxyKind { nginx, haproxy };
// Without TLS any bytes can be sent to it.
enum class ProxyTls { on, off };

class Proxy {
 public:
  Proxy(ProxyKind kind, int router_port, ProxyTls tls = ProxyTls::on);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  int port() const { return port_; }
  std::string url() const;
  std::string certificate() const { return folder_ / "cert.pem"; }
  // A line for each request that it read, begun with `router` when it passed it on; then the
  // request's first line in quotes.
  std::string log() const;

 private:
  void make_certificate();
  std::string configuration() const;

  ProxyKind kind_;
  ProxyTls tls_;
  int router_port_;
  int port_;
  std::filesystem::path folder_;
  ChildProcess process_;
};

}  // namespace switchyard::testing
