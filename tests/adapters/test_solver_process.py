"""The solver's process: what becomes of it is told by a code, and the one who waits goes on."""

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress

import pytest

from adapters.solver.exact import Exact
from adapters.solver.process import ROOT, ProcessSolver
from domain.awards.checker import misstatements
from domain.awards.greedy import Greedy
from domain.awards.problem import Problem, Quota
from domain.awards.solution import Progress, Proof
from domain.scenarios.model import EngineChoice, SolvingFailure
from domain.scenarios.ports import SolverFailed
from tests.awards.examples import demand, offer, run, sewer
from tests.awards.watching import Watching

MISFORTUNE = "tests.awards.misfortune"
HALF = Quota(name="small", lots=(1,), bidders=frozenset({sewer(2), sewer(3)}), percent_min=50)  # type: ignore[arg-type]  # a whole number will do


def problem() -> Problem:
    """The cheapest alone fill it; with the quota not."""
    return Problem(
        demands=(demand(30, 20),),
        offers=(offer(1, "10.00", run(30, 20)), offer(2, "12.00", run(30, 20)), offer(3, "13.00", run(30, 20))),
        quotas=(HALF,),
    )


async def solved(name: str, *, seconds: int = 20, grace: float = 5, told: list[Progress] | None = None) -> object:
    solver = ProcessSolver(choosing=f"{MISFORTUNE}:{name}", grace=grace)
    try:
        return await solver.solve(
            problem(), EngineChoice.GREEDY, seconds=seconds, told=(told if told is not None else []).append
        )
    except SolverFailed as failed:
        return failed.failure


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@pytest.mark.parametrize("choice", EngineChoice)
async def test_our_engines_answer_from_their_process_as_they_do_here(choice: EngineChoice) -> None:
    solution = await ProcessSolver().solve(problem(), choice, seconds=60, told=lambda _: None)
    assert misstatements(problem(), solution) == ()
    if choice is EngineChoice.GREEDY:
        assert solution == Greedy().solve(problem(), Watching())
    else:
        assert (solution.engine, solution.proof) == (Exact().name, Proof.OPTIMAL)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("crashes", SolvingFailure.SOLVER_CRASHED),
        ("is_killed", SolvingFailure.SOLVER_KILLED),
        ("raises", SolvingFailure.ENGINE_FAILED),
        ("is_nowhere", SolvingFailure.ENGINE_FAILED),
    ],
)
async def test_a_solver_that_comes_to_grief_is_told_by_its_code(name: str, expected: SolvingFailure) -> None:
    assert await solved(name) is expected


async def test_what_an_engine_prints_is_no_answer() -> None:
    assert await solved("babbles") == Greedy().solve(problem(), Watching())


async def test_at_its_limit_an_engine_that_asks_answers_the_best_it_has() -> None:
    began = time.monotonic()
    solution = await solved("asks", seconds=1)
    assert getattr(solution, "engine", solution) == "asks/1"
    assert 1 <= time.monotonic() - began < 15


async def test_an_engine_that_does_not_ask_is_ended_at_its_limit_and_leaves_no_process() -> None:
    told: list[Progress] = []
    assert await solved("hangs", seconds=1, grace=0.5, told=told) is SolvingFailure.TIME_LIMIT
    assert not is_alive(told[0].effort)


async def test_whoever_stops_waiting_ends_the_process() -> None:
    first: asyncio.Future[Progress] = asyncio.get_running_loop().create_future()
    solver = ProcessSolver(choosing=f"{MISFORTUNE}:hangs")
    waiting = asyncio.create_task(solver.solve(problem(), EngineChoice.GREEDY, seconds=600, told=first.set_result))
    child = (await first).effort
    assert is_alive(child)
    waiting.cancel()
    began = time.monotonic()
    with suppress(asyncio.CancelledError):
        await waiting
    assert time.monotonic() - began < 1
    assert not is_alive(child)


WORKER = f"""
import asyncio, sys
from adapters.solver.process import ProcessSolver
from domain.scenarios.model import EngineChoice
from tests.adapters.test_solver_process import problem

def told(progress):
    print(progress.effort, flush=True)

asyncio.run(ProcessSolver(choosing="{MISFORTUNE}:hangs").solve(
    problem(), EngineChoice.GREEDY, seconds=600, told=told))
"""


async def test_a_worker_that_is_killed_takes_its_solver_with_it() -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert worker.stdout is not None
    child = int(await asyncio.wait_for(worker.stdout.readline(), 60))
    assert is_alive(child)
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    for _ in range(100):
        if not is_alive(child) or _is_zombie(child):
            return
        await asyncio.sleep(0.05)
    pytest.fail("the solver outlives its worker")


def _is_zombie(pid: int) -> bool:
    """Ended, and nobody has asked for its status: whoever inherits it may take his time."""
    with suppress(FileNotFoundError), open(f"/proc/{pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123 - a look at the kernel
        return stat.read().rpartition(")")[2].split()[0] == "Z"
    return True


async def test_the_solver_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIMAQ_STRIPE_SECRET_KEY", "sk_live_1")
    solver = ProcessSolver(choosing=f"{MISFORTUNE}:shows_its_environment")
    with pytest.raises(SolverFailed, match="PATH") as failed:
        await solver.solve(problem(), EngineChoice.GREEDY, seconds=20, told=lambda _: None)
    assert "OIMAQ" not in str(failed.value)
