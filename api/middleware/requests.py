"""The outermost layer: request id, one log line, security headers, and the last word on what nobody expected."""

import time
import traceback
from typing import Any
from uuid import UUID, uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import internal_error
from api.route_table import RouteTable

CLIENT_LEFT = 499
"""In the log only: the client went away before there was an answer."""

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SECURITY = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
NO_CONTENT = "default-src 'none'; frame-ancestors 'none'"
DOCUMENTATION = {
    "/docs": (
        "default-src 'none'; frame-ancestors 'none'; connect-src 'self'; script-src 'unsafe-inline' "
        "https://cdn.jsdelivr.net; style-src 'unsafe-inline' https://cdn.jsdelivr.net; "
        "img-src data: https://fastapi.tiangolo.com"
    )
}
"""The only page that is meant for a browser to run; exact paths."""

log = structlog.get_logger("oimaq.http")


class Requests:
    def __init__(self, app: ASGIApp, *, table: RouteTable) -> None:
        self._app = app
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = _request_id(scope)
        started = time.perf_counter()
        status = CLIENT_LEFT

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _dress(MutableHeaders(scope=message), scope["path"], request_id)
            await send(message)

        try:
            await self._app(scope, receive, dressed)
        except Exception as error:
            _tell(error, request_id)
            if status != CLIENT_LEFT:  # the answer has begun: only breaking the connection tells the client
                raise
            await internal_error(Request(scope))(scope, receive, dressed)
        finally:
            organization_id = state.get("organization_id")
            log.info(
                "request",
                method=scope["method"],
                route=self._table.template(scope),
                status=status,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
                request_id=request_id,
                organization_id=None if organization_id is None else str(organization_id),
            )


def _dress(headers: MutableHeaders, path: str, request_id: str) -> None:
    """No route sets one of these itself, so they are added without a look for each."""
    headers.setdefault("Cache-Control", "no-store")
    policy = DOCUMENTATION.get(path, NO_CONTENT).encode()
    headers.raw.extend([*_SECURITY, (b"x-request-id", request_id.encode()), (b"content-security-policy", policy)])


def _request_id(scope: Scope) -> str:
    """The client's own id when it is a UUID, so that it cannot write into our log; otherwise a new one."""
    try:
        return str(UUID(Headers(scope=scope).get("x-request-id", "")))
    except ValueError:
        return str(uuid4())


def _tell(error: Exception, request_id: str) -> None:
    """Log the kind of error and where it was raised. Its text may hold a price or a person (database errors repeat
    their parameters), so that is only told at the level DEBUG, which production does not use.
    """
    frames: list[Any] = traceback.extract_tb(error.__traceback__)[-8:]
    log.error(
        "broken",
        error=type(error).__qualname__,
        where=[f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
        request_id=request_id,
    )
    log.debug("broken in full", request_id=request_id, exc_info=error)
