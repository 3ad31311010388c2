"""What the contracts room needs from outside."""

from typing import Protocol

from domain.actors import Actor
from domain.contracts.model import Contract
from domain.events import Event
from domain.ids import ContractId, TenderId


class Contracts(Protocol):
    async def get(self, id: ContractId) -> Contract: ...
    async def lock(self, id: ContractId) -> Contract: ...
    async def of_tender(self, tender_id: TenderId) -> tuple[Contract, ...]:
        """Every contract of the tender, locked, in the order of their numbers; the tender is locked by the caller."""

    async def next_number(self, year: int) -> str:
        """``C-2026-000045``: gaps are possible, repetition is not."""

    async def unfinished(self, tender_id: TenderId, *, framework_id: ContractId | None = None) -> int:
        """How many contracts of the tender, or call-offs of the framework, are not at their end: completed, annulled,
        or lapsed with their lines awarded to others or given up.
        """

    async def save(self, entity: Contract, *, because: Event) -> Contract: ...


class ContractQueries(Protocol):
    async def contract(self, actor: Actor, id: ContractId) -> Contract:
        """For both sides and auditors; a buyer who only receives sees its own part (``sharing.seen_by``)."""

    async def page(
        self,
        actor: Actor,
        *,
        tender_id: TenderId | None,
        framework_id: ContractId | None = None,
        after: ContractId | None,
        limit: int,
    ) -> list[Contract]:
        """The caller's own contracts, on either side or as a receiving buyer; auditors see all."""
