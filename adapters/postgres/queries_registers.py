"""Reads of the imported registers."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.reading import rows_of
from adapters.postgres.registers import PostgresRegisters, record_of
from domain.actors import Actor
from domain.errors import NotPermitted
from domain.registries.imports import RecordRow, RegisterImport, RegisterImportId, RegisterState
from domain.registries.records import PUBLIC, Register

_NEWEST = text("""
SELECT DISTINCT ON (register) *, (clock_timestamp() AT TIME ZONE 'Asia/Almaty')::date - as_of AS age_days
FROM register_imports ORDER BY register, as_of DESC, imported_at DESC
""")
_RECORDS = text("""
SELECT id, register, key, bin, fields, valid_from, valid_until, as_of FROM register_records
WHERE register = :register AND removed_import IS NULL
  AND (CAST(:bin AS text) IS NULL OR bin = :bin) AND (CAST(:key AS text) IS NULL OR key = :key)
  AND (CAST(:after AS uuid) IS NULL
    OR key > (SELECT key FROM register_records WHERE id = :after AND register = :register))
ORDER BY key LIMIT :limit
""")
_IMPORTS = text("""
SELECT * FROM register_imports WHERE register = :register AND (CAST(:after AS uuid) IS NULL OR id < :after)
ORDER BY id DESC LIMIT :limit
""")


class PostgresRegisterQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def registers(self, actor: Actor | None) -> list[RegisterState]:  # noqa: ARG002 - open to everybody
        rows = {row["register"]: row for row in await rows_of(self._reading, _NEWEST)}
        return [
            RegisterState(
                register=register,
                newest=PostgresRegisters.codec.entity(rows[register]) if register in rows else None,
                age_days=rows[register]["age_days"] if register in rows else None,
            )
            for register in Register
        ]

    async def records(
        self,
        actor: Actor | None,
        register: Register,
        *,
        bin: str | None,
        key: str | None,
        after: UUID | None,
        limit: int,
    ) -> list[RecordRow]:
        if actor is None and register not in PUBLIC:
            raise NotPermitted("This register is read by those who have signed in", passes="credentials")
        rows = await rows_of(
            self._reading, _RECORDS, register=register.value, bin=bin, key=key, after=after, limit=limit
        )
        return [RecordRow(id=row["id"], record=record_of(row), as_of=row["as_of"]) for row in rows]

    async def imports(
        self, actor: Actor, register: Register, *, after: RegisterImportId | None, limit: int
    ) -> list[RegisterImport]:
        if not (actor.is_auditor or actor.is_registry_operator):
            raise NotPermitted("Imports are read by registry operators and auditors", passes="one of these roles")
        rows = await rows_of(self._reading, _IMPORTS, register=register.value, after=after, limit=limit)
        return [PostgresRegisters.codec.entity(row) for row in rows]
