// What has to be fetched before a provider's message can be judged: its certificate, or its own
// word.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/adapter.h"
#include "flow/tokens.h"
#include "http/client.h"

namespace switchyard {

// An answer to a GET that has proven a message serves again, for its account, for as long as the
// adapter says. Safe from any thread.
class Inquirer {
 public:
  // Waits for the provider, a few seconds at most. Nothing when it gave no answer that could be
  // judged, or when too many are asked about at once; rejected where what has to be asked for does
  // not exist.
  std::optional<Proof> ask(const Account& account, const Adapter& adapter, const Incoming& incoming,
                           HttpClient& http, const Clock& clock, TokenBook& tokens);

 private:
  struct Kept {
    HttpResponse response;
    Time until{};
  };
  using Name = std::pair<std::string, std::string>;  // account, URL
  std::optional<HttpResponse> kept(const Name& name, Time now);
  void keep(const Name& name, const HttpResponse& response, Time until);

  std::atomic<int> under_way_{0};
  std::mutex mutex_;
  std::map<Name, Kept> kept_;
};

}  // namespace switchyard
