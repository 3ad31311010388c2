"""What buyers have set in rule packages: the repository, and the read."""

from typing import ClassVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.reading import one
from adapters.postgres.rows.procedures import ProcedureSettingsRow
from domain.actors import Actor
from domain.errors import NotFound
from domain.ids import OrganizationId
from domain.procedures.package import UnknownProcedure
from domain.procedures.settings import ProcedureSettings

_SETTINGS = text("SELECT * FROM procedure_settings WHERE buyer_id = :buyer_id AND procedure = :procedure")


class PostgresProcedureSettings(Aggregates[ProcedureSettings]):
    codec: ClassVar = Codec(ProcedureSettings, ProcedureSettingsRow)
    missing: ClassVar[type[NotFound]] = UnknownProcedure

    async def find(self, buyer_id: OrganizationId, procedure: str) -> ProcedureSettings | None:
        c = self.codec.table.c
        return await self._first(c.buyer_id == buyer_id, c.procedure == procedure)


class PostgresSettingsQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def settings(self, actor: Actor, procedure: str) -> ProcedureSettings | None:
        row = await one(self._reading, _SETTINGS, buyer_id=actor.organization_id, procedure=procedure)
        if row is None:
            return None
        settings: ProcedureSettings = PostgresProcedureSettings.codec.entity(row)
        return settings
