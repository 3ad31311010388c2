"""What the notices room needs from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from domain.actors import Actor
from domain.events import Event
from domain.ids import EventId, NoticeId, OrganizationId, SubscriptionId, TenderId, WebhookEndpointId
from domain.notices.delivery import DeliveryState, Outcome, Try
from domain.notices.endpoint import WebhookEndpoint
from domain.notices.model import Language, Notice, NoticePreferences
from domain.notices.subscription import Subscription
from domain.notices.table import Audience, Happened
from domain.notices.watch import Watch, WatchEnded


class Outbox(Protocol):
    async def claim(self) -> bool:
        """Hold the cursor until the commit; False while another worker holds it."""

    async def fresh(self, *, limit: int) -> list[Happened]:
        """The next events in the loss-free order, sealed ones too; the cursor is claimed."""

    async def advance(self, event: Happened) -> None: ...


class Notices(Protocol):
    async def audience(self, audience: Audience, event: Happened) -> list[OrganizationId]: ...
    async def tell(
        self, event: Happened, kind: str, data: Mapping[str, Any], organizations: Sequence[OrganizationId]
    ) -> None:
        """One notice each, and its deliveries by each organisation's preferences; who was told before is left out."""

    async def read(self, organization_id: OrganizationId, id: NoticeId) -> None:
        """Mark one as read; refuses ``notice-not-found`` for another organisation's."""

    async def read_until(self, organization_id: OrganizationId, id: NoticeId) -> None:
        """Mark this one and everything older as read."""


class Watches(Protocol):
    async def begin(self, watch: Watch, *, because: Event) -> None:
        """Beginning twice is harmless."""

    async def end(self, organization_id: OrganizationId, *, because: WatchEnded) -> None: ...
    async def follow(self, tender_id: TenderId, organizations: Sequence[OrganizationId]) -> None:
        """The suppliers among them follow, for what they have done or were told: an event already says why."""


class Preferences(Protocol):
    async def find(self, id: OrganizationId) -> NoticePreferences | None:
        """Locked, because it is found in order to be replaced."""

    async def save(self, entity: NoticePreferences, *, because: Event) -> NoticePreferences: ...


class Subscriptions(Protocol):
    async def lock(self, id: SubscriptionId) -> Subscription: ...
    async def count(self, organization_id: OrganizationId) -> int: ...
    async def save(self, entity: Subscription, *, because: Event) -> Subscription: ...
    async def remove(self, entity: Subscription, *, because: Event) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """A published tender whose subscribers are being found; ``after`` is the last organisation that was looked at."""

    event: Happened
    after: OrganizationId | None


class Matchings(Protocol):
    async def begin(self, event: Happened) -> None: ...
    async def claim(self) -> Matching | None:
        """One that is not done and that no other worker holds."""

    async def candidates(
        self, codes: Sequence[str], kinds: Sequence[str], *, after: OrganizationId | None, limit: int
    ) -> dict[OrganizationId, list[Subscription]]:
        """The next confirmed suppliers by id, with those of their subscriptions that one of the codes or kinds may
        fit: a coarse look, so that few are judged.
        """

    async def advance(self, event_id: EventId, *, after: OrganizationId | None) -> None:
        """None: everybody was looked at."""


class WebhookEndpoints(Protocol):
    async def lock(self, id: WebhookEndpointId) -> WebhookEndpoint: ...
    async def find(self, id: WebhookEndpointId) -> WebhookEndpoint | None:
        """Locked; None when it was removed meanwhile."""

    async def count(self, organization_id: OrganizationId) -> int: ...
    async def save(self, entity: WebhookEndpoint, *, because: Event) -> WebhookEndpoint: ...
    async def remove(self, entity: WebhookEndpoint, *, because: Event) -> None: ...


class Deliveries(Protocol):
    async def claim(self, *, limit: int) -> list[Try]:
        """Due tries, each counted and put off before anything is sent."""

    async def record(self, attempt: Try, outcome: Outcome, state: DeliveryState) -> None: ...
    async def park(self, channel: str) -> None:
        """What waits for an endpoint waits until it is resumed."""

    async def resume(self, channel: str) -> None:
        """What was parked is due now, its tries forgotten."""

    async def drop(self, channel: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedText:
    subject: str
    body: str


class Texts(Protocol):
    def render(self, kind: str, data: Mapping[str, Any], language: Language) -> RenderedText:
        """One line, and a few sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """``id`` makes the Message-ID, so that a retry is the same message."""

    id: NoticeId
    to: str
    language: Language
    text: RenderedText
    at: datetime


class Mailer(Protocol):
    async def send(self, letter: Letter) -> None:
        """Refuses ``delivery-failed`` (another try may pass) and ``delivery-refused`` (none will)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One webhook by Standard Webhooks; ``secret`` signs it."""

    id: NoticeId
    url: str
    secret: str
    body: bytes


class Webhooks(Protocol):
    async def post(self, call: Call) -> None:
        """Refuses like ``Mailer.send``."""


class NoticeQueries(Protocol):
    async def notice(self, actor: Actor, id: NoticeId) -> Notice: ...
    async def page(self, actor: Actor, *, unread: bool, after: NoticeId | None, limit: int) -> list[Notice]:
        """The organisation's own, newest first."""

    async def preferences(self, actor: Actor) -> NoticePreferences:
        """What is set, or what counts while nothing is."""

    async def endpoints(self, actor: Actor) -> list[WebhookEndpoint]: ...
    async def endpoint(self, actor: Actor, id: WebhookEndpointId) -> WebhookEndpoint: ...


class SubscriptionQueries(Protocol):
    async def subscription(self, actor: Actor, id: SubscriptionId) -> Subscription: ...
    async def page(self, actor: Actor, *, after: SubscriptionId | None, limit: int) -> list[Subscription]: ...
