// What was answered under which key, for as long as keys last.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "adapters/example/simulator_parts.h"
#include "base/crypto.h"

namespace switchyard::sandbox::example_pay {

struct Kept {
  std::string fingerprint;
  Reply reply;
  std::int64_t until = 0;
};

class Keys {
 public:
  explicit Keys(std::int64_t lasts_sec) : lasts_sec_(lasts_sec) {}

  bool exist() const { return lasts_sec_ > 0; }

  // The answer to a repetition, or to another request under the same key.
  std::optional<Reply> find(const std::string& key, const Request& request, std::int64_t now) {
    const auto kept = kept_.find(key);
    if (kept == kept_.end() || kept->second.until <= now) return std::nullopt;
    if (kept->second.fingerprint == fingerprint_of(request)) return kept->second.reply;
    return refused(409, "key_mismatch", "This key was used for another request.");
  }

  void keep(const std::string& key, const Request& request, const Reply& reply, std::int64_t now) {
    kept_[key] = {fingerprint_of(request), reply, now + lasts_sec_};
  }

 private:
  static std::string fingerprint_of(const Request& request) {
    return sha256(request.method + request.raw_target + "\n" + request.body);
  }

  std::int64_t lasts_sec_;
  std::map<std::string, Kept> kept_;  // "ACCOUNT KEY"
};

}  // namespace switchyard::sandbox::example_pay
