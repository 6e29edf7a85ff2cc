// The way back: a provider sends the payer's browser to us first. The visit is a hint, never truth:
// the payment is looked up at once, then the browser goes on to the merchant's return_url with
// payment_id and external_id added. A page that is closed on the way loses nothing.
#pragma once

#include "flow/services.h"
#include "web/message.h"

namespace switchyard {

// GET /return/{token}: 303 to the merchant, or a small page of ours where they gave no return_url.
// 404 for a token that we did not make.
Result<Reply> show_return(Services& services, const Request& request);

}  // namespace switchyard
