"""What the bids room needs from outside: repositories, reads, and how what is sealed beside a bid is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.actors import Actor
from domain.bids.envelope import BidRecord, Envelope, EnvelopeEvent, Posted, UnreadableBid
from domain.bids.model import Bid, BidEvent
from domain.events import Event
from domain.ids import BidId, OrganizationId, TenderId
from domain.sealing.manifest import Manifest, ManifestEntry


class Envelopes(Protocol):
    """Bids before the opening."""

    async def get(self, id: BidId) -> Envelope:
        """Without what is sealed in it: only ``submitted`` reads that, and only of a closed tender."""

    async def post(self, envelope: Envelope, *, because: type[EnvelopeEvent]) -> Posted:
        """Store a new envelope (version 0) or a change of the one that was read, with its event, if that is in time and
        under the tender's present terms: the tender is shared first and the clock read after that. What a revision
        replaces keeps hash, commitment and time, not the ciphertext.
        """

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


class BidRecords(Protocol):
    """What is sealed beside a bid, as bytes of a length that tells nothing."""

    def written(self, record: BidRecord) -> bytes: ...
    def read(self, text: bytes) -> BidRecord:
        """Refuses (``seal-broken``) what was not written so."""


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


class BidQueries(Protocol):
    async def own(self, actor: Actor, id: BidId) -> OwnBid:
        """The caller's own bid at any time; another's is not found, before and after the opening."""

    async def own_page(self, actor: Actor, *, after: TenderId | None, limit: int) -> list[OwnBid]:
        """One for each tender that the caller bid on, in the order of the tenders' ids."""

    async def opened(
        self, actor: Actor | None, tender_id: TenderId, *, after: BidId | None, limit: int
    ) -> list[ShownBid | UnreadableBid]:
        """The bids by their ids; refuses ``bids-not-opened`` before the opening."""

    async def manifest(self, actor: Actor | None, tender_id: TenderId) -> bytes:
        """The canonical text; refuses ``manifest-not-found`` before the closing."""
