#include "domain/decline.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace switchyard {
namespace {

struct Expected {
  std::string_view name;
  std::string_view advice;
  Cascade cascade;
};

// Written apart from the table, so that a change there has to be meant.
// clang-format off
const std::vector<Expected> expected = {
    {"insufficient_funds",      "try_another_method", Cascade::never},
    {"card_declined",           "try_another_method", Cascade::once },
    {"do_not_honor",            "try_another_method", Cascade::once },
    {"expired_card",            "try_another_method", Cascade::never},
    {"incorrect_cvc",           "ask_customer",       Cascade::never},
    {"incorrect_number",        "ask_customer",       Cascade::never},
    {"lost_or_stolen",          "do_not_retry",       Cascade::never},
    {"suspected_fraud",         "do_not_retry",       Cascade::never},
    {"authentication_required", "ask_customer",       Cascade::never},
    {"authentication_failed",   "ask_customer",       Cascade::never},
    {"limit_exceeded",          "try_another_method", Cascade::once },
    {"payer_not_found",         "ask_customer",       Cascade::never},
    {"payer_rejected",          "ask_customer",       Cascade::never},
    {"payer_timeout",           "ask_customer",       Cascade::never},
    {"invalid_account",         "try_another_method", Cascade::never},
    {"currency_not_supported",  "try_another_method", Cascade::yes  },
    {"amount_too_small",        "try_another_method", Cascade::yes  },
    {"amount_too_large",        "try_another_method", Cascade::yes  },
    {"duplicate",               "do_not_retry",       Cascade::never},
    {"provider_error",          "try_again_later",    Cascade::yes  },
    {"provider_unavailable",    "try_again_later",    Cascade::yes  },
    {"configuration",           "contact_support",    Cascade::yes  },
    {"unmapped",                "try_another_method", Cascade::once },
};
// clang-format on

TEST(Decline, has_the_closed_list_with_its_advice_and_cascade) {
  ASSERT_EQ(all_declines().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const DeclineInfo& row = all_declines()[i];
    EXPECT_EQ(row.name, expected[i].name);
    EXPECT_EQ(row.advice, expected[i].advice) << row.name;
    EXPECT_EQ(row.cascade, expected[i].cascade) << row.name;
  }
}

TEST(Decline, has_a_sentence_of_its_own_for_each_reason) {
  std::set<std::string_view> sentences;
  for (const DeclineInfo& row : all_declines()) {
    EXPECT_TRUE(row.sentence.ends_with('.')) << row.name;
    EXPECT_TRUE(sentences.insert(row.sentence).second) << row.name;
  }
}

TEST(Decline, is_found_by_its_name_and_no_other) {
  for (const DeclineInfo& row : all_declines()) {
    EXPECT_EQ(find_decline(row.name), row.decline);
    EXPECT_EQ(info_of(row.decline).name, row.name);
  }
  EXPECT_FALSE(find_decline(""));
  EXPECT_FALSE(find_decline("Card_Declined"));
  EXPECT_FALSE(find_decline("generic_decline"));
}

TEST(Decline, reads_a_providers_code_in_any_case) {
  const std::vector<DeclineRow> table = {{"NOT_ENOUGH_FUNDS", Decline::insufficient_funds},
                                         {"stolen_card", Decline::lost_or_stolen}};
  EXPECT_EQ(decline_from(table, "not_enough_funds"), Decline::insufficient_funds);
  EXPECT_EQ(decline_from(table, "NOT_ENOUGH_FUNDS"), Decline::insufficient_funds);
  EXPECT_EQ(decline_from(table, "Stolen_Card"), Decline::lost_or_stolen);
}

TEST(Decline, is_unmapped_for_a_code_that_no_table_holds) {
  const std::vector<DeclineRow> table = {{"stolen_card", Decline::lost_or_stolen}};
  EXPECT_EQ(decline_from(table, "stolen"), Decline::unmapped);
  EXPECT_EQ(decline_from(table, "stolen_card "), Decline::unmapped);
  EXPECT_EQ(decline_from(table, ""), Decline::unmapped);
  EXPECT_EQ(decline_from({}, "stolen_card"), Decline::unmapped);
}

}  // namespace
}  // namespace switchyard
