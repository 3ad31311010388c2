"""The preference ledger: the award without the domestic rule, what the rule cost, who gained by it."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from domain.awards.greedy import allocate
from domain.awards.model import LotResult, RejectionReason
from domain.awards.offers import Offered
from domain.awards.preference import (
    PRODUCER_RULES,
    PreferenceEntry,
    PreferenceReport,
    Standing,
    entry,
    kept_out,
    without_preference,
)
from domain.awards.problem import Free, Offer, Problem
from domain.ids import OrganizationId, PreferenceId
from domain.money import Money
from domain.organizations.verdict import Result, RuleOutcome
from domain.organizations.workshop import Size
from tests.awards.examples import EARLY, demand, offer, run, sewer
from tests.awards.test_letters import NOON, evaluation

REGIONS = {sewer(1): Standing(region="63", size=Size.SMALL), sewer(2): Standing(region="75", size=Size.LARGE)}


def standing(bidder: OrganizationId) -> Standing:
    return REGIONS.get(bidder, Standing(region="10", size=Size.UNKNOWN))


def made(problem: Problem, *more: Offer, discount: int = 0) -> PreferenceEntry:
    return entry(
        evaluation(problem),
        Offered(offers=more),
        standing,
        allocate,
        id=PreferenceId(UUID(int=9)),
        producers_only=True,
        discount_percent=Decimal(discount),
        at=NOON,
    )


def test_the_rule_costs_what_the_cheaper_outsider_would_have_saved() -> None:
    told = made(Problem(demands=(demand(10),), offers=(offer(1, "9.00", run(10)),)), offer(2, "7.00", run(10)))
    assert (told.with_rule, told.without_rule, told.difference) == (Money.of(90), Money.of(70), Money.of(20))
    assert (told.admitted_more, told.changed_lots) == (1, 1)
    gains = {(each.region, each.size): (each.pieces_with, each.pieces_without) for each in told.gains}
    assert gains == {("63", Size.SMALL): (10, 0), ("75", Size.LARGE): (0, 10)}


def test_a_conditional_discount_is_taken_off_and_others_stay() -> None:
    """Producers are compared 3 % lower; one of them also for something else."""
    home = offer(1, "8.20", run(10), discount_percent=Decimal(3), preference_percent=Decimal(3))
    foreign = offer(2, "8.00", run(10))
    told = made(Problem(demands=(demand(10),), offers=(home, foreign)), discount=3)
    assert (told.difference, told.changed_lots) == (Money.of(2), 1)
    both = replace(home, discount_percent=Decimal(8))
    (kept, _) = without_preference(Problem(demands=(demand(10),), offers=(both, foreign)), Offered()).offers
    assert (kept.discount_percent, kept.preference_percent) == (Decimal(5), Decimal(0))


def test_an_outsider_without_a_workshops_profile_sews_as_much_as_is_asked() -> None:
    home = offer(1, "9.00", run(10))
    busy = Problem(
        demands=(demand(10),),
        offers=(home,),
        capacity={str(home.bidder_id): (Free(until=EARLY, minutes=Decimal(100)),)},
    )
    assert made(busy, offer(2, "7.00", run(10))).difference == Money.of(20)


def test_a_lot_that_only_one_of_the_two_awards_fills_is_in_no_sum() -> None:
    problem = Problem(
        demands=(demand(10), demand(10, lot=2)), offers=(offer(1, "9.00", run(10)), offer(1, "9.00", run(4), lot=2))
    )
    told = made(problem, offer(2, "7.00", run(10), lot=2))
    assert told.difference == Money.of(0)
    assert [(each.with_rule, each.without_rule, each.changed_hands) for each in told.lots] == [
        (Money.of(90), Money.of(90), False),
        (None, Money.of(70), True),
    ]


def test_only_bids_that_nothing_but_producer_rules_rejected_are_admitted() -> None:
    problem = Problem(demands=(demand(10),), offers=(offer(1, "9.00", run(10)),))
    found = evaluation(problem, 2, 3, 4, 5)
    others = {
        2: (RejectionReason.NOT_ELIGIBLE, "evidence_valid_on_day"),
        3: (RejectionReason.NOT_ELIGIBLE, "not_in_unreliable_state"),
        4: (RejectionReason.NOT_CHECKED, "local_content_at_least"),
        5: (RejectionReason.PRICE_ABOVE_ALLOCATED, "evidence_valid_on_day"),
    }
    admissions = [
        replace(
            each,
            reason=others[number][0],
            rules=(*each.rules[1:], RuleOutcome(rule=others[number][1], result=Result.FAILED)),
        )
        for number, each in enumerate(found.admissions, start=1)
        if number > 1
    ]
    changed = replace(found, admissions=(found.admissions[0], *admissions))
    assert [each.bidder_id for each in kept_out(changed)] == [sewer(2), sewer(4)]
    assert kept_out(replace(changed, results={1: LotResult.FAILED})) == ()
    assert "not_in_unreliable_state" not in PRODUCER_RULES


def test_sizes_are_told_by_operators() -> None:
    told = [Size.of(operators) for operators in (None, 1, 100, 101, 250, 251)]
    assert told == [Size.UNKNOWN, Size.SMALL, Size.SMALL, Size.MEDIUM, Size.MEDIUM, Size.LARGE]


def test_a_report_sums_its_entries_and_their_gains() -> None:
    one = made(Problem(demands=(demand(10),), offers=(offer(1, "9.00", run(10)),)), offer(2, "7.00", run(10)))
    other = made(Problem(demands=(demand(4),), offers=(offer(1, "9.00", run(4)),)))
    report = PreferenceReport(entries=(one, other), as_of=NOON)
    assert (report.with_rule, report.without_rule, report.difference) == (Money.of(126), Money.of(106), Money.of(20))
    assert [(each.region, each.with_rule, each.without_rule) for each in report.gains] == [
        ("63", Money.of(126), Money.of(36)),
        ("75", Money.of(0), Money.of(70)),
    ]
