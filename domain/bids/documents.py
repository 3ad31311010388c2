"""Documents of a bid: uploaded before it and sealed as it is, named by the bid, opened with it.

    uploaded (sealed as it streams in) -> named by a bid (id, name, SHA-256 of the content) -> opened, or unreadable

Nothing that is stored before the opening says what a document is called, of what type it is, or what is in it: not even
a hash of its content, because a certificate that others have too would tell whose it is.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.bids.model import Bid, NamedDocument
from domain.errors import Conflict, Flaw, Invalid, NotFound, Titles, Unavailable
from domain.events import CLOCK, Event
from domain.ids import BidDocumentId, BidId, OrganizationId, TenderId
from domain.sealing.bids import Fault
from domain.sealing.documents import DocumentPlace, SealedDocument

DOCUMENTS_MAX = 20
"""Of one bidder for one tender, whether his bid names them or not."""
NAME_MAX = 150


class DocumentNotFound(NotFound):
    code = "document-not-found"
    titles = Titles("There is no such document", "Такого документа нет", "Мұндай құжат жоқ")


class DocumentRefused(Invalid):
    """It is of no type that is taken, or its archive is not one that is safe to open."""

    code = "document-refused"
    titles = Titles("The document is not taken", "Документ не принимается", "Құжат қабылданбайды")


class DocumentsExhausted(Conflict):
    code = "documents-exhausted"
    titles = Titles(
        "No more documents for this tender", "Больше документов к тендеру нельзя", "Тендерге бұдан көп құжат болмайды"
    )


class DocumentsRefused(Invalid):
    """A bid names documents that its bidder has not uploaded for the tender, or names them badly."""

    code = "documents-refused"
    titles = Titles(
        "The bid cannot name these documents",
        "Заявка не может ссылаться на эти документы",
        "Өтінім бұл құжаттарға сілтей алмайды",
    )


class DocumentUnreadable(Conflict):
    """What was opened is not what was uploaded or named; ``facts`` say why, with both hashes of the ciphertext."""

    code = "document-unreadable"
    titles = Titles("The document cannot be read", "Документ невозможно прочитать", "Құжатты оқу мүмкін емес")


class StorageFailed(Unavailable):
    """The place where documents are kept does not answer, or has lost one that it had."""

    code = "storage-failed"
    titles = Titles(
        "The documents cannot be reached", "Хранилище документов недоступно", "Құжаттар қоймасы қолжетімсіз"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentUploaded(Event):
    """Caused by the bidder, whom it does not name. Stays sealed: a document may never be named by a bid."""

    type: ClassVar[str] = "bid_document.uploaded"
    subject: ClassVar[str] = "bid_document"
    sealed: ClassVar[bool] = True
    tender_id: TenderId


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentOpened(Event):
    """``fault`` None: it was read."""

    type: ClassVar[str] = "bid_document.opened"
    subject: ClassVar[str] = "bid_document"
    tender_id: TenderId
    bid_id: BidId
    sha256: str
    fault: Fault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedDocument:
    """As it waits for the opening; ``ciphertext_bytes`` tells the bucket, not the size."""

    id: BidDocumentId
    tender_id: TenderId
    bidder_tag: bytes
    ciphertext_hash: bytes
    ciphertext_bytes: int
    uploaded_at: datetime
    version: int = 0

    @classmethod
    def of(cls, sealed: SealedDocument, *, bidder_tag: bytes, at: datetime) -> "UploadedDocument":
        return cls(
            id=BidDocumentId(sealed.place.document_id),
            tender_id=sealed.place.tender_id,
            bidder_tag=bidder_tag,
            ciphertext_hash=sealed.ciphertext_hash,
            ciphertext_bytes=sealed.ciphertext_bytes,
            uploaded_at=at,
        )

    def uploaded(self) -> DocumentUploaded:
        return DocumentUploaded(subject_id=self.id, by=CLOCK, at=self.uploaded_at, tender_id=self.tender_id)

    def sealed(self, bidder_id: OrganizationId) -> SealedDocument:
        """As the opener takes it, in the place of this bidder."""
        return SealedDocument(
            place=DocumentPlace(document_id=self.id, tender_id=self.tender_id, bidder_id=bidder_id),
            ciphertext_hash=self.ciphertext_hash,
            ciphertext_bytes=self.ciphertext_bytes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDocument:
    """A document that an opened bid names; ``name`` and ``sha256`` are the bid's words for it.

    Readable: ``media_type`` and ``size`` are of its content, which is kept. Otherwise ``fault``, and both hashes of
    the ciphertext (None: nothing was found to hash).
    """

    id: BidDocumentId
    bid_id: BidId
    tender_id: TenderId
    name: str
    sha256: str
    media_type: str | None = None
    size: int | None = None
    fault: Fault | None = None
    stored_hash: bytes | None = None
    computed_hash: bytes | None = None
    version: int = 0

    @classmethod
    def of(cls, bid: Bid, named: NamedDocument) -> "OpenedDocument":
        """Not looked at yet."""
        return cls(id=named.id, bid_id=bid.id, tender_id=bid.tender_id, name=named.name, sha256=named.sha256)

    def opened(self, *, at: datetime) -> DocumentOpened:
        return DocumentOpened(
            subject_id=self.id,
            by=CLOCK,
            at=at,
            tender_id=self.tender_id,
            bid_id=self.bid_id,
            sha256=self.sha256,
            fault=self.fault,
        )

    def must_be_readable(self) -> None:
        if self.fault is not None:
            raise DocumentUnreadable(
                "The opener could not read it",
                fault=str(self.fault),
                stored_sha256=self.stored_hash.hex() if self.stored_hash else None,
                computed_sha256=self.computed_hash.hex() if self.computed_hash else None,
            )


def check_documents(documents: tuple[NamedDocument, ...]) -> None:
    """Refuse (``documents-refused``) too many, one id twice, a name that is no file's name, a hash that is none."""
    flaws = [flaw for place, each in enumerate(documents) for flaw in _flaws(each, f"/documents/{place}")]
    if len(documents) > DOCUMENTS_MAX:
        passes = f"at most {DOCUMENTS_MAX}"
        flaws.append(Flaw(pointer="/documents", reason=f"{len(documents)} documents", passes=passes))
    if len({each.id for each in documents}) != len(documents):
        flaws.append(Flaw(pointer="/documents", reason="one id stands twice", passes="each document once"))
    if flaws:
        raise DocumentsRefused("The documents are named badly", flaws=tuple(flaws))


def check_uploaded(documents: tuple[NamedDocument, ...], known: frozenset[UUID]) -> None:
    """Refuse (``documents-refused``) ids that are not of ``known``, the bidder's own for the tender."""
    flaws = tuple(
        Flaw(
            pointer=f"/documents/{place}/id",
            reason="you have uploaded no such document for this tender",
            passes="an id that your upload was answered",
        )
        for place, each in enumerate(documents)
        if each.id not in known
    )
    if flaws:
        raise DocumentsRefused("A document was not uploaded", flaws=flaws)


def _flaws(document: NamedDocument, pointer: str) -> list[Flaw]:
    name, flaws = document.name, []
    if not 1 <= len(name) <= NAME_MAX or name != name.strip() or name[0] == "." or any(map(_is_odd, name)):
        passes = f"1 to {NAME_MAX} characters that can be seen, without / and \\, no dot at the beginning"
        flaws.append(Flaw(pointer=f"{pointer}/name", reason="not the name of a file", passes=passes))
    if not re.fullmatch("[0-9a-f]{64}", document.sha256):
        flaws.append(Flaw(pointer=f"{pointer}/sha256", reason="not a SHA-256", passes="64 small hexadecimal digits"))
    return flaws


def _is_odd(character: str) -> bool:
    """Parts of paths, control characters, and those that turn the direction of what follows."""
    return character in "/\\" or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
