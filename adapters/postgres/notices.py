"""The outbox and what becomes of it: events in the loss-free order, audiences, notices, watches, matchings."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.identifiers import uuid7
from adapters.postgres.events import EVENT_INSERT, event_values
from adapters.postgres.notice_channels import PostgresSubscriptions
from domain.events import Event
from domain.ids import ContractId, EventId, NoticeId, OrganizationId, TenderId
from domain.notices.model import NoticeNotFound
from domain.notices.ports import Matching
from domain.notices.subscription import Subscription
from domain.notices.table import Audience, Happened
from domain.notices.watch import Watch, WatchEnded

_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def _told_id(name: str) -> str:
    """The id that an event's data tell. An event that tells something else must not hold up all that come after it."""
    return f"CASE WHEN e.data->>'{name}' ~ '{_UUID}' THEN CAST(e.data->>'{name}' AS uuid) END"


def _happened(source: str) -> str:
    """Events of ``source`` with what is known of their subjects. The opening's bids are nobody's notice."""
    return f"""
SELECT e.id, e.type, e.subject, e.subject_id, e.sealed, e.organization_id, e.at, e.data - 'bids' AS data,
  e.xid::text AS xid, e.seq, t.id AS tender_id, c.id AS contract_id,
  jsonb_build_object('tender_number', t.number, 'tender_title', t.title, 'closes_at', t.closes_at,
    'contract_number', c.number, 'pool_number', p.number, 'pool_title', p.title,
    'evidence_number', d.number, 'valid_until', d.valid_until) AS facts
FROM {source} e
LEFT JOIN contracts c ON c.id = CASE WHEN e.subject = 'contract' THEN e.subject_id
  WHEN e.subject = 'payment' THEN {_told_id("contract_id")} END
LEFT JOIN verdicts v ON e.subject = 'verdict' AND v.id = e.subject_id
LEFT JOIN pools p ON e.subject = 'pool' AND p.id = e.subject_id
LEFT JOIN evidence d ON e.subject = 'evidence' AND d.id = e.subject_id
LEFT JOIN tenders t ON t.id = CASE WHEN e.subject = 'tender' THEN e.subject_id
  ELSE coalesce({_told_id("tender_id")}, v.tender_id, c.tender_id) END
"""  # noqa: S608 - the sources are the two below


_AFTER = """
xid < pg_snapshot_xmin(pg_current_snapshot())
  AND (xid, seq) > (SELECT xid, seq FROM outbox_cursor WHERE name = 'notices') ORDER BY xid, seq LIMIT :limit
"""
_CLAIM_CURSOR = text("SELECT 1 FROM outbox_cursor WHERE name = 'notices' FOR UPDATE SKIP LOCKED")
_FRESH = text(f"""
WITH page AS (
  SELECT * FROM (
    (SELECT * FROM events WHERE NOT sealed AND {_AFTER}) UNION ALL (SELECT * FROM events WHERE sealed AND {_AFTER})
  ) both_kinds ORDER BY xid, seq LIMIT :limit)
{_happened("page")} ORDER BY e.xid, e.seq
""")  # noqa: S608 - constants; each half has an index of its own
_ADVANCE = text("""
UPDATE outbox_cursor SET xid = CAST(CAST(:xid AS text) AS xid8), seq = :seq WHERE name = 'notices'
""")


class PostgresOutbox:
    """Ordered by transaction, and below the oldest one that is still open, like the feed."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self) -> bool:
        return (await self._connection.execute(_CLAIM_CURSOR)).one_or_none() is not None

    async def fresh(self, *, limit: int) -> list[Happened]:
        rows = (await self._connection.execute(_FRESH, {"limit": limit})).mappings().all()
        return [happened(row) for row in rows]

    async def advance(self, event: Happened) -> None:
        xid, seq = event.place
        await self._connection.execute(_ADVANCE, {"xid": xid, "seq": seq})


def happened(row: Mapping[Any, Any]) -> Happened:
    return Happened(
        id=EventId(row["id"]),
        type=row["type"],
        subject=row["subject"],
        subject_id=row["subject_id"],
        sealed=row["sealed"],
        organization_id=None if row["organization_id"] is None else OrganizationId(row["organization_id"]),
        at=row["at"],
        data=row["data"],
        facts={name: value for name, value in row["facts"].items() if value is not None},
        tender_id=None if row["tender_id"] is None else TenderId(row["tender_id"]),
        contract_id=None if row["contract_id"] is None else ContractId(row["contract_id"]),
        place=(row["xid"], row["seq"]),
    )


_AUDIENCES: dict[Audience, TextClause] = {
    Audience.BIDDER: text("SELECT bidder_id FROM bids WHERE id = :subject_id"),
    Audience.SUBJECT: text("SELECT id FROM organizations WHERE id = :subject_id"),
    Audience.INVITED: text("""
        SELECT CAST(jsonb_array_elements_text(invited) AS uuid) FROM tenders WHERE id = :tender_id
    """),
    Audience.FOLLOWERS: text("SELECT organization_id FROM watches WHERE tender_id = :tender_id"),
    Audience.BUYER: text("SELECT buyer_id FROM tenders WHERE id = :tender_id"),
    Audience.CONTRACT_BUYER: text("SELECT buyer_id FROM contracts WHERE id = :contract_id"),
    Audience.SUPPLIER: text("SELECT supplier_id FROM contracts WHERE id = :contract_id"),
    Audience.PARTIES: text("SELECT unnest(ARRAY[buyer_id, supplier_id]) FROM contracts WHERE id = :contract_id"),
    Audience.RECEIVERS: text("""
        SELECT buyer_id FROM contracts WHERE id = :contract_id
        UNION
        SELECT CAST(place->>'buyer_id' AS uuid)
        FROM events e JOIN contracts c ON c.id = e.subject_id
        CROSS JOIN jsonb_array_elements(c.deliveries) delivery
        CROSS JOIN jsonb_array_elements(delivery->'goods') goods
        CROSS JOIN jsonb_array_elements(c.lines) line
        CROSS JOIN jsonb_array_elements(line->'places') place
        WHERE e.id = :event_id AND delivery->'number' = e.data->'delivery' AND place->>'buyer_id' IS NOT NULL
          AND goods->'lot' = line->'lot' AND goods->'line' = line->'line' AND place->'place' = delivery->'place'
    """),
    Audience.REVIEWERS: text("""SELECT DISTINCT organization_id FROM memberships WHERE roles @> '["reviewer"]'"""),
    Audience.COMPLAINANT: text("SELECT complainant_id FROM complaints WHERE id = :subject_id"),
    Audience.ASKED: text("SELECT bidder_id FROM paper_requests WHERE id = :subject_id"),
    Audience.HOLDER: text("""
        SELECT o.id FROM events e JOIN organizations o ON o.bin = e.data->>'holder_bin' WHERE e.id = :event_id
    """),
    Audience.NAMED_BUYER: text(f"""
        SELECT o.id FROM events e JOIN organizations o ON o.id = {_told_id("buyer_id")}
        WHERE e.id = :event_id
    """),  # noqa: S608 - a constant
    Audience.ORGANIZER: text("SELECT organizer_id FROM pools WHERE id = :subject_id"),
    Audience.MEMBERS: text("""
        SELECT CAST(member->>'buyer_id' AS uuid) FROM pools, jsonb_array_elements(members) member
        WHERE id = :subject_id AND member->>'status' = 'joined'
    """),
}
_TELL = text("""
WITH told AS (
  INSERT INTO notices (id, event_id, organization_id, kind, subject, subject_id, tender_id, data, at, told_at)
  SELECT new.id, :event_id, new.organization_id, :kind, :subject, :subject_id, :tender_id, :data, :at, clock_timestamp()
  FROM unnest(CAST(:ids AS uuid[]), CAST(:organizations AS uuid[])) AS new (id, organization_id)
  ON CONFLICT (event_id, organization_id, kind) DO NOTHING
  RETURNING id, organization_id)
INSERT INTO notice_deliveries (notice_id, channel, state, tries, next_at)
SELECT told.id, 'mail', 'waiting', 0, clock_timestamp()
FROM told LEFT JOIN notice_preferences p ON p.id = told.organization_id WHERE coalesce(p.mail, true)
UNION ALL
SELECT told.id, e.id::text, CASE WHEN e.parked_at IS NULL THEN 'waiting' ELSE 'parked' END, 0, clock_timestamp()
FROM told JOIN webhook_endpoints e ON e.organization_id = told.organization_id
""").bindparams(bindparam("data", type_=JSONB))
"""A notice and its deliveries are there together or not at all."""
_READ = text("""
UPDATE notices SET read_at = coalesce(read_at, clock_timestamp()) WHERE id = :id AND organization_id = :organization_id
""")
_READ_UNTIL = text("""
UPDATE notices SET read_at = clock_timestamp()
WHERE organization_id = :organization_id AND id <= :id AND read_at IS NULL
""")


class PostgresNotices:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def audience(self, audience: Audience, event: Happened) -> list[OrganizationId]:
        known = {
            "event_id": event.id,
            "subject_id": event.subject_id,
            "tender_id": event.tender_id,
            "contract_id": event.contract_id,
        }
        found = await self._connection.execute(_AUDIENCES[audience], known)
        return [OrganizationId(id) for id in found.scalars()]

    async def tell(
        self, event: Happened, kind: str, data: Mapping[str, Any], organizations: Sequence[OrganizationId]
    ) -> None:
        if not organizations:
            return
        values = {
            "event_id": event.id,
            "kind": kind,
            "subject": event.subject,
            "subject_id": event.subject_id,
            "tender_id": event.tender_id,
            "data": dict(data),
            "at": event.at,
            "ids": [uuid7() for _ in organizations],
            "organizations": list(organizations),
        }
        await self._connection.execute(_TELL, values)

    async def read(self, organization_id: OrganizationId, id: NoticeId) -> None:
        done = await self._connection.execute(_READ, {"id": id, "organization_id": organization_id})
        if done.rowcount == 0:
            raise NoticeNotFound("There is no such notice")

    async def read_until(self, organization_id: OrganizationId, id: NoticeId) -> None:
        await self._connection.execute(_READ_UNTIL, {"id": id, "organization_id": organization_id})


_WATCH = text("""
INSERT INTO watches (tender_id, organization_id, since) VALUES (:tender_id, :organization_id, :since)
ON CONFLICT DO NOTHING
""")
_UNWATCH = text("DELETE FROM watches WHERE tender_id = :tender_id AND organization_id = :organization_id")
_FOLLOW = text("""
INSERT INTO watches (tender_id, organization_id, since)
SELECT :tender_id, id, clock_timestamp() FROM organizations
WHERE id = ANY(CAST(:organizations AS uuid[])) AND kind = 'supplier'
ON CONFLICT DO NOTHING
""")


class PostgresWatches:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self, watch: Watch, *, because: Event) -> None:
        values = {"tender_id": watch.tender_id, "organization_id": watch.organization_id, "since": watch.since}
        if (await self._connection.execute(_WATCH, values)).rowcount:
            await self._connection.execute(EVENT_INSERT, event_values(because))

    async def end(self, organization_id: OrganizationId, *, because: WatchEnded) -> None:
        values = {"tender_id": because.subject_id, "organization_id": organization_id}
        if (await self._connection.execute(_UNWATCH, values)).rowcount:
            await self._connection.execute(EVENT_INSERT, event_values(because))

    async def follow(self, tender_id: TenderId, organizations: Sequence[OrganizationId]) -> None:
        if organizations:
            values = {"tender_id": tender_id, "organizations": list(organizations)}
            await self._connection.execute(_FOLLOW, values)


_BEGIN_MATCHING = text("""
INSERT INTO matchings (event_id, after, done) VALUES (:event_id, NULL, false) ON CONFLICT DO NOTHING
""")
# Any open one, so that one that cannot be judged does not stand before all others.
_CLAIM_MATCHING = text(f"""
WITH mine AS (SELECT * FROM matchings WHERE NOT done ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED)
SELECT mine.after, found.* FROM mine JOIN ({_happened("events")}) found ON found.id = mine.event_id
""")  # noqa: S608 - constants
_FITS = """
(s.interest->'codes' = '[]' AND s.interest->'kinds' = '[]'
  OR jsonb_exists_any(s.interest->'kinds', CAST(:kinds AS text[]))
  OR EXISTS (SELECT FROM jsonb_array_elements_text(s.interest->'codes') wanted, unnest(CAST(:codes AS text[])) code
             WHERE starts_with(code, wanted)))
"""
_CANDIDATES = text(f"""
WITH suppliers AS (
  SELECT DISTINCT s.organization_id FROM subscriptions s JOIN organizations o ON o.id = s.organization_id
  WHERE o.kind = 'supplier' AND o.status = 'confirmed'
    AND (CAST(:after AS uuid) IS NULL OR s.organization_id > :after) AND {_FITS}
  ORDER BY s.organization_id LIMIT :limit)
SELECT s.* FROM subscriptions s JOIN suppliers USING (organization_id) WHERE {_FITS} ORDER BY s.organization_id, s.id
""")  # noqa: S608 - constants
_ADVANCE_MATCHING = text("""
UPDATE matchings SET after = :after, done = CAST(:after AS uuid) IS NULL WHERE event_id = :id
""")


class PostgresMatchings:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self, event: Happened) -> None:
        await self._connection.execute(_BEGIN_MATCHING, {"event_id": event.id})

    async def claim(self) -> Matching | None:
        row = (await self._connection.execute(_CLAIM_MATCHING)).mappings().one_or_none()
        return None if row is None else Matching(event=happened(row), after=row["after"])

    async def candidates(
        self, codes: Sequence[str], kinds: Sequence[str], *, after: OrganizationId | None, limit: int
    ) -> dict[OrganizationId, list[Subscription]]:
        values = {"codes": list(codes), "kinds": list(kinds), "after": after, "limit": limit}
        found: dict[OrganizationId, list[Subscription]] = {}
        for row in (await self._connection.execute(_CANDIDATES, values)).mappings():
            subscription: Subscription = PostgresSubscriptions.codec.entity(row)
            found.setdefault(subscription.organization_id, []).append(subscription)
        return found

    async def advance(self, event_id: EventId, *, after: OrganizationId | None) -> None:
        await self._connection.execute(_ADVANCE_MATCHING, {"id": event_id, "after": after})
