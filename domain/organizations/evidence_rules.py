"""The rules of the origin verdict about the proof that is used for one garment line."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from domain.organizations.evidence import Verification
from domain.organizations.facts import Facts, LineFact
from domain.organizations.proofs import Proof, is_young, states
from domain.organizations.verdict import Result, RuleOutcome, decided, not_applicable, unchecked
from domain.procedures.rules import Rules

EVIDENCE_RULES = (
    "evidence_of_accepted_type",
    "evidence_valid_on_day",
    "evidence_bound_to_bin",
    "evidence_verified",
    "evidence_covers_code",
    "local_content_at_least",
    "declared_capacity_suffices",
)
_UNKNOWN = Decimal(-1)
"""Ranks below every percentage."""


def best_proof(known: Iterable[Proof], facts: Facts, rules: Rules, line: LineFact) -> Proof | None:
    def rank(proof: Proof) -> tuple[int, int, Decimal, str, str]:
        results = [outcome.result for outcome in _all(proof, facts, rules, line)]
        share = _UNKNOWN if proof.local_content is None else proof.local_content
        unchecked = results.count(Result.COULD_NOT_BE_CHECKED)
        return results.count(Result.FAILED), unchecked, -share, proof.number, proof.tie

    return min(known, key=rank, default=None)


def stands(proof: Proof, facts: Facts, rules: Rules, line: LineFact) -> bool:
    """Whether the proof itself passes, however many pieces are asked: then its local content counts."""
    return all(outcome.result is Result.PASSED for outcome in _standing(proof, facts, rules, line))


def evidence_outcomes(best: Proof | None, facts: Facts, rules: Rules, line: LineFact) -> Iterator[RuleOutcome]:
    """In the order of ``EVIDENCE_RULES``; without any proof the first one alone."""
    if not rules.producers_only:
        yield from (not_applicable(rule) for rule in EVIDENCE_RULES)
        return
    if best is not None:
        yield from _all(best, facts, rules, line)
        return
    types = rules.evidence_types(facts.on)
    accepted = ", ".join(sorted(types))
    yield decided(
        EVIDENCE_RULES[0],
        passed=False,
        data={"accepted": accepted, "found": "none", "registers": states(facts, types)},
        reason="no evidence of domestic production is recorded or found in a register",
        passes=f"verified evidence of type {accepted} that covers {line.ens_tru}",
    )


def _all(proof: Proof, facts: Facts, rules: Rules, line: LineFact) -> Iterator[RuleOutcome]:
    yield from _standing(proof, facts, rules, line)
    yield _capacity(proof, facts, rules, line)


def _standing(proof: Proof, facts: Facts, rules: Rules, line: LineFact) -> Iterator[RuleOutcome]:
    types = rules.evidence_types(facts.on)
    accepted = ", ".join(sorted(types))
    yield decided(
        "evidence_of_accepted_type",
        passed=proof.type in types,
        data={"number": proof.number, "type": str(proof.type), "accepted": accepted, "on": facts.on.isoformat()},
        reason=f"{proof.type} is not accepted on {facts.on}",
        passes=f"evidence of type {accepted}",
    )
    yield _valid(proof, facts.on)
    yield decided(
        "evidence_bound_to_bin",
        passed=proof.holder_bin == facts.bin,
        data={"holder_bin": proof.holder_bin, "bin": facts.bin},
        reason=f"the evidence belongs to BIN {proof.holder_bin}",
        passes=f"evidence of BIN {facts.bin}",
    )
    yield _verified(proof, facts, rules)
    code = product(line, rules)
    yield decided(
        "evidence_covers_code",
        passed=proof.covers(line.ens_tru, rules.code_match_digits),
        data={"code": code, "covered": ", ".join(proof.product_codes)},
        reason=f"the evidence does not cover {code}",
        passes=f"evidence for a product code that begins with {code}",
    )
    yield _local_content(proof, rules)


def _valid(proof: Proof, on: date) -> RuleOutcome:
    data = {
        "number": proof.number,
        "valid_from": proof.valid_from.isoformat(),
        "valid_until": proof.valid_until.isoformat() if proof.valid_until else "not named",
        "on": on.isoformat(),
    }
    begins = proof.valid_from if on < proof.valid_from and proof.revoked_on is None else None
    return decided(
        "evidence_valid_on_day",
        passed=proof.valid_on(on),
        data=data | ({"revoked_on": proof.revoked_on.isoformat()} if proof.revoked_on else {}),
        reason=_why_invalid(proof, on),
        passes=f"a bid on {begins} or later" if begins else f"evidence valid on {on}",
        passes_on=begins,
    )


def _why_invalid(proof: Proof, on: date) -> str:
    if proof.revoked_on is not None and on >= proof.revoked_on:
        return f"the evidence was revoked on {proof.revoked_on}"
    if proof.valid_until is not None and on > proof.valid_until:
        return f"the evidence expired on {proof.valid_until}"
    return f"the evidence is valid from {proof.valid_from}"


def _verified(proof: Proof, facts: Facts, rules: Rules) -> RuleOutcome:
    accepted = ", ".join(sorted(rules.verifications))
    data = {"verification": str(proof.verification), "accepted": accepted}
    if proof.register is not None and proof.as_of is not None:
        data |= {"register": str(proof.register), "number": proof.number, "as_of": proof.as_of.isoformat()}
    counts = proof.verification in rules.verifications
    if counts and proof.register is not None and not is_young(proof.as_of, facts.on, rules):
        age_max = rules.register_age_max_days
        return unchecked(
            "evidence_verified",
            data=data | {"age_max_days": str(age_max)},
            reason=f"{proof.register} was imported as of {proof.as_of}, {age_max} days are allowed",
            passes=f"an import of {proof.register} as of {facts.on - timedelta(days=age_max)} or later",
        )
    return decided(
        "evidence_verified",
        passed=counts,
        data=data,
        reason="nobody has verified the evidence"
        if proof.verification is Verification.NONE
        else f"{proof.verification} is not enough",
        passes=f"verification by {accepted}",
    )


def _local_content(proof: Proof, rules: Rules) -> RuleOutcome:
    least = rules.local_content_min
    if proof.local_content is None and least > 0:
        return unchecked(
            "local_content_at_least",
            data={"local_content": "not told", "least": str(least)},
            reason=f"{proof.register} does not tell the local content of {proof.number}",
            passes=f"verified evidence with {least} % or more",
        )
    share = "not told" if proof.local_content is None else str(proof.local_content)
    return decided(
        "local_content_at_least",
        passed=proof.local_content is None or proof.local_content >= least,
        data={"local_content": share, "least": str(least)},
        reason=f"local content {share} % is under {least} %",
        passes=f"{least} % or more",
    )


def _capacity(proof: Proof, facts: Facts, rules: Rules, line: LineFact) -> RuleOutcome:
    if not rules.capacity_check:
        return not_applicable("declared_capacity_suffices")
    awarded, offered = _on_capacity(facts, rules, line)
    if proof.declared_capacity is None:
        return unchecked(
            "declared_capacity_suffices",
            data={"capacity": "not told", "awarded_this_year": str(awarded), "offered": str(offered)},
            reason=f"{proof.register} does not tell the capacity of {proof.number}",
            passes="verified evidence that tells the units a year",
        )
    left = proof.declared_capacity - awarded
    return decided(
        "declared_capacity_suffices",
        passed=offered <= left,
        data={"declared": str(proof.declared_capacity), "awarded_this_year": str(awarded), "offered": str(offered)},
        reason=f"{offered} pieces of this product offered, {max(left, 0)} left of the declared capacity",
        passes=f"an offer of at most {max(left, 0)} pieces of this product",
    )


def _on_capacity(facts: Facts, rules: Rules, line: LineFact) -> tuple[int, int]:
    """Pieces of the line's product that were awarded this year, and that are offered on all lines of the lot."""

    def same(code: str) -> bool:
        shorter = min(len(wanted), len(code))
        return code[:shorter] == wanted[:shorter]

    wanted = product(line, rules)
    awarded = sum(pieces for code, pieces in facts.awarded_pieces.items() if same(code))
    return awarded, sum(each.pieces for each in facts.lines if product(each, rules) == wanted)


def product(line: LineFact, rules: Rules) -> str:
    """The line's code, to the digits that the package compares."""
    return line.ens_tru.replace(".", "")[: rules.code_match_digits]
