"""A prequalification list and the life of an application to it, at the edges of its days."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.errors import MalformedValue
from domain.events import CLOCK
from domain.ids import ApplicationId, PrequalificationId
from domain.prequalification.application import (
    DOCUMENTS_MAX,
    AlreadyApplied,
    Application,
    ApplicationStatus,
    Document,
    QualificationReason,
    QualificationRefused,
)
from domain.prequalification.model import ApplicationsClosed, Prequalification, Requirement
from domain.procedures.rules import Rules
from domain.procedures.vocabulary import Method
from domain.tenders.model import StepNotAllowed
from domain.tenders.sourcing import PrequalificationRefused, check_prequalification
from tests.domain import process_sample as sample
from tests.domain.suppliers import CATEGORY, PRIVATE, rules

FIRST, LAST, DAY = date(2026, 3, 1), date(2026, 3, 31), timedelta(days=1)
LIST = Prequalification(
    id=PrequalificationId(UUID(int=80)),
    number="Q-2026-000001",
    buyer_id=sample.BUYER,
    title="Sewing",
    products=("1412", "152000"),
    requirements=(Requirement(name="Equipment", text="Twenty machines"),),
    valid_from=FIRST,
    valid_until=LAST,
    opened_at=sample.T0,
)
SUBMITTED = Application(
    id=ApplicationId(UUID(int=81)),
    prequalification_id=LIST.id,
    supplier_id=sample.WINNER,
    documents=(Document(name="a", sha256="0" * 64),),
    submitted_at=sample.T0,
)
QUALIFIED = SUBMITTED.qualify(until=LAST, on=FIRST, by=CLOCK, at=sample.T0)[0]
REASON = QualificationReason.REQUIREMENTS_NOT_MET
REFUSED = SUBMITTED.refuse(reason=REASON, explanation="Ten machines", by=CLOCK, at=sample.T0)[0]
REMOVED = QUALIFIED.remove(reason=REASON, explanation="Sold", by=CLOCK, at=sample.T0)[0]
REQUIRED = rules("private", prequalification="required")


@pytest.mark.parametrize(("on", "open"), [(FIRST - DAY, False), (FIRST, True), (LAST, True), (LAST + DAY, False)])
def test_applications_are_taken_on_the_first_and_the_last_day(on: date, *, open: bool) -> None:
    assert LIST.in_force(on=on) is open
    if open:
        LIST.must_take(on=on)
    else:
        with pytest.raises(ApplicationsClosed):
            LIST.must_take(on=on)


@pytest.mark.parametrize(
    ("application", "on", "qualifies"),
    [
        (SUBMITTED, FIRST, False),
        (QUALIFIED, LAST, True),
        (QUALIFIED, LAST + DAY, False),
        (REFUSED, FIRST, False),
        (REMOVED, FIRST, False),
    ],
)
def test_a_supplier_is_qualified_through_the_last_day(application: Application, on: date, *, qualifies: bool) -> None:
    assert application.qualifies(on=on) is qualifies


@pytest.mark.parametrize(
    ("application", "on", "again"),
    [
        (SUBMITTED, FIRST, False),
        (QUALIFIED, LAST, False),
        (QUALIFIED, LAST + DAY, True),
        (REFUSED, FIRST, True),
        (REMOVED, FIRST, True),
    ],
)
def test_one_applies_again_after_a_refusal_a_removal_or_the_end(
    application: Application, on: date, *, again: bool
) -> None:
    if not again:
        with pytest.raises(AlreadyApplied):
            application.resubmit((), on=on, by=CLOCK, at=sample.T0)
        return
    fresh, event = replace(application, version=3).resubmit((), on=on, by=CLOCK, at=sample.T0)
    assert fresh == replace(SUBMITTED, documents=(), version=3)
    assert (event.type, event.supplier_id) == ("prequalification.applied", sample.WINNER)


@pytest.mark.parametrize("application", [QUALIFIED, REFUSED, REMOVED])
def test_a_decision_is_made_once(application: Application) -> None:
    with pytest.raises(StepNotAllowed):
        application.qualify(until=LAST, on=FIRST, by=CLOCK, at=sample.T0)
    with pytest.raises(StepNotAllowed):
        application.refuse(reason=REASON, explanation="No", by=CLOCK, at=sample.T0)


@pytest.mark.parametrize("application", [SUBMITTED, REFUSED, REMOVED])
def test_only_who_is_qualified_is_removed(application: Application) -> None:
    with pytest.raises(StepNotAllowed):
        application.remove(reason=REASON, explanation="No", by=CLOCK, at=sample.T0)


def test_nobody_is_qualified_for_the_past() -> None:
    with pytest.raises(QualificationRefused):
        SUBMITTED.qualify(until=FIRST - DAY, on=FIRST, by=CLOCK, at=sample.T0)
    assert SUBMITTED.qualify(until=FIRST, on=FIRST, by=CLOCK, at=sample.T0)[0].status is ApplicationStatus.QUALIFIED


@pytest.mark.parametrize(
    "changes",
    [{"valid_until": FIRST - DAY}, {"products": ()}, {"products": ("1412", "1412")}, {"requirements": ()}],
)
def test_a_list_that_cannot_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(MalformedValue):
        replace(LIST, **changes)  # type: ignore[arg-type]  # fields by name
    with pytest.raises(MalformedValue):
        replace(SUBMITTED, documents=SUBMITTED.documents * (DOCUMENTS_MAX + 1))


@pytest.mark.parametrize(
    ("by", "found", "published_on", "refused"),
    [
        (CATEGORY, LIST, None, False),
        (CATEGORY, LIST, FIRST, False),
        (CATEGORY, LIST, LAST, False),
        (CATEGORY, LIST, LAST + DAY, True),
        (CATEGORY, LIST, FIRST - DAY, True),
        (CATEGORY, None, FIRST, False),
        (CATEGORY, replace(LIST, products=("152000",)), None, True),
        (REQUIRED, None, None, False),
        (REQUIRED, None, FIRST, True),
        (REQUIRED, LIST, FIRST, False),
        (rules("private", prequalification="none"), LIST, None, True),
        (rules("private", prequalification="none"), None, FIRST, False),
        (rules("samruk-category", Method.SINGLE_SOURCE), LIST, None, True),
        (rules("private", Method.SINGLE_SOURCE, prequalification="required"), None, FIRST, False),
        (PRIVATE, LIST, FIRST, False),
    ],
)
def test_a_tender_names_a_list_as_its_package_says(
    by: Rules, found: Prequalification | None, published_on: date | None, *, refused: bool
) -> None:
    tender = replace(sample.tender(), procedure=by.procedure)
    if refused:
        with pytest.raises(PrequalificationRefused) as told:
            check_prequalification(tender, found, published_on=published_on)
        assert told.value.flaws[0].pointer == "/prequalification_id"
    else:
        check_prequalification(tender, found, published_on=published_on)
