"""Comparing recorded evidence with the imported register: every difference is told, nothing is guessed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from domain.organizations.evidence import Evidence, EvidenceType
from domain.organizations.proofs import key_of
from domain.registries.records import EVIDENCE, Register
from domain.registries.standing import RegisteredEvidence, RegisterStanding

REGISTER_OF: dict[EvidenceType, Register] = {type: register for register, type in EVIDENCE.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    field: str
    recorded: str
    registered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCheck:
    """``as_of`` None: the register was never imported. ``confirmed``: this check made the evidence verified."""

    evidence: Evidence
    register: Register
    as_of: date | None
    differences: tuple[Difference, ...]
    confirmed: bool

    @property
    def version(self) -> int:
        return self.evidence.version


def differences(evidence: Evidence, standing: RegisterStanding) -> tuple[Difference, ...]:
    """What the register says otherwise about the certificate of this type and number; its BIN is the standing's.

    Figures that the register does not tell are not compared.
    """
    named = [each for each in standing.evidence if key_of(each) == key_of(evidence)]
    if not named:
        found = ", ".join(sorted({each.number for each in standing.evidence if each.type is evidence.type}))
        return (Difference(field="number", recorded=evidence.number, registered=found or "none of this BIN"),)
    return tuple(dict.fromkeys(_differences(evidence, named)))


def _differences(evidence: Evidence, named: list[RegisteredEvidence]) -> Iterator[Difference]:
    for code in evidence.product_codes:
        about = [each for each in named if any(_same_product(code, own) for own in each.product_codes)]
        if not about:
            known = ", ".join(sorted({own for each in named for own in each.product_codes}))
            yield Difference(field="product_codes", recorded=code, registered=known or "none")
        for each in about:
            yield from _figures(evidence, each)


def _same_product(code: str, own: str) -> bool:
    """The register's code is the recorded one or a finer one; a coarser one would prove less than was recorded."""
    return own.startswith(code)


def _figures(evidence: Evidence, record: RegisteredEvidence) -> Iterator[Difference]:
    told: Iterable[tuple[str, object, object]] = (
        ("valid_from", evidence.valid_from, record.valid_from),
        ("valid_until", evidence.valid_until, record.valid_until),
        ("local_content", evidence.local_content, record.local_content),
        ("declared_capacity", evidence.declared_capacity, record.declared_capacity),
    )
    for field, recorded, registered in told:
        if registered is not None and recorded != registered:
            yield Difference(field=field, recorded=str(recorded), registered=str(registered))
