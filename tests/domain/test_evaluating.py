"""Evaluating as pure functions: criteria, the formula, committees, scores, dumping, ties, papers."""

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.awards.model import Admission, RejectionReason
from domain.awards.problem import Offer, compared
from domain.bids.model import Bid
from domain.bids.offers import LineOffer, LotOffer
from domain.errors import Refusal
from domain.evaluating.assessing import Assessment, Discount, discounts, judge, local_content
from domain.evaluating.committee import Committee, Declaration, seated
from domain.evaluating.comparing import quality_discount
from domain.evaluating.dumping import DumpingCheck, anti_dumping_due, dumping_of
from domain.evaluating.papers import (
    AskedPaper,
    HandedPaper,
    PaperKind,
    PaperRequest,
    lapsed,
    must_not_be_awaited,
)
from domain.evaluating.refusals import (
    CommitteeRefused,
    DeclarationMade,
    DeclarationMissing,
    MemberRecused,
    NoQuorum,
    NotOnCommittee,
    PapersAwaited,
    PapersClosed,
    PapersRefused,
    ScoresMissing,
    ScoresRefused,
)
from domain.evaluating.scores import Score, ScoreSheet, check_revision, check_scores, must_be_scored
from domain.evaluating.ties import TIE_BREAKS, Contender, drawn, tie_key, tie_ranks
from domain.events import CLOCK
from domain.garments import SizeRun
from domain.ids import BidId, CommitteeId, OrganizationId, PaperRequestId, PersonId, ScoreSheetId
from domain.money import Money
from domain.procedures.rules import Rules
from domain.procedures.vocabulary import TERMS
from domain.tenders.criteria import CriteriaRefused, Criterion, check_criteria
from domain.tenders.model import Tender
from domain.tenders.procedure import PinnedProcedure
from tests.domain import process_sample as sample
from tests.domain.suppliers import CATEGORY, FACTS, rules
from tests.domain.suppliers import stored as a_verdict

STATE, QUOTATION = rules("state-tender-2025"), rules("state-quotation-2025")
BY_MEAN = rules("samruk-category", dumping_rule="below_mean", dumping_consequence="rejection", dumping_percent="20")
BELOW = rules("samruk-category", dumping_rule="below_allocated", dumping_consequence="anti_dumping_sum")
OF_BEFORE = Rules(PinnedProcedure(id="private", version="2026.1", parameters={}))
AT = sample.T0
SECOND = timedelta(seconds=1)
PEOPLE = tuple(PersonId(UUID(int=number)) for number in range(101, 108))
CRITERIA = (
    Criterion(number=1, name="Fabric", weight=Decimal(3), scale=10),
    Criterion(number=2, name="Seams", weight=Decimal("1.50"), scale=4),
)
FIRST, SECOND_BID = BidId(UUID(int=20)), BidId(UUID(int=21))


def pointer_of(refusal: Refusal) -> str:
    return refusal.flaws[0].pointer


# criteria


@pytest.mark.parametrize(
    ("by", "weights", "passes"),
    [
        (STATE, ("3", "2"), True),
        (STATE, ("3", "2.01"), False),
        (CATEGORY, ("10",), True),
        (CATEGORY, ("10.01",), False),
        (QUOTATION, ("0.01",), False),
        (OF_BEFORE, ("0.01",), False),
        (OF_BEFORE, (), True),
    ],
)
def test_weights_are_bounded_by_the_package_to_the_hundredth(by: Rules, weights: tuple[str, ...], passes: bool) -> None:  # noqa: FBT001 - a table's column
    criteria = tuple(
        Criterion(number=number, name=f"{number}", weight=Decimal(weight), scale=5)
        for number, weight in enumerate(weights, start=1)
    )
    if passes:
        check_criteria(by, criteria)
        return
    with pytest.raises(CriteriaRefused) as refused:
        check_criteria(by, criteria)
    assert refused.value.flaws[0].rule == "discount_quality_percent"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"weight": Decimal(0)}, "/criteria/1/weight"),
        ({"weight": Decimal("0.001")}, "/criteria/1/weight"),
        ({"scale": 0}, "/criteria/1/scale"),
        ({"scale": 1001}, "/criteria/1/scale"),
        ({"name": "FABRIC"}, "/criteria"),
    ],
)
def test_senseless_criteria_are_refused(change: dict[str, object], pointer: str) -> None:
    wrong = replace(CRITERIA[1], **change)  # type: ignore[arg-type]  # a test names fields
    with pytest.raises(CriteriaRefused) as refused:
        check_criteria(CATEGORY, (CRITERIA[0], wrong))
    assert pointer_of(refused.value) == pointer


# the formula


def sheet(
    member: int, points: tuple[int, ...], *, bid: BidId = FIRST, revision: int = 1, reason: str | None = None
) -> ScoreSheet:
    return ScoreSheet(
        id=ScoreSheetId(UUID(int=1000 * member + revision)),
        tender_id=sample.tender().id,
        bid_id=bid,
        person_id=PEOPLE[member - 1],
        member=member,
        revision=revision,
        scores=tuple(
            Score(criterion=number, points=each, comment="Seen") for number, each in enumerate(points, start=1)
        ),
        reason=reason,
        scored_at=AT,
    )


@pytest.mark.parametrize(
    ("points", "percent"),
    [
        ([(10, 4)], "4.50"),
        ([(0, 0)], "0.00"),
        ([(7, 3)], "3.23"),  # 3 x 0.7 + 1.5 x 0.75 = 3.225, half up
        ([(7, 3), (8, 3), (7, 2)], "3.20"),  # 3 x 22/30 + 1.5 x 8/12
        ([(1, 0), (0, 0), (0, 0)], "0.10"),
        ([], "0.00"),
    ],
)
def test_the_published_formula_gives_these_discounts(points: list[tuple[int, int]], percent: str) -> None:
    sheets = [sheet(number, each) for number, each in enumerate(points, start=1)]
    assert str(quality_discount(CRITERIA, sheets)) == percent


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 4)), min_size=1, max_size=5), st.randoms())
def test_a_quality_discount_lies_within_its_weight_and_does_not_depend_on_the_order(
    points: list[tuple[int, int]], shuffler: object
) -> None:
    sheets = [sheet(number, each) for number, each in enumerate(points, start=1)]
    found = quality_discount(CRITERIA, sheets)
    shuffler.shuffle(sheets)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert found == quality_discount(CRITERIA, sheets)
    assert 0 <= found <= Decimal("4.50")
    better = [replace(each, scores=(replace(each.scores[0], points=10), each.scores[1])) for each in sheets]
    assert quality_discount(CRITERIA, better) >= found


def test_discounts_add_up_and_change_nothing_but_the_compared_price() -> None:
    tender = replace(sample.tender(), criteria=CRITERIA, procedure=STATE.procedure)
    bid = sample.opened().bids[0]
    proven = replace(a_verdict(FACTS, STATE), evidence={1: "KTP-1"})
    place = (bid.id, bid.bidder_id, 1)
    verdicts = {place: proven}
    found = discounts(tender, [(bid, 1)], {bid.id: (sheet(1, (10, 4)),)}, verdicts)
    assert found == {(*place, 1): Discount(quality=Decimal("4.50"), preference=Decimal(3))}
    bare = discounts(tender, [(bid, 1)], {}, {place: replace(proven, evidence={})})
    assert bare == {(*place, 1): Discount(quality=Decimal("0.00"), preference=Decimal(0))}
    offer = an_offer(bid)
    assessment = Assessment(admissions=(), discounts=found, tie_ranks={(bid.id, 1): 2})
    (applied,) = assessment.applied([offer])
    assert applied == replace(offer, discount_percent=Decimal("7.50"), preference_percent=Decimal(3), tie_rank=2)
    assert applied.unit_price == offer.unit_price
    assert compared(applied.unit_price, applied.discount_percent) == Money.of("11100.09")  # 12000.10 x 0.925


def an_offer(bid: Bid) -> Offer:
    return Offer(
        bid_id=bid.id,
        bidder_id=bid.bidder_id,
        lot=1,
        line=1,
        unit_price=bid.offers[0].lines[0].unit_price,
        run=sample.RUN,
        pieces_min=1,
        pieces_max=100,
        received_at=bid.received_at,
    )


# committees


def committee(by: Rules = CATEGORY, people: tuple[PersonId, ...] = PEOPLE[:3]) -> Committee:
    return Committee(
        id=CommitteeId(UUID(int=90)), tender_id=sample.tender().id, members=seated(people, by), appointed_at=AT
    )


def declared(made: Committee, conflicts: tuple[bool, ...]) -> Committee:
    for member, conflict in zip(made.sitting, conflicts, strict=False):
        made, _ = made.declare(member.person_id, declaration(conflict=conflict), by=CLOCK)
    return made


def declaration(*, conflict: bool) -> Declaration:
    explanation = "My sister runs it" if conflict else None
    bidders = (sample.WINNER,) if conflict else ()
    return Declaration(conflict=conflict, bidders=bidders, explanation=explanation, declared_at=AT)


@pytest.mark.parametrize("people", [(), PEOPLE[:1], PEOPLE[:2], PEOPLE[:4], (PEOPLE[0], PEOPLE[1], PEOPLE[0])])
def test_a_committee_is_odd_large_enough_and_of_different_people(people: tuple[PersonId, ...]) -> None:
    with pytest.raises(CommitteeRefused):
        seated(people, STATE)


def test_a_declared_conflict_recuses_and_is_not_taken_back() -> None:
    made = committee()
    with pytest.raises(DeclarationMissing):
        made.scorer(PEOPLE[0])
    clear, event = made.declare(PEOPLE[0], declaration(conflict=False), by=CLOCK)
    assert (event.member, event.conflict) == (1, False)
    assert clear.scorer(PEOPLE[0]).number == 1
    with pytest.raises(DeclarationMade):
        clear.declare(PEOPLE[0], declaration(conflict=False), by=CLOCK)
    learned, event = clear.declare(PEOPLE[0], declaration(conflict=True), by=CLOCK)
    assert event.bidders == (sample.WINNER,)
    with pytest.raises(MemberRecused):
        learned.scorer(PEOPLE[0])
    for conflict in (True, False):
        with pytest.raises(DeclarationMade):
            learned.declare(PEOPLE[0], declaration(conflict=conflict), by=CLOCK)
    with pytest.raises(NotOnCommittee):
        learned.scorer(PEOPLE[5])


@pytest.mark.parametrize(
    ("by", "conflicts", "passes"),
    [
        (CATEGORY, (False, False, True), True),  # half of three: two
        (CATEGORY, (False, True, True), False),
        (STATE, (False, False, True), True),  # 66 % of three: two
        (STATE, (False, True, True), False),
        (rules("state-tender-2025", commission_quorum_percent="67"), (False, False, True), False),
        (rules("samruk-category", commission_quorum_percent="0"), (True, True, True), False),  # nobody is no committee
    ],
)
def test_a_committee_sits_with_a_quorum_of_members_without_conflict(
    by: Rules,
    conflicts: tuple[bool, ...],
    passes: bool,  # noqa: FBT001 - a table's column
) -> None:
    made = declared(committee(by), conflicts)
    if passes:
        made.must_be_quorate(by)
        return
    with pytest.raises(NoQuorum):
        made.must_be_quorate(by)


def test_who_has_not_declared_holds_up_the_evaluation_until_another_takes_his_place() -> None:
    made = declared(committee(), (False, False))
    with pytest.raises(DeclarationMissing) as refused:
        made.must_be_quorate(CATEGORY)
    assert refused.value.facts == {"members": "3"}
    changed, event = made.substitute(3, PEOPLE[3], reason="Ill", by=CLOCK, at=AT)
    assert (event.member, event.substitute) == (3, 4)
    assert [each.number for each in changed.sitting] == [1, 2, 4]
    assert changed.members[2].replaced == "Ill"
    with pytest.raises(NotOnCommittee):
        changed.scorer(PEOPLE[2])
    for person, number in ((PEOPLE[2], 4), (PEOPLE[0], 4), (PEOPLE[5], 3)):
        with pytest.raises(CommitteeRefused):
            changed.substitute(number, person, reason="Again", by=CLOCK, at=AT)
    changed.declare(PEOPLE[3], declaration(conflict=False), by=CLOCK)[0].must_be_quorate(CATEGORY)


def test_who_was_recused_and_replaced_stays_recused() -> None:
    made = declared(committee(), (True,))
    changed, _ = made.substitute(1, PEOPLE[3], reason="Recused", by=CLOCK, at=AT)
    for person in PEOPLE[1:4]:
        changed.must_not_be_recused(person)
    with pytest.raises(MemberRecused):
        changed.must_not_be_recused(PEOPLE[0])


# scores


@pytest.mark.parametrize(
    ("points", "pointer"),
    [((11, 4), "/scores/0/points"), ((10, 5), "/scores/1/points"), ((-1, 4), "/scores/0/points"), ((10,), "/scores")],
)
def test_points_fit_the_criteria(points: tuple[int, ...], pointer: str) -> None:
    check_scores(CRITERIA, sheet(1, (10, 4)).scores)
    with pytest.raises(ScoresRefused) as refused:
        check_scores(CRITERIA, sheet(1, points).scores)
    assert pointer_of(refused.value) == pointer


def test_a_correction_has_a_reason_and_a_first_sheet_has_none() -> None:
    check_revision(0, None)
    check_revision(1, "I took the wrong sample")
    for earlier, reason in ((0, "Why"), (1, None), (20, "Once more")):
        with pytest.raises(ScoresRefused):
            check_revision(earlier, reason)


def test_every_member_who_takes_part_scores_every_bid_and_the_latest_counts() -> None:
    made = declared(committee(), (False, True, False))
    sheets = [sheet(1, (1, 1)), sheet(1, (9, 4), revision=2, reason="Wrong sample"), sheet(3, (5, 2))]
    found = must_be_scored(made, [FIRST, FIRST], sheets)
    assert [each.points(1) for each in found[FIRST]] == [9, 5]
    stray = sheet(2, (10, 4))  # of the recused, were it ever stored
    assert must_be_scored(made, [FIRST], [*sheets, stray]) == found
    with pytest.raises(ScoresMissing) as refused:
        must_be_scored(made, [FIRST, SECOND_BID], sheets)
    assert refused.value.facts == {"missing": 2, "members": "1, 3"}


# dumping


def bids_of(*prices: str, pieces: int | None = None) -> list[Bid]:
    made = [sample.bid(20 + number, OrganizationId(UUID(int=200 + number)), each) for number, each in enumerate(prices)]
    if pieces is None:
        return made
    return [*made[:-1], replace(made[-1], offers=(part(made[-1], pieces),))]


def part(bid: Bid, pieces: int) -> LotOffer:
    line = bid.offers[0].lines[0]
    return LotOffer(lot=1, lines=(LineOffer(line=1, unit_price=line.unit_price, pieces_max=pieces),))


def checks_of(by: Rules, bids: list[Bid]) -> list[DumpingCheck]:
    return list(dumping_of(by, sample.lot(1), bids).values())


def test_dumping_is_measured_from_the_planned_sum_of_what_is_offered() -> None:
    """12,896.10 is planned for a piece; 20 % less is 10,316.88, and exactly there is no dumping."""
    exactly, below = checks_of(BELOW, bids_of("10316.88", "10316.87"))
    assert (exactly.dumping, exactly.anti_dumping_sum) == (False, None)
    assert (below.dumping, below.anti_dumping_sum) == (True, Money.of("1.00"))  # 100 pieces
    _, some = checks_of(BELOW, bids_of("10316.88", "10316.87", pieces=40))
    assert (some.planned, some.anti_dumping_sum) == (Money.of("515844.00"), Money.of("0.40"))
    assert not below.rejects


def test_the_state_measures_ten_per_cent_by_the_law() -> None:
    (check,) = checks_of(STATE, bids_of("11606.00"))
    assert (check.threshold, check.anti_dumping_sum) == (Money.of("1160649.00"), Money.of("49.00"))
    assert checks_of(CATEGORY, bids_of("0.01")) == []


def test_below_the_mean_is_known_after_the_opening_and_parts_are_compared_by_piece() -> None:
    """The mean of 10,000, 10,000 and 7,000 is 9,000; 20 % below it are 7,200."""
    found = checks_of(BY_MEAN, bids_of("10000.00", "10000.00", "7000.00"))
    assert [check.dumping for check in found] == [False, False, True]
    assert {check.threshold for check in found} == {Money.of("720000.00")}
    *_, some = checks_of(BY_MEAN, bids_of("10000.00", "10000.00", "7000.00", pieces=10))
    assert (some.threshold, some.price, some.dumping) == (Money.of("72000.00"), Money.of("70000.00"), True)
    assert some.rejects
    (alone,) = checks_of(BY_MEAN, bids_of("0.01"))
    assert not alone.dumping


def test_of_a_part_that_is_awarded_a_part_of_the_anti_dumping_sum_is_due() -> None:
    (check,) = checks_of(BELOW, bids_of("10000.00"))
    whole = anti_dumping_due(check, price=check.price, planned=check.planned)
    assert whole == check.anti_dumping_sum == Money.of("31688.00")
    tenth = anti_dumping_due(check, price=Money.of("100000.00"), planned=Money.of("128961.00"))
    assert tenth == Money.of("3168.80")
    (fair,) = checks_of(BELOW, bids_of("12000.00"))
    assert anti_dumping_due(fair, price=fair.price, planned=fair.planned) == Money.of("0.00")


def admissions_of(bids: list[Bid]) -> tuple[Admission, ...]:
    return tuple(sample.admission(bid, admitted=True) for bid in bids)


def tender_by(by: Rules) -> Tender:
    return replace(sample.tender(), procedure=by.procedure)


def test_dumping_rejects_where_the_package_says_so_and_is_recorded_where_it_does_not() -> None:
    bids = bids_of("10000.00", "10000.00", "7000.00")
    reasons = [each.reason for each in judge(tender_by(BY_MEAN), bids, admissions_of(bids), (), at=AT)]
    assert reasons == [None, None, RejectionReason.DUMPING]
    *_, recorded = judge(tender_by(BELOW), bids, admissions_of(bids), (), at=AT)
    assert recorded.admitted
    assert recorded.dumping is not None
    assert recorded.dumping.anti_dumping_sum == Money.of("331688.00")


def test_bids_that_were_rejected_before_are_not_in_the_mean_and_stay_rejected() -> None:
    """With the cheapest one the mean of 10,000 and 7,900 is 8,950; of all three with 1,000 it would be 6,300."""
    bids = bids_of("10000.00", "7900.00", "1000.00")
    admissions = (*admissions_of(bids[:2]), sample.admission(bids[2], admitted=False))
    first, second, third = judge(tender_by(BY_MEAN), bids, admissions, (), at=AT)
    assert first.dumping is not None
    assert first.dumping.threshold == Money.of("716000.00")
    assert second.admitted
    assert third == admissions[2]


# papers


def request(**changes: object) -> PaperRequest:
    made = PaperRequest(
        id=PaperRequestId(UUID(int=95)),
        tender_id=sample.tender().id,
        bid_id=FIRST,
        bidder_id=sample.WINNER,
        papers=(
            AskedPaper(number=1, kind=PaperKind.CHARTER, name="Charter with its changes"),
            AskedPaper(number=2, kind=PaperKind.POWER_OF_ATTORNEY, name="Of the person who signed"),
        ),
        requested_at=AT,
        due_by=AT + 60 * SECOND,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names fields


def paper(number: int) -> HandedPaper:
    return HandedPaper(paper=number, name=f"{number}.pdf", sha256="ab" * 32)


def test_papers_are_handed_in_until_the_last_microsecond_and_no_longer() -> None:
    last = request().due_by - timedelta(microseconds=1)
    some, event = request().hand_in((paper(1),), by=CLOCK, at=last)
    assert (event.complete, some.completed_at, [each.number for each in some.missing]) == (False, None, [2])
    whole, event = some.hand_in((paper(2),), by=CLOCK, at=last)
    assert (event.complete, whole.completed_at, whole.missing) == (True, last, ())
    for made in (some, whole):
        with pytest.raises(PapersClosed):
            made.hand_in((paper(2),), by=CLOCK, at=request().due_by)
    with pytest.raises(PapersRefused) as refused:
        request().hand_in((paper(1), paper(3)), by=CLOCK, at=AT)
    assert pointer_of(refused.value) == "/papers/1/paper"


def test_the_evaluation_waits_for_papers_and_rejects_when_they_do_not_come() -> None:
    complete, _ = request().hand_in((paper(1), paper(2)), by=CLOCK, at=AT)
    must_not_be_awaited([complete], at=AT)
    with pytest.raises(PapersAwaited) as refused:
        must_not_be_awaited([complete, request()], at=AT)
    assert refused.value.facts == {"due_by": request().due_by}
    after = request().due_by
    must_not_be_awaited([request()], at=after)
    bids = bids_of("12000.00", "12100.00")
    admissions = admissions_of(bids)
    assert judge(tender_by(CATEGORY), bids, admissions, [complete], at=after) == admissions
    first, second = judge(tender_by(CATEGORY), bids, admissions, [request()], at=after)
    assert (first.admitted, first.reason, second.admitted) == (False, RejectionReason.PAPERS_MISSING, True)
    assert first.detail == lapsed([request()], at=after)[FIRST]
    assert first.detail == "charter: Charter with its changes; power_of_attorney: Of the person who signed"


def test_a_request_for_papers_knows_no_price_and_no_pieces() -> None:
    """Neither it, nor what is asked, nor what is handed in has a field that an offer has, or of an offer's type."""
    offered = {each.name for kind in (LotOffer, LineOffer, Offer) for each in fields(kind)} - {"bid_id", "bidder_id"}
    for kind in (PaperRequest, AskedPaper, HandedPaper):
        assert not offered & {each.name for each in fields(kind)}
        hints = " ".join(str(hint) for hint in get_type_hints(kind).values())
        assert not [each for each in (Money, SizeRun, Decimal, Offer, LotOffer) if f".{each.__name__}" in hints]


# ties


def contender(number: int, **changes: object) -> Contender:
    made = Contender(
        bid_id=BidId(UUID(int=number)),
        lot=1,
        received_at=AT + number * SECOND,
        contract_sum=Money.of("1000.00"),
        contracts=1,
        local_content=Decimal(50),
        minutes_a_week=Decimal(1000),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names fields


@pytest.mark.parametrize(
    ("word", "better"),
    [
        ("fewer_contract_sums", {"contract_sum": Money.of("999.99")}),
        ("fewer_contracts", {"contracts": 0}),
        ("local_content", {"local_content": Decimal("50.01")}),
        ("small_workshop", {"minutes_a_week": Decimal("999.99")}),
        ("earlier_receipt", {"received_at": AT}),
    ],
)
def test_each_word_puts_the_better_one_first_whoever_came_earlier(word: str, better: dict[str, object]) -> None:
    by = ranking(word)
    assert tie_ranks(by, [contender(1), contender(2, **better)]) == {
        (BidId(UUID(int=1)), 1): 2,
        (BidId(UUID(int=2)), 1): 1,
    }
    assert tie_ranks(by, [contender(2), contender(1)])[BidId(UUID(int=1)), 1] == 1


def ranking(words: str) -> Rules:
    return Rules(replace(CATEGORY.procedure, parameters=CATEGORY.procedure.parameters | {"tie_breaks": words}))


def test_a_workshop_of_unknown_size_is_not_taken_for_a_small_one() -> None:
    ranks = tie_ranks(ranking("small_workshop"), [contender(1, minutes_a_week=None), contender(2)])
    assert ranks[BidId(UUID(int=2)), 1] == 1


def test_the_state_breaks_ties_in_the_order_of_its_rules() -> None:
    """Rules 687 p. 275; nobody gives figures of financial stability, so that it separates nobody."""
    rich = contender(1, contract_sum=Money.of("2000.00"), contracts=0)
    many = contender(2, contracts=2)
    late, early = contender(4), contender(3)
    ranks = tie_ranks(STATE, [rich, many, late, early])
    assert [ranks[each.bid_id, 1] for each in (early, late, many, rich)] == [1, 2, 3, 4]


def test_a_public_lot_is_drawn_again_by_anybody_and_differs_by_lot() -> None:
    by, seed = ranking("public_lot"), "5e" * 32
    many = [contender(number, lot=lot) for lot in (1, 2) for number in range(1, 9)]
    ranks = tie_ranks(by, many, seed=seed)
    first = sorted(many[:8], key=lambda each: sha256(f"{seed}/1/{each.bid_id}".encode()).hexdigest())
    assert [ranks[each.bid_id, 1] for each in first] == list(range(1, 9))
    assert [ranks[each.bid_id, 2] for each in first] != list(range(1, 9))
    assert drawn(many[0], seed) != drawn(many[0], "00" * 32)


@given(st.permutations([1, 2, 3, 4]), st.sampled_from(sorted(TIE_BREAKS)))
def test_ranks_are_total_and_do_not_depend_on_the_order_of_the_bids(order: list[int], word: str) -> None:
    same = AT
    ranks = tie_ranks(ranking(word), [contender(number, received_at=same) for number in order], seed="aa")
    assert sorted(ranks.values()) == [1, 2, 3, 4]
    assert ranks == tie_ranks(ranking(word), [contender(n, received_at=same) for n in (1, 2, 3, 4)], seed="aa")
    keys = {tie_key(ranking(word), contender(n, received_at=same), seed="aa") for n in (1, 2, 3, 4)}
    assert len(keys) == 4


def test_every_word_for_ties_has_its_meaning() -> None:
    assert set(TIE_BREAKS) == set(TERMS["tie_breaks"].choices)


def test_local_content_of_a_bid_is_weighed_by_pieces_and_nothing_without_a_proof() -> None:
    lot, bid = sample.lot(1), sample.opened().bids[0]
    verdict = replace(a_verdict(FACTS, CATEGORY), local_content={1: Decimal("62.505")})
    place = (bid.id, bid.bidder_id, 1)
    assert local_content(lot, bid, {place: verdict}) == Decimal("62.51")
    assert local_content(lot, bid, {place: replace(verdict, local_content={})}) == 0
