"""dress(app): problems, kept answers, middleware, health. What every room's routes wear."""

from fastapi import FastAPI

from api import idempotency, problems
from api.middleware import Bodies, Requests


def dress(app: FastAPI) -> None:
    problems.install(app)
    idempotency.install(app)
    # Starlette wraps the last added outermost.
    app.add_middleware(Bodies)
    app.add_middleware(Requests)
