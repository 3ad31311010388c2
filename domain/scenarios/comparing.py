"""Comparing: scenarios of an evaluated tender are made and cancelled, and one is chosen with a recorded reason.

The tender is locked first: five at most stand side by side, and two approvers cannot choose at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.awards.allocation import Allocation
from domain.awards.flaws import must_be_sound
from domain.awards.model import BY_LOT, Choice, Evaluation, failures, lot_results, unawardable
from domain.awards.problem import Problem
from domain.complaints.rules import must_be_evaluated_since
from domain.errors import Flaw, StaleVersion
from domain.events import By
from domain.ids import EvaluationId, NewId, OrganizationId, ScenarioId, TenderId
from domain.scenarios.figures import figures
from domain.scenarios.model import MADE_MAX, SCENARIOS_MAX, EngineChoice, Scenario
from domain.scenarios.narrowing import lot_part, of_lot, widened
from domain.scenarios.refusals import LotsLeftOpen, ScenarioNotFound, ScenarioRefused, TooManyScenarios
from domain.scenarios.rules import BidderFacts, BuyerRules
from domain.tenders.model import StepNotAllowed, Tender, TenderNotFound, TenderStatus
from domain.work import Begin, Command, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioForm:
    title: str
    lot: int | None
    rules: BuyerRules
    engine: EngineChoice
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceForm:
    """``scenario_id`` None: the award as the package says."""

    scenario_id: ScenarioId | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is awarded, and which engine with which effort finds it again."""

    problem: Problem
    allocation: Allocation
    engine: str
    effort: int


class Comparing:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def make(self, tender_id: TenderId, form: ScenarioForm, *, command: Command) -> Scenario:
        """A scenario of the tender's latest evaluation, for the worker to solve.

        Refuses (``too-many-scenarios``) a sixth of the same scope, and (``problem-contradictory``) rules that no award
        could honour.
        """
        async with self._begin(command) as work:
            tender, current = await self._evaluated(work, tender_id, command)
            reference = await _reference(work, current)
            live, made = await work.scenarios.counted(reference.id, form.lot)
            if live >= SCENARIOS_MAX or made >= MADE_MAX:
                raise TooManyScenarios(
                    f"{live} stand side by side, {made} were made of this evaluation",
                    passes=f"at most {SCENARIOS_MAX} side by side: cancel one that is not solved",
                )
            at = await work.now()
            bidders = tuple(dict.fromkeys(offer.bidder_id for offer in reference.problem.offers))
            problem, before, facts = await self._question(work, reference, form, bidders)
            scenario = Scenario(
                id=ScenarioId(self._new_id()),
                tender_id=tender.id,
                evaluation_id=reference.id,
                number=made + 1,
                title=form.title,
                lot=form.lot,
                rules=form.rules,
                engine=form.engine,
                seconds=form.seconds,
                facts=dict(facts),
                reference=figures(problem, before, facts),
                made_at=at,
            )
            stored = await work.scenarios.save(scenario, because=scenario.made(by=By.actor(command.by)))
            await work.scenario_runs.ask(stored.id, problem)
            return work.answers(stored)

    async def cancel(self, id: ScenarioId, *, version: int, command: Command) -> Scenario:
        """Its place is free at once; a solver that is at it ends within about a second."""
        async with self._begin(command) as work:
            tender = await work.tenders.get((await work.scenarios.get(id)).tender_id)
            if tender.buyer_id != command.by.organization_id:
                raise ScenarioNotFound("There is no such scenario")
            scenario = await work.scenarios.lock(id)
            if scenario.version != version:
                raise StaleVersion(f"You read version {version}, it is {scenario.version} now", passes="a fresh read")
            cancelled, event = scenario.cancel(by=By.actor(command.by), at=await work.now())
            return work.answers(await work.scenarios.save(cancelled, because=event))

    async def choose(self, tender_id: TenderId, form: ChoiceForm, *, version: int, command: Command) -> Evaluation:
        """The award that is to be made: another evaluation of the same admissions, with what was chosen and why.
        ``version`` is the tender's. It may be chosen again until the award.

        A scenario of one lot changes that lot in what was chosen before. Refuses (``scenario-stale``,
        ``scenario-not-solved``, ``lots-left-open``) and (``allocation-refused``) what together does not stand.
        """
        async with self._begin(command) as work:
            tender, current = await self._evaluated(work, tender_id, command)
            if tender.version != version:
                raise StaleVersion(f"You read version {version}, it is {tender.version} now", passes="a fresh read")
            reference = await _reference(work, current)
            standing = await work.complaints.standing(tender_id)
            must_be_evaluated_since(standing, evaluated_at=reference.evaluated_at)
            answer = await self._answer(work, tender, reference, current, form.scenario_id)
            failed = unawardable(tender, reference.admissions)
            results = lot_results(tender, reference.admissions, answer.allocation, unawardable=failed)
            at, by = await work.now(), By.actor(command.by)
            chosen = replace(
                reference,
                id=EvaluationId(self._new_id()),
                problem=answer.problem,
                allocation=answer.allocation,
                engine=answer.engine,
                effort=answer.effort,
                results=results,
                failures=failures(results, failed),
                evaluated_at=at,
                chosen=Choice(scenario_id=form.scenario_id, evaluation_id=reference.id, reason=form.reason),
                version=0,
            )
            left_open = sorted(set(reference.awarded_lots) - set(chosen.awarded_lots))
            if left_open:
                lots = ", ".join(map(str, left_open))
                raise LotsLeftOpen(
                    f"Lot {lots} would get no winner", passes="a scenario that fills what the bids fill", lots=left_open
                )
            chosen.checked()
            stored = await work.evaluations.save(chosen, because=chosen.as_chosen(by=by))
            evaluated, event = tender.evaluate(evaluation_id=str(stored.id), by=by, at=at)
            await work.tenders.save(evaluated, because=event)
            return work.answers(stored)

    async def _evaluated(self, work: Work, tender_id: TenderId, command: Command) -> tuple[Tender, Evaluation]:
        tender = await work.tenders.lock(tender_id)
        if tender.buyer_id != command.by.organization_id:
            raise TenderNotFound("There is no such tender")
        evaluation = await work.evaluations.latest(tender_id)
        if evaluation is None or tender.status is not TenderStatus.EVALUATED:
            raise StepNotAllowed(f"A {tender.status} tender has nothing to compare", passes="an evaluated tender")
        return tender, evaluation

    async def _question(
        self, work: Work, reference: Evaluation, form: ScenarioForm, bidders: tuple[OrganizationId, ...]
    ) -> tuple[Problem, Allocation, Mapping[str, BidderFacts]]:
        """The problem under the buyer's rules, what the reference gives in its scope, and what is known of bidders."""
        problem, before = reference.problem, reference.allocation
        if form.lot is not None:
            if form.lot not in reference.results:
                flaw = Flaw(pointer="/lot", reason=f"no lot {form.lot}", passes=f"1 to {len(reference.results)}")
                raise ScenarioRefused("The tender has no such lot", flaws=(flaw,))
            problem, before = of_lot(problem, form.lot, before), lot_part(problem, before, form.lot)
        facts = await work.scenarios.facts(bidders)
        problem = form.rules.applied(problem, facts)
        must_be_sound(problem)
        return problem, before, facts

    async def _answer(
        self, work: Work, tender: Tender, reference: Evaluation, current: Evaluation, id: ScenarioId | None
    ) -> _Answer:
        if id is None:
            return _Answer(reference.problem, reference.allocation, reference.engine, reference.effort)
        scenario = await work.scenarios.lock(id)
        if scenario.tender_id != tender.id:
            raise ScenarioNotFound("There is no such scenario")
        solved = scenario.chosen_from(reference.id)
        problem = await work.scenario_runs.problem(scenario.id)
        if scenario.lot is None:
            return _Answer(problem, solved.allocation, solved.engine, solved.effort)
        return _Answer(*widened(current.problem, current.allocation, problem, solved.allocation), BY_LOT, 0)


async def _reference(work: Work, current: Evaluation) -> Evaluation:
    """The award as the package says, whatever was chosen since."""
    return current if current.chosen is None else await work.evaluations.get(current.chosen.evaluation_id)
