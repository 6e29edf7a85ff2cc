#include "domain/record.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

Attempt charge(std::string id, AttemptStatus status) {
  return {.id = std::move(id), .status = status};
}

TEST(PaymentRecord, finds_its_parts_by_id) {
  PaymentRecord record;
  record.attempts = {charge("att_1", AttemptStatus::refused),
                     charge("att_2", AttemptStatus::captured)};
  record.steps = {{.id = "stp_1"}, {.id = "stp_2"}};
  record.refunds = {{.id = "ref_1"}, {.id = "ref_2"}};
  EXPECT_EQ(record.find_attempt("att_2"), &record.attempts[1]);
  EXPECT_EQ(std::as_const(record).find_attempt("att_1"), &record.attempts[0]);
  EXPECT_EQ(record.find_step("stp_2"), &record.steps[1]);
  EXPECT_EQ(record.find_refund("ref_2"), &record.refunds[1]);
  EXPECT_EQ(record.find_attempt("att_3"), nullptr);
  EXPECT_EQ(record.find_refund(""), nullptr);
}

TEST(PaymentRecord, finds_the_latest_step_of_one_attempt) {
  PaymentRecord record;
  record.steps = {{.id = "stp_1", .attempt_id = "att_1", .number = 2},
                  {.id = "stp_2", .attempt_id = "att_1", .number = 1},
                  {.id = "stp_3", .attempt_id = "att_2", .number = 3}};
  EXPECT_EQ(record.latest_step("att_1"), &record.steps[0]);
  EXPECT_EQ(record.latest_step("att_3"), nullptr);
}

TEST(PaymentRecord, has_a_live_charge_only_while_money_may_move_by_it) {
  PaymentRecord record;
  record.attempts = {charge("att_1", AttemptStatus::refused),
                     charge("att_2", AttemptStatus::unknown)};
  EXPECT_EQ(record.live_charge(), &record.attempts[1]);
  record.attempts[1].status = AttemptStatus::not_sent;
  EXPECT_EQ(record.live_charge(), nullptr);
}

TEST(PaymentRecord, does_not_count_late_money_or_other_operations_as_a_live_charge) {
  PaymentRecord record;
  record.attempts = {charge("att_1", AttemptStatus::captured),
                     charge("att_2", AttemptStatus::sending)};
  record.attempts[0].late = true;
  record.attempts[1].operation = Operation::refund;
  EXPECT_EQ(record.live_charge(), nullptr);
  record.attempts[0].late = false;
  EXPECT_EQ(std::as_const(record).live_charge(), &record.attempts[0]);
}

}  // namespace
}  // namespace switchyard
