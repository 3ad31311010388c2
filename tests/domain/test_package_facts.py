"""The figures that somebody read in a law or in the news, and where each stands: change one and this table fails."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pytest

from adapters.procedures.files import shipped
from domain.calendar import LEGAL_ZONE
from domain.garments import Unit
from domain.ids import REGIONS, check_digit
from domain.organizations import local_content
from domain.procedures.checking import CONFIDENCES
from domain.procedures.package import Package, Parameter
from domain.procedures.vocabulary import Method

PACKAGES = {package.id: package for package in shipped()}
TENDER, QUOTATION = "state-tender-2025", "state-quotation-2025"
FUND = "samruk-category"
EVERYWHERE = (TENDER, QUOTATION, FUND, "private")
EVIDENCE = "ct_kz:/2025-12-31 industrial_certificate:/2025-12-31 register_extract:2026-01-01/"
MCI = "3692:2024-01-01/2024-12-31 3932:2025-01-01/2025-12-31 4325:2026-01-01/2026-12-31"


@dataclass(frozen=True)
class Fact:
    """``confidence`` is how well the fact itself is known: no package may claim more."""

    name: str
    value: str
    confidence: str
    packages: tuple[str, ...]
    parameter: str
    method: Method | None = None


FACTS = [
    Fact("VAT, per cent by date", "12:/2025-12-31 16:2026-01-01/", "M", EVERYWHERE, "vat_rate"),
    Fact("monthly calculation index, tenge by year", MCI, "M", EVERYWHERE, "mci"),
    Fact("quotations: most in a year, MCI", "8000", "H", (QUOTATION,), "annual_threshold_mci"),
    Fact("e-shop: most in a year, MCI", "4000", "H", (TENDER, QUOTATION), "eshop_annual_max_mci"),
    Fact("financial stability asked above, MCI", "4000", "H", (TENDER,), "financial_stability_from_mci"),
    Fact("bid security of a tender, per cent", "1", "H", (TENDER,), "bid_security_percent"),
    Fact("bid security of a quotation, per cent", "3", "H", (QUOTATION,), "bid_security_percent"),
    Fact("contract security of a tender, per cent", "3", "H", (TENDER,), "contract_security_percent"),
    Fact("contract security of a quotation, per cent", "5", "H", (QUOTATION,), "contract_security_percent"),
    Fact(
        "contract security: producers exempt", "register_producers", "H", (TENDER, QUOTATION),
        "contract_security_exempt",
    ),
    Fact("e-shop: no contract security up to, MCI", "500", "H", (TENDER,), "eshop_security_free_up_to_mci"),
    Fact("dumping is measured from", "below_allocated", "H", (TENDER, QUOTATION), "dumping_rule"),
    Fact("dumping: more than, per cent below", "10", "H", (TENDER, QUOTATION), "dumping_percent"),
    Fact("dumping costs", "anti_dumping_sum", "H", (TENDER, QUOTATION), "dumping_consequence"),
    Fact("e-shop: rejected, per cent below the mean", "30", "H", (TENDER,), "eshop_dumping_percent"),
    Fact("discount of a producer, per cent", "3", "H", (TENDER,), "discount_producer_percent"),
    Fact("discount: digits that match", "6", "H", (TENDER, QUOTATION), "code_match_digits"),
    Fact("advance planned for exempt goods, per cent", "30", "H", (TENDER, QUOTATION), "advance_percent_max"),
    Fact("advance to a producer, per cent", "50", "H", (TENDER, QUOTATION), "advance_percent_producers"),
    Fact("payment", "P30D", "H", (TENDER, QUOTATION), "payment_period"),
    Fact("payment to a producer", "10WD", "H", (TENDER, QUOTATION), "payment_period_producers"),
    Fact("delivery, at least", "P15D", "H", (TENDER, QUOTATION), "delivery_period_min"),
    Fact("delivery by a producer, at least", "P60D", "H", (TENDER, QUOTATION), "delivery_period_min_producers"),
    Fact("preliminary discussion", "2WD", "H", (TENDER,), "discussion_period"),
    Fact("bids of a tender, at least", "5WD", "H", (TENDER,), "bid_period_min"),
    Fact("bids of a repeated tender, at least", "3WD", "H", (TENDER,), "repeat_bid_period_min"),
    Fact("bids by rating points, at least", "3WD", "H", (TENDER,), "rating_bid_period_min"),
    Fact("quotations, at least", "2WD", "H", (QUOTATION,), "bid_period_min"),
    Fact("results, at most", "3WD", "H", (TENDER,), "evaluation_period_max"),
    Fact("complaints about results", "3WD", "H", (TENDER,), "standstill_period"),
    Fact("decision on a complaint", "3WD", "H", (TENDER,), "complaint_decision_period"),
    Fact("signing", "3WD", "H", (TENDER, QUOTATION), "signing_period"),
    Fact("notice to who does not sign", "3WD", "H", (TENDER, QUOTATION), "signing_notice_period"),
    Fact("opening, at most after the deadline", "PT5M", "H", (TENDER, QUOTATION), "opening_delay_max"),
    Fact("one compliant bid is valid", "1", "H", (TENDER,), "bids_min"),
    Fact("one admitted of several", "fails", "H", (TENDER,), "single_admitted_of_several"),
    Fact("quotations: one offer fails", "2", "H", (QUOTATION,), "bids_min"),
    Fact(
        "quotations: what follows", "no_bids:quotation too_few_bids:single_source", "H", (QUOTATION,), "follow_up"
    ),
    Fact("closed to others", "false", "H", (TENDER,), "producers_only", Method.OPEN_TENDER),
    Fact("unreliable participants: months", "24", "H", EVERYWHERE, "unreliable_ban_months"),
    Fact("quasi-public: payment", "30WD", "H", (FUND,), "payment_period"),
    Fact("quasi-public: payment to a producer", "30WD", "H", (FUND,), "payment_period_producers"),
    Fact("quasi-public: results may be complained about", "true", "H", (FUND,), "results_appealable"),
    Fact("quasi-public: local content is due on day", "25", "H", (FUND,), "local_content_report_day"),
    Fact("quasi-public: complaints about results", "2WD", "H", (FUND,), "standstill_period"),
    Fact("quasi-public: complaints before the opening", "true", "H", (FUND,), "complaints_before_opening"),
    Fact("what proves a producer, by date", EVIDENCE, "H", EVERYWHERE, "evidence_types"),
    Fact("formula of local content", "methodology_260", "H", EVERYWHERE, "local_content_formula"),
    Fact("rounding of securities", "half_up_tenge", "H", (TENDER, QUOTATION), "security_rounding"),
    Fact("red flag: price gap, per cent", "1", "M", (TENDER,), "flag_price_gap_percent"),
    Fact("red flag: bids of a shell", "15", "M", (TENDER,), "flag_shell_bids"),
    Fact("red flag: losses of a shell, per cent", "95", "M", (TENDER,), "flag_shell_losses_percent"),
    Fact("exemption from the national regime, years", "2", "H", (TENDER,), "exemption_years_max"),
]  # fmt: skip

OF_TENDERS = [
    ("answers in the discussion", "2WD", "answer_period"),
    ("protocol of the discussion", "1WD", "discussion_protocol_period"),
    ("announcement", "3WD", "announcement_period"),
    ("draft of the contract", "3WD", "contract_draft_period"),
    ("validity of a bid", "P60D", "bid_validity_min"),
    ("members of a commission", "3", "commission_members_min"),
    ("hours of work", "09:00-18:00", "working_hours"),
    ("delivery places in one lot, from", "5", "places_in_one_lot_from"),
    ("changes of the plan in a month", "2", "plan_changes_per_month_max"),
    ("publication of the plan", "5WD", "plan_publication_period"),
    ("small business alone, up to MCI", "50000", "small_business_only_up_to_mci"),
    ("brand may be named, up to MCI", "1000", "brand_named_up_to_mci"),
    ("tax debt, above MCI", "6", "tax_debt_above_mci"),
    ("financial stability: years", "3", "financial_stability_years"),
    ("financial stability: half of the lot", "50", "financial_stability_income_percent"),
    ("financial stability: taxes", "3", "financial_stability_taxes_percent"),
    ("disabled people's organisations: half of the funds", "50", "disabled_organizations_share_percent"),
    ("disabled people's organisations: no bid security", "disabled_organizations", "bid_security_exempt"),
    ("several may bid together", "true", "consortium"),
    ("subcontracts of services", "30", "subcontract_percent_max_services"),
    ("discount for quality", "5", "discount_quality_percent"),
    ("discount for an improvement", "0.5", "discount_improvement_percent"),
    ("discount for improvements, most", "3", "discount_improvement_percent_max"),
    ("discount for taxes above", "3", "discount_taxes_above_percent"),
    ("discount for taxes, per tenth", "0.1", "discount_taxes_percent_per_tenth"),
    ("discount for taxes, most", "3", "discount_taxes_percent_max"),
    ("discount of the region, services", "2", "discount_region_percent_services"),
    ("discount lost, services", "0.2", "discount_lost_percent_services"),
    ("ties", "financial_stability fewer_contract_sums fewer_contracts earlier_receipt", "tie_breaks"),
    ("time for securities", "10WD", "security_period"),
    ("security of an advance", "100", "advance_security_percent"),
    ("forms of security", "electronic_wallet bank_guarantee liability_insurance", "security_forms"),
    ("time for the advance", "P10D", "advance_period"),
    ("act of acceptance", "3WD", "acceptance_period"),
    ("act of acceptance after a study", "10WD", "acceptance_period_max"),
    ("longer delivery by notice", "10WD", "delivery_extension_max"),
    ("e-shop: offers", "2", "eshop_offers_min"),
    ("e-shop: offers of producers", "1", "eshop_offers_min_producers"),
    ("bids may be replaced", "true", "bid_replacement"),
    ("results may be complained about", "true", "results_appealable"),
    ("prequalification", "optional", "prequalification"),
    ("struck off the list of the unreliable", "1WD", "unreliable_removal_period"),
    ("local content is due on day", "25", "local_content_report_day"),
    ("register: criteria", "26", "register_criteria"),
    ("register: digital check", "3WD", "register_digital_check_period"),
    ("register: commission", "10WD", "register_commission_period"),
    ("register: visitors", "3", "register_visitors_min"),
    ("register: decision", "2WD", "register_decision_period"),
    ("register: figures by day", "5", "register_update_day"),
    ("register: monitoring by day", "10", "register_monitoring_day"),
]
FACTS += [Fact(name, value, "H", (TENDER,), parameter) for name, value, parameter in OF_TENDERS]
FACTS += [
    Fact("results, one protocol", "3WD", "H", (TENDER,), "award_period_max"),
    Fact("quotations: repeated ones", "2WD", "H", (QUOTATION,), "repeat_bid_period_min"),
    Fact("quotations: no standstill", "PT0S", "H", (QUOTATION,), "standstill_period"),
    Fact("only producers of the register", "true", "M", (TENDER, QUOTATION), "producers_only"),
    Fact("outages extend bidding", "true", "M", (TENDER,), "outage_extends_bidding"),
    Fact("VAT from, MCI", "10000", "M", (TENDER,), "vat_registration_from_mci"),
    Fact("minimum wage, tenge", "85000:2025-01-01/2026-12-31", "M", (TENDER,), "minimum_wage"),
    Fact("quotations are never replaced", "false", "H", (QUOTATION,), "bid_replacement"),
    Fact("quotations: no complaints about results", "false", "H", (QUOTATION,), "results_appealable"),
    Fact("quotations: the earlier of equal ones", "earlier_receipt", "H", (QUOTATION,), "tie_breaks"),
    Fact("quasi-public: evasion reported", "10WD", "H", (FUND,), "evasion_notice_period"),
    Fact("quasi-public: suit over false information", "P30D", "H", (FUND,), "false_information_claim_period"),
    Fact("quasi-public: notice of control", "3WD", "H", (FUND,), "control_notice_period"),
    Fact("quasi-public: remedy after a notice", "10WD", "H", (FUND,), "control_remedy_period"),
    Fact("quasi-public: referral", "5WD", "H", (FUND,), "control_referral_period"),
    Fact("quasi-public: affiliates", "true", "H", (FUND,), "affiliates_refused"),
    Fact("quasi-public: offtake, years", "20", "M", (FUND,), "offtake_years_max"),
    Fact("quasi-public: prequalification", "optional", "H", (FUND,), "prequalification"),
    Fact("the pilot was held among producers", "true", "M", (FUND,), "producers_only"),
]


def standing(package: Package, fact: Fact) -> Parameter:
    own = package.methods[fact.method].parameters if fact.method else {}
    return {**package.parameters, **own}[fact.parameter]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_every_fact_stands_in_its_packages_with_its_source(fact: Fact) -> None:
    for id in fact.packages:
        parameter = standing(PACKAGES[id], fact)
        assert parameter.value == fact.value, id
        assert parameter.source.strip(), id
        assert CONFIDENCES.index(parameter.confidence) >= CONFIDENCES.index(fact.confidence), id


def test_no_package_claims_a_figure_that_is_not_in_the_table() -> None:
    """But for the words that are ours: who is invited, which list, which ground, which way of verifying."""
    ours = {"invited_only", "verifications", "unreliable_lists", "single_source_grounds"}
    listed = {(id, fact.parameter) for fact in FACTS for id in fact.packages}
    listed |= {(QUOTATION, name) for id, name in listed if id == TENDER}
    claimed = {
        (package.id, name)
        for package in PACKAGES.values()
        for name, parameter in package.parameters.items()
        if not parameter.unverified and name not in ours
    }
    assert claimed <= listed


@pytest.mark.parametrize(
    ("first_eleven", "digit"),
    [
        ("02024000055", 5),
        ("97124000131", 5),
        ("08114000043", 6),
        ("05014000020", 1),  # by the second weights
        ("05014000021", 3),
        ("05014000100", None),
    ],
)
def test_the_check_digit_of_a_number_uses_two_rows_of_weights(first_eleven: str, digit: int | None) -> None:
    assert check_digit(first_eleven) == digit


def test_units_carry_the_numbers_of_the_classifier() -> None:
    assert {unit.name: unit.value for unit in Unit} == {"PIECE": "796", "SET": "839", "PAIR": "715"}


def test_the_country_has_twenty_regions_since_june_2022() -> None:
    numbers = "10 11 15 19 23 27 31 33 35 39 43 47 55 59 61 62 63 71 75 79"
    assert " ".join(sorted(REGIONS)) == numbers


def test_local_content_counts_nothing_without_evidence_and_two_decimals() -> None:
    parts = [(Decimal(600_000), Decimal("62.5")), (Decimal(400_000), Decimal(0))]
    assert str(local_content.of_goods(parts, contract_sum=Decimal(1_000_000))) == "37.50"
    assert str(local_content.of_product(foreign_materials=Decimal(65), cost=Decimal(100))) == "35.00"


def test_legal_time_is_five_hours_ahead_since_march_2024() -> None:
    offsets = [datetime(*day, tzinfo=LEGAL_ZONE).strftime("%z") for day in ((2024, 2, 1), (2026, 1, 1))]
    assert offsets == ["+0600", "+0500"]


@pytest.mark.parametrize("package", PACKAGES.values(), ids=lambda package: package.id)
def test_no_figure_is_in_force_before_its_act(package: Package) -> None:
    assert all(date(2018, 1, 1) <= each.in_force_from <= date(2026, 12, 31) for each in package.figures())
