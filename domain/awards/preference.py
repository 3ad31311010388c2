"""The preference ledger: the same award without the domestic rule, what the rule cost, and who gained by it.

Without the rule everybody is admitted whom only rules about producers kept out, nobody is compared at a discount for
being one, and the same engine awards again. What a sewer without a workshop's profile can sew nobody knows: it counts
as enough. Only bids that came are counted: whom the rule kept from bidding at all, no award can tell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from domain.awards.allocation import Share
from domain.awards.counterfactual import Rerun
from domain.awards.model import Admission, Evaluation, LotResult, RejectionReason
from domain.awards.offers import Offered
from domain.awards.problem import Free, Offer, Problem
from domain.awards.settling import key_of
from domain.events import By, Event
from domain.ids import EvaluationId, OrganizationId, PreferenceId, TenderId
from domain.money import Money, total
from domain.organizations.evidence_rules import EVIDENCE_RULES
from domain.organizations.verdict import Result
from domain.organizations.workshop import Size

PRODUCER_RULES = frozenset({*EVIDENCE_RULES, "workshop_described"})
"""Rules of the origin verdict that ask who is a producer, and nothing else."""
_NONE = Money(Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a bidder stands and how large he is: ``region`` is two digits of KATO."""

    region: str
    size: Size


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPreference:
    """Sums are None where the lot is not awarded. ``changed_hands``: somebody's pieces of it are others."""

    lot: int
    with_rule: Money | None
    without_rule: Money | None
    changed_hands: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """Awards to the bidders of one region and size, with the rule and without it."""

    region: str
    size: Size
    with_rule: Money
    without_rule: Money
    pieces_with: int
    pieces_without: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceRecorded(Event):
    type: ClassVar[str] = "preference.recorded"
    subject: ClassVar[str] = "preference"
    tender_id: TenderId
    evaluation_id: EvaluationId
    difference: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceEntry:
    """``difference`` is what the rule cost: over the lots that are awarded both ways, with it less without it.
    ``admitted_more`` bids would have been admitted; ``discount_percent`` was the producers'.
    """

    id: PreferenceId
    tender_id: TenderId
    evaluation_id: EvaluationId
    producers_only: bool
    discount_percent: Decimal
    admitted_more: int
    lots: tuple[LotPreference, ...]
    gains: tuple[Gain, ...]
    with_rule: Money
    without_rule: Money
    changed_lots: int
    recorded_at: datetime
    version: int = 0

    @property
    def difference(self) -> Money:
        return self.with_rule - self.without_rule

    def recorded(self, *, by: By) -> PreferenceRecorded:
        return PreferenceRecorded(
            subject_id=self.id,
            by=by,
            at=self.recorded_at,
            tender_id=self.tender_id,
            evaluation_id=self.evaluation_id,
            difference=self.difference,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceReport:
    """Awards from the beginning of a period until before its end, oldest first. The sums are over all of them, and
    ``gains`` per region and size.
    """

    entries: tuple[PreferenceEntry, ...]
    as_of: datetime

    @property
    def with_rule(self) -> Money:
        return total(each.with_rule for each in self.entries)

    @property
    def without_rule(self) -> Money:
        return total(each.without_rule for each in self.entries)

    @property
    def difference(self) -> Money:
        return self.with_rule - self.without_rule

    @property
    def gains(self) -> tuple[Gain, ...]:
        groups: dict[tuple[str, Size], list[Gain]] = {}
        for each in (gain for entry in self.entries for gain in entry.gains):
            groups.setdefault((each.region, each.size), []).append(each)
        return tuple(
            Gain(
                region=region,
                size=size,
                with_rule=total(each.with_rule for each in found),
                without_rule=total(each.without_rule for each in found),
                pieces_with=sum(each.pieces_with for each in found),
                pieces_without=sum(each.pieces_without for each in found),
            )
            for (region, size), found in sorted(groups.items())
        )


def kept_out(evaluation: Evaluation) -> tuple[Admission, ...]:
    """Bids that only rules about producers rejected, of lots that could be awarded."""
    doubtful = {RejectionReason.NOT_ELIGIBLE, RejectionReason.NOT_CHECKED}
    return tuple(
        each
        for each in evaluation.admissions
        if each.reason in doubtful
        and evaluation.results[each.lot] is not LotResult.FAILED
        and {rule.rule for rule in each.rules if rule.result in {Result.FAILED, Result.COULD_NOT_BE_CHECKED}}
        <= PRODUCER_RULES
    )


def more_of(problem: Problem, found: Offered) -> tuple[Offer, ...]:
    """The offers that are not in the problem yet."""
    known = {key_of(each) for each in problem.offers}
    return tuple(each for each in found.offers if key_of(each) not in known)


def without_preference(problem: Problem, found: Offered) -> Problem:
    """The problem without the domestic rule: ``found`` is what all bring who are admitted then, and nobody is compared
    at a discount for being a producer.
    """
    offers = (*problem.offers, *more_of(problem, found))
    capacity = problem.capacity
    if capacity is not None:
        days = sorted({each.due_on for each in problem.demands})
        enough = sum((each.standard_minutes * each.run.pieces for each in problem.demands), Decimal(0))
        unknown = {str(each.bidder_id) for each in offers} - set(capacity)
        capacity = capacity | {bidder: tuple(Free(until=day, minutes=enough) for day in days) for bidder in unknown}
    return replace(
        problem,
        offers=tuple(
            replace(
                each, discount_percent=each.discount_percent - each.preference_percent, preference_percent=Decimal(0)
            )
            for each in offers
        ),
        capacity=capacity,
        either_or=found.either_or,
        packages=found.packages,
        joints=found.joints,
    )


def entry(
    evaluation: Evaluation,
    found: Offered,
    standing: Callable[[OrganizationId], Standing],
    rerun: Rerun,
    *,
    id: PreferenceId,
    producers_only: bool,
    discount_percent: Decimal,
    at: datetime,
) -> PreferenceEntry:
    """``found`` is what the admitted bids bring, and those that were ``kept_out``; ``standing`` is asked of every
    winner.
    """
    other = without_preference(evaluation.problem, found)
    lots = tuple(sorted({each.lot for each in evaluation.problem.demands}))
    possible = [lot for lot in lots if evaluation.results.get(lot) is not LotResult.FAILED]
    ours = [each for each in evaluation.allocation.shares if each.lot in evaluation.awarded_lots]
    theirs = [each for each in rerun(other).shares if each.lot in possible]
    told = tuple(_lot(lot, ours, theirs) for lot in lots)
    both = [each for each in told if each.with_rule is not None and each.without_rule is not None]
    return PreferenceEntry(
        id=id,
        tender_id=evaluation.tender_id,
        evaluation_id=evaluation.id,
        producers_only=producers_only,
        discount_percent=discount_percent,
        admitted_more=len({each.bid_id for each in more_of(evaluation.problem, found)}),
        lots=told,
        gains=_gains(ours, theirs, standing),
        with_rule=total(each.with_rule or _NONE for each in both),
        without_rule=total(each.without_rule or _NONE for each in both),
        changed_lots=sum(each.changed_hands for each in told),
        recorded_at=at,
    )


def _lot(lot: int, ours: list[Share], theirs: list[Share]) -> LotPreference:
    mine, others = ([each for each in shares if each.lot == lot] for shares in (ours, theirs))
    return LotPreference(
        lot=lot,
        with_rule=total(each.sum for each in mine) if mine else None,
        without_rule=total(each.sum for each in others) if others else None,
        changed_hands=_pieces(mine) != _pieces(others),
    )


def _pieces(shares: list[Share]) -> Mapping[tuple[int, OrganizationId], int]:
    return {(each.line, each.bidder_id): each.run.pieces for each in shares}


def _gains(ours: list[Share], theirs: list[Share], standing: Callable[[OrganizationId], Standing]) -> tuple[Gain, ...]:
    groups: dict[tuple[str, Size], tuple[list[Share], list[Share]]] = {}
    for place, shares in enumerate((ours, theirs)):
        for each in shares:
            who = standing(each.bidder_id)
            groups.setdefault((who.region, who.size), ([], []))[place].append(each)
    return tuple(
        Gain(
            region=region,
            size=size,
            with_rule=total(each.sum for each in mine),
            without_rule=total(each.sum for each in others),
            pieces_with=sum(each.run.pieces for each in mine),
            pieces_without=sum(each.run.pieces for each in others),
        )
        for (region, size), (mine, others) in sorted(groups.items())
    )
