// What a message must bring to be believed, for every provider that signs: the right bytes under
// the right key, in time, in the one scheme that its pages describe.
#include <gtest/gtest.h>

#include "adapters/adapter.h"
#include "base/crypto.h"
#include "base/json.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;

const std::string key = "whsec_the_right_one";
const Time sent_at = from_unix_seconds(1'790'000'000);

struct Signer {
  const char* adapter;
  std::string header;
  std::string key_setting;
  bool has_time = true;
};

void PrintTo(const Signer& signer, std::ostream* out) { *out << signer.adapter; }

const Signer signers[] = {
    {"example", "example-signature", "webhook_key"},
    {"example_short", "example-signature", "webhook_key"},
    {"example_reference", "example-signature", "webhook_key"},
    {"stripe", "stripe-signature", "webhook_secret"},
    {"soxara", "soxara-signature", "webhook_secret"},
    {"mintcash", "x-signature", "signing_secret", false},
};

class WebhookProof : public testing::TestWithParam<Signer> {
 protected:
  const Signer& signer() const { return GetParam(); }
  const Adapter& adapter() const { return *find_adapter(signer().adapter); }

  Account account(const std::string& secret = key) const {
    Account account{.id = "it", .adapter = signer().adapter};
    for (const Setting& setting : adapter().settings)
      account.settings[std::string(setting.name)] = Secret(std::string(setting.otherwise));
    account.settings[signer().key_setting] = Secret(secret);
    return account;
  }
  Proof verify(const std::string& header, const std::string& bytes, Time at = sent_at,
               const std::string& secret = key) const {
    Incoming incoming{.method = "POST", .body = bytes, .received_at = at};
    if (!header.empty()) incoming.headers.emplace_back(signer().header, header);
    return adapter().webhook.verify(account(secret), incoming);
  }
  std::string hash(const std::string& bytes, const std::string& with = key,
                   const std::string& time = "1790000000") const {
    return to_hex(hmac_sha256(with, signer().has_time ? time + "." + bytes : bytes));
  }
  // The header's text around a hash.
  std::string header(const std::string& hash, const std::string& time = "1790000000") const {
    return signer().has_time ? "t=" + time + ",v1=" + hash : hash;
  }
  bool is_believed(const std::string& header, const std::string& bytes) const {
    return verify(header, bytes) == Proof::verified;
  }

  const std::string body = R"({"id":"evt_1","type":"ping","environment":"test","amount":1e2,)"
                           R"("createdAt":"2026-09-21T14:13:20Z"})";
};

// Of those whose signature holds its time and may hold several hashes.
using TimedWebhookProof = WebhookProof;

TEST_P(WebhookProof, P1_is_the_hash_itself_and_nothing_like_it) {
  const std::string right = hash(body);
  ASSERT_TRUE(is_believed(header(right), body));
  std::string upper = right;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string wrong = right;
  wrong[0] = wrong[0] == '0' ? '1' : '0';
  const std::string raw = from_hex(right).value();
  for (const std::string& hash :
       {std::string(), wrong, right.substr(0, 63), right.substr(0, 1), right + "0", right + right,
        upper, to_base64(raw), to_base64url(raw), raw, "sha256=" + right, std::string(64, '0'),
        std::string(" ") + right + "x", std::string(1 << 16, 'a')})
    EXPECT_FALSE(is_believed(header(hash), body)) << hash.substr(0, 80);
  EXPECT_EQ(verify("", body), Proof::rejected) << "no header at all";
}

TEST_P(WebhookProof, P2_covers_every_byte_as_it_came) {
  const std::string signature = header(hash(body));
  for (std::size_t at = 0; at < body.size(); ++at) {
    std::string changed = body;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(is_believed(signature, changed)) << at;
  }
  // The same document, written by somebody else's library.
  for (const std::string& again :
       {std::string(R"({"id": "evt_1","type":"ping","environment":"test","amount":1e2})"),
        std::string(R"({"id":"evt_1","type":"ping","environment":"test","amount":100})"),
        std::string(R"({"type":"ping","id":"evt_1","environment":"test","amount":1e2})"),
        body + "\n", body.substr(0, body.size() - 1), std::string()})
    EXPECT_FALSE(is_believed(signature, again)) << again;
}

TEST_P(WebhookProof, P3_is_made_with_this_accounts_key) {
  EXPECT_FALSE(is_believed(header(hash(body, "whsec_of_another")), body));
  EXPECT_FALSE(is_believed(header(hash(body, "")), body));
  EXPECT_FALSE(is_believed(header(hash(body, key + "\n")), body)) << "the key as it is configured";
  EXPECT_EQ(verify(header(hash(body, "")), body, sent_at, ""), Proof::rejected)
      << "without a key nothing is believed";
}

TEST_P(TimedWebhookProof, P4_is_believed_for_five_minutes_either_way_to_the_second) {
  const std::string signature = header(hash(body));
  for (const auto apart : {-300s, -299s, 0s, 299s, 300s})
    EXPECT_EQ(verify(signature, body, sent_at + apart), Proof::verified) << apart.count();
  for (const auto apart : {-301s, 301s, 3600s, -3600s, std::chrono::seconds(24h * 365)})
    EXPECT_EQ(verify(signature, body, sent_at + apart), Proof::rejected) << apart.count();
}

TEST_P(TimedWebhookProof, P4_its_time_is_a_plain_number_under_the_signature) {
  const std::string right = hash(body);
  for (const std::string& time : {std::string("1790000001"), std::string("1790000000x")})
    EXPECT_FALSE(is_believed(header(right, time), body)) << time;
  for (const std::string& time :
       {std::string(), std::string("-1790000000"), std::string("+1790000000"),
        std::string("1.79e9"), std::string("0x6ab13b80"), std::string("99999999999999999999"),
        std::string("now")})
    EXPECT_FALSE(is_believed(header(hash(body, key, time), time), body)) << time;
  EXPECT_FALSE(is_believed("v1=" + right, body)) << "without its time";
}

TEST_P(TimedWebhookProof, P6_any_one_of_the_schemes_hashes_suffices_and_no_other_scheme_counts) {
  const std::string right = hash(body), other(64, 'a');
  const std::string time = "t=1790000000,";
  EXPECT_TRUE(is_believed(time + "v1=" + other + ",v1=" + right, body));
  EXPECT_TRUE(is_believed(time + "v1=" + right + ",v1=" + other, body));
  EXPECT_TRUE(is_believed(time + "v0=" + other + ",v1=" + right, body));
  for (const std::string& scheme : {std::string("v0="), std::string("v2="), std::string("="),
                                    std::string("V1="), std::string("v11="), std::string("")})
    EXPECT_FALSE(is_believed(time + scheme + right, body)) << scheme;
}

TEST_P(WebhookProof, P8_the_algorithm_is_not_the_senders_to_choose) {
  const std::string signed_text = signer().has_time ? "1790000000." + body : body;
  for (const std::string& hash :
       {std::string("none"), sha256_hex(signed_text), sha256_hex(key + signed_text),
        sha256_hex(signed_text + key), to_hex(hmac_sha256(signed_text, key))})
    EXPECT_FALSE(is_believed(header(hash), body)) << hash;
  for (const std::string alg : {"alg=none,", "alg=none;", "algorithm=none,"})
    EXPECT_FALSE(is_believed(alg + header(""), body)) << alg;
}

// Signed by the provider and yet unreadable: the reader says that it is about nothing of ours, and
// never ends the process.
TEST_P(WebhookProof, P12_reads_anything_that_is_signed) {
  std::string deep(100'000, '[');
  for (const std::string& bytes :
       {std::string(), std::string("null"), std::string("[]"), std::string("{"),
        std::string("\xff"), std::string("0"), std::string("\"evt\""),
        std::string(R"({"type":"a.new.type"})"),
        std::string(R"({"id":7,"type":{},"data":[],"event":[1],"charge":"x","refund":3})"),
        std::string(R"({"id":"e","type":"charge.updated","charge":null})"),
        std::string(R"({"id":"e","type":"refund.updated","refund":[[]]})"),
        std::string(R"({"object":"event","type":"charge.refunded","data":{"object":7}})"),
        std::string(R"({"event":"payment.refunded","data":{"refunds":[{}]}})"), deep,
        std::string(1 << 20, 'x')})
    for (const News& news : adapter().webhook.read(
             account(), {.method = "POST", .body = bytes, .received_at = sent_at})) {
      EXPECT_TRUE(news.update.verdict == Verdict::unknown) << bytes.substr(0, 80);
      EXPECT_TRUE(news.our_reference.empty());
    }
}

const auto name_of = [](const auto& info) { return std::string(info.param.adapter); };
INSTANTIATE_TEST_SUITE_P(Of, WebhookProof, testing::ValuesIn(signers), name_of);
INSTANTIATE_TEST_SUITE_P(Of, TimedWebhookProof, testing::ValuesIn(signers, signers + 5), name_of);

}  // namespace
}  // namespace switchyard
