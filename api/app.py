"""create_app: the HTTP face of a wired application."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from api.application import Application
from api.openapi import describe
from api.routes import ROUTERS
from api.routing import every_write_is_declared
from api.shell import dress


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
            yield

    return _app(lifespan)


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
