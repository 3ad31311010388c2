"""Stand-ins for the world that notices go to: a receiver of webhooks and a mail server, on this machine."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter


@asynccontextmanager
async def listening(serve: Callable[[Reader, Writer], Awaitable[None]], **more: object) -> AsyncIterator[int]:
    """A server on a free port of the loopback; its connections end with it."""
    open_ones: set[Writer] = set()

    async def each(reader: Reader, writer: Writer) -> None:
        open_ones.add(writer)
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the other side has left
        finally:
            open_ones.discard(writer)
            writer.close()

    server = await asyncio.start_server(each, "127.0.0.1", 0, **more)  # type: ignore[arg-type]  # ssl and limits
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        for writer in open_ones:
            writer.close()
        server.close()
        await server.wait_closed()


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebhookReceiver:
    """Answers what ``answer`` says and remembers what came."""

    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    calls: list[Received] = field(default_factory=list)

    async def serve(self, reader: Reader, writer: Writer) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.calls.append(Received(path=first.split(" ")[1], headers=headers, body=body))
        writer.write(self.answer)
        await writer.drain()


@dataclass
class MailServer:
    """As much of SMTP as one message needs; ``refuse`` is the answer to every recipient, if any."""

    refuse: str | None = None
    recipients: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)

    async def serve(self, reader: Reader, writer: Writer) -> None:
        async def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")
            await writer.drain()

        await say("220 mail.test ESMTP")
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ")[0].split(":")[0].upper()
            if verb == "RCPT":
                if self.refuse is None:
                    self.recipients.append(line.partition("<")[2].partition(">")[0])
                await say(self.refuse or "250 OK")
            elif verb == "DATA":
                await say("354 go on")
                self.messages.append((await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n"))
                await say("250 OK")
            elif verb == "QUIT":
                await say("221 bye")
                return
            else:
                await say("250 OK")
