"""What happens to a pool, as the feed tells it, and to the draft that takes from it."""

from dataclasses import dataclass
from typing import ClassVar

from domain.events import Event
from domain.garments import GridId
from domain.ids import Bin, NeedId, OrganizationId, PoolId, TenderId
from domain.money import Money
from domain.tenders.events import TenderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolEvent(Event):
    subject: ClassVar[str] = "pool"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOpened(PoolEvent):
    type: ClassVar[str] = "pool.opened"
    title: str
    grid: GridId
    garments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerInvited(PoolEvent):
    type: ClassVar[str] = "pool.buyer_invited"
    buyer_id: OrganizationId
    bin: Bin


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerJoined(PoolEvent):
    type: ClassVar[str] = "pool.buyer_joined"
    buyer_id: OrganizationId
    needs: tuple[NeedId, ...]
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerWithdrawn(PoolEvent):
    type: ClassVar[str] = "pool.buyer_withdrawn"
    buyer_id: OrganizationId


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDrafted(PoolEvent):
    """A draft takes from the pool; it follows who joins and who withdraws."""

    type: ClassVar[str] = "pool.drafted"
    tender_id: TenderId


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolReleased(PoolEvent):
    """The draft takes from the pool no more: it was cancelled, revised, or left without pieces."""

    type: ClassVar[str] = "pool.released"
    tender_id: TenderId


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolTendered(PoolEvent):
    type: ClassVar[str] = "pool.tendered"
    tender_id: TenderId


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDissolved(PoolEvent):
    type: ClassVar[str] = "pool.dissolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderRecast(TenderEvent):
    """A draft's lots were made anew, because ``buyer_id`` joined or withdrew; ``pieces`` and ``allocated`` are those of
    the whole tender now.
    """

    type: ClassVar[str] = "tender.recast"
    pool_id: PoolId
    buyer_id: OrganizationId
    pieces: int
    allocated: Money
