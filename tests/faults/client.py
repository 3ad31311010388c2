"""HTTP/1.1 over plain streams: cheap enough to be many bidders, and able to be rude (half a request, no wait)."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Lost(Exception):  # noqa: N818 - a fact about a request, not a mistake
    """No answer: the connection was refused, cut, or silent for too long. The request may have had its effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: faults", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Line:
    """One connection, kept open between requests; after a loss the next request opens another."""

    def __init__(self, port: int, *, patience: float = 5.0) -> None:
        self.port = port
        self._patience = patience
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        """The answer, whatever it says; ``Lost`` when there is none within the patience."""
        content = b"" if body is None else json.dumps(body).encode()
        typed = dict(headers) | ({"Content-Type": "application/json"} if content else {})
        try:
            async with asyncio.timeout(self._patience):
                return await self._exchange(request(method, path, typed, content))
        except (OSError, EOFError, asyncio.IncompleteReadError) as error:  # TimeoutError is an OSError
            self.close()
            raise Lost(type(error).__name__) from error

    async def go_away(self, method: str, path: str, headers: Mapping[str, str], body: Any, *, share: float) -> None:
        """Send this share of a request and leave without waiting; 1.0 sends all of it."""
        self.close()
        content = json.dumps(body).encode()
        whole = request(method, path, dict(headers) | {"Content-Type": "application/json"}, content)
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(whole[: max(1, round(len(whole) * share))])
            await writer.drain()
            writer.transport.abort()

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    async def _exchange(self, sent: bytes) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        writer.write(sent)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status=int(lines[0].split(" ", 2)[1]), headers=headers, body=body)
