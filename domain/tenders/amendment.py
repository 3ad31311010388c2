"""What a buyer changes between publication and deadline: an amendment of the documents, or a later deadline alone.

Both are kept as one record, readable by everybody: the difference, the terms and dates before and after, the reason.
An amendment raises the tender's ``terms``, to which each bidder then agrees anew; an extension does not. A deadline
is never brought forward. The number of lots and the rule package stay: bids and questions name lots by number, and a
package is pinned for life, so whoever needs other lots or other rules cancels and publishes anew.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.errors import Conflict, Flaw, Invalid, Titles
from domain.events import By
from domain.ids import AmendmentId, TenderId
from domain.procedures.rules import Rules
from domain.procedures.timeline import amended_opening, check_amended, check_not_senseless
from domain.tenders.criteria import Criterion
from domain.tenders.difference import Change, difference
from domain.tenders.documents import documents_of
from domain.tenders.events import TenderAmended, TenderExtended
from domain.tenders.lot import Lot
from domain.tenders.model import StepNotAllowed, Tender, TenderStatus, TimelineRefused

AMENDMENTS_MAX = 50
"""Of one tender, extensions counted."""


class AmendmentNotAllowed(Conflict):
    code = "amendment-not-allowed"
    titles = Titles("The tender cannot be amended", "Тендер нельзя изменить", "Тендерге өзгеріс енгізуге болмайды")


class AmendmentRefused(Invalid):
    code = "amendment-refused"
    titles = Titles(
        "The amendment does not fit the tender", "Изменение не подходит к тендеру", "Өзгеріс тендерге сай емес"
    )


class AmendmentKind(StrEnum):
    AMENDMENT = "amendment"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """``number`` counts from 1 within the tender, extensions included. Stored once, with the tender's own event, and
    never changed.
    """

    id: AmendmentId
    tender_id: TenderId
    number: int
    kind: AmendmentKind
    reason: str
    changes: tuple[Change, ...]
    terms_before: int
    terms_after: int
    opens_at_before: datetime
    opens_at_after: datetime
    closes_at_before: datetime
    closes_at_after: datetime
    amended_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a record is told from outside: its id, how many the tender had before it, why, by whom and when."""

    id: AmendmentId
    earlier: int
    reason: str
    by: By
    at: datetime


def amend(
    tender: Tender,
    *,
    title: str,
    lots: tuple[Lot, ...],
    closes_at: datetime | None,
    entry: Entry,
    criteria: tuple[Criterion, ...] | None = None,
) -> tuple[Tender, Amendment, TenderAmended]:
    """Change title, lots and criteria (None: they stay). ``closes_at`` None means the earliest deadline that the
    package allows.

    Refuses (``amendment-not-allowed``) where the package knows no amendments or the tender follows a failed one, which
    it repeats unchanged, (``amendment-refused``) another number of lots, other garments of a pool, and a change of
    nothing.
    """
    opens, closes = _bidding(tender, entry)
    rules = Rules(tender.procedure)
    if rules.text("amendment_rule") == "none":
        raise AmendmentNotAllowed(f"{tender.procedure} has no amendments", passes="a cancellation and another tender")
    if tender.follows is not None:
        raise AmendmentNotAllowed(
            "It repeats a tender that failed, as it was", passes="an extension, or a cancellation and another tender"
        )
    measured = tender.criteria if criteria is None else criteria
    _must_fit(tender, title, lots, measured)
    opens_at = amended_opening(rules, opens_at=opens, at=entry.at)
    until = check_amended(
        rules, opens_at=opens_at, closes_at=closes, asked=closes_at, at=entry.at, attempt=tender.attempt
    )
    amended = replace(
        tender,
        title=title,
        lots=lots,
        criteria=measured,
        opens_at=opens_at,
        closes_at=until,
        terms=tender.terms + 1,
    )
    amendment = _recorded(tender, amended, (opens, opens_at), (closes, until), AmendmentKind.AMENDMENT, entry)
    event = TenderAmended(
        subject_id=tender.id,
        by=entry.by,
        at=entry.at,
        amendment_id=str(entry.id),
        terms=amended.terms,
        reason=entry.reason,
        opens_at=opens_at,
        closes_at=until,
        paths=tuple(change.path for change in amendment.changes),
    )
    return amended, amendment, event


def extend(tender: Tender, *, closes_at: datetime, entry: Entry) -> tuple[Tender, Amendment, TenderExtended]:
    """Put the deadline off; nobody has to agree to more time. Refuses (``timeline-refused``) what is not later."""
    opens, closes = _bidding(tender, entry)
    if closes_at <= closes:
        flaw = Flaw(pointer="/closes_at", reason="not later than the deadline", passes=f"after {closes.isoformat()}")
        raise TimelineRefused("A deadline is only put off", flaws=(flaw,))
    check_not_senseless(opens_at=opens, closes_at=closes_at)
    extended = replace(tender, closes_at=closes_at)
    extension = _recorded(tender, extended, (opens, opens), (closes, closes_at), AmendmentKind.EXTENSION, entry)
    event = TenderExtended(
        subject_id=tender.id,
        by=entry.by,
        at=entry.at,
        amendment_id=str(entry.id),
        reason=entry.reason,
        closes_at_before=closes,
        closes_at=closes_at,
    )
    return extended, extension, event


def _bidding(tender: Tender, entry: Entry) -> tuple[datetime, datetime]:
    """When bidding opens and closes; refuses unless the tender is published and its deadline has not come."""
    if tender.status is not TenderStatus.PUBLISHED or tender.opens_at is None or tender.closes_at is None:
        raise StepNotAllowed(f"A {tender.status} tender is not amended", passes="a published tender")
    if entry.at >= tender.closes_at:
        raise StepNotAllowed(
            f"The deadline has passed: {tender.closes_at.isoformat()}",
            passes="the same before the deadline",
            closes_at=tender.closes_at,
            received_at=entry.at,
        )
    if entry.earlier >= AMENDMENTS_MAX:
        raise AmendmentNotAllowed(
            f"The tender was amended {entry.earlier} times", passes="a cancellation and another tender"
        )
    return tender.opens_at, tender.closes_at


def _must_fit(tender: Tender, title: str, lots: tuple[Lot, ...], criteria: tuple[Criterion, ...]) -> None:
    if len(lots) != len(tender.lots):
        count = len(tender.lots)
        raise _refused("/lots", f"{len(lots)} lots instead of {count}", f"{count} lots, or another tender")
    for index, (before, after) in enumerate(zip(tender.lots, lots, strict=True)):
        if before.pooled != after.pooled:
            garments = ", ".join(line.garment for line in before.pooled.values()) or "no garment of a pool"
            raise _refused(f"/lots/{index}/lines", "other garments of a pool", garments)
    if (title, lots, criteria) == (tender.title, tender.lots, tender.criteria):
        raise _refused("/lots", "nothing is different", "a change of title, lots or criteria, or an extension")


def _recorded(
    before: Tender,
    after: Tender,
    opens: tuple[datetime, datetime],
    closes: tuple[datetime, datetime],
    kind: AmendmentKind,
    entry: Entry,
) -> Amendment:
    return Amendment(
        id=entry.id,
        tender_id=before.id,
        number=entry.earlier + 1,
        kind=kind,
        reason=entry.reason,
        changes=difference(documents_of(before), documents_of(after)),
        terms_before=before.terms,
        terms_after=after.terms,
        opens_at_before=opens[0],
        opens_at_after=opens[1],
        closes_at_before=closes[0],
        closes_at_after=closes[1],
        amended_at=entry.at,
    )


def _refused(pointer: str, reason: str, passes: str) -> AmendmentRefused:
    return AmendmentRefused(reason, flaws=(Flaw(pointer=pointer, reason=reason, passes=passes),), passes=passes)
