"""Price rules: dumping, conditional discounts, securities. Sums are tenge without VAT; pure functions of ``Rules``."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from domain.money import TIYN, Money, total
from domain.procedures.rules import Rules

_HUNDRED = Decimal(100)
_STEPS = {"half_up_tenge": Decimal(1), "half_up_tiyn": TIYN}


def dumping_threshold(rules: Rules, *, allocated: Money, bids: Sequence[Money] = ()) -> Money | None:
    """The least price that is no dumping; None where the package knows no dumping, or there is no mean yet.

    Below the allocated sum for state tenders (rules 687 p. 94), below the mean of the bids elsewhere.
    """
    kind = rules.text("dumping_rule")
    if kind == "none" or (kind == "below_mean" and not bids):
        return None
    base = allocated.amount if kind == "below_allocated" else total(bids).amount / len(bids)
    return Money(base.quantize(TIYN, ROUND_HALF_UP)).share(_HUNDRED - rules.percent("dumping_percent"))


def is_dumping(rules: Rules, *, price: Money, allocated: Money, bids: Sequence[Money] = ()) -> bool:
    """Strictly below the threshold: exactly at it is no dumping."""
    least = dumping_threshold(rules, allocated=allocated, bids=bids)
    return least is not None and price < least


def anti_dumping_sum(rules: Rules, *, price: Money, allocated: Money) -> Money | None:
    """What a dumping bidder pays beside the contract security: least price that is no dumping - price (rules 687
    p. 95); None where there is no dumping, or where dumping is no matter of a sum.
    """
    return anti_dumping_between(rules, price=price, threshold=dumping_threshold(rules, allocated=allocated))


def anti_dumping_between(rules: Rules, *, price: Money, threshold: Money | None) -> Money | None:
    """``anti_dumping_sum`` where the least price that is no dumping is known already."""
    if rules.text("dumping_consequence") != "anti_dumping_sum" or threshold is None or price >= threshold:
        return None
    return threshold - price


def conditional_price(rules: Rules, *, price: Money, producer: bool) -> Money:
    """Price x (100 - discounts) / 100, for comparison only: the contract is at the price (rules 687 p. 271-1)."""
    percent = rules.percent("discount_producer_percent") if producer else Decimal(0)
    return price.share(_HUNDRED - percent)


def bid_security(rules: Rules, *, allocated: Money, exempt: bool = False) -> Money:
    """Percent of the lot's allocated sum (rules 687 p. 104)."""
    return Money(Decimal(0)) if exempt else _security(rules, "bid_security_percent", allocated)


def contract_security(rules: Rules, *, sum: Money, producer: bool) -> Money:
    """Percent of the contract's sum; producers may be exempt (rules 687 p. 537-542)."""
    if producer and "register_producers" in rules.words("contract_security_exempt"):
        return Money(Decimal(0))
    return _security(rules, "contract_security_percent", sum)


def advance_most(rules: Rules, *, sum: Money, producer: bool) -> Money:
    name = "advance_percent_producers" if producer else "advance_percent_max"
    return sum.share(rules.percent(name))


def _security(rules: Rules, name: str, base: Money) -> Money:
    step = _STEPS[rules.text("security_rounding")]
    exact = base.amount * rules.percent(name) / _HUNDRED
    return Money(exact.quantize(step, ROUND_HALF_UP))
