"""A complaint about a tender: objection, evidence, requested remedy, and the decision of the control service.

    filed -> withdrawn | rejected | upheld

While it is filed nothing is awarded or signed. Before the opening a complaint about the documents must not tell who
intends to bid, so its events name no organisation.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.complaints.refusals import ComplaintRefused
from domain.errors import Flaw
from domain.events import By, Event
from domain.ids import ComplaintId, OrganizationId, TenderId
from domain.tenders.model import StepNotAllowed

EXHIBITS_MAX = 20


class ComplaintStage(StrEnum):
    DOCUMENTS = "documents"
    """What the buyer published; until the deadline."""
    RESULTS = "results"
    """Admission, evaluation and award; while the standstill runs."""


class ComplaintStatus(StrEnum):
    FILED = "filed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    UPHELD = "upheld"


class Remedy(StrEnum):
    AMEND_DOCUMENTS = "amend_documents"
    CANCEL_TENDER = "cancel_tender"
    ANNUL_AWARD = "annul_award"
    ADMIT_BID = "admit_bid"
    EXCLUDE_WINNER = "exclude_winner"


REMEDIES: dict[ComplaintStage, tuple[Remedy, ...]] = {
    ComplaintStage.DOCUMENTS: (Remedy.AMEND_DOCUMENTS, Remedy.CANCEL_TENDER),
    ComplaintStage.RESULTS: (Remedy.ANNUL_AWARD, Remedy.ADMIT_BID, Remedy.EXCLUDE_WINNER),
}
"""What can be asked for, and granted, at each stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A file that the complainant keeps: its name and the SHA-256 of its bytes, 64 hexadecimal digits."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintEvent(Event):
    subject: ClassVar[str] = "complaint"
    tender_id: TenderId
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintFiled(ComplaintEvent):
    type: ClassVar[str] = "complaint.filed"
    stage: ComplaintStage
    lots: tuple[int, ...]
    remedy: Remedy
    decide_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintWithdrawn(ComplaintEvent):
    type: ClassVar[str] = "complaint.withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintDecided(ComplaintEvent):
    type: ClassVar[str] = "complaint.decided"
    outcome: ComplaintStatus
    remedy: Remedy | None
    excluded_id: OrganizationId | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """``number`` is the human number (``K-2026-000001``); ``lots`` empty means the whole tender.

    ``against`` is the winner whose exclusion is asked for, ``excluded_id`` the one whose exclusion was decided.
    ``decide_by`` is exclusive; a later decision stands and is marked late. ``terms`` are the tender's terms when a
    complaint about its documents was upheld: the buyer has followed the decision when they have risen.
    """

    id: ComplaintId
    number: str
    tender_id: TenderId
    complainant_id: OrganizationId
    stage: ComplaintStage
    lots: tuple[int, ...]
    objection: str
    evidence: tuple[Exhibit, ...]
    remedy: Remedy
    against: OrganizationId | None = None
    filed_at: datetime
    decide_by: datetime
    status: ComplaintStatus = ComplaintStatus.FILED
    decision: str | None = None
    decided_remedy: Remedy | None = None
    excluded_id: OrganizationId | None = None
    decided_at: datetime | None = None
    terms: int | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if len(set(self.lots)) != len(self.lots):
            raise _refused("/lots", "a lot stands twice", "each lot once")
        if len(self.evidence) > EXHIBITS_MAX:
            raise _refused("/evidence", f"{len(self.evidence)} exhibits", f"at most {EXHIBITS_MAX}")
        check_remedy(self.stage, self.remedy, self.against, "/against")

    @property
    def late(self) -> bool:
        """Whether the decision came after its time."""
        return self.decided_at is not None and self.decided_at >= self.decide_by

    @property
    def is_open(self) -> bool:
        return self.status is ComplaintStatus.FILED

    def excludes(self, bidder_id: OrganizationId, lot: int) -> bool:
        """Whether the decision keeps a bidder from being awarded a lot."""
        return (
            self.status is ComplaintStatus.UPHELD
            and self.excluded_id == bidder_id
            and (not self.lots or lot in self.lots)
        )

    def filed(self, *, by: By) -> ComplaintFiled:
        return ComplaintFiled(
            subject_id=self.id,
            by=self._unnamed(by),
            at=self.filed_at,
            tender_id=self.tender_id,
            number=self.number,
            stage=self.stage,
            lots=self.lots,
            remedy=self.remedy,
            decide_by=self.decide_by,
        )

    def withdraw(self, *, by: By, at: datetime) -> tuple["Complaint", ComplaintWithdrawn]:
        self._must_be_open()
        event = ComplaintWithdrawn(
            subject_id=self.id, by=self._unnamed(by), at=at, tender_id=self.tender_id, number=self.number
        )
        return replace(self, status=ComplaintStatus.WITHDRAWN), event

    def reject(self, *, decision: str, by: By, at: datetime) -> tuple["Complaint", ComplaintDecided]:
        self._must_be_open()
        rejected = replace(self, status=ComplaintStatus.REJECTED, decision=decision, decided_at=at)
        return rejected, rejected.decided(by=by, at=at)

    def uphold(
        self,
        *,
        decision: str,
        remedy: Remedy,
        excluded_id: OrganizationId | None,
        terms: int,
        by: By,
        at: datetime,
    ) -> tuple["Complaint", ComplaintDecided]:
        """Grant a remedy of the complaint's stage, not necessarily the one that was asked for."""
        self._must_be_open()
        check_remedy(self.stage, remedy, excluded_id, "/excluded_id")
        upheld = replace(
            self,
            status=ComplaintStatus.UPHELD,
            decision=decision,
            decided_remedy=remedy,
            excluded_id=excluded_id,
            decided_at=at,
            terms=terms if self.stage is ComplaintStage.DOCUMENTS else None,
        )
        return upheld, upheld.decided(by=by, at=at)

    def decided(self, *, by: By, at: datetime) -> ComplaintDecided:
        return ComplaintDecided(
            subject_id=self.id,
            by=by,
            at=at,
            tender_id=self.tender_id,
            number=self.number,
            outcome=self.status,
            remedy=self.decided_remedy,
            excluded_id=self.excluded_id,
            late=self.late,
        )

    def _unnamed(self, by: By) -> By:
        """The person stays in the audit trail; the feed shows organisations only."""
        return replace(by, organization_id=None) if self.stage is ComplaintStage.DOCUMENTS else by

    def _must_be_open(self) -> None:
        if not self.is_open:
            raise StepNotAllowed(f"The complaint is {self.status}", passes="a complaint that nobody has decided")


def check_remedy(stage: ComplaintStage, remedy: Remedy, excluded_id: OrganizationId | None, pointer: str) -> None:
    """Refuse (``complaint-refused``) a remedy of the other stage, and an exclusion that names nobody."""
    if remedy not in REMEDIES[stage]:
        raise _refused("/remedy", f"{remedy} is no remedy for {stage}", ", ".join(REMEDIES[stage]))
    if (remedy is Remedy.EXCLUDE_WINNER) is (excluded_id is None):
        reason = "nobody is named" if excluded_id is None else f"{remedy} excludes nobody"
        raise _refused(pointer, reason, "the winner, with exclude_winner and only then")


def _refused(pointer: str, reason: str, passes: str) -> ComplaintRefused:
    return ComplaintRefused(reason, flaws=(Flaw(pointer=pointer, reason=reason, passes=passes),), passes=passes)
