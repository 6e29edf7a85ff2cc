// The providers' webhooks on their way: lost, late, twice, out of order, forged.
#pragma once

#include <string>

#include "base/clock.h"

namespace switchyard::sim {

class World;

struct Message {
  std::string account;
  std::string body;
  bool is_certain = false;  // sent until it is taken, whatever the world is like
  bool is_forged = false;
};

class Mail {
 public:
  explicit Mail(World& world) : world_(world) {}
  void post(Message message);

 private:
  void deliver(const Message& message, int tries);
  void try_again(const Message& message, int tries);
  void forge(const Message& message);

  World& world_;
  int count_ = 0;
};

}  // namespace switchyard::sim
