"""A framework conserves its pieces: what was called off and what was not are always what was awarded."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.contracts.framework import (
    CallOffRefused,
    as_awarded,
    call_off,
    called,
    complete,
    earliest_due_on,
    is_used_up,
    settle,
    uncalled,
)
from domain.contracts.model import Contract
from domain.contracts.parts import AlreadySigned, CalledGoods, ContractKind, ContractStatus, Goods
from domain.contracts.sharing import seen_by
from domain.events import CLOCK
from domain.garments import GridId, summed
from domain.ids import ContractId, OrganizationId
from domain.tenders.model import StepNotAllowed
from domain.tenders.procedure import PinnedProcedure
from tests.domain.test_contract import BUYER, DUE, LARGE, NOON, SMALL, SUPPLIER, contract, run

PINNED = PinnedProcedure(
    id="samruk-category",
    version="1",
    method="framework",
    parameters={"delivery_period_min": "P15D", "delivery_period_min_producers": "P60D"},
)
EARLIEST = NOON.date() + timedelta(days=60)


def awarded() -> Contract:
    return as_awarded(replace(contract(), procedure=PINNED))


def framework() -> Contract:
    signed, _ = awarded().sign(party=SUPPLIER, by=CLOCK, at=NOON)
    return signed.sign(party=BUYER, by=CLOCK, at=NOON)[0]


def goods(place: int, small: int, large: int = 0) -> CalledGoods:
    return CalledGoods(lot=1, line=1, place=place, run=run(small, large))


def call(of: Contract, *parts: CalledGoods, due_on: date = EARLIEST, at: datetime = NOON) -> tuple[Contract, Contract]:
    number = len(of.calls) + 1
    id = ContractId(UUID(int=100 + number))
    after, _, order = call_off(of, id=id, number=f"C-{number}", goods=parts, due_on=due_on, by=CLOCK, at=at)
    return after, order


class CallingOff(RuleBasedStateMachine):
    """Random call-offs, refused ones among them, and settlements of either side."""

    def __init__(self) -> None:
        super().__init__()
        self.framework = framework()
        self.orders: list[Contract] = []

    @rule(place=st.integers(1, 2), small=st.integers(0, 7), large=st.integers(0, 7))
    def calls(self, place: int, small: int, large: int) -> None:
        left = {each.place: each.run for each in uncalled(self.framework)}
        part = goods(place, small, large)
        possible = part.run.pieces > 0 and place in left and part.run.within(left[place])
        try:
            self.framework, order = call(self.framework, part)
        except (CallOffRefused, StepNotAllowed):
            assert not possible or self.framework.status is ContractStatus.COMPLETED
        else:
            assert possible
            self.orders.append(order)
            assert self.framework.settlement == ()

    @rule(side=st.sampled_from([BUYER, SUPPLIER]))
    def settles(self, side: OrganizationId) -> None:
        before = self.framework.settlement
        try:
            self.framework, event = settle(self.framework, party=side, by=CLOCK, at=NOON)
        except AlreadySigned:
            assert side in {each.organization_id for each in before}
        except StepNotAllowed:
            assert self.framework.status is ContractStatus.COMPLETED
        else:
            assert event.completed is (len(before) == 1)
            rest = sum(sum(sizes.values()) for sizes in event.uncalled.values())
            assert rest == sum(each.run.pieces for each in uncalled(self.framework))

    @invariant()
    def every_cell_is_called_or_uncalled(self) -> None:
        (line,) = self.framework.lines
        left = {each.place: each.run for each in uncalled(self.framework)}
        for place in line.places:
            assert called(self.framework, line, place.place) + left.get(place.place, run(0)) == place.run
            ordered = (
                each.run
                for order in self.orders
                for order_line in order.lines
                for each in order_line.places
                if each.place == place.place
            )
            assert summed(GridId.CHILD, ordered) == called(self.framework, line, place.place)

    @invariant()
    def nobody_has_cut_the_volume(self) -> None:
        assert self.framework.lines == awarded().lines

    @invariant()
    def each_call_off_is_a_contract_in_force_at_the_frameworks_price(self) -> None:
        for order in self.orders:
            assert (order.kind, order.status) == (ContractKind.CALL_OFF, ContractStatus.IN_FORCE)
            assert order.framework_id == self.framework.id
            assert {line.unit_price for line in order.lines} == {self.framework.lines[0].unit_price}
            assert all(line.run == summed(GridId.CHILD, (each.run for each in line.places)) for line in order.lines)


TestCallingOff = CallingOff.TestCase


def test_the_method_makes_a_framework_and_its_last_place_the_term() -> None:
    assert (awarded().kind, awarded().term_until) == (ContractKind.FRAMEWORK, DUE)
    order = as_awarded(contract())
    assert (order.kind, order.term_until) == (ContractKind.ORDER, None)


def test_the_package_leaves_time_to_sew_and_the_term_ends_it() -> None:
    assert earliest_due_on(framework(), at=NOON) == EARLIEST
    others = replace(framework(), lines=tuple(replace(line, evidence_number=None) for line in framework().lines))
    assert earliest_due_on(others, at=NOON) == NOON.date() + timedelta(days=15)
    for day in (EARLIEST - timedelta(days=1), DUE + timedelta(days=1)):
        with pytest.raises(CallOffRefused) as refused:
            call(framework(), goods(1, 1), due_on=day)
        assert refused.value.flaws[0].pointer == "/due_on"
    _, order = call(framework(), goods(1, 1), due_on=DUE)
    assert [place.due_on for line in order.lines for place in line.places] == [DUE]
    with pytest.raises(CallOffRefused):
        call(framework(), goods(1, 1), due_on=DUE, at=datetime(2027, 8, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        ((), "/goods"),
        ((goods(1, 1), goods(1, 1)), "/goods"),
        ((goods(3, 1),), "/goods/0"),
        ((CalledGoods(lot=2, line=1, place=1, run=run(1)),), "/goods/0"),
        ((goods(1, 1), goods(2, 1)), "/goods/1/sizes"),
        ((goods(1, 0),), "/goods/0/sizes"),
    ],
)
def test_a_call_off_that_does_not_fit_is_refused_by_field(parts: tuple[CalledGoods, ...], pointer: str) -> None:
    with pytest.raises(CallOffRefused) as refused:
        call(framework(), *parts)
    assert refused.value.flaws[0].pointer == pointer


def test_only_a_framework_in_force_is_called_off_and_it_is_not_delivered() -> None:
    for wrong in (awarded(), replace(framework(), kind=ContractKind.ORDER)):
        with pytest.raises(StepNotAllowed):
            call(wrong, goods(1, 1))
        with pytest.raises(StepNotAllowed):
            settle(wrong, party=BUYER, by=CLOCK, at=NOON)
    delivery = (Goods(lot=1, line=1, run=run(1)),)
    with pytest.raises(StepNotAllowed):
        framework().dispatch(place=1, goods=delivery, waybill="W", remakes=None, by=CLOCK, at=NOON)
    _, order = call(framework(), goods(1, 1))
    dispatched, _ = order.dispatch(place=1, goods=delivery, waybill="W", remakes=None, by=CLOCK, at=NOON)
    assert dispatched.accept(1, defects=(), remake_due_on=None, by=CLOCK, at=NOON)[0].status is ContractStatus.DELIVERED


def test_it_ends_by_itself_only_when_nothing_is_left() -> None:
    part, _ = call(framework(), goods(1, 6, 4))
    assert not is_used_up(part)
    with pytest.raises(StepNotAllowed):
        complete(part, at=NOON)
    whole, _ = call(part, goods(2, 0, 5))
    assert is_used_up(whole)
    assert complete(whole, at=NOON)[0].status is ContractStatus.COMPLETED


def test_a_settlement_names_the_rest_that_both_sides_saw() -> None:
    first, event = settle(framework(), party=BUYER, by=CLOCK, at=NOON)
    assert (event.completed, event.uncalled) == (False, {"1.1": {SMALL: 6, LARGE: 9}})
    again, _ = call(first, goods(1, 6))
    assert again.settlement == (), "the buyer has signed for another rest"
    second, _ = settle(again, party=SUPPLIER, by=CLOCK, at=NOON)
    assert second.status is ContractStatus.IN_FORCE
    ended, event = settle(second, party=BUYER, by=CLOCK, at=NOON)
    assert (ended.status, event.uncalled) == (ContractStatus.COMPLETED, {"1.1": {LARGE: 9}})


def test_a_buyer_who_only_receives_sees_his_own_part_of_the_framework() -> None:
    member = OrganizationId(UUID(int=77))
    (line,) = framework().lines
    places = (line.places[0], replace(line.places[1], buyer_id=member))
    shared = replace(framework(), lines=(replace(line, places=places),))
    after, order = call(shared, goods(1, 2), goods(2, 0, 3))
    seen = seen_by(after, member)
    assert [each.run.pieces for each in uncalled(seen)] == [2]
    assert [[part.place for part in each.goods] for each in seen.calls] == [[2]]
    assert [place.place for place in seen_by(order, member).lines[0].places] == [2]
