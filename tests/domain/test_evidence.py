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
from domain.money import Money
from domain.organizations.evidence import (
    CAPACITY_MAX,
    Evidence,
    EvidenceOverlaps,
    EvidenceRefused,
    EvidenceType,
    Verification,
    bare_codes,
)
from domain.organizations.local_content import CostLine, of_cost_lines, of_goods, of_product
from domain.organizations.proofs import Proof, proofs
from domain.organizations.register_check import Difference, differences
from domain.registries.records import Register
from domain.registries.standing import RegisteredEvidence, RegisterStanding
from domain.tenders.model import StepNotAllowed
from tests.domain.suppliers import CATEGORY, FACTS

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


def proof_of(evidence: Evidence) -> Proof:
    """The evidence as the verdict sees it where no register knows it."""
    (found,) = proofs(replace(FACTS, evidence=(evidence,)), CATEGORY)
    return found


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
    assert proof_of(EXTRACT).valid_on(on) is valid


def test_revocation_ends_validity_on_its_own_day_and_leaves_the_days_before() -> None:
    revoked, _ = EXTRACT.revoke(reason="r", on=date(2026, 6, 1), by=By(), at=AT)
    assert proof_of(revoked).valid_on(date(2026, 5, 31))
    assert not proof_of(revoked).valid_on(date(2026, 6, 1))


@given(st.integers(-400, 800), st.integers(-400, 800))
def test_revoking_never_makes_a_day_valid(day: int, revoked_on: int) -> None:
    on = EXTRACT.valid_from + timedelta(days=day)
    revoked, _ = EXTRACT.revoke(reason="r", on=EXTRACT.valid_from + timedelta(days=revoked_on), by=By(), at=AT)
    assert proof_of(EXTRACT).valid_on(on) or not proof_of(revoked).valid_on(on)


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
    assert proof_of(replace(EXTRACT, product_codes=(own,))).covers(code, digits) is covered


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


def test_the_cost_of_a_product_is_the_sum_of_its_lines() -> None:
    lines = (
        CostLine(name="fabric", amount=Money.of("6500.00"), foreign_material=True),
        CostLine(name="thread", amount=Money.of("0.01"), foreign_material=True),
        CostLine(name="wages", amount=Money.of("3499.99"), foreign_material=False),
    )
    assert of_cost_lines(lines) == (Money.of("10000.00"), Money.of("6500.01"), Decimal("35.00"))
    with pytest.raises(MalformedValue):
        of_cost_lines(())


@pytest.mark.parametrize(
    ("left", "given", "due"),
    [
        (31, None, None),
        (30, None, 30),
        (29, 30, None),
        (15, 30, None),
        (14, 30, 14),
        (14, None, 14),  # the worker was down for 16 days: the nearest one only
        (13, 14, None),
        (3, 14, 3),
        (3, None, 3),
        (0, 14, 3),
        (0, 3, None),
        (-1, None, None),
    ],
)
def test_which_warning_is_due(left: int, given: int | None, due: int | None) -> None:
    evidence = replace(EXTRACT, warned_days=given)
    assert evidence.warning_due(EXTRACT.valid_until - timedelta(days=left)) == due


@given(st.lists(st.integers(-5, 45), max_size=40))
def test_whenever_somebody_looks_each_warning_is_given_once_at_most_and_never_backwards(days: list[int]) -> None:
    evidence, told = EXTRACT, []
    for left in sorted(days, reverse=True):
        if (warned := evidence.warn(on=EXTRACT.valid_until - timedelta(days=left), by=By(), at=AT)) is not None:
            evidence, event = warned
            assert event.days_left == left
            told.append(evidence.warned_days)
    assert told == sorted(set(told), reverse=True)  # type: ignore[type-var]  # None is never given
    assert bool(told) is any(0 <= left <= 30 for left in days)


def test_nobody_is_warned_of_revoked_evidence() -> None:
    revoked, _ = EXTRACT.revoke(reason="r", on=date(2026, 6, 1), by=By(), at=AT)
    assert revoked.warn(on=EXTRACT.valid_until, by=By(), at=AT) is None


@pytest.mark.parametrize(
    ("change", "overlaps"),
    [
        ({}, True),
        ({"number": "other"}, True),  # by its product code
        ({"product_codes": ("141321",)}, True),  # by its number
        ({"number": "other", "product_codes": ("141321",)}, False),
        ({"type": EvidenceType.CT_KZ}, False),
        ({"valid_from": date(2026, 12, 31), "valid_until": date(2027, 6, 1)}, True),
        ({"valid_from": date(2027, 1, 1), "valid_until": date(2027, 6, 1)}, False),
        ({"valid_from": date(2025, 1, 1), "valid_until": date(2025, 12, 31)}, False),
        ({"revoked_on": date(2026, 6, 1)}, False),
    ],
)
def test_what_overlaps_is_refused_and_what_adjoins_passes(change: dict[str, Any], *, overlaps: bool) -> None:
    other = replace(EXTRACT, id=EvidenceId(UUID(int=2)), **change)
    if not overlaps:
        EXTRACT.must_not_overlap([other])
        return
    with pytest.raises(EvidenceOverlaps) as refused:
        EXTRACT.must_not_overlap([other])
    assert refused.value.passes == (f"a period that ends before {other.valid_from} or begins after {other.valid_until}")


def test_verified_evidence_is_not_kept_out_by_what_nobody_verified_but_the_other_way_round() -> None:
    verified = replace(EXTRACT, verification=Verification.DOCUMENT)
    verified.must_not_overlap([EXTRACT])
    with pytest.raises(EvidenceOverlaps):
        EXTRACT.must_not_overlap([verified])


def test_five_years_are_plausible_and_a_day_more_is_not() -> None:
    replace(EXTRACT, valid_until=date(2031, 1, 1)).must_be_plausible()
    with pytest.raises(EvidenceRefused) as refused:
        replace(EXTRACT, valid_until=date(2031, 1, 2)).must_be_plausible()
    assert refused.value.flaws[0].passes == "2031-01-01 or earlier"


RECORD = RegisteredEvidence(
    register=Register.PRODUCERS,
    type=EvidenceType.REGISTER_EXTRACT,
    key="KTP-1/1",
    number="KTP-1",
    issuer="Register",
    product_codes=("141211290000016",),
    local_content=Decimal("62.50"),
    declared_capacity=9000,
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 31),
    as_of=date(2026, 11, 20),
)


@pytest.mark.parametrize(
    ("record", "field", "registered"),
    [
        ({"number": "KTP-2"}, "number", "KTP-2"),
        ({"valid_from": date(2026, 1, 2)}, "valid_from", "2026-01-02"),
        ({"valid_until": date(2026, 12, 30)}, "valid_until", "2026-12-30"),
        ({"local_content": Decimal("60.00")}, "local_content", "60.00"),
        ({"declared_capacity": 8000}, "declared_capacity", "8000"),
        ({"product_codes": ("141321290000016",)}, "product_codes", "141321290000016"),
        ({"product_codes": ("1412",)}, "product_codes", "1412"),
    ],
)
def test_each_difference_from_the_register_is_told(record: dict[str, Any], field: str, registered: str) -> None:
    standing = RegisterStanding(evidence=(replace(RECORD, **record),), evidence_as_of={}, lists={})
    ((found),) = differences(EXTRACT, standing)
    assert isinstance(found, Difference)
    assert (found.field, found.registered) == (field, registered)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"number": " ktp-1"},
        {"valid_until": None},
        {"local_content": None, "declared_capacity": None},
        {"product_codes": ("141211",)},
    ],
)
def test_what_the_register_does_not_tell_is_no_difference(record: dict[str, Any]) -> None:
    standing = RegisterStanding(evidence=(replace(RECORD, **record),), evidence_as_of={}, lists={})
    assert differences(EXTRACT, standing) == ()
