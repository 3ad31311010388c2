"""Reads of the notices room, each scoped to the reader's own organisation."""

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.notice_channels import (
    PostgresPreferences,
    PostgresSubscriptions,
    PostgresWebhookEndpoints,
    notice_of,
)
from adapters.postgres.reading import one, rows_of
from domain.actors import Actor
from domain.ids import NoticeId, SubscriptionId, WebhookEndpointId
from domain.notices.endpoint import ENDPOINTS_MAX, WebhookEndpoint, WebhookEndpointNotFound
from domain.notices.model import Notice, NoticeNotFound, NoticePreferences
from domain.notices.subscription import Subscription, SubscriptionNotFound


def _page(condition: str) -> TextClause:
    return text(f"""
SELECT * FROM notices WHERE organization_id = :organization_id AND (CAST(:after AS uuid) IS NULL OR id < :after)
  AND {condition} ORDER BY id DESC LIMIT :limit
""")  # noqa: S608 - one of the two conditions below, each with an index of its own


_PAGES = {False: _page("true"), True: _page("read_at IS NULL")}
_NOTICE = text("SELECT * FROM notices WHERE id = :id AND organization_id = :organization_id")
_PREFERENCES = text("""
SELECT o.id, coalesce(p.set_at, o.registered_at) AS set_at, coalesce(p.language, 'ru') AS language,
  coalesce(p.mail, true) AS mail, coalesce(p.version, 0) AS version
FROM organizations o LEFT JOIN notice_preferences p ON p.id = o.id WHERE o.id = :organization_id
""")
_SUBSCRIPTION = text("SELECT * FROM subscriptions WHERE id = :id AND organization_id = :organization_id")
_SUBSCRIPTIONS = text("""
SELECT * FROM subscriptions WHERE organization_id = :organization_id AND (CAST(:after AS uuid) IS NULL OR id > :after)
ORDER BY id LIMIT :limit
""")
_ENDPOINT = text("SELECT * FROM webhook_endpoints WHERE id = :id AND organization_id = :organization_id")
_ENDPOINTS = text("SELECT * FROM webhook_endpoints WHERE organization_id = :organization_id ORDER BY id LIMIT :limit")


class PostgresNoticeQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def notice(self, actor: Actor, id: NoticeId) -> Notice:
        row = await one(self._reading, _NOTICE, id=id, organization_id=actor.organization_id)
        if row is None:
            raise NoticeNotFound("There is no such notice")
        return notice_of(row)

    async def page(self, actor: Actor, *, unread: bool, after: NoticeId | None, limit: int) -> list[Notice]:
        statement = _PAGES[unread]
        rows = await rows_of(self._reading, statement, organization_id=actor.organization_id, after=after, limit=limit)
        return [notice_of(row) for row in rows]

    async def preferences(self, actor: Actor) -> NoticePreferences:
        (row,) = await rows_of(self._reading, _PREFERENCES, organization_id=actor.organization_id)
        preferences: NoticePreferences = PostgresPreferences.codec.entity(row)
        return preferences

    async def endpoint(self, actor: Actor, id: WebhookEndpointId) -> WebhookEndpoint:
        row = await one(self._reading, _ENDPOINT, id=id, organization_id=actor.organization_id)
        if row is None:
            raise WebhookEndpointNotFound("There is no such endpoint")
        endpoint: WebhookEndpoint = PostgresWebhookEndpoints.codec.entity(row)
        return endpoint

    async def endpoints(self, actor: Actor) -> list[WebhookEndpoint]:
        rows = await rows_of(self._reading, _ENDPOINTS, organization_id=actor.organization_id, limit=ENDPOINTS_MAX)
        return [PostgresWebhookEndpoints.codec.entity(row) for row in rows]


class PostgresSubscriptionQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def subscription(self, actor: Actor, id: SubscriptionId) -> Subscription:
        row = await one(self._reading, _SUBSCRIPTION, id=id, organization_id=actor.organization_id)
        if row is None:
            raise SubscriptionNotFound("There is no such subscription")
        subscription: Subscription = PostgresSubscriptions.codec.entity(row)
        return subscription

    async def page(self, actor: Actor, *, after: SubscriptionId | None, limit: int) -> list[Subscription]:
        rows = await rows_of(
            self._reading, _SUBSCRIPTIONS, organization_id=actor.organization_id, after=after, limit=limit
        )
        return [PostgresSubscriptions.codec.entity(row) for row in rows]
