"""Merchants' endpoints, from polite to hostile. Each writes down what reached it and what it said."""

import asyncio
import base64
import hashlib
import hmac
import json
import random
import time

from wire import serve

# How often an endpoint does what: 500, hang, reset after reading, answer a redirect, a byte a second, or
# that it wants nothing any more, which ends it.
MANNERS = [
    {}, {},
    {"500": 0.10}, {"500": 0.30},
    {"reset": 0.05, "500": 0.05}, {"hang": 0.01, "500": 0.05},
    {"redirect": 0.02, "500": 0.05}, {"slow": 0.05, "drip": 0.01},
    {"gone": 0.002},
]


class Receivers:
    def __init__(self, log, trap_port, seed):
        self.log, self.trap_port = log, trap_port
        self.random = random.Random(seed)
        self.secrets = {}
        self.is_healed = False
        self.count = 0

    async def start(self):
        self.server, self.port = await serve(self.receive)
        return self

    async def receive(self, method, path, headers, body, transport):
        number = int(path.rsplit("/", 1)[1])
        manners = {} if self.is_healed else MANNERS[number % len(MANNERS)]
        draw, deed = self.random.random(), "200"
        for name, chance in manners.items():
            if draw < chance:
                deed = name
                break
            draw -= chance
        self.count += 1
        self.log.write(json.dumps({
            "at": time.time(), "endpoint": number, "id": headers.get("webhook-id"),
            "signed": self.is_signed(number, headers, body), "said": deed,
            "sent": headers.get("webhook-timestamp"), "body": body.decode()},
            separators=(",", ":")) + "\n")
        if deed == "500":
            return 500, b"no"
        if deed == "hang":
            await asyncio.sleep(20)
            return None
        if deed == "reset":
            transport.abort()
            return None
        if deed == "redirect":
            transport.write(f"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:{self.trap_port}/\r\n"
                         "Content-Length: 0\r\n\r\n".encode())
            return None
        if deed == "gone":
            return 410, b""
        if deed == "drip":
            for byte in b"HTTP/1.1 200 X\r\n":
                transport.write(bytes([byte]))
                await asyncio.sleep(1)
            return None
        if deed == "slow":
            await asyncio.sleep(2)
        return 200, b"ok"

    def is_signed(self, number, headers, body):
        secret = base64.b64decode(self.secrets[number].removeprefix("whsec_"))
        text = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + body
        right = "v1," + base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()
        return right in headers.get("webhook-signature", "").split(" ")
