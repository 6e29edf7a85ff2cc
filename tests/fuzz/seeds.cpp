#include "seeds.h"

#include "domain/payment.h"
#include "kit/exchange.h"

namespace switchyard {
namespace {

std::string head_of(const Headers& headers) {
  std::string head;
  for (const auto& [name, value] : headers) head += name + ": " + value + "\n";
  return head + "\n";
}

Seed answer_seed(const Exchange& exchange, const std::string& name) {
  const HttpResponse& response = *exchange.answers;
  return {"provider_answers", name,
          exchange.adapter + " " + exchange.call + " " +
              std::string(word_of(exchange.charge.method.rail)) + " " +
              std::to_string(response.status) + "\n" + head_of(response.headers) + response.body};
}

Seed webhook_seed(const Exchange& exchange, const std::string& name) {
  const Incoming& incoming = exchange.incoming;
  return {"provider_webhooks", name,
          exchange.adapter + " " + incoming.method + " " + incoming.path + "\n" +
              head_of(incoming.headers) + incoming.body};
}

// As it is signed when all is well; the target takes it from there.
Seed signature_seed(const Exchange& exchange, const std::string& name) {
  std::string header = "t={t},v1={v}";
  for (const auto& [key, value] : exchange.incoming.headers)
    if (key == "x-signature") header = "{v}";
  return {"provider_signatures", name,
          exchange.adapter + " 0\n" + header + "\n\n" + exchange.incoming.body};
}

}  // namespace

std::vector<Seed> seeds_from_exchanges() {
  std::vector<Seed> seeds;
  for (const ExchangePlace& place : find_exchanges(SOURCE_DIR "/adapters")) {
    const Exchange exchange = read_exchange(place);
    const std::string name = place.adapter + "_" + place.name;
    if (exchange.answers) {
      seeds.push_back(answer_seed(exchange, name));
      seeds.push_back({"json", name, exchange.answers->body});
    } else if (exchange.call == "webhook") {
      seeds.push_back(webhook_seed(exchange, name));
      seeds.push_back(signature_seed(exchange, name));
      seeds.push_back({"json", name, exchange.incoming.body});
    }
  }
  return seeds;
}

}  // namespace switchyard
