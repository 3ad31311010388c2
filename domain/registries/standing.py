"""What the imported registers say of one BIN: its evidence, and its entries in the lists of unreliable participants.

Read models for the verdict. A register that was never imported says nothing (``as_of`` None); that is not the same as
having no entry, and the reader must not take it for that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.organizations.evidence import EvidenceType
from domain.registries.records import EVIDENCE, Record, Register

REGISTER_NAMES: Mapping[Register, str] = {
    Register.PRODUCERS: "Register of Kazakhstan goods producers",
    Register.CT_KZ: "Register of CT-KZ certificates",
    Register.INDUSTRIAL_CERTIFICATES: "Register of industrial certificates",
}
"""The issuer where a record names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredEvidence:
    """One product of one certificate or extract, with what ``domain.organizations.evidence.Evidence`` asks for.

    ``valid_until`` None: the register names no end. ``declared_capacity`` (units a year) and ``local_content``
    (per cent) are None where the certificate does not tell. ``product_codes`` may be empty: a CT-KZ certificate may
    name customs codes only, and those cover nothing. ``as_of``: the newest state of its register that was imported.
    """

    register: Register
    type: EvidenceType
    key: str
    number: str
    issuer: str
    product_codes: tuple[str, ...]
    local_content: Decimal | None
    declared_capacity: int | None
    valid_from: date
    valid_until: date | None
    as_of: date | None

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """``until`` is the last day of the ban."""

    key: str
    name: str
    listed_on: date
    until: date
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """``as_of`` None: this list was never imported, so nobody can say who is on it."""

    as_of: date | None
    entries: tuple[ListEntry, ...]

    def on(self, day: date) -> tuple[ListEntry, ...]:
        """The entries in force on a day."""
        return tuple(entry for entry in self.entries if entry.listed_on <= day <= entry.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterStanding:
    """``lists`` has every unreliable list, ``evidence_as_of`` every register of evidence, imported or not."""

    evidence: tuple[RegisteredEvidence, ...]
    evidence_as_of: Mapping[Register, date | None]
    lists: Mapping[Register, ListState]


def evidence_of(record: Record, *, as_of: date | None) -> RegisteredEvidence:
    """The read model of a record of ``producers``, ``ct_kz`` or ``industrial_certificates``."""
    fields = record.fields
    share, capacity, codes = (fields.get(name) for name in ("local_content", "declared_capacity", "product_codes"))
    if record.valid_from is None:
        raise AssertionError("every record of evidence begins on a day")
    return RegisteredEvidence(
        register=record.register,
        type=EVIDENCE[record.register],
        key=record.key,
        number=f"{fields.get('series', '')}{fields['number']}",
        issuer=str(fields.get("issuer") or REGISTER_NAMES[record.register]),
        product_codes=tuple(codes) if isinstance(codes, list) else (),
        local_content=None if share is None else Decimal(str(share)),
        declared_capacity=capacity if isinstance(capacity, int) else None,
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        as_of=as_of,
    )


def entry_of(record: Record) -> ListEntry:
    """The read model of a record of an unreliable list."""
    if record.valid_from is None or record.valid_until is None:
        raise AssertionError("every entry has its days")
    reason = record.fields.get("reason")
    return ListEntry(
        key=record.key,
        name=str(record.fields["name"]),
        listed_on=record.valid_from,
        until=record.valid_until,
        reason=None if reason is None else str(reason),
    )
