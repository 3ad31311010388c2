"""What happens to every request before a route sees it and to every answer after: pure ASGI, outermost first.

``Requests`` gives the request its id, logs it (allow-listed fields only) and adds the security headers.
``Bodies`` bounds the body before anything parses it, and refuses JSON that no honest client sends.
"""

import json
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import EdgeRefusal, edge_problem
from domain.errors import Flaw

BODY_MAX = 1024 * 1024
UPLOAD_MAX = 5 * 1024 * 1024
DEPTH_MAX = 32
UPLOADS = ("/v1/needs",)
DOCUMENTATION = ("/docs", "/openapi.json")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NO_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'"

log = structlog.get_logger("oimaq.http")


class Requests:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = _request_id(scope)
        started = time.perf_counter()
        answered: dict[str, int] = {}

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
                if not scope["path"].startswith(DOCUMENTATION):
                    headers["Content-Security-Policy"] = _NO_CONTENT_POLICY
            await send(message)

        try:
            await self._app(scope, receive, dressed)
        finally:
            log.info(
                "request",
                method=scope["method"],
                route=getattr(scope.get("route"), "path", None),
                status=answered.get("status", 499),
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
                request_id=request_id,
                organization_id=str(state["organization_id"]) if "organization_id" in state else None,
            )


def _request_id(scope: Scope) -> str:
    """The client's own id when it is a UUID, so that it cannot write into our log; otherwise a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            try:
                return str(UUID(value.decode("latin-1")))
            except ValueError:
                break
    return str(uuid4())


class Bodies:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        limit = UPLOAD_MAX if scope["path"].startswith(UPLOADS) else BODY_MAX
        try:
            body = await _read(request, receive, limit)
            if request.headers.get("content-type", "").partition(";")[0].strip().endswith("json"):
                refuse_odd_json(body)
        except EdgeRefusal as refusal:
            await edge_problem(request, refusal)(scope, receive, send)
            return
        await self._app(scope, _again(body, receive), send)


async def _read(request: Request, receive: Receive, limit: int) -> bytes:
    """The whole body, counted as it streams; a declared length over the limit is refused unread."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > limit:
        raise _too_large(limit)
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
    flaw = Flaw(pointer="header:Content-Length", reason="too large", passes=f"at most {limit} bytes")
    return EdgeRefusal(
        "body-too-large", f"The body may have at most {limit} bytes", flaws=(flaw,), headers={"Connection": "close"}
    )


def _again(body: bytes, receive: Receive) -> Callable[[], Any]:
    """Hand the body that was read to the application once, then whatever comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_ODD_ESCAPES = re.compile(r"[\x00\ud800-\udfff]")


def refuse_odd_json(body: bytes) -> None:
    """Refuse what breaks parsers or databases downstream: deep nesting, NUL, lone surrogates, NaN, repeated names.

    The depth is counted on the bytes, before any parser recurses.
    """
    depth = deepest = 0
    for token in _BRACKETS.finditer(body):
        symbol = token.group()
        if symbol in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif symbol in b"]}":
            depth -= 1
    if deepest > DEPTH_MAX:
        raise _malformed(f"nested {deepest} deep", f"at most {DEPTH_MAX} levels")
    try:
        text = body.decode("utf-8")
        json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_repeats)
    except UnicodeDecodeError as error:
        raise _malformed("not UTF-8", "UTF-8") from error
    except RecursionError as error:
        raise _malformed("nested too deep", f"at most {DEPTH_MAX} levels") from error
    except ValueError as error:
        raise _malformed(str(error), "one JSON value (RFC 8259)") from error


def _malformed(reason: str, passes: str) -> EdgeRefusal:
    flaw = Flaw(pointer="", reason=reason, passes=passes)
    return EdgeRefusal("malformed-request", "The body is not JSON that can be accepted", flaws=(flaw,))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """One level of the document: names unique, no character in names or texts that PostgreSQL cannot store."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a name stands twice in an object")
    for name, value in pairs:
        for text in (name, *(value if isinstance(value, list) else [value])):
            if isinstance(text, str) and _ODD_ESCAPES.search(text):
                raise ValueError(f"{name!r} holds a NUL character or a lone surrogate")
    return result
