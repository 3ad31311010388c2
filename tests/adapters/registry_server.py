"""A registry on a local port: answers what a test lays down, by default the published shapes in ``registries/``."""

import asyncio
import copy
import gzip
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn

DATA = Path(__file__).parent / "registries"
Json = dict[str, Any]


def data(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


PUBLISHED: Json = data("published")


class RegistryServer:
    """ASGI. ``replies`` are laid down per ``METHOD /path?query``; the last one repeats itself; ``"right"`` is the
    published answer. ``seen`` are the requests, with their headers.
    """

    def __init__(self) -> None:
        self.base = ""
        self.replies: dict[str, list[Any]] = {}
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.everywhere: Any = None
        self.released = asyncio.Event()

    def forget(self) -> None:
        """As at the beginning; requests that hang are let go."""
        self.released.set()
        self.released = asyncio.Event()
        self.replies, self.seen, self.everywhere = {}, [], None

    def attempts(self, key: str) -> int:
        return sum(1 for each, _, _ in self.seen if each == key)

    def lay(self, key: str, *replies: Any) -> None:
        self.replies[key] = list(replies)

    def changed(self, key: str, change: Callable[[Any], None]) -> None:
        """The published answer, but for what ``change`` does to it."""
        document = copy.deepcopy(PUBLISHED[key])
        change(document)
        self.lay(key, {"status": 200, "json": document})

    async def __call__(self, scope: Json, receive: Callable[[], Any], send: Callable[[Json], Any]) -> None:
        query = scope["query_string"].decode()
        key = f"{scope['method']} {scope['path']}" + (f"?{query}" if query else "")
        body = (await receive())["body"]
        self.seen.append((key, {name.decode(): value.decode() for name, value in scope["headers"]}, body))
        reply = self.everywhere or self._next(key)
        if reply.get("hang"):
            await self.released.wait()
            return
        headers = {"content-type": "application/json"} | reply.get("headers", {})
        content = self._content(reply)
        if reply.get("gzip"):
            headers["content-encoding"], content = "gzip", gzip.compress(content)
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": reply["status"], "headers": raw})
        for stop in ("hang_after", "close_after"):
            if stop in reply:
                await send({"type": "http.response.body", "body": reply[stop].encode(), "more_body": True})
                if stop == "hang_after":
                    await self.released.wait()
                return
        await send({"type": "http.response.body", "body": content})

    def _next(self, key: str) -> Any:
        laid = self.replies.get(key, ["right"])
        reply = laid.pop(0) if len(laid) > 1 else laid[0]
        if reply != "right":
            return reply
        document = PUBLISHED.get(key, {"name": "Not Found", "message": "", "code": 0, "status": 404})
        failed = isinstance(document, dict) and document.get("status") in {400, 404}
        return {"status": document["status"] if failed else 200, "json": document}

    @staticmethod
    def _content(reply: Json) -> bytes:
        if "repeat" in reply:
            text, times = reply["repeat"]
            return bytes(text * times, "utf-8")
        return (reply["text"] if "text" in reply else json.dumps(reply.get("json"))).encode()


@asynccontextmanager
async def serving() -> AsyncIterator[RegistryServer]:
    registry = RegistryServer()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(registry, log_level="critical", lifespan="off"))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        registry.base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield registry
        finally:
            registry.released.set()
            server.should_exit = True
            await running
