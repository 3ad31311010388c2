"""Drafting: what a buyer types (or imported as a need) becomes lots whose sums agree.

A line's size run is typed, with delivery places typed beside it, or taken from an imported need, or from the needs of
several buyers in a pool; both bring the places along: one per site, conserving every cell.
"""

from collections.abc import Mapping, Sequence
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
from domain.ids import EnsTru, Kato, NeedId, PoolId
from domain.money import Money
from domain.pools.pooled import Pooled
from domain.tenders.lot import DeliveryPlace, Lot, PoolOfLine
from domain.tenders.need import Need


class LotRefused(Invalid):
    code = "lot-refused"
    titles = Titles("The lot is incomplete", "Лот описан не полностью", "Лот толық сипатталмаған")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedOfLine:
    """Which garment of which imported need a line covers."""

    need_id: NeedId
    garment: str


SOURCES = ("sizes", "need", "pool")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineForm:
    """One of ``sizes``, ``need`` and ``pool``; ``grid`` belongs to ``sizes`` (needs and pools have their own)."""

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
    pool: PoolOfLine | None = None

    @property
    def source(self) -> str | None:
        """Where the pieces come from; None where there is no such place, or more than one."""
        given = [name for name in SOURCES if getattr(self, name) is not None]
        return given[0] if len(given) == 1 else None


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
    """``due_on`` is the delivery day of places that come from needs or a pool."""

    title: str
    allocated: Money
    lines: tuple[LineForm, ...]
    places: tuple[PlaceForm, ...] = ()
    due_on: date | None = None
    partial_award: bool = False


def needs_of(forms: tuple[LotForm, ...]) -> frozenset[NeedId]:
    """The imported needs that the forms refer to."""
    return frozenset(line.need.need_id for form in forms for line in form.lines if line.need)


def pools_of(forms: tuple[LotForm, ...]) -> frozenset[PoolId]:
    """The pools that the forms refer to."""
    return frozenset(line.pool.pool_id for form in forms for line in form.lines if line.pool)


NO_POOLS: Mapping[PoolId, Pooled] = {}


def compose(
    forms: tuple[LotForm, ...], needs: Mapping[NeedId, Need], pools: Mapping[PoolId, Pooled] = NO_POOLS
) -> tuple[Lot, ...]:
    """Lots numbered as given; refuses lines without pieces, mixed sources, a pool's garment bought twice, and every sum
    that does not agree.
    """
    taken: set[PoolOfLine] = set()
    for index, form in enumerate(forms):
        for place, line in enumerate(form.lines):
            if line.pool in taken:
                pointer = f"/lots/{index}/lines/{place}/pool"
                raise _refused(pointer, "bought by an earlier line already", "each garment of a pool once")
            taken |= {line.pool} if line.pool else set()
    return tuple(_lot(index, form, needs, pools) for index, form in enumerate(forms))


def _lot(index: int, form: LotForm, needs: Mapping[NeedId, Need], pools: Mapping[PoolId, Pooled]) -> Lot:
    pointer = f"/lots/{index}"
    sources = _sources(form, pointer)
    lines = tuple(_line(place, line, needs, pools) for place, line in enumerate(form.lines))
    if sources == {"sizes"}:
        places = _places_typed(form, lines, pointer)
    elif sources == {"need"}:
        places = _places_of_needs(form, pointer, needs)
    else:
        places = _places_of_pool(form, pointer, pools)
    return Lot(
        number=index + 1,
        title=form.title,
        lines=lines,
        places=places,
        allocated=form.allocated,
        partial_award=form.partial_award,
        pooled={number: line.pool for number, line in enumerate(form.lines, start=1) if line.pool},
    )


def _sources(form: LotForm, pointer: str) -> set[str]:
    """The one source of the lot's lines; of pools also just one, so that the lot can follow its members."""
    sources: set[str] = set()
    for place, line in enumerate(form.lines):
        if line.source is None:
            names = ", ".join(SOURCES)
            raise _refused(f"{pointer}/lines/{place}", f"none or several of {names}", f"exactly one of {names}")
        sources.add(line.source)
    if len(sources) > 1:
        raise _refused(f"{pointer}/lines", f"some lines take {' and some '.join(sorted(sources))}", "one in a lot")
    if len({line.pool.pool_id for line in form.lines if line.pool}) > 1:
        raise _refused(f"{pointer}/lines", "several pools", "the garments of one pool in a lot")
    return sources


def _line(place: int, form: LineForm, needs: Mapping[NeedId, Need], pools: Mapping[PoolId, Pooled]) -> GarmentLine:
    if form.need is not None:
        run = needs[form.need.need_id].run(form.need.garment)
    elif form.pool is not None:
        run = pools[form.pool.pool_id].run(form.pool.garment)
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
    due_on = _due_on(form, pointer)
    garments: dict[NeedId, dict[str, int]] = {}
    for number, line in enumerate(form.lines, start=1):
        if line.need:
            garments.setdefault(line.need.need_id, {})[line.need.garment] = number
    places = [place for need_id, lines in garments.items() for place in needs[need_id].places(lines, due_on=due_on)]
    return tuple(replace(place, number=number) for number, place in enumerate(places, start=1))


def _places_of_pool(form: LotForm, pointer: str, pools: Mapping[PoolId, Pooled]) -> tuple[DeliveryPlace, ...]:
    due_on = _due_on(form, pointer)
    named: Sequence[PoolOfLine] = [line.pool for line in form.lines if line.pool]
    lines = {each.garment: number for number, each in enumerate(named, start=1)}
    return pools[named[0].pool_id].places(lines, due_on=due_on)


def _due_on(form: LotForm, pointer: str) -> date:
    """The delivery day of places that nobody typed."""
    if form.due_on is None:
        raise _refused(f"{pointer}/due_on", "missing", "the delivery day of the places that come with the pieces")
    if form.places:
        raise _refused(f"{pointer}/places", "typed beside a need or a pool", "no places: they come with the pieces")
    return form.due_on


def _refused(pointer: str, reason: str, passes: str) -> LotRefused:
    return LotRefused(
        f"{pointer}: {reason}", flaws=(Flaw(pointer=pointer, reason=reason, passes=passes),), passes=passes
    )
