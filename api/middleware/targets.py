"""Refuses query parameters that a route does not declare, repeated ones, and NUL in a path or query.

This is a layer and not a dependency, so that no route can forget it; a request without a query string pays nothing.
It needs no credentials: what a route takes is public in the OpenAPI document.
"""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import EdgeRefusal, edge_problem
from api.route_table import RouteTable
from domain.errors import Flaw


class Targets:
    def __init__(self, app: ASGIApp, *, table: RouteTable) -> None:
        self._app = app
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                self._check(scope)
            except EdgeRefusal as refusal:
                await edge_problem(Request(scope), refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        if "\0" in scope["path"]:
            raise EdgeRefusal("no-such-route", "No path contains a NUL character")
        raw = scope.get("query_string", b"")
        if not raw:
            return
        given = parse_qsl(raw.decode("latin-1"), keep_blank_values=True)
        if any("\0" in part for pair in given for part in pair):
            raise EdgeRefusal("malformed-request", "The query contains a NUL character")
        route = self._table.find(scope["method"], scope["path"])
        if route is None or route.query is None:
            return
        known = ", ".join(sorted(route.query)) or "no query parameters"
        names = [name for name, _ in given]
        flaws = [
            Flaw(pointer=f"query:{name[:100]}", reason="There is no such query parameter here", passes=known)
            for name in dict.fromkeys(names)
            if name not in route.query
        ] + [
            Flaw(pointer=f"query:{name}", reason="The query parameter is repeated", passes="one value")
            for name, many in route.query.items()
            if not many and names.count(name) > 1
        ]
        if flaws:
            raise EdgeRefusal("invalid-request", "The query does not fit the route", flaws=tuple(flaws[:100]))
