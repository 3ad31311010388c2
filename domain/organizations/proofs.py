"""Proofs of domestic production: what a supplier recorded and what the registers know, as one list.

The record of a register counts without being typed. Where a register that is young enough knows a certificate by type
and number, its word stands in the place of what was recorded under them; only a revocation stays, and a figure that
the register does not tell is taken from evidence that somebody verified.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice

from domain.ids import Bin
from domain.organizations.evidence import Evidence, EvidenceType, Verification, covers
from domain.organizations.facts import Facts
from domain.procedures.rules import Rules
from domain.registries.records import EVIDENCE, Register
from domain.registries.standing import RegisteredEvidence

REGISTERED_MAX = 100
Key = tuple[EvidenceType, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """``register`` is None for recorded evidence, ``as_of`` the state in which the register knew the record. Unknown
    figures are None, and so is an end that the register does not name. ``tie`` orders what is otherwise alike.
    """

    type: EvidenceType
    number: str
    holder_bin: Bin
    product_codes: tuple[str, ...]
    local_content: Decimal | None
    declared_capacity: int | None
    valid_from: date
    valid_until: date | None
    revoked_on: date | None
    verification: Verification
    register: Register | None
    as_of: date | None
    tie: str

    def valid_on(self, day: date) -> bool:
        ended = self.valid_until is not None and day > self.valid_until
        return self.valid_from <= day and not ended and (self.revoked_on is None or day < self.revoked_on)

    def covers(self, code: str, digits: int) -> bool:
        return covers(self.product_codes, code, digits)


def key_of(proof: Evidence | RegisteredEvidence) -> Key:
    """Type and number, as people write them: without regard to case and blanks."""
    return proof.type, "".join(proof.number.split()).casefold()


def proofs(facts: Facts, rules: Rules) -> tuple[Proof, ...]:
    recorded = {key_of(each): each for each in sorted(facts.evidence, key=_least_revoked)}
    known = {key_of(each) for each in facts.registered if is_young(each.as_of, facts.on, rules)}
    return (
        *(_recorded(each) for each in facts.evidence if key_of(each) not in known),
        *(_registered(each, recorded.get(key_of(each)), facts.bin) for each in facts.registered),
    )


def is_young(as_of: date | None, on: date, rules: Rules) -> bool:
    """Whether a state of a register may be relied on. One that was never imported may not."""
    return as_of is not None and (on - as_of).days <= rules.register_age_max_days


def relevant(
    registered: tuple[RegisteredEvidence, ...],
    evidence: tuple[Evidence, ...],
    codes: tuple[str, ...],
    rules: Rules,
) -> tuple[RegisteredEvidence, ...]:
    """The records that cover one of the codes, or that speak of recorded evidence: the others prove nothing here. The
    first hundred, in the order in which they are given.
    """
    recorded = {key_of(each) for each in evidence}
    found = (
        each
        for each in registered
        if key_of(each) in recorded or any(covers(each.product_codes, code, rules.code_match_digits) for code in codes)
    )
    return tuple(islice(found, REGISTERED_MAX))


def states(facts: Facts, types: frozenset[str]) -> str:
    """How old the registers of the accepted types are, for who has no evidence at all."""
    return ", ".join(
        f"{register} {facts.as_of.get(register) or 'never imported'}"
        for register, type in EVIDENCE.items()
        if type in types
    )


def _least_revoked(evidence: Evidence) -> tuple[bool, bool, str]:
    """Of several under one number the last one counts: a revoked one, then a verified one."""
    return evidence.revoked_on is not None, evidence.verification is not Verification.NONE, str(evidence.id)


def _recorded(evidence: Evidence) -> Proof:
    return Proof(
        type=evidence.type,
        number=evidence.number,
        holder_bin=evidence.holder_bin,
        product_codes=evidence.product_codes,
        local_content=evidence.local_content,
        declared_capacity=evidence.declared_capacity,
        valid_from=evidence.valid_from,
        valid_until=evidence.valid_until,
        revoked_on=evidence.revoked_on,
        verification=evidence.verification,
        register=None,
        as_of=None,
        tie=str(evidence.id),
    )


def _registered(record: RegisteredEvidence, recorded: Evidence | None, bin: Bin) -> Proof:
    vouched = recorded if recorded is not None and recorded.verification is not Verification.NONE else None
    share, capacity = record.local_content, record.declared_capacity
    return Proof(
        type=record.type,
        number=record.number,
        holder_bin=bin,
        product_codes=record.product_codes,
        local_content=vouched.local_content if share is None and vouched else share,
        declared_capacity=vouched.declared_capacity if capacity is None and vouched else capacity,
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        revoked_on=recorded.revoked_on if recorded else None,
        verification=Verification.REGISTRY_IMPORT,
        register=record.register,
        as_of=record.as_of,
        tie=record.key,
    )
