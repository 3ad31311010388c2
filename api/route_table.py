"""What the application answers to, read once from its routes: paths, methods, query parameters, function names.

``app.routes`` alone is not enough: FastAPI keeps an included router as one opaque entry, so a loop over it meets none
of that router's routes. Everything that must hold for *every* route asks here.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from fastapi import FastAPI
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import iter_route_contexts
from starlette.types import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One route. ``query`` maps a parameter's name to whether it may be repeated; None where FastAPI declares nothing
    (the documentation pages).
    """

    template: str
    pattern: re.Pattern[str]
    methods: frozenset[str]
    name: str
    query: Mapping[str, bool] | None
    extra: Mapping[str, Any]


class RouteTable:
    """Reads the routes at the first question, when all routers have been included."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._entries: tuple[Entry, ...] = ()
        self._templates: dict[Any, str] = {}

    @property
    def entries(self) -> tuple[Entry, ...]:
        if not self._entries:
            self._read()
        return self._entries

    def _read(self) -> None:
        entries = []
        for route in iter_route_contexts(self._app.routes):
            pattern, methods = getattr(route, "path_regex", None), route.methods
            if pattern is None or methods is None or route.path_format is None:
                continue
            dependant = getattr(route, "dependant", None)
            self._templates[route.endpoint] = route.path_format
            entries.append(
                Entry(
                    template=route.path_format,
                    pattern=pattern,
                    methods=frozenset(methods),
                    name=route.name or "",
                    query=None if dependant is None else _query_of(dependant),
                    extra=getattr(route, "openapi_extra", None) or {},
                )
            )
        self._entries = tuple(entries)

    def methods(self, path: str) -> list[str]:
        """Every method of every route that shares the path."""
        return sorted({method for entry in self.entries if entry.pattern.match(path) for method in entry.methods})

    def find(self, method: str, path: str) -> Entry | None:
        """The first route that takes the request, as the router itself would choose."""
        fitting = (entry for entry in self.entries if method in entry.methods and entry.pattern.match(path))
        return next(fitting, None)

    def template(self, scope: Scope) -> str | None:
        """The path template of a request, for the log: a path with its ids would be personal. A request that was
        refused before it was routed is matched here.
        """
        entries = self.entries
        found = self._templates.get(scope.get("endpoint"))
        if found is None:
            fitting = (entry.template for entry in entries if entry.pattern.match(scope["path"]))
            found = next(fitting, None)
        return found


def _query_of(dependant: Any) -> dict[str, bool]:
    fields = (each for each in get_flat_params(dependant) if isinstance(each.field_info, Query))
    return {each.validation_alias or each.alias: _is_many(each.field_info.annotation) for each in fields}


def _is_many(annotation: Any) -> bool:
    origin = get_origin(annotation) or annotation
    if isinstance(origin, type) and issubclass(origin, Sequence | Collection) and not issubclass(origin, str | bytes):
        return True
    return any(_is_many(each) for each in get_args(annotation))
