"""How far the free capacity of a market reaches over lots: who could bid, who could fill them alone, how many pieces.

Each workshop is counted by itself, as if the others were not there: so another workshop never takes a count away from
one, and no count depends on an order. Its part of the pieces is what it could sew in the lots' own proportions, day
after day, with work that can be divided; a cleverer spread of workshops over garments may reach more, hence "at least".
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from domain.awards.allocation import minutes_until
from domain.garments import GarmentKind
from domain.ids import region_of
from domain.lotting.market import Market, Sewer, Standing, product_of
from domain.tenders.lot import Lot

KIND_NOT_SEWN = "kind_not_sewn"
NO_MINUTES_LEFT = "no_minutes_left"
"""Beside the rules of the verdict, why a workshop does not count."""
_SCALE = 10_000
"""Minutes are counted in whole ten-thousandths, the finest that a draft can name."""
_UNKNOWN = Standing(failed=(KIND_NOT_SEWN,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Pieces of one garment line that are due on one day. ``minutes`` are of one piece, in ten-thousandths."""

    kind: GarmentKind
    product: str
    due_on: date
    pieces: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """``workshops`` could sew some piece, ``alone`` of them everything; together at least ``pieces``."""

    workshops: int
    alone: int
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOut:
    """``workshops`` are kept out by a rule, ``only`` of them by nothing else."""

    rule: str
    workshops: int
    only: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """``pieces`` are asked. ``local`` workshops, of a region of delivery, could sew some; of all that could,
    ``in_doubt`` depend on a rule that could not be checked.
    """

    pieces: int
    everybody: Reach
    small: Reach
    local: int
    in_doubt: int


class Floor:
    """The market made ready for counting: free minutes per day and who may sew what, each worked out once."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._sewers = market.sewers
        self._free: dict[date, list[int]] = {}
        self._able: dict[tuple[GarmentKind, str], frozenset[int]] = {}
        self._units: dict[str, list[int | None]] = {}

    def tasks(self, lots: Iterable[Lot]) -> tuple[Task, ...]:
        """By day, then in the order of lots and lines."""
        pieces: Counter[tuple[date, int, int]] = Counter()
        known = list(lots)
        for index, lot in enumerate(known):
            for place in lot.places:
                for number, run in place.runs.items():
                    pieces[place.due_on, index, number] += run.pieces
        found = []
        for (due_on, index, number), count in sorted(pieces.items()):
            line = known[index].lines[number - 1]
            found.append(
                Task(
                    kind=line.kind,
                    product=product_of(line.ens_tru, self._market.digits),
                    due_on=due_on,
                    pieces=count,
                    minutes=int(line.standard_minutes * _SCALE),
                )
            )
        return tuple(found)

    def coverage(self, lots: tuple[Lot, ...]) -> Coverage:
        tasks = self.tasks(lots)
        bidders = self.bidders(tasks)
        regions = {region_of(place.kato) for lot in lots for place in lot.places}
        return Coverage(
            pieces=sum(task.pieces for task in tasks),
            everybody=self._reach(tasks, bidders),
            small=self._reach(tasks, frozenset(index for index in bidders if self._sewers[index].small)),
            local=sum(self._sewers[index].region in regions for index in bidders),
            in_doubt=sum(self._doubtful(index, tasks) for index in bidders),
        )

    def _reach(self, tasks: tuple[Task, ...], bidders: frozenset[int]) -> Reach:
        alone = len(self.alone(tasks) & bidders)
        return Reach(workshops=len(bidders), alone=alone, pieces=self.reached(tasks, bidders))

    def reached(self, tasks: tuple[Task, ...], bidders: frozenset[int]) -> int:
        """Pieces that these together could sew. Each divides his minutes of a day over what he may sew in its own
        proportions; what he sews for a day takes from the minutes of later ones.
        """
        if self.alone(tasks) & bidders:
            return sum(task.pieces for task in tasks)
        chosen = sorted(bidders)
        wanted = _pieces_of(tasks)
        used = [0] * len(chosen)
        pieces = 0
        for due_on, of_day in groupby(tasks, key=lambda task: task.due_on):
            bundles: dict[tuple[GarmentKind, str], list[Task]] = {}
            for task in of_day:
                bundles.setdefault((task.kind, task.product), []).append(task)
            most = [self._most(bundle, chosen, wanted[product]) for (_, product), bundle in bundles.items()]
            needed = [sum(each) for each in zip(*most, strict=True)]
            free = self._minutes(due_on)
            sewn = [min(need, free[index] - gone) for need, index, gone in zip(needed, chosen, used, strict=True)]
            used = [gone + more for gone, more in zip(used, sewn, strict=True)]
            for bundle, each in zip(bundles.values(), most, strict=True):
                together = sum(part * done // need for part, done, need in zip(each, sewn, needed, strict=True) if part)
                pieces += _made(bundle, together)
        return pieces

    def _most(self, bundle: list[Task], chosen: list[int], wanted: int) -> list[int]:
        """Minutes that each could have use for: all, or what a declared capacity leaves, which the ``wanted`` pieces of
        the product share.
        """
        able, product = self._may_sew(bundle[0]), bundle[0].product
        asked = _minutes_of(bundle)
        if product not in self._units:
            self._units[product] = [sewer.standings.get(product, _UNKNOWN).units for sewer in self._sewers]
        units = self._units[product]

        def most(left: int | None) -> int:
            return asked if left is None or left >= wanted else asked * left // wanted

        return [most(units[index]) if index in able else 0 for index in chosen]

    def small(self, found: frozenset[int]) -> int:
        """How many of these are small."""
        return sum(self._sewers[index].small for index in found)

    def bidders(self, tasks: tuple[Task, ...]) -> frozenset[int]:
        """Who may sew some line and has the time for one piece of it."""
        found: set[int] = set()
        for task in tasks:
            free = self._minutes(task.due_on)
            found |= {index for index in self._may_sew(task) if free[index] >= task.minutes}
        return frozenset(found)

    def alone(self, tasks: tuple[Task, ...]) -> frozenset[int]:
        """Who may sew every line, in time for each day, within his declared capacity."""
        found = frozenset.intersection(*(self._may_sew(task) for task in tasks))
        for product, pieces in _pieces_of(tasks).items():
            found = frozenset(index for index in found if _within(self._sewers[index], product, pieces))
        needed = 0
        for due_on, of_day in groupby(tasks, key=lambda task: task.due_on):
            needed += sum(task.pieces * task.minutes for task in of_day)
            free = self._minutes(due_on)
            found = frozenset(index for index in found if free[index] >= needed)
        return found

    def kept_out(self, lot: Lot) -> tuple[KeptOut, ...]:
        """Per rule, of those who could not bid: what keeps them from the line that they are nearest to. Most first."""
        tasks = self.tasks((lot,))
        within = self.bidders(tasks)
        every: Counter[str] = Counter()
        only: Counter[str] = Counter()
        for index, sewer in enumerate(self._sewers):
            if index not in within:
                failed = min((_failed(sewer, task) for task in tasks), key=len)
                every.update(failed)
                only.update(failed if len(failed) == 1 else ())
        ranked = sorted(every, key=lambda rule: (-every[rule], rule))
        return tuple(KeptOut(rule=rule, workshops=every[rule], only=only[rule]) for rule in ranked)

    def _doubtful(self, index: int, tasks: tuple[Task, ...]) -> bool:
        """Whether each line that it may sew is in doubt."""
        standings = self._sewers[index].standings
        return all(standings[task.product].in_doubt for task in tasks if index in self._may_sew(task))

    def _minutes(self, day: date) -> list[int]:
        if day not in self._free:
            days = (day - self._market.on).days
            self._free[day] = [
                int(minutes_until(sewer.per_week, days=days, booked=sewer.booked) * _SCALE) for sewer in self._sewers
            ]
        return self._free[day]

    def _may_sew(self, task: Task) -> frozenset[int]:
        key = (task.kind, task.product)
        if key not in self._able:
            self._able[key] = frozenset(
                index for index, sewer in enumerate(self._sewers) if not _standing(sewer, task).failed
            )
        return self._able[key]


def _standing(sewer: Sewer, task: Task) -> Standing:
    return sewer.standings.get(task.product, _UNKNOWN) if task.kind in sewer.kinds else _UNKNOWN


def _failed(sewer: Sewer, task: Task) -> tuple[str, ...]:
    return _standing(sewer, task).failed or (NO_MINUTES_LEFT,)


def _pieces_of(tasks: Iterable[Task]) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for task in tasks:
        pieces[task.product] += task.pieces
    return pieces


def _within(sewer: Sewer, product: str, pieces: int) -> bool:
    units = sewer.standings[product].units
    return units is None or pieces <= units


def _minutes_of(tasks: list[Task]) -> int:
    return sum(task.pieces * task.minutes for task in tasks)


def _made(tasks: list[Task], minutes: int) -> int:
    """The pieces that so many minutes make of tasks, in their own proportions."""
    asked = _minutes_of(tasks)
    return sum(task.pieces * min(minutes, asked) // asked for task in tasks)
