#include "domain/describe.h"

#include <gtest/gtest.h>

#include <vector>

namespace switchyard {
namespace {

const Time seven = *parse_rfc3339("2026-11-20T07:00:00.000Z");
const Time eight = *parse_rfc3339("2026-11-20T08:00:00.120Z");

Payment payment() {
  return {.id = "pay_1",
          .merchant_id = "mer_1",
          .status = PaymentStatus::requires_action,
          .money = {4999, *find_currency("USD")},
          .method = PaymentMethod{.rail = Rail::hosted_page},
          .external_id = "order_123",
          .description = "Order 123",
          .customer_id = "cus_1",
          .country = "LR",
          .return_url = "https://shop.example/done",
          .metadata = {{"order_id", "123"}},
          .next_action = {{"type", "redirect"}, {"redirect", {{"url", "https://pay.example/x"}}}},
          .created_at = seven,
          .updated_at = eight,
          .expires_at = eight};
}

Attempt attempt(int number, std::string account, AttemptStatus status) {
  return {.id = "att_" + std::to_string(number),
          .payment_id = "pay_1",
          .merchant_id = "mer_1",
          .number = number,
          .account = std::move(account),
          .status = status,
          .money = {4999, *find_currency("USD")},
          .provider_reference = "ref_" + std::to_string(number),
          .rule = "cards-usd",
          .reason = "weight 100",
          .created_at = seven};
}

TEST(Describe, shows_a_payment_as_the_contract_does) {
  const std::vector<Attempt> attempts = {
      attempt(1, "mintcash_main", AttemptStatus::requires_action)};
  EXPECT_EQ(payment_json(payment(), attempts), Json::parse(R"({
    "id": "pay_1", "object": "payment", "livemode": false, "environment": "test",
    "status": "requires_action", "amount": 4999, "currency": "USD", "amount_display": "USD 49.99",
    "amount_capturable": 0, "amount_received": 0, "amount_refunded": 0,
    "external_id": "order_123", "description": "Order 123", "customer": "cus_1", "country": "LR",
    "metadata": {"order_id": "123"}, "capture_method": "automatic",
    "payment_method": {"type": "hosted_page"}, "return_url": "https://shop.example/done",
    "next_action": {"type": "redirect", "redirect": {"url": "https://pay.example/x"}},
    "last_error": null, "late": false, "review": null, "cancel_requested": false,
    "provider": "mintcash_main", "provider_reference": "ref_1",
    "attempts": [{"id": "att_1", "account": "mintcash_main", "status": "requires_action",
      "certainty": "accepted", "provider_reference": "ref_1", "decline_code": null, "advice": null,
      "route": {"rule": "cards-usd", "reason": "weight 100", "rank": 1},
      "created_at": "2026-11-20T07:00:00.000Z"}],
    "created_at": "2026-11-20T07:00:00.000Z", "updated_at": "2026-11-20T08:00:00.120Z",
    "expires_at": "2026-11-20T08:00:00.120Z", "finished_at": null})"));
}

TEST(Describe, says_null_for_what_a_payment_does_not_have) {
  const Json json = payment_json({.id = "pay_1"}, {});
  for (const auto field :
       {"external_id", "description", "customer", "country", "payment_method", "return_url",
        "next_action", "last_error", "review", "provider", "provider_reference", "finished_at"}) {
    ASSERT_TRUE(json.contains(field)) << field;
    EXPECT_TRUE(json[field].is_null()) << field;
  }
  EXPECT_EQ(write_json(json["metadata"]), "{}");
  EXPECT_EQ(write_json(json["attempts"]), "[]");
}

TEST(Describe, shows_how_a_payment_ended) {
  Payment ended = payment();
  ended.mode = Mode::live;
  ended.status = PaymentStatus::succeeded;
  ended.capture_method = CaptureMethod::manual;
  ended.amount_capturable = 1;
  ended.amount_received = 4999;
  ended.amount_refunded = 2;
  ended.late = true;
  ended.cancel_requested = true;
  ended.review = Review::amount_mismatch;
  ended.finished_at = eight;
  const Json json = payment_json(ended, {});
  EXPECT_EQ(json["livemode"], true);
  EXPECT_EQ(json["environment"], "live");
  EXPECT_EQ(json["capture_method"], "manual");
  EXPECT_EQ(json["amount_capturable"], 1);
  EXPECT_EQ(json["amount_received"], 4999);
  EXPECT_EQ(json["amount_refunded"], 2);
  EXPECT_EQ(json["late"], true);
  EXPECT_EQ(json["cancel_requested"], true);
  EXPECT_EQ(json["review"], "amount_mismatch");
  EXPECT_EQ(json["finished_at"], "2026-11-20T08:00:00.120Z");
}

TEST(Describe, shows_why_a_payment_failed) {
  Payment declined = payment();
  declined.last_error = LastError{.decline_code = "insufficient_funds",
                                  .message = "Not enough.",
                                  .advice = "try_another_method",
                                  .account = "mtn_lr",
                                  .provider_code = "NOT_ENOUGH_FUNDS"};
  EXPECT_EQ(payment_json(declined, {})["last_error"], Json::parse(R"({
    "decline_code": "insufficient_funds", "message": "Not enough.", "advice": "try_another_method",
    "account": "mtn_lr", "provider_code": "NOT_ENOUGH_FUNDS"})"));
}

TEST(Describe, shows_a_method_with_the_fields_of_its_rail) {
  Payment each = payment();
  each.method = {.rail = Rail::mobile_money, .network = "mtn", .phone_number = "+231881111003"};
  EXPECT_EQ(write_json(payment_json(each, {})["payment_method"]),
            R"({"type":"mobile_money","network":"mtn","phone_number":"+231881111003"})");
  each.method = {.rail = Rail::wallet, .kind = "paypal"};
  EXPECT_EQ(write_json(payment_json(each, {})["payment_method"]),
            R"({"type":"wallet","kind":"paypal","phone_number":null})");
  each.method = {.rail = Rail::manual_transfer};
  EXPECT_EQ(write_json(payment_json(each, {})["payment_method"]), R"({"type":"manual_transfer"})");
}

TEST(Describe, K2_never_shows_a_card_token) {
  Payment by_card = payment();
  by_card.method = {.rail = Rail::card, .token = "tok_secret", .token_account = "stripe_us"};
  const Json json = payment_json(by_card, {});
  EXPECT_EQ(write_json(json["payment_method"]), R"({"type":"card","token_account":"stripe_us"})");
  EXPECT_EQ(write_json(json).find("tok_secret"), std::string::npos);
}

TEST(Describe, O14_never_shows_a_client_secret_or_what_is_for_operators_only) {
  std::vector<Attempt> attempts = {attempt(1, "a", AttemptStatus::refused)};
  attempts[0].provider_message = "for the operator";
  attempts[0].memory = {{"session", "for the adapter"}};
  const std::string text = write_json(payment_json(payment(), attempts));
  for (const auto part : {"client_secret", "for the operator", "for the adapter", "mer_1"})
    EXPECT_EQ(text.find(part), std::string::npos) << part;
}

TEST(Describe, names_the_latest_live_charge_as_the_provider) {
  const std::vector<Attempt> attempts = {attempt(3, "third", AttemptStatus::refused),
                                         attempt(2, "second", AttemptStatus::captured),
                                         attempt(1, "first", AttemptStatus::unknown)};
  const Json json = payment_json(payment(), attempts);
  EXPECT_EQ(json["provider"], "second");
  EXPECT_EQ(json["provider_reference"], "ref_2");
}

TEST(Describe, names_the_latest_charge_when_none_is_live) {
  const std::vector<Attempt> attempts = {attempt(2, "second", AttemptStatus::canceled),
                                         attempt(1, "first", AttemptStatus::refused)};
  EXPECT_EQ(payment_json(payment(), attempts)["provider"], "second");
}

TEST(Describe, lists_only_charges_in_order) {
  std::vector<Attempt> attempts = {attempt(3, "c", AttemptStatus::captured),
                                   attempt(2, "b", AttemptStatus::captured),
                                   attempt(1, "a", AttemptStatus::refused)};
  attempts[0].operation = Operation::refund;
  const Json json = payment_json(payment(), attempts);
  ASSERT_EQ(json["attempts"].size(), 2u);
  EXPECT_EQ(json["attempts"][0]["id"], "att_1");
  EXPECT_EQ(json["attempts"][1]["id"], "att_2");
  EXPECT_EQ(json["provider"], "b");
}

TEST(Describe, shows_an_attempts_reason_with_its_advice_and_certainty) {
  std::vector<Attempt> attempts = {attempt(1, "a", AttemptStatus::refused)};
  attempts[0].decline_code = "lost_or_stolen";
  attempts[0].rank = 2;
  const Json shown = payment_json(payment(), attempts)["attempts"][0];
  EXPECT_EQ(shown["decline_code"], "lost_or_stolen");
  EXPECT_EQ(shown["advice"], "do_not_retry");
  EXPECT_EQ(shown["certainty"], "refused");
  EXPECT_EQ(shown["route"]["rank"], 2);
}

Refund refund() {
  return {.id = "ref_1",
          .payment_id = "pay_1",
          .merchant_id = "mer_1",
          .charge_attempt_id = "att_1",
          .money = {250000, *find_currency("IDR")},
          .reason = "duplicate",
          .account = "xendit_id",
          .created_at = seven,
          .updated_at = seven};
}

TEST(Describe, shows_a_refund) {
  EXPECT_EQ(refund_json(refund()), Json::parse(R"({
    "id": "ref_1", "object": "refund", "livemode": false, "environment": "test",
    "payment": "pay_1", "attempt": "att_1", "status": "pending", "amount": 250000,
    "currency": "IDR", "amount_display": "IDR 250,000", "reason": "duplicate",
    "description": null, "external_id": null, "metadata": {}, "provider": "xendit_id",
    "provider_reference": null, "decline_code": null, "advice": null, "automatic": false,
    "made_elsewhere": false, "created_at": "2026-11-20T07:00:00.000Z",
    "updated_at": "2026-11-20T07:00:00.000Z", "finished_at": null})"));
}

TEST(Describe, shows_how_a_refund_ended) {
  Refund ended = refund();
  ended.mode = Mode::live;
  ended.status = RefundStatus::failed;
  ended.description = "as agreed";
  ended.external_id = "rma_1";
  ended.metadata = {{"k", "v"}};
  ended.provider_reference = "rf_9";
  ended.decline_code = "provider_error";
  ended.is_automatic = true;
  ended.made_elsewhere = true;
  ended.finished_at = eight;
  const Json json = refund_json(ended);
  EXPECT_EQ(json["livemode"], true);
  EXPECT_EQ(json["status"], "failed");
  EXPECT_EQ(json["description"], "as agreed");
  EXPECT_EQ(json["external_id"], "rma_1");
  EXPECT_EQ(json["metadata"]["k"], "v");
  EXPECT_EQ(json["provider_reference"], "rf_9");
  EXPECT_EQ(json["decline_code"], "provider_error");
  EXPECT_EQ(json["advice"], "try_again_later");
  EXPECT_EQ(json["automatic"], true);
  EXPECT_EQ(json["made_elsewhere"], true);
  EXPECT_EQ(json["finished_at"], "2026-11-20T08:00:00.120Z");
}

TEST(Describe, shows_a_customer) {
  const Customer jane = {.id = "cus_1",
                         .merchant_id = "mer_1",
                         .mode = Mode::live,
                         .external_id = "cust_42",
                         .email = "jane@example.com",
                         .name = "Jane Doe",
                         .metadata = {{"tier", "pro"}},
                         .created_at = seven,
                         .updated_at = eight};
  EXPECT_EQ(customer_json(jane), Json::parse(R"({
    "id": "cus_1", "object": "customer", "livemode": true, "environment": "live",
    "external_id": "cust_42", "email": "jane@example.com", "name": "Jane Doe", "phone": null,
    "metadata": {"tier": "pro"}, "created_at": "2026-11-20T07:00:00.000Z",
    "updated_at": "2026-11-20T08:00:00.120Z"})"));
  Customer other = jane;
  EXPECT_EQ(other, jane);
  other.phone = "+231881111003";
  EXPECT_NE(other, jane);
}

}  // namespace
}  // namespace switchyard
