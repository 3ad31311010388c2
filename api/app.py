"""create_app: the HTTP face of a wired application."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from api.application import Application
from api.openapi import describe
from api.routes import ROUTERS
from api.routing import every_write_is_declared
from api.shell import dress

NEW_OBJECTS_MAX = 20_000
"""Before the collector looks through the new ones."""


def create_app(application: Application) -> FastAPI:
    """The application is wired already (tests); ``create_served_app`` wires it at start-up (servers)."""
    app = _app(None)
    app.state.application = application
    return app


def create_served_app(wire: Callable[[], AbstractAsyncContextManager[Application]]) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with wire() as application:
            app.state.application = application
            _settle()
            yield

    return _app(lifespan)


def _settle() -> None:
    """What is loaded stays: the collector need not look through it again and again. Left alone it took a third of a
    submit's time, in pauses that the slowest requests were made of.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS_MAX)


def documented_app() -> FastAPI:
    """The routes alone, for their document: nothing is wired, nothing can be asked."""
    return _app(None)


def _app(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None) -> FastAPI:
    app = FastAPI(title="Oimaq", lifespan=lifespan, redirect_slashes=False)
    for router in ROUTERS:
        app.include_router(router)
    every_write_is_declared(app)
    dress(app)
    describe(app)
    return app
