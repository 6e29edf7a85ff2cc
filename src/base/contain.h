// The edge of a thread, or of a library that knows no exceptions: what is thrown goes no further.
// We throw nothing ourselves; memory may run out, and libraries throw. What was half done is then
// found as after a crash, by its lease, but the process and everybody else's work go on.
#pragma once

#include <exception>
#include <string_view>

#include "base/log.h"

namespace switchyard {

// Runs it to its end, or says in the log what ended it and returns false.
template <class Work>
bool contain(std::string_view where, Work&& work) noexcept {
  // Whatever the standard library or one of ours throws; nothing above could do anything about it.
  try {
    work();
    return true;
  } catch (const std::exception& problem) {  // at a thread's edge: see the top
    log_error("thread.threw", {{"where", where}, {"what", problem.what()}});
    return false;
  }
}

}  // namespace switchyard
