"""Bodies and views of scenarios: the buyer's rules, the figures, how far the solver is."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from api.schemas import DecimalText, Instant, KatoText, LongText, MoneyText, Strict, Text
from api.views.evaluations import ShareView, UnfilledView
from domain.awards.solution import Proof
from domain.ids import EvaluationId, ScenarioId, TenderId
from domain.scenarios.comparing import ChoiceForm, ScenarioForm
from domain.scenarios.figures import Figures, Part
from domain.scenarios.model import (
    SECONDS_MAX,
    EngineChoice,
    Scenario,
    ScenarioStatus,
    SolvingFailure,
    Statement,
)
from domain.scenarios.ports import Run
from domain.scenarios.rules import QUOTAS_MAX, BidderFacts, BuyerRules, LimitRule, Preferred, QuotaRule

LotNumber = Annotated[int, Field(ge=1, le=50)]
Percent = DecimalText


class LimitBody(Strict):
    """The buyer's rules for one lot, or for every lot that has none of its own (``lot`` absent)."""

    lot: LotNumber | None = None
    winners_max: Annotated[int, Field(ge=1, le=10_000)] | None = None
    share_percent_max: Percent | None = None
    pieces_min: Annotated[int, Field(ge=1, le=10_000_000)] = 1

    def rule(self) -> LimitRule:
        return LimitRule(
            lot=self.lot,
            winners_max=self.winners_max,
            share_percent_max=self.share_percent_max,
            pieces_min=self.pieces_min,
        )

    @classmethod
    def of(cls, rule: LimitRule) -> Self:
        return cls(
            lot=rule.lot,
            winners_max=rule.winners_max,
            share_percent_max=rule.share_percent_max,
            pieces_min=rule.pieces_min,
        )


class QuotaBody(Strict):
    """At least ``percent_min`` of the pieces go to workshops of a region (``kato``: two to nine digits), to small ones
    (at most 100 operators) or to new suppliers (without a contract here so far).
    """

    preferred: Preferred
    percent_min: Percent
    kato: Annotated[str, StringConstraints(pattern="^[0-9]{2,9}$")] | None = None

    def rule(self) -> QuotaRule:
        return QuotaRule(preferred=self.preferred, percent_min=self.percent_min, kato=self.kato)

    @classmethod
    def of(cls, rule: QuotaRule) -> Self:
        return cls(preferred=rule.preferred, percent_min=rule.percent_min, kato=rule.kato)


class RulesBody(Strict):
    limits: Annotated[list[LimitBody], Field(max_length=51)] = []
    quotas: Annotated[list[QuotaBody], Field(max_length=QUOTAS_MAX)] = []

    def rules(self) -> BuyerRules:
        return BuyerRules(
            limits=tuple(each.rule() for each in self.limits), quotas=tuple(each.rule() for each in self.quotas)
        )

    @classmethod
    def of(cls, rules: BuyerRules) -> Self:
        return cls(
            limits=[LimitBody.of(each) for each in rules.limits], quotas=[QuotaBody.of(each) for each in rules.quotas]
        )


class ScenarioBody(Strict):
    """``lot`` absent: the whole tender. ``seconds`` bounds the solver, which then answers the best it has."""

    title: Text
    lot: LotNumber | None = None
    rules: RulesBody = RulesBody()
    engine: EngineChoice = EngineChoice.AUTOMATIC
    seconds: Annotated[int, Field(ge=1, le=SECONDS_MAX)] = 60

    def form(self) -> ScenarioForm:
        return ScenarioForm(
            title=self.title, lot=self.lot, rules=self.rules.rules(), engine=self.engine, seconds=self.seconds
        )


class CancellationBody(Strict):
    """Nothing to say: a scenario is cancelled without a reason."""


class ChoiceBody(Strict):
    """``scenario_id`` null: the award as the package says."""

    scenario_id: ScenarioId | None
    reason: LongText

    def form(self) -> ChoiceForm:
        return ChoiceForm(scenario_id=self.scenario_id, reason=self.reason)


class PartView(Strict):
    pieces: int
    percent: DecimalText

    @classmethod
    def of(cls, part: Part) -> Self:
        return cls(pieces=part.pieces, percent=part.percent)


class FiguresView(Strict):
    """``cost`` is what is paid, ``worth`` what is compared: conditional prices, and ten times the planned price of
    what stays open. ``regions`` are by the first two digits of KATO; minutes are those of the winners.
    """

    cost: MoneyText
    worth: MoneyText
    lots: int
    lots_filled: int
    pieces: int
    pieces_given: int
    winners: int
    regions: dict[str, PartView]
    small: PartView
    new: PartView
    minutes_free: DecimalText | None
    minutes_left: DecimalText | None

    @classmethod
    def of(cls, figures: Figures) -> Self:
        return cls(
            cost=figures.cost,
            worth=figures.worth,
            lots=figures.lots,
            lots_filled=figures.lots_filled,
            pieces=figures.pieces,
            pieces_given=figures.pieces_given,
            winners=figures.winners,
            regions={region: PartView.of(part) for region, part in figures.regions.items()},
            small=PartView.of(figures.small),
            new=PartView.of(figures.new),
            minutes_free=figures.minutes_free,
            minutes_left=figures.minutes_left,
        )


class StatementView(Strict):
    """What the engine says of its solution; with the same ``effort`` it answers the same again."""

    engine: str
    effort: int
    proof: Proof
    bound: MoneyText | None
    gap_percent: DecimalText | None

    @classmethod
    def of(cls, stated: Statement) -> Self:
        return cls(
            engine=stated.engine,
            effort=stated.effort,
            proof=stated.proof,
            bound=stated.bound,
            gap_percent=stated.gap_percent,
        )


class ScenarioSummary(Strict):
    id: ScenarioId
    tender_id: TenderId
    evaluation_id: EvaluationId
    number: int
    title: str
    lot: int | None
    rules: RulesBody
    engine: EngineChoice
    seconds: int
    made_at: Instant
    status: ScenarioStatus
    stated: StatementView | None
    figures: FiguresView | None
    failure: SolvingFailure | None
    ended_at: Instant | None

    @classmethod
    def of(cls, scenario: Scenario) -> Self:
        return cls(
            id=scenario.id,
            tender_id=scenario.tender_id,
            evaluation_id=scenario.evaluation_id,
            number=scenario.number,
            title=scenario.title,
            lot=scenario.lot,
            rules=RulesBody.of(scenario.rules),
            engine=scenario.engine,
            seconds=scenario.seconds,
            made_at=scenario.made_at,
            status=scenario.status,
            stated=StatementView.of(scenario.stated) if scenario.stated else None,
            figures=FiguresView.of(scenario.figures) if scenario.figures else None,
            failure=scenario.failure,
            ended_at=scenario.ended_at,
        )


class BidderFactsView(Strict):
    """What the quotas went by: as it was when the scenario was made."""

    kato: KatoText
    small: bool
    new: bool

    @classmethod
    def of(cls, facts: BidderFacts) -> Self:
        return cls(kato=facts.kato, small=facts.is_small, new=facts.is_new)


class ScenarioView(Strict):
    """The scenario with what it awards to whom, empty until it is solved; ``bidders`` are by their ids."""

    scenario: ScenarioSummary
    bidders: dict[str, BidderFactsView]
    shares: list[ShareView]
    unfilled: list[UnfilledView]

    @classmethod
    def of(cls, scenario: Scenario) -> Self:
        allocation = scenario.solution.allocation if scenario.solution else None
        return cls(
            scenario=ScenarioSummary.of(scenario),
            bidders={id: BidderFactsView.of(facts) for id, facts in sorted(scenario.facts.items())},
            shares=[ShareView.of(each) for each in allocation.shares] if allocation else [],
            unfilled=[
                UnfilledView(lot=each.lot, line=each.line, sizes=dict(each.run.cells)) for each in allocation.unfilled
            ]
            if allocation
            else [],
        )


class RunView(Strict):
    """How far the solver is. ``effort`` counts its steps; ``worth`` and ``bound`` are the best it has told."""

    status: ScenarioStatus
    attempt: int
    seconds: int
    effort: int | None
    worth: MoneyText | None
    bound: MoneyText | None
    told_at: Instant | None

    @classmethod
    def of(cls, run: Run) -> Self:
        return cls(
            status=run.scenario.status,
            attempt=run.scenario.attempt,
            seconds=run.scenario.seconds,
            effort=run.effort,
            worth=run.worth,
            bound=run.bound,
            told_at=run.told_at,
        )
