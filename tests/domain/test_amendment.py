"""Amendments and extensions: what they ask of the package, what they never change, what is recorded of them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.views.tenders import TenderView
from domain.bids.model import TermsChanged, check_terms
from domain.bids.offers import LineOffer, LotOffer
from domain.events import CLOCK
from domain.garments import GridId, Size, SizeRun
from domain.ids import AmendmentId, PoolId
from domain.money import Money
from domain.procedures.rules import Rules
from domain.tenders.amendment import (
    AMENDMENTS_MAX,
    AmendmentKind,
    AmendmentNotAllowed,
    AmendmentRefused,
    Entry,
    amend,
    extend,
)
from domain.tenders.difference import CHANGES_MAX
from domain.tenders.documents import documents_of
from domain.tenders.lot import Lot, PoolOfLine
from domain.tenders.model import LOTS_MAX, StepNotAllowed, Tender, TimelineRefused
from tests.domain import process_sample as sample
from tests.domain.suppliers import CATEGORY, rules
from tests.domain.test_difference import applied

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
T0 = sample.T0
"""A Sunday, 14:00 in Almaty; the sample's tender closes a day later."""
STATE = rules("state-tender-2025")
QUICK = rules("samruk-category", amendment_remaining_min="PT2H")
NONE = rules("samruk-category", amendment_rule="none")


def published(by: Rules = QUICK) -> Tender:
    return replace(sample.published().tender, procedure=by.procedure)


def entry(at: datetime = T0, *, earlier: int = 0) -> Entry:
    return Entry(id=AmendmentId(UUID(int=80)), earlier=earlier, reason="A size was wrong", by=CLOCK, at=at)


def resized(lot: Lot, pieces: int = 61) -> Lot:
    """One piece more of the first size, everything else as it was."""
    run = SizeRun(GridId.ADULT, ((Size("96-100/170-176"), pieces), (Size("104-108/182-188"), 40)))
    line = replace(lot.lines[0], run=run)
    return replace(lot, lines=(line,), places=(replace(lot.places[0], runs={1: run}),), allocated=line.sum)


def lots(tender: Tender) -> tuple[Lot, ...]:
    return (resized(tender.lots[0]), *tender.lots[1:])


def test_the_documents_are_the_tender_as_everybody_reads_it() -> None:
    tender = published()
    shown = json.loads(TenderView.of(tender).model_dump_json())
    documents = documents_of(tender)
    assert documents == {name: shown[name] for name in documents}
    assert set(shown) - set(documents) == {
        "id", "number", "buyer_id", "status", "terms", "reason", "procedure", "currency", "allocated", "drafted_at",
        "published_at", "opened_at", "awarded_at", "ground", "invited", "prequalification_id", "follows", "attempt",
        "sealing_key",
    }  # fmt: skip


def test_an_amendment_is_recorded_with_its_difference() -> None:
    tender = published()
    amended, amendment, event = amend(tender, title="Suits", lots=lots(tender), closes_at=None, entry=entry())
    assert [(change.path, change.before, change.after) for change in amendment.changes] == [
        ("/lots/0/allocated", "1289610.00", "1302506.10"),
        ("/lots/0/lines/0/pieces", 100, 101),
        ("/lots/0/lines/0/sizes/96-100~1170-176", 60, 61),
        ("/lots/0/places/0/sizes/1/96-100~1170-176", 60, 61),
        ("/title", "Спецодежда", "Suits"),
    ]
    assert applied(documents_of(tender), amendment.changes) == documents_of(amended)
    assert (amendment.terms_before, amendment.terms_after, amended.terms) == (1, 2, 2)
    assert event.paths == tuple(change.path for change in amendment.changes)
    assert (event.type, event.sealed, event.closes_at) == ("tender.amended", False, amended.closes_at)


PIECES = st.integers(1, 500)


@given(st.text(max_size=9), PIECES, PIECES, st.integers(0, 86_000))
def test_whoever_has_the_old_documents_and_the_record_has_the_new(title: str, one: int, two: int, second: int) -> None:
    tender = published()
    new = (resized(tender.lots[0], one), resized(tender.lots[1], two))
    if (title, new) == (tender.title, tender.lots):
        return
    at = T0 + timedelta(seconds=second)
    amended, amendment, _ = amend(tender, title=title, lots=new, closes_at=None, entry=entry(at))
    assert applied(documents_of(tender), amendment.changes) == documents_of(amended)
    assert amended.closes_at is not None
    assert tender.closes_at is not None
    assert amended.closes_at >= max(tender.closes_at, at + timedelta(hours=2))


def test_the_record_of_an_amendment_of_everything_is_bounded_and_still_whole() -> None:
    """Fifty lots in which four values change each, and the title: one more than is told one by one."""
    tender = replace(published(), lots=tuple(sample.lot(number) for number in range(1, LOTS_MAX + 1)))
    everything = tuple(resized(lot) for lot in tender.lots)
    amended, amendment, event = amend(tender, title="Suits", lots=everything, closes_at=None, entry=entry())
    assert len(amendment.changes) <= CHANGES_MAX
    assert applied(documents_of(tender), amendment.changes) == documents_of(amended)
    assert "/lots/49" in {path[:8] for path in event.paths}
    one_less = (*everything[:-1], tender.lots[-1])
    _, told, _ = amend(tender, title="Suits", lots=one_less, closes_at=None, entry=entry())
    assert "/lots/0/lines/0/sizes/96-100~1170-176" in {change.path for change in told.changes}


@pytest.mark.parametrize(
    ("before_the_deadline", "extended_by"),
    [
        (timedelta(hours=24), timedelta()),
        (timedelta(hours=2), timedelta()),
        (timedelta(hours=2) - MICROSECOND, MICROSECOND),
        (timedelta(minutes=1), timedelta(hours=1, minutes=59)),
        (MICROSECOND, timedelta(hours=2) - MICROSECOND),
    ],
)
def test_some_time_remains_after_an_amendment_and_no_deadline_comes_sooner(
    before_the_deadline: timedelta, extended_by: timedelta
) -> None:
    tender = published(QUICK)
    assert tender.closes_at is not None
    at = tender.closes_at - before_the_deadline
    amended, _, _ = amend(tender, title="Suits", lots=tender.lots, closes_at=None, entry=entry(at))
    assert (amended.opens_at, amended.closes_at) == (tender.opens_at, tender.closes_at + extended_by)
    with pytest.raises(TimelineRefused) as refused:
        amend(
            tender,
            title="Suits",
            lots=tender.lots,
            closes_at=tender.closes_at + extended_by - MICROSECOND,
            entry=entry(at),
        )
    assert (refused.value.flaws[0].pointer, refused.value.flaws[0].rule) == ("/closes_at", "amendment_remaining_min")


@pytest.mark.parametrize("late", [timedelta(), MICROSECOND, DAY])
def test_nothing_is_amended_or_extended_at_the_deadline_or_after_it(late: timedelta) -> None:
    tender = published()
    assert tender.closes_at is not None
    with pytest.raises(StepNotAllowed):
        amend(tender, title="Suits", lots=tender.lots, closes_at=None, entry=entry(tender.closes_at + late))
    with pytest.raises(StepNotAllowed):
        extend(tender, closes_at=tender.closes_at + 9 * DAY, entry=entry(tender.closes_at + late))


@pytest.mark.parametrize("tender", [sample.tender(), sample.opened().tender, sample.cancelled().tender])
def test_only_a_published_tender_is_amended_or_extended(tender: Tender) -> None:
    with pytest.raises(StepNotAllowed):
        amend(tender, title="Suits", lots=tender.lots, closes_at=None, entry=entry())
    with pytest.raises(StepNotAllowed):
        extend(tender, closes_at=T0 + 9 * DAY, entry=entry())


def test_where_the_package_restarts_documents_are_discussed_and_bid_for_anew() -> None:
    """Amended on Monday 23 November at 12:00 in Almaty: two working days of discussion, five for bids."""
    tender = published(STATE)
    at = datetime(2026, 11, 23, 7, tzinfo=UTC)
    amended, amendment, _ = amend(tender, title="Suits", lots=tender.lots, closes_at=None, entry=entry(at))
    assert amended.opens_at == datetime(2026, 11, 25, 7, tzinfo=UTC)
    assert amended.closes_at == datetime(2026, 12, 2, 7, tzinfo=UTC)
    assert [change.path for change in amendment.changes] == ["/closes_at", "/opens_at", "/title"]
    with pytest.raises(TimelineRefused) as refused:
        amend(tender, title="Suits", lots=tender.lots, closes_at=amended.closes_at - MICROSECOND, entry=entry(at))
    assert refused.value.flaws[0].rule == "bid_period_min"


def test_a_restart_brings_no_date_forward() -> None:
    opens_at, closes_at = T0 + 20 * DAY, T0 + 40 * DAY
    tender = replace(published(STATE), opens_at=opens_at, closes_at=closes_at)
    amended, _, _ = amend(tender, title="Suits", lots=tender.lots, closes_at=None, entry=entry())
    assert (amended.opens_at, amended.closes_at) == (opens_at, closes_at)
    with pytest.raises(TimelineRefused):
        amend(tender, title="Suits", lots=tender.lots, closes_at=closes_at - MICROSECOND, entry=entry())


def test_a_repeated_tender_restarts_with_its_own_period() -> None:
    tender = replace(published(STATE), attempt=2)
    with pytest.raises(TimelineRefused) as refused:
        amend(tender, title="Suits", lots=tender.lots, closes_at=T0 + DAY, entry=entry())
    assert refused.value.flaws[0].rule == "repeat_bid_period_min"


def test_a_package_without_amendments_has_extensions_still() -> None:
    tender = published(NONE)
    with pytest.raises(AmendmentNotAllowed):
        amend(tender, title="Suits", lots=tender.lots, closes_at=None, entry=entry())
    assert extend(tender, closes_at=T0 + 2 * DAY, entry=entry())[0].closes_at == T0 + 2 * DAY


def test_lots_are_neither_added_nor_taken_away_nor_left_as_they_are() -> None:
    tender = published()
    for wrong in (tender.lots[:1], (*tender.lots, sample.lot(3)), tender.lots):
        with pytest.raises(AmendmentRefused) as refused:
            amend(tender, title=tender.title, lots=wrong, closes_at=T0 + 9 * DAY, entry=entry())
        assert refused.value.flaws[0].pointer == "/lots"


def test_garments_of_a_pool_stay_where_they_are() -> None:
    tender = published()
    pool = PoolOfLine(pool_id=PoolId(UUID(int=90)), garment="Suit")
    pooled = replace(tender, lots=(replace(tender.lots[0], pooled={1: pool}), tender.lots[1]))
    for before, after in ((pooled, tender.lots), (tender, pooled.lots)):
        with pytest.raises(AmendmentRefused) as refused:
            amend(before, title="Suits", lots=after, closes_at=None, entry=entry())
        assert refused.value.flaws[0].pointer == "/lots/0/lines"
    kept = (replace(pooled.lots[0], title="Summer suits"), tender.lots[1])
    assert amend(pooled, title=pooled.title, lots=kept, closes_at=None, entry=entry())[0].lots == kept


def test_an_extension_is_only_later_asks_for_no_new_terms_and_keeps_its_dates_as_its_difference() -> None:
    tender = published()
    closes_at = T0 + 3 * DAY
    extended, extension, event = extend(tender, closes_at=closes_at, entry=entry(earlier=4))
    assert (extended.closes_at, extended.terms, extension.number) == (closes_at, 1, 5)
    assert extension.kind is AmendmentKind.EXTENSION
    assert [change.path for change in extension.changes] == ["/closes_at"]
    assert (event.closes_at_before, event.closes_at, event.reason) == (tender.closes_at, closes_at, "A size was wrong")
    for wrong in (T0 + DAY, T0 + DAY - MICROSECOND, T0 + 180 * DAY + MICROSECOND):
        with pytest.raises(TimelineRefused):
            extend(tender, closes_at=wrong, entry=entry())
    assert extend(tender, closes_at=T0 + 180 * DAY, entry=entry())[0].closes_at == T0 + 180 * DAY


def test_a_tender_is_not_amended_for_ever() -> None:
    tender = published()
    extend(tender, closes_at=T0 + 2 * DAY, entry=entry(earlier=AMENDMENTS_MAX - 1))
    with pytest.raises(AmendmentNotAllowed):
        extend(tender, closes_at=T0 + 2 * DAY, entry=entry(earlier=AMENDMENTS_MAX))


@pytest.mark.parametrize("terms", [1, 3])
def test_nobody_agrees_to_terms_that_are_not_the_tenders(terms: int) -> None:
    tender = replace(published(), terms=2)
    check_terms(tender, 2)
    with pytest.raises(TermsChanged) as refused:
        check_terms(tender, terms)
    assert refused.value.facts == {"terms": 2}


def test_an_offer_of_lines_and_sizes_that_are_gone_counts_what_is_left() -> None:
    lot = sample.lot(1)
    price = Money.of("10.00")
    gone = LineOffer(line=2, unit_price=price)
    halved = LineOffer(line=1, unit_price=price, sizes=(Size("96-100/170-176"), Size("80-84/146-152")))
    offer = LotOffer(lot=1, lines=(halved, gone))
    assert (offer.pieces(lot), offer.sum(lot)) == ({1: 60}, Money.of("600.00"))
    assert LotOffer(lot=1, lines=(gone,)).sum(lot) == Money.of("0.00")


def test_the_sample_of_the_category_leaves_five_days() -> None:
    tender = published(CATEGORY)
    amended, _, _ = amend(tender, title="Suits", lots=tender.lots, closes_at=None, entry=entry())
    assert amended.closes_at == T0 + 5 * DAY
