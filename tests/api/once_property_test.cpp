// Whatever is retried, in whatever order, with whatever crashes between: one key, one payment, one
// charge, one answer.
#include <rapidcheck.h>

#include "api/payments.h"
#include "base/id.h"
#include "running_api.h"

namespace switchyard::testing {
namespace {

enum class Deed { ask, ask_otherwise, lose_the_answer, let_the_lease_run_out };

const std::vector<std::string> tokens = {"tok_paid", "tok_declined", "tok_broken"};

TEST(OnceProperty, one_key_is_one_payment_one_charge_and_one_answer) {
  RunningApi running;
  const bool holds = rc::check([&] {
    // Several broken answers in a row would rest the account, which is another story.
    running.health.record("example_main", CallOutcome::answered, std::chrono::microseconds(1),
                          running.services.clock.now());
    const std::string key = new_id("key");
    const std::string token = *rc::gen::elementOf(tokens);
    const auto deeds = *rc::gen::container<std::vector<Deed>>(
        rc::gen::weightedElement<Deed>({{6, Deed::ask},
                                        {2, Deed::ask_otherwise},
                                        {2, Deed::lose_the_answer},
                                        {2, Deed::let_the_lease_run_out}}));
    const std::string body = card_payment(token, R"(,"external_id":")" + key + "\"");
    const int charges_before = running.provider.charges();
    std::string answer;  // the one that was stored
    std::string payment;
    bool is_used = false;
    for (const Deed deed : deeds) {
      const std::string of_key = " WHERE object_id = '" + payment + "'";
      if (deed == Deed::lose_the_answer && !payment.empty()) {
        running.execute(
            "DELETE FROM idempotency_answers WHERE key_hash IN (SELECT key_hash FROM "
            "idempotency_keys" +
            of_key + ")");
        running.execute(
            "UPDATE idempotency_keys SET state = 'running', finished_at = NULL, lease_until = "
            "now() + interval '15 seconds'" +
            of_key);
        answer.clear();
      } else if (deed == Deed::let_the_lease_run_out && !payment.empty()) {
        running.execute("UPDATE idempotency_keys SET lease_until = '-infinity'" + of_key);
      } else if (deed == Deed::ask_otherwise && is_used) {
        const Reply reply = running.ask(
            create_payment_call,
            {.body = card_payment("tok_paid", R"(,"description":"other")"), .key = key});
        RC_ASSERT(code_of(reply) == "idempotency_key_reused");
      } else if (deed == Deed::ask) {
        const Reply reply = running.ask(create_payment_call, {.body = body, .key = key});
        is_used = true;
        if (code_of(reply) == "idempotency_key_in_use") continue;
        RC_ASSERT(reply.status == 201 || reply.status == 402 || reply.status == 202);
        RC_ASSERT(answer.empty() || answer == reply.body);
        answer = reply.body;
        const std::string id =
            text_at(parse_json(reply.body), reply.status == 402 ? "error.payment.id" : "id");
        RC_ASSERT(payment.empty() || payment == id);
        payment = id;
      }
    }
    RC_ASSERT(running.provider.charges() - charges_before == (payment.empty() ? 0 : 1));
    RC_ASSERT(running.value("SELECT count(*) FROM payments WHERE external_id = '" + key + "'") ==
              (payment.empty() ? "0" : "1"));
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace switchyard::testing
