"""Consortia after the opening: who is judged for what, who keeps whom out, and what of it becomes a problem."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from domain.awards.admitting import admissions_of, bars
from domain.awards.model import Admission, RejectionReason
from domain.awards.offers import offered
from domain.awards.problem import EitherOr, Joint, PackageDiscount, PriceBreak, price_at
from domain.bids.model import Bid
from domain.bids.offers import Combination, LotOffer, Member, Package
from domain.capacity.model import holds_of
from domain.ids import OrganizationId
from domain.money import Money
from domain.organizations.facts import Stage
from domain.organizations.verdict import Verdict
from domain.registries.records import LISTS
from domain.registries.standing import ListState
from tests.domain import process_sample as sample
from tests.domain.suppliers import FACTS, stored
from tests.domain.test_bids_in_full import FIRST, LEADER, SECOND, SMALL, breaks, line, lots, members, tender

OTHER = OrganizationId(UUID(int=504))
TENDER = tender()
AT_AWARD = replace(FACTS, stage=Stage.AWARD, affiliates=())
UNCHECKED = replace(AT_AWARD, lists={register: ListState(as_of=None, entries=()) for register in LISTS})
INELIGIBLE = replace(AT_AWARD, evidence=())


def bid(number: int, bidder: OrganizationId, *partners: OrganizationId, lot: int = 1, **more: object) -> Bid:
    offers = lots(1) if lot == 1 else lots(1, lot)
    combination = Combination(members=members(*partners, lot=lot))
    return replace(
        sample.bid(number, bidder, "12000.00"),
        offers=offers,
        combination=combination,
        **more,  # type: ignore[arg-type]  # some of its fields
    )


def reasons(*bids: Bid) -> dict[tuple[int, int], RejectionReason]:
    return {(int(id), lot): reason for (id, lot), (reason, _) in bars(TENDER, bids).items()}


def test_bids_of_firms_that_meet_nowhere_keep_nobody_out() -> None:
    assert reasons(bid(1, LEADER, FIRST), bid(2, OTHER), bid(3, SECOND)) == {}


def test_who_bids_beside_his_consortium_loses_his_own_bid_and_not_theirs() -> None:
    found = bars(TENDER, [bid(1, LEADER, FIRST), bid(2, FIRST)])
    assert reasons(bid(1, LEADER, FIRST), bid(2, FIRST)) == {(2, 1): RejectionReason.IN_ANOTHER_BID}
    ((_, detail),) = found.values()
    assert str(FIRST) in detail


@pytest.mark.parametrize("second", [bid(2, OTHER, FIRST), bid(2, FIRST, OTHER), bid(2, OTHER, LEADER)])
def test_of_consortia_that_share_a_firm_none_stands(second: Bid) -> None:
    both = {(1, 1): RejectionReason.IN_ANOTHER_BID, (2, 1): RejectionReason.IN_ANOTHER_BID}
    assert reasons(bid(1, LEADER, FIRST), second) == both
    assert reasons(second, bid(1, LEADER, FIRST)) == both


def test_lots_are_judged_one_by_one() -> None:
    """He sews in lot 2 for the leader, and bids on lot 1 himself."""
    assert reasons(bid(1, LEADER, FIRST, lot=2), bid(2, FIRST)) == {}


def test_a_bid_that_agreed_to_other_terms_competes_with_nobody() -> None:
    amended = replace(TENDER, terms=2)
    behind, own = bid(1, LEADER, FIRST), bid(2, FIRST, terms=2)
    assert bars(amended, [behind, own]) == {}


def test_a_consent_that_was_taken_back_bars_the_consortium_and_frees_the_member() -> None:
    left = bid(1, LEADER, FIRST, without_consent=(FIRST,))
    assert reasons(left, bid(2, FIRST)) == {(1, 1): RejectionReason.CONSENT_MISSING}
    elsewhere = bid(1, LEADER, FIRST, lot=2, without_consent=(FIRST,))
    assert reasons(elsewhere) == {(1, 2): RejectionReason.CONSENT_MISSING}


def verdict(facts: object, organization_id: OrganizationId, lot: int = 1) -> Verdict:
    return replace(stored(facts), organization_id=organization_id, lot=lot)  # type: ignore[arg-type]  # some of its fields


def admitted(consortium: Bid, facts: dict[OrganizationId, object], **more: object) -> tuple[Admission, ...]:
    verdicts = {(id, 1): verdict(each, id) for id, each in facts.items()}
    options = {"lots": (1, 2), "bars": {}, "barred": lambda _id, _lot: None} | more
    return admissions_of(TENDER, consortium, verdicts, **options)  # type: ignore[arg-type]  # some of its fields


def test_each_sewer_is_judged_and_all_of_them_are_admitted() -> None:
    found = admitted(bid(1, LEADER, FIRST), {LEADER: AT_AWARD, FIRST: AT_AWARD})
    assert [(each.bidder_id, each.admitted) for each in found] == [(LEADER, True), (FIRST, True)]


def test_one_who_may_not_sew_keeps_the_others_out_and_they_are_told_for_whose_sake() -> None:
    found = admitted(bid(1, LEADER, FIRST), {LEADER: AT_AWARD, FIRST: INELIGIBLE})
    assert [each.reason for each in found] == [RejectionReason.PARTNER_NOT_ADMITTED, RejectionReason.NOT_ELIGIBLE]
    assert found[0].detail == f"{FIRST}: not_eligible"


def test_a_doubt_about_one_is_a_doubt_about_all_and_fails_nothing() -> None:
    found = admitted(bid(1, LEADER, FIRST), {LEADER: UNCHECKED, FIRST: AT_AWARD})
    assert {each.reason for each in found} == {RejectionReason.NOT_CHECKED}


def test_what_bars_the_bid_or_one_of_its_sewers_bars_all() -> None:
    facts: dict[OrganizationId, object] = {LEADER: AT_AWARD, FIRST: AT_AWARD}
    consortium = bid(1, LEADER, FIRST)
    evaded = RejectionReason.SIGNING_EVADED, "did not sign"
    found = admitted(consortium, facts, barred=lambda sewer, _lot: evaded if sewer == FIRST else None)
    assert [each.reason for each in found] == [RejectionReason.PARTNER_NOT_ADMITTED, RejectionReason.SIGNING_EVADED]
    shared = {(consortium.id, 1): (RejectionReason.IN_ANOTHER_BID, "twice")}
    assert {each.reason for each in admitted(consortium, facts, bars=shared)} == {RejectionReason.IN_ANOTHER_BID}


def test_what_a_bid_offers_is_checked_again_at_the_admission() -> None:
    """A rule package or the tender's demand may be others than when it was sealed."""
    plain = replace(sample.bid(1, LEADER, "12000.00"), offers=lots(1, breaks=breaks((2, "1.00"), (3, "1.00"))))
    assert admitted(plain, {LEADER: AT_AWARD})[0].admitted
    fewer = replace(tender(bid_price_breaks_max="1"), terms=1)
    (found,) = admissions_of(
        fewer, plain, {(LEADER, 1): verdict(AT_AWARD, LEADER)}, lots=(1,), bars={}, barred=lambda _id, _lot: None
    )
    assert found.reason is RejectionReason.BEYOND_PACKAGE


def full() -> Bid:
    """Two lots by the leader, a member in the second, a package, an either-or group."""
    share = Member(organization_id=FIRST, lots=(LotOffer(lot=2, lines=(line("11000.00", sizes=(SMALL,)),)),))
    offers = lots(1, 2, breaks=breaks((50, "11500.00")), pieces_max=80, pieces_min=10)
    return replace(
        sample.bid(1, LEADER, "12000.00"),
        offers=offers,
        combination=Combination(
            either_or=((1, 2),),
            packages=(Package(lots=(1, 2), percent=Decimal("2.50"), pieces_min=20),),
            members=(share,),
        ),
    )


def test_what_is_admitted_becomes_offers_in_the_words_of_the_problem() -> None:
    bid_of_all = full()
    found = offered(TENDER.lots, [bid_of_all], {(bid_of_all.id, 1), (bid_of_all.id, 2)})
    assert [(each.bid_id, each.bidder_id, each.lot) for each in found.offers] == [
        (bid_of_all.id, LEADER, 1),
        (bid_of_all.id, LEADER, 2),
        (bid_of_all.id, FIRST, 2),
    ]
    leaders, _, firsts = found.offers
    assert (leaders.pieces_min, leaders.pieces_max, leaders.run) == (10, 80, sample.RUN)
    assert leaders.breaks == (PriceBreak(pieces_from=50, unit_price=Money.of("11500.00")),)
    assert [price_at(leaders, pieces) for pieces in (49, 50)] == [Money.of("12000.00"), Money.of("11500.00")]
    assert (firsts.run.cells, firsts.pieces_max) == (((SMALL, 60),), 60)
    assert found.either_or == (EitherOr(bid_id=bid_of_all.id, lots=(1, 2)),)
    discount = PackageDiscount(bid_id=bid_of_all.id, lots=(1, 2), percent=Decimal("2.50"), pieces_min=20)
    assert found.packages == (discount,)
    assert found.joints == (Joint(bid_id=bid_of_all.id, lot=2),)


def test_lots_that_are_not_admitted_leave_nothing_behind() -> None:
    bid_of_all = full()
    found = offered(TENDER.lots, [bid_of_all], {(bid_of_all.id, 1)})
    assert [each.lot for each in found.offers] == [1]
    assert (found.either_or, found.packages, found.joints) == ((), (), ())
    assert offered(TENDER.lots, [bid_of_all], ()) == offered((), [bid_of_all], {(bid_of_all.id, 1)})


def test_the_price_that_is_read_out_is_that_of_all_who_sew() -> None:
    bid_of_all = full()
    assert bid_of_all.sum(TENDER.lots[0]) == Money.of("920000.00")
    assert bid_of_all.sum(TENDER.lots[1]) == Money.of("920000.00") + Money.of("660000.00")
    assert bid_of_all.sewers == (LEADER, FIRST)


def test_each_sewer_holds_his_own_minutes_and_of_lots_that_exclude_each_other_the_larger() -> None:
    bid_of_all = full()
    held = {hold.supplier_id: hold.minutes for hold in holds_of(bid_of_all, TENDER)}
    line_of_lot = TENDER.lots[1].lines[0]
    small = line_of_lot.run[SMALL]
    assert held == {LEADER: 80 * line_of_lot.standard_minutes, FIRST: small * line_of_lot.standard_minutes}
    free = replace(bid_of_all, combination=replace(bid_of_all.combination, either_or=()))
    assert {hold.supplier_id: hold.minutes for hold in holds_of(free, TENDER)} == held | {LEADER: 2 * held[LEADER]}
