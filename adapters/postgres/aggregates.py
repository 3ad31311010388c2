"""One repository implementation for every aggregate: a codec, a connection, a refusal for what is not there.

The ports stay specific (``Tenders``, ``Bids``, …); this class is how PostgreSQL satisfies them, and a room's own
repository adds only the finders that the room asks for.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.codec import Codec
from adapters.postgres.events import EVENT_INSERT, event_values
from domain.errors import NotFound, StaleVersion
from domain.events import Event


class Stored(Protocol):
    """What every aggregate has: an id and the count of its stored changes. (Read-only: entities are frozen.)"""

    @property
    def id(self) -> UUID: ...
    @property
    def version(self) -> int: ...


Aggregate = TypeVar("Aggregate", bound=Stored)


class Aggregates(Generic[Aggregate]):
    codec: ClassVar[Codec[Any]]
    missing: ClassVar[type[NotFound]]

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, id: UUID) -> Aggregate:
        return await self._one(self._by_id(id))

    async def share(self, id: UUID) -> Aggregate:
        """Read and keep others from changing it until the commit (FOR SHARE)."""
        return await self._one(self._by_id(id).with_for_update(read=True))

    async def lock(self, id: UUID) -> Aggregate:
        """Read and keep others from reading for change (FOR UPDATE)."""
        return await self._one(self._by_id(id).with_for_update())

    async def save(self, entity: Aggregate, *, because: Event) -> Aggregate:
        """Store the new state and its reason. Refuses ``stale-version`` when somebody else stored one first."""
        version = entity.version + 1
        values = self.codec.values(entity) | {"version": version}
        if entity.version == 0:
            await self._connection.execute(self.codec.insert, values)
        else:
            same = {"same_id": entity.id, "same_version": entity.version}
            changed = await self._connection.execute(self.codec.update, values | same)
            if changed.rowcount == 0:
                raise StaleVersion("Somebody changed it after you read it", passes="a fresh read and a new attempt")
        await self._connection.execute(EVENT_INSERT, event_values(because))
        return replace(entity, version=version)  # type: ignore[type-var]  # every aggregate is a dataclass

    async def remove(self, entity: Aggregate, *, because: Event) -> None:
        """Nothing refers to it: only its events stay. It is locked by the caller."""
        await self._connection.execute(delete(self.codec.table).where(self.codec.table.c.id == entity.id))
        await self._connection.execute(EVENT_INSERT, event_values(because))

    async def add_all(self, entities: Sequence[Aggregate], *, because: Sequence[Event]) -> None:
        """Store many new ones and their reasons in two round trips."""
        if entities:
            rows = [self.codec.values(entity) | {"version": 1} for entity in entities]
            await self._connection.execute(self.codec.insert, rows)
            await self._connection.execute(EVENT_INSERT, [event_values(event) for event in because])

    def _by_id(self, id: UUID) -> Select[Any]:
        return select(self.codec.table).where(self.codec.table.c.id == id)

    async def _one(self, statement: Select[Any]) -> Aggregate:
        row = (await self._connection.execute(statement)).mappings().one_or_none()
        if row is None:
            raise self.missing(self.missing.titles.en)
        return self._entity(row)

    async def _first(self, *where: ColumnElement[bool]) -> Aggregate | None:
        row = (await self._connection.execute(select(self.codec.table).where(*where).limit(1))).mappings().one_or_none()
        return None if row is None else self._entity(row)

    async def _all(self, statement: Select[Any]) -> tuple[Aggregate, ...]:
        rows = (await self._connection.execute(statement)).mappings().all()
        return tuple(self._entity(row) for row in rows)

    def _entity(self, row: Any) -> Aggregate:
        entity: Aggregate = self.codec.entity(row)
        return entity
