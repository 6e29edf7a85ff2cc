#include <gtest/gtest.h>

#include "api/client_secret.h"
#include "api/once.h"
#include "app/routes.h"
#include "openapi.h"

namespace switchyard {
namespace {

// Handlers are made, never called: what they refer to must only exist.
TEST(Routes, K16_are_those_of_the_openapi_document) {
  Metrics metrics;
  SystemClock clock;
  const Secret nowhere("host=/nonexistent");
  const Sealer sealer(Secret(std::string(32, 'k')));
  Database database(nowhere, 1);
  Writer writer(nowhere, sealer, clock, metrics);
  HttpClient http(metrics);
  SetupBox setup(std::make_shared<const switchyard::Setup>());
  HealthBook health;
  Pool pool(1);
  InFlight in_flight;
  Services services{clock, database, writer, http, sealer, metrics, setup, health, pool, in_flight};
  Authenticator authenticator(database);
  RateLimit rate_limit(0, 0, 0);
  KeyKeeper keys(database);
  GuessLimit guesses;
  Api api{services, authenticator, rate_limit, keys, guesses};
  std::vector<testing::Operation> routes;
  for (const Route& route : public_routes(api, [] { return false; }))
    routes.push_back({route.method, route.pattern});
  EXPECT_EQ(testing::differences(testing::operations(), routes), std::vector<std::string>{});
}

}  // namespace
}  // namespace switchyard
