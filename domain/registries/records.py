"""Registers that come as files: which there are, and what one record of each is. A register is an entry of a table.

| register | one record | key |
|---|---|---|
| ``producers`` | a product in the register of Kazakhstan goods producers | application, position or product code |
| ``ct_kz`` | a product on a CT-KZ certificate | series and number, position or product code |
| ``industrial_certificates`` | a product on an industrial certificate | number, position or product code |
| ``unreliable_state``, ``_quasi``, ``_fund`` | an entry in a list of unreliable participants | BIN, day of entry |
| ``kato``, ``ens_tru`` | an entry of a classifier | its code |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.ids import Bin
from domain.organizations.evidence import EvidenceType
from domain.registries.cells import Value


class Register(StrEnum):
    PRODUCERS = "producers"
    CT_KZ = "ct_kz"
    INDUSTRIAL_CERTIFICATES = "industrial_certificates"
    UNRELIABLE_STATE = "unreliable_state"
    UNRELIABLE_QUASI = "unreliable_quasi"
    UNRELIABLE_FUND = "unreliable_fund"
    """The list of the Fund (Samruk-Kazyna) itself."""
    KATO = "kato"
    ENS_TRU = "ens_tru"


class Mode(StrEnum):
    FULL = "full"
    """The file is the whole register: a record that it does not name has been removed."""
    PARTIAL = "partial"
    """The file adds and changes."""


EVIDENCE: Mapping[Register, EvidenceType] = {
    Register.PRODUCERS: EvidenceType.REGISTER_EXTRACT,
    Register.CT_KZ: EvidenceType.CT_KZ,
    Register.INDUSTRIAL_CERTIFICATES: EvidenceType.INDUSTRIAL_CERTIFICATE,
}
LISTS = (Register.UNRELIABLE_STATE, Register.UNRELIABLE_QUASI, Register.UNRELIABLE_FUND)
CLASSIFIERS = (Register.KATO, Register.ENS_TRU)
PUBLIC = frozenset({*EVIDENCE, *CLASSIFIERS})
"""Registers whose records anybody may read; the lists are for those who have signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of a register. ``key`` is unique among its present records; ``bin`` is None in classifiers; ``fields``
    hold the rest as JSON has it, days and percentages as text. Days of validity are inclusive.
    """

    register: Register
    key: str
    bin: Bin | None
    fields: Mapping[str, Value]
    valid_from: date | None
    valid_until: date | None
