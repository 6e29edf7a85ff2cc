// A sandbox on a free port of this machine, and a client for it.
#pragma once

#include <gtest/gtest.h>

#include <deque>

#include "http/client.h"
#include "sandbox/sandbox.h"

namespace switchyard::sandbox {

struct Said {
  int status = 0;  // 0: no answer
  Json json;
  HttpResponse response;
};

// Receives whatever is sent to it, and answers with the statuses it was given, then 200.
class Receiver {
 public:
  Receiver() : listener_("127.0.0.1", 0, [this](const Request& request) { return take(request); }) {
    port_ = listener_.bind().value();
    listener_.start();
  }
  ~Receiver() { listener_.stop(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }
  void answer_next_with(int status) {
    const std::lock_guard lock(mutex_);
    statuses_.push_back(status);
  }
  std::vector<Request> received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  // Waits until that many have come; fewer when they do not come in ten seconds.
  std::vector<Request> wait_for(std::size_t count) const;

 private:
  Answer take(const Request& request) {
    const std::lock_guard lock(mutex_);
    received_.push_back(request);
    if (statuses_.empty()) return {};
    const int status = statuses_.front();
    statuses_.pop_front();
    return {{.status = status}};
  }

  mutable std::mutex mutex_;
  std::vector<Request> received_;
  std::deque<int> statuses_;
  int port_ = 0;
  Listener listener_;
};

class RunningSandbox : public testing::Test {
 protected:
  explicit RunningSandbox(double speed = 0)
      : sandbox_({.port = 0, .speed = speed}), client_(metrics_) {
    EXPECT_TRUE(sandbox_.start().has_value());
  }

  Said send(const std::string& method, const std::string& path, const Json& body = nullptr,
            Headers headers = {});
  // To Example Pay, signed in, under a key of its own unless one is given.
  Said example(const std::string& method, const std::string& path, const Json& body = nullptr,
               std::string key = {}) {
    return ask("example", method, path, body, std::move(key));
  }
  // The same to one of its relatives.
  Said ask(const std::string& provider, const std::string& method, const std::string& path,
           const Json& body = nullptr, std::string key = {});
  static Json charge(const std::string& reference, const Json& source,
                     const std::string& notify_url = "");
  static Json token(const std::string& name) { return {{"type", "token"}, {"token", name}}; }
  std::string status_of(const std::string& charge_id) {
    return text_at(example("GET", "/charges/" + charge_id).json, "status");
  }
  // Waits until the charge has that status; the last one seen when it does not come.
  std::string wait_for_status(const std::string& charge_id, const std::string& status);
  Json ledger() { return member_at(send("GET", "/ledger").json, "lines"); }
  void order(const Json& fault) {
    ASSERT_EQ(send("POST", "/faults", fault).status, 201) << fault.dump();
  }

  Metrics metrics_;
  Sandbox sandbox_;
  HttpClient client_;
};

// True as soon as it is; false when it has not become so in ten seconds.
bool becomes_true(const std::function<bool()>& is_true);

// Sends bytes to a port of this machine and reads until the peer closes.
struct RawAnswer {
  std::string bytes;
  bool was_reset = false;
};
RawAnswer exchange_bytes(const std::string& url, const std::string& bytes);

}  // namespace switchyard::sandbox
