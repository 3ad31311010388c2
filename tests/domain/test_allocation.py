"""The split award: greedy by price, under capacity, explained, and checked by code that it does not share."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.awards.allocation import Bound, minutes_until
from domain.awards.checker import violations
from domain.awards.greedy import allocate
from domain.awards.problem import Demand, Free, Offer, Problem
from domain.garments import GridId, Size, SizeRun
from domain.ids import BidId, OrganizationId
from domain.money import Money

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DUE = date(2027, 1, 20)
SMALL, LARGE = Size("122"), Size("128")


def run(small: int, large: int = 0) -> SizeRun:
    return SizeRun.of(GridId.CHILD, {SMALL: small, LARGE: large})


def demand(small: int, large: int = 0, *, line: int = 1, minutes: str = "10", partial: bool = True) -> Demand:
    return Demand(
        lot=1,
        line=line,
        product="141413",
        run=run(small, large),
        standard_minutes=Decimal(minutes),
        planned_price=Money.of("20.00"),
        due_on=DUE,
        partial=partial,
    )


def offer(who: int, price: str, pieces: SizeRun, *, least: int = 1, most: int | None = None, line: int = 1) -> Offer:
    return Offer(
        bid_id=BidId(UUID(int=who)),
        bidder_id=OrganizationId(UUID(int=1000 + who)),
        lot=1,
        line=line,
        unit_price=Money.of(price),
        run=pieces,
        pieces_min=least,
        pieces_max=pieces.pieces if most is None else most,
        received_at=NOON + timedelta(seconds=who),
    )


def given_to(problem: Problem) -> dict[int, int]:
    return {share.bid_id.int: share.run.pieces for share in allocate(problem).shares}


def test_the_cheapest_gets_what_he_offers_and_the_next_the_rest() -> None:
    problem = Problem(demands=(demand(10),), offers=(offer(1, "9.00", run(6)), offer(2, "8.00", run(10), most=7)))
    assert given_to(problem) == {2: 7, 1: 3}


def test_a_later_offer_never_takes_pieces_when_the_demand_is_filled() -> None:
    problem = Problem(demands=(demand(10),), offers=(offer(1, "8.00", run(10)), offer(2, "9.00", run(10))))
    assert given_to(problem) == {1: 10}


def test_equal_prices_go_to_the_earlier_bid() -> None:
    problem = Problem(demands=(demand(5),), offers=(offer(2, "8.00", run(5)), offer(1, "8.00", run(5))))
    assert given_to(problem) == {1: 5}


def test_minutes_bound_an_award_and_are_shared_by_its_lines() -> None:
    both = (demand(10), demand(10, line=2))
    offers = (offer(1, "8.00", run(10)), offer(1, "8.00", run(10), line=2))
    allocation = allocate(
        Problem(demands=both, offers=offers, capacity={str(UUID(int=1001)): (Free(until=DUE, minutes=Decimal(155)),)})
    )
    assert [share.run.pieces for share in allocation.shares] == [10, 5]
    assert allocation.trace[1].bound is Bound.MINUTES
    assert [each.run.pieces for each in allocation.unfilled] == [5]


def test_declared_capacity_bounds_an_award_over_all_its_lines() -> None:
    offers = (offer(1, "8.00", run(10)), offer(1, "8.00", run(10), line=2))
    units = {f"{UUID(int=1001)}/141413": 14}
    allocation = allocate(Problem(demands=(demand(10), demand(10, line=2)), offers=offers, units=units))
    assert [share.run.pieces for share in allocation.shares] == [10, 4]
    assert allocation.trace[1].bound is Bound.DECLARED_CAPACITY


def test_a_least_number_of_pieces_is_respected() -> None:
    problem = Problem(demands=(demand(10),), offers=(offer(1, "8.00", run(8)), offer(2, "9.00", run(10), least=5)))
    allocation = allocate(problem)
    assert {share.bid_id.int: share.run.pieces for share in allocation.shares} == {1: 5, 2: 5}
    assert allocation.fills(1)


def test_an_earlier_taker_gives_pieces_back_only_when_nobody_else_fills_the_demand() -> None:
    dear = offer(3, "9.50", run(10))
    problem = Problem(
        demands=(demand(10),), offers=(offer(1, "8.00", run(8)), offer(2, "9.00", run(10), least=5), dear)
    )
    assert given_to(problem) == {1: 8, 3: 2}


def test_minutes_are_counted_pro_rata_and_never_negative() -> None:
    assert minutes_until(Decimal(700), days=10, booked=Decimal(400)) == Decimal("600.00")
    assert minutes_until(Decimal(700), days=1, booked=Decimal(400)) == Decimal("0.00")


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    demands = tuple(
        demand(
            draw(st.integers(1, 30)), draw(st.integers(0, 30)), line=line, minutes=draw(st.sampled_from(["7.5", "20"]))
        )
        for line in range(1, draw(st.integers(1, 2)) + 1)
    )
    offers = []
    for who in range(draw(st.integers(0, 5))):
        for each in demands:
            part = run(draw(st.integers(0, each.run[SMALL])), draw(st.integers(0, each.run[LARGE])))
            if part.pieces:
                most = draw(st.integers(1, part.pieces))
                one = offer(who, f"{draw(st.integers(1, 4))}.00", part, most=most, line=each.line)
                offers.append(replace(one, pieces_min=draw(st.integers(1, most))))
    capacity: dict[str, tuple[Free, ...]] | None = None
    if draw(st.booleans()):
        capacity = {
            str(each.bidder_id): (Free(until=DUE, minutes=Decimal(draw(st.integers(0, 900)))),) for each in offers
        }
    bounded = [each for each in offers if draw(st.booleans())]
    units = {f"{each.bidder_id}/141413": draw(st.integers(0, 40)) for each in bounded}
    return Problem(demands=demands, offers=tuple(offers), capacity=capacity, units=units)


@given(problems())
def test_what_the_greedy_gives_stands_before_the_independent_checker(problem: Problem) -> None:
    assert violations(problem, allocate(problem)) == ()


@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_the_offers_does_not_matter(problem: Problem, shuffler: object) -> None:
    offers = list(problem.offers)
    shuffler.shuffle(offers)  # type: ignore[attr-defined]  # hypothesis types its Random as object
    assert allocate(replace(problem, offers=tuple(offers))) == allocate(problem)


@given(problems())
def test_a_changed_allocation_is_caught(problem: Problem) -> None:
    allocation = allocate(problem)
    for index, share in enumerate(allocation.shares):
        more = replace(share, run=share.run + SizeRun(share.run.grid, (share.run.cells[0],)))
        shares = (*allocation.shares[:index], more, *allocation.shares[index + 1 :])
        assert violations(problem, replace(allocation, shares=shares))
        dearer = replace(share, unit_price=share.unit_price + Money.of("0.01"))
        shares = (*allocation.shares[:index], dearer, *allocation.shares[index + 1 :])
        assert violations(problem, replace(allocation, shares=shares))


@given(problems())
def test_without_least_numbers_every_piece_that_somebody_could_sew_is_given(problem: Problem) -> None:
    free = replace(
        problem,
        capacity=None,
        units={},
        offers=tuple(replace(each, pieces_min=1, pieces_max=each.run.pieces) for each in problem.offers),
    )
    allocation = allocate(free)
    given_runs = {(share.bid_id, share.line): share.run for share in allocation.shares}
    for left in allocation.unfilled:
        for each in free.offers:
            unused = each.run - given_runs.get((each.bid_id, each.line), SizeRun(GridId.CHILD))
            assert each.line != left.line or unused.common(left.run).pieces == 0
