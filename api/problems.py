"""Everything that is declined, as RFC 9457 ``application/problem+json``, in the reader's language.

Two sources, one shape: the domain's refusals (their kind decides the status) and ``EDGE``, the few that only HTTP
knows. ``type`` is ``/problems/<code>``, described in ``openapi/README.md``.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from domain.errors import (
    Conflict,
    Flaw,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    StaleVersion,
    Titles,
    Unavailable,
    leaves,
)
from domain.organizations.people import WrongCredentials

MEDIA_TYPE = "application/problem+json"
LANGUAGES = ("en", "ru", "kk")

STATUS_OF_KIND: dict[type[Refusal], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    Unavailable: 503,
}
STATUS_OF_LEAF: dict[type[Refusal], int] = {StaleVersion: 412, WrongCredentials: 401}
"""Leaves whose status HTTP names more exactly than their kind does."""

EDGE: dict[str, tuple[int, Titles]] = {
    "malformed-request": (400, Titles("The request is malformed", "Запрос имеет неверный вид", "Сұраудың түрі қате")),
    "not-authenticated": (401, Titles("Credentials are needed", "Нужны учётные данные", "Тіркелгі деректері керек")),
    "no-such-route": (404, Titles("There is nothing here", "Здесь ничего нет", "Мұнда ештеңе жоқ")),
    "method-not-allowed": (
        405,
        Titles("The method is not allowed here", "Метод здесь не допускается", "Әдіске рұқсат жоқ"),
    ),
    "body-too-large": (413, Titles("The body is too large", "Тело запроса слишком велико", "Сұрау денесі тым үлкен")),
    "unsupported-media-type": (
        415,
        Titles("The media type is not supported", "Тип данных не поддерживается", "Дерек түріне қолдау жоқ"),
    ),
    "invalid-request": (422, Titles("The request is invalid", "Запрос содержит ошибки", "Сұрауда қателер бар")),
    "idempotency-key-required": (
        422,
        Titles("An idempotency key is needed", "Нужен ключ идемпотентности", "Идемпотенттік кілт керек"),
    ),
    "malformed-cursor": (422, Titles("The cursor is malformed", "Курсор имеет неверный вид", "Курсордың түрі қате")),
    "precondition-required": (428, Titles("If-Match is needed", "Нужен заголовок If-Match", "If-Match тақырыбы керек")),
    "internal-error": (
        500,
        Titles("Something went wrong on our side", "Ошибка на нашей стороне", "Біздің тараптан қате шықты"),
    ),
}


class EdgeRefusal(Exception):  # noqa: N818 - a refusal like the domain's, made at the edge
    """A refusal that only HTTP knows, by its code in ``EDGE``."""

    def __init__(
        self, code: str, detail: str, *, flaws: tuple[Flaw, ...] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.flaws = flaws
        self.headers = dict(headers or {})


class FlawView(BaseModel):
    """``pointer``: JSON pointer, ``query:name``, ``header:Name``, ``path:name`` or a spreadsheet cell."""

    pointer: str
    reason: str
    passes: str | None = None
    rule: str | None = None


class Problem(BaseModel):
    """RFC 9457, with the stable ``code``, what would pass, and every flaw that was found."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    passes: str | None = None
    errors: list[FlawView] | None = None
    facts: dict[str, Any] | None = None


def status_of(refusal: type[Refusal]) -> int:
    for leaf, status in STATUS_OF_LEAF.items():
        if issubclass(refusal, leaf):
            return status
    return next(status for kind, status in STATUS_OF_KIND.items() if issubclass(refusal, kind))


def responses(*refusals: type[Refusal] | str) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route for its OpenAPI operation; codes of ``EDGE`` or refusal classes."""
    by_status: dict[int, list[str]] = {}
    for each in refusals:
        known = {leaf.code: status_of(leaf) for leaf in leaves()} | {code: row[0] for code, row in EDGE.items()}
        code = each if isinstance(each, str) else each.code
        by_status.setdefault(known[code], []).append(code)
    return {
        status: {"model": Problem, "description": ", ".join(sorted(set(codes)))}
        for status, codes in sorted(by_status.items())
    }


def language(accept: str | None) -> str:
    """The best of kk, ru, en for an Accept-Language header; English when nothing fits."""
    wanted: list[tuple[float, str]] = []
    for part in (accept or "").split(","):
        tag, _, parameters = part.strip().partition(";")
        quality = parameters.strip().removeprefix("q=") or "1"
        try:
            wanted.append((float(quality), tag.strip().lower().split("-")[0]))
        except ValueError:
            continue
    fitting = [(quality, tag) for quality, tag in wanted if tag in LANGUAGES and quality > 0]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else "en"


def problem(
    request: Request,
    *,
    code: str,
    status: int,
    titles: Titles,
    detail: str,
    flaws: tuple[Flaw, ...] = (),
    passes: str | None = None,
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    chosen = language(request.headers.get("accept-language"))
    document: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": getattr(titles, chosen),
        "status": status,
        "detail": detail,
        "instance": f"urn:uuid:{getattr(request.state, 'request_id', None) or uuid4()}",
        "code": code,
    }
    if passes is not None:
        document["passes"] = passes
    if flaws:
        document["errors"] = [
            {
                name: value
                for name in ("pointer", "reason", "passes", "rule")
                if (value := getattr(flaw, name)) is not None
            }
            for flaw in flaws
        ]
    if facts:
        document["facts"] = dict(facts)
    body = json.dumps(document, ensure_ascii=False, default=str).encode()
    more = dict(headers or {}) | {"Content-Language": chosen, "Vary": "Accept-Language"}
    if code == "not-authenticated":
        more["WWW-Authenticate"] = "Bearer"
    if status == STATUS_OF_KIND[Unavailable]:
        more["Retry-After"] = "1"
    return Response(body, status_code=status, headers=more, media_type=MEDIA_TYPE)


async def _refused(request: Request, refusal: Exception) -> Response:
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


def edge_problem(request: Request, refusal: EdgeRefusal) -> Response:
    status, titles = EDGE[refusal.code]
    return problem(
        request,
        code=refusal.code,
        status=status,
        titles=titles,
        detail=refusal.detail,
        flaws=refusal.flaws,
        headers=refusal.headers,
    )


async def _edge(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, EdgeRefusal)  # noqa: S101 - registered for this class only
    return edge_problem(request, refusal)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    flaws = tuple(_flaw(each) for each in error.errors()[:100])
    return edge_problem(request, EdgeRefusal("invalid-request", "The request does not fit its schema", flaws=flaws))


def _flaw(error: Mapping[str, Any]) -> Flaw:
    where, *path = (str(part) for part in error["loc"])
    pointer = "/" + "/".join(path) if where == "body" else f"{where}:{'/'.join(path)}"
    expected = (error.get("ctx") or {}).get("expected")
    return Flaw(pointer=pointer, reason=str(error["msg"]), passes=str(expected) if expected else None)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    codes = {400: "malformed-request", 404: "no-such-route", 405: "method-not-allowed"}
    code = codes.get(error.status_code, "malformed-request")
    headers = dict(error.headers or {})
    if code == "method-not-allowed":
        headers["Allow"] = ", ".join(_methods(request))
    return edge_problem(request, EdgeRefusal(code, f"{request.method} {request.url.path}", headers=headers))


def _methods(request: Request) -> list[str]:
    """Every method of every route that shares the path: FastAPI alone names just the first route's."""
    methods: set[str] = set()
    for route in request.app.routes:
        pattern = getattr(route, "path_regex", None)
        if pattern is not None and pattern.match(request.url.path):
            methods |= getattr(route, "methods", None) or set()
    return sorted(methods)


async def _broken(request: Request, _error: Exception) -> Response:
    return edge_problem(request, EdgeRefusal("internal-error", "The request was not carried out; it may be repeated"))


def install(app: FastAPI) -> None:
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(EdgeRefusal, _edge)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)
