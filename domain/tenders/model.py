"""A tender and its life cycle.

    draft -> published -> closed -> opened -> evaluated -> awarded -> completed
      |          |          |          |          |
      |          |          +----------+----------+--> failed (coded reason)
      +----------+-> cancelled (coded reason)

An upheld complaint sets an award aside: awarded -> opened. A tender whose contracts have all lapsed fails: awarded ->
failed. After the deadline a tender is cancelled only to follow a decision on a complaint about its documents.
Before ``opens_at`` a published tender is under discussion. Until its deadline it may be amended and extended, which
moves dates and raises terms but no state (``amendment.py``).

Bidding is the half-open interval ``[opens_at, closes_at)`` of a published tender, by the database's clock.
``closed`` is a due transition: whoever touches the tender after the deadline applies it, and with it fixes which bids
there are. ``opened`` takes the key-encryption key: whoever has it opens what is closed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.errors import Conflict, Flaw, Invalid, MalformedValue, NotFound, Titles
from domain.events import CLOCK, By
from domain.ids import OrganizationId, PersonId, PrequalificationId, SealingKeyId, TenderId
from domain.money import Money, total
from domain.procedures.vocabulary import Failure
from domain.tenders.criteria import Criterion
from domain.tenders.events import (
    CancellationReason,
    TenderAwarded,
    TenderCancelled,
    TenderClosed,
    TenderCompleted,
    TenderDrafted,
    TenderEvaluated,
    TenderFailed,
    TenderKeyGiven,
    TenderNextBestAwarded,
    TenderOpened,
    TenderOpeningApproved,
    TenderPublished,
    TenderRevised,
    TenderSetAside,
)
from domain.tenders.lot import Lot
from domain.tenders.procedure import PinnedProcedure

LOTS_MAX = 50


class TenderStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    OPENED = "opened"
    EVALUATED = "evaluated"
    AWARDED = "awarded"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


MOVES: dict[TenderStatus, frozenset[TenderStatus]] = {
    TenderStatus.DRAFT: frozenset({TenderStatus.PUBLISHED, TenderStatus.CANCELLED}),
    TenderStatus.PUBLISHED: frozenset({TenderStatus.CLOSED, TenderStatus.CANCELLED}),
    TenderStatus.CLOSED: frozenset({TenderStatus.OPENED, TenderStatus.FAILED}),
    TenderStatus.OPENED: frozenset({TenderStatus.EVALUATED, TenderStatus.FAILED, TenderStatus.CANCELLED}),
    TenderStatus.EVALUATED: frozenset(
        {TenderStatus.EVALUATED, TenderStatus.AWARDED, TenderStatus.FAILED, TenderStatus.CANCELLED}
    ),
    TenderStatus.AWARDED: frozenset({TenderStatus.COMPLETED, TenderStatus.OPENED, TenderStatus.FAILED}),
    TenderStatus.COMPLETED: frozenset(),
    TenderStatus.FAILED: frozenset(),
    TenderStatus.CANCELLED: frozenset(),
}


class TenderNotFound(NotFound):
    code = "tender-not-found"
    titles = Titles("There is no such tender", "Такого тендера нет", "Мұндай тендер жоқ")


class StepNotAllowed(Conflict):
    """The life cycle has no such step from the present status."""

    code = "step-not-allowed"
    titles = Titles("This step is not possible now", "Сейчас этот шаг невозможен", "Бұл қадам қазір мүмкін емес")


class BiddingClosed(Conflict):
    """Outside ``[opens_at, closes_at)`` by the database's clock."""

    code = "bidding-closed"
    titles = Titles("Bidding is not open", "Приём заявок не открыт", "Өтінім қабылдау ашық емес")


class BiddingStillOpen(Conflict):
    code = "bidding-still-open"
    titles = Titles("Bidding is still open", "Приём заявок ещё идёт", "Өтінім қабылдау әлі жүріп жатыр")


class TimelineRefused(Invalid):
    code = "timeline-refused"
    titles = Titles("The timeline is not allowed", "Сроки не допускаются", "Мерзімдерге жол берілмейді")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """``number`` is the human number (``T-2026-000123``); ``version`` counts stored changes, 0 before the first.

    ``terms`` counts what bidders must agree to: 1 at publication, one more with each amendment. ``ground`` and
    ``invited`` belong to a purchase from a single source. ``follows`` is the failed tender that this one repeats, and
    ``attempt`` says which time it is. Complaints about the results are taken until before ``complaints_until``. Bids
    are sealed to ``public_key``; None: it was never published, or before bids were sealed. ``criteria`` stand beside
    the price.
    """

    id: TenderId
    number: str
    buyer_id: OrganizationId
    title: str
    procedure: PinnedProcedure
    lots: tuple[Lot, ...]
    status: TenderStatus = TenderStatus.DRAFT
    drafted_at: datetime
    published_at: datetime | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    opened_at: datetime | None = None
    awarded_at: datetime | None = None
    reason: str | None = None
    terms: int = 1
    ground: str | None = None
    invited: tuple[OrganizationId, ...] = ()
    prequalification_id: PrequalificationId | None = None
    follows: TenderId | None = None
    attempt: int = 1
    complaints_until: datetime | None = None
    sealing_key_id: SealingKeyId | None = None
    public_key: bytes | None = None
    opening_approved_by: tuple[PersonId, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    version: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.lots) <= LOTS_MAX:
            raise MalformedValue(f"A tender has 1 to {LOTS_MAX} lots", passes=f"1 to {LOTS_MAX} lots")
        if [lot.number for lot in self.lots] != list(range(1, len(self.lots) + 1)):
            raise MalformedValue("Lots are numbered 1, 2, 3 …")

    @property
    def is_settled(self) -> bool:
        """Whether its results are out: awarded and not set aside, or failed."""
        return self.awarded_at is not None or self.status is TenderStatus.FAILED

    @property
    def allocated(self) -> Money:
        return total(lot.allocated for lot in self.lots)

    def lot(self, number: int) -> Lot | None:
        return next((lot for lot in self.lots if lot.number == number), None)

    def drafted(self, *, by: By) -> TenderDrafted:
        return TenderDrafted(subject_id=self.id, by=by, at=self.drafted_at, title=self.title)

    def revise(
        self, *, title: str, procedure: PinnedProcedure, lots: tuple[Lot, ...], by: By, at: datetime
    ) -> tuple["Tender", TenderRevised]:
        """Change a draft as a whole."""
        if self.status is not TenderStatus.DRAFT:
            raise StepNotAllowed(f"A {self.status} tender cannot be revised", passes="a draft")
        revised = replace(self, title=title, procedure=procedure, lots=lots)
        return revised, TenderRevised(subject_id=self.id, by=by, at=at, title=title)

    def publish(
        self, *, procedure: PinnedProcedure, opens_at: datetime, closes_at: datetime, by: By, at: datetime
    ) -> tuple["Tender", TenderPublished]:
        """Pin the rule package for life and fix the deadline. The package's own periods are checked before this."""
        if not at <= opens_at < closes_at:
            raise TimelineRefused(
                "Bidding must open now or later and close after it opens",
                flaws=(
                    Flaw(
                        pointer="/closes_at",
                        reason="not after opens_at",
                        passes=f"after {opens_at.isoformat()}",
                    ),
                ),
            )
        published = replace(
            self._moved(TenderStatus.PUBLISHED),
            procedure=procedure,
            published_at=at,
            opens_at=opens_at,
            closes_at=closes_at,
        )
        return published, TenderPublished(
            subject_id=self.id,
            by=by,
            at=at,
            procedure=str(procedure),
            opens_at=opens_at,
            closes_at=closes_at,
            allocated=self.allocated,
        )

    def sealed_to(self, key_id: SealingKeyId, public_key: bytes) -> "Tender":
        """With the key that its bids are sealed to, taken for it and never exchanged."""
        return replace(self, sealing_key_id=key_id, public_key=public_key)

    def given_key(self, key_id: SealingKeyId, public_key: bytes, *, at: datetime) -> tuple["Tender", TenderKeyGiven]:
        """After the publication: it was published before bids were sealed."""
        event = TenderKeyGiven(subject_id=self.id, by=CLOCK, at=at, public_key=public_key.hex())
        return self.sealed_to(key_id, public_key), event

    def admits_bids(self, *, at: datetime) -> None:
        """Refuse (``bidding-closed``) unless ``opens_at <= at < closes_at`` and the tender is published."""
        opens_at, closes_at = self.opens_at, self.closes_at
        within = opens_at is not None and closes_at is not None and opens_at <= at < closes_at
        if self.status is not TenderStatus.PUBLISHED or not within:
            raise bidding_closed(opens_at=opens_at, closes_at=closes_at, at=at)

    def is_due(self, *, at: datetime) -> bool:
        """Whether the deadline has passed and the closing has not been applied."""
        return self.status is TenderStatus.PUBLISHED and self.closes_at is not None and at >= self.closes_at

    @property
    def awaits_opening(self) -> bool:
        return self.status is TenderStatus.CLOSED

    def must_be_past_deadline(self, *, at: datetime) -> None:
        """Refuse (``bidding-still-open``, ``step-not-allowed``) where there is nothing to close or open, and never will
        be or not yet.
        """
        if self.status is TenderStatus.PUBLISHED and not self.is_due(at=at):
            raise BiddingStillOpen(f"Bidding closes at {self.closes_at}", passes="the opening after the deadline")
        if self.status in {TenderStatus.DRAFT, TenderStatus.CANCELLED}:
            raise StepNotAllowed(f"A {self.status} tender has no opening", passes="a published tender")

    def close(
        self, *, manifest_sha256: str, bids: tuple[dict[str, Any], ...], at: datetime
    ) -> tuple["Tender", TenderClosed]:
        """``bids`` are the entries of the manifest: which bids there are, and nothing of what they say."""
        self.must_be_past_deadline(at=at)
        event = TenderClosed(subject_id=self.id, by=CLOCK, at=at, manifest_sha256=manifest_sha256, bids=bids)
        return self._moved(TenderStatus.CLOSED), event

    def approve_opening(self, *, person_id: PersonId, by: By, at: datetime) -> tuple["Tender", TenderOpeningApproved]:
        """One of the people without whom the opener does not open."""
        if not self.awaits_opening:
            raise StepNotAllowed(f"The opening of a {self.status} tender is not approved", passes="a closed tender")
        if person_id in self.opening_approved_by:
            raise StepNotAllowed("You have approved the opening already", passes="another person's approval")
        approved = replace(self, opening_approved_by=(*self.opening_approved_by, person_id))
        return approved, TenderOpeningApproved(subject_id=self.id, by=by, at=at)

    def open(
        self, *, bids: tuple[dict[str, Any], ...], unreadable: tuple[dict[str, Any], ...] = (), at: datetime
    ) -> tuple["Tender", TenderOpened]:
        opened = replace(self._moved(TenderStatus.OPENED), opened_at=at)
        return opened, TenderOpened(subject_id=self.id, by=CLOCK, at=at, bids=bids, unreadable=unreadable)

    def fail(self, *, reason: Failure, by: By, at: datetime) -> tuple["Tender", TenderFailed]:
        failed = replace(self._moved(TenderStatus.FAILED), reason=str(reason))
        return failed, TenderFailed(subject_id=self.id, by=by, at=at, reason=reason)

    def cancel(
        self, *, reason: CancellationReason, explanation: str, ordered: bool = False, by: By, at: datetime
    ) -> tuple["Tender", TenderCancelled]:
        """Before the deadline only: what is due is closed and opened, whoever would rather not see it. After it, only
        where a decision on a complaint asks for it (``ordered``).
        """
        if self.is_due(at=at) or (self.opened_at is not None and not ordered):
            raise StepNotAllowed("The deadline has passed", passes="a cancellation before the deadline")
        cancelled = replace(self._moved(TenderStatus.CANCELLED), reason=str(reason))
        return cancelled, TenderCancelled(subject_id=self.id, by=by, at=at, reason=reason, explanation=explanation)

    def evaluate(self, *, evaluation_id: str, by: By, at: datetime) -> tuple["Tender", TenderEvaluated]:
        evaluated = self._moved(TenderStatus.EVALUATED)
        return evaluated, TenderEvaluated(subject_id=self.id, by=by, at=at, evaluation_id=evaluation_id)

    def award(
        self, *, evaluation_id: str, contracts: tuple[str, ...], complaints_until: datetime, by: By, at: datetime
    ) -> tuple["Tender", TenderAwarded]:
        """``complaints_until`` ends the standstill (exclusive); it equals ``at`` where there is none."""
        awarded = replace(self._moved(TenderStatus.AWARDED), awarded_at=at, complaints_until=complaints_until)
        return awarded, TenderAwarded(
            subject_id=self.id,
            by=by,
            at=at,
            evaluation_id=evaluation_id,
            contracts=contracts,
            complaints_until=complaints_until,
        )

    def award_next_best(
        self, *, evaluation_id: str, contracts: tuple[str, ...], complaints_until: datetime, by: By, at: datetime
    ) -> tuple["Tender", TenderNextBestAwarded]:
        """The lines of a lapsed contract went to others; complaints are taken until the later standstill is over."""
        if self.status is not TenderStatus.AWARDED:
            raise StepNotAllowed(f"A {self.status} tender has no next best", passes="an awarded tender")
        until = max(complaints_until, self.complaints_until or complaints_until)
        event = TenderNextBestAwarded(
            subject_id=self.id,
            by=by,
            at=at,
            evaluation_id=evaluation_id,
            contracts=contracts,
            complaints_until=until,
        )
        return replace(self, complaints_until=until), event

    def set_aside(self, *, complaint_id: str, by: By, at: datetime) -> tuple["Tender", TenderSetAside]:
        """A complaint was upheld: the award is void, and the opened bids are evaluated once more."""
        aside = replace(self._moved(TenderStatus.OPENED), awarded_at=None, complaints_until=None)
        return aside, TenderSetAside(subject_id=self.id, by=by, at=at, complaint_id=complaint_id)

    def complete(self, *, at: datetime) -> tuple["Tender", TenderCompleted]:
        """All contracts are delivered and paid."""
        return self._moved(TenderStatus.COMPLETED), TenderCompleted(subject_id=self.id, by=CLOCK, at=at)

    def _moved(self, to: TenderStatus) -> "Tender":
        if to not in MOVES[self.status]:
            allowed = ", ".join(sorted(MOVES[self.status])) or "none: this is the end"
            raise StepNotAllowed(f"A {self.status} tender cannot become {to}", passes=allowed, status=str(self.status))
        return replace(self, status=to)


def bidding_closed(*, opens_at: datetime | None, closes_at: datetime | None, at: datetime | None) -> BiddingClosed:
    """The refusal of a bid that comes at ``at``, which is not within the tender's time."""
    if opens_at is None or closes_at is None:
        return BiddingClosed("The tender is not published")
    return BiddingClosed(
        f"Bids are accepted from {opens_at.isoformat()} until before {closes_at.isoformat()}",
        passes="a bid within this time",
        opens_at=opens_at.isoformat(),
        closes_at=closes_at.isoformat(),
        received_at=at.isoformat() if at else None,
    )
