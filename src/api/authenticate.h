// Who asks: a key becomes a merchant and a mode, before anything else of the request is read.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "flow/services.h"
#include "web/message.h"

namespace switchyard {

struct Asker {
  std::string merchant_id;
  Mode mode = Mode::test;
  bool is_publishable = false;
  std::string key_id;
  std::vector<std::string> return_hosts = {};  // of the merchant; empty: any
};

// Bearer KEY, Basic with the key as user name, or Basic pk:sk of one merchant. 401
// `unauthenticated` with the same body for no, malformed, unknown and revoked keys; 403 `key_scope`
// for a publishable key where `access` does not allow one. Keys are cached for under a second, so
// that a revoked one ends on every router within that time. A key that stands in the query is
// refused even when it is true: it has been written to logs on the way here.
class Authenticator {
 public:
  explicit Authenticator(Database& database) : database_(database) {}
  Result<Asker> authenticate(const Request& request, Access access);

 private:
  struct Known {
    Asker asker;
    bool is_valid = false;
    std::chrono::steady_clock::time_point until = {};
  };
  Result<Asker> look_up(const std::string& key);
  Result<Asker> look_up_pair(const std::string& first, const std::string& second);
  void remember(const std::string& hash, Known known);

  Database& database_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;  // by the key's SHA-256, bounded
};

}  // namespace switchyard
