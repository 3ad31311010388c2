"""Repository and reads of the pools room."""

from collections.abc import Iterable
from typing import ClassVar

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.reading import one, rows_of
from adapters.postgres.rows.pools import PoolRow
from adapters.postgres.tenders import PostgresNeeds
from domain.actors import Actor
from domain.errors import NotFound
from domain.ids import NeedId, PoolId
from domain.pools.model import MemberStatus, Pool, PoolNotFound, PoolNotJoined
from domain.pools.pooled import Pooled

_NEXT_NUMBER = text("SELECT nextval('pool_numbers')")
_HOLDING = text("""
SELECT id FROM pools WHERE status <> 'dissolved' AND members @> jsonb_build_array(jsonb_build_object(
  'status', 'joined', 'needs', jsonb_build_array(CAST(:need_id AS text)))) LIMIT 1
""")


class PostgresPools(Aggregates[Pool]):
    codec: ClassVar = Codec(Pool, PoolRow)
    missing: ClassVar[type[NotFound]] = PoolNotFound

    async def hold(self, ids: Iterable[PoolId]) -> tuple[Pool, ...]:
        table = self.codec.table
        return await self._all(select(table).where(table.c.id.in_(list(ids))).order_by(table.c.id).with_for_update())

    async def holding(self, need_id: NeedId) -> PoolId | None:
        found = (await self._connection.execute(_HOLDING, {"need_id": str(need_id)})).scalar_one_or_none()
        return None if found is None else PoolId(found)

    async def next_number(self, year: int) -> str:
        number: int = (await self._connection.execute(_NEXT_NUMBER)).scalar_one()
        return f"P-{year}-{number:06d}"


_MINE = """
(:auditor OR organizer_id = :organization_id
 OR members @> jsonb_build_array(jsonb_build_object('buyer_id', CAST(:organization_id AS text), 'status', 'invited'))
 OR members @> jsonb_build_array(jsonb_build_object('buyer_id', CAST(:organization_id AS text), 'status', 'joined')))
"""
_POOL = text(f"SELECT * FROM pools WHERE id = :id AND {_MINE}")  # noqa: S608 - a constant of this module
_PAGE = text(f"""
SELECT * FROM pools WHERE {_MINE} AND (CAST(:after AS uuid) IS NULL OR id > :after) ORDER BY id LIMIT :limit
""")  # noqa: S608 - a constant of this module
_NEEDS = text("SELECT * FROM needs WHERE id = ANY(:ids)")


class PostgresPoolQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def pool(self, actor: Actor, id: PoolId) -> Pool:
        row = await one(self._reading, _POOL, id=id, auditor=actor.is_auditor, organization_id=actor.organization_id)
        if row is None:
            raise PoolNotFound("There is no such pool")
        pool: Pool = PostgresPools.codec.entity(row)
        return pool

    async def page(self, actor: Actor, *, after: PoolId | None, limit: int) -> list[Pool]:
        rows = await rows_of(
            self._reading,
            _PAGE,
            auditor=actor.is_auditor,
            organization_id=actor.organization_id,
            after=after,
            limit=limit,
        )
        return [PostgresPools.codec.entity(row) for row in rows]

    async def pooled(self, actor: Actor, id: PoolId) -> Pooled:
        """A need never changes, so the second statement may come later than the first."""
        pool = await self.pool(actor, id)
        member = pool.member(actor.organization_id)
        joined = member is not None and member.status is MemberStatus.JOINED
        if not (joined or actor.is_auditor or pool.organizer_id == actor.organization_id):
            raise PoolNotJoined("The sums are for those who have joined", passes="joining with needs of your own")
        rows = await rows_of(self._reading, _NEEDS, ids=list(pool.needs))
        return Pooled.of(pool, tuple(PostgresNeeds.codec.entity(row) for row in rows))
