"""The admission of consortia: each who sews is judged, and all of a lot's sewers are admitted or none is.

What keeps a whole bid out of a lot can only be seen once all are opened, because before that they are sealed: a firm
that sits in two bids for one lot. Who bids beside the consortium that counts on him loses his own bid, not theirs;
of consortia that share a firm none can stand, because nobody could say which of them it would sew for.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from domain.awards.model import Admission, RejectionReason, admit
from domain.bids.model import Bid
from domain.ids import BidId, OrganizationId
from domain.organizations.verdict import Verdict
from domain.tenders.model import Tender

Reason = tuple[RejectionReason, str]
Bars = Mapping[tuple[BidId, int], Reason]
"""Per bid and lot what keeps all of the bid out of it."""


def bars(tender: Tender, bids: Iterable[Bid]) -> dict[tuple[BidId, int], Reason]:
    """What the opened bids show together: members whose consent does not stand, and firms in two bids for one lot. Bids
    that agreed to other terms, and those without a member's consent, compete with nobody.
    """
    found: dict[tuple[BidId, int], Reason] = {}
    competing: dict[tuple[OrganizationId, int], list[Bid]] = {}
    for bid in bids:
        for offer in bid.offers:
            sewers = [seat.organization_id for seat in bid.seats(offer.lot)]
            lacking = [str(id) for id in sewers if id in bid.without_consent]
            if lacking:
                detail = f"without the consent of {', '.join(lacking)}"
                found[bid.id, offer.lot] = RejectionReason.CONSENT_MISSING, detail
            elif bid.terms >= tender.terms:
                for id in sewers:
                    competing.setdefault((id, offer.lot), []).append(bid)
    for (id, lot), several in competing.items():
        consortia = [bid for bid in several if len(bid.seats(lot)) > 1]
        losing = consortia if len(consortia) > 1 else []
        losing += [bid for bid in several if consortia and bid not in consortia]
        for bid in losing:
            others = ", ".join(str(other.id) for other in several if other.id != bid.id)
            found.setdefault((bid.id, lot), (RejectionReason.IN_ANOTHER_BID, f"{id} also sews for bid {others}"))
    return found


def admissions_of(
    tender: Tender,
    bid: Bid,
    verdicts: Mapping[tuple[OrganizationId, int], Verdict],
    *,
    lots: Collection[int],
    bars: Bars,
    barred: Callable[[OrganizationId, int], Reason | None],
) -> tuple[Admission, ...]:
    """One for each sewer of the bid in each of ``lots``; ``verdicts`` are theirs at the award, ``barred`` says who is
    not awarded again.
    """
    return tuple(
        admission
        for offer in bid.offers
        if offer.lot in lots
        for admission in _together(
            [
                admit(
                    tender,
                    bid,
                    verdicts[seat.organization_id, offer.lot],
                    barred=bars.get((bid.id, offer.lot)) or barred(seat.organization_id, offer.lot),
                )
                for seat in bid.seats(offer.lot)
            ]
        )
    )


def _together(admissions: list[Admission]) -> list[Admission]:
    """Where one sewer is not admitted the others are not either, and are told for whose sake."""
    failing = [each for each in admissions if not each.admitted]
    if not failing:
        return admissions
    unchecked = all(each.reason is RejectionReason.NOT_CHECKED for each in failing)
    # Doubts about a partner leave the tender open as one's own do.
    reason = RejectionReason.NOT_CHECKED if unchecked else RejectionReason.PARTNER_NOT_ADMITTED
    detail = "; ".join(f"{each.bidder_id}: {each.reason}" for each in failing)
    return [
        replace(each, admitted=False, reason=reason, detail=detail) if each.admitted else each for each in admissions
    ]
