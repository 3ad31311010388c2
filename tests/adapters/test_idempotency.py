"""The unit of work keeps an answer in its command's own transaction: one key, one effect, one answer."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.exceptions import CryptoError
from sqlalchemy import text

from adapters.postgres.engine import Database
from adapters.postgres.work import Transactions
from adapters.sealing.deployment import AnswerKeeping
from domain.actors import Actor, OrganizationKind, Role
from domain.events import By
from domain.ids import OrganizationId, PersonId
from domain.organizations.people import Person
from domain.work import AlreadyAnswered, Answer, Command, InFlight, KeyReused
from tests.world import KEYRING

MINE, YOURS = OrganizationId(uuid4()), OrganizationId(uuid4())


def command(key: str, *, of: OrganizationId = MINE, fingerprint: bytes = b"same") -> Command:
    def render(result: Any) -> Answer:
        return Answer(status=201, headers={"ETag": '"1"'}, body=f'{{"id":"{result.id}"}}'.encode())

    actor = Actor(
        person_id=PersonId(uuid4()), organization_id=of, kind=OrganizationKind.BUYER, roles=frozenset({Role.OFFICER})
    )
    return Command(by=actor, key=key, fingerprint=fingerprint, render=render)


async def nothing() -> None:
    """The step does nothing more."""


async def register(database: Database, command: Command, *, then: Callable[[], Awaitable[None]] = nothing) -> Answer:
    """A command with an effect that can be counted: a person whose name is the key. ``then`` runs before the commit."""
    async with Transactions(database.engine.begin, KEYRING.answers)(command) as work:
        id = PersonId(uuid4())
        name = command.key or ""
        at = datetime.now(UTC)
        person = Person(id=id, email=f"{id}@keys.example", name=name, password_hash="x", registered_at=at)
        work.answers(await work.people.save(person, because=person.registered(by=By.actor(command.by))))
        await then()
    assert command.answer is not None
    return command.answer


async def effects(database: Database, key: str) -> int:
    async with database.reading.connect() as connection:
        found = await connection.execute(text("SELECT count(*) FROM people WHERE name = :key"), {"key": key})
        return int(found.scalar_one())


async def test_a_retry_is_answered_as_the_first_time_and_changes_nothing(database: Database) -> None:
    key = str(uuid4())
    first = await register(database, command(key))
    with pytest.raises(AlreadyAnswered) as again:
        await register(database, command(key))
    assert again.value.answer == first
    assert await effects(database, key) == 1


async def test_a_key_belongs_to_one_request(database: Database) -> None:
    key = str(uuid4())
    await register(database, command(key))
    with pytest.raises(KeyReused):
        await register(database, command(key, fingerprint=b"other"))
    assert await effects(database, key) == 1


async def test_another_organisation_may_use_the_same_key(database: Database) -> None:
    key = str(uuid4())
    mine = await register(database, command(key))
    yours = await register(database, command(key, of=YOURS))
    assert mine != yours
    assert await effects(database, key) == 2


async def test_a_request_in_flight_is_not_waited_for_and_is_replayed_when_it_is_done(database: Database) -> None:
    key = str(uuid4())

    async def retry() -> None:
        with pytest.raises(InFlight):
            await asyncio.wait_for(register(database, command(key)), timeout=2)

    first = await register(database, command(key), then=retry)
    with pytest.raises(AlreadyAnswered) as again:
        await register(database, command(key))
    assert again.value.answer == first
    assert await effects(database, key) == 1


async def test_a_command_that_failed_leaves_its_key_free(database: Database) -> None:
    key = str(uuid4())

    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await register(database, command(key), then=fail)
    assert await effects(database, key) == 0
    await register(database, command(key, fingerprint=b"corrected"))
    assert await effects(database, key) == 1


async def test_many_at_once_have_one_effect_and_one_answer(database: Database) -> None:
    key = str(uuid4())
    told = await asyncio.gather(*(register(database, command(key)) for _ in range(12)), return_exceptions=True)
    assert all(isinstance(each, Answer | AlreadyAnswered | InFlight) for each in told)
    answers = [each for each in told if isinstance(each, Answer)]
    answers += [each.answer for each in told if isinstance(each, AlreadyAnswered)]
    assert len({answer.body for answer in answers}) == 1
    assert await effects(database, key) == 1


async def test_a_command_that_ends_without_an_answer_is_a_mistake_and_stores_nothing(database: Database) -> None:
    key = str(uuid4())

    async def forget() -> None:
        async with Transactions(database.engine.begin, KEYRING.answers)(command(key)) as work:
            await work.now()

    with pytest.raises(RuntimeError):
        await forget()
    await register(database, command(key, fingerprint=b"corrected"))


async def test_a_kept_answer_is_stored_readable_with_its_key_only(database: Database) -> None:
    """Neither the key nor the request's fingerprint nor a byte of the answer: a dump tells nothing of them."""
    key, print_ = str(uuid4()), b"a fingerprint of what could be guessed"
    answer = await register(database, command(key, fingerprint=print_))
    under = KEYRING.answers.under(MINE, key)
    async with database.reading.connect() as connection:
        found = await connection.execute(text("SELECT * FROM kept_answers WHERE name = :name"), {"name": under.name})
    row = found.mappings().one()
    stored = b"".join(bytes(row[column]) for column in ("name", "fingerprint", "answer"))
    for told in (key.encode(), MINE.bytes, print_, sha256(print_).digest(), answer.body, b"ETag"):
        assert told not in stored
    assert under.opened(row["answer"]) == answer
    for other in (KEYRING.answers.under(MINE, key + "x"), KEYRING.answers.under(YOURS, key)):
        assert other.name != under.name
        with pytest.raises(CryptoError):
            other.opened(row["answer"])
    with pytest.raises(CryptoError):
        AnswerKeeping(b"e" * 32).under(MINE, key).opened(row["answer"])


@given(st.integers(200, 299), st.dictionaries(st.text(), st.text()), st.binary())
def test_an_answer_comes_back_byte_for_byte(status: int, headers: dict[str, str], body: bytes) -> None:
    answer = Answer(status=status, headers=headers, body=body)
    under = KEYRING.answers.under(MINE, "key")
    assert under.opened(under.sealed(answer)) == answer
