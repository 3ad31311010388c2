"""When complaints are taken, and what they hold back: pure functions of stored state."""

from collections.abc import Iterable
from datetime import datetime

from domain.complaints.model import Complaint, ComplaintStage, ComplaintStatus
from domain.complaints.refusals import ComplaintOpen, ComplaintsClosed, DecisionNotFollowed
from domain.procedures.rules import Rules
from domain.tenders.model import Tender, TenderStatus


def complaints_end(tender: Tender, stage: ComplaintStage) -> datetime | None:
    """Until when (exclusive) complaints of a stage are taken in the tender's present state; None if not at all.

    Documents: from the publication until the deadline. Results: from an award until its standstill is over.
    """
    rules = Rules(tender.procedure)
    if stage is ComplaintStage.DOCUMENTS:
        taken = tender.status is TenderStatus.PUBLISHED and rules.flag("complaints_before_opening")
        return tender.closes_at if taken else None
    taken = tender.status is TenderStatus.AWARDED and rules.flag("results_appealable")
    return tender.complaints_until if taken else None


def must_be_taken(tender: Tender, stage: ComplaintStage, *, at: datetime) -> None:
    """Refuse (``complaints-closed``) unless complaints of the stage are taken at ``at``."""
    until = complaints_end(tender, stage)
    if until is None:
        raise ComplaintsClosed(
            f"Complaints about {stage} are not taken while the tender is {tender.status}",
            passes="documents until the deadline, results during the standstill, where the procedure allows",
        )
    if at >= until:
        raise ComplaintsClosed(
            f"Complaints about {stage} were taken until before {until.isoformat()}",
            passes="a complaint before this instant",
            until=until,
            received_at=at,
        )


def must_be_uncontested(complaints: Iterable[Complaint]) -> None:
    """Refuse (``complaint-open``) while one of them awaits its decision; names the one that is due last."""
    waiting = [each for each in complaints if each.is_open]
    if waiting:
        last = max(waiting, key=lambda each: (each.decide_by, each.number))
        raise ComplaintOpen(
            f"Complaint {last.number} awaits its decision, due before {last.decide_by.isoformat()}",
            passes="the same after the decision",
            complaint=last.number,
            decide_by=last.decide_by,
        )


def unheeded(tender: Tender, complaints: Iterable[Complaint]) -> Complaint | None:
    """The first upheld complaint about the documents since whose decision the terms have not risen."""
    return next(
        (
            each
            for each in sorted(complaints, key=lambda each: each.number)
            if each.status is ComplaintStatus.UPHELD and each.terms is not None and each.terms >= tender.terms
        ),
        None,
    )


def must_be_heeded(tender: Tender, complaints: Iterable[Complaint]) -> None:
    """Refuse (``decision-not-followed``) while the buyer has neither amended nor cancelled what he was told to."""
    found = unheeded(tender, complaints)
    if found is not None:
        raise DecisionNotFollowed(
            f"Complaint {found.number} was upheld: {found.decided_remedy}",
            passes="an amendment of the documents, or the cancellation of the tender",
            complaint=found.number,
        )


def must_be_evaluated_since(complaints: Iterable[Complaint], *, evaluated_at: datetime) -> None:
    """Refuse (``decision-not-followed``) an evaluation that an upheld complaint about the results has overtaken."""
    for each in complaints:
        if each.status is ComplaintStatus.UPHELD and each.stage is ComplaintStage.RESULTS:
            decided_at = each.decided_at
            if decided_at is not None and decided_at >= evaluated_at:
                raise DecisionNotFollowed(
                    f"Complaint {each.number} was upheld after the evaluation",
                    passes="another evaluation",
                    complaint=each.number,
                )
