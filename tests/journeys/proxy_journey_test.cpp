// The examples of proxies, config/nginx.conf and config/haproxy.cfg, as they stand but for their
// names, port and certificate.
#include "story.h"
#include "tests/support/proxy.h"

namespace switchyard::testing {
namespace {

class ProxyExample : public ::testing::TestWithParam<ProxyKind> {};

TEST_P(ProxyExample, A11_takes_a_payment_and_tells_the_clients_address) {
  Stack stack({.server_keys = "trusted_proxies = [\"127.0.0.1\"]\n"});
  const std::string router = stack.url();
  const Proxy proxy(GetParam(), std::stoi(router.substr(router.rfind(':') + 1)));
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

INSTANTIATE_TEST_SUITE_P(In, ProxyExample, ::testing::Values(ProxyKind::nginx, ProxyKind::haproxy),
                         [](const auto& info) {
                           return info.param == ProxyKind::nginx ? "nginx" : "haproxy";
                         });

}  // namespace
}  // namespace switchyard::testing
