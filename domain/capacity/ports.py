"""What the capacity room needs from outside."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from domain.actors import Actor
from domain.capacity.model import Contention, Hold, Load
from domain.capacity.weeks import Placement
from domain.contracts.model import Contract
from domain.ids import OrganizationId, TenderId


class Capacity(Protocol):
    async def loads(self, suppliers: Iterable[OrganizationId], *, after: date) -> Mapping[OrganizationId, Load]:
        """Without holds. Who has no profile is missing."""

    async def locked(self, suppliers: Iterable[OrganizationId], *, after: date) -> Mapping[OrganizationId, Load]:
        """The same, once nobody else can book or release them: the workshops are locked first, in the order of their
        ids, after every tender and contract of the transaction; then the bookings are read.
        """

    async def book(self, contract: Contract, placement: Placement) -> None:
        """Under the lock of the supplier."""

    async def release(self, contract: Contract) -> None:
        """What the contract has booked is free, under the same lock; harmless where that is nothing."""

    async def hold(self, holds: Sequence[Hold]) -> None:
        """They hold while their tender is opened or evaluated, and never again after that."""


class CapacityQueries(Protocol):
    async def own(self, actor: Actor) -> Load:
        """The caller's own workshop, with its holds."""

    async def contention(self, actor: Actor, tender_id: TenderId) -> Contention:
        """For the tender's buyer and auditors, while it is opened or evaluated."""
