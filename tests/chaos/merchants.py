"""Merchants' backends: they pay, retry, repeat, change their minds and go away, and write down every
answer they ever saw. What they owe themselves: every key is asked again until its answer is known."""

import asyncio
import hashlib
import json
import random
import time

from wire import Client, NoAnswer

# What each kind of payment sends, and how often it is chosen.
KINDS = [
    (30, {"payment_method": {"type": "card", "token": "tok_ok", "token_account": "keyed"},
          "metadata": {"at": "keyed"}}),
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
    (5, {"payment_method": {"type": "hosted_page"}, "metadata": {"at": "mintcash"}}),
    (11, {"payment_method": {"type": "mobile_money", "network": "mtn",
                             "phone_number": "+231881000001"}, "metadata": {"at": "soxara"}}),
]
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

    def note(self, **fact):
        self.history.write(json.dumps(fact, separators=(",", ":")) + "\n")


class Shop:
    """One client: one thing at a time, but for the copies it sends of a request."""

    def __init__(self, all_of, number, merchant, key):
        self.all, self.number, self.merchant, self.key = all_of, number, merchant, key
        self.random = random.Random(f"{all_of.random.random()}")
        self.client, self.twin, self.rival = Client(), Client(), Client()
        self.made = 0

    async def run(self):
        while not self.all.is_over:
            try:
                await self.trade()
            except asyncio.CancelledError:
                raise
            await asyncio.sleep(self.random.random() * 0.02)
        self.client.close()
        self.twin.close()
        self.rival.close()

    async def call(self, client, method, path, body, key, leave_after=None):
        node = self.random.randrange(len(self.all.nodes))
        headers = [("Authorization", f"Bearer {self.key}"), ("Content-Type", "application/json")]
        if key:
            headers.append(("Idempotency-Key", key))
        begun = time.time()
        fact = dict(client=self.number, merchant=self.merchant, node=node, method=method, path=path,
                    key=key, asked=digest(body), begun=begun)
        self.all.calls += 1
        try:
            status, answered, content = await client.ask(
                method, self.all.nodes[node], path, headers, body, leave_after=leave_after)
        except NoAnswer as problem:
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
                return status, content
            copies, leave = [self.client], None
            await asyncio.sleep(min(0.05 * 2 ** min(turn, 5), 1.0))
        return None, None

    async def read(self, payment_id):
        status, said = await self.call(self.client, "GET", f"/v1/payments/{payment_id}", b"", None)
        return said if status == 200 else None

    async def trade(self, what=None):
        weights = [weight for weight, _ in KINDS]
        what = what or self.random.choices([fields for _, fields in KINDS], weights)[0]
        self.made += 1
        name = f"{self.merchant}-{self.number}-{self.made}"
        currency = "USD"
        body = {"amount": self.random.randrange(100, 500_000), "currency": currency, "confirm": True,
                "return_url": "https://shop.example.com/back", **what}
        if self.random.random() < 0.5:
            body["external_id"] = name
        if what["metadata"]["at"] == "mintcash" or self.random.random() < 0.1:
            body["customer"] = {"external_id": f"customer-{self.random.randrange(50)}",
                                "name": f"Customer {self.random.randrange(3)}",
                                "email": "customer@example.com"}
        self.all.payments += 1
        status, said = await self.write("/v1/payments", body, f"create-{name}")
        payment = said if status in (200, 201, 202) else ((said or {}).get("error") or {}).get("payment")
        if not payment:
            return
        if payment["status"] == "requires_action":
            await self.act(payment)
        await self.go_on(payment["id"], name)

    # The payer at the provider's page.
    async def act(self, payment):
        url = ((payment.get("next_action") or {}).get("redirect") or {}).get("url", "")
        if "//" not in url or self.random.random() < 0.15:
            return
        port, _, path = url.split("//", 1)[1].partition("/")
        action = b"action=pay" if self.random.random() < 0.85 else b"action=cancel"
        try:
            await self.twin.ask("POST", int(port.split(":")[1]), "/" + path,
                                [("Content-Type", "application/x-www-form-urlencoded")], action,
                                timeout=10)
        except (NoAnswer, ValueError, IndexError):
            pass

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
        elif status in ("requires_action", "processing") and chance < 0.3:
            await self.write(f"{path}/cancel", {}, f"cancel-{name}")
        if status in OVER:
            self.all.done += 1

    async def other(self, path, body, key):
        raw = json.dumps(body).encode()
        return await self.call(self.rival, "POST", path, raw, key)
