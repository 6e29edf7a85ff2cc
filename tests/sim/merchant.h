// The merchants of a world: what they ask for, when, and how they ask again when they do not hear.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "flow/start_payment.h"

namespace switchyard::sim {

class World;
class Router;

class Merchant {
 public:
  explicit Merchant(World& world) : world_(world) {}
  void open();                 // draws every order of the world
  void end();                  // what was acknowledged must be there
  Duration some_order_time();  // since the world began
  // A person is asked about a payment.
  void review_later(const std::string& payment_id);

 private:
  struct Order {
    std::int64_t number = 0;
    NewPayment asked;
    Duration begins{};
    std::vector<std::string> payment_ids = {};  // as acknowledged
  };
  using Verb = std::function<Result<PaymentRecord>(const Caller&, Router&)>;
  struct Request {
    std::string key;
    std::string object_id = {};  // what it is about, where that is known beforehand
    Verb verb;
    std::function<void(const Result<PaymentRecord>&)> heard = {};
    int tries = 0;
  };
  enum class Act { cancel, confirm, capture, refund, get };

  Order draw_order(std::int64_t number);
  void draw_acts(std::size_t order, Duration from);
  void act(std::size_t order, Act what);
  void ask(Request request, Duration delay);
  void ask_now(Request request);
  void ask_again(Request request);
  Result<PaymentRecord> run_once(Router& router, const Request& request);
  Result<PaymentRecord> take_over(Router& router, const Request& request, Caller caller,
                                  std::int64_t token, const std::string& object_id);
  void keep_key(Router& router, const KeyClaim& claim, std::shared_ptr<bool> is_open);
  Caller caller_of(const Request& request);
  Verb verb_of(std::size_t order, Act what);

  World& world_;
  std::vector<Order> orders_;
  std::map<std::string, int> reviews_;
  int requests_ = 0;
};

}  // namespace switchyard::sim
