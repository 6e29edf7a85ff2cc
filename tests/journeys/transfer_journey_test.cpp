// A bank transfer, confirmed by a person.
#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

JsonAnswer confirm(Stack& stack, const std::string& id, std::int64_t amount,
                   const std::string& reference) {
  return stack.post("/v1/payments/" + id + "/transfer/confirm",
                    {{"amount", amount},
                     {"bank_reference", reference},
                     {"received_at", "2026-11-20T07:00:00.000Z"}});
}

TEST(TransferJourney, the_payer_is_told_where_to_send_it) {
  Stack stack;
  const JsonAnswer made = stack.pay(transfer);
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(status_of(made), "requires_action");
  EXPECT_EQ(text_at(made.body, "next_action.type"), "transfer_instructions");
  EXPECT_EQ(text_at(made.body, "next_action.transfer_instructions.account_number"), "000123456789");
  EXPECT_EQ(integer_at(made.body, "next_action.transfer_instructions.amount"), 4999);
}

TEST(TransferJourney, too_little_waits_for_the_rest) {
  Stack stack;
  const std::string id = id_of(stack.pay(transfer));
  const JsonAnswer first = confirm(stack, id, 3000, "FT-1");
  ASSERT_EQ(first.status, 200) << first.text;
  EXPECT_EQ(status_of(first), "requires_action");
  EXPECT_EQ(integer_at(first.body, "amount_received"), 3000);
  const JsonAnswer rest = confirm(stack, id, 1999, "FT-2");
  EXPECT_EQ(status_of(rest), "succeeded") << rest.text;
  EXPECT_EQ(integer_at(rest.body, "amount_received"), 4999);
  EXPECT_FALSE(stack.has_received(id, "payment.overpaid"));
  stack.expect_sound(id);
}

TEST(TransferJourney, the_same_transfer_counts_once) {
  Stack stack;
  const std::string id = id_of(stack.pay(transfer));
  EXPECT_EQ(confirm(stack, id, 3000, "FT-1").status, 200);
  const JsonAnswer again = confirm(stack, id, 3000, "FT-1");
  EXPECT_EQ(again.status, 200) << again.text;
  EXPECT_EQ(integer_at(again.body, "amount_received"), 3000);
  const JsonAnswer other_amount = confirm(stack, id, 1999, "FT-1");
  EXPECT_EQ(other_amount.status, 409) << other_amount.text;
  const std::string other = id_of(stack.pay(transfer));
  const JsonAnswer elsewhere = confirm(stack, other, 3000, "FT-1");
  EXPECT_EQ(elsewhere.status, 409) << elsewhere.text;
  EXPECT_EQ(text_at(elsewhere.body, "error.code"), "bank_reference_used");
  EXPECT_EQ(integer_at(stack.payment(other), "amount_received"), 0);
  stack.expect_sound(id);
}

TEST(TransferJourney, too_much_succeeds_and_is_told) {
  Stack stack;
  const std::string id = id_of(stack.pay(transfer));
  const JsonAnswer paid = confirm(stack, id, 6000, "FT-1");
  EXPECT_EQ(status_of(paid), "succeeded") << paid.text;
  EXPECT_EQ(integer_at(paid.body, "amount_received"), 6000);
  EXPECT_TRUE(wait_until([&] { return stack.has_received(id, "payment.overpaid"); }));
  stack.expect_sound(id);
}

TEST(TransferJourney, it_can_be_rejected) {
  Stack stack;
  const std::string id = id_of(stack.pay(transfer));
  const JsonAnswer rejected =
      stack.post("/v1/payments/" + id + "/transfer/reject", {{"reason", "Never came."}});
  ASSERT_EQ(rejected.status, 200) << rejected.text;
  EXPECT_EQ(status_of(rejected), "failed");
  stack.expect_sound(id);
}

}  // namespace
}  // namespace switchyard::testing
