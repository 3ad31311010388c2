"""Complaints: when they are taken, what they hold back, what their events tell."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.complaints.model import REMEDIES, Complaint, ComplaintStage, ComplaintStatus, Exhibit, Remedy
from domain.complaints.refusals import ComplaintOpen, ComplaintRefused, ComplaintsClosed, DecisionNotFollowed
from domain.complaints.rules import (
    must_be_evaluated_since,
    must_be_heeded,
    must_be_taken,
    must_be_uncontested,
    unheeded,
)
from domain.events import CLOCK, By
from domain.ids import ComplaintId, OrganizationId, PersonId
from domain.tenders.events import CancellationReason
from domain.tenders.model import StepNotAllowed, Tender, TenderStatus
from tests.domain import process_sample as sample
from tests.domain.suppliers import CATEGORY, rules

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
BY = By(person_id=PersonId(UUID(int=70)), organization_id=sample.LOSER)
UNTIL = sample.T0 + timedelta(hours=60)


def published() -> Tender:
    return replace(sample.published().tender, procedure=CATEGORY.procedure)


def awarded() -> Tender:
    return replace(sample.awarded().tender, procedure=CATEGORY.procedure, complaints_until=UNTIL)


def complaint(stage: ComplaintStage = ComplaintStage.RESULTS, **changes: object) -> Complaint:
    made = Complaint(
        id=ComplaintId(UUID(int=60)),
        number="K-2026-000001",
        tender_id=sample.tender().id,
        complainant_id=sample.LOSER,
        stage=stage,
        lots=(),
        objection="The winner has no sewing floor",
        evidence=(Exhibit(name="photo.jpg", sha256="0" * 64),),
        remedy=REMEDIES[stage][0],
        filed_at=sample.T0,
        decide_by=sample.T0 + 3 * DAY,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names fields of the complaint


def upheld(stage: ComplaintStage, remedy: Remedy, *, excluded: OrganizationId | None = None) -> Complaint:
    decided, _ = complaint(stage).uphold(
        decision="Right", remedy=remedy, excluded_id=excluded, terms=1, by=CLOCK, at=sample.T0 + DAY
    )
    return decided


@pytest.mark.parametrize(
    ("tender", "stage", "end"),
    [
        (published(), ComplaintStage.DOCUMENTS, published().closes_at),
        (awarded(), ComplaintStage.RESULTS, UNTIL),
    ],
)
def test_a_complaint_is_taken_until_the_last_microsecond_and_no_longer(
    tender: Tender, stage: ComplaintStage, end: datetime
) -> None:
    must_be_taken(tender, stage, at=end - MICROSECOND)
    with pytest.raises(ComplaintsClosed) as refused:
        must_be_taken(tender, stage, at=end)
    assert refused.value.facts["until"] == end


@pytest.mark.parametrize("status", [status for status in TenderStatus if status is not TenderStatus.PUBLISHED])
def test_documents_are_complained_about_while_bids_are_taken_only(status: TenderStatus) -> None:
    with pytest.raises(ComplaintsClosed):
        must_be_taken(replace(published(), status=status), ComplaintStage.DOCUMENTS, at=sample.T0)


def test_a_package_may_take_no_complaints() -> None:
    closed = rules("private", complaints_before_opening="false", results_appealable="false").procedure
    for tender, stage in ((published(), ComplaintStage.DOCUMENTS), (awarded(), ComplaintStage.RESULTS)):
        with pytest.raises(ComplaintsClosed):
            must_be_taken(replace(tender, procedure=closed), stage, at=sample.T0)


@pytest.mark.parametrize("stage", list(ComplaintStage))
def test_each_stage_has_remedies_of_its_own(stage: ComplaintStage) -> None:
    for remedy in Remedy:
        against = sample.WINNER if remedy is Remedy.EXCLUDE_WINNER else None
        if remedy in REMEDIES[stage]:
            assert complaint(stage, remedy=remedy, against=against).remedy is remedy
        else:
            with pytest.raises(ComplaintRefused) as refused:
                complaint(stage, remedy=remedy, against=against)
            assert refused.value.flaws[0].pointer == "/remedy"


def test_an_exclusion_names_somebody_and_nothing_else_does() -> None:
    for remedy, against in ((Remedy.EXCLUDE_WINNER, None), (Remedy.ANNUL_AWARD, sample.WINNER)):
        with pytest.raises(ComplaintRefused):
            complaint(remedy=remedy, against=against)


def test_the_feed_is_not_told_who_complains_about_documents() -> None:
    for stage, named in ((ComplaintStage.DOCUMENTS, None), (ComplaintStage.RESULTS, sample.LOSER)):
        made = complaint(stage)
        for event in (made.filed(by=BY), made.withdraw(by=BY, at=sample.T0)[1]):
            assert event.by.organization_id == named
            assert event.by.person_id == BY.person_id
            assert str(sample.LOSER) not in str(replace(event, by=CLOCK))


def test_a_complaint_is_decided_or_withdrawn_once() -> None:
    ended = (
        complaint().withdraw(by=BY, at=sample.T0)[0],
        complaint().reject(decision="No", by=CLOCK, at=sample.T0)[0],
        upheld(ComplaintStage.RESULTS, Remedy.ANNUL_AWARD),
    )
    assert [each.status for each in ended] == [
        ComplaintStatus.WITHDRAWN,
        ComplaintStatus.REJECTED,
        ComplaintStatus.UPHELD,
    ]
    for each in ended:
        with pytest.raises(StepNotAllowed):
            each.withdraw(by=BY, at=sample.T0)
        with pytest.raises(StepNotAllowed):
            each.reject(decision="No", by=CLOCK, at=sample.T0)


def test_a_late_decision_stands_and_is_marked() -> None:
    for at, late in ((complaint().decide_by - MICROSECOND, False), (complaint().decide_by, True)):
        decided, event = complaint().reject(decision="No", by=CLOCK, at=at)
        assert (decided.late, event.late) == (late, late)
    assert not complaint().late


def test_an_open_complaint_holds_everything_back_and_is_named() -> None:
    sooner = complaint(number="K-2026-000002", decide_by=sample.T0 + DAY)
    with pytest.raises(ComplaintOpen) as refused:
        must_be_uncontested((complaint(), sooner, upheld(ComplaintStage.RESULTS, Remedy.ADMIT_BID)))
    assert refused.value.facts == {"complaint": "K-2026-000001", "decide_by": sample.T0 + 3 * DAY}
    must_be_uncontested((complaint().reject(decision="No", by=CLOCK, at=sample.T0)[0],))


def test_documents_are_amended_before_anything_is_awarded() -> None:
    told = upheld(ComplaintStage.DOCUMENTS, Remedy.AMEND_DOCUMENTS)
    with pytest.raises(DecisionNotFollowed):
        must_be_heeded(published(), (told,))
    must_be_heeded(replace(published(), terms=2), (told,))
    assert unheeded(published(), (upheld(ComplaintStage.RESULTS, Remedy.ANNUL_AWARD), complaint())) is None


def test_an_evaluation_is_made_after_the_decisions_that_it_has_to_follow() -> None:
    told = upheld(ComplaintStage.RESULTS, Remedy.ANNUL_AWARD)
    with pytest.raises(DecisionNotFollowed):
        must_be_evaluated_since((told,), evaluated_at=sample.T0 + DAY)
    must_be_evaluated_since((told,), evaluated_at=sample.T0 + DAY + MICROSECOND)


def test_an_exclusion_holds_for_the_lots_of_the_complaint() -> None:
    everywhere = upheld(ComplaintStage.RESULTS, Remedy.EXCLUDE_WINNER, excluded=sample.WINNER)
    here = replace(everywhere, lots=(2,))
    assert everywhere.excludes(sample.WINNER, 1)
    assert not everywhere.excludes(sample.LOSER, 1)
    assert (here.excludes(sample.WINNER, 1), here.excludes(sample.WINNER, 2)) == (False, True)


def test_an_opened_tender_is_cancelled_only_by_order() -> None:
    opened = sample.opened().tender
    why = {"reason": CancellationReason.ORDER_OF_AUTHORITY, "explanation": "Decision"}
    with pytest.raises(StepNotAllowed):
        opened.cancel(**why, by=CLOCK, at=UNTIL)  # type: ignore[arg-type]  # spelt once for both calls
    cancelled, _ = opened.cancel(**why, ordered=True, by=CLOCK, at=UNTIL)  # type: ignore[arg-type]  # as above
    assert cancelled.status is TenderStatus.CANCELLED
