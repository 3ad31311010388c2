"""Bids that come at one moment: each is answered for itself, once, whatever befalls its neighbours."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.postgres.batches import Batches
from adapters.postgres.failpoints import failing_intake, parse
from adapters.postgres.intake import PostgresIntake, patient
from domain.actors import Actor, OrganizationKind, Role
from domain.bids.envelope import BidSubmitted, Envelope
from domain.bids.intake import Intake, Posting
from domain.bids.model import BidExists
from domain.ids import OrganizationId, PersonId
from domain.tenders.model import BiddingClosed, TenderNotFound
from domain.work import AlreadyAnswered, Answer, Busy, Command, InFlight, KeyReused
from tests.adapters.test_store_sealed_bid import envelope, execute
from tests.world import KEYRING, Databases, World


async def stands() -> None:
    """Nothing of the signed history is missing."""


def real(database: Databases) -> Intake:
    return PostgresIntake(database.intake, KEYRING.answers, stands)


def failing(database: Databases, places: str) -> Intake:
    return failing_intake(parse(places))(database.intake, KEYRING.answers, stands)


def command(*, fingerprint: bytes = b"same") -> Command:
    """Of a supplier of its own, with a key of its own."""
    actor = Actor(
        person_id=PersonId(uuid4()),
        organization_id=OrganizationId(uuid4()),
        kind=OrganizationKind.SUPPLIER,
        roles=frozenset({Role.WORKSHOP_MANAGER}),
    )
    return Command(by=actor, key=str(uuid4()), fingerprint=fingerprint, render=rendered)


def again(command: Command, *, fingerprint: bytes = b"same") -> Command:
    return Command(by=command.by, key=command.key, fingerprint=fingerprint, render=rendered)


def rendered(result: Any) -> Answer:
    return Answer(status=201, headers={"ETag": '"1"'}, body=str(result).encode())


def received(envelope: Envelope) -> str:
    return f"{envelope.id} at {envelope.received_at.isoformat()}"


def posting(
    tender_id: str, command: Command, *, finished: Callable[[Envelope], Any] = received, **more: Any
) -> Posting[Any]:
    made = envelope(tender_id, **more)
    return Posting(envelope=made, because=BidSubmitted, command=command, finished=finished)


async def all_of(intake: Intake, postings: Sequence[Posting[Any]]) -> list[Any]:
    return await asyncio.gather(*(intake.post(each) for each in postings), return_exceptions=True)


async def counts(database: Databases, ids: Sequence[UUID]) -> tuple[int, int]:
    """Bids, and events of them."""
    async with database.owner.raw.acquire() as connection:
        bids = await connection.fetchval("SELECT count(*) FROM sealed_bids WHERE id = ANY($1::uuid[])", ids)
        events = await connection.fetchval("SELECT count(*) FROM events WHERE subject_id = ANY($1::uuid[])", ids)
    return bids, events


async def transactions_of(database: Databases, ids: Sequence[UUID]) -> int:
    async with database.owner.raw.acquire() as connection:
        found: int = await connection.fetchval(
            "SELECT count(DISTINCT xmin::text) FROM sealed_bids WHERE id = ANY($1::uuid[])", ids
        )
    return found


@pytest.fixture
async def tender_id(world: World) -> str:
    found = await world.published(await world.buyer())
    return str(found["id"])


async def test_bids_of_one_moment_are_one_transaction(database: Databases, tender_id: str) -> None:
    postings = [posting(tender_id, command()) for _ in range(20)]
    told = await all_of(real(database), postings)
    ids = [each.envelope.id for each in postings]
    assert [answer.partition(" ")[0] for answer in told] == [str(id) for id in ids]
    assert await counts(database, ids) == (20, 20)
    assert await transactions_of(database, ids) == 1
    assert [each.command.answer for each in postings] == [rendered(answer) for answer in told]


async def test_what_is_refused_leaves_its_neighbours_alone(database: Databases, world: World, tender_id: str) -> None:
    closed = await world.published(await world.buyer())
    await execute(database, "UPDATE tenders SET status = 'cancelled' WHERE id = :id", id=closed["id"])
    first = posting(tender_id, command())
    good = [first, posting(tender_id, command()), posting(tender_id, command())]
    twice = posting(tender_id, command(), bidder_tag=first.envelope.bidder_tag)
    bad = [twice, posting(closed["id"], command()), posting(str(uuid4()), command())]
    intake = real(database)
    await intake.post(first)
    told = await all_of(intake, [good[1], *bad, good[2]])
    assert [type(each) for each in told] == [str, BidExists, BiddingClosed, TenderNotFound, str]
    assert await counts(database, [each.envelope.id for each in good]) == (3, 3)
    assert await counts(database, [each.envelope.id for each in bad]) == (0, 0)
    assert await intake.post(posting(tender_id, again(bad[1].command))), "what is refused leaves its key free"


async def test_what_nobody_expects_leaves_its_neighbours_alone(database: Databases, tender_id: str) -> None:
    def breaks(_: Envelope) -> Any:
        raise ZeroDivisionError

    postings = [posting(tender_id, command()) for _ in range(6)]
    postings[3] = posting(tender_id, command(), finished=breaks)
    told = await all_of(real(database), postings)
    assert [type(each) for each in told] == [str, str, str, ZeroDivisionError, str, str]
    assert await counts(database, [each.envelope.id for each in postings]) == (5, 5)


@pytest.mark.parametrize("place", ["intake.begin.after", "commit.before"])
async def test_a_cut_connection_is_busy_and_each_retry_is_carried_out_once(
    database: Databases, tender_id: str, place: str
) -> None:
    intake = failing(database, f"{place}=cut")
    postings = [posting(tender_id, command()) for _ in range(8)]
    ids = [each.envelope.id for each in postings]
    assert [type(each) for each in await all_of(intake, postings)] == [Busy] * 8
    assert await counts(database, ids) == (0, 0)
    retries = [Posting(**{**_fields(each), "command": again(each.command)}) for each in postings]
    assert all(isinstance(each, str) for each in await all_of(intake, retries))
    assert await counts(database, ids) == (8, 8)


async def test_who_was_stored_and_not_told_is_told_by_his_key(database: Databases, tender_id: str) -> None:
    """The database has committed, and nobody knows: the answers are found, and nothing is stored twice."""
    intake = failing(database, "commit.after=exception")
    postings = [posting(tender_id, command()) for _ in range(8)]
    told = await all_of(intake, postings)
    assert [type(each) for each in told] == [AlreadyAnswered] * 8
    assert await counts(database, [each.envelope.id for each in postings]) == (8, 8)
    for each, answered in zip(postings, told, strict=True):
        assert answered.answer.body.startswith(str(each.envelope.id).encode())
        retry = posting(tender_id, again(each.command))
        with pytest.raises(AlreadyAnswered) as found:
            await intake.post(retry)
        assert found.value.answer == answered.answer
        with pytest.raises(KeyReused):
            await intake.post(posting(tender_id, again(each.command, fingerprint=b"other")))


async def test_the_same_request_twice_at_one_moment_has_one_effect(database: Databases, tender_id: str) -> None:
    mine = command()
    postings = [posting(tender_id, mine), posting(tender_id, again(mine)), posting(tender_id, command())]
    told = await all_of(real(database), postings)
    assert sorted(type(each).__name__ for each in told) == ["InFlight", "str", "str"]
    assert await counts(database, [each.envelope.id for each in postings]) == (2, 2)
    elsewhere = await all_of(real(database), [posting(tender_id, again(mine))])
    assert isinstance(elsewhere[0], AlreadyAnswered)


async def test_a_request_that_another_process_carries_out_is_in_flight(database: Databases, tender_id: str) -> None:
    mine = command()
    under = KEYRING.answers.under(mine.by.organization_id, mine.key or "")
    async with database.raw.acquire() as other, other.transaction():
        lock = int.from_bytes(under.name[:8], signed=True)
        assert await other.fetchval("SELECT pg_try_advisory_xact_lock($1)", lock)
        told = await all_of(real(database), [posting(tender_id, mine), posting(tender_id, command())])
    assert [type(each) for each in told] == [InFlight, str]


async def test_a_tender_that_is_being_changed_holds_up_its_own_bids_only(
    database: Databases, world: World, tender_id: str
) -> None:
    held = await world.published(await world.buyer())
    waiting, free = posting(held["id"], command()), posting(tender_id, command())
    intake = real(database)
    async with database.raw.acquire() as other:
        async with other.transaction():
            await other.execute("SELECT FROM tenders WHERE id = $1 FOR UPDATE", UUID(held["id"]))
            late = asyncio.create_task(intake.post(waiting))
            assert await asyncio.wait_for(intake.post(free), timeout=3)
            assert await asyncio.wait_for(intake.post(posting(tender_id, command())), timeout=3)
            assert not late.done()
        assert await asyncio.wait_for(late, timeout=3)


async def test_who_goes_away_harms_nobody(database: Databases, tender_id: str) -> None:
    postings = [posting(tender_id, command()) for _ in range(5)]
    intake = real(database)
    tasks = [asyncio.create_task(intake.post(each)) for each in postings]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks[2].cancel()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in told] == [str, str, asyncio.CancelledError, str, str]
    with pytest.raises(AlreadyAnswered):
        await intake.post(posting(tender_id, again(postings[2].command)))


async def test_an_answer_that_never_comes_is_busy_and_its_connection_given_up(
    database: Databases, tender_id: str
) -> None:
    seen: list[asyncpg.Connection] = []

    @asynccontextmanager
    async def silent() -> AsyncIterator[asyncpg.Connection]:
        async with patient(database.intake, within=0.2) as connection:
            seen.append(connection._con)
            await connection.fetchval("SELECT pg_sleep(30)")
            yield connection

    intake = PostgresIntake(database.intake, KEYRING.answers, stands, transaction=silent, within=5)
    told = await all_of(intake, [posting(tender_id, command()), posting(tender_id, command())])
    assert [type(each) for each in told] == [Busy, Busy]
    assert [each.is_closed() for each in seen] == [True]


async def test_a_batch_has_a_size_and_the_queue_an_end() -> None:
    batches: list[int] = []
    go = asyncio.Event()

    async def run(items: Sequence[int]) -> Sequence[int]:
        await go.wait()
        batches.append(len(items))
        return [item * 2 for item in items]

    queue: Batches[int, int] = Batches(run, items_max=4, waiting_max=10)
    tasks = [asyncio.create_task(queue.put(number)) for number in range(10)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await queue.put(10)
    go.set()
    assert await asyncio.gather(*tasks) == [number * 2 for number in range(10)]
    assert (sum(batches), max(batches)) == (10, 4)


def _fields(posting: Posting[Any]) -> dict[str, Any]:
    return {"envelope": posting.envelope, "because": posting.because, "finished": posting.finished}
