// The example of a proxy, config/nginx.conf, as it stands but for its names, port and certificate.

#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/dev_process.h"
#include "story.h"

namespace switchyard::testing {
namespace {

namespace fs = std::filesystem;

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what << " stands in config/nginx.conf";
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

std::string example_configuration() {
  std::ifstream file(SOURCE_DIR "/config/nginx.conf");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A proxy of its own: port, certificate and folder.
class Proxy {
 public:
  explicit Proxy(int router_port) : port_(any_free_port()) {
    char pattern[] = "/tmp/switchyard_proxy_XXXXXX";
    folder_ = mkdtemp(pattern);
    const auto made =
        run_to_end({.command = {"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                                "-days", "1", "-subj", "/CN=localhost", "-addext",
                                "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                                folder_ / "key.pem", "-out", certificate()}},
                   std::chrono::seconds(30));
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    write_configuration(router_port);
    auto started =
        ChildProcess::start({.command = {"/usr/sbin/nginx", "-p", folder_, "-c",
                                         folder_ / "nginx.conf", "-e", folder_ / "error.log"},
                             .log_file = folder_ / "nginx.log"});
    EXPECT_TRUE(started);
    if (started) process_ = std::move(*started);
  }
  ~Proxy() {
    process_.stop(SIGTERM, std::chrono::seconds(5));
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  std::string certificate() const { return folder_ / "cert.pem"; }

 private:
  void write_configuration(int router_port) {
    std::string text = example_configuration();
    text = replaced(text, "listen 443 ssl", "listen 127.0.0.1:" + std::to_string(port_) + " ssl");
    text = replaced(text, "127.0.0.1:8080", "127.0.0.1:" + std::to_string(router_port));
    text = replaced(text, "/etc/switchyard/tls/fullchain.pem", certificate());
    text = replaced(text, "/etc/switchyard/tls/privkey.pem", folder_ / "key.pem");
    text =
        replaced(text, "worker_processes auto;",
                 "worker_processes 1; daemon off; pid " + (folder_ / "nginx.pid").string() + ";");
    std::ofstream(folder_ / "nginx.conf") << text;
  }

  fs::path folder_;
  int port_;
  ChildProcess process_;
};

TEST(Proxy, A11_in_front_as_the_example_says_takes_a_payment_and_tells_the_clients_address) {
  Stack stack({.server_keys = "trusted_proxies = [\"127.0.0.1\"]\n"});
  const std::string router = stack.url();
  const Proxy proxy(std::stoi(router.substr(router.rfind(':') + 1)));
  Metrics metrics;
  HttpClient http(metrics, 8, proxy.certificate());
  const JsonClient client(http, proxy.url(), stack.keys().secret);
  ASSERT_TRUE(wait_until([&] { return client.get("/healthz").status == 200; }));
  const JsonAnswer paid = client.post("/v1/payments", {{"amount", 4999},
                                                       {"currency", "USD"},
                                                       {"confirm", true},
                                                       {"payment_method", stripe_card()}});
  EXPECT_EQ(paid.status, 201) << paid.text;
  EXPECT_EQ(status_of(paid), "succeeded");
  EXPECT_FALSE(header_of(paid.headers, "Strict-Transport-Security").empty());
  // What both would read differently ends at one of them, as an error.
  EXPECT_GE(client.get("/v1/payments/..%2f..%2fmetrics").status, 400);
}

}  // namespace
}  // namespace switchyard::testing
