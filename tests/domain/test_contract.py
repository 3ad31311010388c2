"""A contract conserves its pieces: accepted, under way and outstanding are always what was scheduled."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.awards.allocation import Share
from domain.contracts.model import Contract
from domain.contracts.parts import (
    AlreadySigned,
    ContractLine,
    ContractStatus,
    Defect,
    DeliveryMismatch,
    DeliveryStatus,
    Goods,
    PlaceRun,
)
from domain.contracts.schedule import schedule
from domain.events import CLOCK
from domain.garments import GarmentKind, GarmentLine, GridId, Size, SizeRun, Unit, summed
from domain.ids import BidId, ContractId, EnsTru, Kato, OrganizationId, TenderId
from domain.money import Money
from domain.tenders.lot import DeliveryPlace, Lot
from domain.tenders.model import StepNotAllowed
from domain.tenders.procedure import PinnedProcedure

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DUE = date(2027, 8, 20)
BUYER, SUPPLIER = OrganizationId(UUID(int=1)), OrganizationId(UUID(int=2))
CODE = EnsTru("141413.900.000014")
SMALL, LARGE = Size("122"), Size("128")


def run(small: int, large: int = 0) -> SizeRun:
    return SizeRun.of(GridId.CHILD, {SMALL: small, LARGE: large})


def contract() -> Contract:
    places = tuple(
        PlaceRun(place=number, name=str(number), kato=Kato("631010000"), address="A", due_on=DUE, run=each)
        for number, each in ((1, run(6, 4)), (2, run(0, 5)))
    )
    line = ContractLine(
        lot=1,
        line=1,
        name="Shirt",
        ens_tru=CODE,
        kind=GarmentKind.SCHOOL_SHIRT,
        unit=Unit.PIECE,
        standard_minutes=Decimal(20),
        unit_price=Money.of("100.00"),
        run=run(6, 9),
        places=places,
        local_content=Decimal("62.50"),
        evidence_number="R-1",
    )
    return Contract(
        id=ContractId(UUID(int=3)),
        number="C-1",
        tender_id=TenderId(UUID(int=4)),
        buyer_id=BUYER,
        supplier_id=SUPPLIER,
        procedure=PinnedProcedure(id="private", version="1"),
        lines=(line,),
        concluded_at=NOON,
    )


def in_force() -> Contract:
    signed, _ = contract().sign(party=SUPPLIER, by=CLOCK, at=NOON)
    return signed.sign(party=BUYER, by=CLOCK, at=NOON)[0]


class Delivering(RuleBasedStateMachine):
    """Random deliveries and acceptances, refused ones among them."""

    def __init__(self) -> None:
        super().__init__()
        self.contract = in_force()

    @rule(place=st.integers(1, 2), small=st.integers(0, 7), large=st.integers(0, 7))
    def dispatch(self, place: int, small: int, large: int) -> None:
        goods = (Goods(lot=1, line=1, run=run(small, large)),)
        try:
            self.contract, _ = self.contract.dispatch(
                place=place, goods=goods, waybill="W", remakes=None, by=CLOCK, at=NOON
            )
        except (DeliveryMismatch, StepNotAllowed):
            outstanding = self.contract.outstanding(place, 1, 1)
            possible = goods[0].run.pieces > 0 and goods[0].run.within(outstanding)
            assert not possible or self.contract.status is not ContractStatus.IN_FORCE

    @rule(number=st.integers(1, 6), small=st.integers(0, 3), large=st.integers(0, 3))
    def accept(self, number: int, small: int, large: int) -> None:
        bad = [(size, pieces) for size, pieces in ((SMALL, small), (LARGE, large)) if pieces]
        defects = tuple(Defect(lot=1, line=1, size=size, pieces=pieces, reason="seams") for size, pieces in bad)
        if number > len(self.contract.deliveries):
            return
        try:
            self.contract, _ = self.contract.accept(
                number, defects=defects, remake_due_on=DUE, by=CLOCK, at=NOON + timedelta(hours=1)
            )
        except (DeliveryMismatch, StepNotAllowed):
            return

    @invariant()
    def every_cell_is_accounted_for(self) -> None:
        for place in self.contract.lines[0].places:
            mine = [each for each in self.contract.deliveries if each.place == place.place]
            under_way = [goods.run for each in mine if each.status is DeliveryStatus.DISPATCHED for goods in each.goods]
            accepted = [goods.run for each in mine for goods in each.accepted]
            outstanding = self.contract.outstanding(place.place, 1, 1)
            assert summed(GridId.CHILD, [*under_way, *accepted, outstanding]) == place.run

    @invariant()
    def it_is_delivered_exactly_when_nothing_is_missing(self) -> None:
        missing = sum(self.contract.outstanding(place, 1, 1).pieces for place in (1, 2))
        under_way = any(each.status is DeliveryStatus.DISPATCHED for each in self.contract.deliveries)
        assert (self.contract.status is ContractStatus.DELIVERED) is (missing == 0 and not under_way)


TestDelivering = Delivering.TestCase


def test_a_side_signs_once_and_both_put_it_in_force() -> None:
    signed, _ = contract().sign(party=SUPPLIER, by=CLOCK, at=NOON)
    assert signed.status is ContractStatus.AWAITING_SIGNATURES
    with pytest.raises(AlreadySigned):
        signed.sign(party=SUPPLIER, by=CLOCK, at=NOON)
    assert in_force().status is ContractStatus.IN_FORCE


def test_local_content_follows_the_formula() -> None:
    assert contract().local_content == Decimal("62.50")


def test_a_line_without_evidence_counts_as_foreign() -> None:
    """Methodology 260, point 9: costs x percentages over the contract's sum, a percentage being 0 without proof."""
    whole = contract()
    (line,) = whole.lines
    bare = replace(line, line=2, local_content=Decimal(0), evidence_number=None)
    assert replace(whole, lines=(line, bare)).local_content == Decimal("31.25")


def test_defects_need_a_day_for_the_remake() -> None:
    goods = (Goods(lot=1, line=1, run=run(2)),)
    dispatched, _ = in_force().dispatch(place=1, goods=goods, waybill="W", remakes=None, by=CLOCK, at=NOON)
    defect = Defect(lot=1, line=1, size=SMALL, pieces=1, reason="seams")
    for day in (None, NOON.date()):
        with pytest.raises(DeliveryMismatch):
            dispatched.accept(1, defects=(defect,), remake_due_on=day, by=CLOCK, at=NOON)


@st.composite
def awards(draw: st.DrawFn) -> tuple[Lot, list[Share]]:
    """A lot of two places, and a few winners who share some or all of it."""
    north = run(draw(st.integers(1, 20)), draw(st.integers(0, 20)))
    south = run(draw(st.integers(0, 20)), draw(st.integers(1, 20)))
    line = GarmentLine(
        number=1,
        name="Shirt",
        ens_tru=CODE,
        kind=GarmentKind.SCHOOL_SHIRT,
        unit=Unit.PIECE,
        standard_minutes=Decimal(20),
        planned_price=Money.of("100.00"),
        run=north + south,
    )
    places = tuple(
        DeliveryPlace(number=n, name=str(n), kato=Kato("631010000"), address="A", due_on=DUE, runs={1: each})
        for n, each in ((1, north), (2, south))
    )
    lot = Lot(number=1, title="Lot", lines=(line,), places=places, allocated=line.sum)
    left, shares = line.run, []
    for who in range(1, 4):
        part = left if who == 3 else left.take(draw(st.integers(0, left.pieces)))
        left -= part
        if part.pieces:
            shares.append(
                Share(
                    lot=1,
                    line=1,
                    bid_id=BidId(UUID(int=who)),
                    bidder_id=OrganizationId(UUID(int=100 + who)),
                    unit_price=Money.of("90.00"),
                    run=part,
                )
            )
    return lot, shares


@given(awards())
def test_a_schedule_gives_every_winner_his_share_and_every_place_its_demand(award: tuple[Lot, list[Share]]) -> None:
    lot, shares = award
    scheduled = schedule(lot, shares)
    for share in shares:
        mine = (each.run for each in scheduled if each.supplier_id == share.bidder_id)
        assert summed(GridId.CHILD, mine) == share.run
    for place in lot.places:
        here = (each.run for each in scheduled if each.place == place.number)
        assert summed(GridId.CHILD, here) == place.runs[1]
