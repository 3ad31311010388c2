"""Dumping among opened bids, lot by lot: which price is too low, what that costs, or that it shuts a bid out.

A bid may offer part of a lot, so its price is held against what is planned for the pieces that it offers. Where the
package compares with the mean, the mean is of prices per planned tenge, and the bid's own planned sum makes a price of
it again; among bids for whole lots that is the arithmetic mean of their prices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domain.bids.model import Bid
from domain.ids import BidId
from domain.money import TIYN, Money, total
from domain.procedures.pricing import anti_dumping_between, dumping_threshold
from domain.procedures.rules import Rules
from domain.tenders.lot import Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpingCheck:
    """``planned`` is the planned sum of the pieces that the bid offers. ``threshold`` is the least price that is no
    dumping. ``anti_dumping_sum`` is what a winner of all these pieces pays beside the contract security; None where
    there is no dumping, or it is no matter of a sum. ``consequence`` is the package's word for a price below.
    """

    price: Money
    planned: Money
    threshold: Money
    dumping: bool
    consequence: str
    anti_dumping_sum: Money | None

    @property
    def rejects(self) -> bool:
        return self.dumping and self.consequence == "rejection"


def dumping_of(rules: Rules, lot: Lot, bids: Sequence[Bid]) -> Mapping[BidId, DumpingCheck]:
    """Per bid on the lot, of ``bids`` that are valid otherwise; empty where the package knows no dumping."""
    if rules.text("dumping_rule") == "none":
        return {}
    sums = {bid.id: (bid.sum(lot), planned_for(lot, bid)) for bid in bids}
    sums = {id: found for id, found in sums.items() if found[1].amount > 0}
    relative = [Fraction(price.amount) / Fraction(planned.amount) for price, planned in sums.values()]
    mean = sum(relative, Fraction(0)) / len(relative) if relative else Fraction(0)
    found = {}
    for id, (price, planned) in sums.items():
        expected = Money(_exactly(mean * Fraction(planned.amount)))
        threshold = dumping_threshold(rules, allocated=planned, bids=(expected,))
        if threshold is not None:
            found[id] = DumpingCheck(
                price=price,
                planned=planned,
                threshold=threshold,
                dumping=price < threshold,
                consequence=rules.text("dumping_consequence"),
                anti_dumping_sum=anti_dumping_between(rules, price=price, threshold=threshold),
            )
    return found


def anti_dumping_due(check: DumpingCheck, *, price: Money, planned: Money) -> Money:
    """What is due for the pieces that were awarded, at ``price`` in all and ``planned`` for so much: the threshold in
    proportion less the price. Nothing where nothing was due for the whole.
    """
    if check.anti_dumping_sum is None:
        return Money(Decimal(0))
    threshold = _exactly(Fraction(check.threshold.amount) * Fraction(planned.amount) / Fraction(check.planned.amount))
    return Money(max(threshold - price.amount, Decimal(0)))


def planned_for(lot: Lot, bid: Bid) -> Money:
    """What the buyer planned for the pieces that the bid offers, with all who sew for it."""
    prices = {line.number: line.planned_price for line in lot.lines}
    seats = bid.seats(lot.number)
    return total(prices[line] * pieces for seat in seats for line, pieces in seat.offer.pieces(lot).items())


def _exactly(sum_: Fraction) -> Decimal:
    """Half up to the tiyn; sums are not negative."""
    tiyn = sum_ * 100 + Fraction(1, 2)
    return Decimal(tiyn.numerator // tiyn.denominator) * TIYN
