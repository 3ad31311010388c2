"""Problems that contradict themselves are refused with every flaw, and those that merely cannot be filled are not."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.awards.flaws import ProblemRefused, must_be_sound, problem_flaws
from domain.awards.problem import (
    EitherOr,
    Free,
    Joint,
    LotLimits,
    PackageDiscount,
    PriceBreak,
    Problem,
    Quota,
)
from domain.garments import GridId, Size, SizeRun
from domain.money import Money
from tests.awards.examples import EARLY, LATE, bid, demand, offer, run, sewer

DEMANDS = (demand(6, 4), demand(10, lot=2, due_on=LATE))
OFFERS = (offer(1, "8", run(6, 4)), offer(1, "8", run(10), lot=2), offer(2, "9", run(6, 4)))
SOUND = Problem(
    demands=DEMANDS,
    offers=OFFERS,
    capacity={str(sewer(1)): (Free(until=EARLY, minutes=Decimal(0)), Free(until=LATE, minutes=Decimal(50)))},
    units={f"{sewer(2)}/141413": 0},
    packages=(PackageDiscount(bid_id=bid(1), lots=(1, 2), percent=Decimal(5)),),
    joints=(Joint(bid_id=bid(2), lot=1),),
    limits=(LotLimits(lot=1, winners_max=2, share_percent_max=Decimal(50), pieces_min=5),),
    quotas=(Quota(name="small", lots=(1,), bidders=frozenset({sewer(1)}), percent_min=Decimal(60)),),
)


def first(**changes: object) -> dict[str, object]:
    return {"offers": (replace(OFFERS[0], **changes), *OFFERS[1:])}  # type: ignore[arg-type]  # a test names fields


def limited(**changes: object) -> dict[str, object]:
    return {"limits": (replace(SOUND.limits[0], **changes),)}  # type: ignore[arg-type]  # a test names fields


CONTRADICTIONS: dict[str, tuple[str, dict[str, object]]] = {
    "a line twice": ("/demands/2", {"demands": (*DEMANDS, DEMANDS[0])}),
    "a lot half in part": ("/demands/2/partial", {"demands": (*DEMANDS, demand(1, line=2, partial=True))}),
    "no minutes a piece": (
        "/demands/0/standard_minutes",
        {"demands": (replace(DEMANDS[0], standard_minutes=Decimal(0)), DEMANDS[1])},
    ),
    "a planned price of nothing": (
        "/demands/0/planned_price",
        {"demands": (replace(DEMANDS[0], planned_price=Money.of(0)), DEMANDS[1])},
    ),
    "an offer twice": ("/offers/3", {"offers": (*OFFERS, OFFERS[0])}),
    "an offer for nothing": ("/offers/3", {"offers": (*OFFERS, offer(3, "8", run(1), lot=7))}),
    "another grid": ("/offers/0", first(run=SizeRun.of(GridId.FOOTWEAR, {Size("42"): 10}))),
    "another currency": ("/offers/0/unit_price", first(unit_price=Money(Decimal(8), "EUR"))),
    "more at least than at most": ("/offers/0/pieces_min", first(pieces_min=11)),
    "nothing at least": ("/offers/0/pieces_min", first(pieces_min=0)),
    "a negative price": ("/offers/0/unit_price", first(unit_price=Money.of(-1))),
    "a discount over everything": ("/offers/0/discount_percent", first(discount_percent=Decimal(101))),
    "a break that is dearer": (
        "/offers/0/breaks/0",
        first(breaks=(PriceBreak(pieces_from=5, unit_price=Money.of(9)),)),
    ),
    "breaks that fall in pieces": (
        "/offers/0/breaks/1",
        first(breaks=tuple(PriceBreak(pieces_from=each, unit_price=Money.of(7)) for each in (5, 4))),
    ),
    "minutes that become fewer": (
        f"/capacity/{sewer(1)}/1",
        {"capacity": {str(sewer(1)): (Free(until=EARLY, minutes=Decimal(2)), Free(until=LATE, minutes=Decimal(1)))}},
    ),
    "a day without minutes": (
        f"/capacity/{sewer(1)}",
        {"capacity": {str(sewer(1)): (Free(until=EARLY, minutes=Decimal(2)),)}},
    ),
    "either, and no or": ("/either_or/0", {"either_or": (EitherOr(bid_id=bid(1), lots=(1, 1)),)}),
    "a package of what excludes itself": ("/packages/0", {"either_or": (EitherOr(bid_id=bid(1), lots=(1, 2)),)}),
    "a package of a lot without an offer": (
        "/packages/0",
        {"packages": (PackageDiscount(bid_id=bid(2), lots=(1, 2), percent=Decimal(5)),)},
    ),
    "a package of more than everything": (
        "/packages/0",
        {"packages": (PackageDiscount(bid_id=bid(1), lots=(1,), percent=Decimal(101)),)},
    ),
    "a consortium without an offer": ("/joints/0", {"joints": (Joint(bid_id=bid(2), lot=2),)}),
    "limits of no lot": ("/limits/0", limited(lot=9)),
    "limits twice": ("/limits/1", {"limits": SOUND.limits * 2}),
    "no winner": ("/limits/0/winners_max", limited(winners_max=0)),
    "too few winners for their shares": ("/limits/0/winners_max", limited(share_percent_max=Decimal(49), pieces_min=1)),
    "a least share over the largest": ("/limits/0/pieces_min", limited(pieces_min=6)),
    "a quota of more than everything": (
        "/quotas/0/percent_min",
        {"quotas": (replace(SOUND.quotas[0], percent_min=Decimal(101)),)},
    ),
    "two quotas of more than everything": (
        "/quotas/1/percent_min",
        {"quotas": (*SOUND.quotas, replace(SOUND.quotas[0], bidders=frozenset({sewer(2)}), percent_min=Decimal(41)))},
    ),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_contradiction_is_refused_where_it_stands(name: str) -> None:
    pointer, changes = CONTRADICTIONS[name]
    problem = replace(SOUND, **changes)  # type: ignore[arg-type]  # a test names fields
    with pytest.raises(ProblemRefused) as refused:
        must_be_sound(problem)
    assert pointer in {flaw.pointer for flaw in refused.value.flaws}
    assert all(flaw.passes for flaw in refused.value.flaws)


def test_what_cannot_be_filled_is_no_contradiction() -> None:
    assert problem_flaws(SOUND) == ()
    assert problem_flaws(Problem(demands=DEMANDS, offers=(), capacity={})) == ()
