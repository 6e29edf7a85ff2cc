"""Two routers, PostgreSQL, the sandbox and merchants' endpoints, with a proxy on every line between
them: how they are started, found quiet, written down and ended."""

import asyncio
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
