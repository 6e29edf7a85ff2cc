"""Breaks a world for a while, each thing by its own clock drawn from the seed, and lets it heal."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time

from merchants import Merchants, Shop
from world import World, failpoint_names, say

FAULTS = [  # what the menu draws for calls to providers: chance of each request
    ("status:500", "before", 0.02), ("timeout:4000", "after", 0.03), ("reset", "after", 0.015),
    ("truncate", "after", 0.01), ("html_502", "after", 0.02), ("slow:2500", "after", 0.02),
    ("status:429", "before", 0.01), ("status:401", "before", 0.005), ("status:302", "before", 0.005),
    ("reset", "before", 0.02), ("late:6000", "after", 0.01),
]
WEBHOOK_FAULTS = [("double", 0.20), ("reorder", 0.20), ("delay:3000", 0.20), ("lose", 0.05),
                  ("forge", 0.02)]



class Chaos(World):
    # A router that is gone, whoever ended it, is started again.
    async def keep_running(self):
        while True:
            for number in (0, 1):
                if not self.is_running(number):
                    await self.start_router(number, self.next_failpoint())
            await asyncio.sleep(0.1)

    def next_failpoint(self):
        if self.is_calm:
            return ""
        draw = self.random.randrange
        names = failpoint_names()
        actions = {name: f"delay:{draw(5, 200)}@{draw(1, 30)}" for name in names}
        if self.random.random() < 0.5:
            name = min(names, key=lambda each: (self.armed[each], self.random.random()))
            self.armed[name] += 1
            self.counts["failpoint armed to kill"] += 1
            actions[name] = f"kill@{draw(1, 40)}"
        return ";".join(f"{name}={action}" for name, action in actions.items())

    # What is broken, each by its own clock

    async def every(self, mean, deed):
        while True:
            await asyncio.sleep(self.random.expovariate(1 / mean))
            if not self.is_calm:
                await deed()

    async def kill_one(self):
        number = self.random.randrange(2)
        if self.is_running(number):
            self.kill_router(number)
            self.counts["router killed"] += 1

    async def kill_both(self):
        self.kill_router(0)
        self.kill_router(1)
        self.counts["both routers killed"] += 1

    async def freeze_one(self):
        number = self.random.randrange(2)
        if not self.is_running(number):
            return
        frozen = self.routers[number]
        frozen.send_signal(signal.SIGSTOP)
        self.counts["router frozen"] += 1
        await asyncio.sleep(self.random.uniform(1, 25))
        with contextlib.suppress(ProcessLookupError):
            frozen.send_signal(signal.SIGCONT)

    async def drain_one(self):
        number = self.random.randrange(2)
        if self.is_running(number):
            self.routers[number].send_signal(signal.SIGTERM)
            self.counts["router drained"] += 1

    async def crash_database(self):
        self.is_database_up = False
        for line in subprocess.run(["pgrep", "-P", str(self.database.pid)], capture_output=True,
                                   text=True).stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line), signal.SIGKILL)
        self.database.kill()
        self.database.wait()
        self.counts["database crashed"] += 1
        await asyncio.sleep(self.random.uniform(0, 2))
        begun = time.time()
        with contextlib.suppress(FileNotFoundError):
            (self.data / "data" / "postmaster.pid").unlink()
        await asyncio.to_thread(self.start_database)
        self.times["database"].append(time.time() - begun)
        self.is_database_up = True

    async def freeze_database(self):
        pids = [self.database.pid] + [int(pid) for pid in subprocess.run(
            ["pgrep", "-P", str(self.database.pid)], capture_output=True, text=True).stdout.split()]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        self.counts["database frozen"] += 1
        await asyncio.sleep(self.random.uniform(2, 8))
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    async def end_session(self):
        if not self.is_database_up:
            return
        await asyncio.to_thread(subprocess.run, [
            self.programs / "psql", "-h", self.data, "-p", str(self.database_port), "-U", "chaos",
            "-qAtX", "-d", "switchyard", "-c",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'switchyard' "
            "ORDER BY random() LIMIT 1"], capture_output=True, cwd=self.data, **self.user)
        self.counts["database session ended"] += 1

    async def cut_commit(self):
        proxy = self.random.choice(self.to_database)
        if len(proxy.wanted_cuts) < 3:
            proxy.wanted_cuts.append(self.random.choice(["before", "after"]))

    async def cut_lines(self):
        proxy = self.random.choice([self.public, self.providers, *self.to_routers, *self.to_database])
        proxy.cut_all()
        self.counts["all lines cut"] += 1

    async def slow_lines(self):
        proxy = self.random.choice([self.public, self.providers, *self.to_routers, *self.to_database])
        proxy.delay, proxy.slice = self.random.choice([(0.02, 0), (0.1, 0), (0, 7)])
        self.counts["lines slowed"] += 1
        await asyncio.sleep(self.random.uniform(1, 4))
        proxy.delay, proxy.slice = 0.0, 0

    async def reload(self):
        number = self.random.randrange(2)
        if self.is_running(number):
            self.routers[number].send_signal(signal.SIGHUP)
            self.counts["configuration reloaded"] += 1

    async def order_faults(self):
        orders = [{"provider": name, "when": when, "action": action, "times": 0, "chance": chance}
                  for action, when, chance in FAULTS
                  for name in ("example", "stripe", "mintcash", "soxara")]
        orders += [{"provider": name, "webhook": webhook, "times": 0, "chance": chance}
                   for webhook, chance in WEBHOOK_FAULTS
                   for name in ("example", "stripe", "mintcash", "soxara")]
        status, _, said = await self.control("POST", "/faults", orders)
        if status != 201:
            sys.exit(f"chaos: the sandbox refuses the faults: {said[:500]}")

    def menu(self):
        share = self.options.minutes / 10
        length = self.chaos_seconds
        return [
            (10, self.kill_one), (30, self.freeze_one), (60, self.drain_one),
            (length / max(1, 4 * share), self.kill_both),
            (length / max(2, 6 * share), self.crash_database),
            (length / max(1, 4 * share), self.freeze_database),
            (4, self.end_session), (2.5, self.cut_commit), (15, self.cut_lines), (15, self.slow_lines),
            (60, self.reload),
        ]

    async def run(self):
        self.chaos_seconds = max(20.0, self.options.minutes * 60 * 0.72)
        heal_seconds = max(45.0, min(75.0, self.options.minutes * 60 * 0.15))
        await self.begin()
        say(f"seed {self.seed}, {self.chaos_seconds:.0f} s of chaos; {self.folder}")
        self.merchants = Merchants([proxy.port for proxy in self.to_routers], self.sandbox_port,
                                   self.history, self.seed)
        shops = []
        for number in range(self.options.clients):
            merchant, key = list(self.keys.items())[number % 4]
            shops.append(asyncio.create_task(Shop(self.merchants, number, merchant, key).run()))
        await self.order_faults()
        keeper = asyncio.create_task(self.keep_running())
        deeds = [asyncio.create_task(self.every(mean, deed)) for mean, deed in self.menu()]
        begun = time.time()
        while (left := begun + self.chaos_seconds - time.time()) > 0:
            await asyncio.sleep(min(30, left))
            for task in [keeper, *deeds, *shops]:
                if task.done():
                    task.result()
            say(f"{time.time() - begun:4.0f} s: {self.merchants.payments} payments, "
                f"{self.merchants.calls} calls, {self.receivers.count} deliveries, "
                f"{self.counts['router killed']} kills, {sum(p.cuts['before'] + p.cuts['after'] for p in self.to_database)} cut commits")
        await self.heal(deeds, shops, heal_seconds)
        keeper.cancel()
        await self.leave_evidence()

    async def heal(self, deeds, shops, seconds):
        say("healing")
        self.is_calm = True
        self.merchants.is_over = True
        await asyncio.sleep(0.1)
        for task in deeds:
            task.cancel()
        await asyncio.gather(*deeds, return_exceptions=True)
        for proxy in [self.public, self.providers, *self.to_routers, *self.to_database]:
            proxy.delay, proxy.slice, proxy.wanted_cuts = 0.0, 0, []
        if self.database.poll() is not None:
            self.start_database()
        self.is_database_up = True
        for pid in subprocess.run(["pgrep", "-P", str(self.database.pid)], capture_output=True,
                                  text=True).stdout.split() + [str(self.database.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGCONT)
        await self.control("DELETE", "/faults")
        for number in (0, 1):  # without failpoints
            self.kill_router(number)
        self.receivers.is_healed = True
        self.healed_at = time.time()
        # Every client learns the answer to everything it ever asked.
        done, pending = await asyncio.wait(shops, timeout=seconds)
        for task in done:
            task.result()
        for task in pending:
            task.cancel()
        self.counts["clients that never got an answer"] = len(pending)
        end = self.healed_at + seconds
        while time.time() < end and not self.is_quiet():
            await asyncio.sleep(1)
        await asyncio.sleep(2)
        self.quiet_after = time.time() - self.healed_at
