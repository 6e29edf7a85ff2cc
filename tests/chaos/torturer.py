"""One failpoint after the other, in one router among merchants that do everything once."""

import asyncio
import random
import signal
import time
from datetime import datetime, timedelta, timezone

from merchants import KINDS, Merchants, Shop
from world import World, failpoint_names, say

# Where only a router comes by that goes on with what a dead one has left.
TAKING_OVER = {"rescue.after_select", "key.after_claim"}


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
            mine = [action for action in actions
                    if not action.startswith("drop") or name in failpoint_names(only_droppable=True)]
            reached = [await self.once(name, action) for action in mine]
            self.unreached += [f"{name}={action}" for action, was in zip(mine, reached)
                               if not was and not action.endswith("@3")]
            say(f"{number + 1} of {len(names)}: {name} "
                + ", ".join(f"{action} {'reached' if was else 'not reached'}"
                            for action, was in zip(mine, reached)))
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

    # True when the place was reached.
    async def once(self, name, action):
        if name in TAKING_OVER:
            await self.leave_keys()
        elif not self.is_running(0):
            await self.start_router(0)
        marks = self.marks(name)
        await self.order_failpoint(0, f"{name}={action}")
        shops = [] if name in TAKING_OVER else self.trade(name)
        # Hearts beat every 4 s.
        patience = 20 if name in TAKING_OVER else 6 if name == "job.before_heartbeat" else 3.5
        await self.watch(name, patience, marks)
        self.note_end(name, action)
        if self.is_running(0):
            await self.order_failpoint(0, "clear")
        else:
            await self.start_router(0)
        # Who still waits goes on among the next ones: a dead router's keys are its own for 15 s.
        if shops:
            _, pending = await asyncio.wait(shops, timeout=1.5)
            self.waiting += list(pending)
        self.waiting = [task for task in self.waiting if not task.done()]
        was_reached = self.marks(name) > marks
        self.counts["exceptions thrown"] += was_reached and action.startswith("throw")
        return was_reached

    # A merchant for each kind of payment.
    def trade(self, name):
        shops = []
        for number, (_, what) in enumerate(KINDS):
            if name == "sweep.mid_batch":
                soon = datetime.now(timezone.utc) + timedelta(seconds=1.2)
                what = {**what, "expires_at": soon.isoformat(timespec="milliseconds")[:-6] + "Z"}
            merchant, key = list(self.keys.items())[number % 4]
            shop = Shop(self.merchants, random.randrange(1 << 30), merchant, key)
            shops.append(asyncio.create_task(shop.trade(what)))
        return shops

    # Until it is over, or was passed and the rest had a while to go on.
    async def watch(self, name, patience, marks):
        begun, passed = time.time(), None
        while time.time() - begun < patience and self.is_running(0):
            await asyncio.sleep(0.05)
            if name == "drain.mid" and time.time() - begun > 1:
                self.routers[0].ended_by = "drain"
                self.routers[0].send_signal(signal.SIGTERM)
            if self.marks(name) > marks:
                passed = passed or time.time()
            if passed and time.time() - passed > 1.5 and name != "drain.mid":
                return

    # Requests that a router had begun when it was killed: after 15 s whoever asks again takes over.
    async def leave_keys(self):
        if not self.is_running(0):
            await self.start_router(0)
        await self.order_failpoint(0, "intent.after_commit=kill@6")
        self.waiting += self.trade("")
        end = time.time() + 5
        while time.time() < end and self.is_running(0):
            await asyncio.sleep(0.05)
        self.kill_router(0)
        await self.start_router(0)

    # Only a kill ends a router, and SIGTERM.
    def note_end(self, name, action):
        code = self.routers[0].poll()
        allowed = {None, -signal.SIGKILL} if action.startswith("kill") else {None}
        if name == "drain.mid":
            allowed |= {0, -signal.SIGTERM}
        if code not in allowed:
            self.counts[f"router ended by itself with {code} at {name}={action}"] += 1

    def marks(self, name):
        return (self.folder / "router0.log").read_text(errors="replace").count(f"failpoint {name} ")
