// Something to do later, once. It keeps what it holds inside itself where that is small: a world
// has some hundred of them for each payment, and a std::function would allocate for most.
#pragma once

#include <concepts>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace switchyard::sim {

class Task {
 public:
  Task() = default;
  template <std::invocable Body>
  requires(!std::same_as<Body, Task>) Task(Body body) {  // NOLINT: any closure is one
    if constexpr (fits<Body>) {
      new (room_) Body(std::move(body));
      kind_ = &kept_inside<Body>;
    } else {
      new (room_) Body*(new Body(std::move(body)));
      kind_ = &kept_outside<Body>;
    }
  }
  Task(Task&& other) noexcept { take(other); }
  Task& operator=(Task&& other) noexcept {
    if (this == &other) return *this;
    let_go();
    take(other);
    return *this;
  }
  ~Task() { let_go(); }

  void operator()() { kind_->run(room_); }
  void let_go() {
    if (const Kind* kind = std::exchange(kind_, nullptr)) kind->destroy(room_);
  }

 private:
  struct Kind {
    void (*run)(void* body);
    void (*move)(void* from, void* to);  // leaves nothing behind
    void (*destroy)(void* body);
  };
  static constexpr std::size_t room = 96;
  template <class Body>
  static constexpr bool fits =
      sizeof(Body) <= room &&
      alignof(Body) <= alignof(std::max_align_t) && std::is_nothrow_move_constructible_v<Body>;
  template <class Body>
  static constexpr Kind kept_inside = {[](void* body) { (*static_cast<Body*>(body))(); },
                                       [](void* from, void* to) {
                                         Body& body = *static_cast<Body*>(from);
                                         new (to) Body(std::move(body));
                                         body.~Body();
                                       },
                                       [](void* body) { static_cast<Body*>(body)->~Body(); }};
  template <class Body>
  static constexpr Kind kept_outside = {
      [](void* body) { (**static_cast<Body**>(body))(); },
      [](void* from, void* to) { new (to) Body*(*static_cast<Body**>(from)); },
      [](void* body) { delete *static_cast<Body**>(body); }};

  void take(Task& other) {
    kind_ = std::exchange(other.kind_, nullptr);
    if (kind_) kind_->move(other.room_, room_);
  }

  alignas(std::max_align_t) std::byte room_[room];
  const Kind* kind_ = nullptr;
};

}  // namespace switchyard::sim
