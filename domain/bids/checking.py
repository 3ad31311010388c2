"""Whether what is offered fits the tender and what its rule package takes: at the submit, and again at the admission.

The first thing that is wrong is refused, with the pointer to its place in the bid. What only the other bids can show
(a firm in two bids for one lot) is in ``domain/awards/admitting.py``, because bids are sealed until they are opened.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from domain.bids.answers import answer_flaws
from domain.bids.combining import check_combination
from domain.bids.model import Bid
from domain.bids.offers import PLAIN, Combination, LineOffer, LotOffer
from domain.bids.refusals import (
    BeyondPackage,
    BidAboveAllocated,
    DeliveryTooLate,
    OfferRefused,
    SpecificationNotMet,
    refuse,
)
from domain.calendar import legal_day
from domain.errors import Flaw, MalformedValue
from domain.garments import GarmentLine
from domain.ids import OrganizationId
from domain.procedures.rules import Rules
from domain.tenders.lot import Lot
from domain.tenders.model import Tender


def check_offers(
    tender: Tender,
    offers: tuple[LotOffer, ...],
    combination: Combination = PLAIN,
    *,
    bidder_id: OrganizationId | None = None,
    lead_from: date | None = None,
) -> None:
    """Refuse offers that name what is not there, twice, above the planned price, or more than the demand; and what the
    tender's package does not take.

    The allocated sum bounds each unit price: ``unit_price <= planned_price`` of the line, so that any part of the
    run stays within its part of the allocated sum. Lead times are counted from ``lead_from``, without it from the
    closing.
    """
    rules = Rules(tender.procedure)
    if not offers:
        raise OfferRefused(
            "A bid offers at least one lot", flaws=(Flaw(pointer="/lots", reason="empty", passes="one lot"),)
        )
    _check_lots(tender, rules, offers, "")
    for index, offer in enumerate(offers):
        if offer.lead_days is not None:
            _check_lead(tender, offer, lead_from, f"/lots/{index}/lead_days")
    if combination != PLAIN:
        for place, member in enumerate(combination.members):
            _check_lots(tender, rules, member.lots, f"/members/{place}")
        check_combination(tender, rules, offers, combination, bidder_id)
    if not rules.partial_bids:
        for index, offer in enumerate(offers):
            shares = [share for each in combination.members if (share := each.offer(offer.lot))]
            _check_whole(tender.lots[offer.lot - 1], (offer, *shares), f"/lots/{index}/lines")


def check_bid(tender: Tender, bid: Bid) -> None:
    """An opened bid, checked again. Lead times are counted from its receipt: a buyer who puts off the closing does not
    put bids in the wrong that were right.
    """
    check_offers(tender, bid.offers, bid.combination, bidder_id=bid.bidder_id, lead_from=legal_day(bid.received_at))


def _check_lots(tender: Tender, rules: Rules, offers: tuple[LotOffer, ...], pointer: str) -> None:
    if len({offer.lot for offer in offers}) != len(offers):
        raise OfferRefused("A lot is offered twice", flaws=(Flaw(pointer=f"{pointer}/lots", reason="twice the same"),))
    for index, offer in enumerate(offers):
        lot, where = tender.lot(offer.lot), f"{pointer}/lots/{index}"
        if lot is None:
            flaw = Flaw(pointer=f"{where}/lot", reason=f"no lot {offer.lot}", passes=f"1 to {len(tender.lots)}")
            raise OfferRefused("The tender has no such lot", flaws=(flaw,))
        if not offer.lines or len({line.line for line in offer.lines}) != len(offer.lines):
            flaw = Flaw(pointer=f"{where}/lines", reason="empty, or a line stands twice")
            raise OfferRefused("A lot offer prices each line at most once, and at least one", flaws=(flaw,))
        for place, line_offer in enumerate(offer.lines):
            _check_line(lot, rules, line_offer, f"{where}/lines/{place}")


def _check_line(lot: Lot, rules: Rules, offer: LineOffer, pointer: str) -> None:
    line = lot.line(offer.line)
    if line is None:
        flaw = Flaw(pointer=f"{pointer}/line", reason=f"no line {offer.line}", passes=f"1 to {len(lot.lines)}")
        raise OfferRefused("The lot has no such line", flaws=(flaw,))
    if offer.unit_price.amount <= 0:
        flaw = Flaw(pointer=f"{pointer}/unit_price", reason="not positive", passes='"0.01" or more')
        raise MalformedValue("A price is positive", flaws=(flaw,))
    if offer.unit_price > line.planned_price:
        flaw = Flaw(
            pointer=f"{pointer}/unit_price",
            reason=f"{offer.unit_price.amount} is above the planned {line.planned_price.amount}",
            passes=f"at most {line.planned_price.amount}",
        )
        raise BidAboveAllocated("The unit price is above what is allocated for the line", flaws=(flaw,))
    unknown = [size for size in offer.sizes if line.run[size] == 0]
    if unknown:
        flaw = Flaw(pointer=f"{pointer}/sizes", reason=f"not in the run: {unknown}", passes=", ".join(line.run.sizes))
        raise OfferRefused("A size is offered that nobody asked for", flaws=(flaw,))
    if not 1 <= offer.pieces_min <= offer.pieces(line):
        flaw = Flaw(
            pointer=f"{pointer}/pieces_min",
            reason=f"{offer.pieces_min} of at most {offer.pieces(line)} pieces",
            passes=f"1 to {offer.pieces(line)}",
        )
        raise OfferRefused("The least number of pieces cannot be met by the offer", flaws=(flaw,))
    if offer.breaks:
        _check_breaks(rules, offer, line, pointer)
    if line.specification or offer.answers:
        required = rules.specification_answers_required
        flaws = tuple(answer_flaws(line, offer.answers, required=required, pointer=pointer))
        if flaws:
            raise SpecificationNotMet(
                f"Line {line.number} of lot {lot.number}: {flaws[0].reason}", flaws=flaws, passes=flaws[0].passes
            )


def _check_breaks(rules: Rules, offer: LineOffer, line: GarmentLine, pointer: str) -> None:
    most = rules.bid_price_breaks_max
    if len(offer.breaks) > most:
        refuse(BeyondPackage, f"{pointer}/breaks", f"{len(offer.breaks)} price breaks", f"at most {most}")
    pieces, price, least = 1, offer.unit_price, Decimal("0.01")
    for place, each in enumerate(offer.breaks):
        where = f"{pointer}/breaks/{place}"
        if not pieces < each.pieces_from <= offer.pieces(line):
            passes = f"{pieces + 1} to {offer.pieces(line)}, rising"
            refuse(OfferRefused, f"{where}/pieces_from", f"from {each.pieces_from} pieces on", passes)
        if each.unit_price.currency != price.currency or not least <= each.unit_price.amount <= price.amount:
            reason = f"{each.unit_price.amount} after {price.amount}"
            passes = f"{least} to {price.amount}: more pieces never cost more"
            refuse(OfferRefused, f"{where}/unit_price", reason, passes)
        pieces, price = each.pieces_from, each.unit_price


def _check_lead(tender: Tender, offer: LotOffer, lead_from: date | None, pointer: str) -> None:
    start = lead_from or (legal_day(tender.closes_at) if tender.closes_at else None)
    if start is None or offer.lead_days is None:
        return
    most = (tender.lots[offer.lot - 1].due_on - start).days
    if not 1 <= offer.lead_days <= most:
        latest = start + timedelta(days=most)
        reason = f"{offer.lead_days} days from {start} on, due on {latest}"
        refuse(DeliveryTooLate, pointer, reason, f"1 to {most} days" if most > 0 else "no delivery fits any more")


def _check_whole(lot: Lot, shares: Iterable[LotOffer], pointer: str) -> None:
    """The package takes no part bids: all who sew for the bid together offer every cell, and the pieces of the lot."""
    given = tuple(shares)
    for line in lot.lines:
        offers = [found for share in given if (found := share.line(line.number))]
        missing = [size for size in line.run.sizes if not any(each.offered(line)[size] for each in offers)]
        pieces = sum(each.pieces(line) for each in offers)
        if missing or pieces < line.run.pieces:
            lacking = f"without {', '.join(missing)}" if missing else f"{pieces} of {line.run.pieces} pieces"
            reason = f"line {line.number}: {lacking}"
            refuse(BeyondPackage, pointer, reason, "the whole lot: the procedure takes no part bids")
