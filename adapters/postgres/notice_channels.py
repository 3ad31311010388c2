"""How organisations want to be told, and the deliveries that follow: subscriptions, preferences, endpoints, tries."""

from typing import Any, ClassVar

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.rows.notices import NoticePreferencesRow, SubscriptionRow, WebhookEndpointRow
from domain.errors import NotFound
from domain.ids import EventId, NoticeId, OrganizationId, TenderId, WebhookEndpointId
from domain.notices.delivery import WAITS, DeliveryState, Outcome, Try
from domain.notices.endpoint import WebhookEndpoint, WebhookEndpointNotFound
from domain.notices.model import Language, Notice, NoticeNotFound, NoticePreferences
from domain.notices.subscription import Subscription, SubscriptionNotFound

_SECONDS = [wait.total_seconds() for wait in WAITS]
_CLAIM = text("""
WITH due AS (
  SELECT d.notice_id, d.channel FROM notice_deliveries d
  LEFT JOIN webhook_endpoints e ON e.id = CAST(nullif(d.channel, 'mail') AS uuid)
  WHERE d.state = 'waiting' AND d.next_at <= clock_timestamp()
    AND (d.channel = 'mail' OR e.id IS NOT NULL AND e.parked_at IS NULL)
  ORDER BY d.next_at LIMIT :limit FOR UPDATE OF d SKIP LOCKED),
tried AS (
  UPDATE notice_deliveries d SET tries = d.tries + 1, next_at = clock_timestamp() + make_interval(
    secs => (CAST(:seconds AS float8[]))[least(d.tries + 1, array_length(CAST(:seconds AS float8[]), 1))])
  FROM due WHERE (d.notice_id, d.channel) = (due.notice_id, due.channel)
  RETURNING d.notice_id, d.channel, d.tries)
SELECT n.*, tried.channel, tried.tries, o.email, coalesce(p.language, 'ru') AS language,
  e.id AS endpoint_id, e.url, e.added_at, e.secrets, e.version
FROM tried JOIN notices n ON n.id = tried.notice_id JOIN organizations o ON o.id = n.organization_id
LEFT JOIN notice_preferences p ON p.id = o.id
LEFT JOIN webhook_endpoints e ON e.id = CAST(nullif(tried.channel, 'mail') AS uuid)
""")
"""Each try is counted and put off before it is made; what waits for an endpoint that is parked is left alone."""
_RECORD = text("""
UPDATE notice_deliveries SET state = :state, failure = :failure,
  sent_at = CASE WHEN CAST(:state AS text) = 'sent' THEN clock_timestamp() END
WHERE notice_id = :notice_id AND channel = :channel AND state <> 'sent'
""")
_PARK = text("UPDATE notice_deliveries SET state = 'parked' WHERE channel = :channel AND state = 'waiting'")
_RESUME = text("""
UPDATE notice_deliveries SET state = 'waiting', tries = 0, next_at = clock_timestamp()
WHERE channel = :channel AND state IN ('waiting', 'parked')
""")
_DROP = text("DELETE FROM notice_deliveries WHERE channel = :channel AND state IN ('waiting', 'parked')")


def notice_of(row: Any) -> Notice:
    return Notice(
        id=NoticeId(row["id"]),
        event_id=EventId(row["event_id"]),
        organization_id=OrganizationId(row["organization_id"]),
        kind=row["kind"],
        subject=row["subject"],
        subject_id=row["subject_id"],
        tender_id=None if row["tender_id"] is None else TenderId(row["tender_id"]),
        data=row["data"],
        at=row["at"],
        told_at=row["told_at"],
        read_at=row["read_at"],
    )


class PostgresSubscriptions(Aggregates[Subscription]):
    codec: ClassVar = Codec(Subscription, SubscriptionRow)
    missing: ClassVar[type[NotFound]] = SubscriptionNotFound

    async def count(self, organization_id: OrganizationId) -> int:
        return await _count(self._connection, self.codec, organization_id)


class PostgresPreferences(Aggregates[NoticePreferences]):
    codec: ClassVar = Codec(NoticePreferences, NoticePreferencesRow)
    missing: ClassVar[type[NotFound]] = NoticeNotFound

    async def find(self, id: OrganizationId) -> NoticePreferences | None:
        rows = await self._all(self._by_id(id).with_for_update())
        return rows[0] if rows else None


class PostgresWebhookEndpoints(Aggregates[WebhookEndpoint]):
    codec: ClassVar = Codec(WebhookEndpoint, WebhookEndpointRow)
    missing: ClassVar[type[NotFound]] = WebhookEndpointNotFound

    async def find(self, id: WebhookEndpointId) -> WebhookEndpoint | None:
        rows = await self._all(self._by_id(id).with_for_update())
        return rows[0] if rows else None

    async def count(self, organization_id: OrganizationId) -> int:
        return await _count(self._connection, self.codec, organization_id)


async def _count(connection: AsyncConnection, codec: Codec[Any], organization_id: OrganizationId) -> int:
    mine = select(func.count()).where(codec.table.c.organization_id == organization_id)
    found: int = (await connection.execute(mine)).scalar_one()
    return found


class PostgresDeliveries:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, *, limit: int) -> list[Try]:
        values = {"limit": limit, "seconds": _SECONDS}
        rows = (await self._connection.execute(_CLAIM, values)).mappings().all()
        return [_try(row) for row in rows]

    async def record(self, attempt: Try, outcome: Outcome, state: DeliveryState) -> None:
        values = {
            "notice_id": attempt.notice.id,
            "channel": attempt.channel,
            "state": state.value,
            "failure": outcome.failure,
        }
        await self._connection.execute(_RECORD, values)

    async def park(self, channel: str) -> None:
        await self._connection.execute(_PARK, {"channel": channel})

    async def resume(self, channel: str) -> None:
        await self._connection.execute(_RESUME, {"channel": channel})

    async def drop(self, channel: str) -> None:
        await self._connection.execute(_DROP, {"channel": channel})


def _try(row: Any) -> Try:
    endpoint = None
    if row["endpoint_id"] is not None:
        endpoint = WebhookEndpoint(
            id=WebhookEndpointId(row["endpoint_id"]),
            organization_id=OrganizationId(row["organization_id"]),
            url=row["url"],
            added_at=row["added_at"],
            secrets=row["secrets"],
            version=row["version"],
        )
    return Try(
        notice=notice_of(row),
        channel=row["channel"],
        tries=row["tries"],
        address=row["email"],
        language=Language(row["language"]),
        endpoint=endpoint,
    )
