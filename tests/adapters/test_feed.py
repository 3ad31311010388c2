"""The feed against concurrent transactions: nothing is skipped, sealed events leave no trace."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.engine import Database
from adapters.postgres.events import event_values
from adapters.postgres.queries_reports import PostgresFeed
from adapters.postgres.rows.shell import EventRow
from domain.actors import Actor, OrganizationKind, Role
from domain.errors import NotPermitted
from domain.events import By, Event
from domain.ids import EventId, OrganizationId, PersonId

AT = datetime(2026, 11, 22, tzinfo=UTC)
AUDITOR = Actor(
    person_id=PersonId(uuid4()),
    organization_id=OrganizationId(uuid4()),
    kind=OrganizationKind.AUDITOR,
    roles=frozenset({Role.AUDITOR}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Event):
    type: ClassVar[str] = "sample.happened"
    subject: ClassVar[str] = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class HappenedUnseen(Happened):
    sealed: ClassVar[bool] = True


async def record(connection: AsyncConnection, kind: type[Happened] = Happened) -> EventId:
    values = event_values(kind(subject_id=uuid4(), by=By(person_id=AUDITOR.person_id), at=AT))
    table: Any = EventRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it to every table class
    await connection.execute(table.insert().values(values))
    return EventId(values["id"])


async def committed(database: Database, kind: type[Happened] = Happened) -> EventId:
    async with database.engine.begin() as connection:
        return await record(connection, kind)


async def seq_of(database: Database, id: UUID) -> int:
    async with database.reading.connect() as connection:
        found: int = (await connection.execute(text("SELECT seq FROM events WHERE id = :id"), {"id": id})).scalar_one()
        return found


async def ids_after(database: Database, id: EventId | None) -> list[EventId]:
    found = await PostgresFeed(database.reading).after(AUDITOR, id, limit=100)
    assert found is not None
    return [each.id for each in found]


async def eventually(database: Database, id: EventId | None, expected: list[EventId]) -> None:
    """The oldest open transaction bounds the feed in the whole cluster, other tests' databases included: it may be late
    by as long as they take, and never wrong.
    """
    for _ in range(200):
        seen = await ids_after(database, id)
        assert seen == expected[: len(seen)]
        if seen == expected:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"{expected} did not come")


async def test_an_event_of_a_slow_transaction_is_never_skipped(database: Database) -> None:
    start = await committed(database)
    async with database.engine.connect() as slow:
        transaction = await slow.begin()
        early = await record(slow)
        late = await committed(database)
        seen = await ids_after(database, start)
        assert seen == []  # the late one waits for the slow transaction, which began before it
        await transaction.commit()
    await eventually(database, start, [early, late])


async def test_a_cursor_on_the_sequence_alone_would_have_skipped_it(database: Database) -> None:
    """The counterexample that the feed's order is for."""
    naive = text("SELECT id FROM events WHERE seq > :seq AND NOT sealed ORDER BY seq")
    start = await committed(database)
    async with database.engine.connect() as slow, database.reading.connect() as reader:
        transaction = await slow.begin()
        early = await record(slow)
        late = await committed(database)
        first = (await reader.execute(naive, {"seq": await seq_of(database, start)})).scalars().all()
        await transaction.commit()
        second = (await reader.execute(naive, {"seq": await seq_of(database, late)})).scalars().all()
    assert late in first
    assert early not in [*first, *second]


async def test_a_transaction_that_numbers_its_event_late_is_not_skipped_either(database: Database) -> None:
    """The slow transaction has its id first and its sequence number last."""
    start = await committed(database)
    async with database.engine.connect() as slow:
        transaction = await slow.begin()
        await slow.execute(text("SELECT pg_current_xact_id()"))
        late = await committed(database)
        early = await record(slow)
        assert await ids_after(database, start) == []
        await transaction.commit()
    await eventually(database, start, [early, late])


async def test_pages_join_without_gap_or_repetition(database: Database) -> None:
    start = await committed(database)
    expected = [await committed(database) for _ in range(5)]
    await eventually(database, start, expected)
    feed, seen, cursor = PostgresFeed(database.reading), [], start
    while page := await feed.after(AUDITOR, cursor, limit=2):
        seen += [each.id for each in page]
        cursor = page[-1].id
    assert seen == expected


async def test_sealed_events_are_neither_shown_nor_a_place_to_go_on_from(database: Database) -> None:
    start = await committed(database)
    sealed = await committed(database, HappenedUnseen)
    after = await committed(database)
    await eventually(database, start, [after])
    assert await PostgresFeed(database.reading).after(AUDITOR, sealed, limit=1) is None
    assert await PostgresFeed(database.reading).after(AUDITOR, EventId(uuid4()), limit=1) is None


async def test_only_auditors_read_the_feed(database: Database) -> None:
    buyer = Actor(
        person_id=PersonId(uuid4()),
        organization_id=OrganizationId(uuid4()),
        kind=OrganizationKind.BUYER,
        roles=frozenset({Role.APPROVER}),
    )
    with pytest.raises(NotPermitted):
        await PostgresFeed(database.reading).after(buyer, None, limit=1)
