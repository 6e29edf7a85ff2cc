"""HTTP/1.1 for both sides of the harness, small enough to see what it does: nothing is retried,
nothing is hidden."""

import asyncio


class NoAnswer(Exception):
    """The request may or may not have been executed."""


def head_of(raw):
    lines = raw.decode("latin-1").split("\r\n")
    return lines[0], {name.strip().lower(): value.strip() for name, _, value in
                      (line.partition(":") for line in lines[1:] if line)}


async def read_body(reader, headers):
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return b""
    body = b""
    while True:
        size = int((await reader.readline()).split(b";")[0], 16)
        body += await reader.readexactly(size)
        await reader.readexactly(2)
        if size == 0:
            return body


class Client:
    """Keeps one connection to each address. One request at a time."""

    def __init__(self):
        self.open = {}

    async def ask(self, method, port, path, headers=(), body=b"", timeout=35.0, leave_after=None):
        """(status, headers, body); NoAnswer. leave_after: go away that long after sending."""
        try:
            return await asyncio.wait_for(
                self.once(method, port, path, headers, body, leave_after), timeout)
        except (OSError, EOFError, asyncio.TimeoutError, ValueError, IndexError) as problem:
            self.drop(port)
            raise NoAnswer(type(problem).__name__) from None

    async def once(self, method, port, path, headers, body, leave_after):
        if port not in self.open:
            self.open[port] = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = self.open[port]
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers)
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()
        if leave_after is not None:
            await asyncio.sleep(leave_after)
            raise EOFError
        first, answered = head_of((await reader.readuntil(b"\r\n\r\n"))[:-4])
        content = await read_body(reader, answered)
        if answered.get("connection", "").lower() == "close":
            self.drop(port)
        return int(first.split()[1]), answered, content

    def drop(self, port):
        if port in self.open:
            self.open.pop(port)[1].close()

    def close(self):
        for port in list(self.open):
            self.drop(port)


async def serve(handle, port=0):
    """handle(method, path, headers, body, writer) answers by itself, or returns (status, body)."""

    async def talk(reader, writer):
        try:
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                first, headers = head_of(raw[:-4])
                method, path, _ = first.split(" ")
                body = await read_body(reader, headers)
                said = await handle(method, path, headers, body, writer)
                if said is None:
                    return
                status, content = said
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n".encode()
                             + content)
                await writer.drain()
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port)
    return server, server.sockets[0].getsockname()[1]
