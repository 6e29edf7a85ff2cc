"""Two routers, PostgreSQL, the sandbox, merchants and receivers, with a proxy on every line between
them; things are broken for a while, then left to heal; the referee judges what was left behind."""

import asyncio
import contextlib
import json
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from merchants import Merchants, Shop
from proxy import Proxy
from receivers import Receivers
from wire import Client, NoAnswer, serve

ROOT = Path(__file__).resolve().parent.parent.parent
CANARIES = {  # none of these may be found anywhere but where it belongs
    "example_key": "sk_test_canary_" + "e" * 12,
    "stripe_key": "sk_test_canary_" + "s" * 12,
    "mintcash_key": "sk_test_canary_" + "m" * 12,
    "webhook_key": "whk_canary_" + "w" * 12,
}
SOXARA_KEY = "d" * 40
FAULTS = [  # what the menu draws for calls to providers: chance of each request
    ("status:500", "before", 0.02), ("timeout:4000", "after", 0.03), ("reset", "after", 0.015),
    ("truncate", "after", 0.01), ("html_502", "after", 0.02), ("slow:2500", "after", 0.02),
    ("status:429", "before", 0.01), ("status:401", "before", 0.005), ("status:302", "before", 0.005),
    ("reset", "before", 0.02), ("late:6000", "after", 0.01),
]
WEBHOOK_FAULTS = [("double", 0.20), ("reorder", 0.20), ("delay:3000", 0.20), ("lose", 0.05),
                  ("forge", 0.02)]


def say(text):
    print(f"chaos: {text}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class World:
    def __init__(self, options):
        self.options = options
        self.seed = options.seed
        self.random = random.Random(options.seed)
        self.build = ROOT / os.environ.get("SWITCHYARD_BUILD_DIR", "build/release")
        self.folder = Path(tempfile.mkdtemp(prefix="switchyard-chaos-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.counts = Counter()
        self.armed = Counter()
        self.times = {"restart": [], "database": []}
        self.routers = [None, None]
        self.router_ports = [free_port(), free_port()]
        self.is_calm = False
        self.is_database_up = True
        self.environment = {**os.environ, "SWITCHYARD_MASTER_KEY": secrets.token_hex(32)}
        for canary in CANARIES:
            self.environment["CANARY_" + canary.upper()] = CANARIES[canary]

    # PostgreSQL

    def make_database(self):
        usual = Path("/usr/lib/postgresql/15/bin")
        self.programs = usual if usual.exists() else Path(shutil.which("initdb")).parent
        self.data = self.folder / "pg"
        self.data.mkdir()
        self.user = {"user": "nobody"} if os.geteuid() == 0 else {}
        if self.user:
            os.chown(self.data, pwd.getpwnam("nobody").pw_uid, -1)
        self.database_port = free_port()
        self.database_log = open(self.folder / "postgres.log", "ab")
        self.run_pg("initdb", "-D", self.data / "data", "-U", "chaos", "--auth=trust",
                    "--encoding=UTF8", "--locale=C", "--no-instructions")
        self.start_database()
        self.run_pg("createuser", "-h", self.data, "-p", self.database_port, "-U", "chaos", "switchyard")
        self.run_pg("createdb", "-h", self.data, "-p", self.database_port, "-U", "chaos", "-O",
                    "switchyard", "switchyard")

    def run_pg(self, program, *words):
        done = subprocess.run([self.programs / program, *map(str, words)], cwd=self.data,
                              capture_output=True, text=True, **self.user)
        if done.returncode:
            sys.exit(f"chaos: {program} failed: {done.stderr[-2000:]}")
        return done.stdout

    def start_database(self):
        self.database = subprocess.Popen(
            [self.programs / "postgres", "-D", self.data / "data", "-k", self.data, "-h", "127.0.0.1",
             "-p", str(self.database_port), "-c", "max_connections=200", "-c", "jit=off",
             "-c", "log_min_messages=fatal", "-c", "log_min_error_statement=panic"],
            stdout=self.database_log, stderr=self.database_log, cwd=self.data, **self.user)
        while subprocess.run([self.programs / "pg_isready", "-q", "-h", self.data, "-p",
                              str(self.database_port)]).returncode:
            time.sleep(0.02)

    def sql(self, text):
        return self.run_pg("psql", "-h", self.data, "-p", self.database_port, "-U", "chaos", "-qAtX",
                           "-v", "ON_ERROR_STOP=1", "-d", "switchyard", "-c", text)

    # Sandbox and routers

    async def start_sandbox(self):
        self.sandbox_port = free_port()
        self.sandbox = subprocess.Popen(
            [self.build / "switchyard-sandbox", "--port", str(self.sandbox_port), "--speed", "0.2",
             "--seed", str(self.seed), "--ledger", self.folder / "ledger.jsonl",
             "--requests", self.folder / "requests.jsonl"],
            stdout=open(self.folder / "sandbox.log", "ab"), stderr=subprocess.STDOUT)
        await self.until(lambda: self.control("GET", "/healthz"))
        hooks = f"http://127.0.0.1:{self.public.port}/webhooks/"
        await self.control("POST", "/settings", {
            "example.webhook_key": CANARIES["webhook_key"], "stripe.webhook_url": hooks + "stripe",
            "stripe.webhook_secret": "whsec_sandbox", "mintcash.webhook_url": hooks + "mintcash",
            "mintcash.secret_key": "demo-signing-secret-91ab",
            # Its pages cannot be closed by us: a payment that is canceled waits for this long.
            "mintcash.hpp_ttl_s": "15", "soxara.webhook_url": hooks + "soxara",
            "soxara.webhook_secret": "whsec_test_soxara_77d0"})

    async def control(self, method, path, body=None):
        client = Client()
        try:
            raw = b"" if body is None else json.dumps(body).encode()
            return await client.ask(method, self.sandbox_port, path, body=raw, timeout=10)
        finally:
            client.close()

    async def until(self, attempt, seconds=20.0):
        end = time.time() + seconds
        while True:
            try:
                status, _, _ = await attempt()
                if status < 300:
                    return True
            except NoAnswer:
                pass
            if time.time() > end:
                return False
            await asyncio.sleep(0.02)

    def write_config(self, number):
        sandbox = f"http://127.0.0.1:{self.providers.port}"
        text = f"""
[server]
port = {self.router_ports[number]}
operations_port = {free_port()}
public_url = "http://127.0.0.1:{self.public.port}"
drain_within = "5s"
answer_within = "4s"
[database]
url = "postgresql://switchyard@127.0.0.1:{self.to_database[number].port}/switchyard?sslmode=disable&gssencmode=disable"
[api]
reads_per_second = 1000000
writes_per_second = 1000000
[payments]
look_up_speed = 20
review_after = "20s"
[delivery]
allowed_networks = ["127.0.0.0/8"]
plain_http_allowed = true
timeout = "5s"
schedule = ["0s", {", ".join(['"2s"'] * 49)}]
[log]
level = "info"
"""
        keys = {"keyed": ("example", 'api_key = "env:CANARY_EXAMPLE_KEY"\nwebhook_key = "env:CANARY_WEBHOOK_KEY"'),
                "second": ("example", 'api_key = "env:CANARY_EXAMPLE_KEY"\nwebhook_key = "env:CANARY_WEBHOOK_KEY"'),
                "stripe": ("stripe", 'secret_key = "env:CANARY_STRIPE_KEY"\nwebhook_secret = "whsec_sandbox"'),
                "mintcash": ("mintcash", 'public_key = "pk_test_shop"\nsecret_key = "env:CANARY_MINTCASH_KEY"\n'
                             'signing_secret = "demo-signing-secret-91ab"'),
                "soxara": ("soxara", f'secret_key = "sxm_test_{SOXARA_KEY}"\n'
                           f'publishable_key = "sxm_pub_test_{SOXARA_KEY[:36]}"\n'
                           'server_side_confirm = "true"\n'
                           f'script_url = "{sandbox}/soxara/js/v1"\nwebhook_secret = "whsec_test_soxara_77d0"')}
        for name, (adapter, settings) in keys.items():
            text += (f'\n[[account]]\nid = "{name}"\nadapter = "{adapter}"\nmode = "test"\n'
                     f'base_url = "{sandbox}/{adapter}"\n{settings}\n')
        text += '\n[[rule]]\nname = "cascade"\nwhen = { metadata.at = "cascade" }\nuse = ["keyed", "second"]\n'
        for name in ("keyed", "stripe", "mintcash", "soxara"):
            text += f'\n[[rule]]\nname = "{name}"\nwhen = {{ metadata.at = "{name}" }}\nuse = ["{name}"]\n'
        path = self.folder / f"router{number}.toml"
        path.write_text(text)
        return path

    async def start_router(self, number, failpoints=""):
        begun = time.time()
        program = "switchyard-failpoints"
        self.routers[number] = subprocess.Popen(
            [self.build / program, "serve", "--config", self.folder / f"router{number}.toml"],
            stdout=open(self.folder / f"router{number}.log", "ab"), stderr=subprocess.STDOUT,
            env={**self.environment, "SWITCHYARD_FAILPOINTS": failpoints})
        client = Client()
        ready = lambda: client.ask("GET", self.router_ports[number], "/readyz", timeout=2)
        if await self.until(ready, 30.0) and "kill" not in failpoints and self.is_database_up:
            self.times["restart"].append(time.time() - begun)
        client.close()

    def is_running(self, number):
        return self.routers[number] is not None and self.routers[number].poll() is None

    def kill_router(self, number):
        if self.is_running(number):
            self.routers[number].send_signal(signal.SIGCONT)
            self.routers[number].kill()
            self.routers[number].wait()

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

    # The run

    async def begin(self):
        self.make_database()
        self.trap_hits = 0

        async def trap(*_):
            self.trap_hits += 1
            return 200, b""
        self.trap, self.trap_port = await serve(trap)
        self.to_routers = [await Proxy(f"router{n}", [self.router_ports[n]]).start() for n in (0, 1)]
        self.public = await Proxy("public", list(self.router_ports)).start()
        self.to_database = [await Proxy(f"database{n}", [self.database_port], True).start()
                            for n in (0, 1)]
        self.providers = Proxy("providers", [])
        await self.start_sandbox()
        self.providers.targets = [self.sandbox_port]
        await self.providers.start()
        self.history = open(self.folder / "history.jsonl", "w")
        self.received = open(self.folder / "received.jsonl", "w")
        for number in (0, 1):
            self.write_config(number)
        tool = [self.build / "switchyard"]
        direct = f"postgresql://switchyard@127.0.0.1:{self.database_port}/switchyard"
        def run(*words):
            done = subprocess.run([*tool, *words, "--database", direct], capture_output=True, text=True,
                                  env=self.environment)
            if done.returncode:
                sys.exit(f"chaos: switchyard {words[0]} failed: {done.stderr}{done.stdout}")
            return done.stdout
        run("migrate")
        self.keys = {}
        for number in range(4):
            merchant = next(word for word in run("merchants", "create", f"Merchant {number}").split()
                            if word.startswith("mer_"))
            self.keys[merchant] = next(
                word for word in run("keys", "create", "--merchant", merchant, "--mode", "test").split()
                if word.startswith("sk_"))
        self.receivers = await Receivers(self.received, self.trap_port, self.seed).start()
        await asyncio.gather(self.start_router(0), self.start_router(1))
        await self.make_endpoints()

    async def make_endpoints(self):
        client = Client()
        self.endpoints = {}
        for number in range(8):
            key = list(self.keys.values())[number % 4]
            status, _, said = await client.ask(
                "POST", self.router_ports[0], "/v1/webhook_endpoints",
                [("Authorization", f"Bearer {key}"), ("Content-Type", "application/json")],
                json.dumps({"url": f"http://127.0.0.1:{self.receivers.port}/r/{number}",
                            "enabled_events": ["*"]}).encode())
            made = json.loads(said)
            if status != 201:
                sys.exit(f"chaos: no endpoint: {said[:500]}")
            self.receivers.secrets[number] = made["secret"]
            self.endpoints[number] = {"id": made["id"], "merchant": list(self.keys)[number % 4]}
        client.close()

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

    def is_quiet(self):
        said = self.sql(
            "SELECT (SELECT count(*) FROM attempts WHERE status IN ('sending', 'unknown', 'closing')),"
            " (SELECT count(*) FROM deliveries WHERE status = 'pending'),"
            " (SELECT count(*) FROM provider_webhooks WHERE state = 'waiting')")
        return said.strip() == "0|0|0"

    async def leave_evidence(self):
        (self.folder / "dump").mkdir()
        for table in self.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
                              "AND tablename NOT LIKE 'idempotency_answers%'").split():
            (self.folder / "dump" / f"{table}.jsonl").write_text(
                self.sql(f"SELECT row_to_json(t) FROM {table} t"))
        for number in (0, 1):
            self.kill_router(number)
        self.sandbox.terminate()
        self.sandbox.wait()
        self.database.send_signal(signal.SIGINT)
        self.database.wait()
        self.history.close()
        self.received.close()
        for proxy in self.to_database:
            for side, count in proxy.cuts.items():
                self.counts[f"commit cut {side}"] += count
        (self.folder / "facts.json").write_text(json.dumps({
            "failpoints": failpoint_names(), "seed": self.seed, "minutes": self.options.minutes, "counts": self.counts,
            "times": self.times, "endpoints": self.endpoints, "merchants": self.keys,
            "payments": self.merchants.payments, "calls": self.merchants.calls,
            "healed_at": self.healed_at, "quiet_after": self.quiet_after,
            "trap_hits": self.trap_hits, "canaries": CANARIES}, indent=1))

    def stop(self):
        for number in (0, 1):
            self.kill_router(number)
        for process in (getattr(self, "sandbox", None), getattr(self, "database", None)):
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()


def failpoint_names():
    names = set()
    for path in (ROOT / "src").rglob("*.cpp"):
        for piece in path.read_text().split('FAILPOINT("')[1:]:
            names.add(piece.split('"')[0])
    return sorted(names)
