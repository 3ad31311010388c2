"""The origin verdict: a pure function of stored facts and the tender's pinned rules.

Every rule is named, gives the data it looked at, and says what would pass. A rule that could not be checked says so:
it is neither passed nor failed, and the package says what follows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal

from domain.awards.allocation import minutes_until
from domain.organizations.evidence_rules import best_proof, evidence_outcomes, stands
from domain.organizations.facts import Facts, Stage
from domain.organizations.model import OrganizationStatus
from domain.organizations.proofs import proofs
from domain.organizations.unreliable_lists import not_listed
from domain.organizations.verdict import Result, RuleOutcome, decided, not_applicable, unchecked
from domain.procedures.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """``eligible``: no rule failed. ``accepted``: nor does the package refuse, at this stage, what was not checked."""

    eligible: bool
    accepted: bool
    outcomes: tuple[RuleOutcome, ...]
    local_content: dict[int, Decimal]
    evidence: dict[int, str]


def judge(facts: Facts, rules: Rules) -> Judged:
    """Apply every rule. A proof is chosen per line: the one that fails the fewest rules, capacity included, then
    leaves the fewest unchecked, then by most local content, then by number; so what passes is found whenever it is
    there, and a refusal explains the nearest miss. The order in which evidence is given does not matter.
    """
    outcomes = [outcome for rule in _SUPPLIER_RULES for outcome in rule(facts, rules)]
    known = proofs(facts, rules)
    local_content: dict[int, Decimal] = {}
    evidence: dict[int, str] = {}
    for line in facts.lines:
        best = best_proof(known, facts, rules, line)
        outcomes += [replace(outcome, line=line.line) for outcome in evidence_outcomes(best, facts, rules, line)]
        if best is not None and stands(best, facts, rules, line):
            evidence[line.line] = best.number
            if best.local_content is not None:
                local_content[line.line] = best.local_content
    eligible = all(outcome.result is not Result.FAILED for outcome in outcomes)
    in_doubt = any(outcome.result is Result.COULD_NOT_BE_CHECKED for outcome in outcomes)
    return Judged(
        eligible=eligible,
        accepted=eligible and not (in_doubt and rules.refuses_unchecked(facts.stage.decides_as)),
        outcomes=tuple(outcomes),
        local_content=local_content,
        evidence=evidence,
    )


def _confirmed(facts: Facts, _rules: Rules) -> Iterator[RuleOutcome]:
    yield decided(
        "organization_confirmed",
        passed=facts.status is OrganizationStatus.CONFIRMED,
        data={"status": str(facts.status)},
        reason=f"the organisation is {facts.status}",
        passes="confirmation by a registry operator",
    )


def _not_the_buyer(facts: Facts, _rules: Rules) -> Iterator[RuleOutcome]:
    yield decided(
        "not_the_buyer",
        passed=facts.organization_id != facts.buyer_id,
        data={},
        reason="the buyer cannot bid on its own lot",
        passes="another buyer's lot",
    )


def _invited(facts: Facts, rules: Rules) -> Iterator[RuleOutcome]:
    if not rules.invited_only:
        yield not_applicable("invited")
    elif facts.invited is None:
        yield unchecked("invited", data={}, reason="nobody said who is invited", passes="an invitation of the buyer")
    else:
        yield decided(
            "invited",
            passed=facts.invited,
            data={},
            reason="only who is invited may bid here",
            passes="an invitation of the buyer",
        )


def _prequalified(facts: Facts, rules: Rules) -> Iterator[RuleOutcome]:
    if facts.prequalified is not None:
        yield decided(
            "prequalified",
            passed=facts.prequalified,
            data={},
            reason="the supplier is not among the prequalified",
            passes="admission in the buyer's prequalification",
        )
    elif rules.prequalification_required:
        yield unchecked(
            "prequalified",
            data={},
            reason="no prequalification was consulted",
            passes="admission in the buyer's prequalification",
        )
    else:
        yield not_applicable("prequalified")


def _not_affiliated(facts: Facts, rules: Rules) -> Iterator[RuleOutcome]:
    if not rules.affiliates_refused:
        yield not_applicable("not_affiliated")
    elif facts.affiliates is None:
        yield not_applicable("not_affiliated", "other bidders are known after the opening")
    else:
        # The data say what is shared and never with whom: that is the other bidder's to tell.
        yield decided(
            "not_affiliated",
            passed=not facts.affiliates,
            data={"shared": ", ".join(facts.affiliates)},
            reason=f"another bidder of this lot has the same {', '.join(facts.affiliates)}",
            passes="contact data of its own",
        )


def _workshop(facts: Facts, rules: Rules) -> Iterator[RuleOutcome]:
    if not rules.producers_only:
        yield not_applicable("workshop_described")
        return
    yield decided(
        "workshop_described",
        passed=facts.workshop is not None,
        data={},
        reason="no workshop profile: no operators, no shifts",
        passes="PUT /v1/workshop with the profile",
    )


def _minutes(facts: Facts, rules: Rules) -> Iterator[RuleOutcome]:
    """Own contracts bind minutes; the bids of others never do."""
    if not rules.minutes_check or facts.workshop is None:
        yield not_applicable("minutes_suffice", None if facts.workshop else "there is no profile to count from")
        return
    if facts.stage is Stage.AWARD:
        yield not_applicable("minutes_suffice", "an award gives no more pieces than the minutes leave")
        return
    workshop = facts.workshop
    left = minutes_until(
        workshop.minutes_per_week, days=(workshop.due_on - facts.on).days, booked=workshop.minutes_booked
    )
    needed = sum((line.standard_minutes * line.pieces for line in facts.lines), Decimal(0))
    yield decided(
        "minutes_suffice",
        passed=needed <= left,
        data={
            "minutes_per_week": str(workshop.minutes_per_week),
            "booked": str(workshop.minutes_booked),
            "due_on": workshop.due_on.isoformat(),
            "left": str(left),
            "needed": str(needed),
        },
        reason=f"{needed} standard minutes are needed, {left} are left until {workshop.due_on}",
        passes=_fitting(facts, left),
    )


def _fitting(facts: Facts, left: Decimal) -> str:
    if len(facts.lines) != 1:
        return f"an offer of at most {left} standard minutes"
    (line,) = facts.lines
    pieces = int((left / line.standard_minutes).to_integral_value(ROUND_FLOOR))
    return f"an offer of at most {pieces} pieces"


_SUPPLIER_RULES: tuple[Callable[[Facts, Rules], Iterator[RuleOutcome]], ...] = (
    _confirmed,
    _not_the_buyer,
    _invited,
    _prequalified,
    _not_affiliated,
    not_listed,
    _workshop,
    _minutes,
)
