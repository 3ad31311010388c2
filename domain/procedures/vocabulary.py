"""The words that a rule package is made of: methods, phases, units of parameters, and the parameters themselves.

A package uses these words and no others; what it says is data. Adding a word is code, adding a package is not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.errors import MalformedValue
from domain.procedures.period import period


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


def _boolean(text: str) -> bool:
    if text not in {"true", "false"}:
        raise MalformedValue(f"{text!r} is neither true nor false", passes="true or false")
    return text == "true"


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):  # noqa: PLR2004 - six digits are plenty
        raise MalformedValue(f"{text!r} is not a whole number", passes="0 to 999999")
    return int(text)


def _percent(text: str) -> Decimal:
    whole, dot, fraction = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and (not dot or (fraction.isdigit() and len(fraction) <= 2))):  # noqa: PLR2004 - two decimals
        raise MalformedValue(f"{text!r} is not a percentage", passes="0 to 100, at most two decimals")
    if not 0 <= Decimal(text) <= 100:  # noqa: PLR2004 - per cent
        raise MalformedValue(f"{text!r} is not a percentage", passes="0 to 100, at most two decimals")
    return Decimal(text)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _pairs(text: str) -> dict[str, str]:
    pairs = [entry.partition(":") for entry in text.split()]
    if any(not key or not colon or not value for key, colon, value in pairs) or len({p[0] for p in pairs}) != len(
        pairs
    ):
        raise MalformedValue(f"{text!r} is not a list of pairs", passes="bid:accept award:refuse")
    return {key: value for key, _, value in pairs}


def spans(text: str) -> tuple[tuple[str, date | None, date | None], ...]:
    """``value:from/until`` entries with inclusive days; either side may be empty."""
    found = []
    for entry in text.split():
        value, colon, days = entry.partition(":")
        begins, slash, ends = days.partition("/")
        try:
            first, last = (date.fromisoformat(day) if day else None for day in (begins, ends))
        except ValueError:
            first = last = None
            slash = ""
        if not (value and colon and slash) or (first and last and last < first):
            raise MalformedValue(f"{entry!r} is not value:from/until", passes="16:2026-01-01/")
        found.append((value, first, last))
    if not found:
        raise MalformedValue("No value for any day", passes="16:2026-01-01/")
    return tuple(found)


def on_day(text: str, day: date) -> tuple[str, ...]:
    """The values of ``value:from/until`` entries that hold on a day."""
    return tuple(
        value for value, first, last in spans(text) if (first is None or first <= day) and (last is None or day <= last)
    )


READERS: Mapping[str, Callable[[str], Any]] = {
    "boolean": _boolean,
    "whole": _whole,
    "percent": _percent,
    "period": period,
    "word": lambda text: text,
    "words": _words,
    "pairs": _pairs,
    "spans": spans,
}
"""How the text of a parameter is read, by unit: by the check of a package and by ``Rules`` alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What a package may say under one name. ``choices`` bound words and the values of pairs; ``optional`` terms
    are facts of the regime that nothing here depends on yet.
    """

    unit: str
    choices: tuple[str, ...] = ()
    optional: bool = False


_LISTS = ("unreliable_state", "unreliable_quasi", "unreliable_fund")
_EVIDENCE = ("ct_kz", "industrial_certificate", "register_extract")
VERIFICATIONS = ("registry_import", "registry_service", "document")

TERMS: Mapping[str, Term] = {
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
    "unchecked": Term(unit="pairs", choices=("accept", "refuse")),
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
    "bid_validity_min": Term(unit="period", optional=True),
    # changes after publication
    "amendment_rule": Term(unit="word", choices=("restart", "extend", "none")),
    "amendment_remaining_min": Term(unit="period"),
    "bid_replacement": Term(unit="boolean"),
    # securities and prices
    "bid_security_percent": Term(unit="percent"),
    "contract_security_percent": Term(unit="percent"),
    "contract_security_exempt": Term(unit="words", choices=("register_producers", "disabled_organizations")),
    "bid_security_exempt": Term(unit="words", choices=("register_producers", "disabled_organizations")),
    "security_rounding": Term(unit="word", choices=("half_up_tenge", "half_up_tiyn")),
    "security_period": Term(unit="period", optional=True),
    "dumping_rule": Term(unit="word", choices=("none", "below_allocated", "below_mean")),
    "dumping_percent": Term(unit="percent"),
    "dumping_consequence": Term(unit="word", choices=("none", "anti_dumping_sum", "rejection")),
    "discount_producer_percent": Term(unit="percent"),
    "discount_quality_percent": Term(unit="percent", optional=True),
    "discount_improvement_percent": Term(unit="percent", optional=True),
    "discount_improvement_percent_max": Term(unit="percent", optional=True),
    "discount_taxes_percent_max": Term(unit="percent", optional=True),
    # the result
    "bids_min": Term(unit="whole"),
    "single_admitted_of_several": Term(unit="word", choices=("valid", "fails")),
    "award_rule": Term(unit="word", choices=("split_lowest_price",)),
    "tie_breaks": Term(
        unit="words",
        choices=("financial_stability", "fewer_contract_sums", "fewer_contracts", "earlier_receipt", "bid_id"),
    ),
    "follow_up": Term(unit="pairs", choices=tuple(Method)),
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
    "advance_period": Term(unit="period", optional=True),
    "delivery_period_min": Term(unit="period"),
    "delivery_period_min_producers": Term(unit="period"),
    "acceptance_period": Term(unit="period", optional=True),
    # thresholds and facts of the regime
    "annual_threshold_mci": Term(unit="whole"),
    "mci": Term(unit="spans"),
    "vat_rate": Term(unit="spans"),
    "financial_stability_from_mci": Term(unit="whole", optional=True),
    "eshop_annual_max_mci": Term(unit="whole", optional=True),
    "eshop_dumping_percent": Term(unit="percent", optional=True),
    "eshop_security_free_up_to_mci": Term(unit="whole", optional=True),
    "exemption_years_max": Term(unit="whole", optional=True),
    "local_content_formula": Term(unit="word", choices=("methodology_260",), optional=True),
    "false_information_claim_period": Term(unit="period", optional=True),
    "evasion_notice_period": Term(unit="period", optional=True),
    "penalty_local_content_percent": Term(unit="percent", optional=True),
    "penalty_local_content_percent_per_point": Term(unit="percent", optional=True),
    "penalty_local_content_percent_max": Term(unit="percent", optional=True),
}
