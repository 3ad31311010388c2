"""Engines that come to grief in their own process, chosen by name as ours are: ``tests.awards.misfortune:hangs``."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from domain.awards.greedy import Greedy
from domain.awards.problem import Problem
from domain.awards.solution import Engine, Progress, Proof, Solution, Watch
from domain.money import Money
from domain.scenarios.model import EngineChoice


@dataclass(frozen=True, slots=True)
class Misfortune:
    """What happens instead of solving."""

    strikes: Callable[[Problem, Watch], Solution]

    @property
    def name(self) -> str:
        return "misfortune/1"

    def solve(self, problem: Problem, watch: Watch, *, effort: int | None = None) -> Solution:
        del effort
        return self.strikes(problem, watch)


def greedy(problem: Problem, watch: Watch) -> Solution:
    return Greedy().solve(problem, watch)


def hangs(_: EngineChoice, __: Problem) -> Engine:
    """Never asks whether it should stop, and tells of one step."""

    def strikes(problem: Problem, watch: Watch) -> Solution:
        watch.told(Progress(effort=os.getpid(), worth=Money.of("12.50"), bound=None))
        time.sleep(3600)
        return greedy(problem, watch)

    return Misfortune(strikes)


def asks(_: EngineChoice, __: Problem) -> Engine:
    """Works for as long as it may, and then answers what it has."""

    def strikes(problem: Problem, watch: Watch) -> Solution:
        while not watch.stopped():
            time.sleep(0.01)
        return replace(greedy(problem, _Free()), engine="asks/1", effort=7)

    return Misfortune(strikes)


@dataclass(frozen=True)
class _Free:
    def told(self, progress: Progress) -> None: ...

    def stopped(self) -> bool:
        return False


def crashes(_: EngineChoice, __: Problem) -> Engine:
    def strikes(*_: object) -> Solution:
        os._exit(3)

    return Misfortune(strikes)


def is_killed(_: EngineChoice, __: Problem) -> Engine:
    def strikes(problem: Problem, watch: Watch) -> Solution:
        os.kill(os.getpid(), signal.SIGKILL)
        return greedy(problem, watch)

    return Misfortune(strikes)


def raises(_: EngineChoice, __: Problem) -> Engine:
    def strikes(*_: object) -> Solution:
        raise ZeroDivisionError("by chance")

    return Misfortune(strikes)


def lies(_: EngineChoice, __: Problem) -> Engine:
    """Says that a greedy answer is the best, and a tiyn cheaper than it is."""

    def strikes(problem: Problem, watch: Watch) -> Solution:
        found = greedy(problem, watch)
        worth = found.worth - Money.of("0.01")
        return replace(found, worth=worth, bound=worth, proof=Proof.OPTIMAL)

    return Misfortune(strikes)


def babbles(_: EngineChoice, __: Problem) -> Engine:
    """Writes where it should not, and answers well all the same."""

    def strikes(problem: Problem, watch: Watch) -> Solution:
        print("no JSON at all " * 20_000)
        return greedy(problem, watch)

    return Misfortune(strikes)


def shows_its_environment(_: EngineChoice, __: Problem) -> Engine:
    raise RuntimeError(" ".join(sorted(os.environ)))
