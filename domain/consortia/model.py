"""A consent: a supplier lets another lead him as a member of his consortium in one tender.

    granted -> revoked (until the deadline)

It says who is going to bid, so before the opening nobody but the two may learn of it, who holds the database included:
it names both only by the tags of their tender, and in a letter that the deployment's secret opens. What the member
agrees to is the leader, not a price: the bid is sealed by the leader, and he answers for it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.errors import Conflict, Invalid, NotFound, Titles
from domain.events import CLOCK, Event
from domain.ids import ConsentId, OrganizationId, PersonId, TenderId
from domain.tenders.model import StepNotAllowed


class ConsentStatus(StrEnum):
    GRANTED = "granted"
    REVOKED = "revoked"


class ConsentNotFound(NotFound):
    code = "consent-not-found"
    titles = Titles("There is no such consent", "Такого согласия нет", "Мұндай келісім жоқ")


class ConsentExists(Conflict):
    code = "consent-already-granted"
    titles = Titles("You have agreed already", "Согласие уже дано", "Келісім берілген")


class LeaderRefused(Invalid):
    code = "leader-refused"
    titles = Titles(
        "This organisation cannot lead you",
        "Эта организация не может быть лидером консорциума",
        "Бұл ұйым консорциум жетекшісі бола алмайды",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who is named in a consent's letter; ``person_id`` agreed for the member."""

    leader_id: OrganizationId
    member_id: OrganizationId
    person_id: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent(Event):
    """Sealed, and caused by somebody whom it does not name, like a bid's before the opening."""

    subject: ClassVar[str] = "consent"
    sealed: ClassVar[bool] = True
    tender_id: TenderId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGranted(ConsentEvent):
    type: ClassVar[str] = "consent.granted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRevoked(ConsentEvent):
    type: ClassVar[str] = "consent.revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """``letter`` holds the ``Parties``, sealed under the deployment's secret."""

    id: ConsentId
    tender_id: TenderId
    leader_tag: bytes
    member_tag: bytes
    letter: bytes = field(repr=False)
    granted_at: datetime
    status: ConsentStatus = ConsentStatus.GRANTED
    revoked_at: datetime | None = None
    version: int = 0

    def granted(self) -> ConsentGranted:
        return ConsentGranted(subject_id=self.id, by=CLOCK, at=self.granted_at, tender_id=self.tender_id)

    def revoke(self, *, at: datetime) -> tuple["Consent", ConsentRevoked]:
        """Whether it is in time is decided by the tender."""
        if self.status is not ConsentStatus.GRANTED:
            raise StepNotAllowed(f"A {self.status} consent cannot be revoked", passes="a granted one")
        revoked = replace(self, status=ConsentStatus.REVOKED, revoked_at=at)
        return revoked, ConsentRevoked(subject_id=self.id, by=CLOCK, at=at, tender_id=self.tender_id)
