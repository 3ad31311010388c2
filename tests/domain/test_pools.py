"""Pooling conserves every cell: needs of several buyers, lot, allocation, contracts, by buyer and site."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.postgres.codec import converter
from domain.actors import OrganizationKind
from domain.awards.allocation import Share
from domain.awards.concluding import _line as _contract_line
from domain.awards.greedy import allocate
from domain.awards.problem import Demand, Offer, Problem
from domain.contracts.model import Contract
from domain.contracts.parts import ContractStatus, DeliveryMismatch, Goods
from domain.contracts.schedule import schedule
from domain.contracts.sharing import receiver_of, seen_by, sums
from domain.errors import Refusal
from domain.events import CLOCK
from domain.garments import GarmentKind, GridId, Size, SizeRun, Unit
from domain.ids import BidId, Bin, ContractId, EnsTru, Kato, NeedId, OrganizationId, PoolId, TenderId, VerdictId
from domain.money import Money
from domain.organizations.facts import Stage
from domain.organizations.model import Organization, OrganizationStatus
from domain.organizations.verdict import Verdict
from domain.pools.model import (
    InvitationRefused,
    MemberStatus,
    Pool,
    PoolNeedRefused,
    PoolNotFound,
    PoolPublished,
    PoolStatus,
    PoolTaken,
    invitation,
)
from domain.pools.pooled import Pooled, recast
from domain.tenders.drafting import LineForm, LotForm, LotRefused, compose
from domain.tenders.lot import DeliveryPlace, Lot, PoolOfLine
from domain.tenders.model import StepNotAllowed
from domain.tenders.need import GarmentNotInNeed, Need, NeedEntry
from domain.tenders.procedure import PinnedProcedure
from tests.numbers import bins

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DUE = date(2027, 8, 20)
POOL = PoolId(UUID(int=1))
TENDER = TenderId(UUID(int=2))
GARMENTS = ("Shirt", "Vest")
SIZES = (Size("122"), Size("128"), Size("134"))
BUYERS = tuple(OrganizationId(UUID(int=10 + number)) for number in range(3))
NUMBERS = bins("280140")
Cells = Counter[tuple[OrganizationId, str, str, Size]]
"""Pieces by buyer, site, garment and size."""


def organization(id: OrganizationId, kind: OrganizationKind = OrganizationKind.BUYER) -> Organization:
    return Organization(
        id=id,
        bin=Bin(next(NUMBERS)),
        kind=kind,
        name=f"Buyer {id.int}",
        kato=Kato("631010000"),
        address="A",
        phone="+7",
        email="a@example.kz",
        registered_at=NOON,
        status=OrganizationStatus.CONFIRMED,
    )


def need(number: int, buyer: OrganizationId, cells: Iterable[tuple[str, str, dict[Size, int]]], **home: str) -> Need:
    """``cells``: site, garment, pieces per size."""
    entries = tuple(
        NeedEntry(
            site=site,
            kato=Kato("631010000"),
            address=home.get("address", f"{site} Street"),
            garment=garment,
            run=SizeRun.of(GridId.CHILD, sizes),
        )
        for site, garment, sizes in cells
    )
    return Need(
        id=NeedId(UUID(int=number)),
        buyer_id=buyer,
        name="Need",
        grid=GridId.CHILD,
        entries=entries,
        imported_at=NOON,
        source_sha256="0" * 64,
    )


def opened() -> Pool:
    organizer = organization(BUYERS[0])
    pool = Pool(
        id=POOL,
        number="P-2026-000001",
        organizer_id=organizer.id,
        title="Uniforms",
        grid=GridId.CHILD,
        garments=GARMENTS,
        members=(invitation(organizer, NOON),),
        opened_at=NOON,
    )
    for buyer in BUYERS[1:]:
        pool, _ = pool.invite(organization(buyer), by=CLOCK, at=NOON)
    return pool


@st.composite
def needs_of_buyers(draw: st.DrawFn) -> tuple[Need, ...]:
    """One or two tables of each of some buyers; sites and garments overlap between them."""
    found: list[Need] = []
    for buyer in draw(st.lists(st.sampled_from(BUYERS), min_size=1, max_size=3, unique=True)):
        for _ in range(draw(st.integers(1, 2))):
            keys = st.tuples(st.sampled_from(["North", "South"]), st.sampled_from(GARMENTS))
            sizes = st.dictionaries(st.sampled_from(SIZES), st.integers(1, 9), min_size=1)
            cells = draw(st.dictionaries(keys, sizes, min_size=1, max_size=4))
            rows = ((site, garment, run) for (site, garment), run in cells.items())
            found.append(need(100 + len(found), buyer, rows))
    return tuple(found)


def joined(needs: tuple[Need, ...]) -> Pool:
    pool = opened()
    for buyer in dict.fromkeys(each.buyer_id for each in needs):
        pool, _ = pool.join(buyer, tuple(each for each in needs if each.buyer_id == buyer), by=CLOCK, at=NOON)
    return pool


def forms(pooled: Pooled) -> tuple[LotForm, ...]:
    lines = tuple(
        LineForm(
            name=garment,
            ens_tru=EnsTru("141413.900.000014"),
            kind=GarmentKind.SCHOOL_SHIRT,
            unit=Unit.PIECE,
            standard_minutes=Decimal(20),
            planned_price=Money.of("100.00"),
            pool=PoolOfLine(pool_id=POOL, garment=garment),
        )
        for garment in pooled.garments()
    )
    allocated = Money.of(100) * sum(pooled.run(garment).pieces for garment in pooled.garments())
    return (LotForm(title="Uniforms", allocated=allocated, lines=lines, due_on=DUE),)


def lots_of(pooled: Pooled) -> tuple[Lot, ...]:
    return compose(forms(pooled), {}, {POOL: pooled})


def in_needs(needs: Iterable[Need]) -> Cells:
    found: Cells = Counter()
    for each in needs:
        for entry in each.entries:
            for size, pieces in entry.run.cells:
                found[each.buyer_id, entry.site, entry.garment, size] += pieces
    return found


def in_lots(lots: Iterable[Lot]) -> Cells:
    found: Cells = Counter()
    for lot in lots:
        for place in lot.places:
            for number, run in place.runs.items():
                assert place.buyer_id is not None
                for size, pieces in run.cells:
                    found[place.buyer_id, place.name, lot.lines[number - 1].name, size] += pieces
    return found


def in_contracts(contracts: Iterable[Contract]) -> Cells:
    found: Cells = Counter()
    for contract in contracts:
        for each in sums(contract):
            for size, pieces in each.run.cells:
                found[each.buyer_id, each.site, each.name, size] += pieces
    return found


def verdict() -> Verdict:
    return Verdict(
        id=VerdictId(UUID(int=9)),
        organization_id=BUYERS[0],
        tender_id=TENDER,
        lot=1,
        stage=Stage.AWARD,
        on=DUE,
        package="private@1",
        eligible=True,
        accepted=True,
        outcomes=(),
        local_content={},
        evidence={},
        judged_at=NOON,
    )


def contracts_of(lot: Lot, most: list[int]) -> list[Contract]:
    """Offers of so many pieces each, and a last one for everything: awarded, scheduled and concluded."""
    offers = tuple(
        Offer(
            bid_id=BidId(UUID(int=500 + who)),
            bidder_id=OrganizationId(UUID(int=600 + who)),
            lot=1,
            line=line.number,
            unit_price=Money.of(f"{50 + who}.00"),
            run=line.run,
            pieces_min=1,
            pieces_max=pieces,
            received_at=NOON + timedelta(seconds=who),
        )
        for line in lot.lines
        for who, pieces in enumerate([*most, line.run.pieces])
    )
    demands = tuple(
        Demand(
            lot=1,
            line=line.number,
            product="141413",
            run=line.run,
            standard_minutes=line.standard_minutes,
            planned_price=line.planned_price,
            due_on=lot.due_on,
        )
        for line in lot.lines
    )
    shares: tuple[Share, ...] = allocate(Problem(demands=demands, offers=offers)).shares
    scheduled = schedule(lot, shares)
    return [
        Contract(
            id=ContractId(UUID(int=700)),
            number="C-1",
            tender_id=TENDER,
            buyer_id=BUYERS[0],
            supplier_id=winner,
            procedure=PinnedProcedure(id="private", version="1"),
            lines=tuple(_contract_line(lot, each, scheduled, verdict()) for each in shares if each.bidder_id == winner),
            concluded_at=NOON,
        )
        for winner in dict.fromkeys(share.bidder_id for share in shares)
    ]


@given(needs_of_buyers(), st.lists(st.integers(1, 40), max_size=3))
def test_every_piece_comes_from_the_need_to_the_contracts_for_its_buyer_site_and_size(
    needs: tuple[Need, ...], most: list[int]
) -> None:
    pooled = Pooled.of(joined(needs), needs)
    (lot,) = lots_of(pooled)
    contracts = contracts_of(lot, most)
    assert in_needs(needs) == in_lots([lot]) == in_contracts(contracts)
    assert sum(each.run.pieces for each in pooled.sums()) == sum(each.pieces for each in needs)


@given(needs_of_buyers(), st.lists(st.integers(1, 40), max_size=3))
def test_what_each_buyer_sees_of_the_contracts_is_his_own_need(needs: tuple[Need, ...], most: list[int]) -> None:
    pooled = Pooled.of(joined(needs), needs)
    contracts = contracts_of(lots_of(pooled)[0], most)
    for buyer in BUYERS[1:]:
        seen = in_contracts(seen_by(contract, buyer) for contract in contracts)
        assert seen == in_needs(each for each in needs if each.buyer_id == buyer)


@given(needs_of_buyers(), st.permutations(BUYERS))
def test_a_draft_that_follows_withdrawals_is_the_draft_that_would_be_made_anew(
    needs: tuple[Need, ...], order: list[OrganizationId]
) -> None:
    pool = joined(needs)
    lots = lots_of(Pooled.of(pool, needs))
    for buyer in order:
        pool, _ = pool.withdraw(buyer, by=CLOCK, at=NOON)
        left = Pooled.of(pool, needs)
        lots = recast(lots, left)
        assert in_lots(lots) == in_needs(left.needs)
        if not left.needs:
            assert lots == ()
            return
        (anew,) = lots_of(left)
        assert {line.name: line.run for line in lots[0].lines} == {line.name: line.run for line in anew.lines}
        assert (lots[0].allocated, lots[0].places[0].due_on) == (anew.allocated, DUE)


def test_a_line_that_nobody_needs_any_more_goes_and_the_others_are_numbered_anew() -> None:
    shirts = need(100, BUYERS[0], [("North", "Shirt", {SIZES[0]: 5})])
    vests = need(101, BUYERS[1], [("North", "Vest", {SIZES[0]: 7})])
    pool = joined((shirts, vests))
    (lot,) = lots_of(Pooled.of(pool, (shirts, vests)))
    assert [(place.number, place.name, place.buyer_id) for place in lot.places] == [
        (1, "North", BUYERS[0]),
        (2, "North", BUYERS[1]),
    ]
    left, _ = pool.withdraw(BUYERS[0], by=CLOCK, at=NOON)
    (lot,) = recast((lot,), Pooled.of(left, (vests,)))
    assert [(line.number, line.name, line.run.pieces) for line in lot.lines] == [(1, "Vest", 7)]
    assert [(place.number, place.buyer_id) for place in lot.places] == [(1, BUYERS[1])]
    assert lot.pooled == {1: PoolOfLine(pool_id=POOL, garment="Vest")}


def test_lots_from_elsewhere_stay_as_they_are() -> None:
    shirts = need(100, BUYERS[0], [("North", "Shirt", {SIZES[0]: 5})])
    (other,) = lots_of(Pooled.of(joined((shirts,)), (shirts,)))
    stranger = Pooled(pool_id=PoolId(UUID(int=99)), grid=GridId.CHILD, needs=())
    assert recast((other,), stranger) == (other,)


def test_a_member_joins_once_with_needs_that_fit_and_leaves_before_the_publication_only() -> None:
    pool = opened()
    shirts = need(100, BUYERS[1], [("North", "Shirt", {SIZES[0]: 5})])
    strange = need(101, BUYERS[1], [("North", "Hat", {SIZES[0]: 5})])
    for wrong in ((), (shirts, shirts), (strange,)):
        with pytest.raises(PoolNeedRefused):
            pool.join(BUYERS[1], wrong, by=CLOCK, at=NOON)
    with pytest.raises(PoolNotFound):
        pool.join(OrganizationId(UUID(int=99)), (shirts,), by=CLOCK, at=NOON)
    pool, event = pool.join(BUYERS[1], (shirts,), by=CLOCK, at=NOON)
    assert (event.pieces, pool.needs) == (5, (shirts.id,))
    with pytest.raises(StepNotAllowed):
        pool.join(BUYERS[1], (shirts,), by=CLOCK, at=NOON)
    tendered, _ = pool.tender(TENDER, follows=None, by=CLOCK, at=NOON)
    for step in (
        lambda: tendered.withdraw(BUYERS[1], by=CLOCK, at=NOON),
        lambda: tendered.join(BUYERS[2], (shirts,), by=CLOCK, at=NOON),
        lambda: tendered.invite(organization(OrganizationId(UUID(int=50))), by=CLOCK, at=NOON),
        lambda: tendered.tender(TenderId(UUID(int=3)), follows=None, by=CLOCK, at=NOON),
    ):
        with pytest.raises(PoolPublished):
            step()
    again, _ = tendered.tender(TenderId(UUID(int=3)), follows=TENDER, by=CLOCK, at=NOON)
    assert again.tender_id == TenderId(UUID(int=3)), "a repeated tender takes its pool along"


def test_who_withdrew_is_a_stranger_until_another_invitation() -> None:
    pool, _ = opened().withdraw(BUYERS[1], by=CLOCK, at=NOON)
    with pytest.raises(PoolNotFound):
        pool.withdraw(BUYERS[1], by=CLOCK, at=NOON)
    with pytest.raises(InvitationRefused):
        pool.invite(organization(BUYERS[2]), by=CLOCK, at=NOON)
    with pytest.raises(InvitationRefused):
        pool.invite(organization(OrganizationId(UUID(int=50)), OrganizationKind.SUPPLIER), by=CLOCK, at=NOON)
    again, _ = pool.invite(organization(BUYERS[1]), by=CLOCK, at=NOON)
    member = again.member(BUYERS[1])
    assert member is not None
    assert member.status is MemberStatus.INVITED
    assert len(again.members) == len(BUYERS)


def test_one_draft_at_a_time_takes_from_a_pool() -> None:
    pool, _ = opened().draft(TENDER, by=CLOCK, at=NOON)
    with pytest.raises(PoolTaken):
        pool.must_give(None)
    with pytest.raises(PoolTaken):
        pool.tender(TenderId(UUID(int=3)), follows=None, by=CLOCK, at=NOON)
    released, _ = pool.release(TENDER, by=CLOCK, at=NOON)
    released.must_give(None)
    dissolved, _ = released.dissolve(by=CLOCK, at=NOON)
    assert dissolved.status is PoolStatus.DISSOLVED
    with pytest.raises(StepNotAllowed):
        dissolved.dissolve(by=CLOCK, at=NOON)


def test_one_buyers_site_has_one_address_and_another_buyers_may_have_its_name() -> None:
    here = need(100, BUYERS[0], [("North", "Shirt", {SIZES[0]: 5})])
    elsewhere = need(101, BUYERS[0], [("North", "Shirt", {SIZES[0]: 5})], address="Far away")
    others = need(102, BUYERS[1], [("North", "Shirt", {SIZES[0]: 5})], address="Far away")
    with pytest.raises(PoolNeedRefused):
        Pooled(pool_id=POOL, grid=GridId.CHILD, needs=(here, elsewhere))
    pooled = Pooled(pool_id=POOL, grid=GridId.CHILD, needs=(here, others))
    assert [place.address for place in pooled.places({"Shirt": 1}, due_on=DUE)] == ["North Street", "Far away"]


def test_a_lot_takes_from_one_pool_with_all_its_lines_and_each_garment_once() -> None:
    shirts = need(100, BUYERS[0], [("North", "Shirt", {SIZES[0]: 5})])
    pooled = Pooled.of(joined((shirts,)), (shirts,))
    (form,) = forms(pooled)
    line = form.lines[0]
    wrong = [
        ((line, line), LotRefused),
        ((replace(line, sizes={SIZES[0]: 5}),), LotRefused),
        ((line, replace(line, pool=None, sizes={SIZES[0]: 5})), LotRefused),
        ((line, replace(line, pool=PoolOfLine(pool_id=PoolId(UUID(int=3)), garment="Vest"))), LotRefused),
        ((replace(line, pool=PoolOfLine(pool_id=POOL, garment="Vest")),), GarmentNotInNeed),
        ((replace(line, pool=None),), LotRefused),
    ]
    for lines, refusal in wrong:
        kinds: type[Refusal] = refusal
        with pytest.raises(kinds):
            compose((replace(form, lines=lines),), {}, {POOL: pooled})


def test_a_delivery_is_for_one_buyer() -> None:
    """Places are numbered anew in each lot, so one number may be two buyers' places."""
    cells = {SIZES[0]: 5}
    shirts, vests = need(100, BUYERS[1], [("A", "Shirt", cells)]), need(101, BUYERS[2], [("B", "Vest", cells)])
    pooled = Pooled.of(joined((shirts, vests)), (shirts, vests))
    (form,) = forms(pooled)
    halves = (replace(form, lines=(line,), allocated=Money.of(500)) for line in form.lines)
    lots = compose(tuple(halves), {}, {POOL: pooled})
    (first,), (second,) = (contracts_of(replace(lot, number=1), []) for lot in lots)
    both = replace(
        first,
        lines=(*first.lines, *(replace(line, lot=2) for line in second.lines)),
        status=ContractStatus.IN_FORCE,
    )
    goods = [Goods(lot=lot, line=1, run=SizeRun.of(GridId.CHILD, cells)) for lot in (1, 2)]
    with pytest.raises(DeliveryMismatch):
        both.dispatch(place=1, goods=tuple(goods), waybill="W", remakes=None, by=CLOCK, at=NOON)
    for each, receiver in zip(goods, BUYERS[1:], strict=True):
        sent, _ = both.dispatch(place=1, goods=(each,), waybill="W", remakes=None, by=CLOCK, at=NOON)
        assert receiver_of(sent, sent.deliveries[0]) == receiver


def test_lots_that_were_stored_before_there_were_pools_are_read() -> None:
    shirts = need(100, BUYERS[0], [("North", "Shirt", {SIZES[0]: 5})])
    (lot,) = lots_of(Pooled.of(joined((shirts,)), (shirts,)))
    stored = converter.unstructure(lot)
    assert converter.structure(stored, Lot) == lot
    del stored["pooled"]
    for place in stored["places"]:
        del place["buyer_id"]
    old = converter.structure(stored, Lot)
    assert (old.pooled, [place.buyer_id for place in old.places]) == ({}, [None])
    assert isinstance(old.places[0], DeliveryPlace)
