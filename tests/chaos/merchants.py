"""Merchants' backends: they pay, retry, repeat, change their minds and go away, and write down every
answer they ever saw. What they owe themselves: every key is asked again until its answer is known."""

import asyncio
import hashlib
import json
import random
import time
from datetime import datetime, timedelta, timezone

from wire import Client, NoAnswer

# What each kind of payment sends, and how often it is chosen.
KINDS = [
    (30, {"payment_method": {"type": "card", "token": "tok_ok", "token_account": "keyed"},
          "metadata": {"at": "keyed"}}),
    (6, {"payment_method": {"type": "card", "token": "tok_ok"}, "metadata": {"at": "cascade"}}),
    (8, {"payment_method": {"type": "card", "token": "tok_declined"},
         "metadata": {"at": "cascade"}}),
    (6, {"payment_method": {"type": "card", "token": "tok_pending", "token_account": "keyed"},
         "metadata": {"at": "keyed"}}),
    (8, {"payment_method": {"type": "card", "token": "tok_ok", "token_account": "keyed"},
         "metadata": {"at": "keyed"}, "capture_method": "manual"}),
    (14, {"payment_method": {"type": "card", "token": "tok_visa"}, "metadata": {"at": "stripe"}}),
    (4, {"payment_method": {"type": "card", "token": "tok_visa_chargeDeclined"},
         "metadata": {"at": "stripe"}}),
    (6, {"payment_method": {"type": "card", "token": "tok_visa"}, "metadata": {"at": "stripe"},
         "capture_method": "manual"}),
    (8, {"payment_method": {"type": "hosted_page"}, "metadata": {"at": "keyed"}}),
    (7, {"payment_method": {"type": "card", "token": "tok_ok"}, "metadata": {"at": "short"}}),
    (3, {"payment_method": {"type": "card", "token": "tok_ok"}, "metadata": {"at": "short"},
         "capture_method": "manual"}),
    (7, {"payment_method": {"type": "card", "token": "tok_ok"}, "metadata": {"at": "reference"}}),
    (7, {"payment_method": {"type": "card", "token": "tok_ok"}, "metadata": {"at": "keyless"}}),
    (3, {"payment_method": {"type": "hosted_page"}, "metadata": {"at": "keyless"}}),
    (6, {"payment_method": {"type": "card", "token": "tok_ok"}, "metadata": {"at": "liar"}}),
    (5, {"payment_method": {"type": "hosted_page"}, "metadata": {"at": "mintcash"}}),
    (11, {"payment_method": {"type": "mobile_money", "network": "mtn",
                             "phone_number": "+231881000001"}, "metadata": {"at": "soxara"}}),
    (7, {"payment_method": {"type": "card", "token": "tok_visa"}, "metadata": {"at": "pudgy"}}),
    (2, {"payment_method": {"type": "card", "token": "tok_insufficientFunds"},
         "metadata": {"at": "pudgy"}}),
    (6, {"payment_method": {"type": "wallet", "kind": "paypal"}, "metadata": {"at": "paypal"}}),
    (2, {"payment_method": {"type": "wallet", "kind": "paypal"}, "metadata": {"at": "paypal"},
         "capture_method": "manual"}),
    (6, {"payment_method": {"type": "mobile_money", "network": "mtn",
                            "phone_number": "+46733123499"}, "currency": "EUR",
         "metadata": {"at": "mtn"}}),
    (4, {"payment_method": {"type": "hosted_page"}, "currency": "IDR",
         "metadata": {"at": "plugipay"}}),
    (4, {"payment_method": {"type": "hosted_page"}, "currency": "IDR",
         "metadata": {"at": "midtrans"}}),
    (5, {"payment_method": {"type": "wallet", "kind": "gcash"}, "currency": "PHP",
         "metadata": {"at": "xendit"}}),
    (4, {"payment_method": {"type": "mobile_money", "network": "mpesa",
                            "phone_number": "+254708374149"}, "currency": "KES",
         "metadata": {"at": "mpesa"}}),
    (4, {"payment_method": {"type": "hosted_page"}, "currency": "XOF",
         "metadata": {"at": "orange"}}),
]
# What the payer sends to a provider's page, one after the other: to pay, and to leave.
PAGES = {
    "paypal": ([b"decision=approve"], [b"decision=cancel"]),
    "plugipay": ([b"method=qris"], [b"action=cancel"]),
    "midtrans": ([b"method=gopay", b"decision=pay"], [b"method=gopay", b"decision=cancel"]),
    "xendit": ([b"act=pay"], [b"act=decline"]),
    "orange": ([b"msisdn=7701100100&otp=123456&decision=pay"], [b"decision=cancel"]),
}
PATIENCE = 8.0  # seconds: routers answer within four, or are not there
# Live keys reach the live account only; what is live there is as good as the others.
LIVE_KINDS = [(weight, json.loads(json.dumps(fields).replace('"keyed"', '"keyed_live"')))
              for weight, fields in KINDS if fields["metadata"]["at"] == "keyed"]
OVER = {"succeeded", "failed", "canceled", "expired"}


def digest(body):
    return hashlib.sha256(body).hexdigest()


class Merchants:
    """What all clients share."""

    def __init__(self, nodes, sandbox_port, history, seed):
        self.nodes, self.sandbox_port, self.history = nodes, sandbox_port, history
        self.random = random.Random(seed)
        self.is_over = False      # no new payments
        self.is_healed = False    # nothing fails any more: everybody can be asked
        self.payments = 0
        self.calls = 0
        self.done = 0
        self.shunned = [0.0 for _ in nodes]  # until when a node that did not answer is avoided

    # As a load balancer with health checks would: mostly the nodes that answered lately.
    def node(self, draw):
        node = draw.randrange(len(self.nodes))
        if self.shunned[node] > time.time() and draw.random() < 0.9:
            node = min(range(len(self.nodes)), key=lambda each: self.shunned[each])
        return node

    def note(self, **fact):
        self.history.write(json.dumps(fact, separators=(",", ":")) + "\n")


class Shop:
    """One client: one thing at a time, but for the copies it sends of a request."""

    def __init__(self, all_of, number, merchant, key):
        self.all, self.number, self.merchant, self.key = all_of, number, merchant, key
        self.random = random.Random(f"{all_of.random.random()}")
        self.client, self.twin, self.rival = Client(), Client(), Client()
        self.kinds = LIVE_KINDS if key.startswith("sk_live_") else KINDS
        self.made = 0
        self.old = []     # answered writes that are sent again much later
        self.node = None  # where it sends everything; anywhere without

    async def run(self):
        while not self.all.is_over:
            try:
                await self.trade()
                await self.repeat_an_old_one()
            except asyncio.CancelledError:
                raise
            await asyncio.sleep(self.random.random() * 0.02)
        self.client.close()
        self.twin.close()
        self.rival.close()

    async def call(self, client, method, path, body, key, leave_after=None):
        node = self.all.node(self.random) if self.node is None else self.node
        headers = [("Authorization", f"Bearer {self.key}"), ("Content-Type", "application/json")]
        if key:
            headers.append(("Idempotency-Key", key))
        begun = time.time()
        fact = dict(client=self.number, merchant=self.merchant, node=node, method=method, path=path,
                    key=key, asked=digest(body), begun=begun, left=leave_after is not None)
        self.all.calls += 1
        try:
            status, answered, content = await client.ask(
                method, self.all.nodes[node], path, headers, body, PATIENCE, leave_after)
        except NoAnswer as problem:
            if leave_after is None:
                self.all.shunned[node] = time.time() + 1.5
            self.all.note(**fact, ended=time.time(), problem=str(problem))
            return None, None
        try:
            said = json.loads(content)
        except ValueError:
            said = None
        self.all.note(**fact, ended=time.time(), status=status, body=content.decode("latin-1"),
                      replayed="idempotent-replayed" in answered)
        return status, said

    # A write that is asked until its answer is final, as every merchant must.
    async def write(self, path, body, key, method="POST"):
        raw = json.dumps(body).encode()
        chance = self.random.random
        copies = [self.client, self.twin] if chance() < 0.15 else [self.client]
        leave = chance() * 0.03 if chance() < 0.10 else None
        if key and chance() < 0.02:
            other = json.dumps({**body, "description": "another body"}).encode()
            await asyncio.gather(self.call(self.client, method, path, raw, key),
                                 self.call(self.twin, method, path, other, key))
        for turn in range(10_000):
            said = await asyncio.gather(*(self.call(client, method, path, raw, key, leave)
                                          for client in copies))
            for status, content in said:
                if status is None or status in (429, 500, 502, 503):
                    continue
                code = ((content or {}).get("error") or {}).get("code")
                if status == 409 and code == "idempotency_key_in_use":
                    continue
                if key and chance() < 0.1 and len(self.old) < 3:
                    self.old.append((time.time(), path, raw, key))
                return status, content
            copies, leave = [self.client], None
            await asyncio.sleep(min(0.05 * 2 ** min(turn, 6), 3.0) * self.random.uniform(0.5, 1.0))
        return None, None

    # A queue of the merchant's that has forgotten that it was done, when no lease protects the key.
    async def repeat_an_old_one(self):
        if self.old and time.time() - self.old[0][0] > 20:
            _, path, raw, key = self.old.pop(0)
            await self.call(self.client, "POST", path, raw, key)

    async def read(self, payment_id):
        status, said = await self.call(self.client, "GET", f"/v1/payments/{payment_id}", b"", None)
        return said if status == 200 else None

    async def trade(self, what=None):
        weights = [weight for weight, _ in self.kinds]
        what = what or self.random.choices([fields for _, fields in self.kinds], weights)[0]
        self.made += 1
        name = f"{self.merchant}-{self.number}-{self.made}"
        amount = self.random.randrange(100, 500_000)
        if what.get("currency") == "IDR":  # whole rupiah; some last digits are orders to the simulator
            amount = amount * 100 + 20_000
        if what.get("currency") == "KES":  # whole shillings
            amount -= amount % 100
        body = {"amount": amount, "currency": "USD", "confirm": True,
                "return_url": "https://shop.example.com/back", **what}
        if self.random.random() < 0.5:
            body["external_id"] = name
        if what["metadata"]["at"] == "mintcash" or self.random.random() < 0.1:
            body["customer"] = {"external_id": f"customer-{self.random.randrange(50)}",
                                "name": f"Customer {self.random.randrange(3)}",
                                "email": "customer@example.com"}
        if what["payment_method"]["type"] == "hosted_page" and self.random.random() < 0.15:
            soon = datetime.now(timezone.utc) + timedelta(seconds=self.random.uniform(2, 8))
            body["expires_at"] = soon.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        is_impatient = what["payment_method"]["type"] == "card" and self.random.random() < 0.04
        if is_impatient:
            body["confirm"] = False
        self.all.payments += 1
        status, said = await self.write("/v1/payments", body, f"create-{name}")
        payment = said if status in (200, 201, 202) else ((said or {}).get("error") or {}).get("payment")
        if not payment:
            return
        if is_impatient:  # the button was pressed twice, in two tabs
            path = f"/v1/payments/{payment['id']}/confirm"
            await asyncio.gather(self.write(path, {}, f"confirm-{name}"),
                                 self.other(path, {}, f"confirm-again-{name}"))
        if payment["status"] == "requires_action":
            await self.act(payment)
        await self.go_on(payment["id"], name)

    # The payer at the provider's page, whose browser may come back through us.
    async def act(self, payment):
        url = ((payment.get("next_action") or {}).get("redirect") or {}).get("url", "")
        if "//" not in url or self.random.random() < 0.15:
            return
        pay, leave = PAGES.get(payment["metadata"].get("at"), ([b"action=pay"], [b"action=cancel"]))
        for action in pay if self.random.random() < 0.85 else leave:
            back = await self.browse("POST", url, action)
        if back and self.random.random() < 0.5:
            await self.browse("GET", back)

    # Where it leads to; "" where nowhere.
    async def browse(self, method, url, form=b""):
        try:
            port, _, path = url.split("//", 1)[1].partition("/")
            _, answered, _ = await self.twin.ask(
                method, int(port.split(":")[1]), "/" + path,
                [("Content-Type", "application/x-www-form-urlencoded")], form, timeout=10)
            return answered.get("location", "")
        except (NoAnswer, ValueError, IndexError):
            return ""

    async def go_on(self, payment_id, name):
        chance = self.random.random()
        payment = None
        for turn in range(5):
            payment = await self.read(payment_id)
            if payment and payment["status"] in OVER | {"requires_capture"}:
                break
            await asyncio.sleep(0.1 * 2 ** turn)
        status = payment["status"] if payment else ""
        path = f"/v1/payments/{payment_id}"
        if status == "requires_capture":
            verb = "capture" if chance < 0.7 else "cancel"
            if chance < 0.1:  # both at once
                await asyncio.gather(self.write(f"{path}/capture", {}, f"capture-{name}"),
                                     self.other(f"{path}/cancel", {}, f"cancel-{name}"))
            else:
                await self.write(f"{path}/{verb}", {}, f"{verb}-{name}")
        elif status == "succeeded" and chance < 0.25:
            share = self.random.choice([1, 2, 3])
            amount = max(1, payment["amount_received"] // share)
            for part in range(self.random.randrange(1, share + 1)):
                await self.write(f"{path}/refunds", {"amount": amount}, f"refund-{name}-{part}")
        elif status == "succeeded" and chance < 0.29:  # two clerks at once
            whole = {"amount": payment["amount_received"]}
            await asyncio.gather(self.write(f"{path}/refunds", whole, f"refund-{name}"),
                                 self.other(f"{path}/refunds", whole, f"refund-again-{name}"))
        elif status in ("requires_action", "processing") and chance < 0.3:
            await self.write(f"{path}/cancel", {}, f"cancel-{name}")
        if status in OVER:
            self.all.done += 1

    async def other(self, path, body, key):
        raw = json.dumps(body).encode()
        return await self.call(self.rival, "POST", path, raw, key)
