"""The rules of the origin verdict: a pure function of stored facts and the tender's pinned rules.

Every rule is named, gives the data it looked at, and says what would pass.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain.organizations.evidence import Evidence, Verification
from domain.organizations.model import OrganizationStatus
from domain.organizations.verdict import Facts, LineFact, Result, RuleOutcome
from domain.procedures.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    outcomes: tuple[RuleOutcome, ...]
    local_content: dict[int, Decimal]
    evidence: dict[int, str]

    @property
    def eligible(self) -> bool:
        return all(outcome.result is not Result.FAILED for outcome in self.outcomes)


def judge(facts: Facts, rules: Rules) -> Judged:
    """Apply every rule. Evidence is chosen per line: the piece that fails the fewest rules, capacity included, then
    by most local content, then by number; so what passes is found whenever it is there, and a refusal explains the
    nearest miss. The order in which evidence is given does not matter.
    """
    outcomes = [check(facts, rules) for check in _SUPPLIER_RULES]
    local_content: dict[int, Decimal] = {}
    evidence: dict[int, str] = {}
    for line in facts.lines:
        best = _best(facts, rules, line)
        found = [replace(outcome, line=line.line) for outcome in _evidence_outcomes(best, facts, rules, line)]
        outcomes += found
        if best is not None and all(outcome.result is Result.PASSED for outcome in _standing(best, facts, rules, line)):
            local_content[line.line] = best.local_content
            evidence[line.line] = best.number
    return Judged(outcomes=tuple(outcomes), local_content=local_content, evidence=evidence)


def _confirmed(facts: Facts, _rules: Rules) -> RuleOutcome:
    return _outcome(
        "organization_confirmed",
        passed=facts.status is OrganizationStatus.CONFIRMED,
        data={"status": str(facts.status)},
        reason=f"the organisation is {facts.status}",
        passes="confirmation by a registry operator",
    )


def _not_the_buyer(facts: Facts, _rules: Rules) -> RuleOutcome:
    return _outcome(
        "not_the_buyer",
        passed=facts.organization_id != facts.buyer_id,
        data={},
        reason="the buyer cannot bid on its own lot",
        passes="another buyer's lot",
    )


def _not_affiliated(facts: Facts, rules: Rules) -> RuleOutcome:
    if not rules.affiliates_refused:
        return RuleOutcome(rule="not_affiliated", result=Result.NOT_APPLICABLE)
    if facts.affiliates is None:
        return RuleOutcome(
            rule="not_affiliated", result=Result.NOT_APPLICABLE, reason="other bidders are known after the opening"
        )
    # The data say what is shared and never with whom: that is the other bidder's to tell.
    return _outcome(
        "not_affiliated",
        passed=not facts.affiliates,
        data={"shared": ", ".join(facts.affiliates)},
        reason=f"another bidder of this lot has the same {', '.join(facts.affiliates)}",
        passes="contact data of its own",
    )


def _not_unreliable(facts: Facts, _rules: Rules) -> RuleOutcome:
    """Law 47-VII art. 7 and 9: an entry in a register of unreliable participants bans for 24 months."""
    if facts.on_unreliable_list is None:
        return RuleOutcome(
            rule="not_unreliable",
            result=Result.NOT_APPLICABLE,
            reason="no list of unreliable participants was consulted",
        )
    return _outcome(
        "not_unreliable",
        passed=not facts.on_unreliable_list,
        data={"bin": facts.bin},
        reason="the supplier is on a list of unreliable participants",
        passes="removal from the list, 24 months after the entry",
    )


def _workshop(facts: Facts, rules: Rules) -> RuleOutcome:
    if not rules.producers_only:
        return RuleOutcome(rule="workshop_described", result=Result.NOT_APPLICABLE)
    return _outcome(
        "workshop_described",
        passed=facts.has_workshop,
        data={},
        reason="no workshop profile: no operators, no shifts",
        passes="PUT /v1/workshop with the profile",
    )


_SUPPLIER_RULES: tuple[Callable[[Facts, Rules], RuleOutcome], ...] = (
    _confirmed,
    _not_the_buyer,
    _not_affiliated,
    _not_unreliable,
    _workshop,
)
EVIDENCE_RULES = (
    "evidence_of_accepted_type",
    "evidence_valid_on_day",
    "evidence_bound_to_bin",
    "evidence_verified",
    "evidence_covers_code",
    "local_content_at_least",
    "declared_capacity_suffices",
)


def _evidence_outcomes(best: Evidence | None, facts: Facts, rules: Rules, line: LineFact) -> tuple[RuleOutcome, ...]:
    if not rules.producers_only:
        return tuple(RuleOutcome(rule=rule, result=Result.NOT_APPLICABLE) for rule in EVIDENCE_RULES)
    if best is None:
        accepted = ", ".join(sorted(rules.evidence_types(facts.on)))
        missing = RuleOutcome(
            rule=EVIDENCE_RULES[0],
            result=Result.FAILED,
            data={"accepted": accepted, "found": "none"},
            reason="no evidence of domestic production is recorded",
            passes=f"verified evidence of type {accepted} that covers {line.ens_tru}",
        )
        return (missing,)
    return (*_standing(best, facts, rules, line), _capacity(best, facts, rules, line))


def _standing(evidence: Evidence, facts: Facts, rules: Rules, line: LineFact) -> Iterator[RuleOutcome]:
    """The rules about the proof itself, in the order of ``EVIDENCE_RULES``."""
    accepted = ", ".join(sorted(rules.evidence_types(facts.on)))
    code = _product(line, rules)
    yield _outcome(
        "evidence_of_accepted_type",
        passed=evidence.type in rules.evidence_types(facts.on),
        data={"number": evidence.number, "type": str(evidence.type), "accepted": accepted, "on": facts.on.isoformat()},
        reason=f"{evidence.type} is not accepted on {facts.on}",
        passes=f"evidence of type {accepted}",
    )
    yield _outcome(
        "evidence_valid_on_day",
        passed=evidence.valid_on(facts.on),
        data={
            "number": evidence.number,
            "valid_from": evidence.valid_from.isoformat(),
            "valid_until": evidence.valid_until.isoformat(),
            "on": facts.on.isoformat(),
        }
        | ({"revoked_on": evidence.revoked_on.isoformat()} if evidence.revoked_on else {}),
        reason=_why_invalid(evidence, facts.on),
        passes=f"evidence valid on {facts.on}"
        if evidence.valid_from <= facts.on or evidence.revoked_on is not None
        else f"a bid on {evidence.valid_from} or later",
    )
    yield _outcome(
        "evidence_bound_to_bin",
        passed=evidence.holder_bin == facts.bin,
        data={"holder_bin": evidence.holder_bin, "bin": facts.bin},
        reason=f"the evidence belongs to BIN {evidence.holder_bin}",
        passes=f"evidence of BIN {facts.bin}",
    )
    yield _outcome(
        "evidence_verified",
        passed=evidence.verification in rules.verifications,
        data={"verification": str(evidence.verification), "accepted": ", ".join(sorted(rules.verifications))},
        reason="nobody has verified the evidence"
        if evidence.verification is Verification.NONE
        else f"{evidence.verification} is not enough",
        passes=f"verification by {', '.join(sorted(rules.verifications))}",
    )
    yield _outcome(
        "evidence_covers_code",
        passed=evidence.covers(line.ens_tru, rules.code_match_digits),
        data={"code": code, "covered": ", ".join(evidence.product_codes)},
        reason=f"the evidence does not cover {code}",
        passes=f"evidence for a product code that begins with {code}",
    )
    yield _outcome(
        "local_content_at_least",
        passed=evidence.local_content >= rules.local_content_min,
        data={"local_content": str(evidence.local_content), "least": str(rules.local_content_min)},
        reason=f"local content {evidence.local_content} % is under {rules.local_content_min} %",
        passes=f"{rules.local_content_min} % or more",
    )


def _capacity(evidence: Evidence, facts: Facts, rules: Rules, line: LineFact) -> RuleOutcome:
    if not rules.capacity_check:
        return RuleOutcome(rule="declared_capacity_suffices", result=Result.NOT_APPLICABLE)
    awarded, offered = _on_capacity(facts, rules, line)
    left = evidence.declared_capacity - awarded
    return _outcome(
        "declared_capacity_suffices",
        passed=offered <= left,
        data={
            "declared": str(evidence.declared_capacity),
            "awarded_this_year": str(awarded),
            "offered": str(offered),
        },
        reason=f"{offered} pieces of this product offered, {max(left, 0)} left of the declared capacity",
        passes=f"an offer of at most {max(left, 0)} pieces of this product",
    )


def _on_capacity(facts: Facts, rules: Rules, line: LineFact) -> tuple[int, int]:
    """Pieces of the line's product that were awarded this year, and that are offered on all lines of the lot."""

    def same(code: str) -> bool:
        shorter = min(len(product), len(code))
        return code[:shorter] == product[:shorter]

    product = _product(line, rules)
    awarded = sum(pieces for code, pieces in facts.awarded_pieces.items() if same(code))
    return awarded, sum(each.pieces for each in facts.lines if _product(each, rules) == product)


def _product(line: LineFact, rules: Rules) -> str:
    """The line's code, to the digits that the package compares."""
    return line.ens_tru.replace(".", "")[: rules.code_match_digits]


def _best(facts: Facts, rules: Rules, line: LineFact) -> Evidence | None:
    def rank(evidence: Evidence) -> tuple[int, Decimal, str, str]:
        outcomes = (*_standing(evidence, facts, rules, line), _capacity(evidence, facts, rules, line))
        misses = sum(outcome.result is Result.FAILED for outcome in outcomes)
        return misses, -evidence.local_content, evidence.number, str(evidence.id)

    return min(facts.evidence, key=rank, default=None)


def _why_invalid(evidence: Evidence, on: date) -> str:
    if evidence.revoked_on is not None and on >= evidence.revoked_on:
        return f"the evidence was revoked on {evidence.revoked_on}"
    if on > evidence.valid_until:
        return f"the evidence expired on {evidence.valid_until}"
    return f"the evidence is valid from {evidence.valid_from}"


def _outcome(rule: str, *, passed: bool, data: dict[str, str], reason: str, passes: str) -> RuleOutcome:
    if passed:
        return RuleOutcome(rule=rule, result=Result.PASSED, data=data)
    return RuleOutcome(rule=rule, result=Result.FAILED, data=data, reason=reason, passes=passes)
