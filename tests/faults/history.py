"""What bidders and readers were told, and the laws that it must obey; nothing here knows how Oimaq works inside.

A bidder does one thing after another and repeats a request with its key until it is answered, so each operation
ends in one of three ways: acknowledged, refused, or unknown (he gave up). From these follows the set of states in
which his bid can be; the opening must show one of them. All instants are of one machine, so its clock orders them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    SUBMIT = "submit"
    REPLACE = "replace"
    WITHDRAW = "withdraw"


class Outcome(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Law(StrEnum):
    LOST = "lost"
    """Acknowledged, and not in the opening."""
    DOUBLED = "doubled"
    """Two effects of one request: a bid or a bidder stands twice, or a revision was counted twice."""
    LATE = "late"
    """Accepted at or after the deadline."""
    TURNED_AWAY = "turned away"
    """Refused as late although the refusal itself came before the deadline."""
    RESURRECTED = "resurrected"
    """A withdrawn bid was opened."""
    PHANTOM = "phantom"
    """Opened although every request for it was refused, or never made."""
    WRONG = "wrong"
    """Another revision, price or time than was sent and acknowledged."""
    BACKWARDS = "backwards"
    """``received_at`` contradicts the order in which things happened."""
    DIFFERENT = "different"
    """Two readers saw two openings, or a part of one, or it went away again."""
    EARLY = "early"
    """Somebody saw the bids before the deadline."""
    REFUSED = "refused"
    """A sound request before the deadline was refused for another reason than the deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """``sent_at`` is the first attempt, ``answered_at`` the answer that ended it; a withdrawal has no price."""

    bidder: str
    kind: Kind
    price: str = ""
    sent_at: datetime
    answered_at: datetime | None = None
    outcome: Outcome = Outcome.UNKNOWN
    code: str = ""
    bid_id: str = ""
    revision: int = 0
    shown_price: str = ""
    received_at: datetime | None = None
    attempts: int = 1
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedBid:
    id: str
    bidder: str
    revision: int
    price: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One look at the bids of a tender; ``bids`` None: they were not opened yet. ``body`` is what came, to the byte."""

    sent_at: datetime
    answered_at: datetime
    bids: tuple[OpenedBid, ...] | None = None
    body: bytes = b""


@dataclass(slots=True, kw_only=True)
class History:
    """Of one tender. Operations of one bidder stand in the order in which he did them."""

    closes_at: datetime
    operations: list[Operation] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    def acknowledged(self) -> int:
        """Submits and replacements that were answered 201."""
        return sum(each.outcome is Outcome.ACKNOWLEDGED and each.kind is not Kind.WITHDRAW for each in self.operations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    law: Law
    what: str


@dataclass(frozen=True, slots=True)
class _State:
    """Of one bidder's bid: which revision with which price, and whether it stands."""

    revision: int = 0
    price: str = ""
    stands: bool = False

    def after(self, done: Operation) -> "_State":
        if done.kind is Kind.WITHDRAW:
            return _State(self.revision, self.price, stands=False)
        return _State(self.revision + 1, done.price, stands=True)


def violations(history: History) -> list[Violation]:
    """Every law that was broken; empty for a history that Oimaq may produce."""
    return [*_readings(history), *_deadline(history), *_order(history), *_bidders(history)]


def counted(found: Iterable[Violation]) -> dict[str, int]:
    return dict(Counter(str(each.law) for each in found))


def _readings(history: History) -> Iterator[Violation]:
    opened = [each for each in history.readings if each.bids is not None]
    if not opened:
        yield Violation(law=Law.LOST, what="the tender was never opened")
    if len({each.body for each in opened}) > 1:
        sizes = sorted({len(each.bids or ()) for each in opened})
        yield Violation(law=Law.DIFFERENT, what=f"readers saw different openings, of {sizes} bids")
    if opened:
        first = min(each.answered_at for each in opened)
        if any(each.bids is None and each.sent_at > first for each in history.readings):
            yield Violation(law=Law.DIFFERENT, what="an opening that had been seen was not there any more")
        if first < history.closes_at:
            yield Violation(law=Law.EARLY, what=f"opened at {first}, before {history.closes_at}")


def _deadline(history: History) -> Iterator[Violation]:
    for each in history.operations:
        told = f"{each.bidder}: {each.kind} sent {each.sent_at}, received {each.received_at}"
        if each.outcome is Outcome.ACKNOWLEDGED:
            late = each.received_at is not None and each.received_at >= history.closes_at
            if late or each.sent_at >= history.closes_at:
                yield Violation(law=Law.LATE, what=f"{told}, deadline {history.closes_at}")
        elif each.outcome is Outcome.REFUSED:
            if each.code != "bidding-closed":
                yield Violation(law=Law.REFUSED, what=f"{told}: {each.code}")
            elif each.answered_at is not None and each.answered_at < history.closes_at:
                yield Violation(law=Law.TURNED_AWAY, what=f"{told}, refused at {each.answered_at}")
    for bid in _opening(history):
        if bid.received_at >= history.closes_at:
            yield Violation(law=Law.LATE, what=f"{bid.bidder}: opened with {bid.received_at}")


def _order(history: History) -> Iterator[Violation]:
    """What was answered before another was sent has the earlier time of receipt; both lie between sent and answered."""
    received = [each for each in history.operations if each.received_at is not None and each.kind is not Kind.WITHDRAW]
    for each in received:
        if each.received_at is None or each.answered_at is None:
            continue
        if not each.sent_at <= each.received_at <= each.answered_at:
            what = f"{each.bidder}: sent {each.sent_at}, received {each.received_at}, answered {each.answered_at}"
            yield Violation(law=Law.BACKWARDS, what=what)
    moments = [(each.sent_at, 0, each) for each in received]
    moments += [(each.answered_at, 1, each) for each in received if each.answered_at is not None]
    newest: Operation | None = None
    for _, ended, each in sorted(moments, key=lambda moment: moment[:2]):
        if each.received_at is None:
            continue
        if (
            newest is not None
            and newest.received_at is not None
            and not ended
            and each.received_at < newest.received_at
        ):
            what = f"{each.bidder} received {each.received_at}, after {newest.bidder}'s {newest.received_at}"
            yield Violation(law=Law.BACKWARDS, what=what)
        if ended and (newest is None or newest.received_at is None or each.received_at > newest.received_at):
            newest = each


def _bidders(history: History) -> Iterator[Violation]:
    opening = _opening(history)
    for what, ids in (("bid", [bid.id for bid in opening]), ("bidder", [bid.bidder for bid in opening])):
        for id, times in Counter(ids).items():
            if times > 1:
                yield Violation(law=Law.DOUBLED, what=f"{what} {id} stands {times} times in the opening")
    shown = {bid.bidder: bid for bid in opening}
    done: dict[str, list[Operation]] = {bidder: [] for bidder in shown}
    for each in history.operations:
        done.setdefault(each.bidder, []).append(each)
    for bidder, operations in done.items():
        yield from _bidder(bidder, operations, shown.get(bidder))


def _bidder(bidder: str, operations: list[Operation], shown: OpenedBid | None) -> Iterator[Violation]:
    possible = {_State()}
    for each in operations:
        after = {state.after(each) for state in possible}
        if each.outcome is Outcome.UNKNOWN:
            possible |= after
        elif each.outcome is Outcome.ACKNOWLEDGED:
            possible = {state for state in after if state.revision == each.revision}
            if not possible:
                right = sorted(state.revision for state in after)
                what = f"{bidder}: {each.kind} was answered with revision {each.revision}, it makes {right}"
                yield Violation(law=Law.DOUBLED, what=what)
                possible = {_State(each.revision, each.price, stands=each.kind is not Kind.WITHDRAW)}
            if each.kind is not Kind.WITHDRAW and each.shown_price != each.price:
                yield Violation(law=Law.WRONG, what=f"{bidder}: sent {each.price}, acknowledged {each.shown_price}")
    standing = {state for state in possible if state.stands}
    if shown is None:
        if len(standing) == len(possible):
            yield Violation(law=Law.LOST, what=f"{bidder}: acknowledged {operations[-1].bid_id}, not in the opening")
    elif not standing:
        withdrawn = any(state.revision for state in possible)
        yield Violation(
            law=Law.RESURRECTED if withdrawn else Law.PHANTOM, what=f"{bidder}: opened with revision {shown.revision}"
        )
    elif (shown.revision, shown.price) not in {(state.revision, state.price) for state in standing}:
        told = sorted((state.revision, state.price) for state in standing)
        older = all(shown.revision < state.revision for state in standing)
        law = Law.LOST if older else Law.WRONG
        yield Violation(law=law, what=f"{bidder}: {told} acknowledged, {shown.revision} for {shown.price} opened")
    else:
        yield from _same_receipt(operations, shown)


def _same_receipt(operations: list[Operation], shown: OpenedBid) -> Iterator[Violation]:
    """The opening names the bid and the time that were acknowledged for this revision."""
    for each in operations:
        if each.outcome is not Outcome.ACKNOWLEDGED or each.kind is Kind.WITHDRAW:
            continue
        if each.bid_id != shown.id:
            yield Violation(law=Law.WRONG, what=f"{each.bidder}: {each.bid_id} acknowledged, {shown.id} opened")
        elif each.revision == shown.revision and each.received_at != shown.received_at:
            what = f"{each.bidder}: received {each.received_at} acknowledged, {shown.received_at} opened"
            yield Violation(law=Law.WRONG, what=what)


def _opening(history: History) -> tuple[OpenedBid, ...]:
    """The last that was read; that the others are the same is a law of its own."""
    return next((each.bids for each in reversed(history.readings) if each.bids is not None), ())
