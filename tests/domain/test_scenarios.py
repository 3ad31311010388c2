"""Scenarios as values: rules that become a problem, one lot and the whole, the life cycle, figures and drawing."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from adapters.postgres.codec import converter, dumps
from api.charts import svg
from domain.awards.checker import violations
from domain.awards.greedy import Greedy, allocate
from domain.awards.problem import Free, LotLimits, Problem, Quota
from domain.errors import Conflict, Refusal
from domain.events import CLOCK
from domain.ids import REGIONS, EvaluationId, Kato, ScenarioId, TenderId
from domain.scenarios.figures import Figures, figures
from domain.scenarios.model import SECONDS_MAX, EngineChoice, Scenario, ScenarioStatus, SolvingFailure
from domain.scenarios.narrowing import lot_part, of_lot, widened
from domain.scenarios.refusals import ScenarioNotSolved, ScenarioRefused, ScenarioStale
from domain.scenarios.rules import BidderFacts, BuyerRules, LimitRule, Preferred, QuotaRule
from domain.scenarios.side_by_side import charts, columns
from domain.tenders.model import StepNotAllowed
from tests.awards.examples import EARLY, LATE, NOON, demand, offer, run, sewer
from tests.awards.small_problems import small_problem
from tests.awards.watching import Watching

FACTS = {
    str(sewer(1)): BidderFacts(kato=Kato("631010000"), operators=100, contracts=2),
    str(sewer(2)): BidderFacts(kato=Kato("791010000"), operators=101, contracts=0),
    str(sewer(3)): BidderFacts(kato=Kato("634020000"), operators=None, contracts=0),
}
PROBLEM = Problem(
    demands=(demand(30, 20), demand(10, lot=2, due_on=LATE)),
    offers=(
        offer(1, "10.00", run(30, 20)),
        offer(2, "12.00", run(30, 20)),
        offer(3, "13.00", run(30, 20)),
        offer(1, "10.00", run(10), lot=2),
    ),
)
REFERENCE, OTHER = EvaluationId(UUID(int=1)), EvaluationId(UUID(int=2))


def scenario(**changes: object) -> Scenario:
    allocation = allocate(PROBLEM)
    values = {"title": "Halves", "lot": None, "rules": BuyerRules(), "seconds": 60, "number": 1} | changes
    return Scenario(
        id=ScenarioId(UUID(int=9)),
        tender_id=TenderId(UUID(int=8)),
        evaluation_id=REFERENCE,
        engine=EngineChoice.AUTOMATIC,
        facts=FACTS,
        reference=figures(PROBLEM, allocation, FACTS),
        made_at=NOON,
        **values,  # type: ignore[arg-type]  # its fields
    )


def solved(**changes: object) -> Scenario:
    started, _ = scenario(**changes).start(at=NOON)
    solution = Greedy().solve(PROBLEM, Watching())
    return started.solve(solution, figures(PROBLEM, solution.allocation, FACTS), at=NOON)[0]


def percent(preferred: Preferred, kato: str | None = None) -> QuotaRule:
    return QuotaRule(preferred=preferred, kato=kato, percent_min=Decimal(10))


def test_a_rule_for_all_lots_is_set_aside_by_a_lots_own_and_both_replace_what_stood() -> None:
    before = replace(PROBLEM, limits=(LotLimits(lot=1, winners_max=1), LotLimits(lot=2, winners_max=1)))
    rules = BuyerRules(limits=(LimitRule(share_percent_max=Decimal(60)), LimitRule(lot=2, pieces_min=5)))
    assert rules.applied(before, FACTS).limits == (
        LotLimits(lot=1, share_percent_max=Decimal(60)),
        LotLimits(lot=2, pieces_min=5),
    )
    assert BuyerRules().applied(before, FACTS) == before


@pytest.mark.parametrize(
    ("rule", "bidders"),
    [
        (percent(Preferred.REGION, "63"), {1, 3}),
        (percent(Preferred.REGION, "6310"), {1}),
        (percent(Preferred.SMALL), {1}),
        (percent(Preferred.NEW), {2, 3}),
    ],
)
def test_a_quota_names_the_bidders_whom_the_facts_say(rule: QuotaRule, bidders: set[int]) -> None:
    (quota,) = BuyerRules(quotas=(rule,)).applied(PROBLEM, FACTS).quotas
    assert quota == Quota(name=rule.name, lots=(1, 2), bidders=frozenset(map(sewer, bidders)), percent_min=Decimal(10))


@pytest.mark.parametrize(
    ("rules", "pointer"),
    [
        ({"limits": (LimitRule(lot=1), LimitRule(lot=1))}, "/rules/limits/1/lot"),
        ({"limits": (LimitRule(), LimitRule())}, "/rules/limits/1/lot"),
        ({"quotas": (percent(Preferred.NEW),) * 2}, "/rules/quotas/1"),
        ({"quotas": (QuotaRule(preferred=Preferred.REGION, percent_min=Decimal(1)),)}, "/rules/quotas/0/kato"),
        ({"quotas": (QuotaRule(preferred=Preferred.NEW, kato="63", percent_min=Decimal(1)),)}, "/rules/quotas/0/kato"),
        (
            {"quotas": (QuotaRule(preferred=Preferred.REGION, kato="99", percent_min=Decimal(1)),)},
            "/rules/quotas/0/kato",
        ),
    ],
)
def test_rules_that_name_nobody_or_the_same_twice_are_refused(rules: dict[str, object], pointer: str) -> None:
    with pytest.raises(ScenarioRefused) as refused:
        BuyerRules(**rules)  # type: ignore[arg-type]  # its fields
    assert [flaw.pointer for flaw in refused.value.flaws] == [pointer]


def test_a_problem_with_quotas_is_the_same_text_whatever_the_order_of_its_sets() -> None:
    quotas = [
        Quota(name="q", lots=(1,), bidders=frozenset(sewer(each) for each in order), percent_min=Decimal(10))
        for order in (range(1, 40), range(39, 0, -1))
    ]
    one, other = (replace(PROBLEM, quotas=(quota,)) for quota in quotas)
    assert dumps(converter.unstructure(one)) == dumps(converter.unstructure(other))
    assert converter.structure(converter.unstructure(one), Problem) == one


def test_one_lot_solved_beside_the_others_stands_in_the_whole() -> None:
    """2 x 300 random problems: the part of the reference stands in the lot's own problem, a solution of that in the
    whole.
    """
    changed = 0
    for seed in range(600):
        problem = replace(small_problem(seed), quotas=())
        lots = sorted({each.lot for each in problem.demands})
        if len(lots) == 1:
            continue
        whole = allocate(problem)
        lot = lots[seed % 2]
        part = of_lot(problem, lot, whole)
        assert violations(part, lot_part(problem, whole, lot)) == (), seed
        tighter = replace(part, limits=(LotLimits(lot=lot, share_percent_max=Decimal(60)),))
        again = allocate(tighter)
        wide, together = widened(problem, whole, tighter, again)
        assert violations(wide, together) == (), seed
        assert [each for each in together.shares if each.lot != lot and each.lot not in _packaged(problem)] == [
            each for each in whole.shares if each.lot != lot and each.lot not in _packaged(problem)
        ]
        changed += together.shares != whole.shares
    assert changed > 50


def _packaged(problem: Problem) -> set[int]:
    return {lot for package in problem.packages for lot in package.lots}


def test_a_lot_has_the_minutes_that_the_others_leave_until_its_day_and_after_it() -> None:
    free = (Free(until=EARLY, minutes=Decimal(600)), Free(until=LATE, minutes=Decimal(550 + 60)))
    problem = replace(PROBLEM, capacity={str(sewer(1)): free})
    whole = allocate(problem)
    assert whole.minutes_used == {str(sewer(1)): Decimal(600)}
    assert of_lot(problem, 1, whole).capacity == {str(sewer(1)): (Free(until=EARLY, minutes=Decimal(510)),)}
    assert of_lot(problem, 2, whole).capacity == {str(sewer(1)): (Free(until=LATE, minutes=Decimal(110)),)}


def test_figures_count_what_was_given_and_nothing_else() -> None:
    free = (Free(until=EARLY, minutes=Decimal(400)), Free(until=LATE, minutes=Decimal(500)))
    problem = replace(PROBLEM, capacity={str(sewer(each)): free for each in (1, 2, 3)})
    limited = replace(problem, limits=(LotLimits(lot=1, share_percent_max=Decimal(60)),))
    found = figures(limited, allocate(limited), FACTS)
    assert (found.lots, found.lots_filled, found.pieces, found.pieces_given, found.winners) == (2, 2, 60, 60, 2)
    assert {region: (part.pieces, str(part.percent)) for region, part in found.regions.items()} == {
        "63": (40, "66.67"),
        "79": (20, "33.33"),
    }
    assert (found.small.pieces, found.new.pieces) == (40, 20)
    assert (found.minutes_free, found.minutes_left, found.left_percent) == (
        Decimal(1000),
        Decimal(400),
        Decimal("40.00"),
    )
    assert found.cost.amount == Decimal("640.00")


def test_figures_of_nothing_are_nothing() -> None:
    nobody = replace(PROBLEM, offers=())
    found = figures(nobody, allocate(nobody), {})
    assert (found.pieces_given, found.small.percent) == (0, Decimal(0))
    assert found.minutes_left is found.left_percent is None
    assert found.worth.amount == 10 * 20 * 60


def test_a_scenario_lives_as_it_is_drawn() -> None:
    queued = scenario()
    started, event = queued.start(at=NOON)
    again, second = started.start(at=NOON + timedelta(minutes=1))
    assert (event.attempt, second.attempt, again.status) == (1, 2, ScenarioStatus.SOLVING)
    assert (again.is_solved_by(1), again.is_solved_by(2)) == (False, True)
    ended = {
        ScenarioStatus.SOLVED: solved(),
        ScenarioStatus.FAILED: started.fail(SolvingFailure.TIME_LIMIT, at=NOON)[0],
        ScenarioStatus.CANCELLED: queued.cancel(by=CLOCK, at=NOON)[0],
    }
    for status, each in ended.items():
        assert (each.status, each.is_open, each.ended_at) == (status, False, NOON)
        with pytest.raises(StepNotAllowed):
            each.start(at=NOON)
        with pytest.raises(StepNotAllowed):
            each.fail(SolvingFailure.TIME_LIMIT, at=NOON)
        with pytest.raises(StepNotAllowed):
            each.cancel(by=CLOCK, at=NOON)


@pytest.mark.parametrize(("seconds", "passes"), [(0, False), (1, True), (SECONDS_MAX, True), (SECONDS_MAX + 1, False)])
def test_the_time_limit_is_bounded(seconds: int, *, passes: bool) -> None:
    if passes:
        assert scenario(seconds=seconds).seconds == seconds
    else:
        with pytest.raises(ScenarioRefused):
            scenario(seconds=seconds)


@pytest.mark.parametrize(
    ("one", "reference", "refusal"),
    [(solved(), OTHER, ScenarioStale), (scenario(), REFERENCE, ScenarioNotSolved)],
)
def test_what_is_stale_or_not_solved_is_not_chosen(
    one: Scenario, reference: EvaluationId, refusal: type[Refusal]
) -> None:
    assert issubclass(refusal, Conflict)
    with pytest.raises(refusal):
        one.chosen_from(reference)
    assert solved().chosen_from(REFERENCE).allocation == allocate(PROBLEM)


def test_five_scenarios_over_all_regions_make_a_drawing_of_bounded_size() -> None:
    def everywhere(of: Figures) -> Figures:
        return replace(of, regions=dict.fromkeys(REGIONS, of.small))

    found = [
        replace(each, figures=everywhere(each.reference), title="Ә" * 300)
        for each in (solved(number=number) for number in range(1, 6))
    ]
    compared = columns(found)
    assert [each.number for each in compared] == [0, 1, 2, 3, 4, 5]
    drawn = svg(compared, charts(compared), "ru")
    assert len(drawn.encode()) < 64 * 1024
    shown = [element.text or "" for element in ET.fromstring(drawn).iter()]  # noqa: S314 - our own text
    assert all(any(text.endswith(name) for text in shown) for name in REGIONS.values())
    assert "0. По правилам закупки" in shown
    assert max(map(len, shown)) < 60
    assert svg((), (), "en").count("<text") == 0
