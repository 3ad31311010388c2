"""A subscription: which lots a workshop wants to hear of; whether it fits a lot is a pure function of both."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from domain.errors import Conflict, Flaw, Invalid, NotFound, Titles
from domain.events import By, Event
from domain.garments import GarmentKind, GarmentLine
from domain.ids import REGIONS, OrganizationId, SubscriptionId
from domain.organizations.verdict import Verdict
from domain.tenders.lot import Lot

SUBSCRIPTIONS_MAX = 20
"""Of one organisation."""
CRITERIA_MAX = 30
"""Codes, kinds or regions of one subscription."""


class SubscriptionNotFound(NotFound):
    code = "subscription-not-found"
    titles = Titles("There is no such subscription", "Такой подписки нет", "Мұндай жазылым жоқ")


class SubscriptionRefused(Invalid):
    code = "subscription-refused"
    titles = Titles(
        "The subscription fits no lot", "Под подписку не подойдёт ни один лот", "Жазылымға бірде-бір лот сай келмейді"
    )


class TooManySubscriptions(Conflict):
    code = "too-many-subscriptions"
    titles = Titles("There are too many subscriptions", "Подписок слишком много", "Жазылымдар тым көп")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionEvent(Event):
    """Tells that there is one, not what it is about: that is the workshop's own business."""

    subject: ClassVar[str] = "subscription"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionMade(SubscriptionEvent):
    type: ClassVar[str] = "subscription.made"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChanged(SubscriptionEvent):
    type: ClassVar[str] = "subscription.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionEnded(SubscriptionEvent):
    type: ClassVar[str] = "subscription.ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """``codes`` are digits of ENS TRU, the first 4 to 15; a line is of interest by its code or by its kind, and any
    line is where neither is named. ``regions`` are the first 2 to 9 digits of KATO, none: everywhere. The pieces of
    the lines of interest that go to these regions lie between ``pieces_min`` and ``pieces_max``.

    Refuses (``subscription-refused``) what could never fit.
    """

    codes: tuple[str, ...] = ()
    kinds: tuple[GarmentKind, ...] = ()
    regions: tuple[str, ...] = ()
    pieces_min: int | None = None
    pieces_max: int | None = None

    def __post_init__(self) -> None:
        flaws = [
            Flaw(pointer=f"/codes/{index}", reason=f"{code!r} is no beginning of a code", passes="4 to 15 digits")
            for index, code in enumerate(self.codes)
            if not re.fullmatch(r"[0-9]{4,15}", code)
        ]
        flaws += [
            Flaw(pointer=f"/regions/{index}", reason=f"{region!r} is no beginning of KATO", passes=", ".join(REGIONS))
            for index, region in enumerate(self.regions)
            if not re.fullmatch(r"[0-9]{2,9}", region) or region[:2] not in REGIONS
        ]
        if None not in {self.pieces_min, self.pieces_max} and (self.pieces_min or 0) > (self.pieces_max or 0):
            reason = f"{self.pieces_max} is less than pieces_min"
            flaws.append(Flaw(pointer="/pieces_max", reason=reason, passes=f"{self.pieces_min} or more"))
        if flaws:
            raise SubscriptionRefused("The subscription could never fit", flaws=tuple(flaws))

    def lines(self, lot: Lot) -> tuple[GarmentLine, ...]:
        return tuple(line for line in lot.lines if self._wants(line))

    def fits(self, lot: Lot) -> bool:
        wanted = {line.number for line in self.lines(lot)}
        pieces = sum(
            run.pieces
            for place in lot.places
            if not self.regions or place.kato.startswith(self.regions)
            for number, run in place.runs.items()
            if number in wanted
        )
        least, most = self.pieces_min or 1, self.pieces_max or pieces
        return least <= pieces <= most

    def _wants(self, line: GarmentLine) -> bool:
        if not self.codes and not self.kinds:
            return True
        return line.kind in self.kinds or line.ens_tru.replace(".", "").startswith(self.codes or ("-",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """``only_eligible`` asks to be told only of what the workshop may really bid on."""

    id: SubscriptionId
    organization_id: OrganizationId
    interest: Interest
    only_eligible: bool
    made_at: datetime
    version: int = 0

    def made(self, *, by: By) -> SubscriptionMade:
        return SubscriptionMade(subject_id=self.id, by=by, at=self.made_at)

    def change(
        self, *, interest: Interest, only_eligible: bool, by: By, at: datetime
    ) -> tuple["Subscription", SubscriptionChanged]:
        changed = replace(self, interest=interest, only_eligible=only_eligible)
        return changed, SubscriptionChanged(subject_id=self.id, by=by, at=at)

    def ended(self, *, by: By, at: datetime) -> SubscriptionEnded:
        return SubscriptionEnded(subject_id=self.id, by=by, at=at)


def within_minutes(lines: tuple[GarmentLine, ...], minutes: Decimal | None) -> dict[int, int]:
    """The pieces per line, in the order of the lines, that ``minutes`` can sew; None is without a limit. A bid may
    offer part of a lot, so a workshop that can sew some of it may bid.
    """
    if minutes is None:
        return {line.number: line.run.pieces for line in lines}
    found: dict[int, int] = {}
    for line in lines:
        pieces = min(line.run.pieces, int(minutes // line.standard_minutes))
        if pieces:
            found[line.number] = pieces
            minutes -= pieces * line.standard_minutes
    return found


def what_may_pass(verdict: Verdict, pieces: Mapping[int, int]) -> dict[int, int]:
    """Of pieces that a verdict refused, the part that another verdict may admit: the lines that it faults for nothing
    but the declared capacity, with what is left of that. Empty where a rule fails for the whole supplier.
    """
    faults: dict[int, set[str]] = {}
    for outcome in verdict.failed:
        if outcome.line is None:
            return {}
        faults.setdefault(outcome.line, set()).add(outcome.rule)
    parts = {
        number: count if number not in faults else min(count, verdict.units_left(number) or 0)
        for number, count in pieces.items()
        if faults.get(number, set()) <= {"declared_capacity_suffices"}
    }
    return {number: count for number, count in parts.items() if count > 0}
