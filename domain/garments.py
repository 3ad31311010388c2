"""The vocabulary of the trade: garment kinds, units, size grids, size runs, specification lines, garment lines.

A size run is a matrix size x height -> pieces. It goes unchanged through lot, bid, allocation, contract,
delivery and invoice; every step conserves its sums, which is why the arithmetic lives here once.
Reading of notations as the trade writes them (``48-50/3-4``) is in ``domain/notations.py``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NewType, Self

from domain.errors import Flaw, Invalid, MalformedValue, Titles
from domain.ids import EnsTru, parse_ens_tru
from domain.money import Money

Size = NewType("Size", str)
"""A cell's canonical label within its grid: ``96-100/170-176``, ``134``, ``42``."""

PIECES_MAX = 10_000_000


class GarmentKind(StrEnum):
    WORKWEAR_SUIT = "workwear_suit"
    WORK_JACKET = "work_jacket"
    WORK_TROUSERS = "work_trousers"
    SIGNAL_VEST = "signal_vest"
    GOWN = "gown"
    SCHOOL_BLAZER = "school_blazer"
    SCHOOL_VEST = "school_vest"
    SCHOOL_TROUSERS = "school_trousers"
    SCHOOL_SKIRT = "school_skirt"
    SCHOOL_SHIRT = "school_shirt"
    SAFETY_BOOTS = "safety_boots"
    MITTENS = "mittens"
    HEADGEAR = "headgear"
    BED_LINEN = "bed_linen"
    OTHER = "other"


class Unit(StrEnum):
    """Codes of the classifier of units (MKEI, numbers as in OKEI)."""

    PIECE = "796"
    SET = "839"
    PAIR = "715"


class GridId(StrEnum):
    ADULT = "adult"
    """Chest pair / height pair in centimetres, GOST 12.4.111-82: ``96-100/170-176``."""
    CHILD = "child"
    """Height in steps of 6 cm: ``134``."""
    FOOTWEAR = "footwear"
    """Shoe size: ``42``."""
    ONE_SIZE = "one_size"


_CHEST_PAIRS = ("80-84", "88-92", "96-100", "104-108", "112-116", "120-124", "128-132")
_HEIGHT_PAIRS = ("146-152", "158-164", "170-176", "182-188", "194-200")

GRIDS: dict[GridId, tuple[Size, ...]] = {
    GridId.ADULT: tuple(Size(f"{chest}/{height}") for chest in _CHEST_PAIRS for height in _HEIGHT_PAIRS),
    GridId.CHILD: tuple(Size(str(height)) for height in range(98, 189, 6)),
    GridId.FOOTWEAR: tuple(Size(str(size)) for size in range(25, 51)),
    GridId.ONE_SIZE: (Size("one"),),
}
"""Every cell of a grid in the order in which the trade lists them."""

_ORDER: dict[GridId, dict[Size, int]] = {
    grid: {size: place for place, size in enumerate(sizes)} for grid, sizes in GRIDS.items()
}


class UnknownSize(Invalid):
    code = "unknown-size"
    titles = Titles("The size is not in the grid", "Такого размера нет в сетке", "Мұндай өлшем торда жоқ")


class SizeRunMismatch(Invalid):
    """Pieces would be lost or invented between two size runs that must agree."""

    code = "size-run-mismatch"
    titles = Titles("The size runs do not add up", "Размерные ряды не сходятся", "Өлшем қатарлары сәйкес келмейді")


@dataclass(frozen=True, slots=True)
class SizeRun:
    """Pieces per size cell of one grid, zero cells left out, in grid order. May be empty.

    Refuses unknown sizes, repeated cells and counts that are not whole numbers from 1 to ``PIECES_MAX``.
    """

    grid: GridId
    cells: tuple[tuple[Size, int], ...] = ()

    def __post_init__(self) -> None:
        order = _ORDER[self.grid]
        for size, pieces in self.cells:
            if size not in order:
                raise UnknownSize(
                    f"{size!r} is not a size of the grid {self.grid}",
                    flaws=(
                        Flaw(
                            pointer=f"/sizes/{size}",
                            reason="unknown size",
                            passes=", ".join(GRIDS[self.grid]),
                        ),
                    ),
                )
            if type(pieces) is not int or not 1 <= pieces <= PIECES_MAX:
                raise MalformedValue(f"{pieces!r} is not a number of pieces", passes=f"1 to {PIECES_MAX}")
        if len({size for size, _ in self.cells}) != len(self.cells):
            raise MalformedValue("A size stands twice in the run", passes="each size once")
        object.__setattr__(self, "cells", tuple(sorted(self.cells, key=lambda cell: order[cell[0]])))

    @classmethod
    def of(cls, grid: GridId, pieces: Mapping[Size, int]) -> Self:
        """Zero counts are dropped; everything else is checked."""
        return cls(grid, tuple((size, count) for size, count in pieces.items() if count != 0))

    @property
    def pieces(self) -> int:
        return sum(count for _, count in self.cells)

    @property
    def sizes(self) -> tuple[Size, ...]:
        return tuple(size for size, _ in self.cells)

    def __getitem__(self, size: Size) -> int:
        return dict(self.cells).get(size, 0)

    def __add__(self, other: Self) -> Self:
        self._same_grid(other)
        ours, theirs = dict(self.cells), dict(other.cells)
        return type(self).of(self.grid, {s: ours.get(s, 0) + theirs.get(s, 0) for s in {**ours, **theirs}})

    def __sub__(self, other: Self) -> Self:
        """Refuse (``size-run-mismatch``) where a cell would become negative."""
        self._same_grid(other)
        ours, theirs = dict(self.cells), dict(other.cells)
        short = {size: count - ours.get(size, 0) for size, count in theirs.items() if count > ours.get(size, 0)}
        if short:
            raise SizeRunMismatch(
                "More pieces than there are",
                flaws=tuple(
                    Flaw(
                        pointer=f"/sizes/{size}",
                        reason=f"{excess} too many",
                        passes=f"at most {ours.get(size, 0)}",
                    )
                    for size, excess in short.items()
                ),
            )
        return type(self).of(self.grid, {size: count - theirs.get(size, 0) for size, count in ours.items()})

    def within(self, other: Self) -> bool:
        """Whether no cell asks for more than ``other`` has."""
        theirs = dict(other.cells)
        return self.grid == other.grid and all(count <= theirs.get(size, 0) for size, count in self.cells)

    def only(self, sizes: Iterable[Size]) -> Self:
        chosen = set(sizes)
        return type(self)(self.grid, tuple(cell for cell in self.cells if cell[0] in chosen))

    def take(self, pieces: int) -> Self:
        """The first ``pieces`` in grid order (all of them when there are fewer): a deterministic part."""
        taken: dict[Size, int] = {}
        left = pieces
        for size, count in self.cells:
            if left <= 0:
                break
            taken[size] = min(count, left)
            left -= taken[size]
        return type(self).of(self.grid, taken)

    def common(self, other: Self) -> Self:
        """Cell by cell the smaller count."""
        self._same_grid(other)
        theirs = dict(other.cells)
        return type(self).of(self.grid, {size: min(count, theirs.get(size, 0)) for size, count in self.cells})

    def _same_grid(self, other: Self) -> None:
        if self.grid != other.grid:
            raise SizeRunMismatch(f"Grid {self.grid} and grid {other.grid} cannot be combined")


def summed(grid: GridId, runs: Iterable[SizeRun]) -> SizeRun:
    result = SizeRun(grid)
    for run in runs:
        result += run
    return result


class Operator(StrEnum):
    EQUAL = "="
    AT_LEAST = ">="
    AT_MOST = "<="
    RANGE = "range"
    ONE_OF = "in"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificationLine:
    """One requirement on its own line, as the official form asks: parameter, operator, value, unit, test standard."""

    parameter: str
    operator: Operator
    value: str
    unit: str | None = None
    standard: str | None = None
    mandatory: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class GarmentLine:
    """A style to be sewn. ``number`` is unique within its lot, from 1. ``planned_price`` is per unit without VAT.

    ``standard_minutes`` (SMV) per piece, 0 < SMV <= 1000, at most two decimals.
    """

    number: int
    name: str
    ens_tru: EnsTru
    kind: GarmentKind
    unit: Unit
    standard_minutes: Decimal
    planned_price: Money
    run: SizeRun
    specification: tuple[SpecificationLine, ...] = ()

    def __post_init__(self) -> None:
        parse_ens_tru(self.ens_tru)
        if not Decimal(0) < self.standard_minutes <= Decimal(1000):
            raise MalformedValue("Standard minutes are out of range", passes="more than 0, at most 1000")
        if self.run.pieces == 0:
            raise MalformedValue("A garment line needs at least one piece", passes="a size run with pieces")
        if self.planned_price.amount <= 0:
            raise MalformedValue("The planned price must be positive", passes='"0.01" or more')

    @property
    def sum(self) -> Money:
        return self.planned_price * self.run.pieces

    @property
    def minutes(self) -> Decimal:
        return self.standard_minutes * self.run.pieces
