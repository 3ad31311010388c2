"""Posing the allocation problem: what the lots need, what admitted bids offer, and what binds them."""

from collections.abc import Callable, Iterable
from datetime import datetime

from domain.awards.judging import Verdicts
from domain.awards.model import Admission
from domain.awards.offers import offered
from domain.awards.problem import Demand, Free, Offer, Problem
from domain.bids.model import Bid
from domain.capacity.booking import free_of
from domain.garments import GarmentLine
from domain.procedures.rules import Rules
from domain.tenders.lot import Lot
from domain.tenders.model import Tender
from domain.work import Work

Compared = Callable[[Iterable[Offer]], tuple[Offer, ...]]
"""Gives offers their discounts and their ranks among equals."""


async def posed(
    work: Work,
    tender: Tender,
    bids: Iterable[Bid],
    admissions: Iterable[Admission],
    verdicts: Verdicts,
    *,
    compared: Compared,
    at: datetime,
) -> Problem:
    """Of the whole tender, as it is at ``at``."""
    admitted = {(admission.bid_id, admission.lot) for admission in admissions if admission.admitted}
    found = offered(tender.lots, bids, admitted)
    offers = compared(found.offers)
    demands = demands_of(tender)
    return Problem(
        demands=demands,
        offers=offers,
        capacity=await capacity_of(work, tender, demands, offers, at),
        units=units_of(tender, offers, verdicts),
        either_or=found.either_or,
        packages=found.packages,
        joints=found.joints,
    )


def demands_of(tender: Tender) -> tuple[Demand, ...]:
    return tuple(demand_of(lot, line) for lot in tender.lots for line in lot.lines)


def demand_of(lot: Lot, line: GarmentLine) -> Demand:
    return Demand(
        lot=lot.number,
        line=line.number,
        product=product_of(line),
        run=line.run,
        standard_minutes=line.standard_minutes,
        planned_price=line.planned_price,
        due_on=lot.due_on,
        partial=lot.partial_award,
    )


async def capacity_of(
    work: Work, tender: Tender, demands: tuple[Demand, ...], offers: tuple[Offer, ...], at: datetime
) -> dict[str, tuple[Free, ...]] | None:
    """Standard minutes per sewer from the award until each delivery day, net of what contracts have booked; None where
    the package does not count minutes.
    """
    if not Rules(tender.procedure).producers_only:
        return None
    sewers = dict.fromkeys(offer.bidder_id for offer in offers)
    return await free_of(work, sewers, days=(demand.due_on for demand in demands), at=at)


def product_of(line: GarmentLine) -> str:
    """The six digits of KPVED/CPA that capacity is declared for."""
    return line.ens_tru[:6]


def units_of(tender: Tender, offers: tuple[Offer, ...], verdicts: Verdicts) -> dict[str, int]:
    """What is left of each sewer's declared capacity per product; of two proofs the smaller remainder counts."""
    units: dict[str, int] = {}
    for offer in offers:
        left = verdicts[offer.bid_id, offer.bidder_id, offer.lot].units_left(offer.line)
        if left is not None:
            capacity = f"{offer.bidder_id}/{product_of(tender.lots[offer.lot - 1].lines[offer.line - 1])}"
            units[capacity] = min(left, units.get(capacity, left))
    return units
