"""Papers that a bidder completes after the opening: formal ones, each named, within a time that the package sets.

    requested -> complete | lapsed (his bid is rejected: papers_missing)

A request knows papers and nothing else. It has no price, no pieces and no offer, so that none can be changed by it.
A bidder is asked once, for everything at once; while his time runs nothing is evaluated.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.errors import Flaw
from domain.evaluating.refusals import PapersAwaited, PapersClosed, PapersRefused
from domain.events import By, Event
from domain.ids import BidId, OrganizationId, PaperRequestId, TenderId

PAPERS_MAX = 20
HANDED_IN_MAX = 100


class PaperKind(StrEnum):
    """Formal papers. What a bid offers and for how much is none of them."""

    REGISTRATION = "registration"
    POWER_OF_ATTORNEY = "power_of_attorney"
    CHARTER = "charter"
    LICENCE = "licence"
    PRODUCER_EVIDENCE = "producer_evidence"
    CONFORMITY_CERTIFICATE = "conformity_certificate"
    CONSORTIUM_AGREEMENT = "consortium_agreement"
    TAX_CERTIFICATE = "tax_certificate"
    BANK_CERTIFICATE = "bank_certificate"
    EXPERIENCE = "experience"
    TRANSLATION = "translation"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperEvent(Event):
    subject: ClassVar[str] = "paper_request"
    tender_id: TenderId
    bid_id: BidId


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequested(PaperEvent):
    type: ClassVar[str] = "papers.requested"
    papers: tuple[PaperKind, ...]
    due_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersHandedIn(PaperEvent):
    """``complete``: nothing that was asked for is missing any more."""

    type: ClassVar[str] = "papers.handed_in"
    papers: tuple[int, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPaper:
    number: int
    kind: PaperKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedPaper:
    """A file that the bidder keeps and sends, by its name and the SHA-256 of its bytes. ``paper`` is what was asked."""

    paper: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRequest:
    """``due_by`` is exclusive. Of two files for one paper the later counts, and both stay on record."""

    id: PaperRequestId
    tender_id: TenderId
    bid_id: BidId
    bidder_id: OrganizationId
    papers: tuple[AskedPaper, ...]
    requested_at: datetime
    due_by: datetime
    handed_in: tuple[HandedPaper, ...] = ()
    completed_at: datetime | None = None
    version: int = 0

    @property
    def missing(self) -> tuple[AskedPaper, ...]:
        there = {each.paper for each in self.handed_in}
        return tuple(each for each in self.papers if each.number not in there)

    def is_awaited(self, *, at: datetime) -> bool:
        return bool(self.missing) and at < self.due_by

    def has_lapsed(self, *, at: datetime) -> bool:
        return bool(self.missing) and at >= self.due_by

    def requested(self, *, by: By) -> CompletionRequested:
        return CompletionRequested(
            subject_id=self.id,
            by=by,
            at=self.requested_at,
            tender_id=self.tender_id,
            bid_id=self.bid_id,
            papers=tuple(each.kind for each in self.papers),
            due_by=self.due_by,
        )

    def hand_in(
        self, papers: tuple[HandedPaper, ...], *, by: By, at: datetime
    ) -> tuple["PaperRequest", PapersHandedIn]:
        """Some or all of the papers; refuses (``papers-closed``) after the time, whatever is missing."""
        if at >= self.due_by:
            raise PapersClosed(
                f"Papers were taken until before {self.due_by.isoformat()}",
                passes="papers before this instant",
                due_by=self.due_by,
                received_at=at,
            )
        known = {each.number for each in self.papers}
        for index, each in enumerate(papers):
            if each.paper not in known:
                raise _refused(f"/papers/{index}/paper", f"no paper {each.paper}", ", ".join(map(str, sorted(known))))
        handed = (*self.handed_in, *papers)
        if len(handed) > HANDED_IN_MAX:
            raise _refused("/papers", f"{len(handed)} files", f"at most {HANDED_IN_MAX}")
        changed = replace(self, handed_in=handed)
        if not changed.missing and self.completed_at is None:
            changed = replace(changed, completed_at=at)
        event = PapersHandedIn(
            subject_id=self.id,
            by=by,
            at=at,
            tender_id=self.tender_id,
            bid_id=self.bid_id,
            papers=tuple(each.paper for each in papers),
            complete=not changed.missing,
        )
        return changed, event


def must_not_be_awaited(requests: Iterable[PaperRequest], *, at: datetime) -> None:
    """Refuse (``papers-awaited``) an evaluation while a bidder has time; names the one whose time ends last."""
    awaited = [each for each in requests if each.is_awaited(at=at)]
    if awaited:
        last = max(awaited, key=lambda each: (each.due_by, str(each.id)))
        raise PapersAwaited(
            f"{len(awaited)} bidders may complete their papers until before {last.due_by.isoformat()}",
            passes="the evaluation after the time, or once all papers are there",
            due_by=last.due_by,
        )


def lapsed(requests: Iterable[PaperRequest], *, at: datetime) -> dict[BidId, str]:
    """Per bid whose time has passed, what is missing."""
    return {
        each.bid_id: "; ".join(f"{paper.kind}: {paper.name}" for paper in each.missing)
        for each in requests
        if each.has_lapsed(at=at)
    }


def _refused(pointer: str, reason: str, passes: str) -> PapersRefused:
    flaw = Flaw(pointer=pointer, reason=reason, passes=passes)
    return PapersRefused(f"{pointer}: {reason}", flaws=(flaw,), passes=passes)
