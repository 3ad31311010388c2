"""The short way of a write: what FastAPI would work out for each request anew is worked out once, when the route is
made. It took half of a submit's time.

Documented and declared as every route. Whatever is unusual about a request goes the ordinary way, and is refused there
as everywhere, so that there is one place that tells what is wrong.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from uuid import UUID

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import ValidationError

from api.dependencies import App, Version, Writing, application, write_of
from api.preconditions import IF_MATCH, if_match
from api.schemas import incoming

JSON = "application/json"
Finder = Callable[[Request], Awaitable[Any]]


async def _version(request: Request) -> int:
    return await if_match(request, request.headers.get(IF_MATCH))


_KNOWN: Mapping[Any, Finder] = {App: application, Writing: write_of, Version: _version}


class _Unusual(Exception):  # noqa: N818 - a signal: the ordinary way tells what is wrong
    pass


class ShortWay(APIRoute):
    """For writes of which every parameter is an id of the path, the body, or one of ``_KNOWN``; others are as ever."""

    @property
    def is_short(self) -> bool:
        hints = get_type_hints(self.endpoint, include_extras=True)
        return Writing in hints.values() and _finders(self.endpoint) is not None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        ordinary = super().get_route_handler()
        finders = _finders(self.endpoint)
        if finders is None or not self.is_short:
            return ordinary
        conditions: list[Finder] = [each.dependency for each in self.dependencies if each.dependency is not None]
        endpoint = self.endpoint

        async def short(request: Request) -> Response:
            for condition in conditions:
                await condition(request)
            try:
                given = {name: await find(request) for name, find in finders.items()}
            except _Unusual:
                return await ordinary(request)
            response: Response = await endpoint(**given)
            return response

        return short


def _finders(endpoint: Callable[..., Any]) -> dict[str, Finder] | None:
    """How each parameter is found; None where one is of a kind that only FastAPI knows."""
    hints = get_type_hints(endpoint, include_extras=True)
    hints.pop("return", None)
    found = {name: _finder(name, hint) for name, hint in hints.items()}
    known = {name: finder for name, finder in found.items() if finder is not None}
    return known if len(known) == len(found) else None


def _finder(name: str, hint: Any) -> Finder | None:
    if hint in _KNOWN:
        return _KNOWN[hint]
    if getattr(hint, "__supertype__", None) is UUID:
        return _id_of_path(name)
    model = incoming(hint) if get_origin(hint) is Annotated and len(get_args(hint)) > 1 else None
    return None if model is None else _body(model)


def _id_of_path(name: str) -> Finder:
    async def find(request: Request) -> UUID:
        try:
            return UUID(request.path_params[name])
        except (KeyError, ValueError) as error:
            raise _Unusual from error

    return find


def _body(model: Any) -> Finder:
    async def find(request: Request) -> Any:
        if request.headers.get("content-type") != JSON:
            raise _Unusual
        try:
            return model.model_validate_json(await request.body())
        except ValidationError as error:
            raise _Unusual from error

    return find
