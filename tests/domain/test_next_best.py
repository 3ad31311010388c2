"""The next best: what a winner leaves goes to the others cell by cell, and nobody gets more than he offered."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.awards.allocation import Allocation, Share
from domain.awards.barring import Barred
from domain.awards.checker import violations
from domain.awards.greedy import allocate
from domain.awards.leftovers import demands, remaining, schedules, won_by
from domain.awards.model import BiddersNotChecked, LotResult, RejectionReason, admit
from domain.awards.next_best import Weighed
from domain.awards.problem import Demand, Offer, Problem
from domain.complaints.model import ComplaintStage, Remedy
from domain.contracts.model import Contract
from domain.contracts.parts import ContractLine, ContractStatus, PlaceRun
from domain.contracts.schedule import schedule
from domain.garments import GarmentKind, GarmentLine, GridId, Size, SizeRun, Unit, summed
from domain.ids import BidId, ContractId, Kato, OrganizationId
from domain.money import Money
from domain.organizations.facts import Stage
from domain.procedures.vocabulary import Failure
from domain.registries.records import LISTS
from domain.registries.standing import ListState
from domain.tenders.lot import DeliveryPlace, Lot
from tests.domain import process_sample as sample
from tests.domain.suppliers import FACTS, stored
from tests.domain.test_complaints import upheld
from tests.domain.test_contract import CODE, DUE, NOON, contract, run

SMALL, LARGE = Size("122"), Size("128")
LINES, PLACES = (1, 2), (1, 2)


def bidder(who: int) -> OrganizationId:
    return OrganizationId(UUID(int=100 + who))


@st.composite
def lots(draw: st.DrawFn) -> Lot:
    """Two lines over two places."""
    runs = {
        (place, line): run(draw(st.integers(0, 12)), draw(st.integers(1, 12))) for place in PLACES for line in LINES
    }
    lines = tuple(
        GarmentLine(
            number=line,
            name="Shirt",
            ens_tru=CODE,
            kind=GarmentKind.SCHOOL_SHIRT,
            unit=Unit.PIECE,
            standard_minutes=Decimal(10),
            planned_price=Money.of("100.00"),
            run=runs[1, line] + runs[2, line],
        )
        for line in LINES
    )
    places = tuple(
        DeliveryPlace(
            number=place,
            name=str(place),
            kato=Kato("631010000"),
            address="A",
            due_on=DUE,
            runs={line: runs[place, line] for line in LINES},
        )
        for place in PLACES
    )
    allocated = lines[0].sum + lines[1].sum
    return Lot(number=1, title="Lot", lines=lines, places=places, allocated=allocated, partial_award=True)


@st.composite
def offers(draw: st.DrawFn, lot: Lot) -> tuple[Offer, ...]:
    made = []
    for who in range(1, draw(st.integers(2, 5)) + 1):
        for line in lot.lines:
            sizes = draw(st.sampled_from([(SMALL, LARGE), (LARGE,)]))
            part = line.run.only(sizes)
            most = draw(st.integers(1, part.pieces))
            made.append(
                Offer(
                    bid_id=BidId(UUID(int=who)),
                    bidder_id=bidder(who),
                    lot=1,
                    line=line.number,
                    unit_price=Money.of(f"{draw(st.integers(1, 5))}.00"),
                    run=part,
                    pieces_min=draw(st.integers(1, min(most, 6))),
                    pieces_max=most,
                    received_at=NOON + timedelta(seconds=who),
                )
            )
    return tuple(made)


def contracts_of(lot: Lot, allocation: Allocation) -> list[Contract]:
    scheduled = schedule(lot, allocation.shares)
    return [
        replace(
            contract(),
            id=ContractId(UUID(int=1000 + index)),
            supplier_id=supplier,
            lines=tuple(
                line_of(share, [(each.place, each.run) for each in scheduled if is_of(each, share)])
                for share in allocation.shares
                if share.bidder_id == supplier
            ),
        )
        for index, supplier in enumerate(dict.fromkeys(share.bidder_id for share in allocation.shares))
    ]


def is_of(each: object, share: Share) -> bool:
    return (each.supplier_id, each.line) == (share.bidder_id, share.line)  # type: ignore[attr-defined]  # a PlaceShare


def line_of(share: Share, places: list[tuple[int, SizeRun]]) -> ContractLine:
    return ContractLine(
        lot=share.lot,
        line=share.line,
        name="Shirt",
        ens_tru=CODE,
        kind=GarmentKind.SCHOOL_SHIRT,
        unit=Unit.PIECE,
        standard_minutes=Decimal(10),
        unit_price=share.unit_price,
        run=share.run,
        places=tuple(
            PlaceRun(place=place, name=str(place), kato=Kato("631010000"), address="A", due_on=DUE, run=each)
            for place, each in places
        ),
        local_content=Decimal(0),
        evidence_number=None,
    )


Evasion = tuple[Lot, tuple[Offer, ...], list[Contract], Contract]


@st.composite
def evasions(draw: st.DrawFn) -> Evasion:
    """All offers, the contracts of the award of a lot in parts, and one of them that has lapsed."""
    lot = draw(lots())
    made = draw(offers(lot))
    wanted = tuple(
        Demand(
            lot=1,
            line=line.number,
            product="141413",
            run=line.run,
            standard_minutes=Decimal(10),
            planned_price=line.planned_price,
            due_on=lot.due_on,
            partial=True,
        )
        for line in lot.lines
    )
    awarded = contracts_of(lot, allocate(Problem(demands=wanted, offers=made)))
    index = draw(st.integers(0, len(awarded) - 1))
    awarded[index] = replace(awarded[index], status=ContractStatus.LAPSED)
    return lot, made, awarded, awarded[index]


def next_best(
    lot: Lot, made: tuple[Offer, ...], awarded: list[Contract], lapsed: Contract
) -> tuple[Problem, Allocation]:
    none = SizeRun(GridId.CHILD)
    left = [
        remaining(offer, won_by(offer.bidder_id, offer.lot, offer.line, awarded, none))
        for offer in made
        if offer.bidder_id != lapsed.supplier_id
    ]
    problem = Problem(demands=demands(lapsed, (lot,)), offers=tuple(offer for offer in left if offer is not None))
    return problem, allocate(problem)


@given(evasions())
def test_every_cell_of_every_place_is_given_to_others_or_left_and_none_is_invented(
    case: Evasion,
) -> None:
    lot, made, awarded, lapsed = case
    problem, allocation = next_best(lot, made, awarded, lapsed)
    assert violations(problem, allocation) == ()
    given_there = Counter[tuple[int, int, Size]]()
    for each in (part for parts in schedules(lapsed, allocation.shares).values() for part in parts):
        given_there.update({(each.line, each.place, size): pieces for size, pieces in each.run.cells})
    for line in lapsed.lines:
        missing = summed(GridId.CHILD, (each.run for each in allocation.unfilled if each.line == line.line))
        shares = summed(GridId.CHILD, (each.run for each in allocation.shares if each.line == line.line))
        assert shares + missing == line.run
        for place in line.places:
            for size, pieces in place.run.cells:
                there = given_there.pop((line.line, place.place, size), 0)
                assert there <= pieces
                assert there == pieces or missing[size] > 0
    assert not given_there, "nothing goes where nothing was owed"


@given(evasions())
def test_over_both_awards_nobody_gets_more_than_he_offered(
    case: Evasion,
) -> None:
    lot, made, awarded, lapsed = case
    _, allocation = next_best(lot, made, awarded, lapsed)
    assert lapsed.supplier_id not in {share.bidder_id for share in allocation.shares}
    for offer in made:
        before = won_by(offer.bidder_id, 1, offer.line, awarded, SizeRun(GridId.CHILD))
        after = (share.run for share in allocation.shares if (share.bid_id, share.line) == (offer.bid_id, offer.line))
        both = summed(GridId.CHILD, (before, *after))
        assert both.within(offer.run)
        assert both.pieces == 0 or offer.pieces_min <= both.pieces <= offer.pieces_max


def test_an_offer_that_was_awarded_whole_is_spent() -> None:
    lapsed = contract()
    offer = Offer(
        bid_id=BidId(UUID(int=1)),
        bidder_id=bidder(1),
        lot=1,
        line=1,
        unit_price=Money.of("1.00"),
        run=run(6, 9),
        pieces_min=5,
        pieces_max=10,
        received_at=NOON,
    )
    assert remaining(offer, run(1, 9)) is None
    left = remaining(offer, run(0, 3))
    assert left is not None
    assert (left.run, left.pieces_min, left.pieces_max) == (run(6, 6), 2, 7)
    assert demands(lapsed, sample.opened().tender.lots)[0].run == lapsed.lines[0].run


def test_those_who_evaded_or_were_excluded_are_rejected_with_a_coded_reason() -> None:
    excluded = upheld(ComplaintStage.RESULTS, Remedy.EXCLUDE_WINNER, excluded=sample.WINNER)
    evaded = replace(sample.contract(), supplier_id=sample.LOSER, status=ContractStatus.LAPSED)
    barred = Barred.of((excluded,), (evaded, sample.contract()))
    tender, (first, second) = sample.opened().tender, sample.opened().bids
    verdict = stored(FACTS)
    for bid, reason in (
        (first, RejectionReason.EXCLUDED_BY_DECISION),
        (second, RejectionReason.SIGNING_EVADED),
    ):
        admission = admit(tender, bid, verdict, barred=barred.reason(bid.bidder_id, 1))
        assert (admission.admitted, admission.reason) == (False, reason)
    assert Barred.of((), ()).reason(sample.WINNER, 1) is None


def test_who_could_not_be_checked_is_rejected_for_now_and_nothing_fails_for_it() -> None:
    tender, (first, second) = sample.opened().tender, sample.opened().bids
    never = {register: ListState(as_of=None, entries=()) for register in LISTS}
    unchecked = stored(replace(FACTS, stage=Stage.AWARD, affiliates=(), lists=never))
    failed = stored(replace(FACTS, evidence=()))
    admissions = tuple(admit(tender, bid, verdict) for bid, verdict in ((first, unchecked), (second, failed)))
    assert [each.reason for each in admissions] == [RejectionReason.NOT_CHECKED, RejectionReason.NOT_ELIGIBLE]
    assert "never imported" in (admissions[0].detail or "")
    evaluation = sample.awarded().evaluation
    assert evaluation is not None
    nobody = {"results": {1: LotResult.NO_ADMITTED_BIDS}, "failures": {1: Failure.NONE_ADMITTED}}
    doubtful = replace(evaluation, admissions=admissions, **nobody)  # type: ignore[arg-type]  # two of its fields
    assert (doubtful.final_failure, doubtful.unchecked) == (None, admissions[:1])
    certain = replace(doubtful, admissions=admissions[1:])
    assert certain.final_failure is Failure.NONE_ADMITTED
    with pytest.raises(BiddersNotChecked, match="never imported"):
        Weighed(evaluation=replace(doubtful, results={1: LotResult.NOT_FILLED}), verdicts={}).must_be_checked()
    Weighed(evaluation=replace(doubtful, results={1: LotResult.AWARDED}), verdicts={}).must_be_checked()
