"""Reads of the tenders room.

The list of tenders is the most read page, so PostgreSQL writes its JSON and the bare driver carries it: the
figures are in ``tests/bench/README.md``. ``lots`` of the page is a count and ``allocated`` a sum kept in the row's
JSON; both are computed in the query, from the page's rows only.
"""

from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.purchases import FOLLOW_UP, OF_GROUPS, groups_of, of_groups_values
from adapters.postgres.reading import fetched, one, rows_of
from adapters.postgres.tenders import PostgresNeeds, PostgresTenders
from domain.actors import Actor
from domain.ids import NeedId, TenderId
from domain.procedures.rules import Rules
from domain.tenders.model import Tender, TenderNotFound
from domain.tenders.need import Need, NeedNotFound
from domain.tenders.ports import TenderFilter, TenderPlace
from domain.tenders.thresholds import ThresholdCheck, check_threshold, group_sums, legal_year

INSTANT = '\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\''
_SUMMARY = f"""
json_build_object(
  'id', t.id, 'number', t.number, 'title', t.title, 'buyer_id', t.buyer_id, 'buyer_name', o.name,
  'status', t.status, 'procedure', t.procedure->>'id' || '@' || (t.procedure->>'version'),
  'lots', jsonb_array_length(t.lots), 'currency', 'KZT',
  'allocated', (SELECT sum((lot->'allocated'->>'amount')::numeric) FROM jsonb_array_elements(t.lots) lot)::text,
  'drafted_at', to_char(t.drafted_at, {INSTANT}), 'published_at', to_char(t.published_at, {INSTANT}),
  'opens_at', to_char(t.opens_at, {INSTANT}), 'closes_at', to_char(t.closes_at, {INSTANT}))
"""  # noqa: S608 - constants of this module only; values are parameters
PUBLIC_PAGE = f"""
SELECT {_SUMMARY}::text AS item, t.published_at AS at, t.id
FROM tenders t JOIN organizations o ON o.id = t.buyer_id
WHERE t.published_at IS NOT NULL AND ($1::text IS NULL OR t.status = $1)
  AND ($2::timestamptz IS NULL OR (t.published_at, t.id) < ($2, $3::uuid))
ORDER BY t.published_at DESC, t.id DESC LIMIT $4
"""  # noqa: S608 - constants of this module only; values are parameters
_OWN_PAGE = f"""
SELECT {_SUMMARY}::text AS item, t.drafted_at AS at, t.id
FROM tenders t JOIN organizations o ON o.id = t.buyer_id
WHERE t.buyer_id = $5 AND ($1::text IS NULL OR t.status = $1)
  AND ($2::timestamptz IS NULL OR (t.drafted_at, t.id) < ($2, $3::uuid))
ORDER BY t.drafted_at DESC, t.id DESC LIMIT $4
"""  # noqa: S608 - constants of this module only; values are parameters
_TENDER = text("SELECT * FROM tenders WHERE id = :id")
_TENDER_NOW = text("SELECT *, statement_timestamp() AS now FROM tenders WHERE id = :id")
_FOLLOW_UP = text(f"{FOLLOW_UP} AND (published_at IS NOT NULL OR buyer_id = CAST(:buyer_id AS uuid))")
_DUE = text("""
SELECT id FROM tenders WHERE status IN ('published', 'closed') AND closes_at <= clock_timestamp()
ORDER BY closes_at LIMIT :limit
""")
_NEED = text("SELECT * FROM needs WHERE id = :id AND buyer_id = :buyer_id")


class PostgresTenderQueries:
    def __init__(self, reading: AsyncEngine, raw: asyncpg.Pool) -> None:
        self._reading = reading
        self._raw = raw

    async def tender(self, actor: Actor | None, id: TenderId) -> Tender:
        row = await one(self._reading, _TENDER, id=id)
        if row is None:
            raise TenderNotFound("There is no such tender")
        tender: Tender = PostgresTenders.codec.entity(row)
        if tender.published_at is None and (actor is None or actor.organization_id != tender.buyer_id):
            raise TenderNotFound("There is no such tender")
        return tender

    async def follow_up(self, actor: Actor | None, id: TenderId) -> Tender:
        row = await one(self._reading, _FOLLOW_UP, id=id, buyer_id=actor.organization_id if actor else None)
        if row is None:
            raise TenderNotFound("No tender follows this one")
        tender: Tender = PostgresTenders.codec.entity(row)
        return tender

    async def threshold_check(self, actor: Actor, id: TenderId) -> ThresholdCheck:
        row = await one(self._reading, _TENDER_NOW, id=id)
        if row is None:
            raise TenderNotFound("There is no such tender")
        tender: Tender = PostgresTenders.codec.entity(row)
        audits = actor.is_auditor and tender.published_at is not None
        if not audits and actor.organization_id != tender.buyer_id:
            raise TenderNotFound("There is no such tender")
        at = tender.published_at or row["now"]
        groups = tuple(group_sums(tender))
        values = of_groups_values(tender.buyer_id, groups=groups, year=legal_year(at), apart_from=id)
        others = groups_of(await rows_of(self._reading, OF_GROUPS, **values))
        return check_threshold(tender, others, rules=Rules(tender.procedure), at=at)

    async def page(
        self, actor: Actor | None, where: TenderFilter, *, after: TenderPlace | None, limit: int
    ) -> list[tuple[str, TenderPlace]]:
        values: list[Any] = [where.status, after.at if after else None, after.id if after else None, limit]
        if where.mine and actor is not None:
            statement, values = _OWN_PAGE, [*values, actor.organization_id]
        else:
            statement = PUBLIC_PAGE
        rows = await fetched(self._raw, statement, *values)
        return [(row["item"], TenderPlace(at=row["at"], id=TenderId(row["id"]))) for row in rows]

    async def due(self, *, limit: int) -> list[TenderId]:
        return [TenderId(row["id"]) for row in await rows_of(self._reading, _DUE, limit=limit)]

    async def need(self, actor: Actor, id: NeedId) -> Need:
        row = await one(self._reading, _NEED, id=id, buyer_id=actor.organization_id)
        if row is None:
            raise NeedNotFound("There is no such need")
        need: Need = PostgresNeeds.codec.entity(row)
        return need
