// A provider that stops answering leaves payments in doubt. Once it answers again they are settled
// at once, and not when their own next look would have come.
#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

// Own looks come after minutes.
constexpr const char* patient = R"(
[payments]
look_up_speed = 0.005

[[rule]]
name = "all"
use = ["example"]
)";
constexpr int lost = 3;

class Recovery : public ::testing::Test {
 protected:
  Recovery() : stack_({.config = patient}) {
    stack_.order_fault(all_webhooks_lost("example"));
    stack_.order_fault({{"provider", "example"},
                        {"method", "POST"},
                        {"path", "/charges"},
                        {"when", "after"},
                        {"action", "status:500"},
                        {"times", lost}});
    for (int i = 0; i < lost; ++i) in_doubt_.push_back(id_of(stack_.pay(example_card())));
  }

  Stack stack_;
  std::vector<std::string> in_doubt_;
};

TEST_F(Recovery, settles_all_doubt_as_soon_as_the_provider_answers_somebody) {
  for (const std::string& id : in_doubt_)
    EXPECT_EQ(text_at(stack_.payment(id), "status"), "processing");
  EXPECT_EQ(text_at(stack_.pay(example_card()).body, "status"), "succeeded");
  for (const std::string& id : in_doubt_) {
    stack_.wait_for_status(id, "succeeded");
    EXPECT_EQ(stack_.ledger_of(id, "charge").size(), 1u);
    stack_.expect_sound(id);
  }
}

TEST_F(Recovery, is_noticed_without_any_new_payment) {
  for (const std::string& id : in_doubt_) stack_.wait_for_status(id, "succeeded");
}

}  // namespace
}  // namespace switchyard::testing
