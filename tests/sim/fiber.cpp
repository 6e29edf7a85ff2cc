#include "fiber.h"

#include <ucontext.h>

#include <cassert>
#include <memory>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace switchyard::sim {
namespace {

constexpr std::size_t stack_bytes = 256 * 1024;

ucontext_t outside;
Fiber* running = nullptr;

}  // namespace

struct Fiber::Context {
  Context() : fiber(this), stack(new char[stack_bytes]) {
    getcontext(&here);
    here.uc_stack.ss_sp = stack.get();
    here.uc_stack.ss_size = stack_bytes;
    here.uc_link = nullptr;
    makecontext(&here, &Context::live, 0);
#if defined(__SANITIZE_THREAD__)
    tsan = __tsan_create_fiber(0);
#endif
  }
  // A stack serves one body after the other: making one costs more than switching to it.
  static void live() {
    Context& me = *running->context_;
    arrive(nullptr);
    while (true) {
      me.body();
      me.body.let_go();
      idle().push_back(&me);
      me.leave();
    }
  }
  static std::vector<Context*>& idle() {
    static std::vector<Context*> contexts;
    return contexts;
  }
  static Context& take() {
    static std::vector<std::unique_ptr<Context>> all;
    if (idle().empty()) {
      all.push_back(std::make_unique<Context>());
      idle().push_back(all.back().get());
    }
    Context& context = *idle().back();
    idle().pop_back();
    return context;
  }

  void enter() {
    assert(!running);
    running = &fiber;
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, stack.get(), stack_bytes);
#endif
#if defined(__SANITIZE_THREAD__)
    static void* const thread = __tsan_get_current_fiber();
    outside_tsan = thread;
    __tsan_switch_to_fiber(tsan, 0);
#endif
    swapcontext(&outside, &here);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
    running = nullptr;
  }
  void leave() {
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, outside_stack, outside_bytes);
#endif
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(outside_tsan, 0);
#endif
    swapcontext(&here, &outside);
#if defined(__SANITIZE_ADDRESS__)
    arrive(fake);
#endif
  }
  static void arrive([[maybe_unused]] void* fake) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, &outside_stack, &outside_bytes);
#endif
  }

  Fiber fiber;
  std::unique_ptr<char[]> stack;
  ucontext_t here{};
  Task body;
#if defined(__SANITIZE_ADDRESS__)
  static inline const void* outside_stack = nullptr;
  static inline std::size_t outside_bytes = 0;
#endif
#if defined(__SANITIZE_THREAD__)
  static inline void* outside_tsan = nullptr;
  void* tsan = nullptr;
#endif
};

void Fiber::start(Task body) {
  Context& context = Context::take();
  context.body = std::move(body);
  context.enter();
}

Fiber* Fiber::current() { return running; }

void Fiber::wait() {
  assert(running && "only a fiber can wait");
  running->context_->leave();
}

void Fiber::wake() { context_->enter(); }

}  // namespace switchyard::sim
