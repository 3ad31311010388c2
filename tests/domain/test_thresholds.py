"""The year's limit of a method: at it and a tiyn above, by legal time, and never by a guessed index."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from domain.garments import GridId, Size, SizeRun
from domain.ids import EnsTru, TenderId
from domain.money import Money
from domain.procedures.rules import Rules
from domain.tenders.lot import Lot
from domain.tenders.model import Tender, TenderStatus
from domain.tenders.thresholds import (
    GroupPurchases,
    Purchase,
    ThresholdCheck,
    ThresholdExceeded,
    ThresholdUnknown,
    check_threshold,
    group_sums,
    legal_year,
    must_not_exceed,
    threshold_on,
    year_bounds,
)
from tests.domain import process_sample as sample
from tests.domain.suppliers import CATEGORY, rules

QUOTATION = rules("state-quotation-2025")
LIMIT = Money.of("34600000.00")  # 8,000 MCI of 4,325 tenge in 2026
TIYN = Money(Decimal("0.01"))
AT = datetime(2026, 6, 1, tzinfo=UTC)
GROUP = "141211"


def lot(price: str) -> Lot:
    run = SizeRun(GridId.ADULT, ((Size("96-100/170-176"), 1),))
    before = sample.lot(1)
    (place,) = before.places
    line = replace(before.lines[0], planned_price=Money.of(price), run=run)
    return replace(before, lines=(line,), places=(replace(place, runs={1: run}),), allocated=line.sum)


def draft(price: str) -> Tender:
    return replace(sample.tender(), lots=(lot(price),), procedure=QUOTATION.procedure)


def bought(*sums: str) -> GroupPurchases:
    purchases = tuple(
        Purchase(
            tender_id=TenderId(UUID(int=100 + number)),
            number=f"T-{number}",
            method="quotation",
            status=TenderStatus.PUBLISHED,
            published_at=AT,
            sum=Money.of(each),
        )
        for number, each in enumerate(sums)
    )
    return GroupPurchases(
        group=GROUP,
        sum=Money(sum((each.sum.amount for each in purchases), Decimal(0))),
        count=len(purchases),
        largest=max(each.sum for each in purchases),
        shown=purchases,
    )


def check(own: str, *others: str, by: Rules = QUOTATION, at: datetime = AT) -> ThresholdCheck:
    return check_threshold(draft(own), [bought(*others)] if others else [], rules=by, at=at)


@pytest.mark.parametrize(
    ("own", "others", "exceeds", "splitting"),
    [
        ("34600000.00", (), False, False),
        ("34600000.01", (), True, False),
        ("600000.00", ("34000000.00",), False, True),
        ("599999.99", ("34000000.00",), False, False),
        ("600000.01", ("34000000.00",), True, True),
        ("600000.01", ("17000000.00", "17000000.00"), True, True),
        ("1.00", ("34600000.00",), True, False),
        ("1.00", ("34599999.00",), False, True),
    ],
)
def test_the_limit_itself_may_be_bought_and_is_flagged_when_it_was_split(
    own: str, others: tuple[str, ...], *, exceeds: bool, splitting: bool
) -> None:
    found = check(own, *others)
    (group,) = found.groups
    assert (group.group, group.threshold, group.exceeds, group.splitting) == (GROUP, LIMIT, exceeds, splitting)
    assert group.left == LIMIT - group.sum
    if exceeds:
        with pytest.raises(ThresholdExceeded) as refused:
            must_not_exceed(found)
        assert refused.value.facts["sum"] == str(group.sum.amount)
        assert refused.value.passes
    else:
        must_not_exceed(found)


def test_a_refusal_says_what_is_left_and_never_less_than_nothing() -> None:
    for others, left in (("34500000.00", "100000.00"), ("34700000.00", "0.00")):
        with pytest.raises(ThresholdExceeded) as refused:
            must_not_exceed(check("200000.00", others))
        assert refused.value.passes is not None
        assert refused.value.passes.startswith(f"at most {left} KZT of goods {GROUP}")


def test_goods_are_summed_by_the_first_six_digits_over_all_lots() -> None:
    other = replace(lot("5.00"), number=2)
    other = replace(other, lines=(replace(other.lines[0], ens_tru=EnsTru("152000.000.000001")),))
    tender = replace(draft("7.00"), lots=(lot("7.00"), other, replace(lot("11.00"), number=3)))
    assert group_sums(tender) == {GROUP: Money.of("18.00"), "152000": Money.of("5.00")}


def test_a_year_without_an_index_is_refused_where_there_is_a_limit() -> None:
    with pytest.raises(ThresholdUnknown) as refused:
        check("1.00", at=datetime(2027, 6, 1, tzinfo=UTC))
    assert refused.value.facts == {"mci": 8000, "year": 2027}
    assert threshold_on(CATEGORY, date(2027, 6, 1)) is None
    assert check("99999999999.00", by=CATEGORY).groups[0].left is None


def test_the_year_begins_at_midnight_in_legal_time() -> None:
    begins_at, ends_at = year_bounds(2026)
    assert begins_at == datetime(2025, 12, 31, 19, tzinfo=UTC)
    assert legal_year(begins_at) == 2026
    assert legal_year(ends_at) == 2027
    assert check("1.00", at=begins_at).year == 2026
