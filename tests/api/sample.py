"""A small dressed application and a client for it: what the shell's tests talk to."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI

from api.openapi import describe
from api.shell import dress


def dressed(*routers: APIRouter) -> FastAPI:
    app = FastAPI(title="Sample", redirect_slashes=False)
    for router in routers:
        app.include_router(router)
    dress(app)
    describe(app)
    return app


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://oimaq.test") as client:
        yield client


async def ask(router: APIRouter, method: str, url: str, **more: Any) -> httpx.Response:
    async with client_of(dressed(router)) as client:
        return await client.request(method, url, **more)


def pointers(answer: httpx.Response) -> list[str]:
    return [flaw["pointer"] for flaw in answer.json()["errors"]]


def raising(make: Callable[[], Exception]) -> APIRouter:
    """A router whose one read, GET /v1/thing, ends in this exception."""
    router = APIRouter(prefix="/v1")

    @router.get("/thing")
    async def read_thing() -> None:
        raise make()

    return router
