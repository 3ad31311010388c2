"""A lot: garment lines bought together, and the places where their size runs are delivered."""

from dataclasses import dataclass, field
from datetime import date

from domain.errors import Flaw, Invalid, MalformedValue, Titles
from domain.garments import GarmentLine, SizeRun, SizeRunMismatch, summed
from domain.ids import Kato, OrganizationId, PoolId, parse_kato
from domain.money import Money, total

LINES_MAX = 20
PLACES_MAX = 200


class AllocatedSumMismatch(Invalid):
    code = "allocated-sum-mismatch"
    titles = Titles(
        "The allocated sum does not match the lines",
        "Выделенная сумма не равна сумме позиций",
        "Бөлінген сома позициялар сомасына тең емес",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlace:
    """Where and when part of a lot is delivered. ``number`` is unique within the lot, from 1.

    ``runs`` gives pieces per line number; over all places of a lot they sum to each line's run, cell by cell.
    ``buyer_id`` is the buyer who receives there; None is the tender's own.
    """

    number: int
    name: str
    kato: Kato
    address: str
    due_on: date
    runs: dict[int, SizeRun]
    buyer_id: OrganizationId | None = None

    def __post_init__(self) -> None:
        parse_kato(self.kato)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOfLine:
    """Which garment of which pool a line buys."""

    pool_id: PoolId
    garment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Garment lines bought together. ``allocated`` is the lot's sum without VAT: planned price x pieces over lines.

    ``partial_award`` lets the buyer award a lot whose demand the bids do not fill completely. ``pooled`` says per line
    number which garment of a pool it buys: of all lines and of one pool, or of none.
    """

    number: int
    title: str
    lines: tuple[GarmentLine, ...]
    places: tuple[DeliveryPlace, ...]
    allocated: Money
    partial_award: bool = False
    pooled: dict[int, PoolOfLine] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 1 <= len(self.lines) <= LINES_MAX or not 1 <= len(self.places) <= PLACES_MAX:
            raise MalformedValue(
                f"Lot {self.number} has {len(self.lines)} lines and {len(self.places)} places",
                passes=f"1 to {LINES_MAX} lines, 1 to {PLACES_MAX} places",
            )
        if [line.number for line in self.lines] != list(range(1, len(self.lines) + 1)):
            raise MalformedValue(f"Lines of lot {self.number} are numbered 1, 2, 3 …")
        if [place.number for place in self.places] != list(range(1, len(self.places) + 1)):
            raise MalformedValue(f"Places of lot {self.number} are numbered 1, 2, 3 …")
        planned = total(line.sum for line in self.lines)
        if planned != self.allocated:
            pointer = f"/lots/{self.number - 1}/allocated"
            raise AllocatedSumMismatch(
                f"Lot {self.number} allocates {self.allocated}, its lines come to {planned}",
                flaws=(Flaw(pointer=pointer, reason="not the sum of price x pieces", passes=str(planned.amount)),),
            )
        known = {line.number for line in self.lines}
        if self.pooled and (set(self.pooled) != known or len({line.pool_id for line in self.pooled.values()}) > 1):
            raise MalformedValue(f"Lot {self.number} takes from a pool in part", passes="all lines from one pool")
        for place in self.places:
            if not set(place.runs) <= known:
                raise MalformedValue(f"Place {place.number} of lot {self.number} names a line that does not exist")
        for line in self.lines:
            self._conserves(line)

    def _conserves(self, line: GarmentLine) -> None:
        placed = summed(line.run.grid, (place.runs[line.number] for place in self.places if line.number in place.runs))
        if placed == line.run:
            return
        pointer = f"/lots/{self.number - 1}/lines/{line.number - 1}/sizes"
        sizes = sorted({*placed.sizes, *line.run.sizes})
        raise SizeRunMismatch(
            f"Line {line.number} of lot {self.number}: {line.run.pieces} pieces asked, {placed.pieces} placed",
            flaws=tuple(
                Flaw(
                    pointer=f"{pointer}/{size}",
                    reason=f"the line has {line.run[size]}, the places sum to {placed[size]}",
                    passes=str(placed[size]),
                )
                for size in sizes
                if placed[size] != line.run[size]
            ),
        )

    def line(self, number: int) -> GarmentLine | None:
        return next((line for line in self.lines if line.number == number), None)

    @property
    def due_on(self) -> date:
        return max(place.due_on for place in self.places)
