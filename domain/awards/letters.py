"""Explain my loss: what a bidder is told about a lot of which he was given nothing, or less than he offered.

A letter is a pure function of the stored evaluation, so it can be written again by anybody who has it. It speaks of
the bidder's own offer only: no other's price, pieces or name. The price that would have won lets him infer the price
that he was compared with; unit prices are read out at the opening, so it tells nothing new.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.awards.allocation import Allocation, Bound, TraceStep
from domain.awards.changes import Change, Changed
from domain.awards.counterfactual import RUNS_MAX, Counterfactual, Rerun, counterfactual, pieces_of
from domain.awards.greedy import Greedy, allocate
from domain.awards.lifting import together, within
from domain.awards.model import Admission, Evaluation, LotResult, RejectionReason
from domain.awards.problem import Problem, compared
from domain.awards.sentences import Sentence, said
from domain.awards.settling import key_of
from domain.errors import NotFound, Titles
from domain.ids import BidId, EvaluationId, OrganizationId, TenderId
from domain.money import Money
from domain.organizations.verdict import Result, RuleOutcome

RUNS_MIN, OFFERS_READ_MAX = 24, 100_000
OTHER_RUNS_MAX = 40
"""Of an engine that takes longer than the greedy."""
"""A lot is awarded again so often that about so many offers are read: some seconds, and the same on every machine."""


class LetterNotFound(NotFound):
    code = "letter-not-found"
    titles = Titles("There is no letter", "Письма нет", "Хат жоқ")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLetter:
    """``rank`` is from 1, by ``compared``; ``sewer_id`` is the bidder or a member of his consortium."""

    line: int
    sewer_id: OrganizationId
    rank: int
    unit_price: Money
    compared: Money
    asked: int
    given: int
    bound: Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLetter:
    """``reason`` and ``rules`` (those that did not pass) where the bid was rejected; otherwise ``lines``, and what
    would have given more.
    """

    lot: int
    result: LotResult
    reason: RejectionReason | None
    detail: str | None
    rules: tuple[RuleOutcome, ...]
    lines: tuple[LineLetter, ...]
    would_have_won: Counterfactual | None

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        if self.reason is not None:
            return (said(f"rejected_{self.reason}", lot=self.lot), *map(_rule, self.rules))
        asked, given = (sum(getattr(each, name) for each in self.lines) for name in ("asked", "given"))
        told = [said(f"lot_{self.result}", lot=self.lot, asked=asked, given=given), *map(_line, self.lines)]
        if self.would_have_won is not None:
            told += _changes(self.would_have_won)
        return tuple(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    tender_id: TenderId
    evaluation_id: EvaluationId
    evaluated_at: datetime
    bidder_id: OrganizationId
    bid_id: BidId
    lots: tuple[LotLetter, ...]


def losers(evaluation: Evaluation) -> tuple[OrganizationId, ...]:
    """Who is owed a letter, in the order of ids."""
    found = {each.bidder_id for each in evaluation.admissions if _lost(evaluation, each)}
    return tuple(sorted(found, key=lambda each: each.int))


def write(evaluation: Evaluation, bidder_id: OrganizationId, rerun: Rerun | None = None) -> Letter:
    """``rerun`` awards again as the evaluation was, where that was not the greedy; None: nobody can within reason, and
    no change is sought. Refuses (``letter-not-found``) who has no bid there, and who was given all that he offered.
    """
    mine = [each for each in evaluation.admissions if each.bidder_id == bidder_id and _lost(evaluation, each)]
    if not mine:
        raise LetterNotFound("There is no letter for this bidder")
    return Letter(
        tender_id=evaluation.tender_id,
        evaluation_id=evaluation.id,
        evaluated_at=evaluation.evaluated_at,
        bidder_id=bidder_id,
        bid_id=mine[0].bid_id,
        lots=tuple(_lot(evaluation, each, rerun) for each in sorted(mine, key=lambda each: each.lot)),
    )


def in_words(letter: Letter, language: str) -> str:
    """The letter as text in ``en``, ``ru`` or ``kk``: a paragraph for each lot."""
    return "\n\n".join("\n".join(getattr(each.text, language) for each in lot.sentences) for lot in letter.lots) + "\n"


def until(problem: Problem, lot: int) -> Problem:
    """All that the greedy's award of the lot depends on: lots before it, and of these those that can touch it."""
    return within(problem, frozenset(each for each in together(problem, lot) if each <= lot))


def _lost(evaluation: Evaluation, admission: Admission) -> bool:
    steps = _steps(evaluation.allocation, admission)
    return not steps or any(step.given < step.asked for step in steps)


def _steps(allocation: Allocation, admission: Admission) -> list[TraceStep]:
    return [each for each in allocation.trace if (each.bid_id, each.lot) == (admission.bid_id, admission.lot)]


def _lot(evaluation: Evaluation, admission: Admission, rerun: Rerun | None) -> LotLetter:
    discounts = {key_of(each): each.discount_percent for each in evaluation.problem.offers}
    steps = _steps(evaluation.allocation, admission)
    return LotLetter(
        lot=admission.lot,
        result=evaluation.results[admission.lot],
        reason=admission.reason,
        detail=admission.detail,
        rules=()
        if admission.admitted
        else tuple(each for each in admission.rules if each.result in {Result.FAILED, Result.COULD_NOT_BE_CHECKED}),
        lines=tuple(
            LineLetter(
                line=step.line,
                sewer_id=step.bidder_id,
                rank=step.rank,
                unit_price=step.unit_price,
                compared=compared(step.unit_price, discounts[step.lot, step.line, step.bid_id, step.bidder_id]),
                asked=step.asked,
                given=step.given,
                bound=step.bound,
            )
            for step in sorted(steps, key=lambda each: (each.line, each.bidder_id.int))
        ),
        would_have_won=_won(evaluation, admission, rerun) if steps else None,
    )


def _won(evaluation: Evaluation, admission: Admission, other: Rerun | None) -> Counterfactual:
    bid_id, lot = admission.bid_id, admission.lot
    if evaluation.engine == Greedy().name:
        seen = until(evaluation.problem, lot)
        runs_max = max(RUNS_MIN, min(RUNS_MAX, OFFERS_READ_MAX // max(len(seen.offers), 1)))
        return counterfactual(seen, evaluation.allocation, bid_id, lot, allocate, runs_max=runs_max)
    if other is None:
        had = pieces_of(evaluation.allocation, bid_id, lot)
        return Counterfactual(bid_id=bid_id, lot=lot, had=had, changes=(), runs=0, cut_short=True)
    seen = within(evaluation.problem, together(evaluation.problem, lot))
    return counterfactual(seen, evaluation.allocation, bid_id, lot, other, runs_max=OTHER_RUNS_MAX)


def _rule(outcome: RuleOutcome) -> Sentence:
    passes = ", ".join(each for each in (outcome.passes, outcome.passes_on and str(outcome.passes_on)) if each) or "-"
    return said("rule_missing", rule=outcome.rule, result=outcome.result, passes=passes)


def _line(line: LineLetter) -> Sentence:
    return said(
        f"bound_{line.bound}",
        line=line.line,
        rank=line.rank,
        compared=line.compared.amount,
        given=line.given,
        asked=line.asked,
    )


def _changes(found: Counterfactual) -> list[Sentence]:
    told = [_change(each) for each in found.changes]
    if found.cut_short:
        told.append(said("cut_short", runs=found.runs))
    elif not told:
        told.append(said("no_change", lot=found.lot))
    return told


def _change(change: Change) -> Sentence:
    places = ".2f" if change.changed in {Changed.UNIT_PRICE, Changed.MINUTES} else ".0f"
    data = {
        "line": change.line,
        "present": format(change.present, places),
        "needed": format(change.needed, places),
        "pieces": change.pieces,
    }
    if change.run is not None:
        data["sizes"] = ", ".join(change.run.sizes)
    return said(f"change_{change.changed}", **data)
