"""Workers and their scenarios: one that dies is followed by another, one that comes late stores nothing."""

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from adapters.postgres.engine import connected
from adapters.postgres.roles import DatabaseRole
from adapters.postgres.work import Transactions
from adapters.solver.process import ROOT, ProcessSolver
from domain.awards.greedy import Greedy
from domain.awards.problem import Problem
from domain.awards.solution import Progress, Solution
from domain.ids import ScenarioId
from domain.scenarios.model import EngineChoice
from domain.scenarios.ports import Solver
from domain.scenarios.solving import Solving
from domain.work import Begin
from tests.api.test_scenarios import Market
from tests.awards.watching import Watching
from tests.world import KEYRING, Databases, World

NO_LEASE = timedelta(0)
EVENTS = text("SELECT type FROM events WHERE subject_id = :id ORDER BY at, id")


@dataclass
class Waits:
    """A solver in this process that answers when it is let."""

    may: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def solve(
        self, problem: Problem, engine: EngineChoice, *, seconds: int, told: Callable[[Progress], None]
    ) -> Solution:
        del engine, seconds, told
        self.asked.set()
        await self.may.wait()
        return Greedy().solve(problem, Watching())


class Breaks:
    """A solver that nobody expected to break in this way."""

    async def solve(
        self, problem: Problem, engine: EngineChoice, *, seconds: int, told: Callable[[Progress], None]
    ) -> Solution:
        raise MemoryError(problem, engine, seconds, told)


def worker(database: Databases, solver: Solver, lease: timedelta = NO_LEASE) -> Solving:
    return Solving(begin_of(database), solver, lease=lease)


def begin_of(database: Databases) -> Begin:
    return Transactions(database.worker.engine.begin, KEYRING.answers)


def at_once() -> Waits:
    solver = Waits()
    solver.may.set()
    return solver


async def kinds(database: Databases, id: ScenarioId) -> list[str]:
    async with database.owner.reading.connect() as connection:
        return list((await connection.execute(EVENTS, {"id": id})).scalars())


async def test_a_result_is_stored_once_though_two_workers_have_it(world: World, database: Databases) -> None:
    market = await Market.open(world)
    id = ScenarioId(UUID((await market.scenario())["id"]))
    late = Waits()
    first = asyncio.create_task(worker(database, late).solve(id))
    await late.asked.wait()
    assert await worker(database, at_once()).solve(id)
    late.may.set()
    assert await first
    assert await kinds(database, id) == ["scenario.made", "scenario.started", "scenario.started", "scenario.solved"]
    seen = (await market.seen({"id": id}))["scenario"]
    assert seen["status"] == "solved"


async def test_a_scenario_that_ends_worker_after_worker_is_given_up(world: World, database: Databases) -> None:
    market = await Market.open(world)
    id = ScenarioId(UUID((await market.scenario())["id"]))
    for _ in range(3):
        with pytest.raises(MemoryError):
            await worker(database, Breaks()).solve(id)
    assert id in await world.worker.scenarios.waiting(limit=1000)
    assert not await worker(database, at_once()).solve(id)
    seen = (await market.seen({"id": id}))["scenario"]
    assert (seen["status"], seen["failure"]) == ("failed", "workers_lost")
    assert id not in await world.worker.scenarios.waiting(limit=1000)


async def test_a_worker_that_is_killed_loses_its_lease_and_another_solves_it(
    world: World, database: Databases, dsn: str
) -> None:
    market = await Market.open(world)
    made = await market.scenario(seconds=600)
    id = ScenarioId(UUID(made["id"]))
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.adapters.test_scenario_leases", str(id),
        cwd=ROOT, env={**os.environ, "OIMAQ_TEST_DSN": dsn},
    )  # fmt: skip
    await market.until(made, "solving")
    other = worker(database, ProcessSolver(), timedelta(seconds=60))
    assert not await other.solve(id), "its lease has not ended"
    victim.kill()
    await victim.wait()
    await asyncio.wait_for(_persisting(other, id), 60)
    seen = (await market.seen(made))["scenario"]
    assert (seen["status"], seen["stated"]["engine"]) == ("solved", "greedy/2")


async def _persisting(solving: Solving, id: ScenarioId) -> None:
    while True:
        if await solving.solve(id):
            return
        await asyncio.sleep(0.2)


async def _hang(dsn: str, id: str) -> None:
    """A worker whose engine hangs; it is killed from outside."""
    async with connected(dsn, pool_size=2, role=DatabaseRole.WORKER) as database:
        begin = Transactions(database.engine.begin, KEYRING.answers)
        solver = ProcessSolver(choosing="tests.awards.misfortune:hangs")
        await Solving(begin, solver, lease=timedelta(seconds=4)).solve(ScenarioId(UUID(id)))


if __name__ == "__main__":
    asyncio.run(_hang(os.environ["OIMAQ_TEST_DSN"], sys.argv[1]))
