// How a charge is made at Xendit: an invoice, which is a page, or a payment request, which is one
// wallet or one account to transfer to.
#pragma once

#include "adapters/adapter.h"

namespace switchyard::xendit_words {

HttpRequest signed_in(const Account& account, std::string method, const std::string& path);
// Null: a call without a body.
HttpRequest post(const Account& account, const std::string& path, const Json& body);

HttpRequest build_invoice(const Account& account, const Charge& charge);
Update read_invoice(const Account& account, const Charge& charge, const HttpResponse& response);

HttpRequest build_request(const Account& account, const Charge& charge);
Update read_request(const Account& account, const Charge& charge, const HttpResponse& response);
// The payment request itself, with how the payer must act.
Update read_request_in(const Charge& charge, const Json& request);

}  // namespace switchyard::xendit_words
