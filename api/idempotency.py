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
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def idempotency_key(request: Request) -> str:
    """The key of a write: 1 to 255 visible ASCII characters, bare or as a quoted string."""
    raw = request.headers.get(HEADER, "").strip()
    key = raw[1:-1] if len(raw) > 1 and raw.startswith('"') and raw.endswith('"') else raw
    if not _KEY.fullmatch(key):
        flaw = Flaw(
            pointer=f"header:{HEADER}",
            reason="missing" if not raw else "malformed",
            passes="1 to 255 visible ASCII characters, for example a UUID; the same for a retry",
        )
        raise EdgeRefusal("idempotency-key-required", "Every command names its idempotency key", flaws=(flaw,))
    return key


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """SHA-256 of what the request asks for."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).digest()


def answer_with(view: BaseModel | None, status: int, headers: dict[str, str]) -> Answer:
    """The bytes that are sent now and to every retry."""
    return Answer(status=status, headers=headers, body=b"" if view is None else view.model_dump_json().encode())


def to_response(answer: Answer, *, replayed: bool = False) -> Response:
    headers = dict(answer.headers) | ({"Idempotent-Replayed": "true"} if replayed else {})
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
