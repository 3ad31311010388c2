"""A bid before its opening: an envelope that nobody can read, and that does not say whose it is.

    submitted -> (replaced or confirmed: same bid, next revision) -> submitted
    submitted -> withdrawn -> (replaced: next revision) -> submitted

One per supplier and tender. Whoever has bid before an amendment agrees to the new terms by confirming or replacing his
bid, or is not admitted. What is sealed names the revision, so each change is a revision of its own.

Whether a change was in time is decided where it is stored, by one clock and under the tender's lock; so a step here
makes the next state and names its event, and the store fills in the time.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.bids.model import BidEvent, BidExists, BidStatus, TermsChanged
from domain.errors import StaleVersion
from domain.events import CLOCK
from domain.ids import BidId, PersonId, TenderId
from domain.organizations.verdict import Verdict
from domain.sealing.bids import Fault, SealedBid
from domain.tenders.model import StepNotAllowed, TenderNotFound, bidding_closed


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeEvent(BidEvent):
    """Caused by the bidder, whom it does not name: its ``by`` is empty."""

    terms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BidSubmitted(EnvelopeEvent):
    type: ClassVar[str] = "bid.submitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class BidReplaced(EnvelopeEvent):
    type: ClassVar[str] = "bid.replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class BidConfirmed(EnvelopeEvent):
    type: ClassVar[str] = "bid.confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BidWithdrawn(EnvelopeEvent):
    type: ClassVar[str] = "bid.withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class BidRecord:
    """What else would tell who bids, sealed beside the bid: the acting person, and the verdicts that let it pass."""

    person_id: PersonId
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """``bidder_tag`` is the bidder to whom only who holds the deployment's secret can compute it. ``received_at`` is
    the time that counts: a confirmation keeps the one of what it confirms. A withdrawn envelope is empty.
    """

    id: BidId
    tender_id: TenderId
    bidder_tag: bytes
    revision: int
    terms: int
    status: BidStatus = BidStatus.SUBMITTED
    received_at: datetime
    ciphertext: bytes = field(repr=False)
    ciphertext_hash: bytes
    commitment: bytes
    sealed_record: bytes = field(repr=False)
    version: int = 0

    @classmethod
    def of(cls, sealed: SealedBid, *, terms: int, record: bytes, at: datetime) -> "Envelope":
        return cls(
            id=sealed.bid_id,
            tender_id=sealed.tender_id,
            bidder_tag=sealed.bidder_tag,
            revision=sealed.revision,
            terms=terms,
            received_at=at,
            ciphertext=sealed.ciphertext,
            ciphertext_hash=sealed.ciphertext_hash,
            commitment=sealed.commitment,
            sealed_record=record,
        )

    def may_be_confirmed(self, *, terms: int) -> None:
        if self.status is not BidStatus.SUBMITTED:
            raise StepNotAllowed(f"A {self.status} bid cannot be confirmed", passes="a submitted bid, or a replacement")
        if self.terms >= terms:
            raise StepNotAllowed("The bid has agreed to these terms", passes="a confirmation after an amendment")

    def resealed(self, sealed: SealedBid, *, terms: int, record: bytes) -> "Envelope":
        """The next revision: a replacement, also after a withdrawal, or a confirmation."""
        return replace(Envelope.of(sealed, terms=terms, record=record, at=self.received_at), version=self.version)

    def withdrawn(self) -> "Envelope":
        if self.status is not BidStatus.SUBMITTED:
            raise StepNotAllowed(f"A {self.status} bid cannot be withdrawn", passes="a submitted bid")
        return replace(self, status=BidStatus.WITHDRAWN, ciphertext=b"", sealed_record=b"")

    def sealed(self) -> SealedBid:
        """As the opener takes it."""
        return SealedBid(
            bid_id=self.id,
            tender_id=self.tender_id,
            bidder_tag=self.bidder_tag,
            revision=self.revision,
            ciphertext=self.ciphertext,
            ciphertext_hash=self.ciphertext_hash,
            commitment=self.commitment,
        )


class Outcome(StrEnum):
    """What the store made of a change."""

    KEPT = "kept"
    NO_TENDER = "no_tender"
    CLOSED = "closed"
    TERMS = "terms"
    EXISTS = "exists"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """``received_at`` is the time that counts, where the change was kept; ``at`` the clock as it was read under the
    tender's lock, beside the tender's terms and times at that moment.
    """

    outcome: Outcome
    received_at: datetime | None = None
    at: datetime | None = None
    terms: int | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    def kept(self, envelope: Envelope) -> Envelope:
        """The envelope as it is stored now; otherwise the refusal."""
        match self.outcome:
            case Outcome.NO_TENDER:
                raise TenderNotFound("There is no such tender")
            case Outcome.CLOSED:
                raise bidding_closed(opens_at=self.opens_at, closes_at=self.closes_at, at=self.at)
            case Outcome.TERMS:
                raise TermsChanged(
                    f"The terms are {self.terms} by now",
                    passes=f"the terms {self.terms}, once you have read the amendments",
                    terms=self.terms,
                )
            case Outcome.EXISTS:
                raise BidExists("You have bid on this tender", passes="a replacement of your bid")
            case Outcome.STALE:
                raise StaleVersion("Somebody changed it after you read it", passes="a fresh read and a new attempt")
        return replace(envelope, received_at=self.received_at or envelope.received_at, version=envelope.version + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableBid:
    """A bid that the opener could not read: shown beside the others with what is known of it."""

    id: BidId
    tender_id: TenderId
    revision: int
    received_at: datetime
    fault: Fault
    commitment: bytes
    stored_hash: bytes
    computed_hash: bytes
    version: int = 0

    def shown(self, *, at: datetime) -> "BidUnreadable":
        return BidUnreadable(
            subject_id=self.id, by=CLOCK, at=at, tender_id=self.tender_id, revision=self.revision, fault=self.fault
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BidUnreadable(BidEvent):
    type: ClassVar[str] = "bid.unreadable"
    fault: Fault
