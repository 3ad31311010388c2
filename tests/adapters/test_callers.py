"""Whoever a token speaks for is remembered, and forgotten everywhere within a second of any change of his rights."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import uuid4

import asyncpg
from sqlalchemy import text

from adapters.postgres.callers import ASK_EVERY_SECONDS, CALLERS_MAX, FRESH_SECONDS, Callers, Found, listening
from adapters.postgres.engine import Database
from adapters.postgres.queries_organizations import PostgresOrganizationQueries
from domain.actors import Actor, OrganizationKind, Role
from domain.ids import CredentialId, MembershipId, OrganizationId, PersonId
from domain.organizations.ports import Caller
from domain.organizations.signing_in import token_sha256
from tests.faults.proxy import Mood, proxied
from tests.world import Member, World

TOKEN = b"t" * 32
CHANGES = {
    "a revoked credential": "UPDATE credentials SET revoked_at = now() WHERE token_sha256 = $1",
    "roles of the credential": "UPDATE credentials SET roles = '[]' WHERE token_sha256 = $1",
    "roles of the member": """
UPDATE memberships SET roles = '[]' WHERE id = (SELECT membership_id FROM credentials WHERE token_sha256 = $1)""",
    "a suspended organisation": """
UPDATE organizations SET status = 'suspended' WHERE id = (
  SELECT organization_id FROM memberships m JOIN credentials c ON c.membership_id = m.id WHERE token_sha256 = $1)""",
}


def somebody() -> Caller:
    actor = Actor(
        person_id=PersonId(uuid4()),
        organization_id=OrganizationId(uuid4()),
        kind=OrganizationKind.SUPPLIER,
        roles=frozenset({Role.WORKSHOP_MANAGER}),
    )
    return Caller(actor=actor, credential_id=CredentialId(uuid4()), membership_id=MembershipId(uuid4()))


class Looking:
    """Counts how often it is asked; ``meanwhile`` happens while it looks."""

    def __init__(self, *, lasts: float = 3600, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.asked = 0
        self.caller = somebody()
        self._lasts = lasts
        self._meanwhile = meanwhile

    async def __call__(self, _token: bytes) -> Found:
        self.asked += 1
        self._meanwhile()
        return Found(caller=self.caller, lasts=self._lasts)


async def until(true: Callable[[], Awaitable[bool]], *, within: float) -> None:
    async with asyncio.timeout(within):
        while not await true():  # noqa: ASYNC110 - what another connection is told
            await asyncio.sleep(0.01)


async def remembers(callers: Callers, looking: Looking) -> bool:
    """Whether a second look was not needed."""
    await callers.of(TOKEN, looking)
    before = looking.asked
    await callers.of(TOKEN, looking)
    return looking.asked == before


def sha256(member: Member) -> bytes:
    return token_sha256(member.headers["Authorization"].removeprefix("Bearer "))


async def test_without_a_listener_nobody_is_remembered() -> None:
    looking = Looking()
    callers = Callers()
    for _ in range(3):
        assert await callers.of(TOKEN, looking) == looking.caller
    assert looking.asked == 3


async def test_a_remembered_caller_is_not_looked_for_again(dsn: str) -> None:
    looking = Looking()
    async with listening(dsn) as callers:
        await until(lambda: remembers(callers, looking), within=3)
        before = looking.asked
        for _ in range(100):
            assert await callers.of(TOKEN, looking) == looking.caller
        assert looking.asked == before


async def test_every_change_of_rights_is_known_to_another_process_within_a_second(
    world: World, database: Database, dsn: str
) -> None:
    for name, change in CHANGES.items():
        supplier = await world.supplier()
        async with listening(dsn) as callers, listening(dsn) as others:
            here = PostgresOrganizationQueries(database.reading, callers)
            there = PostgresOrganizationQueries(database.reading, others)
            for each in (callers, others):
                await until(partial(remembers, each, Looking()), within=3)
            before = [await each.caller(sha256(supplier)) for each in (here, there) for _ in range(2)]
            assert all(before), name
            async with database.raw.acquire() as connection:
                await connection.execute(change, sha256(supplier))

            async def changed(queries: PostgresOrganizationQueries = there, member: Member = supplier) -> bool:
                found = await queries.caller(sha256(member))
                return found is None or not found.actor.roles

            await until(changed, within=1)


async def test_other_changes_of_an_organisation_drop_nobody(world: World, database: Database, dsn: str) -> None:
    supplier = await world.supplier()
    looking = Looking()
    async with listening(dsn) as callers:
        await until(lambda: remembers(callers, looking), within=3)
        before = looking.asked
        async with database.engine.begin() as connection:
            renamed = text("UPDATE organizations SET phone = '+7 7232 999999', status = status WHERE id = :id")
            await connection.execute(renamed, {"id": supplier.id})
        await asyncio.sleep(0.2)
        await callers.of(TOKEN, looking)
        assert looking.asked == before


async def test_while_nothing_is_heard_nobody_is_remembered(dsn: str) -> None:
    """The network swallows everything and no connection breaks: silence alone must be enough."""
    looking = Looking()
    async with proxied(dsn, "callers") as proxy, listening(proxy.dsn) as callers:
        await until(lambda: remembers(callers, looking), within=5)
        proxy.mood = Mood(silent=True)
        await asyncio.sleep(FRESH_SECONDS)
        assert not await remembers(callers, looking)
        assert not await remembers(callers, looking)


async def test_a_lost_listener_comes_back(dsn: str) -> None:
    looking = Looking()
    async with listening(dsn) as callers:
        await until(lambda: remembers(callers, looking), within=3)
        admin = await asyncpg.connect(dsn)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query = 'SELECT 1' AND pid <> pg_backend_pid() AND datname = current_database()"
        )
        await admin.close()
        await asyncio.sleep(ASK_EVERY_SECONDS)
        await until(lambda: remembers(callers, looking), within=5)


async def test_what_was_found_before_a_change_is_not_remembered_after_it(dsn: str) -> None:
    """The change is told while the look-up is under way."""
    async with listening(dsn) as callers:
        await until(lambda: remembers(callers, Looking()), within=3)
        callers.drop()
        overtaken = Looking(meanwhile=callers.drop)
        await callers.of(TOKEN, overtaken)
        await callers.of(TOKEN, overtaken)
        assert overtaken.asked == 2


async def test_a_memory_ends_with_its_credential(dsn: str) -> None:
    async with listening(dsn) as callers:
        await until(lambda: remembers(callers, Looking()), within=3)
        callers.drop()
        ending = Looking(lasts=0.1)
        await callers.of(TOKEN, ending)
        await asyncio.sleep(0.15)
        await callers.of(TOKEN, ending)
        assert ending.asked == 2


async def test_the_memory_is_bounded(dsn: str) -> None:
    async with listening(dsn) as callers:
        await until(lambda: remembers(callers, Looking()), within=3)
        looking = Looking()
        for number in range(CALLERS_MAX + 1):
            await callers.of(number.to_bytes(32), looking)
        before = looking.asked
        await callers.of((0).to_bytes(32), looking)
        assert looking.asked == before + 1, "the oldest was forgotten"
