"""Periods that a package sets: the least time for bids, the day a payment is due."""

from datetime import date, datetime, timedelta

from domain.calendar import add_working_days
from domain.errors import Flaw
from domain.procedures.package import Rules
from domain.tenders.model import TimelineRefused

LONGEST_BIDDING = timedelta(days=180)
LONGEST_NOTICE = timedelta(days=365)


def check_opening(*, opens_at: datetime, at: datetime) -> None:
    """Refuse (``timeline-refused``) bidding that opens so far ahead that nothing after it could be reckoned."""
    if opens_at - at > LONGEST_NOTICE:
        latest = at + LONGEST_NOTICE
        flaw = Flaw(pointer="/opens_at", reason="too far away", passes=f"{latest.isoformat()} or earlier")
        raise TimelineRefused("Bidding opens too far ahead", flaws=(flaw,))


def check_timeline(rules: Rules, *, opens_at: datetime, closes_at: datetime) -> None:
    """Refuse (``timeline-refused``) a bidding period that is shorter than the package's least, or senseless."""
    earliest = opens_at + rules.bid_period_min
    if closes_at < earliest:
        flaw = Flaw(
            pointer="/closes_at",
            reason=f"{rules.procedure} gives bidders at least {rules.bid_period_min}",
            passes=f"{earliest.isoformat()} or later",
            rule="bid_period_min",
        )
        raise TimelineRefused("The bidding period is too short", flaws=(flaw,))
    if closes_at > opens_at + LONGEST_BIDDING:
        latest = opens_at + LONGEST_BIDDING
        flaw = Flaw(pointer="/closes_at", reason="too far away", passes=f"{latest.isoformat()} or earlier")
        raise TimelineRefused("The bidding period is too long", flaws=(flaw,))


def payment_due_on(rules: Rules, accepted_on: date) -> date:
    """The last day for payment of what was accepted on ``accepted_on``."""
    if rules.payment_in_working_days:
        return add_working_days(accepted_on, rules.payment_days)
    return accepted_on + timedelta(days=rules.payment_days)
