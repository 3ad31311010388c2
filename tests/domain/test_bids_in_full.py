"""What a bid may offer: price breaks, lead times, answers, either-or, packages, members; each flaw at its place."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bids.answers import meets, told
from domain.bids.checking import check_bid, check_offers
from domain.bids.offers import Answer, Combination, LineOffer, LotOffer, Member, Package, PriceBreak
from domain.bids.refusals import (
    BeyondPackage,
    ConsortiumRefused,
    DeliveryTooLate,
    OfferRefused,
    SpecificationNotMet,
)
from domain.errors import Refusal
from domain.garments import Operator, Size, SpecificationLine
from domain.ids import BidId, OrganizationId
from domain.money import Money
from domain.sealing.content import BidContent
from domain.tenders.model import Tender
from tests.domain import process_sample as sample

LEADER, FIRST, SECOND = (OrganizationId(UUID(int=number)) for number in (501, 502, 503))
TAKES = {
    "partial_bids": "true",
    "specification_answers": "optional",
    "bid_price_breaks_max": "2",
    "either_or_groups_max": "1",
    "package_discounts_max": "2",
    "consortium_members_max": "3",
}
SMALL, LARGE = sample.RUN.sizes
DENSITY = SpecificationLine(parameter="Density", operator=Operator.AT_LEAST, value="210", unit="g/m2")
COLOUR = SpecificationLine(parameter="Colour", operator=Operator.ONE_OF, value="blue, navy blue", mandatory=False)


def tender(*, specified: bool = False, **rules: str) -> Tender:
    """Two lots of one line: 60 and 40 pieces in two sizes, due on 1 February 2027; bids close on 23 November."""
    found = sample.published().tender
    lots = found.lots
    if specified:
        lots = tuple(
            replace(lot, lines=tuple(replace(line, specification=(DENSITY, COLOUR)) for line in lot.lines))
            for lot in lots
        )
    return replace(found, lots=lots, procedure=replace(found.procedure, parameters=TAKES | rules))


def line(price: str = "12000.00", **more: object) -> LineOffer:
    return LineOffer(line=1, unit_price=Money.of(price), **more)  # type: ignore[arg-type]  # some of its fields


def lots(*numbers: int, **more: object) -> tuple[LotOffer, ...]:
    return tuple(LotOffer(lot=number, lines=(line(**more),)) for number in numbers or (1,))  # type: ignore[arg-type]  # some of its fields


def breaks(*steps: tuple[int, str]) -> tuple[PriceBreak, ...]:
    return tuple(PriceBreak(pieces_from=pieces, unit_price=Money.of(price)) for pieces, price in steps)


def members(*ids: OrganizationId, lot: int = 1) -> tuple[Member, ...]:
    return tuple(Member(organization_id=id, lots=lots(lot)) for id in ids)


def refused(kind: type[Refusal], check: Callable[[], None]) -> list[str]:
    with pytest.raises(kind) as caught:
        check()
    assert type(caught.value) is kind
    return [flaw.pointer for flaw in caught.value.flaws]


def test_a_bid_of_everything_that_the_package_takes_passes() -> None:
    answers = (Answer(parameter="density", value="215,5 g/m2"), Answer(parameter="Colour", value="Navy  Blue"))
    offer = line(breaks=breaks((50, "11000.00"), (100, "11000.00")), answers=answers)
    offers = tuple(LotOffer(lot=number, lines=(offer,), lead_days=70) for number in (1, 2))
    share = Member(organization_id=FIRST, lots=(LotOffer(lot=2, lines=(offer,)),))
    packages = (Package(lots=(1, 2), percent=Decimal("2.50"), pieces_min=10),)
    check_offers(
        tender(specified=True, specification_answers="required"),
        offers,
        Combination(packages=packages, members=(share,)),
        bidder_id=LEADER,
    )


@pytest.mark.parametrize(
    ("steps", "kind", "pointer"),
    [
        (((1, "11000.00"),), OfferRefused, "/breaks/0/pieces_from"),
        (((101, "11000.00"),), OfferRefused, "/breaks/0/pieces_from"),
        (((50, "11000.00"), (50, "10000.00")), OfferRefused, "/breaks/1/pieces_from"),
        (((50, "11000.00"), (60, "11000.01")), OfferRefused, "/breaks/1/unit_price"),
        (((50, "12000.01"),), OfferRefused, "/breaks/0/unit_price"),
        (((50, "0.00"),), OfferRefused, "/breaks/0/unit_price"),
        (((2, "3.00"), (3, "2.00"), (4, "1.00")), BeyondPackage, "/breaks"),
    ],
)
def test_breaks_rise_in_pieces_and_never_in_price(
    steps: tuple[tuple[int, str], ...], kind: type[Refusal], pointer: str
) -> None:
    found = refused(kind, lambda: check_offers(tender(), lots(breaks=breaks(*steps))))
    assert found == [f"/lots/0/lines/0{pointer}"]


@given(st.lists(st.tuples(st.integers(2, 100), st.integers(1, 1_200_000)), max_size=4), st.integers(1, 100))
def test_the_price_of_more_pieces_is_never_higher(steps: list[tuple[int, int]], pieces: int) -> None:
    """Where the checks let the breaks pass; and the last break that was reached is the one that holds."""
    offer = line(breaks=breaks(*((pieces_from, f"{tiyn / 100:.2f}") for pieces_from, tiyn in steps)))
    try:
        check_offers(tender(bid_price_breaks_max="4"), (LotOffer(lot=1, lines=(offer,)),))
    except OfferRefused:
        return
    assert offer.price_at(pieces + 1) <= offer.price_at(pieces)
    reached = [each.unit_price for each in offer.breaks if each.pieces_from <= pieces]
    assert offer.price_at(pieces) == min(reached, default=offer.unit_price)


def test_the_sum_that_is_read_out_is_at_the_price_of_all_its_pieces() -> None:
    (offer,) = lots(breaks=breaks((100, "11000.00")), pieces_max=99)
    assert offer.sum(tender().lots[0]) == Money.of("1188000.00")
    whole = replace(offer, lines=(replace(offer.lines[0], pieces_max=None),))
    assert whole.sum(tender().lots[0]) == Money.of("1100000.00")


@pytest.mark.parametrize(("days", "passes"), [(1, True), (70, True), (71, False), (0, False)])
def test_a_lead_time_ends_by_the_day_the_lot_is_due(days: int, passes: bool) -> None:  # noqa: FBT001 - a column of the table above
    offers = (replace(lots(1)[0], lead_days=days),)
    if passes:
        check_offers(tender(), offers)
    else:
        assert refused(DeliveryTooLate, lambda: check_offers(tender(), offers)) == ["/lots/0/lead_days"]


def test_a_closing_that_is_put_off_puts_no_bid_in_the_wrong() -> None:
    offers = (replace(lots(1)[0], lead_days=70),)
    bid = replace(sample.bid(70, LEADER, "12000.00"), offers=offers)
    later = replace(tender(), closes_at=datetime(2026, 12, 20, tzinfo=UTC))
    refused(DeliveryTooLate, lambda: check_offers(later, offers))
    check_bid(later, bid)
    (lot, *rest) = later.lots
    sooner = replace(lot, places=tuple(replace(place, due_on=date(2027, 1, 20)) for place in lot.places))
    refused(DeliveryTooLate, lambda: check_bid(replace(later, lots=(sooner, *rest)), bid))


@pytest.mark.parametrize(
    ("operator", "asked", "answers", "fails"),
    [
        (Operator.EQUAL, "twill", ["Twill", " TWILL "], ["satin", ""]),
        (Operator.EQUAL, "0,50", ["0.5", "0.50 mm"], ["0.51", "half"]),
        (Operator.AT_LEAST, "210", ["210", "210.0", "300 mm", "210-260"], ["209,9", "thick", "200-260", "-211"]),
        (Operator.AT_MOST, "3.5", ["3,5", "-1", "2-3"], ["3.51", "2-4", "3.5 kg"]),
        (Operator.RANGE, "200-260", ["200", "260", "210 – 220"], ["199", "261", "190-220", "220-210", "about 210"]),
        (Operator.RANGE, "-5..5", ["0", "-5"], ["-5.1"]),
        (Operator.ONE_OF, "blue, navy", ["Blue", "navy"], ["green", "blue, navy"]),
        (Operator.ONE_OF, "0,5; 1", ["0.5", "1.0"], ["5", "0"]),
    ],
)
def test_an_answer_meets_a_requirement_by_its_operator(
    operator: Operator, asked: str, answers: list[str], fails: list[str]
) -> None:
    asks = SpecificationLine(parameter="p", operator=operator, value=asked, unit="mm")
    assert {value: meets(asks, value) for value in (*answers, *fails)} == {
        **dict.fromkeys(answers, True),
        **dict.fromkeys(fails, False),
    }


def test_what_a_requirement_does_not_say_in_numbers_is_left_to_people() -> None:
    asks = replace(DENSITY, value="as the sample")
    assert meets(asks, "100") is None
    assert told(DENSITY) == "at least 210 g/m2"
    found = tender()
    first = replace(found.lots[0].lines[0], specification=(asks,))
    vague = replace(found, lots=(replace(found.lots[0], lines=(first,)), found.lots[1]))
    check_offers(vague, lots(answers=(Answer(parameter="Density", value="100"),)))


@pytest.mark.parametrize(
    ("answers", "required", "pointers"),
    [
        ((), "optional", []),
        ((), "required", ["/answers"]),
        ((("Density", "209"),), "optional", ["/answers/0/value"]),
        ((("Weight", "1"), ("Density", "200")), "optional", ["/answers/0/parameter", "/answers/1/value"]),
        ((("Density", "211"), ("density", "212")), "required", ["/answers/1/parameter"]),
        ((("Colour", "green"), ("Density", "211")), "required", []),
    ],
)
def test_mandatory_lines_are_answered_and_met(
    answers: tuple[tuple[str, str], ...], required: str, pointers: list[str]
) -> None:
    """The colour is asked for and not mandatory: another one is for the evaluation to weigh."""
    given_answers = tuple(Answer(parameter=parameter, value=value) for parameter, value in answers)
    found = tender(specified=True, specification_answers=required)
    if pointers:
        told_at = refused(SpecificationNotMet, lambda: check_offers(found, lots(answers=given_answers)))
        assert told_at == [f"/lots/0/lines/0{pointer}" for pointer in pointers]
    else:
        check_offers(found, lots(answers=given_answers))


def package(*numbers: int, percent: str = "5.00", pieces_min: int = 1) -> Package:
    return Package(lots=numbers, percent=Decimal(percent), pieces_min=pieces_min)


@pytest.mark.parametrize(
    ("combination", "kind", "pointer"),
    [
        (Combination(either_or=((1,),)), OfferRefused, "/either_or/0"),
        (Combination(either_or=((1, 1),)), OfferRefused, "/either_or/0"),
        (Combination(either_or=((1, 3),)), OfferRefused, "/either_or/0"),
        (Combination(either_or=((1, 2), (2, 1))), BeyondPackage, "/either_or"),
        (Combination(packages=(package(1, 3),)), OfferRefused, "/packages/0/lots"),
        (Combination(packages=(package(1, 2), package(2, 1))), OfferRefused, "/packages/1/lots"),
        (Combination(packages=(package(1, 2),) * 3), BeyondPackage, "/packages"),
        (Combination(packages=(package(1, 2, percent="0"),)), OfferRefused, "/packages/0/percent"),
        (Combination(packages=(package(1, 2, percent="100"),)), OfferRefused, "/packages/0/percent"),
        (Combination(packages=(package(1, 2, percent="5.001"),)), OfferRefused, "/packages/0/percent"),
        (Combination(packages=(package(1, 2, pieces_min=101),)), OfferRefused, "/packages/0/pieces_min"),
        (Combination(either_or=((1, 2),), packages=(package(1, 2),)), OfferRefused, "/packages/0/lots"),
        (Combination(members=members(FIRST, SECOND, OrganizationId(UUID(int=9)))), BeyondPackage, "/members"),
        (Combination(members=members(FIRST, FIRST)), ConsortiumRefused, "/members"),
        (Combination(members=members(LEADER)), ConsortiumRefused, "/members"),
        (Combination(members=members(FIRST, lot=3)), OfferRefused, "/members/0/lots/0/lot"),
        (Combination(members=(Member(organization_id=FIRST, lots=()),)), ConsortiumRefused, "/members/0/lots"),
        (
            Combination(members=(Member(organization_id=FIRST, lots=(replace(lots(1)[0], lead_days=3),)),)),
            ConsortiumRefused,
            "/members/0/lots/0/lead_days",
        ),
        (
            Combination(members=(Member(organization_id=FIRST, lots=lots(1, pieces_min=0)),)),
            OfferRefused,
            "/members/0/lots/0/lines/0/pieces_min",
        ),
    ],
)
def test_what_does_not_hang_together_is_refused_at_its_place(
    combination: Combination, kind: type[Refusal], pointer: str
) -> None:
    def check() -> None:
        check_offers(tender(), lots(1, 2), combination, bidder_id=LEADER)

    assert refused(kind, check) == [pointer]


def test_a_member_sews_only_where_the_leader_does() -> None:
    combination = Combination(members=members(FIRST, lot=2))
    found = refused(ConsortiumRefused, lambda: check_offers(tender(), lots(1), combination, bidder_id=LEADER))
    assert found == ["/members/0/lots/0/lot"]


def test_a_discount_leaves_something_of_every_price() -> None:
    cheap = tuple(LotOffer(lot=number, lines=(line("0.01"),)) for number in (1, 2))
    combination = Combination(packages=(package(1, 2, percent="0.01"),))
    assert refused(OfferRefused, lambda: check_offers(tender(), cheap, combination)) == ["/packages/0/percent"]


def test_where_no_part_bids_are_taken_all_sewers_together_offer_the_lot() -> None:
    whole = tender(partial_bids="false")
    check_offers(whole, lots(1))
    check_offers(whole, lots(1, sizes=(SMALL, LARGE), pieces_min=100))
    for part in (lots(1, sizes=(SMALL,)), lots(1, pieces_max=99)):
        assert refused(BeyondPackage, partial(check_offers, whole, part)) == ["/lots/0/lines"]
    other = Member(organization_id=FIRST, lots=lots(1, sizes=(LARGE,)))
    check_offers(whole, lots(1, sizes=(SMALL,)), Combination(members=(other,)), bidder_id=LEADER)


def test_a_package_without_consortia_says_so() -> None:
    alone = tender(consortium_members_max="1")
    with pytest.raises(BeyondPackage) as caught:
        check_offers(alone, lots(1), Combination(members=members(FIRST)), bidder_id=LEADER)
    assert caught.value.passes == "a bid of one's own"


def test_the_format_of_a_bid_is_the_first_that_has_words_for_it() -> None:
    plain = BidContent(
        bid_id=BidId(UUID(int=1)),
        tender_id=tender().id,
        bidder_id=LEADER,
        revision=1,
        terms=1,
        offers=lots(1, sizes=(Size("122"),)),
    )
    assert plain.format == "oimaq-bid/2"
    assert replace(plain, documents=None).format == "oimaq-bid/1"
    fuller = (
        replace(plain, offers=lots(1, breaks=breaks((2, "1.00")))),
        replace(plain, offers=lots(1, answers=(Answer(parameter="p", value="v"),))),
        replace(plain, offers=(replace(plain.offers[0], lead_days=1),)),
        replace(plain, combination=Combination(either_or=((1, 2),))),
    )
    assert {each.format for each in fuller} == {"oimaq-bid/3"}
