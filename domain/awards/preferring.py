"""Keeping the preference ledger: at each award, what the domestic rule of its package cost and who gained by it."""

from datetime import datetime

from domain.awards.greedy import allocate
from domain.awards.model import Evaluation, RejectionReason
from domain.awards.offers import offered
from domain.awards.preference import entry, kept_out
from domain.events import By
from domain.ids import BidId, NewId, PreferenceId
from domain.procedures.rules import Rules
from domain.tenders.model import Tender
from domain.work import Work


async def keep_preference(
    work: Work, tender: Tender, evaluation: Evaluation, *, new_id: NewId, by: By, at: datetime
) -> None:
    """Nothing where the package prefers nobody. What is compared are two awards by the greedy: where the buyer chose
    another one, the rule is weighed on the award as the package says, so that the choice is not counted as its price.
    """
    if evaluation.chosen is not None:
        evaluation = await work.evaluations.get(evaluation.chosen.evaluation_id)
    rules = Rules(tender.procedure)
    discount = rules.percent("discount_producer_percent")
    if not rules.producers_only and not discount:
        return
    bids = await work.bids.of_tender(tender.id)
    found = offered(tender.lots, bids, _admitted_then(evaluation))
    sewers = dict.fromkeys(each.bidder_id for each in (*evaluation.problem.offers, *found.offers))
    standings = await work.preference_ledger.standings(tuple(sewers))
    made = entry(
        evaluation,
        found,
        standings.__getitem__,
        allocate,
        id=PreferenceId(new_id()),
        producers_only=rules.producers_only,
        discount_percent=discount,
        at=at,
    )
    await work.preference_ledger.save(made, because=made.recorded(by=by))


def _admitted_then(evaluation: Evaluation) -> set[tuple[BidId, int]]:
    """Bids and lots that are in the award without the rule: each of their sewers is admitted, or only the rule, or a
    partner whom only the rule keeps out, keeps him out.
    """
    out = {(each.bid_id, each.bidder_id, each.lot) for each in kept_out(evaluation)}
    offering = {(each.bid_id, each.lot) for each in evaluation.problem.offers}
    fine = {
        (each.bid_id, each.lot): True
        for each in evaluation.admissions
        if (each.bid_id, each.lot) in offering or (each.bid_id, each.bidder_id, each.lot) in out
    }
    for each in evaluation.admissions:
        partner = each.reason is RejectionReason.PARTNER_NOT_ADMITTED
        if not (each.admitted or partner or (each.bid_id, each.bidder_id, each.lot) in out):
            fine.pop((each.bid_id, each.lot), None)
    return set(fine)
