"""More promises for the referee to judge: a function for each, over the same evidence."""

import hashlib
import json
import re
from collections import defaultdict
from datetime import datetime

NAME = re.compile(r"[A-Za-z0-9_-]{8,}")  # what may be a provider's name for something
OVER = {"refused", "not_sent", "canceled", "expired"}


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def moved(e):
    """Attempts by which providers really took money -> when they first did."""
    first = {}
    for line in e.ledger:
        attempt = e.attempt_of(line["reference"], line["object"])
        if attempt and attempt["operation"] != "refund" and line["operation"] in ("charge", "capture"):
            charge = attempt["charge_attempt_id"] or attempt["id"]
            first[charge] = min(seconds(line["at"]), first.get(charge, float("inf")))
    return first


def doubt_stays_doubt(e):
    """Nobody was told that an attempt is over by which the provider took money, before or after."""
    took = moved(e)
    for row in e.tables["events"]:
        if not row["payment_id"]:
            continue
        for attempt in json.loads(row["body"])["data"]["object"].get("attempts", []):
            said_so = e.account_of(attempt["id"]).get("lies")  # the provider, and then took it after all
            if attempt["status"] in OVER and attempt["id"] in took and not said_so:
                yield row["payment_id"], (f"{row['type']} calls {attempt['id']} {attempt['status']}, "
                                          "and the provider took money by it")
                break


def one_attempt_takes(e):
    """Giving the second charge back does not undo that it was taken."""
    by_payment = defaultdict(list)
    for attempt_id in moved(e):
        if e.account_of(attempt_id).get("lies"):  # it refused for good, and took the money after all
            continue
        by_payment[e.attempts[attempt_id]["payment_id"]].append(attempt_id)
    for payment_id, attempts in by_payment.items():
        if len(attempts) > 1:
            yield payment_id, f"the provider took money by {sorted(attempts)}"


def status_fits_money(e):
    kept = defaultdict(int)
    for line in e.ledger:
        attempt = e.attempt_of(line["reference"], line["object"])
        if attempt and not (e.account_of(attempt["id"]).get("lies") and attempt["status"] == "refused"):
            sign = {"charge": 1, "capture": 1, "refund": -1}.get(line["operation"], 0)
            kept[attempt["payment_id"]] += sign * line["amount"]
    for payment_id, amount in kept.items():
        status = e.payments[payment_id]["status"]
        if amount > 0 and status in ("failed", "canceled", "expired", "requires_payment_method"):
            yield payment_id, f"is {status}, and the provider keeps {amount}"


def refunds_at_every_moment(e):
    """What was asked to be given back never exceeded what had come, also while it was on its way."""
    changes = defaultdict(list)
    for refund in e.refunds.values():
        if refund["made_elsewhere"]:
            continue
        changes[refund["charge_attempt_id"]].append((seconds(refund["created_at"]), refund["amount"]))
        if refund["status"] in ("failed", "canceled"):
            changes[refund["charge_attempt_id"]].append(
                (seconds(refund["finished_at"] or refund["updated_at"]), -refund["amount"]))
    for attempt_id, steps in changes.items():
        asked, attempt = 0, e.attempts[attempt_id]
        for _, amount in sorted(steps):
            asked += amount
            if asked > attempt["amount_received"]:
                yield attempt["payment_id"], (f"refunds of {asked} were asked for at one time, "
                                              f"of {attempt['amount_received']} received")
                break


def replays_exact(e):
    """A finished key answers with the same bytes for ever, and never with "not now"."""
    first = {}
    for seen in e.history:
        status = seen.get("status")
        if status is None or not seen["key"] or seen["method"] == "GET":
            continue
        if seen.get("replayed") and (status >= 500 or "idempotency_key_in_use" in seen["body"]):
            yield "", f"key {seen['key']} has {status} as its answer for ever: {seen['body'][:200]}"
        if status not in (200, 201):
            continue
        body = first.setdefault((seen["merchant"], seen["key"], seen["asked"]), seen["body"])
        if body != seen["body"]:
            yield json.loads(body).get("payment") or json.loads(body).get("id", ""), (
                f"key {seen['key']} was answered with other bytes: {body[:160]} / {seen['body'][:160]}")


def webhooks_kept(e):
    """A message that was acknowledged is stored, and one about ours is applied in the end."""
    stored = {row["sha256"] for row in e.tables["provider_webhooks"]}
    for sent in e.webhooks:
        digest = sent.get("sha256") or hashlib.sha256(sent["body"].encode()).hexdigest()
        if sent["outcome"].split()[-1].startswith("2") and digest not in stored:
            yield "", f"{sent['provider']}'s webhook of {sent['at']} was acknowledged and is nowhere"
    ours = {row["provider_reference"]: row for row in e.attempts.values() if row["provider_reference"]}
    for row in e.tables["provider_webhooks"]:
        if row["state"] != "done" or row["proof"] != "verified" or row["outcome"] in ("applied", "nothing about a payment"):
            continue
        body = bytes.fromhex(row["body"].removeprefix("\\x")).decode("utf-8", "replace")
        about = next((ours[name] for name in NAME.findall(body) if name in ours), None)
        if about and about["account"] == row["account"]:  # a message may go astray
            yield about["payment_id"], f"webhook {row['id']} was left aside: {row['outcome']}"


def drains_finish(e):
    """Who is asked to end answers what it has begun; what comes meanwhile may be refused."""
    for drain in e.facts.get("drains", []):
        for seen in e.history:
            was_begun = seen["begun"] < drain["at"] - 0.3
            ended_in_it = drain["at"] < seen["ended"] < drain["ended"] + 1
            if seen["node"] == drain["node"] and was_begun and ended_in_it and not seen.get("left") \
                    and (seen.get("problem") or seen["status"] >= 500):
                yield "", (f"{seen['method']} {seen['path']} key {seen['key']} was under way when "
                           f"router {drain['node']} was asked to end, and got "
                           f"{seen.get('problem') or seen['status']}")


PROMISES = [
    ("I2", "a payment's status fits the money that the provider keeps", status_fits_money),
    ("I2", "one attempt takes a payment's money", one_attempt_takes),
    ("I4", "no attempt is called over by which money was taken", doubt_stays_doubt),
    ("I6", "refunds asked for never exceed what had come", refunds_at_every_moment),
    ("I12", "a finished key answers with the same bytes", replays_exact),
    ("I17", "acknowledged webhooks are stored, and applied", webhooks_kept),
    ("R14", "a router that is asked to end answers what it has begun", drains_finish),
]
