#include "app/config_sections.h"

#include "base/crypto.h"
#include "config_fixture.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using ConfigSections = ConfigTest;

Config config_of(const std::string& toml) {
  const ConfigOutcome outcome = read_config(toml, "test.toml");
  EXPECT_EQ(sentences_of(outcome.problems), Texts{});
  return outcome.config;
}

TEST_F(ConfigSections, every_value_reaches_its_place) {
  const Config config = config_of(R"(
[server]
address = "0.0.0.0"
port = 81
public_url = "https://pay.example.com/"
io_threads = 2
workers = 3
connections = 4
trusted_proxies = ["10.0.0.0/8", "::1"]
operations_address = "127.0.0.2"
operations_port = 5
answer_within = "1500ms"
drain_within = "2m"
[database]
url = "postgresql://db/x"
connections = 6
batch = 7
[api]
require_idempotency_key = true
reads_per_second = 8
writes_per_second = 9
requests_per_second_per_address = 10
attempts_per_payment = 11
largest_amount = 12
[late_money]
after_cancel = "keep"
after_other_success = "keep"
after_expiry = "refund"
after_failure = "refund"
[payments]
expire_after = "2h"
transfers_expire_after = "3d"
review_after = "4m"
look_up_speed = 2.5
[delivery]
allowed_networks = "127.0.0.0/8"
plain_http_allowed = true
schedule = ["1s", "2m"]
timeout = "9s"
workers = 13
[log]
level = "error"
)");
  EXPECT_EQ(config.server.address, "0.0.0.0");
  EXPECT_EQ(config.server.port, 81);
  EXPECT_EQ(config.server.public_url, "https://pay.example.com");
  EXPECT_EQ(config.server.io_threads, 2);
  EXPECT_EQ(config.server.workers, 3);
  EXPECT_EQ(config.server.connections, 4);
  EXPECT_EQ(config.server.trusted_proxies, (Texts{"10.0.0.0/8", "::1"}));
  EXPECT_EQ(config.server.operations_address, "127.0.0.2");
  EXPECT_EQ(config.server.operations_port, 5);
  EXPECT_EQ(config.server.answer_within, 1500ms);
  EXPECT_EQ(config.server.drain_within, 120s);
  EXPECT_EQ(config.database.url.reveal(), "postgresql://db/x");
  EXPECT_EQ(config.database.connections, 6);
  EXPECT_EQ(config.database.batch, 7);
  EXPECT_TRUE(config.api.require_idempotency_key);
  EXPECT_EQ(config.api.reads_per_second, 8);
  EXPECT_EQ(config.api.writes_per_second, 9);
  EXPECT_EQ(config.api.requests_per_second_per_address, 10);
  EXPECT_EQ(config.api.attempts_per_payment, 11);
  EXPECT_EQ(config.api.largest_amount, 12);
  EXPECT_EQ(config.late_money.after_cancel, LateMoney::keep);
  EXPECT_EQ(config.late_money.after_other_success, LateMoney::keep);
  EXPECT_EQ(config.late_money.after_expiry, LateMoney::refund);
  EXPECT_EQ(config.late_money.after_failure, LateMoney::refund);
  EXPECT_EQ(config.payments.expire_after, 2h);
  EXPECT_EQ(config.payments.transfers_expire_after, 72h);
  EXPECT_EQ(config.payments.review_after, 4min);
  EXPECT_EQ(config.payments.look_up_speed, 2.5);
  EXPECT_EQ(config.delivery.allowed_networks, Texts{"127.0.0.0/8"});
  EXPECT_TRUE(config.delivery.plain_http_allowed);
  EXPECT_EQ(config.delivery.schedule, (std::vector<std::chrono::seconds>{1s, 2min}));
  EXPECT_EQ(config.delivery.timeout, 9s);
  EXPECT_EQ(config.delivery.workers, 13);
  EXPECT_EQ(config.log.level, "error");
}

// A key by itself with a value of the wrong kind, below and above its range.
TEST_F(ConfigSections, no_key_takes_a_value_of_the_wrong_kind) {
  for (const ReadKey<Config>& each : section_keys()) {
    const std::string name(each.key.name);
    const std::string section = name.substr(0, name.find('.'));
    const std::string head = "[" + section + "]\n" + std::string(each.last_name()) + " = ";
    EXPECT_EQ(refusals_of(head + "1979-05-27\n").size(), 1u) << name;
    EXPECT_EQ(refusals_of(head + "{}\n").size(), 1u) << name;
    EXPECT_EQ(refusals_of(head + "\"\"\n").size(), 1u) << name;
  }
}

TEST_F(ConfigSections, numbers_have_ranges) {
  EXPECT_EQ(refusals_of("server.port = 65536"),
            Texts{"server.port must be a whole number from 1 to 65535, not 65536"});
  EXPECT_EQ(refusals_of("server.port = 1.5"),
            Texts{"server.port must be a whole number from 1 to 65535, not 1.5"});
  EXPECT_EQ(refusals_of("server.port = 99999999999").size(), 1u);
  EXPECT_EQ(refusals_of("api.largest_amount = 9007199254740991"), Texts{});
  EXPECT_EQ(refusals_of("api.largest_amount = 9007199254740992").size(), 1u);
  EXPECT_EQ(refusals_of("payments.look_up_speed = 0").size(), 1u);
  EXPECT_EQ(refusals_of("payments.look_up_speed = nan").size(), 1u);
  EXPECT_EQ(refusals_of("payments.look_up_speed = inf").size(), 1u);
}

TEST_F(ConfigSections, durations_need_their_unit) {
  EXPECT_EQ(refusals_of("payments.expire_after = 3600"),
            Texts{"payments.expire_after must be a duration with its unit, such as \"500ms\", "
                  "\"30s\", \"24h\" or \"7d\", not 3600"});
  EXPECT_EQ(refusals_of("payments.expire_after = \"1500ms\""),
            Texts{"payments.expire_after must be whole seconds, not \"1500ms\""});
  EXPECT_EQ(refusals_of("server.answer_within = \"1h\""),
            Texts{"server.answer_within must be from \"100ms\" to \"2m\", not \"1h\""});
}

TEST_F(ConfigSections, words_come_from_closed_lists) {
  EXPECT_EQ(refusals_of("late_money.after_cancel = \"refnud\""),
            Texts{"late_money.after_cancel must be \"keep\" or \"refund\", not \"refnud\"; did you "
                  "mean \"refund\"?"});
}

TEST_F(ConfigSections, networks_and_addresses_are_checked) {
  EXPECT_EQ(refusals_of("server.trusted_proxies = [\"10.0.0.0/8\", \"proxy.example\"]").size(), 1u);
  EXPECT_EQ(refusals_of("server.trusted_proxies = []"), Texts{});
  EXPECT_EQ(refusals_of("server.address = \"pay.example.com\"").size(), 1u);
  EXPECT_EQ(refusals_of("server.address = \"10.0.0.0/8\"").size(), 1u);
  EXPECT_EQ(refusals_of("server.public_url = \"pay.example.com\"").size(), 1u);
}

TEST_F(ConfigSections, the_public_url_defaults_to_what_can_be_called) {
  EXPECT_EQ(config_of("server.address = \"0.0.0.0\"").server.public_url, "http://127.0.0.1:8080");
  EXPECT_EQ(config_of("server.address = \"::1\"\nserver.port = 9").server.public_url,
            "http://[::1]:9");
}

TEST_F(ConfigSections, the_two_ports_differ) {
  EXPECT_EQ(refusals_of("server.port = 90\nserver.operations_port = 90").size(), 1u);
  EXPECT_EQ(refusals_of("server.port = 65535").size(), 1u);
  EXPECT_EQ(refusals_of("server.port = 65535\nserver.operations_port = 90"), Texts{});
}

TEST_F(ConfigSections, a_master_key_becomes_its_bytes) {
  const std::string bytes(32, '\xaa');
  EXPECT_EQ(config_of("").secrets.master_key.reveal(), bytes);
  set("SWITCHYARD_MASTER_KEY", to_base64(bytes));
  EXPECT_EQ(config_of("").secrets.master_key.reveal(), bytes);
  set("SWITCHYARD_MASTER_KEY", std::string(64, 'b') + "," + std::string(64, 'a'));
  EXPECT_EQ(config_of("").secrets.master_key.reveal(), std::string(32, '\xbb') + bytes);
}

TEST_F(ConfigSections, a_master_key_of_another_length_is_refused) {
  for (const char* key : {"aaaa", "not a key", ",", "YWJj"}) {
    set("SWITCHYARD_MASTER_KEY", key);
    const Texts found = refusals_of("");
    ASSERT_EQ(found.size(), 1u) << key;
    EXPECT_TRUE(found[0].starts_with("secrets.master_key must be 32 bytes")) << found[0];
  }
}

TEST_F(ConfigSections, the_file_goes_before_the_environment) {
  set("OTHER_URL", "postgresql://other/db");
  EXPECT_EQ(config_of("database.url = \"env:OTHER_URL\"").database.url.reveal(),
            "postgresql://other/db");
}

TEST_F(ConfigSections, a_reference_that_leads_nowhere_does_not_fall_back) {
  EXPECT_EQ(refusals_of("database.url = \"env:NOT_SET_HERE\"").size(), 1u);
  EXPECT_TRUE(
      read_config("database.url = \"env:NOT_SET_HERE\"", "t").config.database.url.is_empty());
}

TEST_F(ConfigSections, without_a_database_or_master_key_nothing_starts) {
  unset("DATABASE_URL");
  unset("SWITCHYARD_MASTER_KEY");
  EXPECT_EQ(refusals_of(""),
            (Texts{"database.url is missing, and the environment variable DATABASE_URL is not set "
                   "either",
                   "secrets.master_key is missing, and the environment variable "
                   "SWITCHYARD_MASTER_KEY is not set either"}));
}

TEST_F(ConfigSections, warns_of_passwords_written_here) {
  EXPECT_EQ(warnings_of("database.url = \"postgresql://me:secret@db/x\"").size(), 1u);
  EXPECT_EQ(warnings_of("database.url = \"host=db password=secret\"").size(), 1u);
  EXPECT_EQ(warnings_of("database.url = \"postgresql://me@db/x\""), Texts{});
  EXPECT_EQ(warnings_of("secrets.master_key = \"" + std::string(64, 'a') + "\"").size(), 1u);
}

}  // namespace
}  // namespace switchyard
