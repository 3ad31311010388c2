"""A scenario: the same bids under other rules of the buyer, solved in the worker, to be compared and chosen.

    queued -> solving -> solved | failed | cancelled
    queued ----------------------------> cancelled

A worker that dies leaves it solving; when its lease is over another one takes it again. What is asked never changes:
problem and facts are stored when it is made.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from domain.awards.solution import Proof, Solution
from domain.errors import Flaw
from domain.events import CLOCK, By, Event
from domain.ids import EvaluationId, ScenarioId, TenderId
from domain.money import Money
from domain.scenarios.figures import Figures
from domain.scenarios.refusals import ScenarioNotSolved, ScenarioRefused, ScenarioStale
from domain.scenarios.rules import BidderFacts, BuyerRules
from domain.tenders.model import StepNotAllowed

SCENARIOS_MAX = 5
"""Side by side, of the tender or of one lot; what failed or was cancelled leaves its place to another."""
MADE_MAX = 200
"""Of one evaluation, whatever became of them."""
SECONDS_MAX = 600
ATTEMPTS_MAX = 3
"""So many workers may be lost over a scenario before it counts as their cause."""


class EngineChoice(StrEnum):
    AUTOMATIC = "automatic"
    """The best engine that answers a problem of this size within seconds."""
    GREEDY = "greedy"
    """The rule by price that can be explained to everybody."""
    BEST = "best"
    """The engine with proof or bound, however long it takes within the limit."""


class ScenarioStatus(StrEnum):
    QUEUED = "queued"
    SOLVING = "solving"
    SOLVED = "solved"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SolvingFailure(StrEnum):
    """Coded, so that failures can be counted."""

    TIME_LIMIT = "time_limit"
    """No answer within the limit."""
    SOLVER_CRASHED = "solver_crashed"
    """The solver's process ended without an answer."""
    SOLVER_KILLED = "solver_killed"
    """The solver's process was ended from outside: by somebody, or for want of memory."""
    ENGINE_FAILED = "engine_failed"
    """The engine gave up with an error."""
    SOLUTION_REFUSED = "solution_refused"
    """The checker refused the answer."""
    WORKERS_LOST = "workers_lost"
    """Several workers ended while they solved it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioEvent(Event):
    subject: ClassVar[str] = "scenario"
    tender_id: TenderId


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioMade(ScenarioEvent):
    type: ClassVar[str] = "scenario.made"
    evaluation_id: EvaluationId
    lot: int | None
    title: str
    engine: EngineChoice
    rules: BuyerRules


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioStarted(ScenarioEvent):
    type: ClassVar[str] = "scenario.started"
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSolved(ScenarioEvent):
    type: ClassVar[str] = "scenario.solved"
    engine: str
    effort: int
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFailed(ScenarioEvent):
    type: ClassVar[str] = "scenario.failed"
    failure: SolvingFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioCancelled(ScenarioEvent):
    type: ClassVar[str] = "scenario.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the engine said of its solution, beside the allocation."""

    engine: str
    effort: int
    proof: Proof
    bound: Money | None
    gap_percent: Decimal | None

    @classmethod
    def of(cls, solution: Solution) -> "Statement":
        return cls(
            engine=solution.engine,
            effort=solution.effort,
            proof=solution.proof,
            bound=solution.bound,
            gap_percent=solution.gap_percent,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """``evaluation_id`` is the reference: the award as the package says, whose admissions and problem it shares and
    whose figures, in its scope, are ``reference``. ``lot`` None: the whole tender. ``facts`` are per bidder id (text).
    ``attempt`` counts how often a worker took it. Lists are read without ``solution``: it is as large as the tender.
    """

    id: ScenarioId
    tender_id: TenderId
    evaluation_id: EvaluationId
    number: int
    title: str
    lot: int | None
    rules: BuyerRules
    engine: EngineChoice
    seconds: int
    facts: dict[str, BidderFacts]
    reference: Figures
    made_at: datetime
    status: ScenarioStatus = ScenarioStatus.QUEUED
    attempt: int = 0
    solution: Solution | None = None
    stated: Statement | None = None
    figures: Figures | None = None
    failure: SolvingFailure | None = None
    ended_at: datetime | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.seconds <= SECONDS_MAX:
            flaw = Flaw(pointer="/seconds", reason=f"{self.seconds} seconds", passes=f"1 to {SECONDS_MAX}")
            raise ScenarioRefused("The time limit is out of range", flaws=(flaw,))

    @property
    def is_open(self) -> bool:
        return self.status in {ScenarioStatus.QUEUED, ScenarioStatus.SOLVING}

    def made(self, *, by: By) -> ScenarioMade:
        return ScenarioMade(
            subject_id=self.id,
            by=by,
            at=self.made_at,
            tender_id=self.tender_id,
            evaluation_id=self.evaluation_id,
            lot=self.lot,
            title=self.title,
            engine=self.engine,
            rules=self.rules,
        )

    def start(self, *, at: datetime) -> tuple["Scenario", ScenarioStarted]:
        """A worker takes it, for the first time or after another one was lost."""
        self._must_be_open()
        started = replace(self, status=ScenarioStatus.SOLVING, attempt=self.attempt + 1)
        return started, ScenarioStarted(
            subject_id=self.id, by=CLOCK, at=at, tender_id=self.tender_id, attempt=started.attempt
        )

    def is_solved_by(self, attempt: int) -> bool:
        """Whether the worker of this attempt is still the one who is waited for."""
        return self.status is ScenarioStatus.SOLVING and self.attempt == attempt

    def solve(self, solution: Solution, figures: Figures, *, at: datetime) -> tuple["Scenario", ScenarioSolved]:
        """``solution`` stands before the checker."""
        self._must_be_open()
        solved = replace(
            self,
            status=ScenarioStatus.SOLVED,
            solution=solution,
            stated=Statement.of(solution),
            figures=figures,
            ended_at=at,
        )
        return solved, ScenarioSolved(
            subject_id=self.id,
            by=CLOCK,
            at=at,
            tender_id=self.tender_id,
            engine=solution.engine,
            effort=solution.effort,
            proof=str(solution.proof),
        )

    def fail(self, failure: SolvingFailure, *, at: datetime) -> tuple["Scenario", ScenarioFailed]:
        self._must_be_open()
        failed = replace(self, status=ScenarioStatus.FAILED, failure=failure, ended_at=at)
        return failed, ScenarioFailed(subject_id=self.id, by=CLOCK, at=at, tender_id=self.tender_id, failure=failure)

    def cancel(self, *, by: By, at: datetime) -> tuple["Scenario", ScenarioCancelled]:
        """The worker notices and ends the solver."""
        self._must_be_open()
        cancelled = replace(self, status=ScenarioStatus.CANCELLED, ended_at=at)
        return cancelled, ScenarioCancelled(subject_id=self.id, by=by, at=at, tender_id=self.tender_id)

    def chosen_from(self, reference: EvaluationId) -> Solution:
        """Its solution, if it can be awarded instead of ``reference``. Refuses (``scenario-not-solved``,
        ``scenario-stale``).
        """
        if self.evaluation_id != reference:
            raise ScenarioStale("It answers an older evaluation", passes="a scenario of the latest evaluation")
        if self.solution is None:
            raise ScenarioNotSolved(f"The scenario is {self.status}", passes="a scenario that is solved")
        return self.solution

    def _must_be_open(self) -> None:
        if not self.is_open:
            raise StepNotAllowed(f"The scenario is {self.status}", passes="a scenario that is queued or being solved")
