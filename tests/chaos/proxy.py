#!/usr/bin/env python3
"""TCP proxies: one between each two that talk, so that every line can be delayed, cut and sliced.
The one in front of PostgreSQL reads enough of its protocol to cut a connection around a COMMIT.

Each runs in a process of its own, because what passes through it must not wait for hundreds of clients:
`proxy.py JSON` listens, says on which port, and does what is written to its standard input until that ends."""

import asyncio
import json
import struct
import subprocess
import sys
import threading


class Line:
    """One connection through a proxy."""

    def __init__(self, proxy, up, down):
        self.proxy, self.up, self.down = proxy, up, down
        self.cut_answer = False
        self.commits = 0

    def cut(self):
        for writer in (self.up, self.down):
            try:
                writer.transport.abort()
            except (OSError, AttributeError):
                pass


class Lines:
    """What listens, in its own process."""

    def __init__(self, targets, is_database):
        self.is_database = is_database
        self.targets = targets  # ports; each new connection takes the next one that answers
        self.turn = 0
        self.lines = set()
        self.delay = 0.0
        self.slice = 0
        self.refusals = 0      # so many of the next connections find nobody
        self.wanted_cuts = []  # "before" or "after": what happens at the next COMMITs
        self.cuts = {"before": 0, "after": 0}

    async def start(self):
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    def cut_all(self):
        for line in list(self.lines):
            line.cut()

    def cut_busiest(self):
        max(self.lines, key=lambda line: line.commits).cut()

    async def connect(self):
        for _ in self.targets:
            self.turn += 1
            try:
                return await asyncio.open_connection(
                    "127.0.0.1", self.targets[self.turn % len(self.targets)])
            except OSError:
                continue
        raise OSError("nobody is there")

    async def accept(self, reader, writer):
        if self.refusals > 0:
            self.refusals -= 1
            writer.transport.abort()
            return
        try:
            there_reads, there_writes = await self.connect()
        except OSError:
            writer.transport.abort()
            return
        line = Line(self, writer, there_writes)
        self.lines.add(line)
        forth = self.watch_commits if self.is_database else self.pump
        try:
            await asyncio.gather(forth(line, reader, there_writes),
                                 self.pump_back(line, there_reads, writer))
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            self.lines.discard(line)
            line.cut()

    async def pass_on(self, writer, data):
        if self.delay:
            await asyncio.sleep(self.delay)
        step = self.slice or len(data)
        for at in range(0, len(data), step):
            if writer.is_closing():
                raise EOFError
            writer.write(data[at:at + step])
            if self.slice:
                await asyncio.sleep(0.001)
        await writer.drain()

    async def pump(self, line, reader, writer):
        while data := await reader.read(65536):
            await self.pass_on(writer, data)
        raise EOFError

    async def pump_back(self, line, reader, writer):
        while data := await reader.read(65536):
            if line.cut_answer:
                self.cuts["after"] += 1
                self.tell()
                raise EOFError
            await self.pass_on(writer, data)
        raise EOFError

    async def watch_commits(self, line, reader, writer):
        while True:  # what comes before the session proper has no type byte
            head = await reader.readexactly(4)
            size = struct.unpack("!I", head)[0]
            rest = await reader.readexactly(size - 4)
            await self.pass_on(writer, head + rest)
            if struct.unpack("!I", rest[:4])[0] == 196608:
                break
        while True:
            head = await reader.readexactly(5)
            body = await reader.readexactly(struct.unpack("!I", head[1:])[0] - 4)
            is_commit = head[:1] == b"Q" and body.endswith(b"COMMIT\0") and b"INSERT INTO" in body
            line.commits += is_commit
            if is_commit and self.wanted_cuts:
                if self.wanted_cuts.pop() == "before":
                    self.cuts["before"] += 1
                    self.tell()
                    raise EOFError
                line.cut_answer = True
            await self.pass_on(writer, head + body)

    async def obey(self):
        orders = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
        while line := await orders.readline():
            order = json.loads(line)
            if "do" in order:
                getattr(self, order["do"])()
            for name in order.keys() & {"delay", "slice", "refusals", "wanted_cuts"}:
                setattr(self, name, order[name])

    def tell(self):
        print(json.dumps({"cuts": self.cuts, "wanted_cuts": self.wanted_cuts}), flush=True)


class Proxy:
    """The same for those who give the orders."""

    def __init__(self, name, targets, is_database=False):
        self.__dict__.update(name=name, targets=targets, is_database=is_database, process=None,
                             delay=0.0, slice=0, refusals=0, wanted_cuts=[],
                             cuts={"before": 0, "after": 0})

    async def start(self):
        words = json.dumps({"targets": self.targets, "is_database": self.is_database})
        self.__dict__["process"] = subprocess.Popen(
            [sys.executable, __file__, words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True)
        self.__dict__["port"] = int(self.process.stdout.readline())
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def listen(self):
        for line in self.process.stdout:
            self.__dict__.update(json.loads(line))

    # Whatever is set is set there too.
    def __setattr__(self, name, value):
        self.__dict__[name] = value
        if self.process:
            self.order({name: value})

    def order(self, order):
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()

    def want_cut(self, side):
        self.wanted_cuts = [*self.wanted_cuts, side]

    def cut_all(self):
        self.order({"do": "cut_all"})

    def cut_busiest(self):
        self.order({"do": "cut_busiest"})

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()


async def main(targets, is_database):
    lines = await Lines(targets, is_database).start()
    print(lines.port, flush=True)
    await lines.obey()


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
