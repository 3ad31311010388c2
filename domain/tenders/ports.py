"""What the tenders room needs from outside: repositories and reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.actors import Actor
from domain.events import Event
from domain.ids import NeedId, OrganizationId, TenderId
from domain.tenders.amendment import Amendment
from domain.tenders.model import Tender, TenderStatus
from domain.tenders.need import Need
from domain.tenders.thresholds import GroupPurchases, ThresholdCheck


class Needs(Protocol):
    async def get(self, id: NeedId) -> Need: ...
    async def lock(self, id: NeedId) -> Need: ...
    async def several(self, ids: tuple[NeedId, ...]) -> tuple[Need, ...]:
        """Those of these ids that are there, in any order."""

    async def save(self, entity: Need, *, because: Event) -> Need: ...


class Tenders(Protocol):
    async def get(self, id: TenderId) -> Tender: ...
    async def share(self, id: TenderId) -> Tender:
        """Read and hold the tender as it is until the commit, beside others who do the same."""

    async def lock(self, id: TenderId) -> Tender: ...
    async def next_number(self, year: int) -> str:
        """``T-2026-000123``: gaps are possible, repetition is not."""

    async def save(self, entity: Tender, *, because: Event) -> Tender: ...


class Amendments(Protocol):
    async def count(self, tender_id: TenderId) -> int:
        """How many the tender has, extensions included; the tender is locked by the caller."""

    async def add(self, amendment: Amendment) -> None:
        """Its reason is the tender's own event, stored in the same transaction."""


class AmendmentQueries(Protocol):
    async def of_tender(
        self, actor: Actor | None, tender_id: TenderId, *, after: int | None, limit: int
    ) -> list[Amendment]:
        """The amendments and extensions of a published tender, for anybody, by number; ``after`` is a number."""


class Purchases(Protocol):
    """Tenders of a buyer beside the one in hand."""

    async def follow_up(self, id: TenderId) -> Tender | None:
        """The tender that repeats this one; a draft that was cancelled unpublished is none."""

    async def of_groups(
        self, buyer_id: OrganizationId, *, groups: tuple[str, ...], year: int, apart_from: TenderId
    ) -> tuple[GroupPurchases, ...]:
        """Per product group what the buyer bought and is buying in a year of legal time; one statement. Groups of
        which nothing was bought are missing.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderFilter:
    """``mine`` asks for the caller's own tenders, drafts included; ``status`` None means any."""

    status: TenderStatus | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderPlace:
    """Where a page begins: after the tender with this instant and id."""

    at: datetime
    id: TenderId


class TenderQueries(Protocol):
    async def tender(self, actor: Actor | None, id: TenderId) -> Tender:
        """A published tender for anybody, a draft for its buyer only."""

    async def follow_up(self, actor: Actor | None, id: TenderId) -> Tender:
        """The tender that repeats this one: published, or the caller's own draft. Refuses ``tender-not-found``."""

    async def threshold_check(self, actor: Actor, id: TenderId) -> ThresholdCheck:
        """For the buyer's people; of a published tender also for auditors."""

    async def page(
        self, actor: Actor | None, where: TenderFilter, *, after: TenderPlace | None, limit: int
    ) -> list[tuple[str, TenderPlace]]:
        """Newest first, each as the JSON text of its summary (prepared by the database) and its place in the list.

        ``mine`` lists the actor's own tenders by the time they were drafted, otherwise the published ones.
        """

    async def due(self, *, limit: int) -> list[TenderId]:
        """Tenders whose deadline has passed by the database's clock and that are not opened, oldest first."""

    async def need(self, actor: Actor, id: NeedId) -> Need:
        """The caller's own imported need."""
