"""Saving: a state and its reason together, nothing over somebody else's change, one row per BIN and e-mail."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actors import OrganizationKind
from domain.errors import StaleVersion
from domain.events import CLOCK
from domain.ids import Kato, OrganizationId, PersonId
from domain.organizations.model import BinTaken, Organization, OrganizationNotFound
from domain.organizations.people import EmailTaken, Person
from domain.work import Begin
from tests.numbers import bins

AT = datetime(2026, 11, 24, 6, tzinfo=UTC)
_BINS = bins("290140")


def organization() -> Organization:
    return Organization(
        id=OrganizationId(uuid4()),
        bin=next(_BINS),
        kind=OrganizationKind.SUPPLIER,
        name='ЖШС "Іскер тігінші"',
        kato=Kato("631010000"),
        address="Қабанбай батыр, 1",
        phone="+7 7232 000000",
        email="o@aggregates.example",
        registered_at=AT,
    )


async def stored(begin: Begin) -> Organization:
    new = organization()
    async with begin() as work:
        return await work.organizations.save(new, because=new.registered(by=CLOCK))


async def events_of(connection: AsyncConnection, subject: OrganizationId) -> list[str]:
    found = await connection.execute(
        text("SELECT type FROM events WHERE subject_id = :id ORDER BY seq"), {"id": subject}
    )
    return list(found.scalars())


async def test_a_new_state_is_version_one_and_a_change_one_more(begin: Begin, connection: AsyncConnection) -> None:
    first = await stored(begin)
    assert first.version == 1
    confirmed, event = first.confirm(by=CLOCK, at=AT)
    async with begin() as work:
        assert (await work.organizations.save(confirmed, because=event)).version == 2
    async with begin() as work:
        assert await work.organizations.get(first.id) == replace(confirmed, version=2)
    assert await events_of(connection, first.id) == ["organization.registered", "organization.confirmed"]


async def test_a_change_of_an_old_version_is_stale_and_leaves_no_event(
    begin: Begin, connection: AsyncConnection
) -> None:
    first = await stored(begin)
    confirmed, event = first.confirm(by=CLOCK, at=AT)
    async with begin() as work:
        await work.organizations.save(confirmed, because=event)
    suspended, event_of_other = first.suspend(reason="x", by=CLOCK, at=AT)
    with pytest.raises(StaleVersion):
        async with begin() as work:
            await work.organizations.save(suspended, because=event_of_other)
    assert await events_of(connection, first.id) == ["organization.registered", "organization.confirmed"]


async def test_what_fails_later_takes_state_and_event_with_it(begin: Begin, connection: AsyncConnection) -> None:
    new = organization()

    async def fail() -> None:
        async with begin() as work:
            await work.organizations.save(new, because=new.registered(by=CLOCK))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await events_of(connection, new.id) == []
    with pytest.raises(OrganizationNotFound):
        async with begin() as work:
            await work.organizations.get(new.id)


async def test_what_is_not_there_is_not_found_however_it_is_asked_for(begin: Begin) -> None:
    async with begin() as work:
        for read in (work.organizations.get, work.organizations.lock):
            with pytest.raises(OrganizationNotFound):
                await read(OrganizationId(uuid4()))


async def test_a_bin_is_stored_once_even_if_nobody_looked_before(begin: Begin) -> None:
    first = await stored(begin)
    again = replace(organization(), bin=first.bin)
    with pytest.raises(BinTaken):
        async with begin() as work:
            await work.organizations.save(again, because=again.registered(by=CLOCK))


async def test_an_e_mail_is_stored_once_even_if_nobody_looked_before(begin: Begin) -> None:
    async def add() -> None:
        person = Person(
            id=PersonId(uuid4()), email="one@aggregates.example", name="Әсел", password_hash="x", registered_at=AT
        )
        async with begin() as work:
            await work.people.save(person, because=person.registered(by=CLOCK))

    await add()
    with pytest.raises(EmailTaken):
        await add()
