#include "swarm.h"

namespace switchyard::sim {

Swarm Swarm::draw(Chance& chance) {
  Swarm swarm;
  if (chance.is(0.05)) return swarm;  // without faults nothing may go wrong either
  const auto rate = [&](double most) { return chance.is(0.5) ? most * chance.share() : 0.0; };
  swarm.not_sent = rate(0.2);
  swarm.refused_call = rate(0.15);
  swarm.failed_before = rate(0.2);
  swarm.lost = rate(0.2);
  swarm.executed_silence = rate(0.3);
  swarm.executed_failed = rate(0.3);
  swarm.executed_late = rate(0.15);
  swarm.twice = rate(0.1);
  swarm.slow = rate(0.2);
  swarm.outage = rate(0.5);
  swarm.not_visible = rate(0.5);
  swarm.stale = rate(0.4);
  swarm.webhook_lost = chance.is(0.1) ? 1.0 : rate(0.4);
  swarm.webhook_again = rate(0.4);
  swarm.webhook_late = rate(0.5);
  swarm.webhook_forged = rate(0.1);
  swarm.lie = rate(0.5);
  swarm.crash = rate(1.0);
  swarm.freeze = rate(0.6);
  swarm.abort = rate(0.1);
  swarm.refusal = rate(0.05);
  swarm.in_doubt = rate(0.15);
  swarm.reload = rate(0.5);
  swarm.same_key = rate(0.5);
  swarm.races = rate(0.8);
  return swarm;
}

}  // namespace switchyard::sim
