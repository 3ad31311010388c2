"""The solver's own process: ``python -m adapters.solver.child CHOOSING SECONDS`` (see ``process.py``).

It reads one question, tells of its progress now and then, answers, and ends. It ends without an answer when nobody
waits any more, or when it has used far more processor time than it was given.
"""

import importlib
import json
import os
import resource
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from adapters.postgres.codec import converter, dumps
from domain.awards.problem import Problem
from domain.awards.solution import Engine, Progress, Solution
from domain.scenarios.model import EngineChoice

TELL_SECONDS = 0.5
SPARE_SECONDS = 30
NICENESS = 5
"""Bids and deadlines go before scenarios."""


@dataclass(slots=True)
class Deadline:
    """The engine's watch. ``told`` writes to the worker, but not at every step."""

    out: IO[str]
    ends_at: float
    _told_at: float = field(default=0.0)

    def told(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._told_at >= TELL_SECONDS:
            self._told_at = now
            say(self.out, "progress", progress)

    def stopped(self) -> bool:
        return time.monotonic() >= self.ends_at


def main(choosing: str, seconds: int) -> None:
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    _give_way()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + SPARE_SECONDS, seconds + SPARE_SECONDS + 1))
    question = json.loads(sys.stdin.buffer.readline())
    say(out, "begun", str(os.getpid()))
    ends_at = time.monotonic() + seconds
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    try:
        solution = _solved(choosing, question, Deadline(out, ends_at))
    except Exception as error:  # noqa: BLE001 - whatever an engine raises is told, and is the end of it
        say(out, "error", f"{type(error).__name__}: {error}")
    else:
        say(out, "solution", solution)


def _give_way() -> None:
    """To everything else on the machine: when the kernel is short of memory it takes this process first."""
    os.nice(NICENESS)
    with suppress(OSError):  # only Linux has it
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def say(out: IO[str], kind: str, value: Progress | Solution | str) -> None:
    print(dumps({kind: converter.unstructure(value)}), file=out, flush=True)


def _solved(choosing: str, question: dict[str, Any], watch: Deadline) -> Solution:
    module, _, function = choosing.partition(":")
    problem = converter.structure(question["problem"], Problem)
    engine: Engine = getattr(importlib.import_module(module), function)(EngineChoice(question["engine"]), problem)
    return engine.solve(problem, watch)


def _end_with_the_worker() -> None:
    """Nothing more is ever said to this process: an end of its input means that nobody waits."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
