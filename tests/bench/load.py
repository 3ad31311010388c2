"""A load generator that costs little: HTTP/1.1 over plain asyncio streams, one request at a time per connection."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """``milliseconds`` are sorted latencies of the requests that were answered with ``status``."""

    per_second: float
    milliseconds: tuple[float, ...]
    statuses: dict[int, int]

    def percentile(self, share: float) -> float:
        return round(self.milliseconds[min(int(len(self.milliseconds) * share), len(self.milliseconds) - 1)], 1)


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def run(port: int, requests: Sequence[bytes], *, connections: int) -> Measured:
    """Send every request once, as fast as ``connections`` connections can."""
    queue = list(reversed(requests))
    took: list[float] = []
    statuses: dict[int, int] = {}

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while queue:
            started = time.perf_counter()
            writer.write(queue.pop())
            status = await _answer(reader)
            took.append((time.perf_counter() - started) * 1000)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()
        await writer.wait_closed()

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    seconds = time.perf_counter() - started
    return Measured(per_second=len(took) / seconds, milliseconds=tuple(sorted(took)), statuses=statuses)


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next(line.split(":")[1] for line in head.split("\r\n") if line.startswith("content-length"))
    await reader.readexactly(int(length))
    return int(head.split(" ", 2)[1])
