"""Judging for an award: each who sews for a bid, on each lot of it, on this day; then who is admitted."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from domain.awards.admitting import admissions_of, bars
from domain.awards.allocation import Share
from domain.awards.barring import Barred
from domain.awards.model import Admission
from domain.bids.model import Bid
from domain.bids.offers import Seat
from domain.errors import Conflict, Titles
from domain.events import By
from domain.ids import BidId, NewId, OrganizationId
from domain.organizations.facts import Stage
from domain.organizations.producing import reach
from domain.organizations.verdict import Verdict
from domain.tenders.lot import Lot
from domain.tenders.model import Tender
from domain.work import Work


class WinnerNotEligible(Conflict):
    """Somebody may not win any more who could when the tender was evaluated."""

    code = "winner-not-eligible"
    titles = Titles(
        "A winner may not take part any more",
        "Победитель больше не соответствует требованиям",
        "Жеңімпаз енді талаптарға сай емес",
    )


Verdicts = Mapping[tuple[BidId, OrganizationId, int], Verdict]
"""By bid, sewer and lot."""


async def judged(
    work: Work,
    tender: Tender,
    bids: Sequence[Bid],
    *,
    among: Iterable[Bid],
    barred: Barred,
    lots: Collection[int] | None = None,
    rest: bool = False,
    new_id: NewId,
    at: datetime,
) -> tuple[tuple[Admission, ...], Verdicts]:
    """Of ``bids``, which stand ``among`` all that were opened; in ``lots``, None for all. ``rest``: no pieces are asked
    beside those that a sewer has been awarded, what is left of his capacity bounds the award. Nothing is stored.
    """
    barring = bars(tender, among)
    admissions: list[Admission] = []
    verdicts: dict[tuple[BidId, OrganizationId, int], Verdict] = {}
    for bid in bids:
        chosen = [offer.lot for offer in bid.offers if lots is None or offer.lot in lots]
        mine: dict[tuple[OrganizationId, int], Verdict] = {}
        for number in chosen:
            lot = tender.lots[number - 1]
            for seat in bid.seats(number):
                mine[seat.organization_id, number] = await reach(
                    work,
                    supplier_id=seat.organization_id,
                    tender=tender,
                    lot=lot,
                    pieces=dict.fromkeys(_pieces(seat, lot), 0) if rest else _pieces(seat, lot),
                    stage=Stage.AWARD,
                    at=at,
                    new_id=new_id,
                )
        admissions += admissions_of(tender, bid, mine, lots=chosen, bars=barring, barred=barred.reason)
        verdicts |= {(bid.id, *key): verdict for key, verdict in mine.items()}
    return tuple(admissions), verdicts


async def judged_again(
    work: Work, tender: Tender, shares: Iterable[Share], *, by: By, new_id: NewId, at: datetime
) -> dict[tuple[OrganizationId, int], Verdict]:
    """The winners' verdicts on the day of the award, for what they win; stored. Evidence may have ended, and registers
    may have changed, since the evaluation: refuses (``winner-not-eligible``) whoever is not accepted.
    """
    won: dict[tuple[OrganizationId, int], dict[int, int]] = {}
    for share in shares:
        lines = won.setdefault((share.bidder_id, share.lot), {})
        lines[share.line] = lines.get(share.line, 0) + share.run.pieces
    found = {}
    for (sewer, lot), pieces in won.items():
        verdict = await reach(
            work,
            supplier_id=sewer,
            tender=tender,
            lot=tender.lots[lot - 1],
            pieces=pieces,
            stage=Stage.AWARD,
            at=at,
            new_id=new_id,
        )
        if not verdict.accepted:
            told = "; ".join(f"{each.rule}: {each.reason}" for each in verdict.missing)
            raise WinnerNotEligible(
                f"Supplier {sewer} may not win lot {lot}: {told}", passes="another evaluation", supplier_id=str(sewer)
            )
        found[sewer, lot] = await work.verdicts.save(verdict, because=verdict.reached(by=by))
    return found


def _pieces(seat: Seat, lot: Lot) -> dict[int, int]:
    return seat.offer.pieces(lot)
