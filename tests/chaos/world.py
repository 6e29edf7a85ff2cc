"""Two routers, PostgreSQL, the sandbox and merchants' endpoints, with a proxy on every line between
them: how they are started, found quiet, written down and ended."""

import asyncio
import contextlib
import json
import os
import pwd
import random
import re
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

from accounts import ACCOUNTS, CANARIES, accounts_config, simulator_settings
from ports import free_port
from proxy import Proxy
from receivers import MANNERS, Receivers
from wire import Client, NoAnswer, serve

ROOT = Path(__file__).resolve().parent.parent.parent
# When the transaction of each intent was committed: the database's word, not the router's.
AUDIT = """
CREATE SCHEMA audit;
CREATE TABLE audit.steps (provider_key text, xid xid8);
CREATE FUNCTION audit.note_step() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
  INSERT INTO audit.steps VALUES (NEW.provider_key, pg_current_xact_id());
  RETURN NULL; END $$;
CREATE TRIGGER audit AFTER INSERT ON steps FOR EACH ROW EXECUTE FUNCTION audit.note_step();"""
COMMITTED = """
SELECT json_build_object('provider_key', provider_key, 'committed_at',
  extract(epoch FROM pg_xact_commit_timestamp(xid::xid))) FROM audit.steps"""


def say(text):
    print(f"chaos: {text}", flush=True)


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
        self.resources = []
        self.times = {"restart": [], "database": []}
        self.routers = [None, None]
        self.router_ports = [free_port(), free_port()]
        self.operations_ports = [free_port(), free_port()]
        self.program = getattr(options, "program", "switchyard-failpoints")
        self.is_calm = False
        self.bad_configs = set()
        self.is_database_up = True
        self.downs = 0  # how often the database went away
        self.diary = open(self.folder / "world.jsonl", "w")
        self.environment = {**os.environ, "SWITCHYARD_MASTER_KEY": secrets.token_hex(32)}
        for canary in CANARIES:
            self.environment["CANARY_" + canary.upper()] = CANARIES[canary]

    # What happened to the world, for the referee: who was up and when.
    def write_down(self, what, **more):
        self.downs += what == "database down"
        self.diary.write(json.dumps({"at": time.time(), "what": what, **more}) + "\n")

    # PostgreSQL

    def make_database(self):
        usual = Path("/usr/lib/postgresql/15/bin")
        self.programs = usual if usual.exists() else Path(shutil.which("initdb")).parent
        self.data = self.folder / "pg"
        self.data.mkdir()
        if getattr(self.options, "small_disk", 0):
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.options.small_disk}m", "tmpfs",
                            self.data], check=True)
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
        self.spawn_database()
        while subprocess.run([self.programs / "pg_isready", "-q", "-h", self.data, "-p",
                              str(self.database_port)]).returncode:
            time.sleep(0.02)
            # It gives up while a process of the crashed one has not quite ended.
            if self.database.poll() is not None:
                (self.data / "data" / "postmaster.pid").unlink(missing_ok=True)
                self.spawn_database()

    def spawn_database(self):
        self.database = subprocess.Popen(
            [self.programs / "postgres", "-D", self.data / "data", "-k", self.data, "-h", "127.0.0.1",
             "-p", str(self.database_port), "-c", "max_connections=200", "-c", "jit=off",
             "-c", "track_commit_timestamp=on", "-c", "log_min_messages=fatal", "-c", "log_min_error_statement=panic"],
            stdout=self.database_log, stderr=self.database_log, cwd=self.data, **self.user)

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
        await self.control("POST", "/settings", simulator_settings(hooks))

    async def control(self, method, path, body=None):
        client = Client()
        try:
            raw = b"" if body is None else json.dumps(body).encode()
            return await client.ask(method, self.sandbox_port, path, body=raw, timeout=10)
        finally:
            client.close()

    async def until(self, attempt, seconds=20.0, is_in_vain=lambda: False):
        end = time.time() + seconds
        while not is_in_vain():
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
operations_port = {self.operations_ports[number]}
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
review_after = "10s"
[delivery]
allowed_networks = ["127.0.0.0/8"]
plain_http_allowed = true
timeout = "5s"
schedule = ["0s", {", ".join(['"2s"'] * 49)}]
[log]
level = "info"
"""
        text += accounts_config(sandbox)
        path = self.folder / f"router{number}.toml"
        path.write_text(text)
        return path

    async def start_router(self, number, failpoints=""):
        while number in self.bad_configs:
            await asyncio.sleep(0.02)
        begun, downs = time.time(), self.downs
        was_up = self.is_database_up and not any(
            proxy.is_database and (proxy.delay or proxy.slice) for proxy in self.proxies)
        self.routers[number] = process = subprocess.Popen(
            [self.build / self.program, "serve", "--config", self.folder / f"router{number}.toml"],
            stdout=open(self.folder / f"router{number}.log", "ab"), stderr=subprocess.STDOUT,
            env={**self.environment, "SWITCHYARD_FAILPOINTS": failpoints,
                 "SWITCHYARD_FAILPOINT_SOCKET": self.failpoint_socket(number)})
        process.ended_by, process.is_ready, process.was_frozen = "", False, False
        self.write_down("started", router=number)
        client = Client()
        ready = lambda: client.ask("GET", self.router_ports[number], "/readyz", timeout=2)
        if await self.until(ready, 30.0, lambda: process.poll() is not None):
            process.is_ready = True
            self.write_down("ready", router=number)
            is_undisturbed = was_up and self.is_database_up and self.downs == downs
            if "kill" not in failpoints and is_undisturbed and not process.was_frozen:
                self.times["restart"].append(time.time() - begun)
        client.close()

    def failpoint_socket(self, number):
        return str(self.folder / f"failpoints{number}")

    # Orders to a router that runs: "NAME=ACTION", "clear", "counts", "clock=+3600". "" when it is gone.
    async def order_failpoint(self, number, line):
        try:
            reader, writer = await asyncio.open_unix_connection(self.failpoint_socket(number))
            writer.write(line.encode() + b"\n")
            answer = (await asyncio.wait_for(reader.readline(), 5)).decode().strip()
            writer.close()
        except (OSError, asyncio.TimeoutError):
            return ""
        if answer.startswith("refused"):
            sys.exit(f"chaos: failpoint order {answer}")
        return answer

    def is_running(self, number):
        return self.routers[number] is not None and self.routers[number].poll() is None

    def kill_router(self, number):
        if self.is_running(number):
            self.routers[number].ended_by = "kill"
            self.write_down("killed", router=number)
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
        self.to_routers = [Proxy(f"router{n}", [self.router_ports[n]]) for n in (0, 1)]
        self.public = Proxy("public", list(self.router_ports))
        self.to_database = [Proxy(f"database{n}", [self.database_port], True) for n in (0, 1)]
        self.providers = Proxy("providers", [])
        self.proxies = [self.public, self.providers, *self.to_routers, *self.to_database]
        for proxy in self.proxies:
            if proxy is not self.providers:
                await proxy.start()
        await self.start_sandbox()
        self.providers.targets = [self.sandbox_port]
        await self.providers.start()
        self.history = open(self.folder / "history.jsonl", "w")
        self.received = open(self.folder / "received.jsonl", "w")
        self.sent_webhooks = open(self.folder / "webhooks.jsonl", "w")
        self.last_webhook = 0
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
        self.sql(AUDIT)
        def key_of(merchant, mode):
            made = run("keys", "create", "--merchant", merchant, "--mode", mode)
            return next(word for word in made.split() if word.startswith("sk_"))
        self.keys, self.live_keys = {}, {}
        for number in range(4):
            merchant = next(word for word in run("merchants", "create", f"Merchant {number}").split()
                            if word.startswith("mer_"))
            self.keys[merchant] = key_of(merchant, "test")
            self.live_keys[merchant] = key_of(merchant, "live")
        self.receivers = await Receivers(self.received, self.trap_port, self.seed).start()
        await asyncio.gather(self.start_router(0), self.start_router(1))
        await self.make_endpoints()

    async def make_endpoints(self):
        client = Client()
        self.endpoints = {}
        for number in range(len(MANNERS)):
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

    # What each router holds right now; nothing of this may grow while nothing happens.
    async def measure(self):
        held = []
        for process, port in zip(self.routers, self.operations_ports):
            status = dict(line.split(":", 1)
                          for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
            # Only the router itself may look at its files.
            client = Client()
            _, _, page = await client.ask("GET", port, "/metrics")
            client.close()
            files = re.search(rb"^open_files (\d+)", page, re.M)
            held.append({"threads": int(status["Threads"]), "files": int(files[1]),
                         "resident_kb": int(status["VmRSS"].split()[0])})
        count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'switchyard'"
        return {"routers": held, "sessions": int(self.sql(count))}

    # What somebody still has to see to.
    def open_work(self):
        said = self.sql(
            "SELECT (SELECT count(*) FROM attempts WHERE status IN ('sending', 'unknown', 'closing')),"
            " (SELECT count(*) FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id"
            "  WHERE d.status = 'pending' AND e.status = 'enabled'),"
            " (SELECT count(*) FROM provider_webhooks WHERE state = 'waiting')")
        return sum(map(int, said.strip().split("|")))

    # What no person is needed for; after eight looks in vain the next one is 200 s away.
    def next_looks_in(self):
        return 5 + float(self.sql(
            "SELECT coalesce(max(extract(epoch FROM l.due_at - now())), 0) FROM attempts a"
            " JOIN leases l ON l.attempt_id = a.id JOIN payments p ON p.id = a.payment_id"
            " WHERE a.status IN ('sending', 'unknown', 'closing') AND a.account <> 'keyless'"
            " AND NOT (a.account = 'mpesa' AND a.provider_reference = '')"
            " AND NOT (a.account = 'short' AND a.operation <> 'charge')"
            " AND NOT (p.cancel_requested AND a.provider_reference = '' AND a.status = 'unknown')"
            " AND l.due_at < now() + interval '210 seconds'"))

    def is_quiet(self):
        return self.open_work() == 0

    # The sandbox keeps the latest tries only: they are fetched while they last.
    async def fetch_webhooks(self):
        _, _, said = await self.control("GET", f"/webhooks_sent?after={self.last_webhook}")
        for sent in json.loads(said)["tries"]:
            self.last_webhook = sent["seq"]
            self.sent_webhooks.write(json.dumps(sent) + "\n")

    async def keep_fetching(self):
        while True:
            await asyncio.sleep(3)
            with contextlib.suppress(NoAnswer):
                await self.fetch_webhooks()

    async def leave_evidence(self):
        await self.fetch_webhooks()
        self.dumped_at = time.time()
        (self.folder / "dump").mkdir()
        for table in self.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
                              "AND tablename NOT LIKE 'idempotency_answers%'").split():
            (self.folder / "dump" / f"{table}.jsonl").write_text(
                self.sql(f"SELECT row_to_json(t) FROM {table} t"))
        (self.folder / "dump" / "step_commits.jsonl").write_text(self.sql(COMMITTED))
        for number in (0, 1):
            self.kill_router(number)
        self.sandbox.terminate()
        self.sandbox.wait()
        self.database.send_signal(signal.SIGINT)
        self.database.wait()
        for log in (self.history, self.received, self.diary, self.sent_webhooks):
            log.close()
        for proxy in self.to_database:
            for side, count in proxy.cuts.items():
                self.counts[f"commit cut {side}"] += count
        (self.folder / "facts.json").write_text(json.dumps({
            "failpoints": failpoint_names(), "seed": self.seed, "minutes": self.options.minutes, "counts": self.counts,
            "times": self.times, "drains": getattr(self, "drains", []), "endpoints": self.endpoints, "merchants": self.keys,
            "live_keys": self.live_keys,
            "payments": self.merchants.payments, "calls": self.merchants.calls,
            "resources": self.resources, "healed_at": self.healed_at, "quiet_after": self.quiet_after,
            "dumped_at": self.dumped_at, "accounts": ACCOUNTS, "trap_hits": self.trap_hits, "canaries": CANARIES}, indent=1))

    def stop(self):
        for proxy in getattr(self, "proxies", []):
            proxy.stop()
        for number in (0, 1):
            self.kill_router(number)
        for process in (getattr(self, "sandbox", None), getattr(self, "database", None)):
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()


FAILPOINT = re.compile(r'FAILPOINT(_DROPS)?\("([a-z_.]+)"')


def failpoint_names(only_droppable=False):
    names = set()
    for path in (ROOT / "src").rglob("*.cpp"):
        names |= {name for drops, name in FAILPOINT.findall(path.read_text())
                  if drops or not only_droppable}
    return sorted(names)
