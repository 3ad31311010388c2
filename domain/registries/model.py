"""What a registry was asked and what it answered, kept as provenance; and how a registry fails.

Three outcomes, never mixed: it answered (also that there is nothing), it could not be asked, or it answered something
that cannot be relied on. An outage is never read as "not listed" or "no such company".
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, NewType, TypeVar
from uuid import UUID

from domain.errors import Flaw, Forbidden, MalformedValue, NotFound, Titles, Unavailable
from domain.events import By, Event
from domain.ids import Bin, WrongBin, parse_bin

RegistryAnswerId = NewType("RegistryAnswerId", UUID)
Value_co = TypeVar("Value_co", covariant=True)
Other = TypeVar("Other")


class Registry(StrEnum):
    GOSZAKUP = "goszakup"
    """Register of participants, unreliable participants and announcements of the state procurement portal (OWS v3)."""
    STATISTICS = "statistics"
    """The statistics office's look-up of a legal entity by BIN."""
    NCANODE = "ncanode"
    """NCANode v3: verifies digital signatures of the national certification centre."""


class Question(StrEnum):
    SUBJECT = "subject"
    UNRELIABLE = "unreliable"
    ANNOUNCEMENT = "announcement"
    COMPANY = "company"
    SIGNATURE = "signature"


class Outcome(StrEnum):
    ANSWERED = "answered"
    UNAVAILABLE = "unavailable"
    MALFORMED = "malformed"


class RegistryUnavailable(Unavailable):
    """Down, slow, refusing us for load or for our token, not configured: nothing is known, ask again later."""

    code = "registry-unavailable"
    titles = Titles("The registry cannot be asked", "Реестр недоступен", "Тізілімге сұрау салу мүмкін емес")


class RegistryAnswerRefused(Unavailable):
    """It answered HTML, another shape, about somebody else, or something that contradicts itself: nothing is known."""

    code = "registry-answer-malformed"
    titles = Titles(
        "The registry's answer cannot be relied on",
        "На ответ реестра нельзя полагаться",
        "Тізілім жауабына сенуге болмайды",
    )


class RegistryAnswerNotFound(NotFound):
    code = "registry-answer-not-found"
    titles = Titles(
        "There is no such answer of a registry", "Такого ответа реестра нет", "Тізілімнің мұндай жауабы жоқ"
    )


class NotYourBin(Forbidden):
    code = "not-your-bin"
    titles = Titles("You may ask about your own BIN only", "Можно спрашивать только о своём БИН", "Тек өз БСН сұраңыз")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a value comes from. ``subject`` is what was asked about: a BIN, a number, a SHA-256; never a number of a
    person.

    ``asked_at`` is when the registry was asked, ``age_seconds`` how old the answer was when it was used (0 unless
    ``from_cache``). ``sha256`` is of the raw bytes, all of them in order where one question took several requests; None
    where no registry was asked at all.
    """

    registry: Registry
    question: Question
    subject: str
    asked_at: datetime
    age_seconds: int = 0
    from_cache: bool = False
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Generic[Value_co]):
    """A registry's answer and its provenance."""

    value: Value_co
    provenance: Provenance

    def with_value(self, value: Other) -> "Answered[Other]":
        return Answered(value=value, provenance=self.provenance)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAsked(Event):
    type: ClassVar[str] = "registry.asked"
    subject: ClassVar[str] = "registry_answer"
    registry: Registry
    question: Question
    asked_about: str
    outcome: Outcome
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAnswer:
    """One asking, as it is kept. ``answer`` is the allow-listed part of what was understood, JSON values without
    personal numbers: an object for ``answered`` (``{"found": false}`` when the registry knows nothing), otherwise None;
    ``error`` says why where there is none. ``asked_at`` is when the registry was asked, which is earlier than the row
    where a cached answer was used.
    """

    id: RegistryAnswerId
    registry: Registry
    question: Question
    subject: str
    outcome: Outcome
    asked_at: datetime
    sha256: str | None = None
    answer: dict[str, Any] | None = None
    error: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.ANSWERED) is (self.answer is None) or (self.answer is None) is (self.error is None):
            raise MalformedValue("An answer is kept with what was answered, a failure with its reason")

    @classmethod
    def of(cls, id: RegistryAnswerId, answered: Answered[Any], facts: dict[str, Any] | None) -> "RegistryAnswer":
        """``facts`` None: the registry says that it has nothing."""
        came_from = answered.provenance
        return cls(
            id=id,
            registry=came_from.registry,
            question=came_from.question,
            subject=came_from.subject,
            outcome=Outcome.ANSWERED,
            asked_at=came_from.asked_at,
            sha256=came_from.sha256,
            answer={"found": False} if facts is None else {"found": True, **facts},
        )

    def asked(self, *, by: By, at: datetime) -> RegistryAsked:
        return RegistryAsked(
            subject_id=self.id,
            by=by,
            at=at,
            registry=self.registry,
            question=self.question,
            asked_about=self.subject,
            outcome=self.outcome,
            sha256=self.sha256,
        )


def aged(provenance: Provenance, *, at: datetime) -> Provenance:
    """The same provenance as seen from the cache at ``at``."""
    return replace(provenance, from_cache=True, age_seconds=max(0, int((at - provenance.asked_at).total_seconds())))


_COMPANY_TYPES = frozenset("456")


def parse_company_bin(text: str, *, pointer: str = "/bin") -> Bin:
    """A BIN of a legal entity: its fifth digit is 4, 5 or 6. A person's number (IIN) has a day of a month there, passes
    the same check digit, and may be neither asked about nor kept, so it is refused without being repeated.
    """
    bin = parse_bin(text, pointer=pointer)
    if bin[4] not in _COMPANY_TYPES:
        reason = "This is the number of a person, not of a company"
        raise WrongBin(reason, flaws=(Flaw(pointer=pointer, reason=reason, passes="950440001673"),))
    return bin
