"""What the registries room needs from outside: the registries themselves, and where their answers are kept.

Every question refuses ``registry-unavailable`` or ``registry-answer-malformed`` when nothing is known. None, or an
empty tuple, is the registry's own word that there is nothing.
"""

from dataclasses import dataclass
from typing import Protocol

from domain.events import Event
from domain.ids import Bin
from domain.registries.answers import Announcement, Company, SignatureReport, Subject, UnreliableEntry
from domain.registries.model import Answered, Question, Registry, RegistryAnswer


class SupplierRegister(Protocol):
    """The state procurement portal."""

    async def subject(self, bin: Bin) -> Answered[Subject | None]: ...
    async def unreliable(self, bin: Bin) -> Answered[tuple[UnreliableEntry, ...]]:
        """Every entry about this BIN, also those that have ended."""

    async def announcement(self, number: str) -> Answered[Announcement | None]:
        """With all its lots, and the plan's points under them."""


class CompanyRegister(Protocol):
    """The statistics office."""

    async def company(self, bin: Bin) -> Answered[Company | None]: ...


class SignatureVerifier(Protocol):
    async def verify(self, cms: bytes, *, data: bytes | None, data_sha256: str) -> Answered[SignatureReport]:
        """Whether ``cms`` is a good signature over the data with this SHA-256 (hexadecimal).

        ``data`` None: they are expected inside the CMS. A signature over anything else is not verified. Nobody without
        a verifier answers ``verified``.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Registries:
    """The registries of a deployment; those that it did not configure say so when they are asked."""

    suppliers: SupplierRegister
    companies: CompanyRegister
    signatures: SignatureVerifier


class RegistryAnswers(Protocol):
    async def latest(self, *, registry: Registry, question: Question, subject: str) -> RegistryAnswer | None:
        """The newest asking, whatever its outcome: who needs an answer looks at ``outcome`` and ``asked_at``."""

    async def save(self, entity: RegistryAnswer, *, because: Event) -> RegistryAnswer: ...
