"""Repositories and reads of the evaluating room."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.reading import one, rows_of
from adapters.postgres.rows.evaluating import CommitteeRow, PaperRequestRow, ScoreSheetRow
from domain.actors import Actor
from domain.errors import NotFound
from domain.evaluating.committee import Committee
from domain.evaluating.papers import PaperRequest
from domain.evaluating.ports import ShownCommittee, ShownSheet
from domain.evaluating.refusals import CommitteeNotFound, PaperRequestNotFound, ScoresNotFound
from domain.evaluating.scores import ScoreSheet
from domain.ids import BidId, OrganizationId, PaperRequestId, PersonId, ScoreSheetId, TenderId
from domain.money import Money
from domain.tenders.thresholds import year_bounds

_CONTRACTS = text("""
SELECT c.supplier_id, count(*) AS contracts, coalesce(sum(
  (SELECT sum((line->'unit_price'->>'amount')::numeric * (
    SELECT coalesce(sum((cell->>1)::bigint), 0) FROM jsonb_array_elements(line->'run'->'cells') cell))
   FROM jsonb_array_elements(c.lines) line)), 0) AS total
FROM contracts c
WHERE c.supplier_id = ANY(:suppliers) AND c.kind <> 'framework' AND c.status NOT IN ('lapsed', 'annulled')
  AND c.concluded_at >= :begins_at AND c.concluded_at < :ends_at
GROUP BY c.supplier_id
""")
_BID_AND_RESULTS_ARE_OUT = """
t.status IN ('awarded', 'completed', 'failed')
  AND EXISTS (SELECT FROM bids b WHERE b.tender_id = t.id AND b.bidder_id = :organization_id)
"""
_COMMITTEE = text(f"""
SELECT c.*, (:auditor OR t.buyer_id = :organization_id) AS named,
  (SELECT coalesce(jsonb_object_agg(p.id, p.name), '{{}}') FROM people p
   WHERE p.id IN (SELECT (member->>'person_id')::uuid FROM jsonb_array_elements(c.members) member)) AS names
FROM committees c JOIN tenders t ON t.id = c.tender_id
WHERE c.tender_id = :tender_id AND (:auditor OR t.buyer_id = :organization_id OR {_BID_AND_RESULTS_ARE_OUT})
""")  # noqa: S608 - a constant of this module
_READABLE = text(f"""
SELECT t.id FROM tenders t WHERE t.id = :tender_id
  AND (:auditor OR t.buyer_id = :organization_id OR {_BID_AND_RESULTS_ARE_OUT})
""")  # noqa: S608 - a constant of this module
_SHEETS = text("""
SELECT s.*, CASE WHEN :auditor OR t.buyer_id = :organization_id THEN p.name END AS name,
  :auditor OR t.buyer_id = :organization_id OR b.bidder_id = :organization_id AS commented
FROM score_sheets s JOIN tenders t ON t.id = s.tender_id JOIN people p ON p.id = s.person_id
  JOIN bids b ON b.id = s.bid_id
WHERE s.tender_id = :tender_id AND (CAST(:after AS uuid) IS NULL OR s.id > :after)
  AND (:auditor OR t.status <> 'opened' OR s.person_id = :person_id)
ORDER BY s.id LIMIT :limit
""")
_REQUESTS = text(f"""
SELECT r.* FROM paper_requests r JOIN tenders t ON t.id = r.tender_id
WHERE r.tender_id = :tender_id AND (CAST(:after AS uuid) IS NULL OR r.id > :after)
  AND (:auditor OR t.buyer_id = :organization_id OR r.bidder_id = :organization_id OR {_BID_AND_RESULTS_ARE_OUT})
ORDER BY r.id LIMIT :limit
""")  # noqa: S608 - a constant of this module


class PostgresCommittees(Aggregates[Committee]):
    codec: ClassVar = Codec(Committee, CommitteeRow)
    missing: ClassVar[type[NotFound]] = CommitteeNotFound

    async def find(self, tender_id: TenderId) -> Committee | None:
        return await self._first(self.codec.table.c.tender_id == tender_id)


class PostgresScores(Aggregates[ScoreSheet]):
    codec: ClassVar = Codec(ScoreSheet, ScoreSheetRow)
    missing: ClassVar[type[NotFound]] = ScoresNotFound

    async def of_tender(self, tender_id: TenderId) -> tuple[ScoreSheet, ...]:
        table = self.codec.table
        return await self._all(select(table).where(table.c.tender_id == tender_id).order_by(table.c.id))

    async def revisions(self, tender_id: TenderId, person_id: PersonId) -> Mapping[BidId, int]:
        columns = self.codec.table.c
        mine = select(columns.bid_id, func.max(columns.revision))
        mine = mine.where(columns.tender_id == tender_id, columns.person_id == person_id).group_by(columns.bid_id)
        return {BidId(bid_id): revision for bid_id, revision in (await self._connection.execute(mine)).all()}


class PostgresPaperRequests(Aggregates[PaperRequest]):
    codec: ClassVar = Codec(PaperRequest, PaperRequestRow)
    missing: ClassVar[type[NotFound]] = PaperRequestNotFound

    async def of_tender(self, tender_id: TenderId) -> tuple[PaperRequest, ...]:
        table = self.codec.table
        return await self._all(select(table).where(table.c.tender_id == tender_id).order_by(table.c.id))


class PostgresStandings:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def contracts(
        self, suppliers: tuple[OrganizationId, ...], *, year: int
    ) -> Mapping[OrganizationId, tuple[Money, int]]:
        begins_at, ends_at = year_bounds(year)
        values = {"suppliers": list(suppliers), "begins_at": begins_at, "ends_at": ends_at}
        rows = (await self._connection.execute(_CONTRACTS, values)).mappings().all()
        return {OrganizationId(row["supplier_id"]): (Money(row["total"]), row["contracts"]) for row in rows}


class PostgresEvaluatingQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def committee(self, actor: Actor, tender_id: TenderId) -> ShownCommittee:
        row = await one(self._reading, _COMMITTEE, tender_id=tender_id, **_reader(actor))
        if row is None:
            raise CommitteeNotFound("There is no committee that you may read")
        names = {PersonId(UUID(id)): name for id, name in row["names"].items()} if row["named"] else None
        return ShownCommittee(committee=PostgresCommittees.codec.entity(row), names=names)

    async def sheets(
        self, actor: Actor, tender_id: TenderId, *, after: ScoreSheetId | None, limit: int
    ) -> list[ShownSheet]:
        if await one(self._reading, _READABLE, tender_id=tender_id, **_reader(actor)) is None:
            raise ScoresNotFound("There are no scores that you may read")
        rows = await rows_of(
            self._reading,
            _SHEETS,
            tender_id=tender_id,
            person_id=actor.person_id,
            after=after,
            limit=limit,
            **_reader(actor),
        )
        return [
            ShownSheet(sheet=PostgresScores.codec.entity(row), name=row["name"], commented=row["commented"])
            for row in rows
        ]

    async def paper_requests(
        self, actor: Actor, tender_id: TenderId, *, after: PaperRequestId | None, limit: int
    ) -> list[PaperRequest]:
        rows = await rows_of(self._reading, _REQUESTS, tender_id=tender_id, after=after, limit=limit, **_reader(actor))
        return [PostgresPaperRequests.codec.entity(row) for row in rows]


def _reader(actor: Actor) -> dict[str, Any]:
    return {"auditor": actor.is_auditor, "organization_id": actor.organization_id}
