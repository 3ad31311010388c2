"""What the scenarios room needs from outside: its repository, a solver in a process of its own, reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.actors import Actor
from domain.awards.problem import Problem
from domain.awards.solution import Progress, Solution
from domain.events import Event
from domain.ids import EvaluationId, OrganizationId, ScenarioId, TenderId
from domain.money import Money
from domain.scenarios.model import EngineChoice, Scenario, SolvingFailure
from domain.scenarios.rules import BidderFacts


class SolverFailed(Exception):  # noqa: N818 - an expected outcome, told as a coded failure of the scenario
    """The solver's process gave no answer."""

    def __init__(self, failure: SolvingFailure, detail: str = "") -> None:
        super().__init__(detail or failure)
        self.failure = failure


class Solver(Protocol):
    """Engines, away from the event loop and from this process."""

    async def solve(
        self, problem: Problem, engine: EngineChoice, *, seconds: int, told: Callable[[Progress], None]
    ) -> Solution:
        """The best answer within ``seconds``; nobody has checked it. Raises ``SolverFailed``. Cancelled, it ends the
        process before it returns.
        """


class Scenarios(Protocol):
    async def get(self, id: ScenarioId) -> Scenario: ...
    async def lock(self, id: ScenarioId) -> Scenario: ...
    async def save(self, entity: Scenario, *, because: Event) -> Scenario: ...
    async def counted(self, evaluation_id: EvaluationId, lot: int | None) -> tuple[int, int]:
        """How many of this scope stand side by side, and how many were ever made from the evaluation."""

    async def facts(self, bidders: tuple[OrganizationId, ...]) -> Mapping[str, BidderFacts]:
        """Per bidder id as text."""


class ScenarioRuns(Protocol):
    """What a scenario asks, and how far its worker is: no part of its life, so without events."""

    async def ask(self, id: ScenarioId, problem: Problem) -> None:
        """Stored once."""

    async def problem(self, id: ScenarioId) -> Problem: ...
    async def leased_until(self, id: ScenarioId) -> datetime | None: ...
    async def beat(self, id: ScenarioId, attempt: int, progress: Progress | None, *, leased_until: datetime) -> bool:
        """Still at it. False: it is no more this attempt's to solve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How far the solver is; None where it has not told yet."""

    scenario: Scenario
    effort: int | None
    worth: Money | None
    bound: Money | None
    told_at: datetime | None


class ScenarioQueries(Protocol):
    """For the buyer and auditors; for bidders of the tender once it is awarded or failed, as the evaluation is. Refuses
    (``evaluation-not-found``) a tender whose evaluation the reader may not see.
    """

    async def of_tender(
        self, actor: Actor, tender_id: TenderId, *, after: ScenarioId | None, limit: int
    ) -> Sequence[Scenario]:
        """In the order of their making, without their solutions."""

    async def side_by_side(self, actor: Actor, tender_id: TenderId, *, lot: int | None) -> Sequence[Scenario]:
        """The solved ones of this scope from the latest evaluation, without their solutions."""

    async def scenario(self, actor: Actor, id: ScenarioId) -> Scenario: ...
    async def run(self, actor: Actor, id: ScenarioId) -> Run: ...
    async def waiting(self, *, limit: int) -> Sequence[ScenarioId]:
        """For the worker: queued, or left by a worker that is not heard of any more; oldest first."""
