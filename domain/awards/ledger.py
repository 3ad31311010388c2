"""What is left while lots are filled one after another: minutes until each day, declared units, quotas, either-or."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from domain.awards.problem import Demand, Offer, Problem
from domain.ids import BidId

_HUNDRED = Decimal(100)


@dataclass(slots=True)
class Ledger:
    """Changed by ``use``, which takes negative numbers of pieces back."""

    problem: Problem
    _minutes: dict[str, list[tuple[date, Decimal]]] = field(init=False)
    _units: dict[str, int] = field(init=False)
    _members: list[tuple[int, int]] = field(init=False)
    """Per quota: pieces given to its bidders and to all, over its lots that are done."""
    _won: dict[BidId, set[int]] = field(init=False, default_factory=dict)
    _excluding: dict[tuple[BidId, int], set[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        problem = self.problem
        days = sorted({demand.due_on for demand in problem.demands})
        self._minutes = {
            bidder: [
                (day, max((each.minutes for each in free if each.until <= day), default=Decimal(0))) for day in days
            ]
            for bidder, free in (problem.capacity or {}).items()
        }
        self._units = {capacity: max(left, 0) for capacity, left in problem.units.items()}
        self._members = [(0, 0) for _ in problem.quotas]
        for group in problem.either_or:
            for lot in group.lots:
                others = self._excluding.setdefault((group.bid_id, lot), set())
                others.update(other for other in group.lots if other != lot)

    def minutes_allow(self, offer: Offer, demand: Demand) -> int | None:
        """How many pieces more the sewer's minutes allow; None where they are not counted."""
        if self.problem.capacity is None:
            return None
        free = self._minutes.get(str(offer.bidder_id), ())
        least = min((minutes for day, minutes in free if day >= demand.due_on), default=Decimal(0))
        return _floor(least / demand.standard_minutes)

    def units_allow(self, offer: Offer, demand: Demand) -> int | None:
        return self._units.get(f"{offer.bidder_id}/{demand.product}")

    def excluded(self, offer: Offer) -> bool:
        """Whether the bid has won a lot that excludes this one."""
        others = self._excluding.get((offer.bid_id, offer.lot))
        return bool(others) and not self._won.get(offer.bid_id, set()).isdisjoint(others or ())

    def outsiders_allow(self, quota: int, everybody: int) -> int:
        """How many of a lot's ``everybody`` pieces others than the quota's bidders may have."""
        had, of_all = self._members[quota]
        percent = self.problem.quotas[quota].percent_min
        return _floor((of_all + everybody) * (_HUNDRED - percent) / _HUNDRED) - (of_all - had)

    def outsiders_beside(self, quota: int, members: int) -> int:
        """The same for a lot that gives the quota's bidders ``members`` pieces."""
        had, of_all = self._members[quota]
        percent = self.problem.quotas[quota].percent_min
        return _floor((had + members) * (_HUNDRED - percent) / percent) - (of_all - had)

    def holds(self, quota: int, members: int, everybody: int) -> bool:
        had, of_all = self._members[quota]
        return (had + members) * _HUNDRED >= (of_all + everybody) * self.problem.quotas[quota].percent_min

    def use(self, offer: Offer, demand: Demand, pieces: int) -> None:
        bidder = str(offer.bidder_id)
        minutes = self._minutes.get(bidder)
        if minutes:
            needed = demand.standard_minutes * pieces
            self._minutes[bidder] = [(day, free - needed if day >= demand.due_on else free) for day, free in minutes]
        capacity = f"{bidder}/{demand.product}"
        if capacity in self._units:
            self._units[capacity] -= pieces

    def close(self, lot: int, given: Counter[BidId], quotas: dict[int, tuple[int, int]]) -> None:
        """The lot is done: ``given`` pieces per bid; per quota what its bidders and all were given."""
        for bid_id, pieces in given.items():
            if pieces:
                self._won.setdefault(bid_id, set()).add(lot)
        for quota, (members, everybody) in quotas.items():
            had, of_all = self._members[quota]
            self._members[quota] = (had + members, of_all + everybody)


def _floor(value: Decimal) -> int:
    return max(int(value.to_integral_value(ROUND_FLOOR)), 0)
