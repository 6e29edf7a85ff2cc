// What can go wrong in one world, and how often. Each world switches kinds of faults on and off
// entirely and draws the rates of the rest: what hides behind one fault is found without it.
#pragma once

#include "chance.h"

namespace switchyard::sim {

struct Swarm {
  // One call to a provider.
  double not_sent = 0;
  double refused_call = 0;      // 400, 401, 403, 429 or a redirect, nothing executed
  double failed_before = 0;     // 5xx, nothing executed
  double lost = 0;              // never arrives, no answer
  double executed_silence = 0;  // executed, no answer
  double executed_failed = 0;   // executed, then a 5xx or a page that cannot be read
  double executed_late = 0;     // executed long after we gave up
  double twice = 0;             // the transport sends it twice
  double slow = 0;
  double outage = 0;  // of an account, for minutes to days
  // Look-ups.
  double not_visible = 0;
  double stale = 0;
  // Webhooks.
  double webhook_lost = 0;
  double webhook_again = 0;
  double webhook_late = 0;
  double webhook_forged = 0;  // or signed, but about another amount
  // Lies of the liar; of the honest ones, never.
  double lie = 0;
  // The routers and their database.
  double crash = 0;  // at one of its next boundaries, once it has been started
  double freeze = 0;
  double abort = 0;    // a transaction is begun again
  double refusal = 0;  // the database cannot be reached: a batch fails
  double in_doubt = 0;
  double reload = 0;  // the configuration changes while attempts run
  // Merchants and payers.
  double same_key = 0;
  double races = 0;

  static Swarm draw(Chance& chance);
  static Swarm calm() { return {}; }
};

}  // namespace switchyard::sim
