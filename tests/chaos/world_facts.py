"""What the referee judges by the world's own diary: who was up and when, which webhooks were sent and
how they were answered, whose credentials reached a provider, and how long everything took."""

import json
from collections import defaultdict
from datetime import datetime, timezone

PATIENCE = 10.0  # seconds with a router and a database in which something must be achieved


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc).timestamp()


def spread(values):
    if not values:
        return "none"
    values = sorted(values)
    at = lambda share: values[min(len(values) - 1, int(len(values) * share))]
    return (f"p50 {at(0.5):.2f} s, p99 {at(0.99):.2f} s, most {values[-1]:.2f} s "
            f"({len(values)})")


def forgeries_do_nothing(e):
    """What does not prove itself is refused, and nothing happens because of it (I18)."""
    rejected, believed = set(), set()
    for row in e.tables["provider_webhooks"]:
        (rejected if row["proof"] == "rejected" else believed).add((row["account"], row["sha256"]))
        if row["proof"] == "rejected" and row["state"] != "quarantined":
            yield "", f"{row['id']} does not prove itself and is {row['state']}"
    untrue = rejected - believed
    for row in e.tables["events"]:
        cause = json.loads(row["body"])["data"]["cause"] or {}
        if cause.get("kind") != "provider_webhook":
            continue
        if (cause["account"], cause["raw_sha256"]) in untrue:
            yield row["payment_id"] or "", f"{row['id']} was caused by a rejected webhook: {cause}"
        if cause["account"] not in {attempt["account"] for attempt in e.by_payment[row["payment_id"]]}:
            yield row["payment_id"], f"{row['id']} was caused by a message to another account: {cause}"
    proving = {name for name, facts in e.facts["accounts"].items() if facts["proves"]}
    for sent in e.webhooks:
        account = sent["url"].rstrip("/").rsplit("/", 1)[-1]
        if sent["outcome"].startswith("forged 2") and account in proving:
            yield "", f"a forged webhook was answered {sent['outcome']}: {sent['url']}"


def credentials_fit(e):
    """A test payment is asked for with a test account's key only, a live one with a live one's (I10)."""
    ends = {facts["key_end"]: facts["mode"] for facts in e.facts["accounts"].values()}
    for ask in e.requests:
        attempt = e.attempt_of(ask["key"]) if ask["key"] else None
        mode = ends.get(ask.get("credential", ""))
        if attempt and mode and e.payments[attempt["payment_id"]]["mode"] != mode:
            yield attempt["payment_id"], f"{ask['method']} {ask['path']} went out with a {mode} key"


def nothing_due_is_left(e):
    """Every lease that is over and every job that is due has been taken by somebody (I23)."""
    end = e.facts["dumped_at"]
    for row in e.tables["leases"]:
        due, until = row["due_at"], row["lease_until"]
        if due and "infinity" not in due and seconds(due) < end - 20:
            if "infinity" in until or seconds(until) < end - 20:
                yield row["payment_id"], f"{row['attempt_id']} has been due since {due}"


def up_times(e):
    """Intervals of the chaos in which a router was up and the database too."""
    ready, is_database_up, downs, since = set(), True, 0, None
    intervals = []
    over = {"at": e.facts["healed_at"], "what": "over"}
    for line in [*(line for line in e.diary if line["at"] < over["at"]), over]:
        what = line["what"]
        if what == "ready":
            ready.add(line["router"])
        elif what in ("killed", "gone", "frozen", "drained", "started"):
            ready.discard(line["router"])
        elif what == "database down":
            downs += 1
        elif what == "database up":
            downs -= 1
        is_up = bool(ready) and downs <= 0 and what != "over"
        if is_up and since is None:
            since = line["at"]
        if not is_up and since is not None:
            intervals.append((since, line["at"]))
            since = None
    return intervals


def progress(e):
    """With a router and the database up for ten seconds, at least one payment completes (I25)."""
    done = sorted(seen["ended"] for seen in e.history
                  if seen["method"] == "POST" and seen["path"] == "/v1/payments"
                  and seen.get("status") in (200, 201, 202, 402))
    for begun, ended in up_times(e):
        marks = [begun, *[at for at in done if begun < at < ended], ended]
        for earlier, later in zip(marks, marks[1:]):
            if later - earlier > PATIENCE:
                yield "", (f"nothing was achieved for {later - earlier:.1f} s from {earlier:.3f} on, "
                           "with a router and the database up")


def nothing_grows(e):
    """Once all is quiet, threads, files, memory and sessions stay where they are (I28)."""
    if len(e.facts["resources"]) < 2:
        return
    before, after = e.facts["resources"]
    for number, (old, new) in enumerate(zip(before["routers"], after["routers"])):
        for what, room in (("threads", 8), ("files", 32), ("resident_kb", 32_000)):
            if new[what] > old[what] + room:
                yield "", f"router {number}: {what} grew from {old[what]} to {new[what]} while all was quiet"
    if after["sessions"] > before["sessions"] + 4:
        yield "", f"database sessions grew from {before['sessions']} to {after['sessions']}"


def histograms(e):
    """Lines to print: how long truth, delivery and takeover took."""
    first_told, first_seen, lost = {}, {}, set()
    for row in e.tables["events"]:
        if row["type"] in ("payment.succeeded", "payment.requires_capture", "payment.overpaid"):
            at = seconds(row["created_at"])
            first_told[row["payment_id"]] = min(at, first_told.get(row["payment_id"], at))
    for got in e.received:
        who = (got["id"], got["endpoint"])
        first_seen[who] = min(got["at"], first_seen.get(who, got["at"]))
    for ask in e.requests:
        if ask["fault"] and ask["is_executed"] and ask["key"] in e.steps:
            lost.add(e.steps[ask["key"]]["attempt_id"])
    truth, doubt = [], []
    for line in e.ledger:
        attempt = e.attempt_of(line["reference"])
        if attempt and line["operation"] in ("charge", "authorize"):
            told = first_told.get(attempt["payment_id"])
            if told:
                truth.append(max(0.0, told - seconds(line["at"])))
                if attempt["id"] in lost:
                    doubt.append(truth[-1])
    made = {row["id"]: seconds(row["created_at"]) for row in e.tables["events"]}
    delivery = [max(0.0, at - made[event]) for (event, _), at in first_seen.items() if event in made]
    return [f"time to truth (provider acted, our books say so): {spread(truth)}",
            f"  after an answer that was lost, late or broken: {spread(doubt)}",
            f"commit to first delivery: {spread(delivery)}",
            f"a dead router's requests answered after its end: {spread(takeovers(e))}"]


def takeovers(e):
    ends = [line for line in e.diary if line["what"] in ("killed", "gone")]
    final = defaultdict(list)
    for seen in e.history:
        if seen["key"] and seen.get("status") in (200, 201, 202, 402):
            final[seen["merchant"], seen["key"]].append(seen["ended"])
    took = []
    for seen in e.history:
        if not seen["key"] or "problem" not in seen or seen["problem"] == "EOFError":
            continue
        for end in ends:
            if end["router"] == seen["node"] and seen["begun"] < end["at"] <= seen["ended"] + 0.2:
                answers = [at for at in final[seen["merchant"], seen["key"]] if at > end["at"]]
                if answers:
                    took.append(min(answers) - end["at"])
                break
    return took
