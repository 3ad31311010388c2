"""Cuts of a lot: by line, place, size or date. Every piece and every tiyn is in exactly one of the parts.

A recipe is enough to make a cut again from the same lot, so that is what is stored. A cut changes what is bought
together and when it is due, and nothing else: not how much, not at what planned price, not by which method.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import accumulate

from domain.garments import Size, SizeRun, summed
from domain.ids import region_of
from domain.money import total
from domain.tenders.lot import PLACES_MAX, DeliveryPlace, Lot

PARTS_OF_SIZES = (2, 3, 4)
PARTS_MAX = 10
"""More lots of one cut would be as many contracts to sign and to receive."""
LATER_DAYS = (28, 56)
_TITLE_MAX = 300


class Way(StrEnum):
    LINES = "lines"
    """Each garment line a lot of its own."""
    REGIONS = "regions"
    """The places of each region together."""
    PLACES = "places"
    """Each delivery place a lot of its own."""
    SIZES = "sizes"
    """Ranges of sizes, in the order of the grid, of about as many pieces each."""
    LATER = "later"
    """The lot as it is, due later."""
    TWO_DATES = "two_dates"
    """The lot as it is; of every cell the smaller half is due later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """``parts`` lots come of it; ``days`` is how much later something is due."""

    way: Way
    parts: int = 1
    days: int = 0


Chooser = Callable[[int, DeliveryPlace, Size], int]
"""Line, place, size -> the part, from 0."""


def recipes(lot: Lot) -> Iterator[Recipe]:
    """Every cut that makes something else of the lot, in a fixed order. A lot of a pool is bought together, only its
    day may change.
    """
    if lot.pooled:
        yield from (Recipe(way=Way.LATER, days=days) for days in LATER_DAYS)
        return
    regions = len({region_of(place.kato) for place in lot.places})
    for way, parts in ((Way.LINES, len(lot.lines)), (Way.REGIONS, regions), (Way.PLACES, len(lot.places))):
        if 1 < parts <= PARTS_MAX and not (way is Way.PLACES and parts == regions):
            yield Recipe(way=way, parts=parts)
    for parts in PARTS_OF_SIZES:
        recipe = Recipe(way=Way.SIZES, parts=parts)
        if len(_parted(lot, recipe)) == parts:
            yield recipe
    for days in LATER_DAYS:
        yield Recipe(way=Way.LATER, days=days)
    halved = sum(any(count > 1 for run in place.runs.values() for _, count in run.cells) for place in lot.places)
    for days in LATER_DAYS if 0 < halved <= PLACES_MAX - len(lot.places) else ():
        yield Recipe(way=Way.TWO_DATES, days=days)


def cut(lot: Lot, recipe: Recipe) -> tuple[Lot, ...]:
    """The parts, numbered as the lot until they are put into its place (``exchanged``)."""
    match recipe.way:
        case Way.LATER:
            return (replace(lot, places=tuple(_later(place, recipe.days) for place in lot.places)),)
        case Way.TWO_DATES:
            return (_on_two_dates(lot, recipe.days),)
        case _:
            return _parted(lot, recipe)


def exchanged(lots: tuple[Lot, ...], number: int, parts: tuple[Lot, ...]) -> tuple[Lot, ...]:
    """The lots with the parts in the place of one of them, numbered through."""
    mixed = (part for lot in lots for part in (parts if lot.number == number else (lot,)))
    return tuple(replace(lot, number=place) for place, lot in enumerate(mixed, start=1))


def _parted(lot: Lot, recipe: Recipe) -> tuple[Lot, ...]:
    chosen = _CHOOSERS[recipe.way](lot, recipe.parts)
    parts = (_part(lot, chosen, part, f"({part + 1}/{recipe.parts})") for part in range(recipe.parts))
    return tuple(part for part in parts if part is not None)


def _part(lot: Lot, chosen: Chooser, part: int, suffix: str) -> Lot | None:
    """None where no piece is in it. Lines and places without a piece are left out, the others numbered anew."""
    kept: list[tuple[DeliveryPlace, dict[int, SizeRun]]] = []
    for place in lot.places:
        runs = {
            line: run.only(size for size in run.sizes if chosen(line, place, size) == part)
            for line, run in place.runs.items()
        }
        if runs := {line: run for line, run in runs.items() if run.cells}:
            kept.append((place, runs))
    if not kept:
        return None
    lines = [line for line in lot.lines if any(line.number in runs for _, runs in kept)]
    numbers = {line.number: number for number, line in enumerate(lines, start=1)}
    remaining = tuple(
        replace(
            line,
            number=numbers[line.number],
            run=summed(line.run.grid, (runs[line.number] for _, runs in kept if line.number in runs)),
        )
        for line in lines
    )
    places = tuple(
        replace(place, number=number, runs={numbers[line]: run for line, run in runs.items()})
        for number, (place, runs) in enumerate(kept, start=1)
    )
    title = f"{lot.title[: _TITLE_MAX - len(suffix) - 1]} {suffix}"
    return replace(lot, title=title, lines=remaining, places=places, allocated=total(line.sum for line in remaining))


def _by_line(_lot: Lot, _parts: int) -> Chooser:
    return lambda line, _place, _size: line - 1


def _by_region(lot: Lot, _parts: int) -> Chooser:
    regions = sorted({region_of(place.kato) for place in lot.places})
    return lambda _line, place, _size: regions.index(region_of(place.kato))


def _by_place(_lot: Lot, _parts: int) -> Chooser:
    return lambda _line, place, _size: place.number - 1


def _by_size(lot: Lot, parts: int) -> Chooser:
    """A cell is in the part in which its middle piece falls, of the line's pieces in the order of the grid."""
    part: dict[tuple[int, Size], int] = {}
    for line in lot.lines:
        before = accumulate((count for _, count in line.run.cells), initial=0)
        for (size, count), first in zip(line.run.cells, before, strict=False):
            part[line.number, size] = (2 * first + count) * parts // (2 * line.run.pieces)
    return lambda line, _place, size: part[line, size]


_CHOOSERS: dict[Way, Callable[[Lot, int], Chooser]] = {
    Way.LINES: _by_line,
    Way.REGIONS: _by_region,
    Way.PLACES: _by_place,
    Way.SIZES: _by_size,
}


def _later(place: DeliveryPlace, days: int) -> DeliveryPlace:
    return replace(place, due_on=place.due_on + timedelta(days=days))


def _on_two_dates(lot: Lot, days: int) -> Lot:
    places = []
    for place in lot.places:
        later = {line: _halves(run)[1] for line, run in place.runs.items()}
        places.append(replace(place, runs={line: _halves(run)[0] for line, run in place.runs.items()}))
        if later := {line: run for line, run in later.items() if run.cells}:
            places.append(_later(replace(place, runs=later), days))
    return replace(lot, places=tuple(replace(place, number=number) for number, place in enumerate(places, start=1)))


def _halves(run: SizeRun) -> tuple[SizeRun, SizeRun]:
    smaller = SizeRun.of(run.grid, {size: count // 2 for size, count in run.cells})
    return run - smaller, smaller
