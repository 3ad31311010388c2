"""What an engine answers: an allocation, what it is worth, and how far from the best it can be."""

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from enum import StrEnum
from typing import Protocol

from domain.awards.allocation import Allocation
from domain.awards.problem import Problem
from domain.money import Money

GAP_STEP = Decimal("0.0001")


class Proof(StrEnum):
    OPTIMAL = "optimal"
    """Proven: nothing is worth less."""
    BOUNDED = "bounded"
    """Nothing is worth less than the bound."""
    NONE = "none"
    """Found by a rule; nobody asked for better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """``engine`` names the engine with its version; ``worth`` is what ``problem.py`` defines. Nothing depends on how
    fast the machine was: ``effort`` counts what was done (rounds, nodes), and the same engine with the same problem
    and effort answers the same.
    """

    allocation: Allocation
    engine: str
    worth: Money
    proof: Proof
    bound: Money | None = None
    effort: int = 0

    @property
    def gap_percent(self) -> Decimal | None:
        """(worth - bound) / worth in percent, rounded up; None without a bound."""
        if self.bound is None or self.worth.amount == 0:
            return Decimal(0) if self.proof is Proof.OPTIMAL else None
        return ((self.worth.amount - self.bound.amount) * 100 / self.worth.amount).quantize(GAP_STEP, ROUND_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """``effort`` so far, the best worth and bound so far."""

    effort: int
    worth: Money | None
    bound: Money | None


class Watch(Protocol):
    """Whoever waits for a solution."""

    def told(self, progress: Progress) -> None: ...
    def stopped(self) -> bool:
        """Asked between steps: the engine then answers the best that it has."""


class Unwatched:
    """A watch that nobody keeps: the effort ends it."""

    def told(self, progress: Progress) -> None: ...
    def stopped(self) -> bool:
        return False


class Engine(Protocol):
    """Solves problems; it may take long and does not yield: who calls it keeps it away from the event loop."""

    @property
    def name(self) -> str:
        """With its version, as ``greedy/2``."""

    def solve(self, problem: Problem, watch: Watch, *, effort: int | None = None) -> Solution:
        """Never raises for a problem that cannot be filled: lots stay open. ``effort`` repeats an earlier run."""
