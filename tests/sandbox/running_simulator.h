// A sandbox, and one provider in it whose simulator is tried out.
#pragma once

#include "running_sandbox.h"

namespace switchyard::sandbox {

class RunningSimulator : public RunningSandbox {
 protected:
  explicit RunningSimulator(std::string name, double speed = 0)
      : RunningSandbox(speed), name_(std::move(name)) {}

  std::string url(const std::string& path) const { return sandbox_.base_url(name_) + path; }
  // A text to an address of this machine, as it stands.
  Said transmit(const std::string& method, const std::string& to, const std::string& text = "",
                Headers headers = {}) {
    const auto outcome =
        client_.send({method, to, std::move(headers), text}, {.plain_http_allowed = true});
    return {outcome.response.status, parse_json(outcome.response.body), outcome.response};
  }
  // The ledger: "charge 1550 EUR ord-1;refund 500 EUR rf-1;".
  std::string operations() {
    std::string all;
    for (const Json& line : ledger())
      all += text_at(line, "operation") + " " + decimal_at(line, "amount") + " " +
             text_at(line, "currency") + " " + text_at(line, "reference") + ";";
    return all;
  }
  void set(const std::string& setting, const std::string& value) {
    send("POST", "/settings", {{name_ + "." + setting, value}});
  }
  void pass(std::int64_t seconds) { send("POST", "/clock", {{"advance_sec", seconds}}); }

 private:
  std::string name_;
};

}  // namespace switchyard::sandbox
