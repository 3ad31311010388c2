"""What the bids room needs from outside: repositories, reads, and how what is sealed beside a bid is written."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.actors import Actor
from domain.bids.documents import OpenedDocument, UploadedDocument
from domain.bids.envelope import BidRecord, Envelope, UnreadableBid
from domain.bids.model import Bid, BidEvent
from domain.events import Event
from domain.ids import BidDocumentId, BidId, OrganizationId, TenderId
from domain.sealing.documents import Write
from domain.sealing.manifest import Manifest, ManifestEntry


class Envelopes(Protocol):
    """Bids before the opening; they come in through ``Intake`` only."""

    async def entries(self, tender_id: TenderId) -> tuple[ManifestEntry, ...]:
        """Of the submitted ones; the tender is locked by the caller."""

    async def submitted(self, tender_id: TenderId) -> tuple[Envelope, ...]:
        """In order of receipt; a closed tender's never change."""

    async def publish(self, manifest: Manifest) -> None: ...
    async def published(self, tender_id: TenderId) -> Manifest:
        """Of a closed tender; refuses ``manifest-not-found`` before."""


class Bids(Protocol):
    """Bids as they were opened."""

    async def of_tender(self, tender_id: TenderId) -> tuple[Bid, ...]:
        """In order of receipt."""

    async def is_bidder(self, tender_id: TenderId, organization_id: OrganizationId) -> bool: ...
    async def unreadable(self, tender_id: TenderId) -> tuple[UnreadableBid, ...]: ...
    async def add_all(self, entities: Sequence[Bid], *, because: Sequence[Event]) -> None: ...
    async def add_unreadable(self, bids: Sequence[UnreadableBid], *, because: Sequence[BidEvent]) -> None: ...


class Documents(Protocol):
    """What is known of documents; what is in them is in files."""

    async def take(self, tender_id: TenderId, bidder_tag: bytes) -> int:
        """How many the bidder has uploaded; keeps his other uploads for the tender out until the commit."""

    async def save(self, entity: UploadedDocument, *, because: Event) -> UploadedDocument: ...
    async def of_bidder(self, tender_id: TenderId, bidder_tag: bytes) -> tuple[UploadedDocument, ...]: ...
    async def of_tender(self, tender_id: TenderId) -> tuple[UploadedDocument, ...]: ...
    async def add_opened(self, documents: Sequence[OpenedDocument], *, because: Sequence[Event]) -> None: ...


class DocumentFiles(Protocol):
    """Files under ids. Blocks: use it in a thread. Refuses (``storage-failed``) where the place itself fails."""

    def keeping(self, id: BidDocumentId) -> AbstractContextManager[Write]:
        """Write a file, in the place of one that is there: whole and durable at the end, or after an exception not."""

    def chunks(self, id: BidDocumentId) -> Iterator[bytes]:
        """From its beginning; nothing where there is none."""

    def remove(self, id: BidDocumentId) -> None:
        """No harm where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """Documents as they were uploaded, sealed, and in clear, filled by the opener."""

    sealed: DocumentFiles
    opened: DocumentFiles


class BidRecords(Protocol):
    """What is sealed beside a bid, as bytes of a length that tells nothing. Its key follows from the bid's nonce, which
    is inside the bid's own seal: who opens the bid opens this, and nobody before.
    """

    def sealed(self, record: BidRecord, nonce: bytes) -> bytes: ...
    def opened(self, sealed: bytes, nonce: bytes) -> BidRecord:
        """Refuses (``seal-broken``) what was not sealed so."""

    def read(self, text: bytes) -> BidRecord:
        """The text of a record that has a seal of its own, as the first ones have; refuses the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBid:
    """``envelope`` None: from before bids were sealed. ``bid`` None: not opened, or not readable (``unreadable``)."""

    envelope: Envelope | None
    bid: Bid | None
    unreadable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBid:
    """An opened bid with its bidder's name and BIN and what was committed to; None: from before bids were sealed."""

    bid: Bid
    name: str
    bin: str
    commitment: bytes | None
    ciphertext_hash: bytes | None
    documents: tuple[OpenedDocument, ...]


class BidQueries(Protocol):
    async def own(self, actor: Actor, id: BidId) -> OwnBid:
        """The caller's own bid at any time; another's is not found, before and after the opening."""

    async def own_page(self, actor: Actor, *, after: TenderId | None, limit: int) -> list[OwnBid]:
        """One for each tender that the caller bid on, in the order of the tenders' ids."""

    async def opened(
        self, actor: Actor | None, tender_id: TenderId, *, after: BidId | None, limit: int
    ) -> list[ShownBid | UnreadableBid]:
        """The bids by their ids; refuses ``bids-not-opened`` before the opening."""

    async def document(self, actor: Actor, bid_id: BidId, id: BidDocumentId) -> OpenedDocument:
        """After the opening, for the tender's buyer, auditors and the bidder; for others, and before, not found."""

    async def manifest(self, actor: Actor | None, tender_id: TenderId) -> bytes:
        """The canonical text; refuses ``manifest-not-found`` before the closing."""
