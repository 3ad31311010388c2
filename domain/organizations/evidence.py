"""Producer evidence: what a supplier shows to be a domestic producer, and how it was verified.

    recorded (verification none) -> verified (registry import, registry service, document) -> revoked

A self-declared proof is never called verified. Certificates (CT-KZ, industrial) count until 31 December 2025 and the
extract of the register of Kazakhstan goods producers from 1 January 2026; which type counts when is the rule
package's business, so all of them are stored.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from domain.calendar import months_after
from domain.errors import Conflict, Flaw, Invalid, NotFound, Titles
from domain.events import By, Event
from domain.ids import Bin, EvidenceId, OrganizationId, parse_bin
from domain.tenders.model import StepNotAllowed

CODE_DIGITS_MIN = 4
CAPACITY_MAX = 100_000_000
PERCENT_STEP = Decimal("0.01")
VALIDITY_MONTHS_MAX = 60
"""No certificate of the trade lasts longer; a register's extract is drawn anew. Ours."""
WARNED_DAYS_BEFORE = (3, 14, 30)
"""How many days before the last day of validity the holder is warned, nearest first."""


class EvidenceType(StrEnum):
    CT_KZ = "ct_kz"
    INDUSTRIAL_CERTIFICATE = "industrial_certificate"
    REGISTER_EXTRACT = "register_extract"


class Verification(StrEnum):
    REGISTRY_IMPORT = "registry_import"
    REGISTRY_SERVICE = "registry_service"
    DOCUMENT = "document"
    NONE = "none"


class EvidenceNotFound(NotFound):
    code = "evidence-not-found"
    titles = Titles("There is no such evidence", "Такого подтверждения нет", "Мұндай дәлел жоқ")


class EvidenceRefused(Invalid):
    code = "evidence-refused"
    titles = Titles("The evidence is not acceptable", "Подтверждение не принимается", "Дәлел қабылданбайды")


class EvidenceOverlaps(Conflict):
    code = "evidence-overlaps"
    titles = Titles(
        "There is evidence for this time already",
        "На этот срок подтверждение уже есть",
        "Бұл мерзімге дәлел бар",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceEvent(Event):
    subject: ClassVar[str] = "evidence"
    holder_bin: Bin


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecorded(EvidenceEvent):
    type: ClassVar[str] = "evidence.recorded"
    kind: EvidenceType
    number: str
    valid_until: date
    verification: Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceVerified(EvidenceEvent):
    type: ClassVar[str] = "evidence.verified"
    verification: Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRevoked(EvidenceEvent):
    type: ClassVar[str] = "evidence.revoked"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceExpiring(EvidenceEvent):
    """``days_left`` until the last day of validity, 0 on that day itself."""

    type: ClassVar[str] = "evidence.expiring"
    valid_until: date
    days_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """``product_codes`` are digits of CPA/ENS TRU (4 or more, dots dropped); ``local_content`` is a percentage with two
    decimals; ``declared_capacity`` is units a year; validity days are inclusive. ``warned_days`` is the nearest of
    ``WARNED_DAYS_BEFORE`` that the holder was warned of.
    """

    id: EvidenceId
    holder_id: OrganizationId
    holder_bin: Bin
    type: EvidenceType
    number: str
    issuer: str
    product_codes: tuple[str, ...]
    local_content: Decimal
    declared_capacity: int
    valid_from: date
    valid_until: date
    verification: Verification
    recorded_at: datetime
    revoked_on: date | None = None
    warned_days: int | None = None
    version: int = 0

    def __post_init__(self) -> None:
        parse_bin(self.holder_bin, pointer="/holder_bin")
        flaws = []
        if self.valid_until < self.valid_from:
            passes = f"{self.valid_from.isoformat()} or later"
            flaws.append(Flaw(pointer="/valid_until", reason="before valid_from", passes=passes))
        if not _is_percentage(self.local_content):
            passes = "0.00 to 100.00, two decimals"
            flaws.append(Flaw(pointer="/local_content", reason=f"{self.local_content} %", passes=passes))
        if not 1 <= self.declared_capacity <= CAPACITY_MAX:
            reason = f"{self.declared_capacity} units a year"
            flaws.append(Flaw(pointer="/declared_capacity", reason=reason, passes=f"1 to {CAPACITY_MAX}"))
        if not self.product_codes:
            flaws.append(Flaw(pointer="/product_codes", reason="empty", passes="one product code or more"))
        for index, code in enumerate(self.product_codes):
            if not re.fullmatch(rf"[0-9]{{{CODE_DIGITS_MIN},15}}", code):
                flaws.append(
                    Flaw(
                        pointer=f"/product_codes/{index}",
                        reason=f"{code!r} is not {CODE_DIGITS_MIN} to 15 digits",
                        passes="141211 or 141211.290.000016",
                    )
                )
        if flaws:
            raise EvidenceRefused("The evidence contradicts itself", flaws=tuple(flaws))
        object.__setattr__(self, "local_content", self.local_content.quantize(PERCENT_STEP))

    def recorded(self, *, by: By) -> EvidenceRecorded:
        return EvidenceRecorded(
            subject_id=self.id,
            by=by,
            at=self.recorded_at,
            holder_bin=self.holder_bin,
            kind=self.type,
            number=self.number,
            valid_until=self.valid_until,
            verification=self.verification,
        )

    def verify(self, *, how: Verification, by: By, at: datetime) -> tuple["Evidence", EvidenceVerified]:
        if how is Verification.NONE or self.revoked_on is not None:
            raise StepNotAllowed(
                "Only evidence in force can be verified, and by something", passes="how it was verified"
            )
        event = EvidenceVerified(subject_id=self.id, by=by, at=at, holder_bin=self.holder_bin, verification=how)
        return replace(self, verification=how), event

    def revoke(self, *, reason: str, on: date, by: By, at: datetime) -> tuple["Evidence", EvidenceRevoked]:
        if self.revoked_on is not None:
            raise StepNotAllowed("The evidence is revoked already")
        event = EvidenceRevoked(subject_id=self.id, by=by, at=at, holder_bin=self.holder_bin, reason=reason)
        return replace(self, revoked_on=on), event

    def warn(self, *, on: date, by: By, at: datetime) -> tuple["Evidence", EvidenceExpiring] | None:
        """The warning that is due on a day, once; None when there is none."""
        due = self.warning_due(on)
        if due is None:
            return None
        event = EvidenceExpiring(
            subject_id=self.id,
            by=by,
            at=at,
            holder_bin=self.holder_bin,
            valid_until=self.valid_until,
            days_left=(self.valid_until - on).days,
        )
        return replace(self, warned_days=due), event

    def warning_due(self, on: date) -> int | None:
        """Which of ``WARNED_DAYS_BEFORE`` is due on a day: the nearest that has come, unless it was given. A warning
        that was missed is not made up for when a nearer one is due. Nobody is warned of what was revoked or has ended.
        """
        left = (self.valid_until - on).days
        if self.revoked_on is not None or left < 0:
            return None
        due = next((days for days in WARNED_DAYS_BEFORE if left <= days), None)
        given = due is not None and self.warned_days is not None and self.warned_days <= due
        return None if given else due

    def must_be_plausible(self) -> None:
        """Refuse (``evidence-refused``) to record a validity that no certificate has."""
        latest = months_after(self.valid_from, VALIDITY_MONTHS_MAX)
        if self.valid_until > latest:
            reason = f"longer than {VALIDITY_MONTHS_MAX} months"
            flaw = Flaw(pointer="/valid_until", reason=reason, passes=f"{latest} or earlier")
            raise EvidenceRefused("The evidence would be valid for too long", flaws=(flaw,))

    def must_not_overlap(self, others: Iterable["Evidence"]) -> None:
        """Refuse (``evidence-overlaps``) a second proof of one type for the same days, by number or by a product code.

        A period that adjoins passes. What was revoked does not count, nor, for verified evidence, what nobody verified.
        """
        for other in others:
            counts = other.revoked_on is None and (
                self.verification is Verification.NONE or other.verification is not Verification.NONE
            )
            codes = set(self.product_codes) & set(other.product_codes)
            same = self.type is other.type and (self.number == other.number or codes)
            if counts and same and self.valid_from <= other.valid_until and other.valid_from <= self.valid_until:
                raise EvidenceOverlaps(
                    f"{other.type} {other.number} is valid from {other.valid_from} until {other.valid_until}",
                    passes=f"a period that ends before {other.valid_from} or begins after {other.valid_until}",
                    evidence_id=str(other.id),
                    valid_from=other.valid_from.isoformat(),
                    valid_until=other.valid_until.isoformat(),
                )


def _is_percentage(number: Decimal) -> bool:
    return number.is_finite() and 0 <= number <= 100 and number % PERCENT_STEP == 0  # noqa: PLR2004 - per cent


def covers(product_codes: tuple[str, ...], code: str, digits: int) -> bool:
    """Whether some product code agrees with ``code`` in the first ``digits`` digits.

    A code with fewer digits covers nothing: a proof for a whole group would let everything of the group through.
    """
    wanted = code.replace(".", "")[:digits]
    return any(own[:digits] == wanted for own in product_codes)


def bare_codes(codes: tuple[str, ...]) -> tuple[str, ...]:
    """``141211.290.000016`` and ``141211`` as plain digits."""
    return tuple(code.replace(".", "").strip() for code in codes)
