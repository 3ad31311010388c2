"""What the bids room needs from outside: repositories and reads."""

from typing import Protocol

from domain.actors import Actor
from domain.bids.model import Bid
from domain.events import Event
from domain.ids import BidId, OrganizationId, TenderId


class Bids(Protocol):
    async def get(self, id: BidId) -> Bid: ...
    async def lock(self, id: BidId) -> Bid: ...
    async def of_bidder(self, tender_id: TenderId, bidder_id: OrganizationId) -> Bid | None: ...
    async def of_tender(self, tender_id: TenderId) -> tuple[Bid, ...]:
        """Every bid of the tender, withdrawn ones too, in order of receipt; the tender is locked by the caller."""

    async def supersede(self, bid: Bid) -> None:
        """Keep the present revision aside before it is replaced."""

    async def save(self, entity: Bid, *, because: Event) -> Bid: ...


class BidQueries(Protocol):
    async def own(self, actor: Actor, id: BidId) -> Bid:
        """The caller's own bid at any time; another's is not found, before and after the opening."""

    async def own_page(self, actor: Actor, *, after: BidId | None, limit: int) -> list[Bid]: ...
    async def opened(
        self, actor: Actor | None, tender_id: TenderId, *, after: BidId | None, limit: int
    ) -> list[tuple[Bid, str, str]]:
        """The opened bids, each with its bidder's name and BIN; refuses ``bids-not-opened`` before the opening."""
