#!/usr/bin/env python3
"""Proves that the harness can see: plays a scene against a router that carries a bug, and wants the
referee to say so. What the bugs are stands where they are seeded, at each SEEDED_BUG in src.

  tests/chaos/mutants.py --play SCENE [--bug NAME] FOLDER-FILE    one scene; for scripts/chaos --mutants
"""

import argparse
import logging
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from canary import judge_canaries
from wire import run

HERE = Path(__file__).resolve().parent

# Bug, what it is, the tier that sees it first, and the scene.
MUTANTS = [
    ("X1", "cascade on timeout", "T2", "no_answer_with_another_account"),
    ("X2", "a new provider key when sending again", "T2", "no_answer_then_again"),
    ("X3", "5xx treated as failed", "T2", "done_and_said_500"),
    ("X4", "\"not found\" trusted at once", "T2", "executed_late"),
    ("X5", "events written after the commit", "T2", "killed_after_commits"),
    ("X6", "webhook acknowledged before its commit", "T2", "killed_before_storing_webhooks"),
    ("X7", "unmatched webhook dropped", "T2", "refunded_elsewhere_before_our_answer"),
    ("X8", "no fencing: a stale worker's answer is taken", "T2", "woken_with_an_old_refusal"),
    ("X9", "take-over without a look at the state", "T2", "asked_again_much_later"),
    ("X10", "a late \"failed\" overwrites \"captured\"", "T2", "failed_after_captured"),
    ("X11", "no unique index over live charges, no check", "T2", "confirmed_twice_at_once"),
    ("X12", "a commit in doubt treated as failed", "T2", "cut_commits:after"),
    ("X13", "a commit in doubt treated as done", "T2", "cut_commits:before"),
    ("X14", "the provider's window for keys ignored", "T2", "silent_for_longer_than_a_key_lasts"),
    ("X15", "sum of refunds checked outside the lock", "T2", "refunded_twice_at_once"),
    ("X16", "events delivered in the order of time", "T2", "slow_to_take_events"),
    ("X17", "a replay writes its JSON anew", "T2", "asked_twice"),
    ("X18", "5xx kept as the answer of a key", "T2", "no_connection_for_a_moment"),
    ("X19", "redirects followed on delivery", "T2", "redirected_deliveries"),
    ("X20", "a webhook's amount is not compared", "T2", "another_amount_by_webhook"),
    ("X21", "a drain drops what is in flight", "T2", "drained_while_paying"),
    ("X22", "connections reused at a provider without keys", "T2", "dead_connections_without_keys"),
    ("X23", "a reload moves an attempt to other settings", "T2", "reloaded_in_the_middle"),
    ("X24", "looked up by the provider's id only", "T2", "lost_with_its_id"),
]


def play(scene, bug, program, seed, note):
    import scenes
    if bug:
        os.environ["SWITCHYARD_SEEDED_BUG"] = bug
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    options = argparse.Namespace(seed=seed, minutes=0, clients=0, program=program)
    stage = scenes.Stage(options)
    Path(note).write_text(str(stage.folder))
    name, _, argument = scene.partition(":")
    deed = getattr(scenes, name)
    try:
        run(stage.play((lambda s: deed(s, argument)) if argument else deed))
    finally:
        stage.stop()


def judged(scene, bug, seed, keep):
    """(seconds, lines of the referee that begin with FAIL); None where it could not be played."""
    begun = time.time()
    note = Path(f"/var/tmp/switchyard-scene-{os.getpid()}-{bug or 'none'}-{scene.replace(':', '-')}")
    done = subprocess.run(stage_of(scene, bug, seed, note), capture_output=True, text=True)
    folder = Path(note.read_text()) if note.exists() else None
    note.unlink(missing_ok=True)
    verdict = subprocess.run([sys.executable, HERE / "referee.py", folder], capture_output=True,
                             text=True) if folder else done
    took = time.time() - begun
    failed = re.findall(r"^FAIL .*$", verdict.stdout, re.M)
    if done.returncode or verdict.returncode not in (0, 1) or bool(failed) != (verdict.returncode == 1):
        return took, None, f"{done.stderr[-1500:]}{verdict.stderr[-1500:]} {folder}"
    if keep or (failed and not bug):
        (folder / "verdict.txt").write_text(verdict.stdout)
        return took, failed, str(folder)
    shutil.rmtree(folder)
    return took, failed, ""


def judged_in_chaos(bug, seed, minutes, clients):
    """The same of an ordinary chaos run, in which everything is broken at once and by chance."""
    begun = time.time()
    done = subprocess.run(
        [HERE.parent.parent / "scripts" / "chaos", "--no-build", "--keep", "--seed", str(seed), "--minutes",
         str(minutes), "--clients", str(clients), "--program", "switchyard-mutants"],
        capture_output=True, text=True, env={**os.environ, "SWITCHYARD_SEEDED_BUG": bug})
    took = time.time() - begun
    folder = re.search(r"the evidence is in (\S+);", done.stdout)
    if not folder or done.returncode not in (0, 1, 2):
        return took, None, (done.stdout + done.stderr)[-1500:]
    shutil.rmtree(folder[1])
    return took, re.findall(r"^FAIL .*$", done.stdout, re.M), ""


def stage_of(scene, bug, seed, note, program="switchyard-mutants"):
    return [sys.executable, HERE / "mutants.py", "--play", scene, "--bug", bug, "--program", program,
            "--seed", str(seed), note]


def canary(seed):
    note = Path(f"/var/tmp/switchyard-scene-{os.getpid()}-canary")
    done = subprocess.run(stage_of("slow_to_take_events", "", seed, note, "switchyard-failpoints"))
    folder = Path(note.read_text())
    note.unlink()
    if done.returncode:
        return 1
    verdict = judge_canaries(folder)
    shutil.rmtree(folder)
    return verdict


def report(bug, what, tier, took, failed, where):
    verdict = "; ".join(line.removeprefix("FAIL ").strip() for line in failed or []) or (
        "SURVIVED" if failed is not None else "could not be played: " + where)
    print(f"{bug:4} {what:46} {tier:4} {took:5.0f}  {verdict} {where if failed else ''}", flush=True)


def hunt(only, seed, minutes, clients):
    """Which of them an ordinary chaos run of so many minutes sees. 0 when it sees all."""
    survived = []
    for bug, what, _, _ in MUTANTS:
        if not only or bug in only:
            took, failed, where = judged_in_chaos(bug, seed, minutes, clients)
            report(bug, what, "T3", took, failed, where)
            survived += [] if failed else [bug]
    print(f"mutants: not seen by chaos: {', '.join(survived) or 'none'}")
    return 1 if survived else 0


def prove(only, seed, at_once, keep):
    """Every scene with a right router first, then each with its bug. 0 when all were caught."""
    wanted = [mutant for mutant in MUTANTS if not only or mutant[0] in only]
    lost = []
    with ThreadPoolExecutor(at_once) as pool:
        scenes = sorted({mutant[3] for mutant in wanted})
        for scene, (took, failed, where) in zip(
                scenes, pool.map(lambda each: judged(each, "", seed, keep), scenes)):
            if failed or failed is None:
                lost.append(scene)
                print(f"mutants: a right router fails {scene}: {failed} {where}", flush=True)
        print(f"mutants: {len(scenes) - len(lost)} of {len(scenes)} scenes clean without a bug", flush=True)
        print(f"{'bug':4} {'what it is':46} {'tier':4} {'sec':>5}  caught by", flush=True)
        for (bug, what, tier, _), (took, failed, where) in zip(
                wanted, pool.map(lambda each: judged(each[3], each[0], seed, keep), wanted)):
            if not failed:
                lost.append(bug)
            report(bug, what, tier, took, failed, where)
    print("mutants: all were caught" if not lost else f"mutants: not proven: {', '.join(lost)}")
    return 1 if lost else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--play", required=True)
    parser.add_argument("--bug", default="")
    parser.add_argument("--program", default="switchyard-mutants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("note")
    chosen = parser.parse_args()
    play(chosen.play, chosen.bug, chosen.program, chosen.seed, chosen.note)
