"""Lots that come to nothing, and what lawfully follows: tables of failures and packages."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.awards.allocation import Allocation
from domain.awards.model import Admission, Evaluation, LotResult, failures, lot_results, unawardable
from domain.awards.problem import Problem
from domain.contracts.ending import lapse, leave_lines
from domain.contracts.model import Contract
from domain.contracts.parts import ContractStatus
from domain.contracts.unsigned import LeftoverState
from domain.events import CLOCK
from domain.ids import BidId, OrganizationId
from domain.procedures.failing import whole_failure
from domain.procedures.rules import Rules
from domain.procedures.vocabulary import Failure, Method
from domain.tenders.follow_up import (
    AttemptsSpent,
    FollowUp,
    FollowUpUnclear,
    NoFollowUp,
    TenderNotFailed,
    bidders,
    failed_lots,
    follow_up,
    repeated,
)
from domain.tenders.model import Tender, TenderStatus
from domain.tenders.sourcing import InvitationRefused
from tests.domain import process_sample as sample
from tests.domain.suppliers import CATEGORY, PRIVATE, rules

STATE, OPENED_TO_ALL = rules("state-tender-2025"), rules("state-tender-2025", Method.OPEN_TENDER)
SINGLE, QUOTATION = rules("state-tender-2025", Method.SINGLE_SOURCE), rules("state-quotation-2025")
AT = sample.T0 + timedelta(hours=70)
NOBODY: frozenset[OrganizationId] = frozenset()
ONE = frozenset({sample.WINNER})
SEVERAL = frozenset({sample.WINNER, sample.LOSER})


def failed_tender(by: Rules, **changes: object) -> Tender:
    """Two lots."""
    made = replace(sample.opened().tender, procedure=by.procedure, status=TenderStatus.FAILED)
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names fields of the tender


def admissions(admitted: tuple[bool, ...], *, lot: int = 1) -> tuple[Admission, ...]:
    bid = sample.bid(20, sample.WINNER, "1.00")
    made = (sample.admission(replace(bid, id=BidId(UUID(int=each))), admitted=yes) for each, yes in enumerate(admitted))
    return tuple(replace(each, lot=lot) for each in made)


@pytest.mark.parametrize(
    ("by", "admitted", "expected"),
    [
        (STATE, (), Failure.NO_BIDS),
        (STATE, (True,), None),
        (STATE, (False,), Failure.NONE_ADMITTED),
        (STATE, (True, False), Failure.SINGLE_ADMITTED),
        (STATE, (True, True, False), None),
        (QUOTATION, (), Failure.NO_BIDS),
        (QUOTATION, (True,), Failure.TOO_FEW_BIDS),
        (QUOTATION, (False,), Failure.TOO_FEW_BIDS),
        (QUOTATION, (True, True), None),
        (QUOTATION, (True, False), Failure.SINGLE_ADMITTED),
        (CATEGORY, (True, False), None),
        (CATEGORY, (False, False), Failure.NONE_ADMITTED),
        (PRIVATE, (True,), None),
    ],
)
def test_every_lot_is_judged_by_the_package_that_the_tender_pinned(
    by: Rules, admitted: tuple[bool, ...], expected: Failure | None
) -> None:
    tender = replace(sample.opened().tender, procedure=by.procedure, lots=(sample.lot(1),))
    assert unawardable(tender, admissions(admitted)).get(1) is expected


def test_a_lot_that_fails_is_not_awarded_though_a_bid_was_admitted_that_fills_it() -> None:
    tender = replace(sample.opened().tender, procedure=QUOTATION.procedure)
    full = Allocation(shares=(), unfilled=(), minutes_used={}, trace=())
    admitted = (*admissions((True,)), *admissions((True, True), lot=2))
    failed = unawardable(tender, admitted)
    results = lot_results(tender, admitted, full, unawardable=failed)
    assert results == {1: LotResult.FAILED, 2: LotResult.AWARDED}
    assert failures(results, failed) == {1: Failure.TOO_FEW_BIDS}
    unfilled = {1: LotResult.NOT_FILLED, 2: LotResult.NO_ADMITTED_BIDS}
    assert failures(unfilled, {2: Failure.NO_BIDS}) == {1: Failure.NOT_FILLED, 2: Failure.NO_BIDS}


@pytest.mark.parametrize(
    ("lots", "expected"),
    [
        ((Failure.NO_BIDS, Failure.NO_BIDS), Failure.NO_BIDS),
        ((Failure.NO_BIDS, Failure.NONE_ADMITTED, Failure.TOO_FEW_BIDS), Failure.NONE_ADMITTED),
        ((Failure.SINGLE_ADMITTED, Failure.NONE_ADMITTED), Failure.SINGLE_ADMITTED),
        ((Failure.NOT_FILLED, Failure.NO_BIDS), Failure.NOT_FILLED),
    ],
)
def test_a_tender_fails_for_the_reason_of_the_lot_that_came_furthest(
    lots: tuple[Failure, ...], expected: Failure
) -> None:
    assert whole_failure(lots) is whole_failure(lots[::-1]) is expected


@pytest.mark.parametrize(
    ("by", "failure", "method"),
    [
        (STATE, Failure.NO_BIDS, Method.OPEN_TENDER),
        (STATE, Failure.NONE_ADMITTED, Method.PRODUCERS_TENDER),
        (STATE, Failure.SINGLE_ADMITTED, Method.PRODUCERS_TENDER),
        (STATE, Failure.NOT_FILLED, Method.PRODUCERS_TENDER),
        (STATE, Failure.TOO_FEW_BIDS, None),
        (OPENED_TO_ALL, Failure.NO_BIDS, Method.SINGLE_SOURCE),
        (OPENED_TO_ALL, Failure.NONE_ADMITTED, Method.OPEN_TENDER),
        (SINGLE, Failure.NO_BIDS, None),
        (QUOTATION, Failure.NO_BIDS, Method.QUOTATION),
        (QUOTATION, Failure.TOO_FEW_BIDS, Method.SINGLE_SOURCE),
        (QUOTATION, Failure.NONE_ADMITTED, None),
        (CATEGORY, Failure.NO_BIDS, Method.OPEN_TENDER),
        (CATEGORY, Failure.NOT_FILLED, None),
        (PRIVATE, Failure.NOT_FILLED, Method.OPEN_TENDER),
    ],
)
def test_a_failure_is_followed_by_the_method_that_the_package_names(
    by: Rules, failure: Failure, method: Method | None
) -> None:
    tender, failed, who = failed_tender(by), {1: failure, 2: failure}, {1: ONE, 2: ONE}
    if method is None:
        with pytest.raises(NoFollowUp):
            follow_up(tender, failed, who)
        return
    found = follow_up(tender, failed, who)
    assert (found.method, found.lots) == (method, tender.lots)


def test_only_lots_with_a_follow_up_are_carried_over() -> None:
    tender = failed_tender(QUOTATION)
    found = follow_up(tender, {1: Failure.NONE_ADMITTED, 2: Failure.NO_BIDS}, {1: SEVERAL, 2: NOBODY})
    assert found == FollowUp(method=Method.QUOTATION, lots=tender.lots[1:])


def test_attempts_are_counted_by_the_package() -> None:
    for attempt, most in ((2, 2), (3, 2)):
        with pytest.raises(AttemptsSpent) as refused:
            follow_up(failed_tender(CATEGORY, attempt=attempt), {1: Failure.NO_BIDS}, {1: NOBODY})
        assert refused.value.facts == {"attempts_max": most}
    assert follow_up(failed_tender(STATE, attempt=2), {1: Failure.NO_BIDS}, {1: NOBODY}).lots


def test_where_reasons_lead_to_different_methods_the_buyer_chooses_one() -> None:
    tender, who = failed_tender(STATE), {1: NOBODY, 2: SEVERAL}
    failed = {1: Failure.NO_BIDS, 2: Failure.NONE_ADMITTED}
    for method in (None, Method.SINGLE_SOURCE):
        with pytest.raises(FollowUpUnclear) as refused:
            follow_up(tender, failed, who, method=method)
        assert refused.value.passes == "open_tender, producers_tender"
    assert follow_up(tender, failed, who, method=Method.OPEN_TENDER).lots == tender.lots[:1]
    assert follow_up(tender, failed, who, method=Method.PRODUCERS_TENDER).lots == tender.lots[1:]


@pytest.mark.parametrize(
    ("who", "invited", "source", "lots"),
    [
        ({1: ONE, 2: ONE}, None, sample.WINNER, (1, 2)),
        ({1: ONE, 2: frozenset({sample.LOSER})}, None, None, ()),
        ({1: ONE, 2: frozenset({sample.LOSER})}, sample.LOSER, sample.LOSER, (2,)),
        ({1: ONE, 2: ONE}, sample.LOSER, None, ()),
    ],
)
def test_one_quotation_leads_to_its_supplier_and_to_the_lots_he_offered(
    who: dict[int, frozenset[OrganizationId]],
    invited: OrganizationId | None,
    source: OrganizationId | None,
    lots: tuple[int, ...],
) -> None:
    tender, failed = failed_tender(QUOTATION), {1: Failure.TOO_FEW_BIDS, 2: Failure.TOO_FEW_BIDS}
    if source is None:
        with pytest.raises(InvitationRefused):
            follow_up(tender, failed, who, invited=invited)
        return
    found = follow_up(tender, failed, who, invited=invited)
    assert (found.ground, found.invited) == ("failed_quotation", source)
    assert tuple(lot.number for lot in found.lots) == lots


def test_after_a_repeat_that_nobody_bid_on_the_buyer_names_the_source() -> None:
    tender, failed, who = failed_tender(OPENED_TO_ALL), {1: Failure.NO_BIDS}, {1: NOBODY}
    with pytest.raises(InvitationRefused):
        follow_up(tender, failed, who)
    found = follow_up(tender, failed, who, invited=sample.LOSER)
    assert (found.ground, found.invited) == ("failed_tender", sample.LOSER)
    with pytest.raises(InvitationRefused):
        follow_up(failed_tender(STATE), failed, who, invited=sample.LOSER)


def evaluation(**reasons: Failure) -> Evaluation:
    found = sample.awarded().evaluation
    assert found is not None
    problem = Problem(demands=(), offers=())
    return replace(found, problem=problem, failures={int(lot[1:]): reason for lot, reason in reasons.items()})


def awarded(**changes: object) -> Tender:
    made = failed_tender(CATEGORY, status=TenderStatus.AWARDED, complaints_until=AT - timedelta(hours=1))
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names fields of the tender


def given_up(state: LeftoverState = LeftoverState.GIVEN_UP) -> Contract:
    """The winner of lot 1 did not sign, and nobody was left."""
    unsigned = replace(sample.contract(), sign_by=AT - timedelta(hours=2))
    lapsed, _ = lapse(unsigned, by=CLOCK, at=AT - timedelta(hours=1))
    left, _ = leave_lines(lapsed, state=state, failed_lots=(1,), by=CLOCK, at=AT)
    return left


def test_lots_that_failed_are_told_by_the_opening_the_evaluation_and_what_was_given_up() -> None:
    failed = {1: Failure.NO_BIDS, 2: Failure.NO_BIDS}
    assert failed_lots(failed_tender(CATEGORY), None, (), at=AT) == failed
    second = evaluation(l2=Failure.NONE_ADMITTED)
    assert failed_lots(awarded(), second, (sample.signed_contract(),), at=AT) == {2: Failure.NONE_ADMITTED}
    for state in (LeftoverState.GIVEN_UP, LeftoverState.AWARDED):
        found = failed_lots(awarded(), second, (given_up(state),), at=AT)
        assert found == {1: Failure.NOT_FILLED, 2: Failure.NONE_ADMITTED}


def test_a_lot_of_which_some_contract_stands_is_not_bought_twice() -> None:
    contracts = (given_up(), sample.signed_contract())
    found = failed_lots(awarded(), evaluation(l2=Failure.NO_BIDS), contracts, at=AT)
    assert found == {2: Failure.NO_BIDS}
    with pytest.raises(TenderNotFailed):
        failed_lots(awarded(), evaluation(), contracts, at=AT)


@pytest.mark.parametrize("status", sorted(set(TenderStatus) - {"failed", "awarded", "completed"}))
def test_a_tender_that_has_not_failed_is_not_followed(status: TenderStatus) -> None:
    with pytest.raises(TenderNotFailed):
        failed_lots(failed_tender(CATEGORY, status=status), evaluation(l1=Failure.NO_BIDS), (), at=AT)


def test_an_award_is_settled_before_its_failed_lots_are_followed() -> None:
    """Otherwise a complaint could set it aside, and the lot be awarded here and there."""
    second = evaluation(l2=Failure.NO_BIDS)
    unsettled = (
        (awarded(complaints_until=AT + timedelta(microseconds=1)), (sample.signed_contract(),)),
        (awarded(), (sample.contract(),)),
        (awarded(), (given_up(LeftoverState.WAITING),)),
    )
    for tender, contracts in unsettled:
        with pytest.raises(TenderNotFailed):
            failed_lots(tender, second, contracts, at=AT)
    assert failed_lots(awarded(complaints_until=AT), second, (sample.signed_contract(),), at=AT)
    completed = replace(sample.signed_contract(), status=ContractStatus.COMPLETED)
    assert failed_lots(awarded(status=TenderStatus.COMPLETED), second, (completed,), at=AT)


def test_bidders_are_those_whose_bids_were_opened() -> None:
    bids = (sample.bid(20, sample.WINNER, "1.00"), sample.bid(21, sample.LOSER, "2.00"))
    tender = sample.opened().tender
    assert bidders(tender, bids) == {1: SEVERAL, 2: NOBODY}


def test_a_repeated_lot_differs_by_its_number_and_its_delivery_days() -> None:
    before = sample.lot(2)
    (after,) = repeated((before,), postponed_days=30)
    assert after.number == 1
    assert [place.due_on for place in after.places] == [place.due_on + timedelta(30) for place in before.places]
    assert replace(after, number=2, places=before.places) == before
    assert repeated((before,)) == (replace(before, number=1),)
