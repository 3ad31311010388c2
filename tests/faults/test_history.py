"""The checker of histories passes good ones and catches each kind of bad one, by its law."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.history import History, Kind, Law, OpenedBid, Operation, Outcome, Reading, violations

START = datetime(2026, 11, 26, 9, tzinfo=UTC)
DEADLINE = 100


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def done(second: float, kind: Kind = Kind.SUBMIT, revision: int = 1, *, bidder: str = "a") -> Operation:
    price = "" if kind is Kind.WITHDRAW else f"{revision}.00"
    return Operation(
        bidder=bidder,
        kind=kind,
        price=price,
        sent_at=at(second),
        answered_at=at(second + 2),
        outcome=Outcome.ACKNOWLEDGED,
        bid_id=f"bid of {bidder}",
        revision=revision,
        shown_price=price,
        received_at=at(second + 1),
    )


def refused(second: float, code: str = "bidding-closed", *, bidder: str = "a", kind: Kind = Kind.SUBMIT) -> Operation:
    return Operation(
        bidder=bidder,
        kind=kind,
        price="1.00",
        sent_at=at(second),
        answered_at=at(second + 2),
        outcome=Outcome.REFUSED,
        code=code,
    )


def unknown(operation: Operation) -> Operation:
    return replace(operation, outcome=Outcome.UNKNOWN, answered_at=None, received_at=None, bid_id="", revision=0)


def shown(operation: Operation) -> OpenedBid:
    return OpenedBid(
        id=f"bid of {operation.bidder}",
        bidder=operation.bidder,
        revision=operation.revision,
        price=operation.price,
        received_at=operation.received_at or at(50),
    )


def read(*bids: OpenedBid, second: float = DEADLINE + 5) -> Reading:
    return Reading(sent_at=at(second), answered_at=at(second + 1), bids=bids, body=repr(bids).encode())


def closed(second: float) -> Reading:
    return Reading(sent_at=at(second), answered_at=at(second + 1))


def history(operations: list[Operation], *readings: Reading) -> History:
    return History(closes_at=at(DEADLINE), operations=operations, readings=list(readings))


FIRST, SECOND = done(10), done(20, Kind.REPLACE, 2)
WITHDRAWN, AGAIN = done(30, Kind.WITHDRAW, 2), done(40, Kind.REPLACE, 3)
OTHER = done(12, bidder="b")

GOOD = {
    "one bid": history([FIRST], closed(90), read(shown(FIRST)), read(shown(FIRST), second=DEADLINE + 9)),
    "the last revision counts": history([FIRST, SECOND], read(shown(SECOND))),
    "withdrawn": history([FIRST, SECOND, WITHDRAWN, OTHER], read(shown(OTHER))),
    "withdrawn and brought back": history([FIRST, SECOND, WITHDRAWN, AGAIN], read(shown(AGAIN))),
    "too late": history([FIRST, refused(99, bidder="b")], read(shown(FIRST))),
    "a replacement too late": history([FIRST, refused(99, kind=Kind.REPLACE)], read(shown(FIRST))),
    "in doubt and there": history([FIRST, unknown(SECOND)], read(shown(SECOND))),
    "in doubt and not there": history([FIRST, unknown(SECOND)], read(shown(FIRST))),
    "a first bid in doubt, not there": history([unknown(FIRST), OTHER], read(shown(OTHER))),
    "a withdrawal in doubt, withdrawn": history([FIRST, unknown(WITHDRAWN), OTHER], read(shown(OTHER))),
    "nobody bid": history([], read()),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_history_passes(name: str) -> None:
    assert violations(GOOD[name]) == []


REVERSED = replace(OTHER, sent_at=at(15), answered_at=at(17), received_at=at(10.5))
BAD = {
    "no opening at all": (Law.LOST, history([FIRST], closed(200))),
    "a bid is not opened": (Law.LOST, history([FIRST, OTHER], read(shown(OTHER)))),
    "a replacement is not opened": (Law.LOST, history([FIRST, SECOND], read(shown(FIRST)))),
    "a bid stands twice": (Law.DOUBLED, history([FIRST], read(shown(FIRST), shown(FIRST)))),
    "a bidder stands twice": (Law.DOUBLED, history([FIRST], read(shown(FIRST), replace(shown(FIRST), id="another")))),
    "a retry counted twice": (
        Law.DOUBLED,
        history([FIRST, done(20, Kind.REPLACE, 3)], read(shown(done(20, Kind.REPLACE, 3)))),
    ),
    "received at the deadline": (Law.LATE, history([done(DEADLINE - 1)], read(shown(done(DEADLINE - 1))))),
    "sent after the deadline": (
        Law.LATE,
        history([replace(done(DEADLINE + 1), received_at=at(99))], read(shown(replace(FIRST, received_at=at(99))))),
    ),
    "withdrawn after the deadline": (
        Law.LATE,
        history([FIRST, done(DEADLINE + 1, Kind.WITHDRAW), OTHER], read(shown(OTHER))),
    ),
    "opened with a late time": (
        Law.LATE,
        history([unknown(FIRST)], read(replace(shown(FIRST), received_at=at(DEADLINE)))),
    ),
    "refused as late before the deadline": (Law.TURNED_AWAY, history([refused(50)], read())),
    "a withdrawn bid is opened": (Law.RESURRECTED, history([FIRST, done(30, Kind.WITHDRAW)], read(shown(FIRST)))),
    "a refused bid is opened": (Law.PHANTOM, history([refused(99)], read(shown(FIRST)))),
    "a bid of nobody is opened": (Law.PHANTOM, history([], read(shown(FIRST)))),
    "another price is opened": (Law.WRONG, history([FIRST], read(replace(shown(FIRST), price="9.00")))),
    "a revision that was never sent": (Law.WRONG, history([FIRST], read(shown(SECOND)))),
    "another price is acknowledged": (
        Law.WRONG,
        history([replace(FIRST, shown_price="9.00")], read(shown(FIRST))),
    ),
    "another time is opened": (Law.WRONG, history([FIRST], read(replace(shown(FIRST), received_at=at(13))))),
    "another bid is opened": (Law.WRONG, history([FIRST], read(replace(shown(FIRST), id="another")))),
    "received before it was sent": (
        Law.BACKWARDS,
        history([replace(FIRST, received_at=at(9))], read(shown(replace(FIRST, received_at=at(9))))),
    ),
    "the later one was received earlier": (
        Law.BACKWARDS,
        history([FIRST, REVERSED], read(shown(FIRST), shown(REVERSED))),
    ),
    "two readers, two openings": (
        Law.DIFFERENT,
        history([FIRST, OTHER], read(shown(FIRST)), read(shown(FIRST), shown(OTHER))),
    ),
    "the same bids in other bytes": (
        Law.DIFFERENT,
        history([FIRST], read(shown(FIRST)), replace(read(shown(FIRST)), body=b"other")),
    ),
    "an opening goes away": (Law.DIFFERENT, history([FIRST], read(shown(FIRST)), closed(DEADLINE + 20))),
    "opened before the deadline": (Law.EARLY, history([FIRST], read(shown(FIRST), second=50))),
    "a retry refused as a second bid": (Law.REFUSED, history([refused(50, "bid-already-submitted")], read())),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_history_is_caught_by_its_law(name: str) -> None:
    law, bad = BAD[name]
    assert law in {each.law for each in violations(bad)}


def test_every_law_has_a_history_that_breaks_it() -> None:
    assert {law for law, _ in BAD.values()} == set(Law)
