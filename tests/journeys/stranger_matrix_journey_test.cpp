// Every documented call × every kind of key × another merchant's ids: nobody sees, changes or
// learns of what is not theirs.
#include <algorithm>
#include <thread>

#include "store/merchants.h"
#include "tests/journeys/story.h"
#include "tests/support/openapi.h"

namespace switchyard::testing {
namespace {

constexpr const char* private_word = "confidential@example.com";

struct KeyKind {
  std::string name;
  std::string text;
  bool is_known = false;        // some merchant's, and not revoked
  bool is_publishable = false;  // of some merchant
};

// What merchant A has, by the collection that it is read from.
using Objects = std::map<std::string, std::vector<std::string>>;

class StrangerMatrix : public ::testing::Test {
 protected:
  void SetUp() override {
    const Json buyer = {{"customer", {{"external_id", "owner"}, {"email", private_word}}}};
    const JsonAnswer paid = stack_.pay(stripe_card(), buyer);
    const JsonAnswer waiting = stack_.pay(transfer, buyer);
    const JsonAnswer refund =
        stack_.post("/v1/payments/" + id_of(paid) + "/refunds", {{"amount", 100}});
    objects_["payments"] = {id_of(paid), id_of(waiting)};
    objects_["refunds"] = {id_of(refund)};
    objects_["customers"] = {text_at(paid.body, "customer")};
    objects_["events"] = {stack_.value("SELECT min(id) FROM events")};
    objects_["webhook_endpoints"] = {stack_.endpoint()};
    for (const auto& [name, ids] : objects_)
      for (const std::string& id : ids) ASSERT_NE(id, "") << name;
    client_secret_ = text_at(waiting.body, "client_secret");
    // The providers' webhooks about these payments may still be on their way.
    ASSERT_TRUE(wait_until([&] {
      const auto seen = everything();
      std::this_thread::sleep_for(std::chrono::seconds(1));
      return seen == everything();
    }));
  }

  std::vector<KeyKind> kinds() {
    Database database(stack_.database_url(), 1);
    const Keys other = stack_.make_merchant("Other");
    const auto key = [&](const std::string& merchant, Mode mode, bool is_publishable) {
      return create_key(database, merchant, mode, is_publishable).value();
    };
    const std::string& owner = stack_.keys().merchant;
    const NewApiKey revoked = key(owner, Mode::test, false);
    EXPECT_TRUE(revoke_key(database, revoked.key.id).value());
    return {
        {"no key", "none"},
        {"a word", "sk_test_notakey"},
        {"a key with a letter more", stack_.keys().secret + "a"},
        {"a key in capitals", upper(stack_.keys().secret)},
        {"the owner's, revoked", revoked.text.reveal()},
        {"the owner's database id", revoked.key.id},
        {"another's secret", other.secret, true, false},
        {"another's live secret", key(other.merchant, Mode::live, false).text.reveal(), true,
         false},
        {"another's publishable", other.publishable, true, true},
        {"another's live publishable", key(other.merchant, Mode::live, true).text.reveal(), true,
         true},
        {"the owner's live secret", key(owner, Mode::live, false).text.reveal(), true, false},
        {"the owner's live publishable", key(owner, Mode::live, true).text.reveal(), true, true},
    };
  }

  static std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
  }

  // Each with every id of the owner's that fits.
  std::vector<std::string> paths_of(const std::string& path) const {
    const std::size_t mark = path.find("{id}");
    if (mark == std::string::npos) return {path};
    const std::string collection = path.substr(4, path.find('/', 4) - 4);
    std::vector<std::string> paths;
    for (const std::string& id : objects_.at(collection))
      paths.push_back(path.substr(0, mark) + id + path.substr(mark + 4));
    return paths;
  }

  // Bodies that name what is the owner's.
  Json body_for(const std::string& method, const std::string& path) const {
    if (path == "/v1/payments")
      return {{"amount", 100},
              {"currency", "USD"},
              {"customer", {{"id", objects_.at("customers").front()}}}};
    if (path == "/v1/refunds")
      return {{"payment", objects_.at("payments").front()}, {"amount", 100}};
    if (path.ends_with("/confirm") && path.find("/transfer/") == std::string::npos)
      return {{"payment_method", stripe_card()}, {"client_secret", client_secret_}};
    if (path.ends_with("/review")) return {{"decision", "refund"}};
    if (path.ends_with("/transfer/confirm"))
      return {
          {"amount", 4999}, {"bank_reference", "stolen"}, {"received_at", "2026-11-20T07:00:00Z"}};
    if (path.ends_with("/transfer/reject")) return {{"reason", "stolen"}};
    if (path.ends_with("/refunds")) return {{"amount", 100}};
    if (method != "PATCH") return Json::object();
    if (path.find("/webhook_endpoints/") != std::string::npos)
      return {{"description", "taken over"}};
    if (path.find("/customers/") != std::string::npos) return {{"name", "taken over"}};
    return Json::object();
  }

  // All rows that are the owner's in test mode, a text a table: its live key may make others.
  std::map<std::string, std::string> everything() {
    std::map<std::string, std::string> all;
    for (const char* table :
         {"payments", "attempts", "refunds", "customers", "endpoints", "events", "journal_lines"})
      all[table] = stack_.value("SELECT coalesce(string_agg(t::text, '|' ORDER BY id), '') FROM " +
                                std::string(table) + " t WHERE merchant_id = '" +
                                stack_.keys().merchant + "' AND mode = 'test'");
    return all;
  }

  Stack stack_;
  Objects objects_;
  std::string client_secret_;
};

TEST_F(StrangerMatrix, C1_nobody_reaches_what_is_not_theirs) {
  const auto before = everything();
  const std::vector<KeyKind> all = kinds();
  int checks = 0;
  for (const Operation& operation : operations()) {
    if (!operation.path.starts_with("/v1/")) continue;
    const bool names_object = operation.path.find("{id}") != std::string::npos;
    for (const std::string& path : paths_of(operation.path)) {
      for (const KeyKind& kind : all) {
        const std::string what = operation.method + " " + path + " with " + kind.name;
        const JsonAnswer answer =
            stack_.call(operation.method, path, body_for(operation.method, path), {}, kind.text);
        ++checks;
        EXPECT_EQ(answer.text.find(private_word), std::string::npos) << what << ": " << answer.text;
        if (!kind.is_known)
          EXPECT_EQ(answer.status, 401) << what << ": " << answer.text;
        else if (names_object)
          EXPECT_TRUE(answer.status == 404 || answer.status == 403 ||
                      (kind.is_publishable && answer.status == 401))
              << what << ": " << answer.status << " " << answer.text;
        else
          // What it makes or lists is its own.
          for (const auto& [collection, ids] : objects_)
            for (const std::string& id : ids)
              EXPECT_EQ(answer.text.find(id), std::string::npos) << what << ": " << answer.text;
      }
    }
  }
  EXPECT_GT(checks, 500);
  for (const auto& [table, rows] : everything())
    EXPECT_TRUE(rows == before.at(table)) << table << "\n" << before.at(table) << "\n" << rows;
}

}  // namespace
}  // namespace switchyard::testing
