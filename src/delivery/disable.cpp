#include "delivery/disable.h"

#include "base/id.h"
#include "base/log.h"
#include "store/describe_endpoint.h"

namespace switchyard {
namespace {

NewEvent event_about(const Endpoint& endpoint, const ClaimedDelivery& delivery) {
  return {.id = new_id("evt"),
          .type = "endpoint.disabled",
          .merchant_id = endpoint.merchant_id,
          .mode = endpoint.mode,
          .object = describe_endpoint(endpoint),
          .cause = {{"kind", "delivery"}, {"delivery", delivery.id}, {"event", delivery.event_id}}};
}

}  // namespace

void disable_endpoint(const ClaimedDelivery& delivery, const std::string& reason,
                      Database& database, Writer& writer, const Sealer& sealer, const Clock& clock,
                      std::function<void()> done) {
  const auto found =
      find_endpoint(database, sealer, delivery.merchant_id, delivery.mode, delivery.endpoint_id);
  if (!found || !*found || !(*found)->is_enabled) return done();
  Endpoint endpoint = **found;
  endpoint.is_enabled = false;
  endpoint.disabled_reason = reason;
  endpoint.updated_at = clock.now();
  log_warning("endpoint.disabled", {{"endpoint", endpoint.id}, {"reason", reason}});
  const NewEvent event = event_about(endpoint, delivery);
  writer.submit({.decide = [endpoint, event](Draft& draft) -> Result<void> {
                   draft.endpoints.push_back(endpoint);
                   draft.changes.events.push_back(event);
                   return {};
                 },
                 .done = [done = std::move(done)](const Result<void>&) { done(); }});
}

}  // namespace switchyard
