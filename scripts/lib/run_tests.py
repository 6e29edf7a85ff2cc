"""Runs the test programs of a build folder and sums them up: run_tests.py FOLDER FILTER.

Two run at a time: they find free ports and folders of their own, and mostly wait.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
AT_ONCE = 2
LONGEST_SEC = 900  # of one program; the longest takes a fraction of it


class Outcome:
    """What came of one test program."""

    def __init__(self):
        self.passed = 0
        self.skipped = []
        self.failed = {}  # the test's name: what it said


running = set()


def end(process):
    """Ends a program, and what it started and left behind."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run_to_end(command, log):
    """Returns the exit code, a negative signal, or None when the program had to be ended."""
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        running.add(process)
        try:
            return process.wait(timeout=LONGEST_SEC)
        except subprocess.TimeoutExpired:
            return None
        finally:
            running.discard(process)
            end(process)
            process.wait()


def read_report(report, outcome):
    for suite in report.get("testsuites", []):
        for test in suite.get("testsuite", []):
            name = f"{suite['name']}.{test['name']}"
            if test.get("status") != "RUN":
                continue
            if test.get("failures"):
                outcome.failed[name] = "\n".join(each["failure"] for each in test["failures"])
            elif test.get("result") == "SKIPPED":
                outcome.skipped.append(name)
            else:
                outcome.passed += 1


def last_lines(text, count=60):
    return "\n".join(text.splitlines()[-count:])


def read_log(text, outcome):
    """For a program that left no report: its own lines say how far it came."""
    outcome.passed = len(re.findall(r"^\[       OK \] ", text, re.M))
    for name in re.findall(r"^\[  FAILED  \] (\S+?)(?:,.*)? \(\d+ ms\)$", text, re.M):
        outcome.failed[name] = "see the log"


def how_it_ended(code):
    if code is None:
        return f"did not end within {LONGEST_SEC} s"
    if code < 0:
        return f"crashed with {signal.Signals(-code).name}"
    return f"ended early with exit code {code}"


def run_program(program, filter_, logs):
    name = program.name
    report, log = logs / f"{name}.json", logs / f"{name}.log"
    report.unlink(missing_ok=True)
    started = time.monotonic()
    code = run_to_end([program, f"--gtest_filter={filter_}", f"--gtest_output=json:{report}"], log)
    took = time.monotonic() - started

    text = log.read_text(errors="replace")
    outcome = Outcome()
    try:
        read_report(json.loads(report.read_text()), outcome)
        is_reported = True
    except (OSError, ValueError):
        read_log(text, outcome)
        is_reported = False
    if not is_reported or code not in (0, 1) or (code == 1 and not outcome.failed):
        running = re.findall(r"^\[ RUN      \] (\S+)", text, re.M)
        during = f" during or after {running[-1]}" if running else ""
        outcome.failed[f"{name} {how_it_ended(code)}{during}"] = last_lines(text)

    skipped = f", {len(outcome.skipped)} skipped" if outcome.skipped else ""
    lines = [f"{name}: {outcome.passed} passed, {len(outcome.failed)} failed{skipped} ({took:.1f} s)"]
    for test, said in outcome.failed.items():
        lines += [f"  FAILED {test}", *("    " + line for line in said.splitlines())]
    if outcome.passed or outcome.failed or outcome.skipped:
        print("\n".join(lines), flush=True)
    return outcome


# As many as keep a router busy without drowning it: with sanitizers it is ten times as slow.
def clients_for(folder):
    is_sanitized = re.search(r"^SANITIZE:STRING=\w", Path(folder, "CMakeCache.txt").read_text(), re.M)
    return "64" if is_sanitized else "320"


# Alone, since it needs both cores; its seed is fixed, what interleaves is not.
def run_chaos(folder, logs):
    outcome, log = Outcome(), logs / "chaos.log"
    started = time.monotonic()
    code = run_to_end(["env", f"SWITCHYARD_BUILD_DIR={folder}", ROOT / "scripts" / "chaos",
                       "--no-build", "--minutes", "2", "--seed", "20261120", "--clients",
                       clients_for(folder)], log)
    said = log.read_text(errors="replace")
    # 2: a machine so slow that little was broken. What was broken did no harm.
    if code in (0, 2):
        outcome.passed = 1
    else:
        outcome.failed["chaos, two minutes"] = last_lines(said) if code == 1 else how_it_ended(code)
    weak = " (too slow a machine to prove much)" if code == 2 else ""
    print(f"chaos: {outcome.passed} passed, {len(outcome.failed)} failed"
          f" ({time.monotonic() - started:.1f} s){weak}", flush=True)
    for text in outcome.failed.values():
        print("\n".join("    " + line for line in text.splitlines()), flush=True)
    return outcome


def main(folder, filter_):
    started = time.monotonic()
    programs = [path for path in Path(folder, "tests").glob("*_tests") if os.access(path, os.X_OK)]
    # The longest first, so that nothing waits for it at the end.
    programs.sort(key=lambda path: (path.name != "journeys_tests", path.name))
    logs = Path(folder, "test_logs")
    logs.mkdir(exist_ok=True)
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        outcomes = list(pool.map(lambda program: run_program(program, filter_, logs), programs))
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list(running):
            end(process)
        pool.shutdown()
        print("interrupted\n0 passed, 1 failed")
        return 130

    if filter_ in ("*", "chaos") and Path(folder, "switchyard-failpoints").exists():
        outcomes.append(run_chaos(folder, logs))
    passed = sum(outcome.passed for outcome in outcomes)
    failed = [name for outcome in outcomes for name in outcome.failed]
    skipped = [name for outcome in outcomes for name in outcome.skipped]
    print(f"\n{len(programs)} programs in {time.monotonic() - started:.0f} s; logs in {logs}")
    for name in skipped:
        print(f"skipped: {name}")
    if passed + len(failed) == 0 and filter_ != "chaos":
        failed.append(f"no test is called '{filter_}'" if programs else f"no tests in {folder}")
    for name in failed:
        print(f"failed: {name}")
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(*sys.argv[1:]))
