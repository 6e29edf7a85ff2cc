// The access tokens of accounts: fetched once for all who wait, renewed before they end, kept in
// memory only and never logged.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "base/clock.h"
#include "base/secret.h"
#include "http/client.h"

namespace switchyard {

class TokenBook {
 public:
  // Nothing when it could not be had.
  using Take = std::function<void(std::optional<Secret>)>;

  // Calls `take` with the account's token of this kind (a name of adapter.tokens): at once where
  // one is at hand, else on the HTTP client's thread, where it must not block.
  void get(HttpClient& http, const Clock& clock, const Account& account, const Adapter& adapter,
           const std::string& kind, Take take);
  // The provider did not accept this one: the next to ask fetches another. One that was fetched
  // meanwhile stays.
  void forget(const Account& account, const std::string& kind, const Secret& refused);

 private:
  struct Entry {
    Secret token = {};
    Time renew_at{};
    Time ends_at{};
    Time not_before{};  // after a failure
    bool is_fetching = false;
    std::vector<Take> waiting = {};
  };
  // Other credentials of the same account are another token.
  struct Name {
    std::string account, kind, request_digest;
    auto operator<=>(const Name&) const = default;
  };

  void fetch(HttpClient& http, const Clock& clock, const Account& account, const Adapter& adapter,
             const TokenKind& kind, const Name& name, HttpRequest request);
  void take_answer(const Name& name, const Clock& clock, std::optional<AccessToken> token);

  std::mutex mutex_;
  std::map<Name, Entry> entries_;
};

}  // namespace switchyard
