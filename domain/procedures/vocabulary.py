"""The words that a rule package is made of: methods, phases, reasons of failure, and the parameters themselves.

A package uses these words and no others; what it says is data. Adding a word is code, adding a package is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How suppliers are found."""

    OPEN_TENDER = "open_tender"
    PRODUCERS_TENDER = "producers_tender"
    """Among domestic producers with evidence."""
    QUOTATION = "quotation"
    """Request for price quotations."""
    SINGLE_SOURCE = "single_source"
    """One invited supplier, on a coded ground."""
    FRAMEWORK = "framework"
    """Prices and volumes now, call-offs later; an offtake contract is one."""


class PhaseId(StrEnum):
    """In the order in which they can follow each other."""

    DISCUSSION = "discussion"
    """Published, bids are not yet taken: questions and objections to the documents."""
    BIDDING = "bidding"
    OPENING = "opening"
    EVALUATION = "evaluation"
    AWARD = "award"
    STANDSTILL = "standstill"
    """Results are published; complaints freeze what follows."""
    SIGNING = "signing"
    EXECUTION = "execution"


MANDATORY_PHASES = (
    PhaseId.BIDDING,
    PhaseId.OPENING,
    PhaseId.EVALUATION,
    PhaseId.AWARD,
    PhaseId.SIGNING,
    PhaseId.EXECUTION,
)


class Bound(StrEnum):
    """How a phase's period binds: it lasts so long, at least so long, or at most so long."""

    EXACTLY = "exactly"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Failure(StrEnum):
    """Why a lot, or a whole tender, came to nothing."""

    NO_BIDS = "no_bids"
    TOO_FEW_BIDS = "too_few_bids"
    NONE_ADMITTED = "none_admitted"
    SINGLE_ADMITTED = "single_admitted"
    """Of several bids only one was admitted, where the package calls that a failure."""
    NOT_FILLED = "not_filled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What a package may say under one name, in a unit of ``units.py``.

    ``choices`` bound words, values of pairs and of spans; ``keys`` the keys of pairs. ``optional`` terms are facts of
    the regime that nothing here depends on yet.
    """

    unit: str
    choices: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    optional: bool = False


_LISTS = ("unreliable_state", "unreliable_quasi", "unreliable_fund")
_EVIDENCE = ("ct_kz", "industrial_certificate", "register_extract")
_EXEMPT = ("register_producers", "disabled_organizations")
_STAGES = ("look", "bid", "award", "signing")
VERIFICATIONS = ("registry_import", "registry_service", "document")

_DECIDING: Mapping[str, Term] = {
    # who may bid
    "producers_only": Term(unit="boolean"),
    "invited_only": Term(unit="boolean"),
    "evidence_types": Term(unit="spans", choices=_EVIDENCE),
    "verifications": Term(unit="words", choices=VERIFICATIONS),
    "code_match_digits": Term(unit="whole"),
    "local_content_min": Term(unit="percent"),
    "capacity_check": Term(unit="boolean"),
    "minutes_check": Term(unit="boolean"),
    "affiliates_refused": Term(unit="boolean"),
    "unreliable_lists": Term(unit="words", choices=_LISTS),
    "unreliable_ban_months": Term(unit="whole"),
    "register_age_max_days": Term(unit="whole"),
    "unchecked": Term(unit="pairs", keys=_STAGES, choices=("accept", "refuse")),
    "prequalification": Term(unit="word", choices=("optional", "required", "none")),
    # how long
    "discussion_period": Term(unit="period"),
    "questions_close_before": Term(unit="period"),
    "answer_period": Term(unit="period"),
    "bid_period_min": Term(unit="period"),
    "repeat_bid_period_min": Term(unit="period"),
    "opening_delay_max": Term(unit="period"),
    "evaluation_period_max": Term(unit="period"),
    "award_period_max": Term(unit="period"),
    "standstill_period": Term(unit="period"),
    "complaint_decision_period": Term(unit="period"),
    "signing_period": Term(unit="period"),
    "signing_notice_period": Term(unit="period"),
    # changes after publication
    "amendment_rule": Term(unit="word", choices=("restart", "extend", "none")),
    "amendment_remaining_min": Term(unit="period"),
    "bid_replacement": Term(unit="boolean"),
    "opening_approvals": Term(unit="whole"),
    # what a bid may be
    "partial_bids": Term(unit="boolean"),
    "bid_price_breaks_max": Term(unit="whole"),
    "either_or_groups_max": Term(unit="whole"),
    "package_discounts_max": Term(unit="whole"),
    "consortium_members_max": Term(unit="whole"),
    "specification_answers": Term(unit="word", choices=("required", "optional")),
    # securities and prices
    "bid_security_percent": Term(unit="percent"),
    "bid_security_exempt": Term(unit="words", choices=_EXEMPT),
    "contract_security_percent": Term(unit="percent"),
    "contract_security_exempt": Term(unit="words", choices=_EXEMPT),
    "security_rounding": Term(unit="word", choices=("half_up_tenge", "half_up_tiyn")),
    "dumping_rule": Term(unit="word", choices=("none", "below_allocated", "below_mean")),
    "dumping_percent": Term(unit="percent"),
    "dumping_consequence": Term(unit="word", choices=("none", "anti_dumping_sum", "rejection")),
    "discount_producer_percent": Term(unit="percent"),
    # the result
    "bids_min": Term(unit="whole"),
    "single_admitted_of_several": Term(unit="word", choices=("valid", "fails")),
    "award_rule": Term(unit="word", choices=("split_lowest_price",)),
    "tie_breaks": Term(
        unit="words",
        choices=(
            "financial_stability",
            "fewer_contract_sums",
            "fewer_contracts",
            "local_content",
            "small_workshop",
            "earlier_receipt",
            "public_lot",
            "bid_id",
        ),
    ),
    "follow_up": Term(unit="pairs", keys=tuple(Failure), choices=tuple(Method)),
    "attempts_max": Term(unit="whole"),
    "single_source_grounds": Term(
        unit="words",
        choices=("failed_tender", "failed_quotation", "offtake", "emergency", "sole_producer", "own_rules"),
    ),
    "complaints_before_opening": Term(unit="boolean"),
    "results_appealable": Term(unit="boolean"),
    # execution
    "payment_period": Term(unit="period"),
    "payment_period_producers": Term(unit="period"),
    "advance_percent_max": Term(unit="percent"),
    "advance_percent_producers": Term(unit="percent"),
    "delivery_period_min": Term(unit="period"),
    "delivery_period_min_producers": Term(unit="period"),
    # thresholds and taxes
    "annual_threshold_mci": Term(unit="whole"),
    "mci": Term(unit="figures"),
    "vat_rate": Term(unit="figures"),
}

_FACTS: Mapping[str, str] = {
    # plan and publication
    "plan_changes_per_month_max": "whole",
    "plan_publication_period": "period",
    "announcement_period": "period",
    "discussion_protocol_period": "period",
    "rating_bid_period_min": "period",
    "bid_validity_min": "period",
    "commission_members_min": "whole",
    "commission_quorum_percent": "percent",
    "completion_period": "period",
    "working_hours": "word",
    "outage_extends_bidding": "boolean",
    "places_in_one_lot_from": "whole",
    "exemption_years_max": "whole",
    # who may bid
    "disabled_organizations_share_percent": "percent",
    "financial_stability_from_mci": "whole",
    "financial_stability_years": "whole",
    "financial_stability_income_percent": "percent",
    "financial_stability_taxes_percent": "percent",
    "tax_debt_above_mci": "whole",
    "small_business_only_up_to_mci": "whole",
    "brand_named_up_to_mci": "whole",
    "consortium": "boolean",
    "subcontract_percent_max_services": "percent",
    "unreliable_removal_period": "period",
    # prices
    "discount_quality_percent": "percent",
    "discount_improvement_percent": "percent",
    "discount_improvement_percent_max": "percent",
    "discount_taxes_above_percent": "percent",
    "discount_taxes_percent_per_tenth": "percent",
    "discount_taxes_percent_max": "percent",
    "discount_region_percent_services": "percent",
    "discount_lost_percent_services": "percent",
    # securities, contract, execution
    "security_period": "period",
    "advance_security_percent": "percent",
    "advance_period": "period",
    "contract_draft_period": "period",
    "acceptance_period": "period",
    "acceptance_period_max": "period",
    "delivery_extension_max": "period",
    "evasion_notice_period": "period",
    "false_information_claim_period": "period",
    "offtake_years_max": "whole",
    # the electronic shop, of which there is no method here
    "eshop_annual_max_mci": "whole",
    "eshop_dumping_percent": "percent",
    "eshop_security_free_up_to_mci": "whole",
    "eshop_offers_min": "whole",
    "eshop_offers_min_producers": "whole",
    # local content
    "local_content_report_day": "whole",
    "penalty_local_content_percent": "percent",
    "penalty_local_content_percent_per_point": "percent",
    "penalty_local_content_percent_max": "percent",
    # the register of producers
    "register_criteria": "whole",
    "register_digital_check_period": "period",
    "register_commission_period": "period",
    "register_visitors_min": "whole",
    "register_decision_period": "period",
    "register_update_day": "whole",
    "register_monitoring_day": "whole",
    # control
    "control_notice_period": "period",
    "control_remedy_period": "period",
    "control_referral_period": "period",
    "flag_price_gap_percent": "percent",
    "flag_shell_bids": "whole",
    "flag_shell_losses_percent": "percent",
    # money of the country
    "vat_registration_from_mci": "whole",
    "minimum_wage": "figures",
}
"""Optional terms without choices, by unit."""

TERMS: Mapping[str, Term] = {
    **_DECIDING,
    **{name: Term(unit=unit, optional=True) for name, unit in _FACTS.items()},
    "security_forms": Term(
        unit="words", choices=("electronic_wallet", "bank_guarantee", "liability_insurance"), optional=True
    ),
    "local_content_formula": Term(unit="word", choices=("methodology_260",), optional=True),
}
