#include "tests/support/proxy.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace switchyard::testing {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Replaces what stands in the example once; an example that no longer says it is no test.
void replace(std::string& text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what << " stands in the example";
  text.replace(at, what.size(), by);
}

}  // namespace

Proxy::Proxy(ProxyKind kind, int router_port, ProxyTls tls)
    : kind_(kind), tls_(tls), router_port_(router_port), port_(any_free_port()) {
  char pattern[] = "/tmp/switchyard_proxy_XXXXXX";
  folder_ = mkdtemp(pattern);
  make_certificate();
  const fs::path file = folder_ / "proxy.conf";
  std::ofstream(file) << configuration();
  const std::vector<std::string> command =
      kind_ == ProxyKind::nginx
          ? std::vector<std::string>{"/usr/sbin/nginx",    "-p", folder_, "-c", file, "-e",
                                     folder_ / "error.log"}
          : std::vector<std::string>{"/usr/sbin/haproxy", "-db", "-f", file};
  auto started = ChildProcess::start({.command = command, .log_file = folder_ / "proxy.log"});
  EXPECT_TRUE(started) << (started ? "" : started.error().message);
  if (started) process_ = std::move(*started);
}

Proxy::~Proxy() {
  process_.stop(SIGTERM, std::chrono::seconds(5));
  if (::testing::Test::HasFailure()) std::cerr << text_of(folder_ / "error.log");
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string Proxy::url() const {
  return (tls_ == ProxyTls::on ? "https" : "http") + std::string("://127.0.0.1:") +
         std::to_string(port_);
}

std::string Proxy::log() const {
  return text_of(folder_ / (kind_ == ProxyKind::nginx ? "requests.log" : "proxy.log"));
}

void Proxy::make_certificate() {
  const auto made =
      run_to_end({.command = {"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                              "-days", "1", "-subj", "/CN=localhost", "-addext",
                              "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                              folder_ / "key.pem", "-out", certificate()},
                  .log_file = folder_ / "error.log"},
                 std::chrono::seconds(30));
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  std::ofstream(folder_ / "both.pem") << text_of(certificate()) << text_of(folder_ / "key.pem");
}

std::string Proxy::configuration() const {
  const std::string address = "127.0.0.1:" + std::to_string(port_);
  const std::string router = "127.0.0.1:" + std::to_string(router_port_);
  if (kind_ == ProxyKind::haproxy) {
    std::string text = text_of(SOURCE_DIR "/config/haproxy.cfg");
    replace(text, "127.0.0.1:8080", router);
    if (tls_ == ProxyTls::off)
      replace(text, ":443 ssl crt /etc/switchyard/tls/haproxy.pem", address);
    else {
      replace(text, ":443", address);
      replace(text, "/etc/switchyard/tls/haproxy.pem", folder_ / "both.pem");
    }
    // Every connection to the router is shared by all clients at once: the hardest case.
    replace(text, "  option httplog", "  http-reuse always\n  log-format \"%s %{+Q}r\"");
    return text;
  }
  std::string text = text_of(SOURCE_DIR "/config/nginx.conf");
  replace(text, "listen 443 ssl", "listen " + address + (tls_ == ProxyTls::on ? " ssl" : ""));
  replace(text, "127.0.0.1:8080", router);
  replace(text, "/etc/switchyard/tls/fullchain.pem", certificate());
  replace(text, "/etc/switchyard/tls/privkey.pem", folder_ / "key.pem");
  replace(text, "worker_processes auto;",
          "worker_processes 1; daemon off; pid " + (folder_ / "nginx.pid").string() + ";");
  replace(text, "server_tokens off;",
          "server_tokens off; map $upstream_addr $who { default router; '' -; }\n"
          "log_format short '$who \"$request\"'; access_log " +
              (folder_ / "requests.log").string() + " short;");
  return text;
}

}  // namespace switchyard::testing
