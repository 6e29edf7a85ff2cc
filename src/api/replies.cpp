#include "api/replies.h"

#include "api/once.h"

namespace switchyard {

Reply json_reply(const Json& json, int status, Fields headers) {
  return {.status = status, .body = write_json(json), .headers = std::move(headers)};
}

Reply list_reply(const std::vector<std::string>& items, bool has_more,
                 const std::string& next_after, const std::optional<std::string>& next_before) {
  const auto cursor = [](const std::string& id) {
    return write_json(id.empty() ? Json(nullptr) : Json(id));
  };
  std::string body = R"({"object":"list","data":[)";
  for (std::size_t i = 0; i < items.size(); ++i) body += (i == 0 ? "" : ",") + items[i];
  body += std::string(R"(],"has_more":)") + (has_more ? "true" : "false");
  body += R"(,"next_after":)" + cursor(next_after);
  if (next_before) body += R"(,"next_before":)" + cursor(*next_before);
  body += '}';
  return {.body = std::move(body)};
}

Result<Reply> commit_reply(Api& api, const std::optional<KeyClaim>& claim,
                           const std::string& object_id, const Reply& reply,
                           const std::function<void(Draft&)>& change) {
  Command command{.claim = claim};
  if (command.claim) command.claim->object_id = object_id;
  command.decide = [&](Draft& draft) -> Result<void> {
    change(draft);
    if (claim) draft.answer = to_answer(reply, object_id);
    return {};
  };
  TRY(api.services.writer.write(std::move(command)));
  return reply;
}

}  // namespace switchyard
