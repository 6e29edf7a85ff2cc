// What every handler of the API is given: by reference, outlives the server.
#pragma once

#include "api/authenticate.h"
#include "api/rate_limit.h"
#include "flow/services.h"
#include "flow/start_payment.h"
#include "web/message.h"

namespace switchyard {

class GuessLimit;
class KeyKeeper;

struct Api {
  Services& services;
  Authenticator& authenticator;
  RateLimit& rate_limit;
  KeyKeeper& key_keeper;  // api/key_keeper.h
  GuessLimit& guesses;    // api/client_secret.h
};

// A request that was let in.
struct ApiCall {
  const Request& request;
  Asker asker;
  Json body = nullptr;  // of POST, PATCH, DELETE: an object, empty when there was none; PAN-free

  // {"kind": "api", "request_id": …}
  Json cause() const { return {{"kind", "api"}, {"request_id", request.request_id}}; }
};

using ApiHandler = Result<Reply> (*)(Api& api, const ApiCall& call);

// Wraps a handler with what is the same for all: authentication, scope, rate limit, JSON (strict),
// the card number refusal, in this order; nothing is stored before all of it passed. Whoever is
// known by then is told what their rate limit is, in errors too.
Handler guarded(Api& api, Access access, ApiHandler handler);

}  // namespace switchyard
