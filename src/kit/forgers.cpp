// Messages that somebody else made, or changed on their way.
#include <algorithm>

#include "kit/check_adapter.h"

namespace switchyard {
namespace {

class Forger {
 public:
  Forger(const Adapter& adapter, const Exchange& exchange, Findings& findings)
      : adapter_(adapter), exchange_(exchange), findings_(findings) {}

  int count() const { return count_; }

  // Where nothing but a fetched certificate can tell, the bytes are judged by the inquiry.
  void forge() {
    change_account();
    drop_headers();
    change_headers();
    if (adapter_.webhook.comes_to_attempts)
      expect_refused(at_other_address(), "no address of an attempt");
    if (*exchange_.proof == Proof::verified) change_bytes();
    read_anything();
  }

 private:
  void expect_refused(const Incoming& incoming, const std::string& what) {
    expect_refused(exchange_.account, incoming, what);
  }
  void expect_refused(const Account& account, const Incoming& incoming, const std::string& what) {
    ++count_;
    if (adapter_.webhook.verify(account, incoming) == Proof::rejected) return;
    findings_.push_back({"webhook, exchange " + exchange_.name + ": believed with " + what,
                         "verify has to refuse what does not prove itself."});
  }
  Incoming at_other_address() const {
    Incoming incoming = exchange_.incoming;
    incoming.attempt_id.clear();
    return incoming;
  }

  // A message that proves nothing is welcome from anybody: all that it does is ask for a look.
  bool proves_nothing() const {
    Incoming incoming = exchange_.incoming;
    incoming.headers.clear();
    return *exchange_.proof == Proof::unproven &&
           adapter_.webhook.verify(exchange_.account, incoming) == Proof::unproven;
  }
  bool is_judged_later() const { return *exchange_.proof == Proof::asks; }

  void change_account() {
    if (is_judged_later() || adapter_.webhook.comes_to_attempts || proves_nothing()) return;
    for (const Setting& setting : adapter_.settings) {
      const std::string name(setting.name);
      if (!setting.is_secret || exchange_.account.setting(name).empty()) continue;
      Account other = exchange_.account;
      // Which of the secrets proves messages is not declared: all of them are another's.
      for (const Setting& each : adapter_.settings)
        if (each.is_secret) other.settings[std::string(each.name)] = Secret("another_secret");
      expect_refused(other, exchange_.incoming, "the secrets of another account");
      for (const Setting& each : adapter_.settings)
        if (each.is_secret) other.settings[std::string(each.name)] = Secret("");
      return expect_refused(other, exchange_.incoming, "no secret configured");
    }
  }
  void drop_headers() {
    if (adapter_.webhook.comes_to_attempts || proves_nothing()) return;
    Incoming incoming = exchange_.incoming;
    incoming.headers.clear();
    incoming.body = "{}";
    expect_refused(incoming, "its proof taken away");
  }
  // Some providers sign a member of the body instead.
  bool has_proof_in_headers() const {
    Incoming incoming = exchange_.incoming;
    incoming.headers.clear();
    return adapter_.webhook.verify(exchange_.account, incoming) == Proof::rejected;
  }
  // One letter at a time: some of them are of the proof, the others do not matter.
  void change_headers() {
    if (is_judged_later() || adapter_.webhook.comes_to_attempts || !has_proof_in_headers()) return;
    bool is_refused_once = false;
    for (std::size_t i = 0; i < exchange_.incoming.headers.size(); ++i) {
      const std::size_t size = exchange_.incoming.headers[i].second.size();
      for (std::size_t at = 0; at < size; ++at) {
        Incoming incoming = exchange_.incoming;
        char& letter = incoming.headers[i].second[at];
        letter = letter == '0' ? '1' : '0';
        ++count_;
        is_refused_once |= adapter_.webhook.verify(exchange_.account, incoming) == Proof::rejected;
      }
    }
    if (!is_refused_once)
      findings_.push_back({"webhook, exchange " + exchange_.name + ": no header has to be right",
                           "verify has to compare the proof in constant time, to its last byte."});
  }
  void change_bytes() {
    const std::string& body = exchange_.incoming.body;
    const std::size_t gap = std::max<std::size_t>(1, body.size() / 50);
    for (std::size_t at = 0; at < body.size(); at += gap) {
      Incoming incoming = exchange_.incoming;
      incoming.body[at] = static_cast<char>(incoming.body[at] ^ 1);
      expect_refused(incoming, "byte " + std::to_string(at) + " changed");
    }
    for (const std::size_t size : {std::size_t{0}, body.size() / 2, body.size() - 1}) {
      Incoming incoming = exchange_.incoming;
      incoming.body.resize(size);
      expect_refused(incoming, "only its first " + std::to_string(size) + " bytes");
    }
    Incoming longer = exchange_.incoming;
    longer.body += std::string(1 << 20, ' ');
    expect_refused(longer, "a mebibyte of blanks after it");
  }
  // Reading is never the place where it is decided, but it must get through anything.
  void read_anything() {
    for (const std::string& body :
         {std::string(), std::string("null"), std::string("[]"), std::string("{}"),
          std::string("{\"data\":{\"object\":[]}}"), std::string(1 << 20, '{'),
          std::string("\xff\xfe"),
          exchange_.incoming.body.substr(0, exchange_.incoming.body.size() / 2)}) {
      Incoming incoming = exchange_.incoming;
      incoming.body = body;
      ++count_;
      for (const News& news : adapter_.webhook.read(exchange_.account, incoming))
        if (news.about == News::About::charge && news.update.verdict == Verdict::captured)
          findings_.push_back({"webhook: money is read from a body that says nothing",
                               "read has to say unknown about what it cannot read."});
    }
  }

  const Adapter& adapter_;
  const Exchange& exchange_;
  Findings& findings_;
  int count_ = 0;
};

}  // namespace

int meet_forgers(const Adapter& adapter, const Exchange& exchange, Findings& findings) {
  if (!exchange.proof || *exchange.proof == Proof::rejected) return 0;
  Forger forger(adapter, exchange, findings);
  forger.forge();
  return forger.count();
}

}  // namespace switchyard
