"""HTTP/1.1 for both sides of the harness, small enough to see what it does: nothing is retried,
nothing is hidden. Protocols, not streams: what the harness spends, the routers do not have."""

import asyncio


class NoAnswer(Exception):
    """The request may or may not have been executed."""


def run(main):
    """asyncio.run, on Debian's uvloop where that is installed: half the time for the same traffic."""
    try:
        import uvloop
        uvloop.install()
    except ImportError:
        pass
    return asyncio.run(main)


def body_of(raw, at, headers):
    """(the body that begins there, where it ends); None before it is complete."""
    if "content-length" in headers:
        end = at + int(headers["content-length"])
        return (bytes(raw[at:end]), end) if len(raw) >= end else None
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return b"", at
    body = b""
    while (line_end := raw.find(b"\r\n", at)) >= 0:
        size = int(bytes(raw[at:line_end]).split(b";")[0], 16)
        at = line_end + 2 + size
        if len(raw) < at + 2:
            return None
        body += raw[line_end + 2:at]
        at += 2
        if size == 0:
            return body, at
    return None


class Messages(asyncio.Protocol):
    """One end of a connection on which messages come: took(first line, headers, body) for each."""

    def __init__(self):
        self.transport, self.raw, self.head = None, bytearray(), None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.raw += data
        try:
            self.read()
        except (ValueError, IndexError):
            self.transport.abort()

    def read(self):
        while self.is_ready():
            if self.head is None:
                end = self.raw.find(b"\r\n\r\n")
                if end < 0:
                    return
                lines = self.raw[:end].decode("latin-1").split("\r\n")
                self.head = lines[0], {name.strip().lower(): value.strip() for name, _, value in
                                       (line.partition(":") for line in lines[1:] if line)}, end + 4
            first, headers, at = self.head
            whole = body_of(self.raw, at, headers)
            if whole is None:
                return
            del self.raw[:whole[1]]
            self.head = None
            self.took(first, headers, whole[0])

    def is_ready(self):
        return True


class Asking(Messages):
    """Whoever asks: one request at a time, whose answer is awaited."""

    def __init__(self):
        super().__init__()
        self.answer = None
        self.is_closed = False

    def took(self, first, headers, body):
        if self.answer and not self.answer.done():
            self.answer.set_result((int(first.split()[1]), headers, body))

    def connection_lost(self, problem):
        self.is_closed = True
        if self.answer and not self.answer.done():
            self.answer.set_exception(problem or ConnectionResetError())


class Client:
    """Keeps one connection to each address. One request at a time."""

    def __init__(self):
        self.open = {}

    async def ask(self, method, port, path, headers=(), body=b"", timeout=35.0, leave_after=None):
        """(status, headers, body); NoAnswer. leave_after: go away that long after sending."""
        try:
            async with asyncio.timeout(timeout):
                return await self.once(method, port, path, headers, body, leave_after)
        except (OSError, EOFError, asyncio.TimeoutError, ValueError, IndexError) as problem:
            self.drop(port)
            raise NoAnswer(type(problem).__name__) from None

    async def once(self, method, port, path, headers, body, leave_after):
        loop = asyncio.get_running_loop()
        if port not in self.open:
            self.open[port] = (await loop.create_connection(Asking, "127.0.0.1", port))[1]
        end = self.open[port]
        if end.is_closed:
            raise ConnectionResetError
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers)
        end.answer = loop.create_future()
        end.transport.write(head.encode() + b"\r\n" + body)
        if leave_after is not None:
            end.answer.cancel()
            await asyncio.sleep(leave_after)
            raise EOFError
        status, answered, content = await end.answer
        if answered.get("connection", "").lower() == "close":
            self.drop(port)
        return status, answered, content

    def drop(self, port):
        if port in self.open:
            self.open.pop(port).transport.close()

    def close(self):
        for port in list(self.open):
            self.drop(port)


class Answering(Messages):
    """Whoever is asked: one request after the other, however many came at once."""

    def __init__(self, handle):
        super().__init__()
        self.handle, self.task = handle, None

    def is_ready(self):
        return self.task is None

    def took(self, first, headers, body):
        self.task = asyncio.get_running_loop().create_task(self.answer(first, headers, body))

    async def answer(self, first, headers, body):
        try:
            method, path, _ = first.split(" ")
            said = await self.handle(method, path, headers, body, self.transport)
        except (OSError, EOFError, ValueError):
            said = None
        if said is None:
            self.transport.close()
            return
        status, content = said
        self.transport.write(
            f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
        self.task = None
        self.data_received(b"")


async def serve(handle, port=0):
    """handle(method, path, headers, body, transport) answers by itself, or returns (status, body)."""
    server = await asyncio.get_running_loop().create_server(lambda: Answering(handle), "127.0.0.1", port)
    return server, server.sockets[0].getsockname()[1]
