"""Bodies and views of bids' documents."""

from typing import Annotated, Self

from pydantic import Field

from api.schemas import Hex32, Instant, Strict
from domain.bids.attaching import Attached
from domain.bids.document_types import MediaType
from domain.bids.documents import NAME_MAX, OpenedDocument
from domain.bids.model import Bid, NamedDocument
from domain.ids import BidDocumentId, TenderId
from domain.sealing.bids import Fault


class DocumentBody(Strict):
    """A document as a bid names it: the ``id`` that your upload was answered, a name, the SHA-256 of the content."""

    id: BidDocumentId
    name: Annotated[str, Field(min_length=1, max_length=NAME_MAX)]
    sha256: Hex32

    @classmethod
    def of(cls, document: NamedDocument) -> Self:
        return cls(id=document.id, name=document.name, sha256=document.sha256)


class UploadedView(Strict):
    """Your document as it was sealed. A bid names it by ``id``, a name, and ``sha256``, which is of its content."""

    id: BidDocumentId
    tender_id: TenderId
    media_type: MediaType
    bytes: int
    sha256: Hex32
    uploaded_at: Instant

    @classmethod
    def of(cls, attached: Attached) -> Self:
        document = attached.document
        return cls(
            id=document.id,
            tender_id=document.tender_id,
            media_type=attached.upload.media_type,
            bytes=attached.upload.size,
            sha256=attached.upload.sha256,
            uploaded_at=document.uploaded_at,
        )


class UnreadableDocumentView(Strict):
    """Why a document could not be read, and both hashes of its ciphertext: the one that was stored at the upload, and
    that of what the opener found. Null: nothing was stored of this bidder under its id.
    """

    fault: Fault
    stored_sha256: Hex32 | None
    computed_sha256: Hex32 | None


class OpenedDocumentView(Strict):
    """A document as the bid named it, with what the opener found; its content is for the buyer, auditors and the
    bidder. ``media_type`` and ``bytes`` are null where it is unreadable.
    """

    id: BidDocumentId
    name: str
    sha256: str
    media_type: str | None
    bytes: int | None
    unreadable: UnreadableDocumentView | None

    @classmethod
    def of(cls, document: OpenedDocument) -> Self:
        stored, computed = document.stored_hash, document.computed_hash
        return cls(
            id=document.id,
            name=document.name,
            sha256=document.sha256,
            media_type=document.media_type,
            bytes=document.size,
            unreadable=UnreadableDocumentView(
                fault=document.fault,
                stored_sha256=stored.hex() if stored else None,
                computed_sha256=computed.hex() if computed else None,
            )
            if document.fault
            else None,
        )


def named_documents(named: tuple[NamedDocument, ...] | None) -> list[DocumentBody] | None:
    return None if named is None else [DocumentBody.of(each) for each in named]


def opened_documents(bid: Bid, found: tuple[OpenedDocument, ...]) -> list[OpenedDocumentView] | None:
    """In the order in which the bid names them; null: it is from before bids named any."""
    by_id = {each.id: each for each in found}
    return None if bid.documents is None else [OpenedDocumentView.of(by_id[named.id]) for named in bid.documents]
