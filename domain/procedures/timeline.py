"""Dates that a package sets: when bidding may open and close, until when one may ask, complain, sign, pay."""

from datetime import date, datetime, timedelta

from domain.errors import Flaw
from domain.money import Money
from domain.procedures.rules import Rules
from domain.procedures.vocabulary import PhaseId
from domain.tenders.model import TimelineRefused

LONGEST_BIDDING = timedelta(days=180)
LONGEST_NOTICE = timedelta(days=365)


def earliest_opening(rules: Rules, *, published_at: datetime) -> datetime:
    """Bids are taken once the discussion is over; at once where there is none."""
    if not rules.has(PhaseId.DISCUSSION):
        return published_at
    return rules.period("discussion_period").after(published_at)


def earliest_closing(rules: Rules, *, opens_at: datetime, attempt: int = 1) -> datetime:
    """The least deadline; a repeated tender may give less time."""
    return rules.period("bid_period_min" if attempt == 1 else "repeat_bid_period_min").after(opens_at)


def amended_opening(rules: Rules, *, opens_at: datetime, at: datetime) -> datetime:
    """When bidding opens after an amendment at ``at``: where the package restarts the periods, once the documents have
    been discussed anew, and never before it would have.
    """
    restarts = rules.text("amendment_rule") == "restart"
    return max(opens_at, earliest_opening(rules, published_at=at)) if restarts else opens_at


def check_amended(
    rules: Rules, *, opens_at: datetime, closes_at: datetime, asked: datetime | None, at: datetime, attempt: int = 1
) -> datetime:
    """The deadline after an amendment at ``at``: ``asked``, or the earliest that passes where None.

    ``opens_at`` is the amended opening, ``closes_at`` the deadline that bidders know: no amendment brings it forward.
    Refuses (``timeline-refused``) less than the package's period from the amendment on, and what is senseless.
    """
    if rules.text("amendment_rule") == "restart":
        name = "bid_period_min" if attempt == 1 else "repeat_bid_period_min"
        least = earliest_closing(rules, opens_at=opens_at, attempt=attempt)
    else:
        name = "amendment_remaining_min"
        least = rules.period(name).after(at)
    earliest = max(closes_at, least)
    if asked is not None and asked < earliest:
        flaw = Flaw(
            pointer="/closes_at",
            reason=f"{rules.procedure} leaves {rules.text(name)} after an amendment, and no deadline comes sooner",
            passes=f"{earliest.isoformat()} or later",
            rule=name,
        )
        raise TimelineRefused("The amended deadline is too early", flaws=(flaw,))
    check_not_senseless(opens_at=opens_at, closes_at=asked or earliest)
    return asked or earliest


def questions_until(rules: Rules, *, closes_at: datetime) -> datetime:
    """The end (exclusive) of the time for questions, so that answers still reach bidders."""
    return rules.period("questions_close_before").before(closes_at)


def answer_by(rules: Rules, *, asked_at: datetime) -> datetime:
    return rules.period("answer_period").through(asked_at)


def complaints_until(rules: Rules, *, awarded_at: datetime) -> datetime:
    """The end (exclusive) of the standstill, within which results may be complained about; the award itself where
    there is none.
    """
    return rules.period("standstill_period").through(awarded_at) if rules.has(PhaseId.STANDSTILL) else awarded_at


def decide_by(rules: Rules, *, filed_at: datetime) -> datetime:
    return rules.period("complaint_decision_period").through(filed_at)


def sign_by(rules: Rules, *, from_at: datetime) -> datetime:
    """The winner's last moment (exclusive): the signing period, and the notice that follows it."""
    signed = rules.period("signing_period").through(from_at)
    notice = rules.period("signing_notice_period")
    return notice.through(signed - timedelta(microseconds=1)) if notice else signed


def sign_by_after(rules: Rules, *, standstill_until: datetime) -> datetime:
    """``sign_by`` where the standstill ended at ``standstill_until`` (exclusive): its last day, and not the midnight
    that begins the next, is the day from which days are counted.
    """
    return sign_by(rules, from_at=standstill_until - timedelta(microseconds=1))


def evasion_report_due_on(rules: Rules, lapsed_on: date) -> date | None:
    """The last day for reporting a winner who has evaded signing; None where the package has no such duty."""
    name = "evasion_notice_period"
    return rules.period(name).due_on(lapsed_on) if name in rules.procedure.parameters else None


def check_opening(rules: Rules, *, opens_at: datetime, at: datetime) -> None:
    """Refuse (``timeline-refused``) bidding that opens before the discussion is over, or so far ahead that nothing
    after it could be reckoned.
    """
    earliest = earliest_opening(rules, published_at=at)
    if opens_at < earliest:
        flaw = Flaw(
            pointer="/opens_at",
            reason=f"{rules.procedure} discusses the documents for {rules.text('discussion_period')}",
            passes=f"{earliest.isoformat()} or later",
            rule="discussion_period",
        )
        raise TimelineRefused("Bidding opens before the discussion is over", flaws=(flaw,))
    if opens_at - at > LONGEST_NOTICE:
        latest = at + LONGEST_NOTICE
        flaw = Flaw(pointer="/opens_at", reason="too far away", passes=f"{latest.isoformat()} or earlier")
        raise TimelineRefused("Bidding opens too far ahead", flaws=(flaw,))


def check_timeline(rules: Rules, *, opens_at: datetime, closes_at: datetime, attempt: int = 1) -> None:
    """Refuse (``timeline-refused``) a bidding period that is shorter than the package's least, or senseless."""
    earliest = earliest_closing(rules, opens_at=opens_at, attempt=attempt)
    if closes_at < earliest:
        name = "bid_period_min" if attempt == 1 else "repeat_bid_period_min"
        flaw = Flaw(
            pointer="/closes_at",
            reason=f"{rules.procedure} gives bidders at least {rules.text(name)}",
            passes=f"{earliest.isoformat()} or later",
            rule=name,
        )
        raise TimelineRefused("The bidding period is too short", flaws=(flaw,))
    check_not_senseless(opens_at=opens_at, closes_at=closes_at)


def check_not_senseless(*, opens_at: datetime, closes_at: datetime) -> None:
    """Refuse (``timeline-refused``) a deadline that lies further off than anybody bids."""
    if closes_at > opens_at + LONGEST_BIDDING:
        latest = opens_at + LONGEST_BIDDING
        flaw = Flaw(pointer="/closes_at", reason="too far away", passes=f"{latest.isoformat()} or earlier")
        raise TimelineRefused("The bidding period is too long", flaws=(flaw,))


def payment_due_on(rules: Rules, accepted_on: date, *, producer: bool = False) -> date:
    """The last day for payment of what was accepted on ``accepted_on``; producers are paid by their own period."""
    return rules.payment_period(producer=producer).due_on(accepted_on)


def annual_threshold(rules: Rules, day: date) -> Money | None:
    """Up to how much a year of one kind of goods may be bought by this method, without VAT; None without a limit or
    in a year whose MCI nobody entered.
    """
    units = rules.whole("annual_threshold_mci")
    index = rules.on("mci", day)
    return Money(index * units) if units and index is not None else None
