"""Producer evidence: what it says must be possible, and only somebody else can call it verified."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import MalformedValue
from domain.events import By
from domain.ids import Bin, EvidenceId, OrganizationId, WrongBin
from domain.organizations.evidence import (
    CAPACITY_MAX,
    Evidence,
    EvidenceRefused,
    EvidenceType,
    Verification,
    bare_codes,
)
from domain.organizations.local_content import of_goods, of_product
from domain.tenders.model import StepNotAllowed

AT = datetime(2026, 11, 24, 6, tzinfo=UTC)
EXTRACT = Evidence(
    id=EvidenceId(UUID(int=1)),
    holder_id=OrganizationId(UUID(int=7)),
    holder_bin=Bin("200140000004"),
    type=EvidenceType.REGISTER_EXTRACT,
    number="KTP-1",
    issuer="Register",
    product_codes=("141211",),
    local_content=Decimal("62.5"),
    declared_capacity=9000,
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 31),
    verification=Verification.NONE,
    recorded_at=AT,
)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"valid_until": date(2025, 12, 31)}, "/valid_until"),
        ({"local_content": Decimal("100.01")}, "/local_content"),
        ({"local_content": Decimal("-0.01")}, "/local_content"),
        ({"local_content": Decimal("62.505")}, "/local_content"),
        ({"local_content": Decimal("NaN")}, "/local_content"),
        ({"declared_capacity": 0}, "/declared_capacity"),
        ({"declared_capacity": CAPACITY_MAX + 1}, "/declared_capacity"),
        ({"product_codes": ()}, "/product_codes"),
        ({"product_codes": ("141",)}, "/product_codes/0"),
        ({"product_codes": ("141211", "1412112900000160")}, "/product_codes/1"),
        ({"product_codes": ("14.12",)}, "/product_codes/0"),
    ],
)
def test_evidence_that_cannot_be_is_refused_with_what_would_pass(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(EvidenceRefused) as refused:
        replace(EXTRACT, **change)
    (flaw,) = refused.value.flaws
    assert flaw.pointer == pointer
    assert flaw.passes


def test_a_wrong_bin_is_refused() -> None:
    with pytest.raises(WrongBin):
        replace(EXTRACT, holder_bin=Bin("200140000005"))


def test_local_content_is_kept_with_two_decimals() -> None:
    assert str(EXTRACT.local_content) == "62.50"


def test_a_self_declared_proof_is_unverified_until_somebody_verifies_it() -> None:
    assert EXTRACT.recorded(by=By()).verification is Verification.NONE
    verified, event = EXTRACT.verify(how=Verification.DOCUMENT, by=By(), at=AT)
    assert verified.verification is event.verification is Verification.DOCUMENT
    assert EXTRACT.verification is Verification.NONE


def test_nothing_is_verified_by_nothing() -> None:
    with pytest.raises(StepNotAllowed):
        EXTRACT.verify(how=Verification.NONE, by=By(), at=AT)


def test_revoked_evidence_can_neither_be_verified_nor_revoked_again() -> None:
    revoked, event = EXTRACT.revoke(reason="site closed", on=date(2026, 6, 1), by=By(), at=AT)
    assert event.reason == "site closed"
    with pytest.raises(StepNotAllowed):
        revoked.verify(how=Verification.DOCUMENT, by=By(), at=AT)
    with pytest.raises(StepNotAllowed):
        revoked.revoke(reason="again", on=date(2026, 6, 2), by=By(), at=AT)


@pytest.mark.parametrize(
    ("on", "valid"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_both_days_of_validity_count(on: date, *, valid: bool) -> None:
    assert EXTRACT.valid_on(on) is valid


def test_revocation_ends_validity_on_its_own_day_and_leaves_the_days_before() -> None:
    revoked, _ = EXTRACT.revoke(reason="r", on=date(2026, 6, 1), by=By(), at=AT)
    assert revoked.valid_on(date(2026, 5, 31))
    assert not revoked.valid_on(date(2026, 6, 1))


@given(st.integers(-400, 800), st.integers(-400, 800))
def test_revoking_never_makes_a_day_valid(day: int, revoked_on: int) -> None:
    on = EXTRACT.valid_from + timedelta(days=day)
    revoked, _ = EXTRACT.revoke(reason="r", on=EXTRACT.valid_from + timedelta(days=revoked_on), by=By(), at=AT)
    assert EXTRACT.valid_on(on) or not revoked.valid_on(on)


@pytest.mark.parametrize(
    ("own", "code", "digits", "covered"),
    [
        ("141211", "141211.290.000016", 6, True),
        ("141211290000016", "141211.290.000016", 6, True),
        ("141211290000016", "141211.200.000001", 6, True),  # the same six digits are the same product group
        ("141212", "141211.290.000016", 6, False),
        ("1412", "141211.290.000016", 6, False),  # a whole group proves nothing about six digits
        ("1412", "141211.290.000016", 4, True),
        ("141211", "141211.290.000016", 9, False),
    ],
)
def test_a_code_is_covered_to_the_digits_that_the_package_asks_for(
    own: str, code: str, digits: int, *, covered: bool
) -> None:
    assert replace(EXTRACT, product_codes=(own,)).covers(code, digits) is covered


def test_codes_are_stored_as_plain_digits() -> None:
    assert bare_codes(("141211.290.000016", " 141211 ")) == ("141211290000016", "141211")


def test_local_content_of_a_product_is_what_is_not_foreign_material() -> None:
    assert of_product(foreign_materials=Decimal(65), cost=Decimal(100)) == Decimal("35.00")
    assert of_product(foreign_materials=Decimal(1), cost=Decimal(3)) == Decimal("66.67")


@pytest.mark.parametrize(("foreign", "cost"), [("101", "100"), ("-1", "100"), ("0", "0")])
def test_foreign_materials_beyond_the_cost_are_refused(foreign: str, cost: str) -> None:
    with pytest.raises(MalformedValue):
        of_product(foreign_materials=Decimal(foreign), cost=Decimal(cost))


def test_goods_without_evidence_count_as_foreign_in_a_contract() -> None:
    parts = [(Decimal(600_000), Decimal("62.5")), (Decimal(400_000), Decimal(0))]
    assert str(of_goods(parts, contract_sum=Decimal(1_000_000))) == "37.50"


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 10_000)), min_size=1, max_size=8))
def test_local_content_of_a_contract_lies_between_that_of_its_goods(goods: list[tuple[int, int]]) -> None:
    parts = [(Decimal(cost), Decimal(hundredths) / 100) for cost, hundredths in goods]
    result = of_goods(parts, contract_sum=sum((cost for cost, _ in parts), Decimal(0)))
    assert min(percent for _, percent in parts) <= result <= max(percent for _, percent in parts)
