"""An announcement as a draft: what is taken over, what is left out, what is refused."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.garments import GridId
from domain.ids import Bin
from domain.registries.announcing import AnnouncementOfAnother, AnnouncementRefused, ByHand, take_over
from domain.registries.answers import AnnouncedLine, AnnouncedLot, AnnouncedPlace, Announcement
from domain.tenders.drafting import compose

BUYER, OTHER = Bin("950440001673"), Bin("020240000555")
GIVEN = ByHand(procedure="private", standard_minutes=Decimal("90.00"), due_on=date(2027, 3, 1))
NORTH = AnnouncedPlace(kato="631010000", name="North", count=Decimal(70))
SOUTH = AnnouncedPlace(kato="101010000", name="South", count=Decimal(50))
LINE = AnnouncedLine(
    point=7,
    name="Suit",
    ens_tru="141211.290.000016",
    unit="796",
    count=Decimal(120),
    price=Decimal("12000.5"),
    places=(NORTH, SOUTH),
)
LOT = AnnouncedLot(number="1-Л", name="Suits", amount=Decimal(1440060), customer_bin=BUYER, lines=(LINE,))
ANNOUNCEMENT = Announcement(number="1-1", name="Workwear", organizer_bin=BUYER, lots=(LOT,))


def with_line(**change: Any) -> Announcement:
    return replace(ANNOUNCEMENT, lots=(replace(LOT, lines=(replace(LINE, **change),)),))


def test_lots_become_lots_that_the_ordinary_drafting_accepts() -> None:
    taken = take_over(ANNOUNCEMENT, GIVEN, buyer=BUYER)
    (lot,) = compose(taken.form.lots, {})
    (line,) = lot.lines
    assert (taken.form.title, taken.form.procedure) == ("Workwear (1-1)", "private")
    assert (line.ens_tru, line.run.grid, line.run.pieces) == ("141211.290.000016", GridId.ONE_SIZE, 120)
    assert (line.planned_price.amount, lot.allocated.amount) == (Decimal("12000.50"), Decimal("1440060.00"))
    assert [(place.kato, place.runs[1].pieces, place.due_on) for place in lot.places] == [
        ("631010000", 70, GIVEN.due_on),
        ("101010000", 50, GIVEN.due_on),
    ]
    assert {left.what for left in taken.left_out} >= {"sizes", "garment kind", "specification"}


def test_lines_that_go_to_the_same_place_share_it() -> None:
    second = replace(LINE, point=8, count=Decimal(30), places=(replace(SOUTH, count=None),))
    lots = (replace(LOT, lines=(LINE, second)),)
    (lot,) = compose(take_over(replace(ANNOUNCEMENT, lots=lots), GIVEN, buyer=BUYER).form.lots, {})
    assert [{number: run.pieces for number, run in place.runs.items()} for place in lot.places] == [
        {1: 70},
        {1: 50, 2: 30},
    ]


def test_what_is_not_counted_in_pieces_is_left_out_and_told() -> None:
    cloth = replace(LOT, number="2-Л", lines=(replace(LINE, unit="006", count=Decimal("30.5")),))
    taken = take_over(replace(ANNOUNCEMENT, lots=(LOT, cloth)), GIVEN, buyer=BUYER)
    assert len(taken.form.lots) == 1
    assert [left.why for left in taken.left_out if left.lot == "2-Л"] == [
        "counted in units 006, not in pieces, sets or pairs"
    ]
    with pytest.raises(AnnouncementRefused):
        take_over(replace(ANNOUNCEMENT, lots=(cloth,)), GIVEN, buyer=BUYER)


def test_a_sum_that_is_not_price_by_pieces_is_told() -> None:
    odd = replace(ANNOUNCEMENT, lots=(replace(LOT, amount=Decimal("1440060.01")),))
    (left,) = [left for left in take_over(odd, GIVEN, buyer=BUYER).left_out if left.lot]
    assert (left.what, left.why) == (
        "the lot's sum",
        "1440060.01 in the register; price x pieces, 1440060.00, was taken",
    )


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"count": Decimal("120.5")}, "count"),
        ({"count": Decimal(0), "places": (replace(NORTH, count=None),)}, "count"),
        ({"price": Decimal("12000.505")}, "price"),
        ({"price": Decimal(0)}, "price"),
        ({"ens_tru": "1412"}, "ens_tru"),
        ({"places": (replace(NORTH, kato="991010000", count=Decimal(120)),)}, "kato"),
        ({"places": ()}, "kato"),
        ({"places": (NORTH,)}, "kato"),
        ({"places": (NORTH, replace(SOUTH, count=None))}, "kato"),
        ({"places": (replace(NORTH, count=Decimal("69.5")), replace(SOUTH, count=Decimal("50.5")))}, "kato"),
        ({"places": (replace(NORTH, count=Decimal(170)), replace(SOUTH, count=Decimal(-50)))}, "kato"),
    ],
)
def test_what_does_not_make_a_draft_is_refused_by_its_point(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(AnnouncementRefused) as refused:
        take_over(with_line(**change), GIVEN, buyer=BUYER)
    assert refused.value.flaws[0].pointer == (f"/announcement/lots/1-Л/points/7/{pointer}")


def test_only_its_organiser_or_the_customer_of_every_lot_takes_an_announcement_over() -> None:
    foreign = replace(ANNOUNCEMENT, organizer_bin=OTHER)
    assert take_over(foreign, GIVEN, buyer=BUYER).form.lots
    assert take_over(ANNOUNCEMENT, GIVEN, buyer=BUYER).form.lots
    mixed = replace(foreign, lots=(LOT, replace(LOT, customer_bin=OTHER)))
    for announcement, buyer in ((mixed, BUYER), (ANNOUNCEMENT, OTHER)):
        with pytest.raises(AnnouncementOfAnother):
            take_over(announcement, GIVEN, buyer=buyer)
