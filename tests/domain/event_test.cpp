#include "domain/event.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace switchyard {
namespace {

TEST(Event, has_the_closed_list_of_types) {
  const std::set<std::string_view> expected = {"payment.created",
                                               "payment.processing",
                                               "payment.requires_action",
                                               "payment.requires_capture",
                                               "payment.succeeded",
                                               "payment.attempt_failed",
                                               "payment.failed",
                                               "payment.canceled",
                                               "payment.expired",
                                               "payment.refunded",
                                               "payment.partially_refunded",
                                               "payment.overpaid",
                                               "payment.review_required",
                                               "refund.created",
                                               "refund.succeeded",
                                               "refund.failed",
                                               "refund.canceled",
                                               "checkout_session.completed",
                                               "checkout_session.expired",
                                               "checkout_session.canceled",
                                               "customer.created",
                                               "customer.updated",
                                               "dispute.opened",
                                               "dispute.closed",
                                               "endpoint.disabled"};
  const auto all = all_event_types();
  EXPECT_EQ(std::set<std::string_view>(all.begin(), all.end()), expected);
  EXPECT_EQ(all.size(), expected.size());
}

TEST(Event, fits_a_filter_that_names_it) {
  EXPECT_TRUE(fits_filter("refund.succeeded", "refund.succeeded"));
  EXPECT_FALSE(fits_filter("refund.succeeded", "refund.failed"));
  EXPECT_FALSE(fits_filter("refund.succeeded", "refund.succeede"));
  EXPECT_FALSE(fits_filter("refund.succeede", "refund.succeeded"));
  EXPECT_FALSE(fits_filter("refund.succeeded", ""));
}

TEST(Event, fits_a_filter_with_stars) {
  EXPECT_TRUE(fits_filter("payment.failed", "*"));
  EXPECT_TRUE(fits_filter("payment.failed", "payment.*"));
  EXPECT_TRUE(fits_filter("payment.failed", "*.failed"));
  EXPECT_TRUE(fits_filter("payment.attempt_failed", "*failed"));
  EXPECT_TRUE(fits_filter("payment.attempt_failed", "p*t*failed*"));
  EXPECT_FALSE(fits_filter("payment.failed", "refund.*"));
  EXPECT_FALSE(fits_filter("payment.failed", "*.succeeded"));
  EXPECT_FALSE(fits_filter("payment.failed", "payment.*x"));
  EXPECT_FALSE(fits_filter("payments.failed", "payment.*"));
}

TEST(Event, filter_is_one_only_when_some_type_fits_it) {
  EXPECT_TRUE(is_event_filter("*"));
  EXPECT_TRUE(is_event_filter("payment.*"));
  EXPECT_TRUE(is_event_filter("endpoint.disabled"));
  EXPECT_FALSE(is_event_filter(""));
  EXPECT_FALSE(is_event_filter("payment"));
  EXPECT_FALSE(is_event_filter("payment.paid"));
  EXPECT_FALSE(is_event_filter("invoice.*"));
  EXPECT_FALSE(is_event_filter("Payment.*"));
}

TEST(Event, fits_every_type_to_itself) {
  for (const std::string_view type : all_event_types())
    for (const std::string_view other : all_event_types())
      EXPECT_EQ(fits_filter(type, other), type == other) << type << " " << other;
}

}  // namespace
}  // namespace switchyard
