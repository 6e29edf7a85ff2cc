"""How long it takes until all is well again, measured one cause at a time on an otherwise quiet machine: after
a router was killed, and after a provider answered nobody for a while. For scripts/chaos --recovery."""

import argparse
import asyncio
import json
import logging
import shutil
import time

from merchants import Merchants
from scenes import KEYED, Stage
from wire import run

KILLS = 10
IN_FLIGHT = 200
IN_DOUBT = 200
OUTAGE = 20  # seconds


def spread(seconds):
    ordered = sorted(seconds)
    at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return f"p50 {at(0.5):.2f} s, p99 {at(0.99):.2f} s, most {ordered[-1]:.2f} s ({len(ordered)})"


async def create(stage, node):
    shop = stage.shop(node)
    await shop.call(shop.client, "POST", "/v1/payments", stage.body_of(shop), f"recovery-{stage.made}")
    shop.client.close()


class Recovery(Stage):
    def body_of(self, shop):
        return json.dumps({"amount": 1000 + self.made, "currency": "USD", "confirm": True,
                           "description": f"{shop.merchant}-{self.made}", **KEYED}).encode()

    def open_payments(self):
        return set(self.sql("SELECT id FROM payments WHERE status = 'processing'").split())

    async def settled_after(self, begun, at_most):
        """Seconds since `begun` until each payment that is open now was known, and how many never were."""
        is_open, took = self.open_payments(), []
        while is_open and time.time() < begun + at_most:
            await asyncio.sleep(0.1)
            still = self.open_payments()
            took += [time.time() - begun] * len(is_open - still)
            is_open &= still
        return took, len(is_open)

    async def serve_again(self):
        self.times["restart"].clear()
        for _ in range(KILLS):
            self.kill_router(0)
            await self.start_router(0)
        return self.times["restart"]

    async def take_over(self):
        """A router dies with all its calls under way; nobody starts it again, and no webhook tells."""
        await self.control("POST", "/faults", {"provider": "example", "webhook": "lose", "times": 0})
        await self.fault("slow:3000", path="/charges")
        callers = [asyncio.create_task(create(self, 0)) for _ in range(IN_FLIGHT)]
        await self.wait_for(self.are_sent(IN_FLIGHT), 20)
        self.kill_router(0)
        killed = time.time()
        await self.control("DELETE", "/faults")
        took = await self.settled_after(killed, 60)
        await asyncio.gather(*callers)
        await self.start_router(0)
        return took

    def are_sent(self, count):
        async def check():
            return len(await self.ledger()) >= count
        return check

    async def outlive_an_outage(self):
        """A provider executes what it is asked and tells nobody, and answers no look-up either."""
        await self.control("POST", "/faults", {"provider": "example", "webhook": "lose", "times": 0})
        await self.fault("status:500", path="/charges")
        await self.fault("status:500", "before", method="GET")
        await asyncio.gather(*(create(self, n % 2) for n in range(IN_DOUBT)))
        await asyncio.sleep(OUTAGE)
        await self.control("DELETE", "/faults")
        return await self.settled_after(time.time(), 120)

    async def measure_all(self):
        await self.begin()
        self.merchants = Merchants([proxy.port for proxy in self.to_routers], self.sandbox_port,
                                   self.history, self.seed)
        # Looks at the pace of a real installation, not of a test's.
        await self.configure("look_up_speed = 20\n", "", restart=True)
        print(f"killed, until it serves again:                          {spread(await self.serve_again())}")
        took, lost = await self.take_over()
        print(f"killed with calls under way, until the other knows all: {spread(took)}"
              + (f", {lost} not within a minute" if lost else ""))
        took, lost = await self.outlive_an_outage()
        print(f"provider gone for {OUTAGE} s, until all doubt is settled:       {spread(took)}"
              + (f", {lost} not within two minutes" if lost else ""))
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


def measure(seed):
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    world = Recovery(argparse.Namespace(seed=seed, minutes=0, clients=0, program="switchyard-failpoints"))
    try:
        run(world.measure_all())
    finally:
        world.stop()
        shutil.rmtree(world.folder)
    return 0
