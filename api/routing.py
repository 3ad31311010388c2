"""How a route says who may use it. A write without a permission stops the process at start-up."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel

from api.dependencies import somebody
from api.problems import responses
from api.route_table import RouteTable
from domain.actors import Action
from domain.errors import Refusal
from domain.log.ports import HistoryLost

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

READS = frozenset({"GET", "HEAD", "OPTIONS"})
_ALWAYS = ("not-authenticated", "invalid-request", "busy", HistoryLost)


def _permitted(action: Action) -> Callable[[Request], Awaitable[None]]:
    async def permitted(request: Request) -> None:
        (await somebody(request)).actor.must(action)

    return permitted


def step(
    router: APIRouter,
    path: str,
    *,
    action: Action,
    answers: type[BaseModel] | None,
    refusals: tuple[type[Refusal] | str, ...] = (),
    method: str = "POST",
    status: int = 201,
    **more: Any,
) -> Callable[[Endpoint], Endpoint]:
    """A write that ``action`` permits. ``refusals`` are those it can give beside the ones that every write can."""
    return router.api_route(
        path,
        methods=[method],
        status_code=status,
        response_model=answers,
        dependencies=[Depends(_permitted(action))],
        openapi_extra={"x-permission": str(action)} | more.pop("openapi_extra", {}),
        responses=responses(*_ALWAYS, "not-permitted", "idempotency-key-required", *refusals),
        **more,
    )


def public_step(
    router: APIRouter,
    path: str,
    *,
    why: str,
    answers: type[BaseModel] | None,
    refusals: tuple[type[Refusal] | str, ...] = (),
    status: int = 201,
) -> Callable[[Endpoint], Endpoint]:
    """A write that needs no credentials; ``why`` is published with it."""
    return router.api_route(
        path,
        methods=["POST"],
        status_code=status,
        response_model=answers,
        openapi_extra={"x-permission": "public", "x-public-because": why, "security": []},
        responses=responses("invalid-request", "busy", HistoryLost, *refusals),
    )


class UndeclaredWriteError(RuntimeError):
    """A write route that says nothing about who may use it."""


def every_write_is_declared(app: FastAPI) -> None:
    for entry in RouteTable(app).entries:
        if entry.query is None or entry.methods <= READS:
            continue
        permission = entry.extra.get("x-permission")
        if permission != "public" and permission not in set(Action):
            raise UndeclaredWriteError(f"{sorted(entry.methods)} {entry.template} names no permission")
