#!/usr/bin/env python3
"""Judges what a chaos run left behind. Knows nothing of the router's code: reads what the providers
did (ledger, requests), what clients and receivers saw, and a dump of the database.

  tests/chaos/referee.py FOLDER

Long because it is one list: a function for each promise, none of which needs another's.

Prints a line for each invariant and, for each violation, the payment and all that is known of it in
the order of time. Ends with 1 when anything was violated, 2 when the run was too weak to prove
anything.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from datetime import datetime, timezone
from pathlib import Path

from promises import PROMISES
from world_facts import (credentials_fit, forgeries_do_nothing, histograms, nothing_due_is_left,
                         nothing_grows, progress, spread)

ERRORS = Path(__file__).resolve().parent.parent.parent / "docs" / "errors.md"
FINAL = {"succeeded", "failed", "canceled", "expired"}
RANK = {"requires_payment_method": 0, "processing": 1, "requires_action": 1, "requires_capture": 2,
        "succeeded": 3, "failed": 3, "canceled": 3, "expired": 3}
CHARGES = {"charge", "capture"}  # what takes money from the payer


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                # Each row would have names of its own otherwise, and an hour's rows no room for them.
                yield {sys.intern(name): value for name, value in json.loads(line).items()}


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc).timestamp()


class Evidence:
    def __init__(self, folder):
        self.folder = folder
        self.facts = json.loads((folder / "facts.json").read_text())
        self.ledger = list(lines_of(folder / "ledger.jsonl"))
        self.requests = list(lines_of(folder / "requests.jsonl"))
        self.history = list(lines_of(folder / "history.jsonl"))
        self.received = list(lines_of(folder / "received.jsonl"))
        for rows in (self.received, self.history):  # an hour's would not fit in memory twice
            for row in rows:
                if row.get("body"):
                    row["body"] = sys.intern(row["body"])
        self.diary = list(lines_of(folder / "world.jsonl"))
        self.webhooks = list(lines_of(folder / "webhooks.jsonl"))
        self.tables = {path.stem: list(lines_of(path)) for path in (folder / "dump").glob("*.jsonl")}
        self.payments = {row["id"]: row for row in self.tables["payments"]}
        self.attempts = {row["id"]: row for row in self.tables["attempts"]}
        self.steps = {row["provider_key"]: row for row in self.tables["steps"]}
        self.refunds = {row["id"]: row for row in self.tables["refunds"]}
        self.by_name_there = {row["provider_reference"]: row for row in self.attempts.values()}
        # Whose own address took a message: theirs, or one that went astray.
        self.told, self.misled = set(), set()
        for sent in self.webhooks:
            address = re.search(r"/(att_\w+)\.", sent["url"])
            if address and sent["outcome"].split()[-1].startswith("2"):
                is_astray = sent["outcome"].startswith("misaddressed")
                (self.misled if is_astray else self.told).add(address[1])
        self.by_payment = defaultdict(list)
        for row in self.attempts.values():
            self.by_payment[row["payment_id"]].append(row)

    # The attempt that a provider's line is about, by our reference or our key; or, when somebody
    # gave money back in the provider's dashboard, by its name there.
    def attempt_of(self, reference, name_there=""):
        if reference in self.attempts:
            return self.attempts[reference]
        step = self.steps.get(reference)
        if step:
            return self.attempts.get(step["attempt_id"])
        return self.by_name_there.get(name_there) if name_there else None

    # What is known of the account that an attempt was made at.
    def account_of(self, attempt_id):
        return self.facts.get("accounts", {}).get(self.attempts[attempt_id]["account"], {})

    def timeline(self, payment_id):
        told = []
        ids = {payment_id} | {row["id"] for row in self.by_payment[payment_id]}
        ids |= {key for key, step in self.steps.items() if step["payment_id"] == payment_id}
        for row in self.by_payment[payment_id]:
            told.append((seconds(row["created_at"]), f"attempt {row['id']} {row['operation']} at "
                         f"{row['account']} began; is {row['status']} "
                         f"(received {row['amount_received']})"))
        for line in self.ledger:
            if line["reference"] in ids:
                told.append((seconds(line["at"]), f"PROVIDER {line['provider']} {line['operation']} "
                             f"{line['amount']} {line['currency']} for {line['reference']}"))
        for ask in self.requests:
            if any(name in ask["body"] or name in ask["path"] or name == ask["key"] for name in ids):
                told.append((ask["at"], f"request {ask['method']} {ask['path']} key {ask['key']} "
                             f"fault {ask['fault'] or '-'}"))
        for row in self.tables["events"]:
            if row["payment_id"] == payment_id:
                told.append((seconds(row["created_at"]), f"event {row['type']} {row['id']}"))
        for seen in self.history:
            if payment_id in seen["path"] or payment_id in seen.get("body", ""):
                told.append((seen["begun"], f"client {seen['client']} {seen['method']} {seen['path']} "
                             f"key {seen['key']} -> {seen.get('status', seen.get('problem'))}"))
        for row in self.tables["anomalies"]:
            if row["payment_id"] == payment_id:
                told.append((seconds(row["created_at"]), f"anomaly {row['what']} {row['details']}"))
        return [f"    {datetime.fromtimestamp(at, timezone.utc):%H:%M:%S.%f} {what}"
                for at, what in sorted(told)]


class Verdict:
    def __init__(self, evidence):
        self.evidence = evidence
        self.lines = []
        self.violations = 0

    def judge(self, name, promise, found):
        """found: pairs of (payment id or "", what is wrong)."""
        found = list(found)
        self.violations += len(found)
        self.lines.append(f"{'ok  ' if not found else 'FAIL'} {name:4} {promise}"
                          + (f": {len(found)} violations" if found else ""))
        for payment_id, what in found[:3]:
            self.lines.append(f"  seed {self.evidence.facts['seed']} {payment_id}: {what}")
            if payment_id:
                self.lines += self.evidence.timeline(payment_id)[:80]


def operations_in_books(e):
    """What we believe was done at providers: (account's attempt, operation) -> amount."""
    books = {}
    for row in e.attempts.values():
        if row["operation"] == "charge" and row["status"] == "captured":
            books[row["id"]] = row["amount_received"]
    return books


def taken(e):
    """What providers really took: attempt -> amount, and what they gave back."""
    took, gave = Counter(), Counter()
    strangers = []
    for line in e.ledger:
        attempt = e.attempt_of(line["reference"], line["object"])
        if attempt is None:
            strangers.append(line)
            continue
        charge = attempt["charge_attempt_id"] or attempt["id"]
        if line["operation"] in CHARGES:
            took[charge] += line["amount"]
        elif line["operation"] == "refund":
            gave[charge] += line["amount"]
    return took, gave, strangers


def is_for_a_person(e, attempt):
    """Nothing is sent again once a cancellation is asked for, nor to a provider that has forgotten the key
    or never had one; who can then not say that the money moved cannot say either that it never will. A
    person is told, and nothing is made up. A charge by our reference is closed there instead."""
    payment, account = e.payments[attempt["payment_id"]], e.account_of(attempt["id"])
    if not payment["review"]:
        return False
    # It has no call that closes anything, and a capture that left may still arrive.
    if attempt["status"] == "closing":
        return account.get("never_closes", False) and any(
            step["attempt_id"] == attempt["id"] and step["name"] == "capture" for step in e.steps.values())
    if attempt["status"] != "unknown":
        return False
    is_ending = payment["cancel_requested"] and not attempt["provider_reference"]
    is_forgotten = account.get("forgets_keys", False) and attempt["operation"] != "charge"
    return (is_ending or is_forgotten or account.get("is_keyless", False)
            or was_told_nothing(e, attempt))


def was_told_nothing(e, attempt):
    """A provider that tells once, and neither its answer nor its message reached us: there is no name to ask by.
    Or it told this address what another is called, whose own name nobody had been told: which of the two it is
    cannot be known then, of neither."""
    if not e.account_of(attempt["id"]).get("tells_once", False):
        return False
    if attempt["provider_reference"]:
        return attempt["id"] in e.misled
    is_lost_to_another = any(
        row["what"] == "hint about another attempt" and row["payment_id"] == attempt["payment_id"]
        and e.by_name_there.get(row["details"]["provider_reference"], {}).get("id") in e.misled
        for row in e.tables["anomalies"])
    return attempt["id"] not in e.told or is_lost_to_another


def took_back_its_word(e, attempt):
    """The provider refused for good, and then took the money and told nobody."""
    return e.account_of(attempt["id"]).get("lies", False) and attempt["status"] == "refused"


def no_orphans(e):
    took, _, strangers = taken(e)
    for line in strangers:
        yield "", f"the provider did what we know nothing of: {line}"
    books = operations_in_books(e)
    for attempt, amount in took.items():
        row = e.attempts[attempt]
        is_excused = took_back_its_word(e, row) or (is_for_a_person(e, row) and was_told_nothing(e, row))
        if books.get(attempt) != amount and not is_excused:
            yield e.attempts[attempt]["payment_id"], (
                f"{attempt}: the provider took {amount}, our books say {books.get(attempt)}")
    for attempt, amount in books.items():
        if took.get(attempt) != amount:
            yield e.attempts[attempt]["payment_id"], (
                f"{attempt}: our books say {amount}, the provider took {took.get(attempt)}")


def never_twice(e):
    took, gave, _ = taken(e)
    kept = defaultdict(list)
    for attempt, amount in took.items():
        if amount > gave[attempt]:
            kept[e.attempts[attempt]["payment_id"]].append((attempt, amount - gave[attempt]))
    for payment_id, charges in kept.items():
        if len(charges) > 1:
            yield payment_id, f"charged more than once: {charges}"
        payment = e.payments[payment_id]
        if sum(amount for _, amount in charges) > payment["amount"]:
            yield payment_id, f"more was kept than asked: {charges} of {payment['amount']}"


def one_key_one_body(e):
    bodies = defaultdict(set)
    for ask in e.requests:
        if ask["method"] == "POST" and ask["key"]:
            bodies[ask["key"]].add((ask["path"], ask["body"]))
    for key, seen in bodies.items():
        if len(seen) > 1:
            step = e.steps.get(key)
            yield (step["payment_id"] if step else ""), f"key {key} carried {len(seen)} bodies"
        if key not in e.steps and not key.startswith("dashboard-"):
            yield "", f"the provider was given key {key}, which is in no book"


def intents_first(e):
    """No provider sees a key before its intent is committed, nor after the provider has forgotten it."""
    committed = {row["provider_key"]: row["committed_at"] for row in e.tables["step_commits"]}
    for ask in e.requests:
        step = e.steps.get(ask["key"])
        if step and ask["at"] < committed.get(ask["key"], float("inf")) - 0.001:
            yield step["payment_id"], (f"request at {ask['at']} before the commit of its intent, "
                                       f"{committed.get(ask['key'])}")
        # A tombstone may come late or twice: it moves no money.
        if step and step["name"] != "cancel" and ask["method"] == "POST" \
                and ask["at"] > seconds(step["dedup_until"]) + 1:
            yield step["payment_id"], f"key {ask['key']} used after {step['dedup_until']}"


def attempts_in_line(e):
    for payment_id, rows in e.by_payment.items():
        charges = sorted((row for row in rows if row["operation"] == "charge"),
                         key=lambda row: row["number"])
        live = [row for row in charges
                if row["status"] in ("sending", "unknown", "requires_action", "authorized", "closing")]
        if len(live) > 1:
            yield payment_id, f"{len(live)} live charges"
        for earlier, later in zip(charges, charges[1:]):
            if earlier["status"] == "captured" and not earlier["late"]:
                if seconds(later["created_at"]) > seconds(earlier["updated_at"]):
                    yield payment_id, f"{later['id']} began after {earlier['id']} was captured"


def refunds_within(e):
    for attempt in e.attempts.values():
        if attempt["operation"] == "charge":
            if attempt["amount_refunding"] > attempt["amount_received"]:
                yield attempt["payment_id"], "refunds above what was received"
    _, gave, _ = taken(e)
    took, _, _ = taken(e)
    for attempt, amount in gave.items():
        if amount > took[attempt]:
            yield e.attempts[attempt]["payment_id"], f"{amount} given back of {took[attempt]}"
    done = Counter()
    for refund in e.refunds.values():
        if refund["status"] == "succeeded":
            done[refund["charge_attempt_id"]] += refund["amount"]
    for line in e.ledger:  # what nobody told us that they gave back
        attempt = e.attempt_of(line["reference"], line["object"])
        if attempt and attempt["operation"] == "refund" and line["operation"] == "refund" \
                and is_for_a_person(e, attempt) and was_told_nothing(e, attempt):
            gave[attempt["charge_attempt_id"]] -= line["amount"]
    for attempt in set(done) | set(gave):
        if done[attempt] != gave[attempt]:
            yield e.attempts[attempt]["payment_id"], (
                f"refunds in our books {done[attempt]}, at the provider {gave[attempt]}")


def journal_balances(e):
    sums = Counter()
    for line in e.tables["journal_lines"]:
        sums[line["entry"], line["currency"]] += line["amount"]
    for (entry, _), total in sums.items():
        if total:
            yield "", f"journal entry {entry} sums to {total}"
    received = Counter()
    for line in e.tables["journal_lines"]:
        if line["book"].startswith("provider:"):
            received[line["payment_id"]] += line["amount"]
    for payment_id, payment in e.payments.items():
        if received[payment_id] != payment["amount_received"] - payment["amount_refunded"]:
            yield payment_id, (f"journal {received[payment_id]}, payment "
                               f"{payment['amount_received']} - {payment['amount_refunded']}")


def amounts_as_asked(e):
    for line in e.ledger:
        attempt = e.attempt_of(line["reference"], line["object"])
        if attempt and line["operation"] in ("charge", "authorize"):
            payment = e.payments[attempt["payment_id"]]
            currency = e.account_of(attempt["id"]).get("counts_in", payment["currency"])
            if (line["amount"], line["currency"]) != (payment["amount"], currency):
                yield payment["id"], f"asked {payment['amount']}, the provider did {line['amount']}"


def answers_kept(e):
    """No acknowledged request is lost; one key has one answer, one payment."""
    answers, made, by_name = {}, defaultdict(set), defaultdict(set)
    for seen in e.history:
        status = seen.get("status")
        if status is None or not seen["key"] or seen["method"] == "GET":
            continue
        who = (seen["merchant"], seen["key"])
        try:
            said = json.loads(seen["body"])
        except ValueError:
            yield "", f"an answer that is no JSON: {seen['body'][:100]}"
            continue
        code = (said.get("error") or {}).get("code")
        if status == 409 and code == "idempotency_key_in_use" or status in (429, 500, 503):
            continue
        if status not in (200, 201, 202, 402):
            continue  # refused before anything was stored: a retry may meet another state
        bare = dict(said)
        if "error" in bare:
            bare["error"] = {**bare["error"], "request_id": ""}
        first = answers.setdefault(who, (status, json.dumps(bare), seen["asked"]))
        if first[2] != seen["asked"]:
            yield "", f"key {who} ran with two bodies"
        elif first[:2] != (status, json.dumps(bare)) and first[0] != 202 and status != 202:
            yield said.get("id", ""), f"key {who} was answered {first[0]} and {status}: {first[1][:200]} / {seen['body'][:200]}"
        if status < 300 and said.get("object") == "payment":
            made[who].add(said["id"])
            if said["id"] not in e.payments:
                yield said["id"], f"answered {status}, and is not stored"
            elif e.payments[said["id"]]["amount"] != said["amount"]:
                yield said["id"], "another amount is stored than was answered"
        if status < 300 and said.get("object") == "refund" and said["id"] not in e.refunds:
            yield said["payment"], f"refund {said['id']} was answered {status}, and is not stored"
    for who, ids in made.items():
        if len(ids) > 1:
            yield min(ids), f"key {who} made {sorted(ids)}"
    for payment in e.payments.values():
        if payment["external_id"]:
            by_name[payment["merchant_id"], payment["external_id"]].add(payment["id"])
    for name, ids in by_name.items():
        if len(ids) > 1:
            yield min(ids), f"external_id {name} has {sorted(ids)}"


def errors_are_ours(e):
    # Whoever has an exception thrown in a handler may see one request of it end so.
    allowed = e.facts["counts"].get("exceptions thrown", 0)
    listed = set(re.findall(r"`([a-z_]+)`", ERRORS.read_text()))
    for seen in e.history:
        status = seen.get("status")
        if status is None or status < 400:
            continue
        try:
            error = json.loads(seen["body"])["error"]
        except (ValueError, KeyError):
            yield "", f"{status} without an error object: {seen['body'][:200]}"
            continue
        if error.get("code") not in listed:
            yield "", f"{status} with a code that no page lists: {error}"
        if status == 500 and (allowed := allowed - 1) < 0:
            yield "", f"500 at {seen['begun']}: {error}"
        for word in ("pqxx", "std::", "exception", "SELECT", "libpq"):
            if word in error.get("message", ""):
                yield "", f"an exception's text reached a client: {error['message']}"


def never_back(e):
    best = {}
    for seen in e.history:
        if seen["method"] != "GET" or seen.get("status") != 200:
            continue
        said = json.loads(seen["body"])
        charges = len(said["attempts"])
        rank = (charges, RANK[said["status"]])
        who = (seen["client"], said["id"])
        # A payment that failed may be tried again, and a late success replaces any final status.
        if who in best and rank < best[who] and not said["late"]:
            yield said["id"], f"went back from {best[who]} to {rank}"
        best[who] = max(rank, best.get(who, rank))


def events_whole(e):
    by_payment, positions = defaultdict(list), defaultdict(list)
    for row in e.tables["events"]:
        positions[row["merchant_id"], row["mode"]].append(row["position"])
        if row["payment_id"]:
            by_payment[row["payment_id"]].append(row)
    for owner, numbers in positions.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield "", f"positions of {owner} have gaps"
    for payment_id, payment in e.payments.items():
        rows = sorted(by_payment[payment_id], key=lambda row: row["sequence"])
        if [row["sequence"] for row in rows] != list(range(1, len(rows) + 1)):
            yield payment_id, "sequence has gaps"
            continue
        types = [row["type"] for row in rows]
        if types[:1] != ["payment.created"]:
            yield payment_id, f"begins with {types[:1]}"
        wanted = {"succeeded": "payment.succeeded", "failed": "payment.failed",
                  "canceled": "payment.canceled", "expired": "payment.expired"}
        if payment["status"] in wanted and wanted[payment["status"]] not in types:
            yield payment_id, f"is {payment['status']} without its event: {types}"
        if types.count("payment.succeeded") > 1:
            yield payment_id, f"succeeded more than once: {types}"
        previous = None
        for row in rows:
            if json.loads(row["body"])["previous"] != previous:
                yield payment_id, f"{row['id']} names another previous event"
            previous = row["id"]


def deliveries_in_order(e):
    known = {row["id"]: row for row in e.tables["events"]}
    first = defaultdict(list)
    bodies, taken_by = {}, defaultdict(set)
    for got in e.received:
        if not got["signed"]:
            yield "", f"endpoint {got['endpoint']} got {got['id']} with a bad signature"
        if bodies.setdefault(got["id"], got["body"]) != got["body"]:
            yield "", f"{got['id']} was sent with two bodies"
        if got["id"] not in known:
            yield "", f"{got['id']} was delivered and is not stored"
            continue
        if abs(got["at"] - int(got["sent"])) > 30:
            yield "", f"{got['id']} carries an old time"
        row = known[got["id"]]
        order = first[got["endpoint"], row["payment_id"]]
        if row["payment_id"] and got["id"] not in order:
            if order and known[order[-1]]["sequence"] > row["sequence"]:
                yield row["payment_id"], f"endpoint {got['endpoint']} got {got['id']} out of order"
            order.append(got["id"])
        if got["said"] in ("200", "slow"):
            taken_by[got["endpoint"]].add(got["id"])
    for number, endpoint in e.facts["endpoints"].items():
        row = next(row for row in e.tables["endpoints"] if row["id"] == endpoint["id"])
        if row["status"] != "enabled":
            continue
        missing = [row for row in known.values() if row["merchant_id"] == endpoint["merchant"] and row["mode"] == "test"
                   and row["id"] not in taken_by[int(number)] and row["created_at"] > ""]
        for row in missing[:3]:
            yield row["payment_id"] or "", f"endpoint {number} never took {row['id']} {row['type']}"


def nothing_left_open(e):
    for attempt in e.attempts.values():
        is_open = attempt["status"] in ("sending", "unknown", "closing")
        if is_open and not is_for_a_person(e, attempt):
            yield attempt["payment_id"], f"{attempt['id']} is still {attempt['status']}"
    if e.facts["counts"].get("clients that never got an answer"):
        yield "", "clients were still waiting for an answer after the healing"


def nothing_leaked(e):
    needles = list(e.facts["canaries"].values()) + [*e.facts["merchants"].values(), *e.facts["live_keys"].values()]
    for path in [*e.folder.glob("router*.log"), *(e.folder / "dump").glob("*.jsonl")]:
        text = path.read_text(errors="replace")
        for needle in needles:
            if needle in text:
                yield "", f"{path.name} holds {needle[:16]}…"


def no_trap(e):
    if e.facts["trap_hits"]:
        yield "", f"{e.facts['trap_hits']} connections followed a redirect"


def quick_enough(e):
    slow = [took for took in e.facts["times"]["restart"] if took > 5]
    if slow:
        yield "", f"starts took {slow}"


def ended_only_when_told(e):
    for what, count in e.facts["counts"].items():
        if what.startswith("router ended by itself"):
            yield "", f"{what}, {count} times: see router0.log and router1.log"


def floors(e):
    counts, minutes = e.facts["counts"], e.facts["minutes"]
    share = minutes / 10
    cuts = counts.get("commit cut before", 0) + counts.get("commit cut after", 0)
    kills = sum(counts.get(name, 0) for name in ("router killed", "router killed at a failpoint"))
    kills += 2 * counts.get("both routers killed", 0)
    wanted = [("payments", len(e.payments), 25_000), ("router kills", kills, 80),
              ("PostgreSQL crashes", counts.get("database crashed", 0), 5),
              ("cut COMMITs", cuts, 80)]
    reached = Counter()
    for path in e.folder.glob("router*.log"):
        for line in path.read_text(errors="replace").splitlines():
            if line.startswith("failpoint ") and line.endswith(" reached"):
                reached[line.split()[1]] += 1
    wanted += [(f"failpoint {name}", reached[name], 10) for name in e.facts["failpoints"]]
    return [(name, has, max(1, int(least * share))) for name, has, least in wanted if share]


def main(folder):
    e = Evidence(Path(folder))
    v = Verdict(e)
    v.judge("I1", "providers' ledgers and our books agree", no_orphans(e))
    v.judge("I2", "no payment is charged twice", never_twice(e))
    v.judge("I3", "one charge at a time", attempts_in_line(e))
    v.judge("I5", "a key has one body and is in our books", one_key_one_body(e))
    v.judge("I6", "refunds within what was received, and as at the provider", refunds_within(e))
    v.judge("I7", "the journal balances and equals the payments", journal_balances(e))
    v.judge("I8", "amounts as asked", amounts_as_asked(e))
    v.judge("I9", "intents before requests, keys while they are remembered", intents_first(e))
    v.judge("I10", "test keys for test payments, live keys for live ones", credentials_fit(e))
    v.judge("I11", "no answer is lost; one key, one answer, one payment (I12-I14)", answers_kept(e))
    v.judge("I15", "errors are ours, no 500", errors_are_ours(e))
    v.judge("I16", "no client sees a payment go back", never_back(e))
    v.judge("I18", "what does not prove itself does nothing", forgeries_do_nothing(e))
    v.judge("I19", "every change has its events, without gaps", events_whole(e))
    v.judge("I20", "deliveries in order, signed, all of them (I21, I22)", deliveries_in_order(e))
    v.judge("I22", "no delivery follows a redirect", no_trap(e))
    v.judge("I23", "nothing that is due is left behind", nothing_due_is_left(e))
    v.judge("I24", "nothing is left open after the healing", nothing_left_open(e))
    v.judge("I25", "something is achieved whenever a router and the database are up", progress(e) if e.facts["minutes"] else [])
    v.judge("I26", "a killed router serves again soon", quick_enough(e))
    v.judge("I28", "once all is quiet, nothing grows", nothing_grows(e))
    v.judge("", "no router ends by itself", ended_only_when_told(e))
    v.judge("I27", "no secret leaks", nothing_leaked(e))
    for name, promise, judge in PROMISES:
        v.judge(name, promise, judge(e))
    print("\n".join(v.lines))
    statuses = Counter(row["status"] for row in e.payments.values())
    print(f"payments: {dict(statuses)}; attempts: "
          f"{dict(Counter(row['status'] for row in e.attempts.values()))}")
    print(f"requests to providers {len(e.requests)}, deliveries {len(e.received)}, "
          f"calls {len(e.history)}; start to serving {spread(e.facts['times']['restart'])}; "
          f"quiet {e.facts['quiet_after']:.0f} s after the healing began")
    print("\n".join(histograms(e)))
    print("injected: " + ", ".join(f"{name} {count}" for name, count in
                                   sorted(e.facts["counts"].items())))
    weak = [f"{name} {has} of {least}" for name, has, least in floors(e) if has < least]
    if weak:
        print("INVALID: too weak to prove anything: " + ", ".join(weak))
    print(f"{v.violations} violations")
    return 1 if v.violations else 2 if weak else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
