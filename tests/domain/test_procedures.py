"""Rule packages: sourced figures are fixed, unverified ones configurable within bounds, pinned ones never change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.procedures.files import shipped
from domain.errors import MalformedValue
from domain.procedures.catalogue import Procedures
from domain.procedures.package import UNVERIFIED, Package, ParameterRefused, UnknownProcedure
from domain.procedures.period import period
from domain.procedures.rules import Rules
from domain.procedures.timeline import check_timeline, payment_due_on
from domain.tenders.model import TimelineRefused

PACKAGES = shipped()
OPENS = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
CATEGORY = Procedures(shipped()).find("samruk-category")
PRIVATE = Procedures(shipped()).find("private")
EVERY_PARAMETER = [(package, name) for package in PACKAGES for name in package.parameters]


@pytest.mark.parametrize(("package", "name"), EVERY_PARAMETER, ids=lambda each: getattr(each, "id", each))
def test_every_figure_names_its_source_and_confidence(package: Package, name: str) -> None:
    parameter = package.parameters[name]
    assert parameter.source
    assert parameter.confidence in {"H", "M", "L", "MEM"}


@pytest.mark.parametrize(("package", "name"), EVERY_PARAMETER, ids=lambda each: getattr(each, "id", each))
def test_an_unverified_figure_accepts_its_own_value_and_a_sourced_one_accepts_none(package: Package, name: str) -> None:
    parameter = package.parameters[name]
    if parameter.confidence in UNVERIFIED:
        assert package.configured({name: parameter.value}).parameters[name].value == parameter.value
    else:
        with pytest.raises(ParameterRefused) as refused:
            package.configured({name: parameter.value})
        assert refused.value.passes == parameter.value


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.id)
def test_the_rules_of_every_package_can_be_read(package: Package) -> None:
    rules = Rules(package.pinned())
    assert rules.bid_period_min.least > timedelta(0)
    assert 0 <= rules.local_content_min <= 100
    assert 4 <= rules.code_match_digits <= 15
    assert rules.payment_period(producer=True)
    assert rules.evidence_types(date(2026, 11, 24))
    assert "none" not in rules.verifications
    assert {type(rules.producers_only), type(rules.capacity_check), type(rules.affiliates_refused)} == {bool}
    assert package.titles.kk
    assert package.titles.ru
    assert package.titles.en


@pytest.mark.parametrize(
    ("package", "name", "value"),
    [
        (CATEGORY, "bid_period_min", "PT0S"),
        (CATEGORY, "bid_period_min", "P61D"),
        (CATEGORY, "bid_period_min", "P99999999999999D"),
        (CATEGORY, "bid_period_min", "ten seconds"),
        (CATEGORY, "bid_period_min", ""),
        (CATEGORY, "local_content_min", "100.01"),
        (CATEGORY, "local_content_min", "-1"),
        (CATEGORY, "local_content_min", "NaN"),
        (CATEGORY, "local_content_min", "30.005"),
        (CATEGORY, "capacity_check", "yes"),
        (CATEGORY, "verifications", "none"),
        (CATEGORY, "verifications", "document none"),
        (CATEGORY, "verifications", ""),
        (CATEGORY, "award_rule", "the_cousin"),
        (CATEGORY, "producers_only", "false"),
        (CATEGORY, "payment_period", "10WD"),
        (CATEGORY, "evidence_types", "ct_kz:/"),
        (CATEGORY, "no_such_parameter", "1"),
        (PRIVATE, "payment_period", "31WD"),
        (PRIVATE, "payment_period", "PT0S"),
        (PRIVATE, "payment_period", "2.5WD"),
        (PRIVATE, "payment_period", "1e1WD"),
        (PRIVATE, "payment_period", "lunar"),
        (PRIVATE, "code_match_digits", "2"),
    ],
)
def test_a_value_out_of_bounds_of_a_sourced_or_an_unknown_parameter_is_refused(
    package: Package, name: str, value: str
) -> None:
    with pytest.raises(ParameterRefused) as refused:
        package.configured({name: value})
    assert refused.value.passes
    assert name in refused.value.detail


def test_a_configured_value_is_marked_as_such_and_keeps_its_confidence() -> None:
    parameter = CATEGORY.configured({"bid_period_min": "PT10S"}).parameters["bid_period_min"]
    assert (parameter.value, parameter.confidence) == ("PT10S", "MEM")
    assert "P15D" in parameter.source


def test_a_private_buyer_may_ask_for_producers_only_and_choose_how_evidence_is_verified() -> None:
    chosen = {"producers_only": "true", "verifications": "registry_import", "local_content_min": "30"}
    rules = Rules(PRIVATE.configured(chosen).pinned())
    assert rules.producers_only
    assert rules.verifications == {"registry_import"}
    assert rules.local_content_min == Decimal(30)


def test_changing_a_package_never_changes_a_pinned_tender() -> None:
    pinned = CATEGORY.pinned()
    before = Rules(pinned)
    seen = (
        before.bid_period_min,
        before.payment_period(producer=True),
        before.code_match_digits,
        before.evidence_types(OPENS.date()),
    )
    CATEGORY.configured({"bid_period_min": "PT10S"})
    other = {name: replace(each, value="1") for name, each in CATEGORY.parameters.items()}
    replace(CATEGORY, version="2099.1", parameters=other).pinned()
    pinned_later = CATEGORY.pinned()
    pinned_later.parameters["payment_period"] = "1WD"
    after = Rules(pinned)
    assert seen == (
        after.bid_period_min,
        after.payment_period(producer=True),
        after.code_match_digits,
        after.evidence_types(OPENS.date()),
    )
    assert str(pinned) == "samruk-category@2026.2"
    assert CATEGORY.pinned() == pinned


def test_a_pinned_tender_keeps_the_values_that_the_deployment_had_then() -> None:
    pinned = Procedures(shipped(), {"samruk-category": {"bid_period_min": "PT10S"}}).find("samruk-category").pinned()
    assert Rules(pinned).bid_period_min == period("PT10S")
    assert Rules(Procedures(shipped()).find("samruk-category").pinned()).bid_period_min == period("P15D")


def test_an_unknown_procedure_is_refused_by_name_and_in_the_configuration() -> None:
    with pytest.raises(UnknownProcedure) as asked:
        Procedures(shipped()).find("auction")
    assert asked.value.passes == "private, samruk-category"
    with pytest.raises(UnknownProcedure):
        Procedures(shipped(), {"auction": {}})


def test_every_package_is_found_under_its_id_once() -> None:
    assert len({package.id for package in PACKAGES}) == len(PACKAGES) == len(Procedures(shipped()).all())


@pytest.mark.parametrize(
    ("day", "accepted"),
    [
        (date(2025, 12, 31), {"ct_kz", "industrial_certificate"}),
        (date(2026, 1, 1), {"register_extract"}),
        (date(2026, 11, 24), {"register_extract"}),
    ],
)
def test_certificates_count_until_the_end_of_2025_and_the_register_from_2026(day: date, accepted: set[str]) -> None:
    assert Rules(CATEGORY.pinned()).evidence_types(day) == accepted


@given(st.integers(0, 59), st.integers(0, 23), st.integers(0, 59), st.integers(1, 59))
def test_durations_of_days_hours_minutes_and_seconds_are_read(d: int, h: int, m: int, s: int) -> None:
    assert period(f"P{d}DT{h}H{m}M{s}S").elapsed == timedelta(days=d, hours=h, minutes=m, seconds=s)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "15D", "P15", "P1M", "P1.5D", "-P1D", "P1D ", "P١D", "WD", "5 WD", "-1WD", "5wd"]
)
def test_other_notations_of_a_duration_are_refused(text: str) -> None:
    with pytest.raises(MalformedValue):
        period(text)


def test_a_bidding_period_of_exactly_the_least_length_passes() -> None:
    check_timeline(Rules(CATEGORY.pinned()), opens_at=OPENS, closes_at=OPENS + timedelta(days=15))


def test_a_shorter_bidding_period_is_refused_with_the_earliest_deadline_that_passes() -> None:
    with pytest.raises(TimelineRefused) as refused:
        check_timeline(
            Rules(CATEGORY.pinned()), opens_at=OPENS, closes_at=OPENS + timedelta(days=15) - timedelta(microseconds=1)
        )
    (flaw,) = refused.value.flaws
    assert flaw.passes == "2026-12-09T06:00:00+00:00 or later"
    assert (flaw.pointer, flaw.rule) == ("/closes_at", "bid_period_min")


def test_a_senselessly_long_bidding_period_is_refused() -> None:
    with pytest.raises(TimelineRefused):
        check_timeline(Rules(CATEGORY.pinned()), opens_at=OPENS, closes_at=OPENS + timedelta(days=181))


def test_payment_is_due_after_working_days_or_calendar_days_as_the_package_says() -> None:
    accepted_on = date(2026, 3, 6)
    assert payment_due_on(Rules(CATEGORY.pinned()), accepted_on) == date(2026, 4, 23)
    assert payment_due_on(Rules(PRIVATE.pinned()), accepted_on) == date(2026, 3, 26)
    calendar = PRIVATE.configured({"payment_period": "P10D"})
    assert payment_due_on(Rules(calendar.pinned()), accepted_on) == date(2026, 3, 16)
