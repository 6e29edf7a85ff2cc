"""One failpoint after the other, in one router among merchants that do everything once."""

import asyncio
import random
import signal
import time

from merchants import KINDS, Merchants, Shop
from world import World, failpoint_names, say


class Torturer(World):
    async def torture(self, only, actions):
        self.unreached = []
        self.waiting = []
        await self.begin()
        self.kill_router(1)
        self.merchants = Merchants([self.to_routers[0].port], self.sandbox_port, self.history, self.seed)
        self.is_calm = True
        names = [name for name in failpoint_names() if not only or name in only]
        for number, name in enumerate(names):
            reached = [await self.once(name, action) for action in actions]
            if not any(reached):
                self.unreached.append(name)
            say(f"{number + 1} of {len(names)}: {name} "
                + ", ".join(f"{action} {'reached' if was else 'not reached'}"
                            for action, was in zip(actions, reached)))
        if self.waiting:
            await asyncio.wait(self.waiting, timeout=60)
        self.receivers.is_healed = True
        self.healed_at = time.time()
        await self.wait_for_quiet()
        self.quiet_after = time.time() - self.healed_at
        await self.leave_evidence()
        if self.unreached:
            say("never reached: " + ", ".join(self.unreached))

    async def wait_for_quiet(self):
        end = time.time() + 45
        while time.time() < end and not self.is_quiet():
            await asyncio.sleep(0.5)

    # A router with this failpoint, and a merchant for each kind of payment. True when it was reached.
    async def once(self, name, action):
        self.kill_router(0)
        marks = self.marks(name)
        starting = asyncio.create_task(self.start_router(0, f"{name}={action}"))
        shops = []
        for number, (_, what) in enumerate(KINDS):
            merchant, key = list(self.keys.items())[number % 4]
            shop = Shop(self.merchants, random.randrange(1 << 30), merchant, key)
            shops.append(asyncio.create_task(shop.trade(what)))
        await asyncio.sleep(0)  # it is started now
        begun = time.time()
        while time.time() - begun < 3.5 and self.is_running(0):
            await asyncio.sleep(0.05)
            if name == "drain.mid" and time.time() - begun > 1 and self.is_running(0):
                self.routers[0].send_signal(signal.SIGTERM)
        starting.cancel()
        self.kill_router(0)
        await self.start_router(0)
        # Who still waits goes on among the next ones: a dead router's keys are its own for 15 s.
        _, pending = await asyncio.wait(shops, timeout=1.5)
        self.waiting = [task for task in self.waiting if not task.done()] + list(pending)
        return self.marks(name) > marks

    def marks(self, name):
        return (self.folder / "router0.log").read_text(errors="replace").count(f"failpoint {name} ")
