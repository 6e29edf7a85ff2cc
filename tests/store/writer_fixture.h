// A writer with a database of its own and two merchants in it.
#pragma once

#include <gtest/gtest.h>

#include "base/id.h"
#include "domain/describe.h"
#include "postgres.h"
#include "store/payments.h"
#include "store/query.h"
#include "store/writer.h"

namespace switchyard {

class WriterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(database.write([&](Transaction& transaction) -> Result<void> {
      transaction.exec("INSERT INTO merchants (id, name) VALUES ('mer_a', 'A'), ('mer_b', 'B')");
      return {};
    }));
  }

  Payment new_payment(const std::string& merchant = "mer_a") {
    Payment p;
    p.id = new_id("pay");
    p.merchant_id = merchant;
    p.money = {4999, *find_currency("USD")};
    p.created_at = p.updated_at = clock.now();
    p.expires_at = clock.now() + std::chrono::hours(24);
    return p;
  }

  Command creation(const Payment& payment) {
    Command command;
    command.decide = [payment](Draft& draft) -> Result<void> {
      draft.has_record = true;
      draft.record.payment = payment;
      draft.changes.events.push_back(event_of(payment, "payment.created"));
      return {};
    };
    return command;
  }

  static NewEvent event_of(const Payment& payment, const std::string& type) {
    return {.id = new_id("evt"),
            .type = type,
            .merchant_id = payment.merchant_id,
            .mode = payment.mode,
            .payment_id = payment.id,
            .object = payment_json(payment, {})};
  }

  std::string value(const std::string& sql) {
    std::string text;
    EXPECT_TRUE(database.read([&](Transaction& transaction) -> Result<void> {
      const auto rows = transaction.exec(sql);
      text = rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].c_str();
      return {};
    }));
    return text;
  }

  SystemClock clock;
  Metrics metrics;
  Sealer sealer{Secret(std::string(32, 'k'))};
  Secret url = testing::fresh_database();
  Database database{url, 4};
  Writer writer{url, sealer, clock, metrics};
};

}  // namespace switchyard
