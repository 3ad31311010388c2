"""The job queue: seen only after the commit, awake when due, run again when a worker died, harmless when it fails."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from adapters.postgres.engine import connected
from adapters.postgres.migrate import migrate
from adapters.postgres.queue import Handler, run_jobs
from adapters.postgres.work import Transactions
from domain.ids import TenderId
from domain.tenders.tendering import OPEN_TENDER
from domain.work import Begin, Job
from tests.conftest import fresh_database
from tests.world import KEYRING, built

PATIENCE = 20.0


@pytest.fixture
async def own(server_dsn: str) -> AsyncIterator[tuple[str, Begin]]:
    """A database of its own: other tests' jobs are not to be run here."""
    async with fresh_database(server_dsn, f"oimaq_queue_{os.getpid()}") as dsn:
        await migrate(dsn)
        async with connected(dsn, pool_size=2) as database:
            yield dsn, Transactions(database.engine.begin, KEYRING.answers)


async def schedule(begin: Begin, *jobs: Job) -> None:
    async with begin() as work:
        for job in jobs:
            await work.jobs.schedule(job)


@asynccontextmanager
async def worker(dsn: str, handler: Handler, *, kind: str = "sample") -> AsyncIterator[asyncio.Task[None]]:
    stop = asyncio.Event()
    task = asyncio.create_task(run_jobs(dsn, {kind: handler}, stop=stop, heartbeat=timedelta(seconds=2)))
    try:
        yield task
    finally:
        stop.set()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(task, PATIENCE)


@pytest.mark.xdist_group("queue")
async def test_a_timer_wakes_when_it_is_due_and_a_rolled_back_job_never(own: tuple[str, Begin]) -> None:
    dsn, begin = own
    ran: asyncio.Queue[tuple[str, datetime]] = asyncio.Queue()
    due = datetime.now(UTC) + timedelta(seconds=1.5)
    with suppress(LookupError):
        async with begin() as work:
            await work.jobs.schedule(Job(kind="sample", subject="never"))
            raise LookupError
    later = Job(kind="sample", subject="later", due_at=due)
    await schedule(begin, later, later, Job(kind="sample", subject="now"))

    async def note(subject: str) -> None:
        await ran.put((subject, datetime.now(UTC)))

    async with worker(dsn, note):
        first, second = [await asyncio.wait_for(ran.get(), PATIENCE) for _ in range(2)]
        assert (first[0], second[0]) == ("now", "later")
        assert first[1] < due <= second[1]
        await asyncio.sleep(1.2)
    assert ran.empty()  # the same timer twice is one job


@pytest.mark.xdist_group("queue")
async def test_a_dead_workers_job_runs_again_and_a_failing_one_ends_nobody(own: tuple[str, Begin]) -> None:
    dsn, begin = own
    taken, ran = asyncio.Event(), asyncio.Queue[str]()
    await schedule(begin, Job(kind="sample", subject="job"))

    async def hang(_subject: str) -> None:
        taken.set()
        await asyncio.sleep(3600)

    async with worker(dsn, hang) as doomed:
        await asyncio.wait_for(taken.wait(), PATIENCE)
        doomed.cancel()

    async def note(subject: str) -> None:
        await ran.put(subject)
        if subject == "bad":
            raise RuntimeError("a job may fail")

    await schedule(begin, Job(kind="sample", subject="bad"))
    async with worker(dsn, note):
        seen = {await asyncio.wait_for(ran.get(), PATIENCE) for _ in range(2)}
    assert seen == {"bad", "job"}


@pytest.mark.xdist_group("queue")
async def test_an_extended_tender_is_opened_at_its_new_deadline_and_the_old_timer_does_no_harm(
    own: tuple[str, Begin],
) -> None:
    """Nobody touches the tender but the worker's jobs: what they leave it as is read behind the application's back."""
    dsn, _ = own
    seen: asyncio.Queue[tuple[str, datetime]] = asyncio.Queue()
    async with connected(dsn, pool_size=4) as database, built(database) as world:
        buyer = await world.buyer()
        found = await world.published(buyer, seconds=2.0)
        path, closes_at = f"/v1/tenders/{found['id']}", datetime.now(UTC) + timedelta(seconds=3.5)
        body = {"closes_at": closes_at.isoformat().replace("+00:00", "Z"), "reason": "More time"}
        await buyer.made(f"{path}/extension", body, If_Match='"2"')

        async def opens(subject: str) -> None:
            tender = await world.application.tendering.apply_due(TenderId(UUID(subject)))
            await seen.put((tender.status, datetime.now(UTC)))

        async with worker(dsn, opens, kind=OPEN_TENDER):
            early, late = [await asyncio.wait_for(seen.get(), PATIENCE) for _ in range(2)]
    assert (early[0], late[0]) == ("published", "failed")
    assert datetime.fromisoformat(found["closes_at"]) <= early[1] < closes_at <= late[1]
