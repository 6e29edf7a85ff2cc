"""TCP proxies: one between each two that talk, so that every line can be delayed, cut and sliced.
The one in front of PostgreSQL reads enough of its protocol to cut a connection around a COMMIT."""

import asyncio
import struct


class Line:
    """One connection through a proxy."""

    def __init__(self, proxy, up, down):
        self.proxy, self.up, self.down = proxy, up, down
        self.cut_answer = False

    def cut(self):
        for writer in (self.up, self.down):
            try:
                writer.transport.abort()
            except (OSError, AttributeError):
                pass


class Proxy:
    def __init__(self, name, targets, is_database=False):
        self.name, self.is_database = name, is_database
        self.targets = targets  # ports; each new connection takes the next one that answers
        self.turn = 0
        self.lines = set()
        self.delay = 0.0
        self.slice = 0
        self.wanted_cuts = []  # "before" or "after": what happens at the next COMMITs
        self.cuts = {"before": 0, "after": 0}

    async def start(self):
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    def cut_all(self):
        for line in list(self.lines):
            line.cut()

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
            if is_commit and self.wanted_cuts:
                if self.wanted_cuts.pop() == "before":
                    self.cuts["before"] += 1
                    raise EOFError
                line.cut_answer = True
            await self.pass_on(writer, head + body)
