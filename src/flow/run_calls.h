// Sends committed calls, records what came of them, and goes on with what that asks for, until
// nothing is left to send. Nothing here waits: answers arrive on the HTTP client's thread, are read
// and recorded on the pool, and the writer tells when they are committed.
#pragma once

#include <functional>
#include <vector>

#include "flow/calls.h"
#include "flow/services.h"

namespace switchyard {

class KeyFinisher;

// A payment as the last call of a chain left it, committed: whoever waited for it need not read it
// again. Null when several calls ran at once, or one could not be recorded.
using LastRecord = std::shared_ptr<const PaymentRecord>;

// `settled` is called once, on a thread of ours, when every call and all that followed from it has
// been recorded, or could not be (the database is gone): then the attempts' leases run out and
// somebody looks. May be empty. `finisher` is given to the command that ends a chain which never
// forked.
void run_calls(Services& services, std::vector<Send> sends, std::function<void(LastRecord)> settled,
               std::shared_ptr<KeyFinisher> finisher);
// For who does not want the record, which then is not copied.
void run_calls(Services& services, std::vector<Send> sends, std::function<void()> settled = {});

// What a transport outcome means to the door: an answer is read by the adapter, everything else is
// decided by bytes.
Update update_of(const Send& send, const SendOutcome& outcome);

// A command that applies `update` under the payment's lock and leaves the calls it asks for in
// `sends`. `http_status` is kept with the step, 0 when there was no answer.
Command update_command(Services& services, std::shared_ptr<const Send> send, Update update,
                       int http_status, std::shared_ptr<std::vector<Send>> sends);

}  // namespace switchyard
