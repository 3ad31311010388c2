"""Letters to losers: what they say, and what they never say."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain.awards.allocation import Bound
from domain.awards.changes import Changed, applied
from domain.awards.counterfactual import counterfactual, pieces_of
from domain.awards.greedy import Greedy, allocate
from domain.awards.letters import Letter, LetterNotFound, losers, until, write
from domain.awards.model import Admission, Evaluation, LotResult, RejectionReason
from domain.awards.problem import Problem
from domain.awards.sentences import PATTERNS
from domain.ids import EvaluationId, TenderId, VerdictId
from domain.money import Money
from domain.organizations.verdict import Result, RuleOutcome
from tests.awards.examples import bid, demand, offer, run, sewer
from tests.awards.small_problems import small_problem

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def admission(number: int, lot: int = 1, *, reason: RejectionReason | None = None) -> Admission:
    failed = RuleOutcome(rule="evidence_valid_on_day", result=Result.FAILED, reason="expired", passes="a valid extract")
    return Admission(
        bid_id=bid(number),
        bidder_id=sewer(number),
        lot=lot,
        admitted=reason is None,
        reason=reason,
        detail=None,
        verdict_id=VerdictId(UUID(int=number)),
        rules=() if reason is None else (failed, RuleOutcome(rule="not_the_buyer", result=Result.PASSED)),
    )


def evaluation(problem: Problem, *rejected: int) -> Evaluation:
    allocation = allocate(problem)
    lots = {each.lot for each in problem.demands}
    bids = dict.fromkeys((each.bid_id.int % 1000, each.lot) for each in problem.offers)
    return Evaluation(
        id=EvaluationId(UUID(int=1)),
        tender_id=TenderId(UUID(int=2)),
        admissions=(
            *(admission(number, lot) for number, lot in bids),
            *(admission(number, reason=RejectionReason.NOT_ELIGIBLE) for number in rejected),
        ),
        problem=problem,
        allocation=allocation,
        engine=Greedy().name,
        effort=1,
        results={lot: LotResult.AWARDED if allocation.fills(lot) else LotResult.NOT_FILLED for lot in lots},
        evaluated_at=NOON,
    )


FILLED_BY_OTHERS = (
    "what was asked was filled by offers that were compared at a lower price, or came earlier at the same"
)
RIVALS = Problem(
    demands=(demand(10),),
    offers=(offer(1, "7.31", run(4)), offer(2, "8.17", run(10)), offer(3, "9.43", run(10))),
)


def said_to(number: int, letter: Letter) -> dict[str, list[str]]:
    assert letter.bidder_id == sewer(number)
    texts = [each.text for lot in letter.lots for each in lot.sentences]
    return {name: [getattr(text, name) for text in texts] for name in ("en", "ru", "kk")}


def test_a_loser_reads_his_rank_what_bound_him_and_the_price_that_would_have_won() -> None:
    told = said_to(3, write(evaluation(RIVALS), sewer(3)))
    assert told["en"] == [
        "Lot 1 was awarded; you were given 0 of the 10 pieces that you offered.",
        f"Line 1: rank 3 at the compared price 9.43, given 0 of 10 pieces. What bound it: {FILLED_BY_OTHERS}.",
        "Line 1: at a unit price of 8.16 instead of 9.43 you would have been given 6 pieces.",
    ]
    assert told["ru"][2] == "Позиция 1: при цене 8.16 вместо 9.43 за единицу вы получили бы 6 шт."
    assert told["kk"][2] == "1-позиция: бірлік бағасы 9.43 орнына 8.16 болса, сізге 6 дана берілер еді."


def test_who_was_given_less_than_he_offered_has_a_letter_and_who_was_given_all_has_none() -> None:
    found = evaluation(RIVALS)
    assert losers(found) == (sewer(2), sewer(3))
    ((lot,),) = (write(found, sewer(2)).lots,)
    (line,) = lot.lines
    assert (line.given, line.asked, line.bound) == (6, 10, Bound.DEMAND)
    for stranger in (1, 9):
        with pytest.raises(LetterNotFound):
            write(found, sewer(stranger))


def test_a_rejected_bidder_reads_the_rules_that_did_not_pass_and_what_would() -> None:
    letter = write(evaluation(RIVALS, 4), sewer(4))
    (lot,) = letter.lots
    assert [each.rule for each in lot.rules] == ["evidence_valid_on_day"]
    assert lot.would_have_won is None
    assert said_to(4, letter)["en"] == [
        "Your bid on lot 1 was rejected: you may not take part.",
        "Rule evidence_valid_on_day (failed): what would pass: a valid extract.",
    ]


def test_no_letter_names_another_or_tells_his_price_or_pieces() -> None:
    """Two worlds in which a loser's own lot goes the same way: whoever the others are, he reads the same."""
    found = write(evaluation(RIVALS), sewer(3))
    others = replace(
        RIVALS,
        offers=(
            replace(RIVALS.offers[0], bid_id=bid(5), bidder_id=sewer(5), unit_price=Money.of(7)),
            replace(RIVALS.offers[1], bid_id=bid(6), bidder_id=sewer(6)),
            RIVALS.offers[2],
        ),
    )
    assert write(evaluation(others), sewer(3)) == found
    text = repr(found)
    for rival in (1, 2):
        assert str(sewer(rival)) not in text
    for price in ("7.31", "8.17"):
        assert price not in text


def test_every_sentence_of_random_letters_can_be_said_in_three_languages() -> None:
    codes = set()
    for seed in range(120):
        problem = small_problem(seed)
        allocation = allocate(problem)
        found = Evaluation(
            id=EvaluationId(UUID(int=1)),
            tender_id=TenderId(UUID(int=2)),
            admissions=tuple(
                replace(admission(1), bid_id=bid_id, bidder_id=sewer(bid_id.int), lot=lot)
                for bid_id, lot in dict.fromkeys((each.bid_id, each.lot) for each in problem.offers)
            ),
            problem=problem,
            allocation=allocation,
            engine=Greedy().name,
            effort=1,
            results={
                each.lot: LotResult.AWARDED if allocation.fills(each.lot) else LotResult.NOT_FILLED
                for each in problem.demands
            },
            evaluated_at=NOON,
        )
        for bidder in losers(found):
            letter = write(found, bidder)
            for lot in letter.lots:
                for change in lot.would_have_won.changes if lot.would_have_won else ():
                    whole = allocate(applied(problem, letter.bid_id, lot.lot, change))
                    assert pieces_of(whole, letter.bid_id, lot.lot) == change.pieces > sum(x.given for x in lot.lines)
                for sentence in lot.sentences:
                    codes.add(sentence.code)
                    assert "{" not in sentence.text.en + sentence.text.ru + sentence.text.kk
    assert {f"change_{each}" for each in Changed} <= codes
    assert "no_change" in codes


def test_every_sentence_has_the_same_data_in_three_languages() -> None:
    for code, pattern in PATTERNS.items():
        names = [{part.split("}")[0] for part in text.split("{")[1:]} for text in (pattern.en, pattern.ru, pattern.kk)]
        assert names[0] == names[1] == names[2], code


def test_the_greedy_awards_a_lot_alike_whether_or_not_it_knows_the_lots_after_it() -> None:
    for seed in range(200):
        problem = small_problem(seed)
        whole = allocate(problem)
        for lot in {each.lot for each in problem.demands}:
            part = allocate(until(problem, lot))
            assert {(s.bid_id, s.bidder_id, s.line, s.run) for s in part.shares if s.lot == lot} == {
                (s.bid_id, s.bidder_id, s.line, s.run) for s in whole.shares if s.lot == lot
            }


def test_a_lot_that_nobody_filled_is_told_with_what_would_have_filled_it() -> None:
    problem = Problem(demands=(demand(10),), offers=(offer(1, "8.00", run(10), most=7),))
    (lot,) = write(evaluation(problem), sewer(1)).lots
    assert lot.result is LotResult.NOT_FILLED
    assert lot.would_have_won is not None
    assert [(each.changed, int(each.needed)) for each in lot.would_have_won.changes] == [(Changed.PIECES_MAX, 10)]
    allocation = allocate(problem)
    assert counterfactual(problem, allocation, bid(1), 1, allocate).changes == lot.would_have_won.changes


def test_whatever_can_become_of_a_bid_has_its_sentence() -> None:
    codes = {
        *(f"rejected_{reason}" for reason in RejectionReason),
        *(f"bound_{bound}" for bound in Bound),
        *(f"lot_{result}" for result in LotResult),
    }
    assert codes - PATTERNS.keys() == set()
