"""Short stories that a router must survive, each with the one thing in it that a certain mistake
would not. Honest behaviour of merchants, providers and machines only: a correct router comes out of
every scene with a clean verdict, which scripts/chaos --mutants proves first.

A scene gets the stage (a world with helpers), plays, and returns; the stage heals and is judged."""

import asyncio
import hashlib
import hmac
import json
import signal
import subprocess
import time

import receivers
from merchants import Merchants, Shop
from wire import Client
from ports import free_port
from world import CANARIES, ROOT, World

KEYED = {"payment_method": {"type": "card", "token": "tok_ok", "token_account": "keyed"},
         "metadata": {"at": "keyed"}}
CASCADE = {"payment_method": {"type": "card", "token": "tok_ok"}, "metadata": {"at": "cascade"}}
STRIPE = {"payment_method": {"type": "card", "token": "tok_visa"}, "metadata": {"at": "stripe"}}
RELATIVES = ("short", "keyless")
SHORT, KEYLESS = ({"payment_method": {"type": "card", "token": "tok_ok", "token_account": name},
                   "metadata": {"at": name}} for name in RELATIVES)
PAGE = {"payment_method": {"type": "hosted_page"}, "metadata": {"at": "keyed"}}


class Actor(Shop):
    # A call that is asked until its answer is final, or for so long.
    async def ask(self, path, body, key, seconds=25.0):
        end, said = time.time() + seconds, (None, None)
        while time.time() < end:
            said = await self.call(self.client, "POST", path, json.dumps(body).encode(), key)
            status, content = said
            code = ((content or {}).get("error") or {}).get("code")
            if status is not None and status not in (429, 500, 503) and code != "idempotency_key_in_use":
                break
            await asyncio.sleep(0.3)
        return said


class Stage(World):
    def __init__(self, options):
        super().__init__(options)
        self.drains, self.second = [], None
        self.made = 0

    # The relatives of Example Pay, besides what the world has.
    def write_config(self, number):
        path = super().write_config(number)
        text = path.read_text()
        for name in RELATIVES:
            if f'id = "{name}"' in text or not (ROOT / "adapters/example/relatives.cpp").exists():
                continue
            key = "" if name == "keyless" else 'webhook_key = "env:CANARY_WEBHOOK_KEY"\n'
            text += (f'\n[[account]]\nid = "{name}"\nadapter = "example_{name}"\nmode = "test"\n'
                     f'base_url = "http://127.0.0.1:{self.providers.port}/example_{name}"\n'
                     f'api_key = "env:CANARY_EXAMPLE_KEY"\n{key}'
                     f'\n[[rule]]\nname = "{name}"\nwhen = {{ metadata.at = "{name}" }}\nuse = ["{name}"]\n')
        path.write_text(text)
        return path

    # Every line of both routers' configuration that says `old` says `new`.
    async def configure(self, old, new, restart=False):
        for number in (0, 1):
            path = self.folder / f"router{number}.toml"
            path.write_text(path.read_text().replace(old, new))
            if restart:
                await self.restart_with(number, "")
            else:
                self.routers[number].send_signal(signal.SIGHUP)

    async def play(self, scene):
        await self.begin()
        self.merchants = Merchants([proxy.port for proxy in self.to_routers], self.sandbox_port,
                                   self.history, self.seed)
        self.is_calm = True
        await scene(self)
        await self.heal()
        await self.leave_evidence()

    async def heal(self):
        await self.control("DELETE", "/faults")
        for proxy in self.proxies:
            proxy.delay, proxy.slice, proxy.wanted_cuts, proxy.refusals = 0.0, 0, [], 0
        self.receivers.is_healed = True
        for number in (0, 1):
            if self.is_running(number):
                self.routers[number].send_signal(signal.SIGCONT)
            else:
                await self.start_router(number)
        self.healed_at = time.time()
        # A page that cannot be closed lasts 15 seconds, and the next look comes later.
        while time.time() < self.healed_at + 60 and not self.is_quiet():
            await asyncio.sleep(0.3)
        await asyncio.sleep(0.5)
        self.quiet_after = time.time() - self.healed_at

    # What scenes are made of

    async def fault(self, action, when="after", provider="example", method="POST", path="", times=0):
        await self.control("POST", "/faults", {"provider": provider, "method": method, "path": path,
                                               "when": when, "action": action, "times": times})

    def shop(self, node=None):
        merchant, key = list(self.keys.items())[self.made % 4]
        self.made += 1
        shop = Actor(self.merchants, self.made, merchant, key)
        shop.node = node
        return shop

    # A payment; what the client was told of it.
    async def pay(self, what=KEYED, node=None, **more):
        shop = self.shop(node)
        name = f"{shop.merchant}-scene-{self.made}"
        body = {"amount": 1000 + self.made, "currency": "USD", "confirm": True,
                "return_url": "https://shop.example.com/back", **what, **more}
        shop.name, shop.body = name, body
        self.merchants.payments += 1
        status, said = await shop.ask("/v1/payments", body, f"create-{name}", seconds=40)
        shop.payment = said if status and status < 300 else ((said or {}).get("error") or {}).get("payment")
        shop.said = status, said
        return shop

    async def trade(self, seconds, count=12):
        shops = [self.shop() for _ in range(count)]
        end = time.time() + seconds

        async def go_on(shop):
            while time.time() < end:
                await shop.trade()
        await asyncio.wait([asyncio.create_task(go_on(shop)) for shop in shops], timeout=seconds + 25)

    async def ledger(self):
        _, _, said = await self.control("GET", "/ledger?limit=100000")
        return json.loads(said)["lines"]

    async def is_charged(self):
        return bool(await self.ledger())

    async def wait_for(self, condition, seconds=30.0):
        end = time.time() + seconds
        while time.time() < end:
            if await condition():
                return True
            await asyncio.sleep(0.1)
        return False

    # A message of Example Pay, signed as Example Pay signs.
    async def example_says(self, charge, number):
        body = json.dumps({"id": f"evt_scene_{number}", "type": "charge.updated", "live": False,
                           "account": CANARIES["example_key"].removeprefix("sk_test_"),
                           "charge": charge}).encode()
        at = str(int(time.time()))
        signature = hmac.new(CANARIES["webhook_key"].encode(), at.encode() + b"." + body,
                             hashlib.sha256).hexdigest()
        client = Client()
        try:
            await client.ask("POST", self.public.port, "/webhooks/keyed",
                             [("Content-Type", "application/json"),
                              ("Example-Signature", f"t={at},v1={signature}")], body, timeout=10)
        finally:
            client.close()

    # Another place of the same providers, with books and memory of its own.
    async def start_second_region(self):
        self.second_port = free_port()
        self.second = subprocess.Popen(
            [self.build / "switchyard-sandbox", "--port", str(self.second_port), "--speed", "0.2",
             "--ledger", self.folder / "ledger2.jsonl", "--requests", self.folder / "requests2.jsonl"],
            stdout=open(self.folder / "sandbox2.log", "ab"), stderr=subprocess.STDOUT)
        client = Client()
        await self.until(lambda: client.ask("GET", self.second_port, "/healthz"))
        client.close()

    async def leave_evidence(self):
        await super().leave_evidence()
        self.stop_second_region()
        for name in ("ledger", "requests"):
            second = self.folder / f"{name}2.jsonl"
            if second.exists():
                with open(self.folder / f"{name}.jsonl", "a", encoding="utf-8") as books:
                    books.write(second.read_text())

    def stop_second_region(self):
        if self.second and self.second.poll() is None:
            self.second.kill()
            self.second.wait()

    def stop(self):
        super().stop()
        self.stop_second_region()

    async def restart_with(self, number, failpoints):
        self.kill_router(number)
        await self.start_router(number, failpoints)

    async def keep_running(self):
        while True:
            for number in (0, 1):
                if not self.is_running(number):
                    await self.start_router(number)
            await asyncio.sleep(0.1)


async def together(*deeds):
    return await asyncio.gather(*deeds)


# The scenes


async def no_answer_with_another_account(stage):
    await stage.fault("reset", path="/charges")
    await together(*(stage.pay(CASCADE) for _ in range(6)))


async def no_answer_then_again(stage):
    await stage.control("POST", "/faults", {"provider": "stripe", "webhook": "lose", "times": 0})
    await stage.fault("reset", provider="stripe", times=6)
    await together(*(stage.pay(STRIPE) for _ in range(6)))


async def done_and_said_500(stage):
    await stage.fault("html_502", path="/charges", times=6)
    await together(*(stage.pay() for _ in range(6)))


async def executed_late(stage):
    await stage.fault("late:1500", path="/charges", times=4)
    await together(*(stage.pay() for _ in range(6)))
    await asyncio.sleep(2)


async def killed_after_commits(stage):
    keeper = asyncio.create_task(stage.keep_running())
    for nth in (7, 12, 9):
        await stage.restart_with(0, f"result.after_commit=kill@{nth}")
        await stage.trade(2)
    keeper.cancel()


async def killed_before_storing_webhooks(stage):
    keeper = asyncio.create_task(stage.keep_running())
    for number in (0, 1):
        await stage.restart_with(number, "result.before_commit=delay:50;wh.before_store=kill@4")
    await stage.trade(4)
    keeper.cancel()


async def refunded_elsewhere_before_our_answer(stage):
    """A clerk gives money back in the provider's dashboard while our own call has no answer yet, and
    the word of it names the charge as the provider does."""
    await stage.control("POST", "/faults", {"provider": "example", "webhook": "delay:6000", "times": 1})
    await stage.fault("slow:2500", path="/charges", times=1)
    paying = asyncio.create_task(stage.pay())

    await stage.wait_for(stage.is_charged, 5)
    charge = (await stage.ledger())[0]
    client = Client()
    await client.ask("POST", stage.sandbox_port, "/example/refunds", [
        ("Authorization", f"Bearer {CANARIES['example_key']}"), ("Idempotency-Key", "dashboard-1"),
        ("Content-Type", "application/json")], json.dumps({
            "reference": "dashboard_1", "charge": charge["object"],
            "amount": f"{charge['amount'] / 100:.2f}", "currency": "USD"}).encode())
    client.close()
    await paying
    await asyncio.sleep(5)


async def woken_with_an_old_refusal(stage):
    """A router whose key was just revoked sends a charge and falls asleep over the refusal; the other
    one has the new key, and its copy is executed, but nobody hears of it."""
    await stage.control("POST", "/faults", {"provider": "example", "webhook": "lose", "times": 0})
    good = stage.environment["CANARY_EXAMPLE_KEY"]
    stage.environment["CANARY_EXAMPLE_KEY"] = "sk_test_wrong"
    await stage.restart_with(0, "")
    stage.environment["CANARY_EXAMPLE_KEY"] = good
    stage.providers.delay = 0.7
    paying = asyncio.create_task(stage.pay(node=0))
    await asyncio.sleep(1.1)
    stage.routers[0].send_signal(signal.SIGSTOP)
    await stage.fault("status:500", "before", method="GET")
    await stage.fault("reset", path="/charges")
    await asyncio.sleep(1)
    stage.providers.delay = 0.0
    await stage.wait_for(stage.is_charged, 25)
    stage.routers[0].send_signal(signal.SIGCONT)
    await asyncio.sleep(0.7)
    await stage.restart_with(0, "")
    await stage.control("DELETE", "/faults")
    await paying


async def asked_again_much_later(stage):
    shops = await together(*(stage.pay() for _ in range(3)))
    for shop in shops:
        await shop.ask(f"/v1/payments/{shop.payment['id']}/refunds", {"amount": 100},
                       f"refund-{shop.name}")
    await asyncio.sleep(16)
    for shop in shops:
        await shop.ask("/v1/payments", shop.body, f"create-{shop.name}", seconds=5)


async def failed_after_captured(stage):
    shop = await stage.pay()
    attempt = shop.payment["attempts"][0]
    await asyncio.sleep(1)
    await stage.example_says({
        "id": attempt["provider_reference"], "reference": attempt["id"], "status": "rejected",
        "code": "card_declined", "amount": f"{shop.body['amount'] / 100:.2f}", "currency": "USD"}, 1)
    await asyncio.sleep(1)


async def confirmed_twice_at_once(stage):
    await stage.fault("slow:2500", path="/charges")
    stage.to_database[0].delay = stage.to_database[1].delay = 0.005

    async def race():
        shop = await stage.pay(confirm=False)
        path = f"/v1/payments/{shop.payment['id']}/confirm"
        rivals = [stage.shop(node) for node in (0, 1)]
        for number, rival in enumerate(rivals):
            rival.merchant, rival.key = shop.merchant, shop.key
        await together(*(rival.ask(path, {}, f"confirm-{shop.name}-{number}")
                         for number, rival in enumerate(rivals)))
    await together(*(race() for _ in range(4)))


async def cut_commits(stage, side):
    async def cut():
        while True:
            for proxy in stage.to_database:
                proxy.wanted_cuts = [side]
            await asyncio.sleep(0.4)
    cutting = asyncio.create_task(cut())
    await stage.trade(5)
    cutting.cancel()


async def refunded_twice_at_once(stage):
    await stage.fault("slow:400", path="/refunds")
    stage.to_database[0].delay = stage.to_database[1].delay = 0.01

    async def race():
        shop = await stage.pay()
        path = f"/v1/payments/{shop.payment['id']}/refunds"
        rivals = [stage.shop(number % 2) for number in range(4)]
        for rival in rivals:
            rival.merchant, rival.key = shop.merchant, shop.key
        await together(*(rival.ask(path, {"amount": shop.body["amount"]}, f"refund-{shop.name}-{number}")
                         for number, rival in enumerate(rivals)))
    await together(*(race() for _ in range(6)))


async def slow_to_take_events(stage):
    await stage.trade(8)


async def asked_twice(stage):
    for _ in range(4):
        shop = await stage.pay()
        await shop.ask("/v1/payments", shop.body, f"create-{shop.name}")


async def no_connection_for_a_moment(stage):
    """The database is full for one connection, just when the writer needs a new one."""
    for _ in range(6):
        await stage.pay(node=0)
        await asyncio.sleep(0.7)
        stage.to_database[0].cut_busiest()
        stage.to_database[0].refusals = 1
        shop = stage.shop(node=0)
        body = {"amount": 700, "currency": "USD", "confirm": True, **KEYED,
                "return_url": "https://shop.example.com/back"}
        await shop.ask("/v1/payments", body, f"create-full-{shop.number}", seconds=5)
        stage.to_database[0].refusals = 0


async def redirected_deliveries(stage):
    receivers.MANNERS[6] = {"redirect": 0.5}
    await stage.trade(3)


async def another_amount_by_webhook(stage):
    shop = await stage.pay(PAGE)
    attempt = shop.payment["attempts"][0]
    await stage.example_says({
        "id": attempt["provider_reference"], "reference": attempt["id"], "status": "paid",
        "amount": "0.01", "captured": "0.01", "currency": "USD"}, 2)
    await asyncio.sleep(1)


async def drained_while_paying(stage):
    await stage.fault("slow:2000", path="/charges")
    paying = [asyncio.create_task(stage.pay(node=0)) for _ in range(8)]
    await asyncio.sleep(1.0)
    at = time.time()
    stage.routers[0].send_signal(signal.SIGTERM)
    await asyncio.to_thread(stage.routers[0].wait)
    stage.drains.append({"node": 0, "at": at, "ended": time.time()})
    await stage.start_router(0)
    await asyncio.wait(paying, timeout=30)


async def reloaded_in_the_middle(stage):
    """The account moves to the provider's other region, which knows nothing of the first one's keys,
    while the outcome of an attempt is not known."""
    await stage.start_second_region()
    await stage.fault("reset", path="/charges")
    await stage.fault("status:500", "before", method="GET")
    paying = [asyncio.create_task(stage.pay()) for _ in range(3)]
    await asyncio.sleep(1.5)
    await stage.configure(f":{stage.providers.port}/example\"", f":{stage.second_port}/example\"")
    await asyncio.sleep(0.5)
    await stage.control("DELETE", "/faults")
    await asyncio.wait(paying, timeout=30)


async def silent_for_longer_than_a_key_lasts(stage):
    await stage.configure("look_up_speed = 20", "look_up_speed = 60", restart=True)
    await stage.control("POST", "/faults", {"provider": "example_short", "webhook": "delay:27000",
                                            "times": 0})
    await stage.fault("reset", provider="example_short", path="/charges")
    await stage.fault("status:500", "before", provider="example_short", method="GET")
    paying = [asyncio.create_task(stage.pay(SHORT)) for _ in range(8)]
    await asyncio.sleep(26)
    await stage.control("DELETE", "/faults")
    await asyncio.wait(paying, timeout=30)
    await asyncio.sleep(2)


async def dead_connections_without_keys(stage):
    for _ in range(3):
        await stage.pay(KEYLESS, node=0)
    await stage.fault("reset", provider="example_keyless", path="/charges", times=4)
    for _ in range(3):
        await stage.pay(KEYLESS, node=0)


async def lost_with_its_id(stage):
    """The answer that held the provider's name of the charge never came, and nothing may be sent twice."""
    await stage.fault("reset", provider="example_keyless", path="/charges", times=3)
    await together(*(stage.pay(KEYLESS) for _ in range(3)))
