"""dress(app): what every room's routes wear, so that create_app includes its routers and calls this.

Outermost first: Requests (id, log, headers, 500), Targets (path and query), Bodies (size and form), Conditional (304),
then the handlers of refusals and kept answers around the routes.
"""

from collections.abc import Mapping

from fastapi import FastAPI

from api import handlers, idempotency
from api.middleware.bodies import UPLOADS, Bodies
from api.middleware.conditional import Conditional
from api.middleware.requests import Requests
from api.middleware.targets import Targets
from api.route_table import RouteTable


def dress(app: FastAPI, *, body_limits: Mapping[str, int] = UPLOADS) -> None:
    """``body_limits`` gives path prefixes another limit than 1 MiB. Routers may be included before or after."""
    table = RouteTable(app)
    handlers.install(app, table)
    idempotency.install(app)
    # Starlette wraps the last added outermost.
    app.add_middleware(Conditional)
    app.add_middleware(Bodies, limits=body_limits)
    app.add_middleware(Targets, table=table)
    app.add_middleware(Requests, table=table)
