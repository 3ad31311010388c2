"""Solving: a worker takes a queued scenario, has it solved in another process, and stores what the checker accepts.

While it waits it renews a lease every second and learns in the same breath whether the scenario was cancelled. A worker
that is not heard of until the lease is over has lost it: another one takes it, and only the last who took it stores.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from domain.awards.checker import misstatements
from domain.awards.problem import Problem
from domain.awards.solution import Progress, Solution
from domain.errors import Unavailable
from domain.ids import ScenarioId
from domain.scenarios.figures import Figures, figures
from domain.scenarios.model import ATTEMPTS_MAX, Scenario, ScenarioStatus, SolvingFailure
from domain.scenarios.ports import Solver, SolverFailed
from domain.work import Begin

BEAT_SECONDS = 1.0
LEASE = timedelta(seconds=20)


@dataclass(slots=True)
class _Told:
    """The newest that the solver told; what nobody asked for in time is forgotten."""

    progress: Progress | None = None

    def __call__(self, progress: Progress) -> None:
        self.progress = progress


class Solving:
    def __init__(self, begin: Begin, solver: Solver, *, lease: timedelta = LEASE) -> None:
        self._begin = begin
        self._solver = solver
        self._lease = lease

    async def solve(self, id: ScenarioId) -> bool:
        """Take it, wait for it, store it; False where it was not to be had. Cancelled, it is left to the next at
        once.
        """
        taken = await self._take(id)
        if taken is None:
            return False
        scenario, problem = taken
        told = _Told()
        answering = asyncio.create_task(self._answer(scenario, problem, told))
        try:
            while not answering.done():
                await asyncio.wait({answering}, timeout=BEAT_SECONDS)
                if not answering.done() and not await self._beat(scenario, told.progress, self._lease):
                    return True
            await self._end(scenario, answering.result())
        except asyncio.CancelledError:
            await _ended(answering)
            await self._beat(scenario, told.progress, timedelta(0))
            raise
        finally:
            await _ended(answering)
        return True

    async def _take(self, id: ScenarioId) -> tuple[Scenario, Problem] | None:
        async with self._begin() as work:
            scenario = await work.scenarios.lock(id)
            if not scenario.is_open:
                return None
            leased_until, at = await work.scenario_runs.leased_until(id), await work.now()
            if scenario.status is ScenarioStatus.SOLVING:
                if leased_until is not None and leased_until > at:
                    return None
                if scenario.attempt >= ATTEMPTS_MAX:
                    failed, lost = scenario.fail(SolvingFailure.WORKERS_LOST, at=at)
                    await work.scenarios.save(failed, because=lost)
                    return None
            started, event = scenario.start(at=at)
            stored = await work.scenarios.save(started, because=event)
            await work.scenario_runs.beat(id, stored.attempt, None, leased_until=at + self._lease)
            return stored, await work.scenario_runs.problem(id)

    async def _answer(
        self, scenario: Scenario, problem: Problem, told: _Told
    ) -> tuple[Solution, Figures] | SolvingFailure:
        """The checker and the figures may take their time as well: neither stands in the event loop's way."""
        try:
            solution = await self._solver.solve(problem, scenario.engine, seconds=scenario.seconds, told=told)
        except SolverFailed as failed:
            return failed.failure
        if await asyncio.to_thread(misstatements, problem, solution):
            return SolvingFailure.SOLUTION_REFUSED
        return solution, await asyncio.to_thread(figures, problem, solution.allocation, scenario.facts)

    async def _beat(self, scenario: Scenario, progress: Progress | None, lease: timedelta) -> bool:
        """Whether anybody still waits. A database that does not answer is no reason to give up what is half done."""
        try:
            async with self._begin() as work:
                until = await work.now() + lease
                return await work.scenario_runs.beat(scenario.id, scenario.attempt, progress, leased_until=until)
        except Unavailable:
            return True

    async def _end(self, scenario: Scenario, answer: tuple[Solution, Figures] | SolvingFailure) -> None:
        async with self._begin() as work:
            present = await work.scenarios.lock(scenario.id)
            if not present.is_solved_by(scenario.attempt):
                return
            at = await work.now()
            if isinstance(answer, SolvingFailure):
                failed, failure = present.fail(answer, at=at)
                await work.scenarios.save(failed, because=failure)
            else:
                solved, solution = present.solve(*answer, at=at)
                await work.scenarios.save(solved, because=solution)


async def _ended(task: asyncio.Task[object]) -> None:
    """The solver's process is gone when this returns."""
    task.cancel()
    await asyncio.wait({task})
