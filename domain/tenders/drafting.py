"""Drafting: what a buyer types (or imported as a need) becomes lots whose sums agree.

A line's size run is either typed, with delivery places typed beside it, or taken from an imported need, which
brings the places along: one per site, conserving every cell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain.errors import Flaw, Invalid, Titles
from domain.garments import (
    GarmentKind,
    GarmentLine,
    GridId,
    Size,
    SizeRun,
    SpecificationLine,
    Unit,
)
from domain.ids import EnsTru, Kato, NeedId
from domain.money import Money
from domain.tenders.lot import DeliveryPlace, Lot
from domain.tenders.need import Need


class LotRefused(Invalid):
    code = "lot-refused"
    titles = Titles("The lot is incomplete", "Лот описан не полностью", "Лот толық сипатталмаған")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedOfLine:
    """Which garment of which imported need a line covers."""

    need_id: NeedId
    garment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineForm:
    """``sizes`` or ``need``, exactly one; ``grid`` belongs to ``sizes`` (a need has its own)."""

    name: str
    ens_tru: EnsTru
    kind: GarmentKind
    unit: Unit
    standard_minutes: Decimal
    planned_price: Money
    specification: tuple[SpecificationLine, ...] = ()
    grid: GridId = GridId.ADULT
    sizes: Mapping[Size, int] | None = None
    need: NeedOfLine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceForm:
    """``sizes`` per line number."""

    name: str
    kato: Kato
    address: str
    due_on: date
    sizes: Mapping[int, Mapping[Size, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LotForm:
    """``due_on`` is the delivery day of places that come from needs."""

    title: str
    allocated: Money
    lines: tuple[LineForm, ...]
    places: tuple[PlaceForm, ...] = ()
    due_on: date | None = None
    partial_award: bool = False


def needs_of(forms: tuple[LotForm, ...]) -> frozenset[NeedId]:
    """The imported needs that the forms refer to."""
    return frozenset(line.need.need_id for form in forms for line in form.lines if line.need)


def compose(forms: tuple[LotForm, ...], needs: Mapping[NeedId, Need]) -> tuple[Lot, ...]:
    """Lots numbered as given; refuses lines without pieces, mixed sources, and every sum that does not agree."""
    return tuple(_lot(index, form, needs) for index, form in enumerate(forms))


def _lot(index: int, form: LotForm, needs: Mapping[NeedId, Need]) -> Lot:
    pointer = f"/lots/{index}"
    from_need = [line.need is not None for line in form.lines]
    if any(from_need) and not all(from_need):
        raise _refused(f"{pointer}/lines", "some lines take a need and some type sizes", "one or the other in a lot")
    lines = tuple(_line(place, line, f"{pointer}/lines/{place}", needs) for place, line in enumerate(form.lines))
    places = _places_of_needs(form, pointer, needs) if all(from_need) else _places_typed(form, lines, pointer)
    return Lot(
        number=index + 1,
        title=form.title,
        lines=lines,
        places=places,
        allocated=form.allocated,
        partial_award=form.partial_award,
    )


def _line(place: int, form: LineForm, pointer: str, needs: Mapping[NeedId, Need]) -> GarmentLine:
    if (form.sizes is None) is (form.need is None):
        raise _refused(pointer, "sizes and need are both given or both missing", "exactly one of sizes and need")
    if form.need is not None:
        run = needs[form.need.need_id].run(form.need.garment)
    else:
        run = SizeRun.of(form.grid, form.sizes or {})
    return GarmentLine(
        number=place + 1,
        name=form.name,
        ens_tru=form.ens_tru,
        kind=form.kind,
        unit=form.unit,
        standard_minutes=form.standard_minutes,
        planned_price=form.planned_price,
        run=run,
        specification=form.specification,
    )


def _places_typed(form: LotForm, lines: tuple[GarmentLine, ...], pointer: str) -> tuple[DeliveryPlace, ...]:
    grids = {line.number: line.run.grid for line in lines}
    places = []
    for place, typed in enumerate(form.places):
        unknown = sorted(set(typed.sizes) - set(grids))
        if unknown:
            raise _refused(f"{pointer}/places/{place}/sizes", f"no line {unknown}", f"lines 1 to {len(lines)}")
        places.append(
            DeliveryPlace(
                number=place + 1,
                name=typed.name,
                kato=typed.kato,
                address=typed.address,
                due_on=typed.due_on,
                runs={line: SizeRun.of(grids[line], sizes) for line, sizes in typed.sizes.items()},
            )
        )
    return tuple(places)


def _places_of_needs(form: LotForm, pointer: str, needs: Mapping[NeedId, Need]) -> tuple[DeliveryPlace, ...]:
    """Sites of each need in its own order, needs in the order in which the lines name them, numbered through."""
    if form.due_on is None:
        raise _refused(f"{pointer}/due_on", "missing", "the delivery day of the places that the need brings")
    if form.places:
        raise _refused(f"{pointer}/places", "typed beside a need", "no places: the need brings them")
    garments: dict[NeedId, dict[str, int]] = {}
    for number, line in enumerate(form.lines, start=1):
        if line.need:
            garments.setdefault(line.need.need_id, {})[line.need.garment] = number
    places = [
        place for need_id, lines in garments.items() for place in needs[need_id].places(lines, due_on=form.due_on)
    ]
    return tuple(replace(place, number=number) for number, place in enumerate(places, start=1))


def _refused(pointer: str, reason: str, passes: str) -> LotRefused:
    return LotRefused(
        f"{pointer}: {reason}", flaws=(Flaw(pointer=pointer, reason=reason, passes=passes),), passes=passes
    )
