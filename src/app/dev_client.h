// JSON over HTTP for a program that plays a merchant's backend.
#pragma once

#include <string>

#include "base/json.h"
#include "http/client.h"

namespace switchyard {

struct JsonAnswer {
  int status = 0;  // 0: there was none
  Json body = nullptr;
  Headers headers = {};
  std::string text = {};  // the bytes of the body, or why there was no answer

  bool is_success() const { return status >= 200 && status < 300; }
};

class JsonClient {
 public:
  // `key`: sent as a bearer's; "" for none. The client outlives this.
  JsonClient(HttpClient& http, std::string base_url, std::string key = {})
      : http_(http), base_url_(std::move(base_url)), key_(std::move(key)) {}

  JsonAnswer get(const std::string& path, Headers headers = {}) const;
  JsonAnswer post(const std::string& path, const Json& body = nullptr, Headers headers = {}) const;
  // Any method; a body that is null is not sent.
  JsonAnswer send(const std::string& method, const std::string& path, const Json& body = nullptr,
                  Headers headers = {}) const;
  const std::string& base_url() const { return base_url_; }
  const std::string& key() const { return key_; }

 private:
  HttpClient& http_;
  std::string base_url_;
  std::string key_;
};

}  // namespace switchyard
