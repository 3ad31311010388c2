"""Bounds a body before anything parses it: bytes counted as they stream, then, for JSON, its form."""

import re
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.json_text import refuse_odd_json
from api.problems import EdgeRefusal, edge_problem
from domain.errors import Flaw
from domain.sealing.padding import DOCUMENT_BYTES_MAX

BODY_MAX = 1024 * 1024
UPLOAD_MAX = 5 * 1024 * 1024
UPLOADS = {"/v1/needs": UPLOAD_MAX}
"""Path prefixes whose bodies are files."""
STREAMED = {
    re.compile(r"/v1/registers(/.*)?"): 64 * 1024 * 1024,
    re.compile(r"/v1/tenders/[^/]+/documents"): DOCUMENT_BYTES_MAX,
}
"""Paths whose bodies are files too large for memory: the route takes them as they stream, counted all the same.
Whether somebody may send one is decided before it is read."""
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Bodies:
    """FastAPI's own ``max_body_size`` is not used: it refuses in plain text, and only while the body is being read."""

    def __init__(self, app: ASGIApp, *, limits: Mapping[str, int]) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _BODILESS:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        streamed = next((limit for path, limit in STREAMED.items() if path.fullmatch(scope["path"])), None)
        if streamed is not None:
            await self._streaming(scope, receive, send, streamed)
            return
        try:
            body = await _read(headers, receive, _limit(scope["path"], self._limits) or BODY_MAX)
            if body and headers.get("content-type", "").partition(";")[0].strip().lower().endswith("json"):
                refuse_odd_json(body)
        except EdgeRefusal as refusal:
            await edge_problem(Request(scope), refusal)(scope, receive, send)
            return
        given = False

        async def again() -> Message:
            """The body that was read, once; then whatever comes after it (a disconnect)."""
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)

    async def _streaming(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            if message["type"] == "http.disconnect":
                raise EdgeRefusal("malformed-request", "The client went away before the body was complete")
            size += len(message.get("body", b""))
            if size > limit:
                raise _too_large(limit)
            return message

        try:
            _declared(Headers(scope=scope), limit)
        except EdgeRefusal as refusal:
            await edge_problem(Request(scope), refusal)(scope, receive, send)
            return
        await self._app(scope, counted, send)


def _limit(path: str, limits: Mapping[str, int]) -> int | None:
    fitting = (limit for prefix, limit in limits.items() if path == prefix or path.startswith(f"{prefix}/"))
    return next(fitting, None)


def _declared(headers: Headers, limit: int) -> None:
    """Refuse a declared length over the limit before anything is read."""
    declared = headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit() and len(declared) < 12) or int(declared) > limit:  # noqa: PLR2004 - more digits than any limit
        raise _too_large(limit)


async def _read(headers: Headers, receive: Receive, limit: int) -> bytes:
    """The whole body; a declared length over the limit is refused unread, an undeclared one when it passes it."""
    _declared(headers, limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise EdgeRefusal("malformed-request", "The client went away before the body was complete")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large(limit: int) -> EdgeRefusal:
    passes = f"at most {limit} bytes"
    flaw = Flaw(pointer="header:Content-Length", reason="The body is too large", passes=passes)
    # The rest of the body is not read, so the connection cannot be used again.
    return EdgeRefusal(
        "body-too-large", f"The body may have {passes}", flaws=(flaw,), passes=passes, headers={"Connection": "close"}
    )
