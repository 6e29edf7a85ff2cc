#include "store/describe_endpoint.h"

namespace switchyard {
namespace {

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

Json describe_endpoint(const Endpoint& endpoint) {
  return {{"id", endpoint.id},
          {"object", "webhook_endpoint"},
          {"livemode", endpoint.mode == Mode::live},
          {"environment", word_of(endpoint.mode)},
          {"url", endpoint.url},
          {"enabled_events", endpoint.enabled_events},
          {"description", text_or_null(endpoint.description)},
          {"ordering", endpoint.ordering},
          {"status", endpoint.is_enabled ? "enabled" : "disabled"},
          {"disabled_reason", text_or_null(endpoint.disabled_reason)},
          {"created_at", to_rfc3339(endpoint.created_at)},
          {"updated_at", to_rfc3339(endpoint.updated_at)}};
}

}  // namespace switchyard
