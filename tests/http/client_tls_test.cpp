// TLS, against openssl's own server: verified always, and its failures are not_sent.
#include <gtest/gtest.h>

#include "http/client.h"
#include "tls_server.h"

namespace switchyard {
namespace {

struct HttpClientTls : testing::Test {
  Folder folder;
  Metrics metrics;

  SendOutcome send(const std::string& certificate, const std::string& trusted,
                   std::vector<std::string> more = {}) {
    TlsServer server(certificate, std::move(more));
    HttpClient client(metrics, 512, trusted);
    return client.send({.url = server.url()});
  }
};

TEST_F(HttpClientTls, answers_over_a_certificate_that_is_trusted) {
  const std::string good = certificate(folder, "IP:127.0.0.1");
  const SendOutcome outcome = send(good, good);
  EXPECT_EQ(outcome.transport, Transport::answered) << outcome.problem;
  EXPECT_EQ(outcome.response.status, 200);
}

TEST_F(HttpClientTls, P15_sends_nothing_over_a_certificate_that_nobody_trusts) {
  const SendOutcome outcome = send(certificate(folder, "IP:127.0.0.1"), "");
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(outcome.problem, "the certificate could not be verified");
}

TEST_F(HttpClientTls, P15_sends_nothing_over_a_certificate_of_another_host) {
  const std::string other = certificate(folder, "DNS:other.example");
  const SendOutcome outcome = send(other, other);
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(outcome.problem, "the certificate could not be verified");
}

TEST_F(HttpClientTls, P15_sends_nothing_over_a_certificate_that_has_expired) {
  const std::string old = expired(certificate(folder, "IP:127.0.0.1"));
  const SendOutcome outcome = send(old, old);
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(outcome.problem, "the certificate could not be verified");
}

TEST_F(HttpClientTls, P15_sends_nothing_over_a_version_that_is_too_old) {
  const std::string good = certificate(folder, "IP:127.0.0.1");
  const SendOutcome outcome = send(good, good, {"-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"});
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(outcome.problem, "no TLS connection could be made");
}

}  // namespace
}  // namespace switchyard
