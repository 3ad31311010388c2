"""What the reports room reads and how its tables leave the house."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.actors import Actor
from domain.errors import NotPermitted
from domain.ids import EventId, OrganizationId, TenderId
from domain.reports.process import Process
from domain.reports.shares import DomesticShare, Grouping, Period
from domain.reports.tables import Export, Table, TableFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """An event as auditors see it: the organisation that caused it, never a person (whose own events have no id)."""

    id: EventId
    type: str
    subject: str
    subject_id: UUID | None
    organization_id: OrganizationId | None
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSummary:
    id: TenderId
    number: str
    title: str
    published_at: datetime


def must_audit(actor: Actor) -> None:
    """Refuse (``not-permitted``) everybody but auditors."""
    if not actor.is_auditor:
        raise NotPermitted("The feed is for auditors", passes="the role auditor")


class Feed(Protocol):
    async def after(self, actor: Actor, id: EventId | None, *, limit: int) -> list[FeedItem] | None:
        """Events after ``id`` in the order in which their transactions began; None where ``id`` is not in the feed.

        Nothing is ever skipped: an event is shown when no older transaction is still open.
        """


class Reports(Protocol):
    async def domestic_share(self, actor: Actor, by: Grouping, period: Period) -> DomesticShare:
        """One instant. Refuses ``not-permitted`` and, beyond 5,000 groups, ``report-too-large``."""


class Processes(Protocol):
    async def process(self, number: str) -> Process:
        """A published tender with all that followed, of one instant; refuses ``tender-not-found``."""

    async def page(self, *, after: tuple[datetime, TenderId] | None, limit: int) -> list[ProcessSummary]:
        """Published tenders, oldest first."""


class Tables(Protocol):
    def write(self, table: Table, format: TableFormat) -> Export: ...
