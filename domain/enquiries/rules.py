"""When questions are taken and answered: pure functions of stored state."""

from datetime import datetime

from domain.enquiries.refusals import EnquiriesClosed
from domain.procedures.rules import Rules
from domain.procedures.timeline import answer_by, questions_until
from domain.tenders.model import Tender, TenderStatus


def must_take_questions(tender: Tender, *, at: datetime) -> None:
    """Refuse (``enquiries-closed``) unless the tender is published and the package's time for questions runs. Bidding
    need not be open yet: the documents are discussed before it.
    """
    until = questions_until(Rules(tender.procedure), closes_at=_deadline(tender))
    _must_be_before(until, at, "Questions were taken")


def must_take_answers(tender: Tender, *, at: datetime) -> None:
    """Refuse (``enquiries-closed``) at or after the deadline: bids have agreed to the documents as they were read by
    then, and nothing explains them otherwise afterwards.
    """
    _must_be_before(_deadline(tender), at, "Answers reached bidders")


def due_before(tender: Tender, *, asked_at: datetime) -> datetime:
    """By when (exclusive) the buyer owes an answer: the package's period, and in time for the bidders."""
    return min(answer_by(Rules(tender.procedure), asked_at=asked_at), _deadline(tender))


def _deadline(tender: Tender) -> datetime:
    if tender.status is not TenderStatus.PUBLISHED or tender.closes_at is None:
        raise EnquiriesClosed(f"The tender is {tender.status}", passes="a published tender before its deadline")
    return tender.closes_at


def _must_be_before(until: datetime, at: datetime, what: str) -> None:
    if at >= until:
        raise EnquiriesClosed(
            f"{what} until before {until.isoformat()}",
            passes="the same before this instant",
            until=until,
            received_at=at,
        )
