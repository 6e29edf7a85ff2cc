// A verb waits for commits and providers where it stands. On one thread it gets a stack of its own
// and gives the thread back while it waits.
#pragma once

#include "task.h"

namespace switchyard::sim {

class Fiber {
 public:
  // Runs `body` until it waits for the first time, or ends.
  static void start(Task body);
  static Fiber* current();  // null outside of any
  static void wait();       // inside only: until somebody wakes it
  void wake();              // outside only: goes on until it waits again, or ends

 private:
  struct Context;
  friend struct Context;
  explicit Fiber(Context* context) : context_(context) {}
  Context* context_;
};

}  // namespace switchyard::sim
