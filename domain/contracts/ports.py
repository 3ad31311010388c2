"""What the contracts room needs from outside."""

from typing import Protocol

from domain.actors import Actor
from domain.contracts.model import Contract
from domain.events import Event
from domain.ids import ContractId, TenderId


class Contracts(Protocol):
    async def lock(self, id: ContractId) -> Contract: ...
    async def next_number(self, year: int) -> str:
        """``C-2026-000045``: gaps are possible, repetition is not."""

    async def unfinished(self, tender_id: TenderId, *, framework_id: ContractId | None = None) -> int:
        """How many contracts of the tender, or call-offs of the framework, are not completed."""

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
