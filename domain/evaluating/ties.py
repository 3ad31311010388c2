"""Ties: of equal compared prices the package says who comes first. Its ``tie_breaks`` are words of one table here.

A word that nobody has figures for (``financial_stability``) separates nobody, and the next one decides. Receipt and id
come last in every package, so that the order is total.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from itertools import groupby

from domain.ids import BidId
from domain.money import Money
from domain.procedures.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One bid on one lot. ``contract_sum`` and ``contracts`` are of this year's contracts before the award;
    ``local_content`` is in per cent, by pieces over what he offers; ``minutes_a_week`` is the size of the workshop,
    None where it has no profile.
    """

    bid_id: BidId
    lot: int
    received_at: datetime
    contract_sum: Money
    contracts: int
    local_content: Decimal
    minutes_a_week: Decimal | None


Key = tuple[bool | int | str | Decimal | datetime, ...]

TIE_BREAKS: Mapping[str, Callable[[Contender, str], Key]] = {
    "financial_stability": lambda _, __: (),
    "fewer_contract_sums": lambda each, _: (each.contract_sum.amount,),
    "fewer_contracts": lambda each, _: (each.contracts,),
    "local_content": lambda each, _: (-each.local_content,),
    "small_workshop": lambda each, _: (each.minutes_a_week is None, each.minutes_a_week or Decimal(0)),
    "earlier_receipt": lambda each, _: (each.received_at,),
    "public_lot": lambda each, seed: (drawn(each, seed),),
    "bid_id": lambda each, _: (str(each.bid_id),),
}
"""What is smaller comes first. The seed is the manifest's hash: published at the closing, before a price is known."""


def drawn(contender: Contender, seed: str) -> str:
    """A lot that anybody draws again: SHA-256 of ``seed/lot/bid id``."""
    return sha256(f"{seed}/{contender.lot}/{contender.bid_id}".encode()).hexdigest()


def tie_key(rules: Rules, contender: Contender, *, seed: str = "") -> tuple[Key, ...]:
    """``seed`` is needed where the package draws lots."""
    words = (*rules.text("tie_breaks").split(), "earlier_receipt", "bid_id")
    return tuple(TIE_BREAKS[word](contender, seed) for word in dict.fromkeys(words))


def tie_ranks(rules: Rules, contenders: Iterable[Contender], *, seed: str = "") -> dict[tuple[BidId, int], int]:
    """Per bid and lot its place among the lot's bids were all their prices equal, from 1."""
    ordered = sorted(contenders, key=lambda each: (each.lot, tie_key(rules, each, seed=seed)))
    return {
        (each.bid_id, lot): place
        for lot, group in groupby(ordered, key=lambda each: each.lot)
        for place, each in enumerate(group, start=1)
    }


def draws_lots(rules: Rules) -> bool:
    return "public_lot" in rules.text("tie_breaks").split()
