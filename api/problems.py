"""Everything that is declined, as RFC 9457 ``application/problem+json``, in the reader's language.

Two sources, one shape: the domain's refusals (their kind decides the status) and ``EDGE``, the few that only HTTP
knows. ``type`` is the relative reference ``/problems/<code>``; ``instance`` carries the request id. What cannot be
read as JSON at all is 400 ``malformed-request``; what can be read but does not fit is 422.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import Request, Response
from pydantic import BaseModel

from api.languages import language
from api.schemas import instant_text
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
    "length-required": (
        411,
        Titles("The length of the body is needed", "Нужна длина тела запроса", "Сұрау денесінің ұзындығы керек"),
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
"""Code to status and titles. Of several codes with one status the first is what a bare status means."""


class EdgeRefusal(Exception):  # noqa: N818 - a refusal like the domain's, made at the edge
    """A refusal that only HTTP knows, by its code in ``EDGE``."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        flaws: tuple[Flaw, ...] = (),
        passes: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.flaws = flaws
        self.passes = passes
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


def catalogue() -> dict[str, tuple[int, Titles]]:
    """Every code that can be answered, in order, with its status and titles: for the page of problem types."""
    known = EDGE | {leaf.code: (status_of(leaf), leaf.titles) for leaf in leaves()}
    return dict(sorted(known.items()))


def responses(*refusals: type[Refusal] | str) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route for its OpenAPI operation; codes of ``EDGE`` or refusal classes."""
    known = catalogue()
    by_status: dict[int, set[str]] = {}
    for each in refusals:
        code, status = (each, known[each][0]) if isinstance(each, str) else (each.code, status_of(each))
        by_status.setdefault(status, set()).add(code)
    return {
        status: {"model": Problem, "description": ", ".join(sorted(codes))}
        for status, codes in sorted(by_status.items())
    }


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
        document["errors"] = [_without_gaps(flaw) for flaw in flaws]
    if facts:
        document["facts"] = dict(facts)
    # A lone surrogate cannot be encoded; as an escape it is valid JSON again.
    body = json.dumps(document, ensure_ascii=False, default=_fact).encode("utf-8", "backslashreplace")
    more = dict(headers or {}) | {"Content-Language": chosen, "Vary": "Accept-Language"}
    if status == EDGE["not-authenticated"][0]:
        more["WWW-Authenticate"] = "Bearer"
    if status == STATUS_OF_KIND[Unavailable]:
        more["Retry-After"] = "1"
    return Response(body, status_code=status, headers=more, media_type=MEDIA_TYPE)


def _without_gaps(flaw: Flaw) -> dict[str, str]:
    return {name: text for name in ("pointer", "reason", "passes", "rule") if (text := getattr(flaw, name)) is not None}


def _fact(value: Any) -> str:
    return instant_text(value) if isinstance(value, datetime) else str(value)


def edge_problem(request: Request, refusal: EdgeRefusal) -> Response:
    status, titles = EDGE[refusal.code]
    return problem(
        request,
        code=refusal.code,
        status=status,
        titles=titles,
        detail=refusal.detail,
        flaws=refusal.flaws,
        passes=refusal.passes,
        headers=refusal.headers,
    )


def internal_error(request: Request) -> Response:
    """500 with the request id and nothing else: what went wrong is in the log under that id."""
    return edge_problem(request, EdgeRefusal("internal-error", "The request may be repeated with the same key"))
