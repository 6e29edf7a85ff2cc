// One try: the request that is sent, and what its outcome does to the delivery.
#pragma once

#include "delivery/held.h"
#include "delivery/schedule.h"
#include "http/client.h"

namespace switchyard {

struct DeliveryOptions {
  Schedule schedule = default_schedule();
  std::chrono::milliseconds timeout{15'000};
  int workers = 64;                 // tries under way at once
  bool plain_http_allowed = false;  // in test mode only, whatever it says
  std::vector<std::string> allowed_networks = {};
  // How long a router that is gone keeps others from its deliveries. Not bound to the timeout: a
  // heartbeat extends the lease of what is still under way.
  std::chrono::milliseconds lease{5'000};
  std::chrono::milliseconds poll{
      500};  // when nobody wakes us: for retries and other routers' events
};

// Signed at this time with every secret that holds. Nothing when none can be used. Moves the body
// out of the delivery: only the request needs it from here on.
std::optional<HttpRequest> build_request(ClaimedDelivery& delivery, Time at);
SendOptions send_options(const DeliveryOptions& options, Mode mode);

DeliveryTry read_outcome(const Answered& answered, const Schedule& schedule);

// The first 4 KiB of an answer as text that any reader can take.
std::string readable_answer(std::string_view body);

}  // namespace switchyard
