"""Keeping the preference ledger: at each award, what the domestic rule of its package cost and who gained by it."""

from collections.abc import Callable
from datetime import datetime

from domain.awards.greedy import allocate
from domain.awards.model import Evaluation
from domain.awards.preference import entry, kept_out
from domain.awards.problem import Offer
from domain.bids.model import Bid
from domain.events import By
from domain.ids import NewId, PreferenceId
from domain.procedures.rules import Rules
from domain.tenders.lot import Lot
from domain.tenders.model import Tender
from domain.work import Work

OfferOf = Callable[[Bid, Lot, int], Offer]
"""What a bid offers for a line of a lot, by its number."""


async def keep_preference(
    work: Work, tender: Tender, evaluation: Evaluation, offer_of: OfferOf, *, new_id: NewId, by: By, at: datetime
) -> None:
    """Nothing where the package prefers nobody. The greedy made the award, so it makes the other one as well."""
    rules = Rules(tender.procedure)
    discount = rules.percent("discount_producer_percent")
    if not rules.producers_only and not discount:
        return
    out = kept_out(evaluation)
    bids = {bid.id: bid for bid in await work.bids.of_tender(tender.id)} if out else {}
    more = tuple(
        offer_of(bids[each.bid_id], tender.lots[each.lot - 1], line.line)
        for each in out
        for line in (bids[each.bid_id].offer(each.lot) or bids[each.bid_id].offers[0]).lines
    )
    bidders = dict.fromkeys(each.bidder_id for each in (*evaluation.problem.offers, *more))
    standings = await work.preference_ledger.standings(tuple(bidders))
    made = entry(
        evaluation,
        more,
        standings.__getitem__,
        allocate,
        id=PreferenceId(new_id()),
        producers_only=rules.producers_only,
        discount_percent=discount,
        at=at,
    )
    await work.preference_ledger.save(made, because=made.recorded(by=by))
