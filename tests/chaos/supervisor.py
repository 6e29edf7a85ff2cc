"""Breaks a world for a while, each thing by its own clock drawn from the seed, and lets it heal."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time

from merchants import Merchants, Shop
from mischief import Mischief
from world import World, failpoint_names, say

FAULTS = [  # what the menu draws for calls to providers: chance of each request
    ("status:500", "before", 0.02), ("timeout:4000", "after", 0.03), ("reset", "after", 0.015),
    ("truncate", "after", 0.01), ("html_502", "after", 0.02), ("slow:2500", "after", 0.02),
    ("status:429", "before", 0.01), ("status:401", "before", 0.005), ("status:302", "before", 0.005),
    ("reset", "before", 0.02), ("late:6000", "after", 0.01), ("gzip", "after", 0.005),
]
LOOKUP_FAULTS = [("status:404", 0.05), ("status:503", 0.05)]
WEBHOOK_FAULTS = [("double", 0.20), ("reorder", 0.20), ("delay:3000", 0.20), ("lose", 0.05),
                  ("forge", 0.02), ("again:20000", 0.02), ("misaddress", 0.02), ("garbage", 0.002)]

# Failpoints that a router passes only now and then.
SELDOM = {"drain.mid", "job.before_heartbeat", "key.after_claim", "rescue.after_select",
          "sweep.mid_batch"}
PROVIDERS = ["example", "example_short", "example_reference", "example_keyless", "stripe",
             "mintcash", "soxara", "pudgy", "plugipay", "xendit", "midtrans", "paypal", "mtn_momo",
             "mpesa", "orange_money"]


class Chaos(Mischief, World):
    # A router that is gone, whoever ended it, is started again.
    async def keep_running(self, number):
        while True:
            if not self.is_running(number):
                self.note_end(number)
                await self.start_router(number, self.next_failpoints())
            await asyncio.sleep(0.05)

    # A router ends because it was told to, or at a failpoint. Anything else is for the referee.
    def note_end(self, number):
        process = self.routers[number]
        if process is None or process.ended_by == "kill":
            return
        if process.returncode == -signal.SIGKILL:
            self.counts["router killed at a failpoint"] += 1
        elif process.returncode == 1 and not process.is_ready:  # there was no database
            self.counts["router gave up while it started"] += 1
        elif process.ended_by != "drain" or process.returncode not in (0, -signal.SIGTERM):
            self.counts[f"router ended by itself with {process.returncode}"] += 1
        self.write_down("gone", router=number, code=process.returncode)

    def next_failpoints(self):
        if self.is_calm:
            return ""
        draw = self.random.randrange
        names = failpoint_names()
        # Where the code seldom comes by, the first time counts.
        latest = {name: 2 if name in SELDOM else 30 for name in names}
        actions = {name: f"delay:{draw(5, 200)}@{draw(1, latest[name])}" for name in names}
        if self.random.random() < 0.45:
            name = min(names, key=lambda each: (self.armed[each], self.random.random()))
            self.armed[name] += 1
            actions[name] = f"kill@{draw(1, latest[name])}"
        return ";".join(f"{name}={action}" for name, action in actions.items())

    # What is broken, each by its own clock

    async def every(self, mean, deed):
        while True:
            await asyncio.sleep(self.random.expovariate(1 / mean))
            if not self.is_calm:
                await deed()

    async def kill_one(self):
        running = [number for number in range(2) if self.is_running(number)]
        if running:
            self.kill_router(self.random.choice(running))
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
        frozen.was_frozen = True
        self.counts["router frozen"] += 1
        self.write_down("frozen", router=number)
        await asyncio.sleep(self.random.uniform(1, 25))
        with contextlib.suppress(ProcessLookupError):
            frozen.send_signal(signal.SIGCONT)
        if frozen is self.routers[number]:
            self.write_down("ready", router=number)

    async def drain_one(self):
        number = self.random.randrange(2)
        if self.is_running(number):
            self.routers[number].ended_by = "drain"
            self.routers[number].send_signal(signal.SIGTERM)
            self.write_down("drained", router=number)
            self.counts["router drained"] += 1

    async def crash_database(self):
        self.is_database_up = False
        self.write_down("database down")
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
        self.write_down("database up")

    async def freeze_database(self):
        pids = [self.database.pid] + [int(pid) for pid in subprocess.run(
            ["pgrep", "-P", str(self.database.pid)], capture_output=True, text=True).stdout.split()]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        self.counts["database frozen"] += 1
        self.write_down("database down")
        await asyncio.sleep(self.random.uniform(2, 8))
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self.downs += 1  # who was started meanwhile is not measured
        self.write_down("database up")

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
            proxy.want_cut(self.random.choice(["before", "after"]))

    async def cut_lines(self):
        proxy = self.random.choice(self.proxies)
        proxy.cut_all()
        self.counts["all lines cut"] += 1

    async def refuse_connections(self):
        proxy = self.random.choice(self.proxies)
        proxy.shut()
        self.counts["connections refused for a while"] += 1
        self.downs += proxy.is_database  # who starts now is not measured

    async def slow_lines(self):
        proxy = self.random.choice(self.proxies)
        proxy.delay, proxy.slice = self.random.choice([(0.02, 0), (0.1, 0), (0, 7)])
        self.counts["lines slowed"] += 1
        self.downs += proxy.is_database  # who starts meanwhile is not measured
        self.write_down("line slowed", is_database=proxy.is_database)
        await asyncio.sleep(self.random.uniform(1, 4))
        proxy.delay, proxy.slice = 0.0, 0

    async def reload(self):
        number = self.random.randrange(2)
        if self.is_running(number) and self.routers[number].is_ready:
            self.routers[number].send_signal(signal.SIGHUP)
            self.counts["configuration reloaded"] += 1

    async def order_faults(self):
        orders = [{"provider": name, "when": when, "action": action, "times": 0, "chance": chance}
                  for action, when, chance in FAULTS
                  for name in PROVIDERS]
        orders += [{"provider": name, "method": "GET", "when": "before", "action": action, "times": 0,
                    "chance": chance}
                   for action, chance in LOOKUP_FAULTS
                   for name in PROVIDERS]
        orders += [{"provider": name, "webhook": webhook, "times": 0, "chance": chance}
                   for webhook, chance in WEBHOOK_FAULTS
                   for name in PROVIDERS]
        status, _, said = await self.control("POST", "/faults", orders)
        if status != 201:
            sys.exit(f"chaos: the sandbox refuses the faults: {said[:500]}")

    # By clocks of their own: seconds between two, on average.
    def menu(self):
        return [
            (30, self.freeze_one), (22, self.drain_one), (4, self.end_session),
            (2.5, self.cut_commit), (15, self.cut_lines), (15, self.slow_lines),
            (12, self.refuse_connections), (60, self.reload),
        ]

    # So many times in ten minutes, spread over them.
    def program_of_events(self):
        return [
            (54, self.kill_one), (4, self.kill_both), (6, self.crash_database), (4, self.freeze_database),
            (3, self.lock_by_a_stranger), (3, self.refuse_serialization), (3, self.limit_connections),
            (2, self.reload_badly), (1, self.fill_disk), (2, self.rush), (1, self.rotate_webhook_key),
        ]

    async def at_times(self, times, deed):
        begun = time.time()
        for at in times:
            await asyncio.sleep(max(0.0, begun + at - time.time()))
            if not self.is_calm:
                await deed()

    def start_deeds(self):
        deeds = [self.every(mean, deed) for mean, deed in self.menu()]
        for count, deed in self.program_of_events():
            times = max(1, round(count * self.options.minutes / 10))
            draw = [self.random.uniform(0.03, 0.95) * self.chaos_seconds for _ in range(times)]
            deeds.append(self.at_times(sorted(draw), deed))
        return [asyncio.create_task(deed) for deed in deeds]

    async def run(self):
        # Healing and judging take some 144 s, however long a run is; a short one gives them less.
        in_all = self.options.minutes * 60
        self.chaos_seconds = max(20.0, in_all * 0.76, in_all - 144)
        heal_seconds = max(60.0, min(75.0, self.options.minutes * 60 * 0.15))
        await self.begin()
        say(f"seed {self.seed}, {self.chaos_seconds:.0f} s of chaos; {self.folder}")
        self.merchants = Merchants([proxy.port for proxy in self.to_routers], self.sandbox_port,
                                   self.history, self.seed)
        self.shops = shops = []
        for number in range(self.options.clients):
            keys = self.live_keys if number % 8 == 7 else self.keys
            merchant, key = list(keys.items())[number % 4]
            shops.append(asyncio.create_task(Shop(self.merchants, number, merchant, key).run()))
        await self.order_faults()
        keepers = [asyncio.create_task(self.keep_running(number)) for number in (0, 1)]
        keepers.append(asyncio.create_task(self.keep_fetching()))
        deeds = self.start_deeds()
        begun = time.time()
        while (left := begun + self.chaos_seconds - time.time()) > 0:
            await asyncio.sleep(min(30, left))
            for task in [*keepers, *deeds, *shops]:
                if task.done():
                    task.result()
            say(f"{time.time() - begun:4.0f} s: {self.merchants.payments} payments, "
                f"{self.merchants.calls} calls, {self.receivers.count} deliveries, "
                f"{self.counts['router killed'] + self.counts['router killed at a failpoint']} kills, {sum(p.cuts['before'] + p.cuts['after'] for p in self.to_database)} cut commits")
        await self.heal(deeds, shops, heal_seconds)
        for keeper in keepers:
            keeper.cancel()
        await self.leave_evidence()

    # Until nothing is left; a slow machine gets longer than `seconds` while something happens on it.
    async def while_it_gets_less(self, count, seconds, most_seconds=600):
        least, end = count(), time.time() + seconds
        while least and time.time() < end and time.time() < self.healed_at + most_seconds:
            await asyncio.sleep(1)
            if (left := count()) < least:
                least, end = left, max(end, time.time() + 30)

    async def heal(self, deeds, shops, seconds):
        say("healing")
        self.is_calm = True
        self.merchants.is_over = True
        await asyncio.sleep(0.1)
        for task in deeds:
            task.cancel()
        await asyncio.gather(*deeds, return_exceptions=True)
        for proxy in self.proxies:
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
        await self.while_it_gets_less(lambda: sum(not shop.done() for shop in shops), seconds)
        for task in shops:
            task.result() if task.done() else task.cancel()
        self.counts["clients that never got an answer"] = sum(not shop.done() for shop in shops)
        await self.while_it_gets_less(self.open_work, max(self.healed_at + seconds - time.time(),
                                                          self.next_looks_in()))
        self.quiet_after = time.time() - self.healed_at
        for _ in range(2):
            await asyncio.sleep(2)
            self.resources.append(await self.measure())
