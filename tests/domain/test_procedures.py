"""Rule packages: sourced figures are fixed, unverified ones configurable within bounds, pinned ones never change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.procedures.files import shipped
from domain.procedures.catalogue import Procedures
from domain.procedures.checking import check
from domain.procedures.drawing import page
from domain.procedures.package import Package, ParameterRefused, UnknownMethod, UnknownProcedure
from domain.procedures.period import period
from domain.procedures.rules import Rules
from domain.procedures.timeline import check_timeline, payment_due_on
from domain.procedures.vectors import FORMULAS, evaluate
from domain.procedures.vocabulary import TERMS, Bound, Method, PhaseId
from domain.tenders.model import MOVES, TenderStatus, TimelineRefused

PACKAGES = shipped()
BY_ID = {package.id: package for package in PACKAGES}
CATEGORY, PRIVATE, STATE = (BY_ID[id] for id in ("samruk-category", "private", "state-tender-2025"))
OPENS = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
EXAMPLES = [(package, place) for package in PACKAGES for place in range(len(package.vectors))]
each_package = pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.id)


def test_four_packages_are_shipped_each_under_its_own_id() -> None:
    assert [package.id for package in PACKAGES] == [
        "private",
        "samruk-category",
        "state-quotation-2025",
        "state-tender-2025",
    ]


@each_package
def test_every_shipped_package_is_sound_and_says_everything_in_three_languages(package: Package) -> None:
    check(package)
    for titles in (package.titles, *(rules.titles for rules in package.methods.values())):
        assert len({titles.en, titles.ru, titles.kk}) == 3
    assert len(package.vectors) >= (12 if package.id.startswith("state") else 9)


@pytest.mark.parametrize(
    ("package", "place"),
    EXAMPLES,
    ids=[f"{package.id}-{package.vectors[place].formula}-{place}" for package, place in EXAMPLES],
)
def test_every_worked_example_comes_out_as_its_source_says(package: Package, place: int) -> None:
    vector = package.vectors[place]
    assert evaluate(package, vector) == vector.expect, vector.source


def test_every_formula_has_a_worked_example() -> None:
    assert {vector.formula for package in PACKAGES for vector in package.vectors} == set(FORMULAS)


@each_package
def test_every_method_of_a_package_has_a_value_for_every_word_that_decides(package: Package) -> None:
    for method in package.methods:
        rules = Rules(package.pinned(method))
        assert rules.method is method
        assert {name for name, term in TERMS.items() if not term.optional} <= set(rules.procedure.parameters)
        assert rules.evidence_types(date(2026, 11, 24))
        assert rules.bid_period_min.least > timedelta(0)


def test_a_method_that_the_package_does_not_have_is_refused() -> None:
    with pytest.raises(UnknownMethod) as refused:
        BY_ID["state-quotation-2025"].pinned(Method.OPEN_TENDER)
    assert refused.value.passes == "single_source, quotation"


@each_package
def test_an_unverified_figure_accepts_its_own_value_and_a_sourced_one_accepts_none(package: Package) -> None:
    for name, parameter in package.parameters.items():
        if parameter.unverified:
            assert package.configured({name: parameter.value}).parameters[name] == parameter
        else:
            with pytest.raises(ParameterRefused) as refused:
                package.configured({name: parameter.value})
            assert refused.value.passes == parameter.value


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
        (STATE, "dumping_percent", "20"),
        (STATE, "standstill_period", "PT0S"),
        (STATE, "follow_up", "no_bids:single_source"),
        (STATE, "annual_threshold_mci", "1"),
    ],
)
def test_a_value_out_of_bounds_of_a_sourced_or_an_unknown_parameter_is_refused(
    package: Package, name: str, value: str
) -> None:
    with pytest.raises(ParameterRefused) as refused:
        package.configured({name: value})
    assert refused.value.passes
    assert name in refused.value.detail
    assert [flaw.pointer for flaw in refused.value.flaws] == [f"/values/{name}"]


def test_a_configured_value_is_marked_as_such_and_keeps_its_confidence() -> None:
    parameter = CATEGORY.configured({"bid_period_min": "PT10S"}).parameters["bid_period_min"]
    assert (parameter.value, parameter.confidence) == ("PT10S", "MEM")
    assert "P15D" in parameter.source


def test_a_configured_period_holds_for_the_methods_with_a_period_of_their_own() -> None:
    quotation = Rules(CATEGORY.configured({"bid_period_min": "PT10S"}).pinned(Method.QUOTATION))
    assert quotation.bid_period_min == period("PT10S")


def test_what_makes_a_method_what_it_is_is_not_configured_away() -> None:
    closed = PRIVATE.configured({"producers_only": "true"})
    assert {method: Rules(closed.pinned(method)).producers_only for method in closed.methods} == {
        Method.PRODUCERS_TENDER: True,
        Method.OPEN_TENDER: False,
        Method.QUOTATION: True,
        Method.SINGLE_SOURCE: True,
        Method.FRAMEWORK: True,
    }
    repeated = STATE.configured({"follow_up": "no_bids:open_tender"})
    assert Rules(repeated.pinned(Method.OPEN_TENDER)).pairs("follow_up")["no_bids"] == "single_source"


def test_a_private_buyer_may_ask_for_producers_only_and_choose_how_evidence_is_verified() -> None:
    chosen = {"verifications": "registry_import", "local_content_min": "30"}
    rules = Rules(PRIVATE.configured(chosen).pinned(Method.PRODUCERS_TENDER))
    assert rules.producers_only
    assert rules.verifications == {"registry_import"}
    assert rules.local_content_min == Decimal(30)


def test_changing_a_package_never_changes_a_pinned_tender() -> None:
    pinned = CATEGORY.pinned()
    before = dict(pinned.parameters)
    CATEGORY.configured({"bid_period_min": "PT10S"})
    other = {name: replace(each, value="1") for name, each in CATEGORY.parameters.items()}
    replace(CATEGORY, version="2099.1", parameters=other).pinned()
    CATEGORY.pinned().parameters["payment_period"] = "1WD"
    assert pinned.parameters == before
    assert str(pinned) == "samruk-category@2026.3"
    assert CATEGORY.pinned() == pinned


def test_a_pinned_tender_keeps_the_values_that_the_deployment_had_then() -> None:
    pinned = Procedures(PACKAGES, {"samruk-category": {"bid_period_min": "PT10S"}}).find("samruk-category").pinned()
    assert Rules(pinned).bid_period_min == period("PT10S")
    assert Rules(Procedures(PACKAGES).find("samruk-category").pinned()).bid_period_min == period("P15D")


def test_a_package_that_takes_the_place_of_another_takes_the_deployments_values_too() -> None:
    known = Procedures([*PACKAGES, replace(PRIVATE, version="2099.1")], {"private": {"bid_period_min": "PT10S"}})
    found = known.find("private")
    assert (found.version, found.parameters["bid_period_min"].value) == ("2099.1", "PT10S")
    assert len(known.all()) == len(PACKAGES)


def test_an_unknown_procedure_is_refused_by_name_and_in_the_configuration() -> None:
    with pytest.raises(UnknownProcedure) as asked:
        Procedures(PACKAGES).find("auction")
    assert asked.value.passes == ", ".join(sorted(BY_ID))
    with pytest.raises(UnknownProcedure):
        Procedures(PACKAGES, {"auction": {}})


def test_state_tenders_discuss_for_exactly_two_days_and_quotations_know_neither_discussion_nor_standstill() -> None:
    phases = {phase.id: phase for phase in STATE.phases}
    assert phases[PhaseId.DISCUSSION].bound is Bound.EXACTLY
    assert list(phases) == list(PhaseId)
    quick = {phase.id for phase in BY_ID["state-quotation-2025"].phases}
    assert set(PhaseId) - quick == {PhaseId.DISCUSSION, PhaseId.STANDSTILL}


def test_what_the_quasi_public_law_asks_of_its_buyers_is_not_asked_of_private_ones() -> None:
    assert "evasion_notice_period" in CATEGORY.parameters
    assert not {name for name, each in PRIVATE.parameters.items() if "47-VII" in each.source} - {
        "invited_only",
        "unreliable_ban_months",
    }


def test_a_bidding_period_of_exactly_the_least_length_passes() -> None:
    check_timeline(Rules(CATEGORY.pinned()), opens_at=OPENS, closes_at=OPENS + timedelta(days=15))


def test_a_shorter_bidding_period_is_refused_with_the_earliest_deadline_that_passes() -> None:
    short = OPENS + timedelta(days=15) - timedelta(microseconds=1)
    with pytest.raises(TimelineRefused) as refused:
        check_timeline(Rules(CATEGORY.pinned()), opens_at=OPENS, closes_at=short)
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


def test_the_drawn_life_cycles_are_those_of_the_packages() -> None:
    """``make drawings`` writes them anew."""
    committed = Path(__file__).resolve().parents[2] / "domain" / "procedures" / "LIFE_CYCLES.md"
    assert committed.read_text(encoding="utf-8") == page(PACKAGES)


def test_the_drawing_has_every_move_of_a_tender_and_every_phase_of_a_package() -> None:
    drawn = page(PACKAGES)
    for status, after in MOVES.items():
        assert all(f"    {status} --> {each}" in drawn for each in after or {"[*]"})
    assert all(f"[*] --> {phase}" in drawn for phase in (TenderStatus.DRAFT, PhaseId.DISCUSSION, PhaseId.BIDDING))
    assert drawn.count("```mermaid") == 1 + 2 * len(PACKAGES)
