"""Every exception that is expected, to its answer."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.flaws import flaw_of
from api.problems import EDGE, EdgeRefusal, edge_problem, problem, status_of
from api.route_table import RouteTable
from api.schemas import NotJson
from domain.errors import Flaw, Refusal

FLAWS_MAX = 100


def install(app: FastAPI, table: RouteTable) -> None:
    """The handlers of everything expected; what is not expected is caught by the outermost middleware."""

    async def refused(request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)  # noqa: S101 - registered for this class only
        return problem(
            request,
            code=refusal.code,
            status=status_of(type(refusal)),
            titles=refusal.titles,
            detail=refusal.detail,
            flaws=refusal.flaws,
            passes=refusal.passes,
            facts=refusal.facts,
        )

    async def at_the_edge(request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, EdgeRefusal)  # noqa: S101 - registered for this class only
        return edge_problem(request, refusal)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
        errors = error.errors()
        flaws = tuple(flaw_of(each) for each in errors[:FLAWS_MAX])
        some = f"; the first {FLAWS_MAX} are named" if len(errors) > FLAWS_MAX else ""
        detail = f"The request does not fit its schema in {len(errors)} places{some}"
        return edge_problem(request, EdgeRefusal("invalid-request", detail, flaws=flaws))

    async def by_status(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
        code = next((code for code, row in EDGE.items() if row[0] == error.status_code), "malformed-request")
        headers = dict(error.headers or {})
        if code == "method-not-allowed":  # FastAPI alone names just the methods of the first route with this path
            headers["Allow"] = ", ".join(table.methods(request.scope["path"]))
        detail = f"{request.method} {request.url.path[:200]}"
        return edge_problem(request, EdgeRefusal(code, detail, headers=headers))

    async def not_json(request: Request, _error: Exception) -> Response:
        given = request.headers.get("content-type") or "none"
        flaw = Flaw(pointer="header:Content-Type", reason=f"{given[:100]} is not JSON", passes="application/json")
        return edge_problem(request, EdgeRefusal("unsupported-media-type", "This route takes JSON", flaws=(flaw,)))

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(NotJson, not_json)
    app.add_exception_handler(EdgeRefusal, at_the_edge)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, by_status)
