#include "app/routes.h"

#include "api/customers.h"
#include "api/endpoints.h"
#include "api/events.h"
#include "api/operations.h"
#include "api/payment_methods.h"
#include "api/payments.h"
#include "api/providers.h"
#include "api/refunds.h"
#include "api/routing_preview.h"
#include "api/transfers.h"
#include "checkout/return_page.h"
#include "ingest/receive.h"

namespace switchyard {

std::vector<Route> public_routes(Api& api, std::function<bool()> is_draining) {
  const auto secret = [&](const char* method, const char* path, ApiHandler handler) {
    return Route{method, path, guarded(api, Access::secret, handler), Access::secret};
  };
  const auto browser = [&](const char* method, const char* path, ApiHandler handler) {
    return Route{method, path, guarded(api, Access::publishable, handler), Access::publishable};
  };
  const auto open = [](const char* method, const char* path, Handler handler) {
    return Route{method, path, std::move(handler), Access::open};
  };
  Services& services = api.services;
  const Handler webhook = [&services](const Request& request) {
    return receive_webhook(services, request);
  };
  const Handler way_back = [&services](const Request& request) {
    return show_return(services, request);
  };
  // clang-format off
  return {
      secret ("POST",   "/v1/payments",                          create_payment_call),
      secret ("GET",    "/v1/payments",                          list_payments_call),
      browser("GET",    "/v1/payments/{id}",                     retrieve_payment_call),
      secret ("PATCH",  "/v1/payments/{id}",                     update_payment_call),
      browser("POST",   "/v1/payments/{id}/confirm",             confirm_payment_call),
      secret ("POST",   "/v1/payments/{id}/capture",             capture_payment_call),
      secret ("POST",   "/v1/payments/{id}/cancel",              cancel_payment_call),
      secret ("POST",   "/v1/payments/{id}/review",              review_payment_call),
      secret ("GET",    "/v1/payments/{id}/timeline",            payment_timeline_call),
      secret ("POST",   "/v1/payments/{id}/refunds",             create_payment_refund_call),
      secret ("POST",   "/v1/payments/{id}/transfer/confirm",    confirm_transfer_call),
      secret ("POST",   "/v1/payments/{id}/transfer/reject",     reject_transfer_call),
      secret ("POST",   "/v1/refunds",                           create_refund_call),
      secret ("GET",    "/v1/refunds",                           list_refunds_call),
      secret ("GET",    "/v1/refunds/{id}",                      retrieve_refund_call),
      secret ("POST",   "/v1/customers",                         create_customer),
      secret ("GET",    "/v1/customers",                         list_all_customers),
      secret ("GET",    "/v1/customers/{id}",                    retrieve_customer),
      secret ("PATCH",  "/v1/customers/{id}",                    update_customer),
      secret ("DELETE", "/v1/customers/{id}",                    delete_customer),
      browser("GET",    "/v1/payment_methods",                   list_payment_methods),
      secret ("GET",    "/v1/events",                            list_all_events),
      secret ("GET",    "/v1/events/{id}",                       retrieve_event),
      secret ("POST",   "/v1/webhook_endpoints",                 create_endpoint),
      secret ("GET",    "/v1/webhook_endpoints",                 list_all_endpoints),
      secret ("GET",    "/v1/webhook_endpoints/{id}",            retrieve_endpoint),
      secret ("PATCH",  "/v1/webhook_endpoints/{id}",            update_endpoint),
      secret ("DELETE", "/v1/webhook_endpoints/{id}",            delete_endpoint),
      secret ("POST",   "/v1/webhook_endpoints/{id}/enable",     enable_endpoint),
      secret ("GET",    "/v1/webhook_endpoints/{id}/deliveries", list_endpoint_deliveries),
      secret ("GET",    "/v1/providers",                         list_providers),
      secret ("POST",   "/v1/routing/preview",                   preview_routing),
      open   ("POST",   "/webhooks/{account}",                   webhook),
      open   ("PUT",    "/webhooks/{account}",                   webhook),
      open   ("POST",   "/webhooks/{account}/{rest...}",         webhook),
      open   ("PUT",    "/webhooks/{account}/{rest...}",         webhook),
      open   ("GET",    "/return/{token}",                       way_back),
      open   ("GET",    "/healthz",                              healthz()),
      open   ("GET",    "/readyz",                               readyz(services.database, std::move(is_draining))),
  };
  // clang-format on
}

std::vector<Route> operations_routes(Api& api) {
  return {{"GET", "/metrics", metrics_page(api.services.metrics), Access::open}};
}

}  // namespace switchyard
