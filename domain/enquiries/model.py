"""An enquiry: a supplier's question about the documents of a published tender, and the buyer's answer.

    asked -> answered

Who asks intends to bid, so nobody but himself ever learns it: what happened when he asked is sealed, and the answer is
published with the question and without its asker.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from domain.enquiries.refusals import EnquiryRefused
from domain.errors import Flaw
from domain.events import By, Event
from domain.ids import EnquiryId, OrganizationId, TenderId
from domain.tenders.model import StepNotAllowed, Tender

ENQUIRIES_MAX = 20
"""Of one supplier about one tender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryEvent(Event):
    subject: ClassVar[str] = "enquiry"
    tender_id: TenderId
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryAsked(EnquiryEvent):
    type: ClassVar[str] = "enquiry.asked"
    sealed: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryAnswered(EnquiryEvent):
    type: ClassVar[str] = "enquiry.answered"
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Enquiry:
    """``number`` counts the questions about a tender from 1; ``lots`` empty means the whole tender.

    ``answer_by`` is exclusive; a later answer stands and is marked late.
    """

    id: EnquiryId
    tender_id: TenderId
    number: int
    asker_id: OrganizationId
    lots: tuple[int, ...]
    question: str
    asked_at: datetime
    answer_by: datetime
    answer: str | None = None
    answered_at: datetime | None = None
    version: int = 0

    @property
    def late(self) -> bool:
        """Whether the answer came after its time."""
        return self.answered_at is not None and self.answered_at >= self.answer_by

    def asked(self, *, by: By) -> EnquiryAsked:
        return EnquiryAsked(subject_id=self.id, by=by, at=self.asked_at, tender_id=self.tender_id, number=self.number)

    def answered(self, *, answer: str, by: By, at: datetime) -> tuple["Enquiry", EnquiryAnswered]:
        """Once: what everybody has read is not rewritten; whoever erred amends the tender."""
        if self.answered_at is not None:
            raise StepNotAllowed("The question is answered", passes="an amendment of the tender")
        enquiry = replace(self, answer=answer, answered_at=at)
        event = EnquiryAnswered(
            subject_id=self.id, by=by, at=at, tender_id=self.tender_id, number=self.number, late=enquiry.late
        )
        return enquiry, event


def check_lots(tender: Tender, lots: tuple[int, ...]) -> None:
    """Refuse (``enquiry-refused``) lots that are not there, or named twice."""
    unknown = [number for number in lots if tender.lot(number) is None]
    if unknown:
        raise _refused(f"no lot {unknown[0]}", f"1 to {len(tender.lots)}")
    if len(set(lots)) != len(lots):
        raise _refused("a lot stands twice", "each lot once")


def _refused(reason: str, passes: str) -> EnquiryRefused:
    return EnquiryRefused(reason, flaws=(Flaw(pointer="/lots", reason=reason, passes=passes),), passes=passes)
