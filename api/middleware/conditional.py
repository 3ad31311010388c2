"""304 for a GET whose answer the client has already: every answer with an ETag, without a word in its route.

The route runs as ever, credentials and scope included; only the body is spared.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.preconditions import is_known

_OK, _NOT_MODIFIED = 200, 304


class Conditional:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = Headers(scope=scope).get("if-none-match") if scope["type"] == "http" else None
        if known is None or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        spared = False

        async def sparing(message: Message) -> None:
            nonlocal spared
            if message["type"] == "http.response.start" and message["status"] == _OK:
                headers = MutableHeaders(scope=message)
                if is_known(headers.get("etag"), known):
                    spared = True
                    message["status"] = _NOT_MODIFIED
                    for name in ("content-length", "content-type"):
                        del headers[name]
            elif spared and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, sparing)
