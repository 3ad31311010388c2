"""Whether the parts of a bid hang together as its tender's package takes it: either-or, packages, a consortium."""

from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal

from domain.bids.offers import Combination, LotOffer, Package
from domain.bids.refusals import BeyondPackage, ConsortiumRefused, OfferRefused, refuse
from domain.ids import OrganizationId
from domain.money import TIYN
from domain.procedures.rules import Rules
from domain.tenders.model import Tender

_HUNDRED = Decimal(100)


def check_combination(
    tender: Tender,
    rules: Rules,
    offers: tuple[LotOffer, ...],
    combination: Combination,
    bidder_id: OrganizationId | None,
) -> None:
    """The lots and lines that are offered are checked by the caller before."""
    _check_members(rules, offers, combination, bidder_id)
    _within(len(combination.either_or), rules.either_or_groups_max, "/either_or", "either-or groups")
    _within(len(combination.packages), rules.package_discounts_max, "/packages", "package discounts")
    offered = {offer.lot for offer in offers}
    for place, group in enumerate(combination.either_or):
        _check_group(group, offered, f"/either_or/{place}")
    bundled: set[int] = set()
    for place, package in enumerate(combination.packages):
        pointer = f"/packages/{place}"
        _check_group(package.lots, offered, f"{pointer}/lots")
        if bundled & set(package.lots):
            refuse(OfferRefused, f"{pointer}/lots", "a lot stands in two packages", "each lot in one package at most")
        bundled |= set(package.lots)
        if any(len(set(group) & set(package.lots)) > 1 for group in combination.either_or):
            reason = "two of its lots are in one either-or group, so it can never be awarded"
            refuse(OfferRefused, f"{pointer}/lots", reason, "lots that can be awarded together")
        _check_package(tender, offers, combination, package, pointer)


def _check_package(
    tender: Tender, offers: tuple[LotOffer, ...], combination: Combination, package: Package, pointer: str
) -> None:
    if not 0 < package.percent < _HUNDRED or package.percent != round(package.percent, 2):
        refuse(OfferRefused, f"{pointer}/percent", f"{package.percent} percent", "more than 0, below 100, two decimals")
    shares = (*offers, *(share for member in combination.members for share in member.lots))
    mine = [share for share in shares if share.lot in package.lots]
    pieces = dict.fromkeys(package.lots, 0)
    for share in mine:
        pieces[share.lot] += sum(share.pieces(tender.lots[share.lot - 1]).values())
    most = min(pieces.values())
    if not 1 <= package.pieces_min <= most:
        refuse(OfferRefused, f"{pointer}/pieces_min", f"{package.pieces_min} of at most {most}", f"1 to {most}")
    prices = [line.breaks[-1].unit_price if line.breaks else line.unit_price for share in mine for line in share.lines]
    lowest = min(price.amount for price in prices) * (_HUNDRED - package.percent) / _HUNDRED
    if lowest.quantize(TIYN, ROUND_DOWN) <= 0:
        refuse(OfferRefused, f"{pointer}/percent", "a unit price would come to nothing", "a smaller percentage")


def _check_group(lots: tuple[int, ...], offered: Iterable[int], pointer: str) -> None:
    if len(lots) < 2 or len(set(lots)) != len(lots):  # noqa: PLR2004 - one lot is no choice
        refuse(OfferRefused, pointer, "fewer than two lots, or a lot twice", "two lots or more, each once")
    strangers = sorted(set(lots) - set(offered))
    if strangers:
        refuse(OfferRefused, pointer, f"lot {strangers[0]} is not offered", "lots that the bid offers")


def _check_members(
    rules: Rules, offers: tuple[LotOffer, ...], combination: Combination, bidder_id: OrganizationId | None
) -> None:
    if not combination.members:
        return
    sewers = len(combination.members) + 1
    most = rules.consortium_members_max
    if sewers > most:
        passes = f"at most {most}, the leader included" if most > 1 else "a bid of one's own"
        refuse(BeyondPackage, "/members", f"a consortium of {sewers}", passes)
    ids = [member.organization_id for member in combination.members]
    if len(set(ids)) != len(ids) or bidder_id in ids:
        refuse(ConsortiumRefused, "/members", "a member stands twice, or is the bidder", "each sewer once")
    offered = {offer.lot for offer in offers}
    for place, member in enumerate(combination.members):
        if not member.lots:
            refuse(ConsortiumRefused, f"/members/{place}/lots", "no share", "a share in one lot at least")
        for index, share in enumerate(member.lots):
            pointer = f"/members/{place}/lots/{index}"
            if share.lot not in offered:
                refuse(ConsortiumRefused, f"{pointer}/lot", "the leader does not sew in this lot", "one of his lots")
            if share.lead_days is not None:
                refuse(ConsortiumRefused, f"{pointer}/lead_days", "a lot is delivered as a whole", "the leader's word")


def _within(count: int, most: int, pointer: str, what: str) -> None:
    if count > most:
        refuse(BeyondPackage, pointer, f"{count} {what}", f"at most {most}")
