#include "web/router.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

using Kind = Found::Kind;

Router router() {
  return Router({
      {"GET", "/v1/payments", {}, Access::secret},
      {"POST", "/v1/payments", {}, Access::secret},
      {"GET", "/v1/payments/{id}", {}, Access::publishable},
      {"PATCH", "/v1/payments/{id}", {}, Access::secret},
      {"POST", "/v1/payments/{id}/confirm", {}, Access::publishable},
      {"GET", "/v1/events/stream", {}, Access::secret},
      {"GET", "/v1/events/{id}", {}, Access::secret},
      {"DELETE", "/v1/events/{id}", {}, Access::secret},
      {"POST", "/webhooks/{account}", {}, Access::open},
      {"POST", "/webhooks/{account}/{anything...}", {}, Access::open},
      {"GET", "/", {}, Access::open},
  });
}

std::string pattern_of(const Found& found) { return found.route ? found.route->pattern : ""; }

TEST(Router, finds_routes_with_their_params) {
  const Router r = router();
  EXPECT_EQ(pattern_of(r.find("GET", "/v1/payments")), "/v1/payments");
  EXPECT_EQ(r.find("POST", "/v1/payments").index, 1u);
  const Found confirm = r.find("POST", "/v1/payments/pay_1/confirm");
  EXPECT_EQ(pattern_of(confirm), "/v1/payments/{id}/confirm");
  EXPECT_EQ(confirm.path_params, (Fields{{"id", "pay_1"}}));
  EXPECT_EQ(confirm.route->access, Access::publishable);
  EXPECT_EQ(pattern_of(r.find("GET", "/")), "/");
}

TEST(Router, gives_the_rest_of_a_path_to_a_last_param) {
  const Router r = router();
  EXPECT_EQ(r.find("POST", "/webhooks/mtn/a/b/").path_params,
            (Fields{{"account", "mtn"}, {"anything", "a/b/"}}));
  EXPECT_EQ(r.find("POST", "/webhooks/mtn").path_params, (Fields{{"account", "mtn"}}));
  EXPECT_EQ(r.find("POST", "/webhooks/mtn/").kind, Kind::not_found);
}

TEST(Router, prefers_what_is_written_out) {
  const Router r = router();
  EXPECT_EQ(pattern_of(r.find("GET", "/v1/events/stream")), "/v1/events/stream");
  EXPECT_EQ(pattern_of(r.find("GET", "/v1/events/streams")), "/v1/events/{id}");
  EXPECT_EQ(pattern_of(r.find("DELETE", "/v1/events/stream")), "/v1/events/{id}");
}

TEST(Router, finds_nothing_for_other_paths) {
  const Router r = router();
  for (const char* path : {"/v1", "/v1/", "/v1/payments/", "/v1/payment", "/v1/paymentss",
                           "/v1/payments/a/b", "/v1/payments/a/confirm/", "/V1/payments"})
    EXPECT_EQ(r.find("GET", path).kind, Kind::not_found) << path;
}

TEST(Router, names_the_methods_of_a_path_that_has_another) {
  const Router r = router();
  const Found found = r.find("DELETE", "/v1/payments");
  EXPECT_EQ(found.kind, Kind::method_not_allowed);
  EXPECT_EQ(found.allow, "GET, HEAD, POST");
  EXPECT_EQ(r.find("PUT", "/v1/events/stream").allow, "GET, HEAD, DELETE");
  EXPECT_EQ(r.find("PUT", "/v1/payments/pay_1").allow, "GET, HEAD, PATCH, OPTIONS");
}

TEST(Router, takes_head_for_get) {
  EXPECT_EQ(pattern_of(router().find("HEAD", "/v1/payments")), "/v1/payments");
  EXPECT_EQ(router().find("HEAD", "/webhooks/a").kind, Kind::method_not_allowed);
}

TEST(Router, answers_preflights_for_publishable_routes_only) {
  const Router r = router();
  const Found found = r.find("OPTIONS", "/v1/payments/pay_1");
  EXPECT_EQ(found.kind, Kind::preflight);
  EXPECT_EQ(found.allow, "GET");
  EXPECT_EQ(r.find("OPTIONS", "/v1/payments").kind, Kind::method_not_allowed);
  EXPECT_EQ(r.find("OPTIONS", "/webhooks/a").kind, Kind::method_not_allowed);
  EXPECT_EQ(r.find("OPTIONS", "/nothing").kind, Kind::not_found);
}

TEST(RouterDeathTest, refuses_two_routes_that_are_the_same) {
  EXPECT_DEATH(Router({{"GET", "/a/{id}", {}}, {"GET", "/a/{name}", {}}}), "");
}

}  // namespace
}  // namespace switchyard
