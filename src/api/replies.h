// What handlers answer with: one object, or a list.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"

namespace switchyard {

Reply json_reply(const Json& json, int status = 200, Fields headers = {});

// {"object":"list","data":[…],"has_more":…,"next_after":…}. The items are JSON already, so that
// stored bytes pass unchanged. A cursor that is "" is null; `next_before` is left out where a list
// only ever goes on with after.
Reply list_reply(const std::vector<std::string>& items, bool has_more,
                 const std::string& next_after,
                 const std::optional<std::string>& next_before = std::nullopt);

// A change and its answer in one commit: a retry with the same key finds both or neither.
Result<Reply> commit_reply(Api& api, const std::optional<KeyClaim>& claim,
                           const std::string& object_id, const Reply& reply,
                           const std::function<void(Draft&)>& change);

}  // namespace switchyard
