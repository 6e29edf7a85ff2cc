// An exchange as written in adapters/*/exchanges/*.json. adapters/README.md describes the format.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/adapter.h"

namespace switchyard {

// The request that must be built. Listed headers are compared, a null one must be absent.
struct ExpectedRequest {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::optional<Json> json;
  std::optional<std::vector<std::pair<std::string, std::string>>> form;
  std::string text;
  std::string token;
};

// What the answer to a request for an access token must be read as.
struct ExpectedToken {
  bool is_token = false;
  std::string text;
  int lasts_sec = 0;
};

struct Exchange {
  std::string adapter;
  std::string name;  // the file, and "#2" for the second one in it
  std::string call;
  std::string why;
  // The provider's page that shows the request or the answer as it is here; or "none: " and why no
  // page shows one.
  std::string source;
  Account account;
  Charge charge;
  Incoming incoming;
  HttpRequest request;  // "sign": what is to be signed
  std::optional<ExpectedRequest> sends;
  std::optional<HttpResponse> answers;
  std::optional<Update> means;
  std::optional<Proof> proof;
  std::optional<std::vector<News>> news;
  std::optional<std::string> says;
  std::optional<ExpectedToken> token;
  std::optional<bool> is;
  std::vector<std::string> mistakes;  // misspelt keys, values of a wrong type
};

// Every exchange of every adapter, unread: the adapter, the file's path and the place in it.
struct ExchangePlace {
  std::string adapter;
  std::string path;
  std::size_t index = 0;
  std::string name;
};
// Below `adapters_folder`; none where there is no such folder.
std::vector<ExchangePlace> find_exchanges(const std::string& adapters_folder);
Exchange read_exchange(const ExchangePlace& place);

// Every member, so that two of them can be compared line by line.
Json to_json(const Update& update);
Json to_json(const News& news);
std::string_view word_of(Proof proof);

// Indented, with members in alphabetical order.
std::string pretty(const Json& json);

}  // namespace switchyard
