"""What else may happen to two routers and their database: deeds for the menu, each by itself."""

import asyncio
import contextlib
import re
import signal
import subprocess
import time

from merchants import Shop

# Refuses a seventh of the updates of attempts as PostgreSQL does when it cannot put two transactions in an
# order.
REFUSE_SOME = """
CREATE OR REPLACE FUNCTION refuse_some() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF random() < 0.15 THEN RAISE EXCEPTION 'made up' USING ERRCODE = '40001'; END IF;
  RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER refuse_some BEFORE UPDATE ON attempts FOR EACH STATEMENT
  EXECUTE FUNCTION refuse_some();"""


class Mischief:
    """For a World (tests/chaos/world.py)."""

    # As the owner of the cluster. What goes wrong, because the database is just away, is no harm.
    async def as_a_stranger(self, sql):
        words = [self.programs / "psql", "-h", self.data, "-p", str(self.database_port), "-U", "chaos",
                 "-qAtX", "-d", "switchyard", "-c", sql]
        done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True,
                                       cwd=self.data, **self.user)
        return done.returncode == 0

    # What must not outlive the deed, whatever else happens to the database.
    async def insist(self, sql):
        while not await self.as_a_stranger(sql):
            await asyncio.sleep(0.5)

    async def lock_by_a_stranger(self):
        what = self.random.choice([
            "LOCK TABLE payments IN SHARE MODE",
            "SELECT FROM payments ORDER BY random() LIMIT 200 FOR UPDATE",
            "SELECT FROM leases ORDER BY random() LIMIT 200 FOR UPDATE"])
        self.downs += 1  # who starts now is not measured
        if await self.as_a_stranger(f"BEGIN; {what}; SELECT pg_sleep(3); COMMIT"):
            self.counts["locks held by a stranger"] += 1

    async def refuse_serialization(self):
        self.downs += 1
        try:
            if await self.as_a_stranger(REFUSE_SOME):
                self.counts["serialization failures for 3 s"] += 1
                await asyncio.sleep(3)
        finally:
            await self.insist("DROP TRIGGER IF EXISTS refuse_some ON attempts")

    # The database takes no new session of theirs for 3 s, and ends most of those that are open.
    async def limit_connections(self):
        self.downs += 1
        try:
            if await self.as_a_stranger("ALTER ROLE switchyard CONNECTION LIMIT 2"):
                self.counts["connection limit hit"] += 1
                await self.as_a_stranger("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                         "WHERE usename = 'switchyard' AND random() < 0.8")
                await asyncio.sleep(3)
        finally:
            await self.insist("ALTER ROLE switchyard CONNECTION LIMIT -1")

    # The disk under PostgreSQL is full for 10 s. Only with --small-disk: the machine's own is not touched.
    async def fill_disk(self):
        if not self.options.small_disk or not self.is_database_up:
            return
        self.is_database_up = False
        self.write_down("database down")
        filler = self.data / "filler"
        try:
            with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
                while file.write(bytes(1 << 20)):
                    pass
            self.counts["disk filled"] += 1
            await asyncio.sleep(10)
        finally:
            filler.unlink()
            await asyncio.sleep(1)
            if self.database.poll() is not None:  # it gave up while it wrote its log
                self.counts["database ended by a full disk"] += 1
                (self.data / "data" / "postmaster.pid").unlink(missing_ok=True)
                await asyncio.to_thread(self.start_database)
            await self.insist("SELECT 1")
            self.is_database_up = True
            self.write_down("database up")

    # Five times as many shops for a while, but no more than this one process can play.
    async def rush(self):
        async def visit(shop, until):
            while time.time() < until and not self.is_calm:
                await shop.trade()
            for client in (shop.client, shop.twin, shop.rival):
                client.close()

        self.counts["rushes of 5 times the load"] += 1
        until = time.time() + 20
        for number in range(min(self.options.clients * 4, 1000)):
            merchant, key = list(self.keys.items())[number % 4]
            name = f"rush{self.counts['rushes of 5 times the load']}-{number}"
            self.shops.append(asyncio.create_task(
                visit(Shop(self.merchants, name, merchant, key), until)))
        await asyncio.sleep(20)

    # One router believes that it is an hour earlier or later, until it hears the database's time again. Worse
    # than what setting a machine's clock does, which routers do not ask: so it is not on the menu.
    async def jump_clock(self):
        number = self.random.randrange(2)
        if await self.order_failpoint(number, self.random.choice(["clock=+3600", "clock=-3600"])):
            self.counts["clock jumped"] += 1
            await asyncio.sleep(self.random.uniform(2, 6))
            await self.order_failpoint(number, "clock=0")

    # The provider signs with another key from now on, and both routers are told. What was signed with the
    # old one meanwhile is refused, and sent again or looked up.
    async def rotate_webhook_key(self):
        while self.bad_configs:
            await asyncio.sleep(0.1)
        key, held = f"whk_{self.random.randrange(1 << 60):x}", self.folder / "webhook_key"
        held.write_text(key)
        for number in (0, 1):
            path = self.folder / f"router{number}.toml"
            path.write_text(re.sub('webhook_key = "[^"]*"', f'webhook_key = "file:{held}"',
                                   path.read_text()))
        await self.control("POST", "/settings", {"example.webhook_key": key})
        for number in (0, 1):
            if self.is_running(number) and self.routers[number].is_ready:
                self.routers[number].send_signal(signal.SIGHUP)
        self.counts["webhook key rotated"] += 1

    # It must refuse the file and go on with what it has.
    async def reload_badly(self):
        number = self.random.randrange(2)
        if not self.is_running(number) or not self.routers[number].is_ready or self.bad_configs:
            return
        path = self.folder / f"router{number}.toml"
        good = path.read_text()
        self.bad_configs.add(number)  # nobody starts with it
        path.write_text(self.random.choice([good + "[[rule]\n", good + "\n[paymets]\nx = 1\n",
                                            good.replace('use = ["keyed"]', 'use = ["nobody"]')]))
        try:
            self.routers[number].send_signal(signal.SIGHUP)
            self.counts["bad configuration reloaded"] += 1
            await asyncio.sleep(0.5)
        finally:
            path.write_text(good)
            self.bad_configs.discard(number)
