"""A bid before its opening: its steps, and what the store's answer comes to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.bids.bidding import BidCopy
from domain.bids.envelope import Envelope, Outcome, Posted
from domain.bids.model import BidExists, BidStatus, CopyRefused, TermsChanged
from domain.errors import Refusal, StaleVersion
from domain.ids import BidId, TenderId
from domain.sealing.bids import SealedBid, committed
from domain.tenders.model import BiddingClosed, StepNotAllowed, TenderNotFound
from tests.sealing import CONTENT, NONCE, TEXT

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)


def sealed(revision: int) -> SealedBid:
    return SealedBid(
        bid_id=BidId(UUID(int=0xB1D)),
        tender_id=TenderId(UUID(int=0x7E)),
        bidder_tag=b"t" * 32,
        revision=revision,
        ciphertext=b"sealed %d" % revision,
        ciphertext_hash=b"h" * 32,
        commitment=committed(TEXT, NONCE),
    )


def envelope(*, terms: int = 1, status: BidStatus = BidStatus.SUBMITTED) -> Envelope:
    made = Envelope.of(sealed(1), terms=terms, record=b"record", at=AT)
    return replace(made, status=status, version=3)


def test_an_envelope_is_opened_as_it_was_sealed() -> None:
    assert envelope().sealed() == sealed(1)


def test_the_next_revision_is_another_seal_of_the_same_bid_also_after_a_withdrawal() -> None:
    for before in (envelope(), envelope().withdrawn()):
        after = before.resealed(sealed(2), terms=2, record=b"other")
        assert (after.id, after.bidder_tag, after.version) == (before.id, before.bidder_tag, 3)
        assert (after.status, after.revision, after.terms) == (BidStatus.SUBMITTED, 2, 2)
        assert (after.ciphertext, after.sealed_record) == (b"sealed 2", b"other")


def test_a_withdrawn_envelope_holds_nothing_that_could_be_opened() -> None:
    withdrawn = envelope().withdrawn()
    assert (withdrawn.status, withdrawn.ciphertext, withdrawn.sealed_record) == (BidStatus.WITHDRAWN, b"", b"")
    assert withdrawn.commitment == envelope().commitment
    with pytest.raises(StepNotAllowed):
        withdrawn.withdrawn()


@pytest.mark.parametrize("bid", [envelope(terms=2), envelope(status=BidStatus.WITHDRAWN)])
def test_only_a_submitted_bid_that_is_behind_is_confirmed(bid: Envelope) -> None:
    envelope().may_be_confirmed(terms=2)
    with pytest.raises(StepNotAllowed):
        bid.may_be_confirmed(terms=2)


def test_only_the_very_copy_with_its_nonce_is_taken_for_the_bid() -> None:
    assert BidCopy(text=TEXT, nonce=NONCE).content(envelope()) == CONTENT
    for text, nonce in ((TEXT + b" ", NONCE), (TEXT[:-1], NONCE), (TEXT, bytes(32))):
        with pytest.raises(CopyRefused):
            BidCopy(text=text, nonce=nonce).content(envelope())


def test_what_was_kept_has_the_stores_time_and_the_next_version() -> None:
    kept = Posted(outcome=Outcome.KEPT, received_at=LATER, at=LATER).kept(envelope())
    assert kept == replace(envelope(), received_at=LATER, version=4)


@pytest.mark.parametrize(
    ("outcome", "refusal"),
    [
        (Outcome.NO_TENDER, TenderNotFound),
        (Outcome.CLOSED, BiddingClosed),
        (Outcome.TERMS, TermsChanged),
        (Outcome.EXISTS, BidExists),
        (Outcome.STALE, StaleVersion),
    ],
)
def test_what_was_not_kept_is_refused_for_its_reason(outcome: Outcome, refusal: type[Refusal]) -> None:
    posted = Posted(outcome=outcome, at=LATER, terms=2, opens_at=AT, closes_at=LATER)
    with pytest.raises(refusal):
        posted.kept(envelope())


def test_no_repr_shows_what_is_sealed() -> None:
    shown = repr(envelope()) + repr(BidCopy(text=TEXT, nonce=NONCE))
    assert "sealed 1" not in shown
    assert "record" not in shown.replace("sealed_record", "")
    assert TEXT.decode() not in shown
