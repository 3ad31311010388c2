"""What a price for a lot would mean for a bidder, before he bids: pure, and blind to every other bid."""

from dataclasses import dataclass
from enum import StrEnum

from domain.money import Money
from domain.procedures import pricing
from domain.procedures.rules import Rules


class Dumping(StrEnum):
    NO_RULE = "no_rule"
    NO = "no"
    YES = "yes"
    AFTER_OPENING = "known_after_opening"
    """It is judged by the mean of the bids, which nobody knows before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the price comes to for a producer of the register, or for somebody else."""

    bid_security: Money
    contract_security: Money
    conditional_price: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceCheck:
    """``threshold`` is the least price that is no dumping, ``anti_dumping_sum`` what a lower one costs beside the
    contract security; None where there is no such thing. ``consequence`` is the package's word for dumping.
    """

    price: Money
    allocated: Money
    dumping: Dumping
    threshold: Money | None
    consequence: str
    anti_dumping_sum: Money | None
    producer: Terms
    other: Terms

    @property
    def above_allocated(self) -> bool:
        """A bid above the allocated sum is refused."""
        return self.price > self.allocated


def price_check(rules: Rules, *, price: Money, allocated: Money) -> PriceCheck:
    """``price`` is the bid's for the whole lot, ``allocated`` the lot's sum, both without VAT."""
    threshold = pricing.dumping_threshold(rules, allocated=allocated)
    match rules.text("dumping_rule"):
        case "none":
            dumping = Dumping.NO_RULE
        case "below_mean":
            dumping = Dumping.AFTER_OPENING
        case _:
            dumping = Dumping.YES if pricing.is_dumping(rules, price=price, allocated=allocated) else Dumping.NO
    return PriceCheck(
        price=price,
        allocated=allocated,
        dumping=dumping,
        threshold=threshold,
        consequence=rules.text("dumping_consequence"),
        anti_dumping_sum=pricing.anti_dumping_sum(rules, price=price, allocated=allocated),
        producer=_terms(rules, price, allocated, producer=True),
        other=_terms(rules, price, allocated, producer=False),
    )


def _terms(rules: Rules, price: Money, allocated: Money, *, producer: bool) -> Terms:
    exempt = producer and "register_producers" in rules.words("bid_security_exempt")
    return Terms(
        bid_security=pricing.bid_security(rules, allocated=allocated, exempt=exempt),
        contract_security=pricing.contract_security(rules, sum=price, producer=producer),
        conditional_price=pricing.conditional_price(rules, price=price, producer=producer),
    )
