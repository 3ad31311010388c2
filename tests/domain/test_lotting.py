"""The study of a draft's lots: what is counted, what a cut keeps, what is proposed, and what is not told."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.garments import GarmentKind, GarmentLine, GridId, Size, SizeRun, Unit, summed
from domain.ids import EnsTru, Kato, OrganizationId, PoolId
from domain.lotting.coverage import KIND_NOT_SEWN, NO_MINUTES_LEFT, Coverage, Floor, KeptOut, Reach
from domain.lotting.cuts import LATER_DAYS, PARTS_MAX, Recipe, Way, cut, exchanged, recipes
from domain.lotting.discretion import told, told_before, told_of_small, told_pieces
from domain.lotting.market import Market, Sewer, Standing
from domain.lotting.study import CUTS_OF_LOT_MAX, Findings, Reason, study
from domain.lotting.words import costs_in_words, reason_in_words, way_in_words
from domain.money import Money, total
from domain.tenders.lot import DeliveryPlace, Lot, PoolOfLine
from domain.tenders.model import LOTS_MAX

BIDS_ON = date(2027, 1, 4)
SUIT, SHIRT = EnsTru("141211.290.000016"), EnsTru("141413.900.000014")
EAST, ASTANA = Kato("631010000"), Kato("711010000")
ADULT = ("88-92/158-164", "88-92/170-176", "96-100/170-176", "104-108/182-188")
REGULAR = {Size(size): 100 for size in ADULT}


def line(number: int = 1, sizes: dict[Size, int] | None = None, **more: Any) -> GarmentLine:
    given: dict[str, Any] = {"ens_tru": SUIT, "kind": GarmentKind.WORKWEAR_SUIT, "standard_minutes": Decimal(60)}
    return GarmentLine(
        number=number,
        name=f"Garment {number}",
        unit=Unit.PIECE,
        planned_price=Money.of("9000.50"),
        run=SizeRun.of(GridId.ADULT, sizes or REGULAR),
        **given | more,
    )


def place(number: int = 1, days: int = 70, kato: Kato = EAST, **sizes: dict[Size, int]) -> DeliveryPlace:
    runs = {int(key.removeprefix("line")): SizeRun.of(GridId.ADULT, run) for key, run in sizes.items()}
    due_on = BIDS_ON + timedelta(days=days)
    return DeliveryPlace(number=number, name=f"Store {number}", kato=kato, address="1 Street", due_on=due_on, runs=runs)


def lot(*places: DeliveryPlace, lines: tuple[GarmentLine, ...] = (), number: int = 1, **more: Any) -> Lot:
    known = lines or (line(),)
    return Lot(
        number=number,
        title="Suits",
        lines=known,
        places=places or (place(line1=REGULAR),),
        allocated=total(each.sum for each in known),
        **more,
    )


def sewer(number: int, *, weekly: int = 3000, **more: Any) -> Sewer:
    """Of suits in the east, small, with nothing booked: 3,000 minutes a week are 50 suits of 60 minutes."""
    given: dict[str, Any] = {
        "region": "63", "kinds": (GarmentKind.WORKWEAR_SUIT,), "small": True, "booked": Decimal(0),
        "standings": {"141211": Standing()},
    }  # fmt: skip
    return Sewer(id=OrganizationId(UUID(int=number)), per_week=Decimal(weekly), **given | more)


def market(*sewers: Sewer) -> Market:
    return Market(on=BIDS_ON, digits=6, sewers=sewers)


def covered(found: Lot, *sewers: Sewer) -> Coverage:
    return Floor(market(*sewers)).coverage((found,))


def test_minutes_until_the_due_day_say_who_could_bid_and_who_could_fill_it_alone() -> None:
    """400 suits of an hour in ten weeks: 2,400 minutes a week are just enough."""
    reach = covered(
        lot(), sewer(1, weekly=2400), sewer(2, weekly=2399), sewer(3, weekly=5), sewer(4, weekly=6)
    ).everybody
    assert (reach.workshops, reach.alone) == (3, 1)
    assert reach.pieces == 400


def test_minutes_that_contracts_bind_are_not_free() -> None:
    free = covered(lot(), sewer(1, weekly=2400, booked=Decimal(60))).everybody
    assert (free.workshops, free.alone, free.pieces) == (1, 0, 399)


def test_what_is_due_first_must_be_sewn_first() -> None:
    """Enough minutes for both days together, and too few until the first."""
    half = dict.fromkeys(REGULAR, 50)
    two = lot(place(1, days=7, line1=half), place(2, days=70, line1=half))
    reach = covered(two, sewer(1, weekly=3000)).everybody
    assert (reach.alone, reach.pieces) == (0, 50 + 200)
    assert covered(two, sewer(1, weekly=12000)).everybody.alone == 1


def test_declared_capacity_bounds_the_pieces_of_all_lines_of_the_product() -> None:
    lines = (line(1), line(2))
    both = lot(place(line1=REGULAR, line2=REGULAR), lines=lines)
    rich: dict[str, Any] = {"weekly": 100_000}
    enough = covered(both, sewer(1, standings={"141211": Standing(units=800)}, **rich)).everybody
    short = covered(both, sewer(1, standings={"141211": Standing(units=799)}, **rich)).everybody
    assert (enough.alone, enough.pieces) == (1, 800)
    assert short.alone == 0
    assert 790 <= short.pieces <= 799


def test_a_workshop_that_sews_one_line_could_bid_and_not_fill_the_lot() -> None:
    lines = (line(1), line(2, ens_tru=SHIRT, kind=GarmentKind.SCHOOL_SHIRT))
    both = lot(place(line1=REGULAR, line2=REGULAR), lines=lines)
    reach = covered(both, sewer(1, weekly=100_000)).everybody
    assert (reach.workshops, reach.alone, reach.pieces) == (1, 0, 400)


def test_small_and_local_workshops_are_counted_apart() -> None:
    found = covered(lot(), sewer(1, weekly=600), sewer(2, weekly=1200, small=False, region="71"), sewer(3, weekly=600))
    assert found.everybody == Reach(workshops=3, alone=0, pieces=400)
    assert found.small == Reach(workshops=2, alone=0, pieces=200)
    assert found.local == 2


def test_who_depends_on_an_unchecked_rule_counts_and_is_told() -> None:
    doubtful = sewer(1, standings={"141211": Standing(in_doubt=True)})
    found = covered(lot(), doubtful, sewer(2))
    assert (found.everybody.workshops, found.in_doubt) == (2, 1)


def test_each_rule_that_keeps_workshops_out_is_counted_at_the_line_they_are_nearest_to() -> None:
    lines = (line(1), line(2, ens_tru=SHIRT, kind=GarmentKind.SCHOOL_SHIRT))
    both = lot(place(line1=REGULAR, line2=REGULAR), lines=lines)
    no_proof = Standing(failed=("evidence_covers_code", "local_content_at_least"))
    listed = Standing(failed=("not_in_unreliable_state",))
    sewers = (
        sewer(1, standings={"141211": no_proof}, kinds=(GarmentKind.WORKWEAR_SUIT, GarmentKind.SCHOOL_SHIRT)),
        sewer(2, standings={"141211": listed}),
        sewer(3, standings={"141211": no_proof, "141413": listed}, kinds=tuple(GarmentKind)),
        sewer(4, kinds=(GarmentKind.MITTENS,), standings={}),
        sewer(5, weekly=1),
        sewer(6),
    )
    assert Floor(market(*sewers)).kept_out(both) == (
        KeptOut(rule=KIND_NOT_SEWN, workshops=2, only=2),
        KeptOut(rule="not_in_unreliable_state", workshops=2, only=2),
        KeptOut(rule=NO_MINUTES_LEFT, workshops=1, only=1),
    )


COUNTS = st.dictionaries(st.sampled_from(ADULT).map(Size), st.integers(1, 60), min_size=1, max_size=4)


@st.composite
def lots(draw: st.DrawFn) -> Lot:
    """One to three lines, one to five places of three regions and days."""
    count = draw(st.integers(1, 3))
    places = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        numbers = draw(st.sets(st.integers(1, count), min_size=1)) | (
            set(range(1, count + 1)) if number == 1 else set()
        )
        kato = draw(st.sampled_from((EAST, ASTANA, Kato("431010000"))))
        sizes = {f"line{each}": draw(COUNTS) for each in numbers}
        places.append(place(number, draw(st.sampled_from((7, 30, 70))), kato, **sizes))
    lines = []
    for number in range(1, count + 1):
        run = summed(GridId.ADULT, (each.runs[number] for each in places if number in each.runs))
        kind, code = draw(st.sampled_from(((GarmentKind.WORKWEAR_SUIT, SUIT), (GarmentKind.SCHOOL_SHIRT, SHIRT))))
        minutes = draw(st.decimals(1, 200, places=2))
        lines.append(line(number, dict(run.cells), kind=kind, ens_tru=code, standard_minutes=minutes))
    return lot(*places, lines=tuple(lines))


STANDINGS = st.builds(
    Standing,
    failed=st.sampled_from(((), (), ("evidence_covers_code",))),
    in_doubt=st.booleans(),
    units=st.none() | st.integers(0, 400),
)


@st.composite
def markets(draw: st.DrawFn, most: int = 6) -> Market:
    kinds = st.sampled_from(
        (
            (GarmentKind.WORKWEAR_SUIT,),
            (GarmentKind.SCHOOL_SHIRT,),
            (GarmentKind.WORKWEAR_SUIT, GarmentKind.SCHOOL_SHIRT),
        )
    )
    found = [
        sewer(
            number,
            weekly=draw(st.integers(0, 8000)),
            booked=Decimal(draw(st.integers(0, 4000))),
            small=draw(st.booleans()),
            region=draw(st.sampled_from(("63", "71", "79"))),
            kinds=draw(kinds),
            standings={"141211": draw(STANDINGS), "141413": draw(STANDINGS)},
        )
        for number in range(1, draw(st.integers(0, most)) + 1)
    ]
    return market(*found)


def cells(found: tuple[Lot, ...]) -> Counter[tuple[str, str, str]]:
    """Pieces per garment, place and size, whatever lot, line and day they are in."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for each in found:
        for there in each.places:
            for number, run in there.runs.items():
                for size, count in run.cells:
                    counted[each.lines[number - 1].name, there.name, size] += count
    return counted


def sums_of_goods(found: tuple[Lot, ...]) -> dict[str, Money]:
    """Planned sums per first six digits of the product code, as in ``domain.tenders.thresholds``."""
    groups = sorted({each.ens_tru[:6] for lot in found for each in lot.lines})
    return {
        group: total(each.sum for lot in found for each in lot.lines if each.ens_tru[:6] == group) for group in groups
    }


@given(lots())
def test_a_cut_keeps_every_cell_of_every_place_and_every_tiyn(found: Lot) -> None:
    for recipe in recipes(found):
        parts = cut(found, recipe)
        assert len(parts) == recipe.parts
        assert cells(parts) == cells((found,))
        assert total(part.allocated for part in parts) == found.allocated
        assert sums_of_goods(parts) == sums_of_goods((found,)), "what the limits of methods count"
        specified = {(each.name, each.ens_tru, each.planned_price, each.standard_minutes) for each in found.lines}
        assert {
            (each.name, each.ens_tru, each.planned_price, each.standard_minutes)
            for part in parts
            for each in part.lines
        } == specified


@given(lots())
def test_no_cut_makes_anything_due_earlier_and_only_those_by_date_make_it_later(found: Lot) -> None:
    last = {there.name: there.due_on for there in found.places}
    for recipe in recipes(found):
        days = {there.due_on - last[there.name] for part in cut(found, recipe) for there in part.places}
        allowed = {Way.LATER: {recipe.days}, Way.TWO_DATES: {0, recipe.days}}.get(recipe.way, {0})
        assert days <= {timedelta(days=each) for each in allowed}
        assert (timedelta(days=recipe.days) in days) or recipe.days == 0


@given(lots(), lots())
def test_parts_take_the_place_of_their_lot_and_all_are_numbered_through(one: Lot, other: Lot) -> None:
    before = (one, replace(other, number=2))
    for recipe in recipes(one):
        after = exchanged(before, 1, cut(one, recipe))
        assert [each.number for each in after] == list(range(1, recipe.parts + 2))
        assert replace(after[-1], number=2) == before[1]
        assert cells(after) == cells(before)


@given(lots(), markets(), markets(most=2))
def test_no_count_falls_when_workshops_come_to_the_market(found: Lot, before: Market, more: Market) -> None:
    fewer = Floor(before).coverage((found,))
    larger = Floor(market(*before.sewers, *more.sewers)).coverage((found,))
    for one, two in ((fewer.everybody, larger.everybody), (fewer.small, larger.small)):
        assert one.workshops <= two.workshops
        assert one.alone <= two.alone
        assert one.pieces <= two.pieces
    assert fewer.local <= larger.local


@given(lots(), markets())
def test_counts_stay_within_each_other_and_within_what_is_asked(found: Lot, known: Market) -> None:
    coverage = Floor(known).coverage((found,))
    kept = Floor(known).kept_out(found)
    everybody, small = coverage.everybody, coverage.small
    assert small.workshops <= everybody.workshops <= len(known.sewers)
    assert small.pieces <= everybody.pieces <= coverage.pieces == sum(each.run.pieces for each in found.lines)
    assert everybody.alone == 0 or everybody.pieces == coverage.pieces
    assert everybody.alone <= everybody.workshops
    assert sum(each.only for each in kept) <= len(known.sewers) - everybody.workshops
    assert all(each.only <= each.workshops for each in kept)


@given(lots(), markets())
def test_what_is_reached_fits_into_the_minutes_of_those_who_could_bid(found: Lot, known: Market) -> None:
    """By counts of another kind: all minutes until the last day, at the quickest garment's minutes a piece."""
    last = (found.due_on - BIDS_ON).days
    minutes = sum(max(each.per_week * last / 7 - each.booked, Decimal(0)) for each in known.sewers)
    quickest = min(each.standard_minutes for each in found.lines)
    assert Floor(known).coverage((found,)).everybody.pieces <= minutes / quickest


@given(lots(), markets())
@settings(max_examples=40)
def test_the_same_market_in_another_order_gives_the_same_findings(found: Lot, known: Market) -> None:
    assert study((found,), known) == study((found,), market(*reversed(known.sewers)))


@given(lots(), markets())
@settings(max_examples=60)
def test_every_proposal_gains_by_a_stated_measure_and_loses_nobody(found: Lot, known: Market) -> None:
    found_cuts = study((found,), known).cuts
    assert len({each.recipe.way for each in found_cuts}) == len(found_cuts) <= CUTS_OF_LOT_MAX
    for proposed in found_cuts:
        assert proposed.reasons
        assert all(each.after >= each.before + 3 for each in proposed.reasons)
        assert proposed.after.workshops >= proposed.before.workshops
        assert proposed.after.alone >= proposed.before.alone


def findings(*sewers: Sewer, of: Lot | None = None, **more: Any) -> Findings:
    return study((of or lot(),), market(*sewers), **more)


SMALL = tuple(sewer(number, weekly=1300) for number in range(1, 6))
"""Five that could each sew a bit more than half of the suits."""


def test_a_lot_too_large_for_small_workshops_is_cut_by_size() -> None:
    best = findings(*SMALL).cuts[0]
    assert (best.recipe, best.lot, best.number) == (Recipe(way=Way.SIZES, parts=2), 1, 1)
    assert (best.before.alone, best.after.alone) == (0, 5)
    assert (best.before.small_percent, best.after.small_percent) == (0, 100)
    assert [each.code for each in best.reasons] == ["small_share", "more_alone"]
    assert [part.pieces for part in best.parts] == [200, 200]
    assert [part.title for part in best.parts] == ["Suits (1/2)", "Suits (2/2)"]


def test_a_lot_of_two_regions_is_cut_by_region_and_not_by_place_as_well() -> None:
    half = dict.fromkeys(REGULAR, 50)
    ways = [
        each.recipe.way
        for each in findings(*SMALL, of=lot(place(1, line1=half), place(2, kato=ASTANA, line1=half))).cuts
    ]
    assert ways[0] is Way.REGIONS
    assert Way.PLACES not in ways


def test_a_lot_of_two_garments_is_cut_by_line() -> None:
    shirts = line(2, ens_tru=SHIRT, kind=GarmentKind.SCHOOL_SHIRT)
    both = lot(place(line1=REGULAR, line2=REGULAR), lines=(line(1), shirts))
    specialists = [sewer(number, weekly=2400) for number in range(1, 5)]
    best = findings(*specialists, of=both).cuts[0]
    assert best.recipe.way is Way.LINES
    assert (best.before.alone, best.after.alone, best.after.small_percent) == (0, 4, 50)


def test_a_lot_that_is_due_too_soon_is_proposed_for_a_later_day() -> None:
    soon = lot(place(days=0, line1=REGULAR))
    cuts = findings(*SMALL, of=soon).cuts
    assert {each.recipe.way for each in cuts} <= {Way.LATER, Way.TWO_DATES}
    assert "more_workshops" in [reason.code for reason in cuts[0].reasons]
    assert cuts[0].parts[0].due_on == soon.due_on + timedelta(days=cuts[0].recipe.days)


def test_nothing_is_proposed_where_enough_could_fill_the_lot_already() -> None:
    assert findings(*(sewer(number, weekly=2400) for number in range(1, 10))).cuts == ()


def test_two_more_workshops_are_no_gain() -> None:
    assert findings(*SMALL[:2]).cuts == ()
    assert findings(*SMALL[:3]).cuts != ()


def test_a_draft_that_must_stay_gets_counts_and_no_cuts() -> None:
    fixed = findings(*SMALL, fixed=True)
    assert fixed.cuts == ()
    assert fixed.lots == findings(*SMALL).lots


def test_a_lot_of_a_pool_may_only_be_due_later() -> None:
    pooled = lot(pooled={1: PoolOfLine(pool_id=PoolId(UUID(int=1)), garment="Suit")})
    assert [each.way for each in recipes(pooled)] == [Way.LATER] * len(LATER_DAYS)
    assert cut(pooled, Recipe(way=Way.LATER, days=28))[0].pooled == pooled.pooled


def test_a_full_tender_has_no_room_for_parts() -> None:
    full = tuple(replace(lot(), number=number) for number in range(1, LOTS_MAX + 1))
    assert study(full, market(*SMALL)).cuts == ()
    assert {each.recipe.parts for each in study(full[:-1], market(*SMALL)).cuts} == {2}


def test_a_cut_makes_no_more_lots_than_somebody_would_sign() -> None:
    run = {Size(ADULT[0]): 4}
    places = [place(number, line1=run) for number in range(1, PARTS_MAX + 2)]
    lines = (line(1, {Size(ADULT[0]): 4 * len(places)}),)
    assert Way.PLACES not in {each.way for each in recipes(lot(*places, lines=lines))}
    fewer = (line(1, {Size(ADULT[0]): 4 * PARTS_MAX}),)
    assert Way.PLACES in {each.way for each in recipes(lot(*places[:PARTS_MAX], lines=fewer))}


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (2, None), (3, 3), (40, 40)])
def test_one_or_two_workshops_are_not_told_apart(count: int, shown: int | None) -> None:
    assert told(count) == shown
    assert told_pieces(Reach(workshops=count, alone=0, pieces=17)) == (None if shown is None else 17)


@pytest.mark.parametrize(("others", "shown"), [(0, 90), (1, None), (2, None), (3, 90)])
def test_the_pieces_of_small_workshops_do_not_tell_those_of_one_large_one(others: int, shown: int | None) -> None:
    coverage = Coverage(
        pieces=400,
        everybody=Reach(workshops=5 + others, alone=0, pieces=200),
        small=Reach(workshops=5, alone=0, pieces=90),
        local=0,
        in_doubt=0,
    )
    assert told_of_small(coverage) == shown


def test_reasons_are_told_in_three_languages_and_hide_what_is_somebodys() -> None:
    few = reason_in_words(Reason(code="more_alone", before=2, after=9), 20)
    assert few.en == "Workshops that could fill a lot alone: 9, now fewer than 3"
    assert "менее 3" in few.ru
    assert "3-тен аз" in few.kk
    reached = Reason(code="more_reached", before=37, after=80)
    assert told_before(reached, 2) is None
    hidden = reason_in_words(reached, 2)
    assert all("37" not in words for words in (hidden.en, hidden.ru, hidden.kk))
    assert "37" in reason_in_words(reached, 3).kk


def test_every_way_and_every_cost_has_words() -> None:
    for way in Way:
        recipe = Recipe(way=way, parts=3, days=28)
        words = way_in_words(recipe)
        assert len({words.en, words.ru, words.kk}) == 3
        assert all("28" in text or "3" in text for text in (words.en, words.ru, words.kk))
    assert set(costs_in_words(Recipe(way=Way.SIZES, parts=2))) == {"more_contracts"}
    assert set(costs_in_words(Recipe(way=Way.LATER, days=28))) == {"later_delivery"}
