"""Stand-ins for registries: the ones that were not configured, which say so, and ones for tests and development.

None of them ever verifies a signature.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NoReturn, TypeVar

from domain.errors import Unavailable
from domain.ids import Bin
from domain.registries.answers import Announcement, Company, SignatureReport, Subject, UnreliableEntry
from domain.registries.model import Answered, Provenance, Question, Registry, RegistryUnavailable
from domain.registries.ports import Registries

Value = TypeVar("Value")
NO_VERIFIER = "not verified: no verifier is configured"


def _now() -> datetime:
    return datetime.now(UTC)


class AbsentSupplierRegister:
    """No token was given, so the portal is not asked."""

    async def subject(self, bin: Bin) -> NoReturn:  # noqa: ARG002 - the port's
        _absent(Registry.GOSZAKUP, "OIMAQ_GOSZAKUP_TOKEN")

    async def unreliable(self, bin: Bin) -> NoReturn:  # noqa: ARG002 - the port's
        _absent(Registry.GOSZAKUP, "OIMAQ_GOSZAKUP_TOKEN")

    async def announcement(self, number: str) -> NoReturn:  # noqa: ARG002 - the port's
        _absent(Registry.GOSZAKUP, "OIMAQ_GOSZAKUP_TOKEN")


class AbsentCompanyRegister:
    async def company(self, bin: Bin) -> NoReturn:  # noqa: ARG002 - the port's
        _absent(Registry.STATISTICS, "OIMAQ_STATISTICS_URL")


def _absent(registry: Registry, setting: str) -> NoReturn:
    raise RegistryUnavailable(f"{registry} is not configured", passes=setting, registry=str(registry))


class NoVerifier:
    """Says of every signature that nobody verified it, and asks nobody."""

    def __init__(self, now: Callable[[], datetime] = _now) -> None:
        self._now = now

    async def verify(self, cms: bytes, *, data: bytes | None, data_sha256: str) -> Answered[SignatureReport]:  # noqa: ARG002 - the port's
        subject = hashlib.sha256(cms).hexdigest()
        return Answered(
            value=SignatureReport(verified=False, verified_by=None, reason=NO_VERIFIER, data_sha256=data_sha256),
            provenance=Provenance(
                registry=Registry.NCANODE, question=Question.SIGNATURE, subject=subject, asked_at=self._now()
            ),
        )


def unconfigured() -> Registries:
    return Registries(suppliers=AbsentSupplierRegister(), companies=AbsentCompanyRegister(), signatures=NoVerifier())


@dataclass(slots=True)
class FakeSupplierRegister:
    """Knows what it is told; while ``failure`` is set every question ends with it."""

    subjects: dict[str, Subject] = field(default_factory=dict)
    entries: dict[str, tuple[UnreliableEntry, ...]] = field(default_factory=dict)
    announcements: dict[str, Announcement] = field(default_factory=dict)
    failure: Unavailable | None = None
    asked: int = 0

    async def subject(self, bin: Bin) -> Answered[Subject | None]:
        return self._answer(Question.SUBJECT, bin, self.subjects.get(bin))

    async def unreliable(self, bin: Bin) -> Answered[tuple[UnreliableEntry, ...]]:
        return self._answer(Question.UNRELIABLE, bin, self.entries.get(bin, ()))

    async def announcement(self, number: str) -> Answered[Announcement | None]:
        return self._answer(Question.ANNOUNCEMENT, number, self.announcements.get(number))

    def _answer(self, question: Question, subject: str, value: Value) -> Answered[Value]:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return _told(Registry.GOSZAKUP, question, subject, value)


@dataclass(slots=True)
class FakeCompanyRegister:
    companies: dict[str, Company] = field(default_factory=dict)
    failure: Unavailable | None = None

    async def company(self, bin: Bin) -> Answered[Company | None]:
        if self.failure is not None:
            raise self.failure
        return _told(Registry.STATISTICS, Question.COMPANY, bin, self.companies.get(bin))


def _told(registry: Registry, question: Question, subject: str, value: Value) -> Answered[Value]:
    digest = hashlib.sha256(repr(value).encode()).hexdigest()
    return Answered(
        value=value,
        provenance=Provenance(registry=registry, question=question, subject=subject, asked_at=_now(), sha256=digest),
    )
