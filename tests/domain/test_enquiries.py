"""Enquiries: until when they are taken and answered, and that nothing tells who asks."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.enquiries.model import Enquiry, EnquiryAnswered, EnquiryAsked, check_lots
from domain.enquiries.refusals import EnquiriesClosed, EnquiryRefused
from domain.enquiries.rules import due_before, must_take_answers, must_take_questions
from domain.events import By
from domain.ids import EnquiryId, PersonId
from domain.procedures.rules import Rules
from domain.tenders.model import StepNotAllowed, Tender
from tests.domain import process_sample as sample
from tests.domain.suppliers import CATEGORY, rules

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
T0 = sample.T0
CLOSES_AT = T0 + 24 * HOUR
EARLY = rules("samruk-category", questions_close_before="PT6H", answer_period="PT3H")
ASKER = By(person_id=PersonId(UUID(int=71)), organization_id=sample.LOSER)
BUYER = By(person_id=PersonId(UUID(int=70)), organization_id=sample.BUYER)


def published(by: Rules = EARLY) -> Tender:
    return replace(sample.published().tender, procedure=by.procedure)


def enquiry() -> Enquiry:
    return Enquiry(
        id=EnquiryId(UUID(int=61)),
        tender_id=sample.tender().id,
        number=1,
        asker_id=sample.LOSER,
        lots=(1,),
        question="Which fabric?",
        asked_at=T0,
        answer_by=T0 + 3 * HOUR,
    )


@pytest.mark.parametrize(("by", "end"), [(EARLY, CLOSES_AT - 6 * HOUR), (CATEGORY, CLOSES_AT)])
def test_questions_are_taken_until_the_last_microsecond_of_their_time(by: Rules, end: datetime) -> None:
    must_take_questions(published(by), at=end - MICROSECOND)
    with pytest.raises(EnquiriesClosed) as refused:
        must_take_questions(published(by), at=end)
    assert refused.value.facts == {"until": end, "received_at": end}


def test_questions_are_taken_while_the_documents_are_discussed() -> None:
    must_take_questions(replace(published(), opens_at=T0 + 12 * HOUR), at=T0)


def test_answers_are_given_until_the_deadline_and_not_at_it() -> None:
    must_take_answers(published(), at=CLOSES_AT - MICROSECOND)
    with pytest.raises(EnquiriesClosed):
        must_take_answers(published(), at=CLOSES_AT)


@pytest.mark.parametrize("tender", [sample.tender(), sample.opened().tender, sample.cancelled().tender])
def test_there_are_no_questions_and_answers_outside_bidding(tender: Tender) -> None:
    for must_take in (must_take_questions, must_take_answers):
        with pytest.raises(EnquiriesClosed):
            must_take(tender, at=T0)


def test_an_answer_is_due_by_the_package_and_never_after_the_deadline() -> None:
    assert due_before(published(EARLY), asked_at=T0) == T0 + 3 * HOUR
    assert due_before(published(CATEGORY), asked_at=T0) == CLOSES_AT


@pytest.mark.parametrize(("at", "late"), [(T0 + 3 * HOUR - MICROSECOND, False), (T0 + 3 * HOUR, True)])
def test_a_late_answer_stands_and_is_marked(at: datetime, *, late: bool) -> None:
    answered, event = enquiry().answered(answer="Cotton", by=BUYER, at=at)
    assert (answered.answer, answered.answered_at, answered.late) == ("Cotton", at, late)
    assert (event.late, event.sealed, event.by) == (late, False, BUYER)


def test_an_answer_is_given_once() -> None:
    answered, _ = enquiry().answered(answer="Cotton", by=BUYER, at=T0)
    with pytest.raises(StepNotAllowed):
        answered.answered(answer="Wool", by=BUYER, at=T0)


def test_no_event_that_anybody_reads_names_the_asker() -> None:
    assert enquiry().asked(by=ASKER).sealed
    told = {field.name for kind in (EnquiryAsked, EnquiryAnswered) for field in fields(kind)}
    assert told == {"subject_id", "by", "at", "tender_id", "number", "late"}


@pytest.mark.parametrize("lots", [(3,), (1, 1)])
def test_lots_that_are_not_there_or_stand_twice_are_refused(lots: tuple[int, ...]) -> None:
    check_lots(published(), (2, 1))
    check_lots(published(), ())
    with pytest.raises(EnquiryRefused):
        check_lots(published(), lots)
