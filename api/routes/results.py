"""What an award leaves for others: the bundle that decides it again, and the protocol of results."""

import asyncio
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.dependencies import App, Reader, Signed
from api.problems import responses
from api.views.protocols import ProtocolView
from domain.awards.model import EvaluationNotFound
from domain.ids import TenderId
from domain.protocols.model import ProtocolTooLarge
from domain.protocols.ports import DocumentLanguage, PrinterBusy
from domain.replay.refusals import BundleTooLarge, NotAwarded
from domain.tenders.model import TenderNotFound

router = APIRouter(prefix="/v1", tags=["awards and contracts"])

_BUNDLE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": True}}}}
}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


class ProtocolFormat(StrEnum):
    JSON = "json"
    PDF = "pdf"


@router.get(
    "/tenders/{tender_id}/bundle",
    responses=responses("invalid-request", TenderNotFound, NotAwarded, BundleTooLarge) | _BUNDLE,
    openapi_extra={"x-public": True},
)
async def read_bundle(tender_id: TenderId, app: App, reader: Reader) -> Response:
    """Everything that led to the results, as canonical JSON (RFC 8785), once they are out: ``oimaq replay bundle``, or
    ``scripts/replay_bundle.py`` with Python alone, decides them again and compares byte for byte.

    ``parts``, their ``sha256`` and ``whole`` are the same for every reader. ``disclosed`` opens the commitments to the
    facts of verdicts: all of them for auditors, a bidder's own for him.
    """
    bundle = await app.bundling.public(reader, tender_id)
    text = await asyncio.to_thread(bundle.published)
    return Response(text, media_type="application/json", headers={"ETag": _etag(text)})


@router.get(
    "/tenders/{tender_id}/protocol",
    response_model=ProtocolView,
    responses=responses("not-authenticated", "invalid-request", EvaluationNotFound, ProtocolTooLarge, PrinterBusy)
    | _FILES,
)
async def read_protocol(
    tender_id: TenderId,
    app: App,
    caller: Signed,
    language: Annotated[DocumentLanguage, Query()] = DocumentLanguage.RU,
    format: Annotated[ProtocolFormat, Query()] = ProtocolFormat.JSON,
) -> Response:
    """The protocol of results, for whoever reads the evaluation. As PDF it is set in the language's own words and
    numbers; the same protocol gives the same bytes.
    """
    protocol = await app.reporting.protocol(caller.actor, tender_id)
    if format is ProtocolFormat.JSON:
        view = ProtocolView.of(protocol, lambda code: app.documents.word(code, language))
        text = view.model_dump_json().encode()
        return Response(text, media_type="application/json", headers={"ETag": _etag(text)})
    content = await app.documents.protocol(protocol, language)
    name = f"{protocol.number}-{language}.pdf"
    headers = {"ETag": _etag(content), "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _etag(content: bytes) -> str:
    return f'"{sha256(content).hexdigest()}"'
