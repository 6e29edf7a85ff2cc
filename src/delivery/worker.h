// Delivers events to merchants' endpoints: claims what is due, signs it, posts it, and marks what
// came of it. At least once; in order within a payment. Any number of routers may do so at once.
#pragma once

#include <chrono>
#include <memory>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/metrics.h"
#include "delivery/try.h"
#include "http/client.h"
#include "store/database.h"
#include "store/writer.h"

namespace switchyard {

// One thread that talks to the database; the HTTP client's thread sends. What is given by reference
// outlives it.
class Delivery {
 public:
  Delivery(DeliveryOptions options, Database& database, Writer& writer, HttpClient& http,
           const Sealer& sealer, const Clock& clock, Metrics& metrics);
  // As drain(0): what is still under way keeps its lease until it runs out, and is then sent again.
  ~Delivery();
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // There are new deliveries. Safe from any thread; never waits for the database.
  void wake();
  // Claims and sends nothing more, gives back what was not sent, and waits so long for what is
  // under way. Final.
  void drain(std::chrono::milliseconds within);

 private:
  struct Inside;
  std::shared_ptr<Inside> inside_;  // also of the tries under way, which may end after us
};

}  // namespace switchyard
