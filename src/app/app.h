// The router as one object: makes each part once, in order, and ends them in the other.
#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "base/result.h"

namespace switchyard {

class App {
 public:
  explicit App(const Config& config);
  ~App();  // drains
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Checks the database (reachable, migrated, durable) and listens. Errors say what to do; after
  // `starting` (the database cannot be reached) it may be called again.
  Result<void> start();
  int port() const;
  int operations_port() const;
  // Puts other accounts and rules in force; payments that run keep the ones they began with.
  void reload(const Config& config);
  // Readiness off, nothing new is taken, what runs may finish within the configured time.
  void drain();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace switchyard
