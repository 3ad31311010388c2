"""Documents of bids: streamed in and sealed before the bid, handed out as attachments after the opening."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import chain
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from api.dependencies import App, Signed, Write, answered
from api.idempotency import fingerprint, idempotency_key
from api.problems import EdgeRefusal, responses
from api.routing import step
from api.views.documents import UploadedView
from domain.actors import Action
from domain.bids.documents import (
    DocumentNotFound,
    DocumentRefused,
    DocumentsExhausted,
    DocumentUnreadable,
    StorageFailed,
)
from domain.errors import Flaw
from domain.ids import BidDocumentId, BidId, TenderId
from domain.organizations.model import OrganizationNotConfirmed
from domain.sealing.padding import DOCUMENT_BYTES_MAX
from domain.sealing.refusals import SealBroken
from domain.sealing.tender_keys import NoSealingKey
from domain.tenders.model import BiddingClosed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["bids"])

BINARY = {"schema": {"type": "string", "format": "binary"}}
_EXTRA = {
    "requestBody": {"required": True, "content": {"application/octet-stream": BINARY}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The body, still on its way; its digest will stand for it in the request's fingerprint."""

    caller: Signed
    key: str
    target: str
    size: int
    chunks: AsyncIterator[bytes]

    def write(self, sha256: str) -> Write:
        return Write(
            caller=self.caller, key=self.key, fingerprint=fingerprint("POST", self.target, bytes.fromhex(sha256))
        )


def _upload(request: Request, caller: Signed) -> Upload:
    key = idempotency_key(request)
    length = request.headers.get("content-length")
    if length is None:
        passes = f"the exact length, at most {DOCUMENT_BYTES_MAX}"
        flaw = Flaw(pointer="header:Content-Length", reason="missing", passes=passes)
        raise EdgeRefusal("length-required", "A document is sealed to its length as it comes", flaws=(flaw,))
    target = f"{request.url.path}?{request.url.query}"
    return Upload(caller=caller, key=key, target=target, size=int(length), chunks=request.stream())


@step(
    router,
    "/tenders/{tender_id}/documents",
    action=Action.BID_SUBMIT,
    answers=UploadedView,
    refusals=(
        TenderNotFound,
        BiddingClosed,
        OrganizationNotConfirmed,
        NoSealingKey,
        DocumentRefused,
        DocumentsExhausted,
        SealBroken,
        StorageFailed,
        "length-required",
        "body-too-large",
    ),
    openapi_extra=_EXTRA,
)
async def upload_document(tender_id: TenderId, app: App, upload: Annotated[Upload, Depends(_upload)]) -> Response:
    """Upload a document for your bid, at most 20 MiB, while the tender takes bids: PDF, PNG, JPEG, DOCX or XLSX, as its
    content says. It is sealed as it comes in; its name is told in the bid, which is sealed too. At most 20 of a tender.
    """
    actor = upload.caller.actor
    sealed = await app.attaching.seal(tender_id, upload.chunks, size=upload.size, by=actor)
    command = upload.write(sealed.sha256).command(UploadedView.of)
    await app.attaching.attach(sealed, command=command)
    return answered(command)


@router.get(
    "/bids/{id}/documents/{document_id}",
    responses=responses("not-authenticated", DocumentNotFound, DocumentUnreadable, StorageFailed)
    | {200: {"description": "The document, as an attachment", "content": {"application/octet-stream": BINARY}}},
    response_class=StreamingResponse,
)
async def read_bid_document(id: BidId, document_id: BidDocumentId, app: App, caller: Signed) -> Response:
    """A document of an opened bid, for the tender's buyer, auditors and the bidder. Before the opening there is none,
    for anybody.
    """
    document = await app.bids.document(caller.actor, id, document_id)
    document.must_be_readable()
    chunks = app.opened_documents.chunks(document.id)
    first = await asyncio.to_thread(next, chunks, b"")
    if not first:
        raise StorageFailed(
            "The document that was opened is not in its place", passes="the same request a little later"
        )
    return StreamingResponse(
        chain((first,), chunks),
        media_type=document.media_type,
        headers={
            "Content-Length": str(document.size),
            "Content-Disposition": _attachment(document.name),
            "ETag": f'"{document.sha256}"',
        },
    )


def _attachment(name: str) -> str:
    """RFC 6266: a name in ASCII for old clients, without what could end the string, and the real one for others."""
    plain = "".join(each if each.isascii() and (each.isalnum() or each in " ._-") else "_" for each in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
