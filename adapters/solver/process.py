"""A solver as a process of its own: whatever becomes of it, the worker goes on.

The protocol is lines of JSON: the problem goes in as one, lines of progress and one answer come out (``child.py``).
Nothing is unpickled. The child's standard input stays open while somebody waits: a child whose worker has died ends
itself. It inherits none of the worker's secrets.
"""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from adapters.postgres.codec import converter, dumps
from domain.awards.problem import Problem
from domain.awards.solution import Progress, Solution
from domain.scenarios.model import EngineChoice, SolvingFailure
from domain.scenarios.ports import SolverFailed

ROOT = Path(__file__).resolve().parents[2]
OURS = "adapters.solver.engines:engine_for"
GRACE_SECONDS = 5.0
"""An engine is asked to stop between its steps; after this it is not asked any more."""
START_SECONDS = 60.0
"""Until the child has read the question: a busy machine is no fault of an engine's."""
LINE_BYTES_MAX = 256 * 1024 * 1024
COMPLAINT_BYTES = 2000
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR", "SYSTEMROOT")

log = structlog.get_logger("oimaq.solver")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSolver:
    """``choosing`` names the function that chooses an engine, as ``module:function`` of this code."""

    choosing: str = OURS
    grace: float = GRACE_SECONDS

    async def solve(
        self, problem: Problem, engine: EngineChoice, *, seconds: int, told: Callable[[Progress], None]
    ) -> Solution:
        question = await asyncio.to_thread(_question, problem, engine, seconds)
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "adapters.solver.child", self.choosing, str(seconds),
            stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=ROOT, env=_environment(), limit=LINE_BYTES_MAX,
            start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(START_SECONDS) as limit:
                loop = asyncio.get_running_loop()
                return await _conversation(
                    child, question, told, begun=lambda: limit.reschedule(loop.time() + seconds + self.grace)
                )
        except TimeoutError:
            raise SolverFailed(SolvingFailure.TIME_LIMIT) from None
        finally:
            if child.returncode is None:
                child.kill()
            await child.wait()


async def _conversation(
    child: Process, question: bytes, told: Callable[[Progress], None], *, begun: Callable[[], None]
) -> Solution:
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise RuntimeError("the child was started with pipes")
    complaints = asyncio.create_task(_last_of(child.stderr))
    try:
        try:
            child.stdin.write(question)
            await child.stdin.drain()
            while line := await child.stdout.readline():
                answer = _read(json.loads(line), told, begun)
                if answer is not None:
                    return answer
        except SolverFailed:
            raise
        except Exception as error:  # whatever it said, it was no answer
            log.warning("the solver's answer cannot be read", error=type(error).__name__)
            raise SolverFailed(SolvingFailure.SOLVER_CRASHED, type(error).__name__) from error
        status = await child.wait()
        complaint = (await complaints).decode(errors="replace")
        log.warning("the solver ended without an answer", status=status, complaint=complaint)
        raise SolverFailed(_failure_of(status), complaint)
    finally:
        complaints.cancel()


def _read(line: dict[str, Any], told: Callable[[Progress], None], begun: Callable[[], None]) -> Solution | None:
    match line:
        case {"begun": _}:
            begun()
            return None
        case {"progress": progress}:
            told(converter.structure(progress, Progress))
            return None
        case {"solution": solution}:
            return converter.structure(solution, Solution)
        case {"error": error}:
            raise SolverFailed(SolvingFailure.ENGINE_FAILED, str(error))
    raise ValueError("the solver said something else")


async def _last_of(stream: asyncio.StreamReader) -> bytes:
    """Read all of it, so that the child can go on, and keep the end."""
    kept = b""
    while more := await stream.read(COMPLAINT_BYTES):
        kept = (kept + more)[-COMPLAINT_BYTES:]
    return kept


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def _failure_of(status: int) -> SolvingFailure:
    """A child that used up its processor time was over its limit as well."""
    if status == -signal.SIGXCPU:
        return SolvingFailure.TIME_LIMIT
    return SolvingFailure.SOLVER_KILLED if status == -signal.SIGKILL else SolvingFailure.SOLVER_CRASHED


def _question(problem: Problem, engine: EngineChoice, seconds: int) -> bytes:
    asked = {"problem": converter.unstructure(problem), "engine": engine.value, "seconds": seconds}
    return dumps(asked).encode() + b"\n"
