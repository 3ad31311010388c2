"""One click, one effect: the client's key, the request's fingerprint, the kept answer."""

import hashlib
import re
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from api.problems import EdgeRefusal
from domain.errors import Flaw
from domain.work import AlreadyAnswered, Answer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_BARE = re.compile(r"[\x21\x23-\x7e][\x21-\x7e]{0,254}")
_QUOTED = re.compile(r'"((?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"')
"""A string of RFC 9651 without blanks."""


def idempotency_key(request: Request) -> str:
    """The key of a write: 1 to 255 visible ASCII characters, bare or as a quoted string; both spell the same key."""
    given = [each.strip() for each in request.headers.getlist(HEADER)]
    key = _read(given[0]) if len(given) == 1 else None
    if key is None:
        flaw = Flaw(
            pointer=f"header:{HEADER}",
            reason="malformed" if any(given) else "missing",
            passes="1 to 255 visible ASCII characters, for example a UUID; the same for a retry",
        )
        raise EdgeRefusal("idempotency-key-required", "Every command names its idempotency key", flaws=(flaw,))
    return key


def _read(raw: str) -> str | None:
    if quoted := _QUOTED.fullmatch(raw):
        raw = re.sub(r"\\(.)", r"\1", quoted.group(1))
        return raw if len(raw) <= 255 else None  # noqa: PLR2004 - the key's length
    return raw if _BARE.fullmatch(raw) else None


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """SHA-256 of what the request asks for. A route that takes query parameters gives them as part of ``path``."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).digest()


def answer_with(view: BaseModel | None, status: int, headers: dict[str, str]) -> Answer:
    """The bytes that are sent now and to every retry; equal views give equal bytes."""
    return Answer(status=status, headers=headers, body=b"" if view is None else view.model_dump_json().encode())


def to_response(answer: Answer, *, replayed: bool = False) -> Response:
    headers = dict(answer.headers) | ({REPLAYED: "true"} if replayed else {})
    media_type = "application/json" if answer.body else None
    return Response(answer.body, status_code=answer.status, headers=headers, media_type=media_type)


async def _answered(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AlreadyAnswered)  # noqa: S101 - registered for this class only
    return to_response(error.answer, replayed=True)


def install(app: FastAPI) -> None:
    app.add_exception_handler(AlreadyAnswered, _answered)


def schema_of_header() -> dict[str, Any]:
    """The header as an OpenAPI parameter."""
    return {
        "name": HEADER,
        "in": "header",
        "required": True,
        "description": "Names the command; the same key and body get the same answer, another body is refused.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    }
