// Error → status and the one JSON shape of every refusal:
// {"error":{"type","code","message","param","details","payment","advice","request_id","doc_url"}}
#pragma once

#include <string_view>

#include "base/json.h"
#include "web/message.h"

namespace switchyard {

// `extra` members (decline_code, advice, the payment) are added to the error object.
Reply to_reply(const Error& error, std::string_view request_id, const Json& extra = {});

}  // namespace switchyard
