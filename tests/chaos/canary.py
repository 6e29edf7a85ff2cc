"""Canaries: the evidence of a clean run, spoiled in one place. A referee that stays silent about any of
them is blind, and a green run of its own would mean nothing."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from world import CANARIES as CANARY_KEYS

HERE = Path(__file__).resolve().parent


def change(folder, file, alter):
    """alter(rows) changes the list of a file's rows in place, or what a .json or .log file holds."""
    path = folder / file
    if path.suffix == ".json":
        facts = json.loads(path.read_text())
        alter(facts)
        path.write_text(json.dumps(facts))
        return
    if path.suffix == ".log":
        lines = [path.read_text(errors="replace")]
        alter(lines)
        path.write_text("\n".join(lines))
        return
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    alter(rows)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def first(rows, **wanted):
    return next(row for row in rows if all(row.get(name) == value for name, value in wanted.items()))


def copy_of(rows, change_with, **wanted):
    rows.append({**first(rows, **wanted), **change_with})


def alter_first(rows, change_with, **wanted):
    first(rows, **wanted).update(change_with)


def answered_and_lost(rows):
    made = next(row for row in rows if row.get("status") == 201 and row["path"] == "/v1/payments")
    body = json.loads(made["body"])
    rows.append({**made, "key": "canary", "body": json.dumps({**body, "id": "pay_canary"})})


def answered_otherwise(rows):
    made = next(row for row in rows if row.get("status") == 201 and row["path"] == "/v1/payments")
    rows.append({**made, "replayed": True, "body": made["body"].replace('"amount":', '"amount": ', 1)})


def went_back(rows):
    seen = next(row for row in rows if row["method"] == "GET" and '"succeeded"' in row.get("body", ""))
    body = json.loads(seen["body"])
    rows.append({**seen, "body": json.dumps({**body, "status": "processing"})})


def never_delivered(rows):
    lost = rows[len(rows) // 2]["id"]
    rows[:] = [row for row in rows if row["id"] != lost]


def asked_under_a_key(rows):
    return next(row for row in rows if row["method"] == "POST" and row["path"] == "/charges" and row["key"])


def believed_astray(rows):
    row, body = next((row, body) for row in rows if "provider_webhook" in row["body"]
                     for body in [json.loads(row["body"])] if body["data"]["cause"]["account"] != "liar")
    body["data"]["cause"]["account"] = "liar"
    row["body"] = json.dumps(body)


def told_and_not_heard(folder):
    heard = {word for line in (folder / "webhooks.jsonl").read_text().splitlines()
             for word in re.findall(r"/(att_\w+)\.", json.loads(line)["url"])}
    made = []
    def forget(attempts):
        made.append(next(row for row in attempts if row["id"] in heard and row["status"] == "captured"))
        made[0].update(account="mpesa", status="unknown", provider_reference="")
    change(folder, "dump/attempts.jsonl", forget)
    change(folder, "dump/payments.jsonl", lambda rows: alter_first(
        rows, {"review": "outcome_unknown"}, id=made[0]["payment_id"]))


# What it plants, which invariants may notice, the file ("" for several), and how.
CANARIES = [
    ("a charge that nobody asked for", "I1", "ledger.jsonl",
     lambda rows: copy_of(rows, {"reference": "att_canary", "object": "ch_canary"}, operation="charge")),
    ("a charge executed twice", "I1 I2", "ledger.jsonl",
     lambda rows: copy_of(rows, {}, operation="charge")),
    ("another amount than asked", "I8", "ledger.jsonl",
     lambda rows: alter_first(rows, {"amount": 1}, operation="charge")),
    ("a key with two bodies", "I5", "requests.jsonl",
     lambda rows: rows.append({**asked_under_a_key(rows), "body": "canary"})),
    ("a request before its intent", "I9", "requests.jsonl",
     lambda rows: asked_under_a_key(rows).update(at=0)),
    ("an intent that was committed too late", "I9", "dump/step_commits.jsonl",
     lambda rows: [row.update(committed_at=row["committed_at"] + 3600) for row in rows]),
    ("two live charges of a payment", "I3", "dump/attempts.jsonl",
     lambda rows: rows.extend({**first(rows, operation="charge"), "id": f"att_canary{n}", "number": 8 + n,
                               "status": "unknown"} for n in (1, 2))),
    ("a journal that does not balance", "I7", "dump/journal_lines.jsonl", lambda rows: rows.pop()),
    ("an answer whose payment is gone", "I11", "history.jsonl", answered_and_lost),
    ("a replay with one blank more", "I12", "history.jsonl", answered_otherwise),
    ("a payment that goes back", "I16", "history.jsonl", went_back),
    ("an event that is gone", "I19", "dump/events.jsonl", lambda rows: rows.pop(len(rows) // 2)),
    ("an event that never arrived", "I20", "received.jsonl", never_delivered),
    ("an outcome left open", "I24", "dump/attempts.jsonl",
     lambda rows: alter_first(rows, {"status": "unknown"}, operation="charge")),
    ("an acknowledged webhook that is gone", "I17", "dump/provider_webhooks.jsonl",
     lambda rows: rows.pop(0)),
    ("a live key for a test payment", "I10", "requests.jsonl",
     lambda rows: [row.update(credential=CANARY_KEYS["live_key"][-8:]) for row in rows]),
    ("what a provider told once and we took, and never heard", "I24", "", told_and_not_heard),
    ("a forged webhook that was believed", "I18", "webhooks.jsonl",
     lambda rows: copy_of(rows, {"outcome": "forged 200"}, provider="example")),
    ("a rejected webhook that was believed", "I18", "dump/provider_webhooks.jsonl",
     lambda rows: [row.update(proof="rejected", state="quarantined") for row in rows]),
    ("a message to another account that was believed", "I18", "dump/events.jsonl", believed_astray),
    ("a job that nobody takes", "I23", "dump/leases.jsonl",
     lambda rows: rows.append({"attempt_id": "att_canary", "payment_id": "pay_canary",
                               "due_at": "2026-01-01T00:00:00+00:00", "lease_until": "-infinity"})),
    ("a connection to the trap", "I22", "facts.json", lambda facts: facts.update(trap_hits=1)),
    ("a start that took a minute", "I26", "facts.json",
     lambda facts: facts["times"]["restart"].append(60.0)),
    ("a secret in a log", "I27", "router0.log",
     lambda lines: lines.append("authorization: " + CANARY_KEYS["stripe_key"])),
    ("a refund above what had come", "I6", "dump/attempts.jsonl",
     lambda rows: alter_first(rows, {"amount_refunding": 1 << 40}, operation="charge")),
]


def is_noticed(folder, canary):
    what, invariants, file, plant = canary
    spoiled = folder.with_name(folder.name + "-canary")
    shutil.copytree(folder, spoiled, ignore=shutil.ignore_patterns("pg", "failpoints*"))
    try:
        if file:
            change(spoiled, file, plant)
        else:
            plant(spoiled)
        said = subprocess.run([sys.executable, HERE / "referee.py", spoiled], capture_output=True, text=True)
    finally:
        shutil.rmtree(spoiled)
    named = [line.split()[1] for line in said.stdout.splitlines() if line.startswith("FAIL")]
    is_seen = said.returncode == 1 and any(name in named for name in invariants.split())
    print(f"canary: {what}: {'noticed by ' + ' '.join(sorted(set(named))) if is_seen else 'NOT NOTICED'}"
          + ("" if is_seen else f" {named} {said.stderr[-300:]}"), flush=True)
    return is_seen


def judge_canaries(folder):
    """0 when the referee finds the clean evidence clean and notices each canary."""
    clean = subprocess.run([sys.executable, HERE / "referee.py", folder], capture_output=True, text=True)
    if clean.returncode == 1:
        print(clean.stdout)
        print("canary: the run was not clean to begin with")
        return 1
    noticed = [is_noticed(Path(folder), canary) for canary in CANARIES]
    print(f"canary: {sum(noticed)} of {len(noticed)} noticed")
    return 0 if all(noticed) else 1
