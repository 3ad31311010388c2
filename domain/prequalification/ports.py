"""What the prequalification room needs from outside."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from domain.actors import Actor
from domain.events import Event
from domain.ids import ApplicationId, Bin, OrganizationId, PrequalificationId
from domain.prequalification.application import Application
from domain.prequalification.model import Prequalification


class Prequalifications(Protocol):
    async def get(self, id: PrequalificationId) -> Prequalification: ...
    async def next_number(self, year: int) -> str:
        """``Q-2026-000001``: gaps are possible, repetition is not."""

    async def qualified(self, id: PrequalificationId, supplier_id: OrganizationId, *, on: date) -> bool:
        """Whether the supplier is on the list on a legal day: neither removed nor beyond the day of the decision."""

    async def save(self, entity: Prequalification, *, because: Event) -> Prequalification: ...


class Applications(Protocol):
    async def lock(self, id: ApplicationId) -> Application: ...
    async def of_supplier(self, id: PrequalificationId, supplier_id: OrganizationId) -> Application | None:
        """The supplier's application to the list, locked."""

    async def save(self, entity: Application, *, because: Event) -> Application: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QualifiedSupplier:
    id: OrganizationId
    bin: Bin
    name: str
    until: date


class PrequalificationQueries(Protocol):
    async def prequalification(self, id: PrequalificationId) -> Prequalification:
        """A list, for anybody."""

    async def page(self, *, after: PrequalificationId | None, limit: int) -> list[Prequalification]:
        """Every list, for anybody, oldest first."""

    async def suppliers(
        self, id: PrequalificationId, *, after: OrganizationId | None, limit: int
    ) -> list[QualifiedSupplier]:
        """Who is qualified today in legal time, by the database's clock; for anybody."""

    async def application(self, actor: Actor, id: ApplicationId) -> Application:
        """For the applicant, the buyer of the list and auditors."""

    async def applications(
        self, actor: Actor, id: PrequalificationId, *, after: ApplicationId | None, limit: int
    ) -> list[Application]:
        """Those of the list that the caller may read: all for its buyer and auditors, a supplier's own."""
