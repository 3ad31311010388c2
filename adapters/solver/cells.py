"""Size cells that the same offers cover are one: a program counts pieces per class and not per cell.

The way back is in grid order, so that the same numbers always give the same sizes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.awards.problem import Demand, Offer
from domain.awards.settling import OfferKey, key_of
from domain.garments import Size, SizeRun


@dataclass(frozen=True, slots=True, kw_only=True)
class CellClass:
    """``most`` says per offer how many pieces of the class it may be given."""

    cells: tuple[tuple[Size, int], ...]
    most: Mapping[OfferKey, int]

    @property
    def pieces(self) -> int:
        return sum(count for _, count in self.cells)


def classes(demand: Demand, offers: Sequence[Offer]) -> tuple[CellClass, ...]:
    """Cells are alike where the same offers could fill each of them alone; a cell that some offer covers only in part
    stays by itself.
    """
    grouped: dict[tuple[object, ...], list[tuple[Size, int]]] = {}
    covers = [(key_of(offer), dict(offer.run.cells)) for offer in offers]
    for size, count in demand.run.cells:
        caps = [(key, min(cells[size], count)) for key, cells in covers if size in cells]
        alike: tuple[object, ...] = tuple(key for key, _ in caps)
        if any(cap < count for _, cap in caps):
            alike = (size, *alike)
        grouped.setdefault(alike, []).append((size, count))
    return tuple(
        CellClass(
            cells=tuple(cells),
            most={
                key: sum(min(covered.get(size, 0), count) for size, count in cells)
                for key, covered in covers
                if cells[0][0] in covered
            },
        )
        for cells in grouped.values()
    )


def spread(demand: Demand, given: Sequence[tuple[CellClass, Mapping[OfferKey, int]]]) -> dict[OfferKey, SizeRun]:
    """Pieces per class and offer as size runs: cell after cell in grid order, offer after offer in theirs."""
    runs: dict[OfferKey, dict[Size, int]] = {}
    for each, pieces in given:
        free = [count for _, count in each.cells]
        at = 0
        for key, count in pieces.items():
            left = count
            while left > 0 and at < len(free):
                part = min(left, free[at])
                runs.setdefault(key, {})[each.cells[at][0]] = part
                free[at] -= part
                left -= part
                at += not free[at]
    return {key: SizeRun.of(demand.run.grid, cells) for key, cells in runs.items()}
