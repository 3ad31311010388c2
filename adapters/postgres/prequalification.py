"""Repositories and reads of the prequalification room."""

from datetime import date
from typing import ClassVar

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.reading import one, rows_of
from adapters.postgres.rows.prequalification import ApplicationRow, PrequalificationRow
from domain.actors import Actor
from domain.errors import NotFound
from domain.ids import ApplicationId, Bin, OrganizationId, PrequalificationId
from domain.prequalification.application import Application, ApplicationNotFound, ApplicationStatus
from domain.prequalification.model import Prequalification, PrequalificationNotFound
from domain.prequalification.ports import QualifiedSupplier

_NEXT_NUMBER = text("SELECT nextval('prequalification_numbers')")


class PostgresPrequalifications(Aggregates[Prequalification]):
    codec: ClassVar = Codec(Prequalification, PrequalificationRow)
    missing: ClassVar[type[NotFound]] = PrequalificationNotFound

    async def next_number(self, year: int) -> str:
        number: int = (await self._connection.execute(_NEXT_NUMBER)).scalar_one()
        return f"Q-{year}-{number:06d}"

    async def qualified(self, id: PrequalificationId, supplier_id: OrganizationId, *, on: date) -> bool:
        c = PostgresApplications.codec.table.c
        mine = select(c.id).where(
            c.prequalification_id == id,
            c.supplier_id == supplier_id,
            c.status == ApplicationStatus.QUALIFIED,
            c.qualified_until >= on,
        )
        return (await self._connection.execute(mine)).first() is not None


class PostgresApplications(Aggregates[Application]):
    codec: ClassVar = Codec(Application, ApplicationRow)
    missing: ClassVar[type[NotFound]] = ApplicationNotFound

    async def of_supplier(self, id: PrequalificationId, supplier_id: OrganizationId) -> Application | None:
        table = self.codec.table
        mine = select(table).where(table.c.prequalification_id == id, table.c.supplier_id == supplier_id)
        found = await self._all(mine.with_for_update())
        return found[0] if found else None


_LIST = text("SELECT * FROM prequalifications WHERE id = :id")
_LISTS = text("""
SELECT * FROM prequalifications WHERE CAST(:after AS uuid) IS NULL OR id > :after ORDER BY id LIMIT :limit
""")
_SUPPLIERS = text("""
SELECT o.id, o.bin, o.name, a.qualified_until AS until
FROM prequalification_applications a JOIN organizations o ON o.id = a.supplier_id
WHERE a.prequalification_id = :id AND a.status = 'qualified'
  AND a.qualified_until >= CAST(statement_timestamp() AT TIME ZONE 'Asia/Almaty' AS date)
  AND (CAST(:after AS uuid) IS NULL OR o.id > :after)
ORDER BY o.id LIMIT :limit
""")
_SEEN = """
SELECT a.* FROM prequalification_applications a JOIN prequalifications p ON p.id = a.prequalification_id
WHERE (:auditor OR CAST(:organization_id AS uuid) IN (a.supplier_id, p.buyer_id))
"""
_APPLICATION = text(f"{_SEEN} AND a.id = :id")
_APPLICATIONS = text(f"""
{_SEEN} AND p.id = :id AND (CAST(:after AS uuid) IS NULL OR a.id > :after) ORDER BY a.id LIMIT :limit
""")


class PostgresPrequalificationQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def prequalification(self, id: PrequalificationId) -> Prequalification:
        row = await one(self._reading, _LIST, id=id)
        if row is None:
            raise PrequalificationNotFound("There is no such prequalification list")
        found: Prequalification = PostgresPrequalifications.codec.entity(row)
        return found

    async def page(self, *, after: PrequalificationId | None, limit: int) -> list[Prequalification]:
        rows = await rows_of(self._reading, _LISTS, after=after, limit=limit)
        return [PostgresPrequalifications.codec.entity(row) for row in rows]

    async def suppliers(
        self, id: PrequalificationId, *, after: OrganizationId | None, limit: int
    ) -> list[QualifiedSupplier]:
        await self.prequalification(id)
        rows = await rows_of(self._reading, _SUPPLIERS, id=id, after=after, limit=limit)
        return [
            QualifiedSupplier(id=OrganizationId(row["id"]), bin=Bin(row["bin"]), name=row["name"], until=row["until"])
            for row in rows
        ]

    async def application(self, actor: Actor, id: ApplicationId) -> Application:
        row = await one(
            self._reading, _APPLICATION, id=id, auditor=actor.is_auditor, organization_id=actor.organization_id
        )
        if row is None:
            raise ApplicationNotFound("There is no such application")
        application: Application = PostgresApplications.codec.entity(row)
        return application

    async def applications(
        self, actor: Actor, id: PrequalificationId, *, after: ApplicationId | None, limit: int
    ) -> list[Application]:
        await self.prequalification(id)
        rows = await rows_of(
            self._reading,
            _APPLICATIONS,
            id=id,
            auditor=actor.is_auditor,
            organization_id=actor.organization_id,
            after=after,
            limit=limit,
        )
        return [PostgresApplications.codec.entity(row) for row in rows]
