"""The checker's second half: what binds bids as a whole and lots as a whole. Shares no code with the engines either."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.awards.allocation import Allocation
from domain.awards.problem import LotLimits, Offer, PackageDiscount, Problem
from domain.ids import BidId, OrganizationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Pieces, as the shares have them."""

    of_bids: Counter[tuple[BidId, int]]
    of_bidders: Counter[tuple[OrganizationId, int]]
    of_lots: Counter[int]
    packages: Mapping[tuple[BidId, int], list[PackageDiscount]]

    @classmethod
    def of(cls, problem: Problem, allocation: Allocation) -> "Facts":
        of_bids: Counter[tuple[BidId, int]] = Counter()
        of_bidders: Counter[tuple[OrganizationId, int]] = Counter()
        of_lots: Counter[int] = Counter()
        for share in allocation.shares:
            pieces = sum(count for _, count in share.run.cells)
            of_bids[share.bid_id, share.lot] += pieces
            of_bidders[share.bidder_id, share.lot] += pieces
            of_lots[share.lot] += pieces
        packages: dict[tuple[BidId, int], list[PackageDiscount]] = {}
        for package in problem.packages:
            for lot in package.lots:
                packages.setdefault((package.bid_id, lot), []).append(package)
        return cls(of_bids=of_bids, of_bidders=of_bidders, of_lots=of_lots, packages=packages)

    def package_percent(self, bid_id: BidId, lot: int) -> Decimal:
        """The largest of the discounts that the bid's pieces reach in this lot."""
        percents = [Decimal(0)]
        for package in self.packages.get((bid_id, lot), ()):
            fewest = min(self.of_bids[bid_id, each] for each in package.lots)
            if fewest >= package.pieces_min:
                percents.append(package.percent)
        return max(percents)


def bid_violations(problem: Problem, allocation: Allocation, facts: Facts) -> Iterator[str]:
    for group in problem.either_or:
        won = [lot for lot in sorted(set(group.lots)) if facts.of_bids[group.bid_id, lot] > 0]
        if len(won) > 1:
            yield f"bid {group.bid_id}: won lots {won}, of which it may win one"
    given = {
        (share.lot, share.line, share.bid_id, share.bidder_id): sum(count for _, count in share.run.cells)
        for share in allocation.shares
    }
    members: dict[tuple[BidId, int], list[Offer]] = {}
    for offer in problem.offers:
        members.setdefault((offer.bid_id, offer.lot), []).append(offer)
    for joint in problem.joints:
        if not facts.of_bids[joint.bid_id, joint.lot]:
            continue
        for offer in members.get((joint.bid_id, joint.lot), ()):
            pieces = given.get((offer.lot, offer.line, offer.bid_id, offer.bidder_id), 0)
            if pieces < max(offer.pieces_min, 1):
                yield (
                    f"lot {joint.lot} line {offer.line} bid {joint.bid_id}: member {offer.bidder_id} of the consortium"
                    f" has {pieces} pieces, at least {offer.pieces_min} are his"
                )


def lot_violations(problem: Problem, facts: Facts) -> Iterator[str]:
    wanted: Counter[int] = Counter()
    for demand in problem.demands:
        wanted[demand.lot] += sum(count for _, count in demand.run.cells)
    winners: dict[int, dict[BidId, int]] = {}
    for (bid_id, lot), pieces in facts.of_bids.items():
        if pieces:
            winners.setdefault(lot, {})[bid_id] = pieces
    for limits in problem.limits:
        yield from _limit_violations(limits, wanted[limits.lot], winners.get(limits.lot, {}))
    for quota in problem.quotas:
        lots = set(quota.lots)
        everybody = sum(facts.of_lots[lot] for lot in lots)
        members = sum(
            pieces for (bidder, lot), pieces in facts.of_bidders.items() if lot in lots and bidder in quota.bidders
        )
        if members * 100 < quota.percent_min * everybody:
            yield f"quota {quota.name}: {members} of {everybody} pieces, at least {quota.percent_min} percent"


def _limit_violations(limits: LotLimits, wanted: int, winners: Mapping[BidId, int]) -> Iterator[str]:
    if limits.winners_max is not None and len(winners) > limits.winners_max:
        yield f"lot {limits.lot}: {len(winners)} winners, at most {limits.winners_max}"
    for bid, pieces in sorted(winners.items(), key=lambda each: str(each[0])):
        if pieces < limits.pieces_min:
            yield f"lot {limits.lot} bid {bid}: {pieces} pieces, at least {limits.pieces_min}"
        if limits.share_percent_max is not None and pieces * 100 > limits.share_percent_max * wanted:
            yield f"lot {limits.lot} bid {bid}: {pieces} of {wanted} pieces, at most {limits.share_percent_max} percent"
