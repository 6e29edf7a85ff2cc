// What a provider's simulator is given by the sandbox and must offer. A simulator is written from
// the provider's documents, never from our adapter, and includes nothing of it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "http/message.h"
#include "web/message.h"

namespace switchyard::sandbox {

// What the sandbox really did, appended in order and never changed: the truth that tests compare
// our books with. Amounts in the smallest unit as the provider was asked.
struct LedgerLine {
  std::string provider;   // "example"
  std::string operation;  // charge, authorize, capture, cancel, refund
  std::string object;     // the provider's id of what was changed
  std::string reference;  // the reference or key that the caller gave
  std::int64_t amount = 0;
  std::string currency;
};

struct WebhookOrder {
  std::string provider;
  HttpRequest request;                              // complete and signed; the url is where it goes
  std::vector<std::chrono::milliseconds> schedule;  // delays of the tries; stops at the first 2xx
  // Called for each try, for providers that sign the time of the try; may change the request.
  std::function<void(HttpRequest&)> before_try = {};
  bool is_certain = false;  // meets no fault order
};

// Everything a simulator may use. Safe from any thread; all of it outlives the simulators.
class World {
 public:
  virtual ~World() = default;

  // "http://127.0.0.1:9000/example"
  virtual std::string base_url(std::string_view provider) const = 0;
  virtual void record(LedgerLine line) = 0;
  virtual void send_webhook(WebhookOrder order) = 0;  // subject to the fault orders
  // Runs later on the sandbox's timer thread; a delay of 0 runs soon. Delays named by a setting
  // (prompt delays) are multiplied by the sandbox's --speed, 0 meaning at once.
  virtual void after(std::chrono::milliseconds delay, std::function<void()> run) = 0;
  // A setting of the simulator, set at start or by POST /settings: "mintcash.create_shape".
  virtual std::string setting(std::string_view name, std::string_view otherwise) const = 0;
  virtual std::int64_t unix_time() const = 0;
};

// request.path is below the provider's base: "/v1/payment_intents". Handlers may run at the same
// time on several threads; a simulator guards its own state with one mutex.
class Simulator {
 public:
  virtual ~Simulator() = default;
  virtual std::string name() const = 0;  // the adapter's folder
  virtual Reply handle(const Request& request) = 0;
};

// Each simulator.cpp defines one: std::unique_ptr<Simulator> make_example_simulator(World&), and
// sandbox/simulators.cpp lists them, one line each.

}  // namespace switchyard::sandbox
