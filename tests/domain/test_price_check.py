"""What a price would mean for a bidder: tables over the packages, blind to other bids."""

import pytest

from domain.money import Money
from domain.procedures.price_check import Dumping, price_check
from domain.procedures.rules import Rules
from tests.domain.suppliers import CATEGORY, PRIVATE, rules

STATE, QUOTATION = rules("state-tender-2025"), rules("state-quotation-2025")
BY_MEAN = rules("samruk-category", dumping_rule="below_mean", dumping_consequence="rejection")
ALLOCATED = Money.of("10000000.00")


@pytest.mark.parametrize(
    ("by", "price", "dumping", "threshold", "anti_dumping_sum"),
    [
        (STATE, "9000000.00", Dumping.NO, "9000000.00", None),
        (STATE, "8999999.99", Dumping.YES, "9000000.00", "0.01"),
        (QUOTATION, "8500000.00", Dumping.YES, "9000000.00", "500000.00"),
        (PRIVATE, "1.00", Dumping.NO_RULE, None, None),
        (CATEGORY, "1.00", Dumping.NO_RULE, None, None),
        (BY_MEAN, "1.00", Dumping.AFTER_OPENING, None, None),
    ],
)
def test_dumping_is_told_as_far_as_it_depends_on_no_other_bid(
    by: Rules, price: str, dumping: Dumping, threshold: str | None, anti_dumping_sum: str | None
) -> None:
    found = price_check(by, price=Money.of(price), allocated=ALLOCATED)
    assert found.dumping is dumping
    assert found.threshold == (None if threshold is None else Money.of(threshold))
    assert found.anti_dumping_sum == (None if anti_dumping_sum is None else Money.of(anti_dumping_sum))
    assert found.consequence == by.text("dumping_consequence")


def test_a_producer_of_the_register_is_compared_at_less_and_gives_no_contract_security() -> None:
    found = price_check(STATE, price=Money.of("9500000.00"), allocated=ALLOCATED)
    assert found.producer.conditional_price == Money.of("9215000.00")
    assert found.other.conditional_price == Money.of("9500000.00")
    assert (found.producer.contract_security, found.other.contract_security) == (Money.of("0"), Money.of("285000.00"))
    assert found.other.bid_security == Money.of("100000.00")


def test_a_price_above_the_allocated_sum_is_told() -> None:
    exactly = price_check(STATE, price=ALLOCATED, allocated=ALLOCATED)
    above = price_check(STATE, price=ALLOCATED + Money.of("0.01"), allocated=ALLOCATED)
    assert (exactly.above_allocated, above.above_allocated) == (False, True)
