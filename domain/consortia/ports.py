"""What the consortia room needs from outside."""

from dataclasses import dataclass
from typing import Protocol

from domain.actors import Actor
from domain.consortia.model import Consent, Parties
from domain.events import Event
from domain.ids import ConsentId, OrganizationId, TenderId


class Consents(Protocol):
    async def get(self, id: ConsentId) -> Consent: ...
    async def lock(self, id: ConsentId) -> Consent: ...
    async def standing(self, tender_id: TenderId, *, leader_tag: bytes | None = None) -> tuple[Consent, ...]:
        """Those that are granted; to one leader, or all of the tender."""

    async def save(self, entity: Consent, *, because: Event) -> Consent: ...


class Letters(Protocol):
    """Seals who is named in a consent under the deployment's secret; the consent's id is bound to it."""

    def sealed(self, id: ConsentId, parties: Parties) -> bytes: ...
    def opened(self, id: ConsentId, letter: bytes) -> Parties: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    id: OrganizationId
    name: str
    bin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownConsent:
    consent: Consent
    leader: Party
    member: Party

    @property
    def version(self) -> int:
        return self.consent.version


class ConsentQueries(Protocol):
    """For the leader and the member; for everybody else there is none."""

    async def consent(self, actor: Actor, id: ConsentId) -> ShownConsent:
        """Refuses (``consent-not-found``)."""

    async def of_tender(
        self, actor: Actor, tender_id: TenderId, *, after: ConsentId | None, limit: int
    ) -> list[ShownConsent]:
        """Those that name the actor's organisation, by their ids."""
