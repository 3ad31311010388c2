"""Assessing: what the committee, the papers and the prices make of admitted bids, before anything is allocated.

    papers and declarations must not be awaited -> lapsed papers reject -> dumping is judged, and may reject
    -> scores become discounts -> ties are ranked

Everything after the reads is pure: the same stored facts give the same assessment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from domain.actors import Actor
from domain.awards.judging import Verdicts
from domain.awards.model import Admission, RejectionReason
from domain.awards.problem import Offer
from domain.bids.model import Bid
from domain.evaluating.committee import Committee
from domain.evaluating.comparing import conditional_discounts, quality_discount
from domain.evaluating.dumping import dumping_of
from domain.evaluating.papers import PaperRequest, lapsed, must_not_be_awaited
from domain.evaluating.refusals import CommitteeMissing
from domain.evaluating.scores import ScoreSheet, must_be_scored
from domain.evaluating.ties import Contender, draws_lots, tie_ranks
from domain.ids import BidId, OrganizationId
from domain.money import Money
from domain.procedures.rules import Rules
from domain.tenders.lot import Lot
from domain.tenders.model import Tender
from domain.tenders.thresholds import legal_year
from domain.work import Work

_STEP = Decimal("0.01")
_BY_CONTRACTS = frozenset({"fewer_contract_sums", "fewer_contracts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """In per cent, for comparison only: for quality by the criteria, and for being a domestic producer."""

    quality: Decimal
    preference: Decimal

    @property
    def percent(self) -> Decimal:
        return self.quality + self.preference


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """``admissions`` in the order in which they came. ``discounts`` per bid, sewer, lot and line; ``tie_ranks`` per bid
    and lot: who comes first among equal compared prices.
    """

    admissions: tuple[Admission, ...]
    discounts: Mapping[tuple[BidId, OrganizationId, int, int], Discount]
    tie_ranks: Mapping[tuple[BidId, int], int]

    def applied(self, offers: Iterable[Offer]) -> tuple[Offer, ...]:
        """Offers of admitted bids as they are compared; what they cost stays as it is."""
        found = []
        for offer in offers:
            discount = self.discounts[offer.bid_id, offer.bidder_id, offer.lot, offer.line]
            found.append(
                replace(
                    offer,
                    discount_percent=discount.percent,
                    preference_percent=discount.preference,
                    tie_rank=self.tie_ranks[offer.bid_id, offer.lot],
                )
            )
        return tuple(found)


async def assess(
    work: Work,
    tender: Tender,
    bids: Sequence[Bid],
    admissions: Sequence[Admission],
    verdicts: Verdicts,
    *,
    by: Actor,
    at: datetime,
) -> Assessment:
    """The tender is locked by the caller. Refuses an evaluation by a recused member (``member-recused``), while papers
    are awaited (``papers-awaited``), and one whose committee has not done its part (``declaration-missing``,
    ``no-quorum``, ``scores-missing``, ``committee-missing``).
    """
    rules = Rules(tender.procedure)
    committee = await work.committees.find(tender.id)
    if committee is not None:
        committee.must_not_be_recused(by.person_id)
    requests = await work.paper_requests.of_tender(tender.id)
    must_not_be_awaited(requests, at=at)
    judged = judge(tender, bids, admissions, requests, at=at)
    by_id = {bid.id: bid for bid in bids}
    places = dict.fromkeys((each.bid_id, each.lot) for each in judged if each.admitted)
    admitted = [(by_id[id], lot) for id, lot in places]
    sheets: Mapping[BidId, tuple[ScoreSheet, ...]] = {}
    if admitted and (committee is not None or tender.criteria):
        quorate = _quorate(rules, committee)
        if tender.criteria:
            scored = dict.fromkeys(bid.id for bid, _ in admitted)
            sheets = must_be_scored(quorate, scored, await work.scores.of_tender(tender.id))
    return Assessment(
        admissions=judged,
        discounts=discounts(tender, admitted, sheets, verdicts),
        tie_ranks=await _ranks(work, tender, admitted, verdicts, at=at),
    )


def judge(
    tender: Tender,
    bids: Sequence[Bid],
    admissions: Sequence[Admission],
    requests: Iterable[PaperRequest],
    *,
    at: datetime,
) -> tuple[Admission, ...]:
    """Reject bids whose papers were not completed in time; then judge dumping among those that are left, lot by lot."""
    missing = lapsed(requests, at=at)
    judged = [
        _rejected(each, RejectionReason.PAPERS_MISSING, missing[each.bid_id])
        if each.admitted and each.bid_id in missing
        else each
        for each in admissions
    ]
    rules = Rules(tender.procedure)
    checks = {
        (id, lot.number): check
        for lot in tender.lots
        for id, check in dumping_of(rules, lot, _admitted(bids, judged, lot)).items()
    }
    found = []
    for each in judged:
        check = checks.get((each.bid_id, each.lot))
        checked = each if check is None else replace(each, dumping=check)
        if check is not None and check.rejects:
            detail = f"{check.price.amount} is below {check.threshold.amount}, the least price that is no dumping"
            checked = _rejected(checked, RejectionReason.DUMPING, detail)
        found.append(checked)
    return tuple(found)


def discounts(
    tender: Tender,
    admitted: Iterable[tuple[Bid, int]],
    sheets: Mapping[BidId, tuple[ScoreSheet, ...]],
    verdicts: Verdicts,
) -> dict[tuple[BidId, OrganizationId, int, int], Discount]:
    """Per offered line, in per cent: what criteria give the bid, and what the package gives its sewer as a producer of
    the line.
    """
    rules = Rules(tender.procedure)
    found: dict[tuple[BidId, OrganizationId, int, int], Discount] = {}
    for bid, lot in admitted:
        quality = quality_discount(tender.criteria, sheets.get(bid.id, ()))
        for seat in bid.seats(lot):
            sewer = seat.organization_id
            lines = [each.line for each in seat.offer.lines]
            conditional = conditional_discounts(rules, verdicts[bid.id, sewer, lot], lines)
            for line, percent in conditional.items():
                found[bid.id, sewer, lot, line] = Discount(quality=quality, preference=percent)
    return found


async def _ranks(
    work: Work, tender: Tender, admitted: Sequence[tuple[Bid, int]], verdicts: Verdicts, *, at: datetime
) -> dict[tuple[BidId, int], int]:
    """Only what the package's words ask for is read."""
    rules = Rules(tender.procedure)
    words = rules.words("tie_breaks")
    bidders = tuple(dict.fromkeys(bid.bidder_id for bid, _ in admitted))
    contracts: Mapping[OrganizationId, tuple[Money, int]] = {}
    if bidders and words & _BY_CONTRACTS:
        contracts = await work.standings.contracts(bidders, year=legal_year(at))
    minutes: Mapping[OrganizationId, tuple[Decimal, Decimal]] = {}
    if bidders and "small_workshop" in words:
        minutes = await work.evaluations.minutes(bidders)
    seed = ""
    if admitted and draws_lots(rules):
        seed = (await work.envelopes.published(tender.id)).hash().hex()
    nothing = Money(Decimal(0))
    return tie_ranks(
        rules,
        [
            Contender(
                bid_id=bid.id,
                lot=lot,
                received_at=bid.received_at,
                contract_sum=contracts.get(bid.bidder_id, (nothing, 0))[0],
                contracts=contracts.get(bid.bidder_id, (nothing, 0))[1],
                local_content=local_content(tender.lots[lot - 1], bid, verdicts),
                minutes_a_week=minutes[bid.bidder_id][0] if bid.bidder_id in minutes else None,
            )
            for bid, lot in admitted
        ],
        seed=seed,
    )


def local_content(lot: Lot, bid: Bid, verdicts: Verdicts) -> Decimal:
    """Per cent of what the bid offers for the lot, by pieces over all its sewers; a line without a proof counts 0."""
    weighted, offered = Decimal(0), 0
    for seat in bid.seats(lot.number):
        shares = verdicts[bid.id, seat.organization_id, lot.number].local_content
        for line, pieces in seat.offer.pieces(lot).items():
            weighted += shares.get(line, Decimal(0)) * pieces
            offered += pieces
    return (weighted / offered).quantize(_STEP, ROUND_HALF_UP) if offered else Decimal(0)


def _quorate(rules: Rules, committee: Committee | None) -> Committee:
    if committee is None:
        raise CommitteeMissing("Nobody scores by the criteria", passes="a committee, appointed before the publication")
    committee.must_be_quorate(rules)
    return committee


def _admitted(bids: Sequence[Bid], admissions: Iterable[Admission], lot: Lot) -> list[Bid]:
    ids = {each.bid_id for each in admissions if each.admitted and each.lot == lot.number}
    return [bid for bid in bids if bid.id in ids]


def _rejected(admission: Admission, reason: RejectionReason, detail: str) -> Admission:
    return replace(admission, admitted=False, reason=reason, detail=detail)
