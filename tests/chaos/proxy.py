#!/usr/bin/env python3
"""TCP proxies: one between each two that talk, so that every line can be delayed, cut and sliced.
The one in front of PostgreSQL reads enough of its protocol to cut a connection around a COMMIT.

Each runs in a process of its own, because what passes through it must not wait for hundreds of clients:
`proxy.py JSON` listens, says on which port, and does what is written to its standard input until that ends."""

import asyncio
import json
import socket
import struct
import subprocess
import sys
import threading
from collections import deque

from wire import run

SESSION_BEGINS = 196608  # the code of PostgreSQL's first message that is no question about encryption


class End(asyncio.Protocol):
    """One end of a line: what comes here leaves at the other end."""

    def __init__(self, line):
        self.line, self.other, self.transport = line, None, None
        self.waiting, self.dripping = deque(), None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.pass_on(data)

    # At once; while lines are slow, or what came earlier still waits, in its turn.
    def pass_on(self, data):
        lines = self.line.lines
        if not (lines.delay or lines.slice or self.dripping or self.other is None):
            self.other.transport.write(data)
            return
        self.waiting.append(data)
        self.transport.pause_reading()
        self.begin_to_drip()

    def begin_to_drip(self):
        if self.waiting and self.other and not self.dripping:
            self.dripping = asyncio.get_running_loop().create_task(self.drip())

    async def drip(self):
        lines, there = self.line.lines, self.other.transport
        while self.waiting:
            data = self.waiting.popleft()
            if lines.delay:
                await asyncio.sleep(lines.delay)
            while data:  # the rest at once when the slow time is over
                if there.is_closing():
                    return
                step = lines.slice or len(data)
                there.write(data[:step])
                data = data[step:]
                if lines.slice:
                    await asyncio.sleep(0.001)
        self.dripping = None
        if self.transport.is_closing():
            there.close()
        else:
            self.transport.resume_reading()

    # What this end cannot get rid of, the other one shall not read.
    def pause_writing(self):
        if not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self):
        if not self.other.transport.is_closing() and not self.other.dripping:
            self.other.transport.resume_reading()

    def connection_lost(self, problem):
        self.line.end()
        if self.other and self.other.transport and not self.dripping:
            self.other.transport.close()


class Caller(End):
    """The end that somebody has connected to."""

    def connection_made(self, transport):
        super().connection_made(transport)
        lines = self.line.lines
        if lines.refusals > 0:
            lines.refusals -= 1
            transport.abort()
            return
        transport.pause_reading()  # until there is another end
        self.connecting = asyncio.get_running_loop().create_task(self.connect())

    async def connect(self):
        loop, lines = asyncio.get_running_loop(), self.line.lines
        lines.turn += 1
        first = lines.turn % len(lines.targets)
        for port in lines.targets[first:] + lines.targets[:first]:
            try:
                _, end = await loop.create_connection(lambda: Called(self.line), "127.0.0.1", port)
            except OSError:
                continue
            if self.transport.is_closing():
                end.transport.abort()
                return
            self.other, end.other = end, self
            self.line.begin(self, end)
            self.transport.resume_reading()
            self.begin_to_drip()
            return
        self.transport.abort()


class Called(End):
    """The end that leads to whom it was for."""

    def data_received(self, data):
        if self.line.cut_answer:
            self.line.cut_answer = False
            self.line.lines.note_cut("after")
            self.line.cut()
        elif self.other:
            self.pass_on(data)


class CallerOfDatabase(Caller):
    """Hands on whole messages, so that a line can be cut around one of them."""

    def __init__(self, line):
        super().__init__(line)
        self.held, self.is_session = bytearray(), False

    def data_received(self, data):
        self.held += data
        held, at = self.held, 0
        while True:
            head = 5 if self.is_session else 8  # what comes before the session proper has no type byte
            if len(held) < at + head:
                break
            size = struct.unpack_from("!I", held, at + 1)[0] + 1 if self.is_session else (
                struct.unpack_from("!I", held, at)[0])
            if len(held) < at + size:
                break
            if not self.is_session:
                self.is_session = struct.unpack_from("!I", held, at + 4)[0] == SESSION_BEGINS
            elif held[at] == ord("Q") and held.endswith(b"COMMIT\0", at, at + size) \
                    and held.find(b"INSERT INTO", at, at + size) >= 0:
                self.line.commits += 1
                if not self.line.takes_cut():
                    self.line.cut()
                    return
            at += size
        if at:
            self.pass_on(bytes(held[:at]))
            del held[:at]


class Line:
    """One connection through a proxy."""

    def __init__(self, lines):
        self.lines, self.ends = lines, ()
        self.cut_answer = False
        self.commits = 0

    def begin(self, *ends):
        self.ends = ends
        self.lines.lines.add(self)

    def end(self):
        self.lines.lines.discard(self)

    def cut(self):
        for end in self.ends:
            end.transport.abort()

    # At a COMMIT: False when it shall not arrive; else the cut, if one is wanted, comes with its answer.
    def takes_cut(self):
        if not self.lines.wanted_cuts:
            return True
        if self.lines.wanted_cuts.pop() == "before":
            self.lines.note_cut("before")
            return False
        self.cut_answer = True
        return True


class Lines:
    """What listens, in its own process."""

    def __init__(self, targets, is_database):
        self.caller = CallerOfDatabase if is_database else Caller
        self.targets = targets  # ports; each new connection takes the next one that answers
        self.turn = 0
        self.lines = set()
        self.delay = 0.0
        self.slice = 0
        self.refusals = 0      # so many of the next connections find nobody
        self.wanted_cuts = []  # "before" or "after": what happens at the next COMMITs
        self.cuts = {"before": 0, "after": 0}

    async def start(self, port=0):
        self.server = await asyncio.get_running_loop().create_server(
            lambda: self.caller(Line(self)), "127.0.0.1", port, backlog=1024)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    def cut_all(self):
        for line in list(self.lines):
            line.cut()

    # Whoever connects in the next 1.5 s finds nobody; what is connected stays so.
    def shut(self):
        if self.server.is_serving():
            self.reopening = asyncio.get_running_loop().create_task(self.reopen())

    async def reopen(self):
        self.server.close()
        with socket.socket() as keeper:  # or the system would give the port to a connection of somebody's
            keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            keeper.bind(("127.0.0.1", self.port))
            await asyncio.sleep(1.5)
        while True:
            try:
                return await self.start(self.port)
            except OSError:
                await asyncio.sleep(0.01)

    def cut_busiest(self):
        max(self.lines, key=lambda line: line.commits).cut()

    def note_cut(self, side):
        self.cuts[side] += 1
        self.tell()

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

    def shut(self):
        self.order({"do": "shut"})

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
    run(main(**json.loads(sys.argv[1])))
