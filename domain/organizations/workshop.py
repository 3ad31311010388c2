"""A workshop's profile: where it stands, what it sews, how many minutes it has in a week."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import ClassVar, Self

from domain.errors import Flaw, MalformedValue, NotFound, Titles
from domain.events import By, Event
from domain.garments import GarmentKind
from domain.ids import Kato, OrganizationId, parse_kato

_LIMITS: dict[str, tuple[int, int]] = {
    "operators": (1, 5000),
    "shift_minutes": (60, 720),
    "shifts": (1, 3),
    "working_days": (1, 7),
}
MINUTES_A_DAY = 24 * 60
EFFICIENCY_STEP = Decimal("0.001")


SMALL_MAX, MEDIUM_MAX = 100, 250
"""Operators over all shifts. The Entrepreneurial Code (article 24) draws these lines at so many employees and at a
yearly income; nobody's income is to be seen here, nor who does not sew. Confidence MEM.
"""


class Size(StrEnum):
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    UNKNOWN = "unknown"
    """No workshop's profile."""

    @classmethod
    def of(cls, operators: int | None) -> Self:
        """By the operators of all shifts."""
        if operators is None:
            return cls.UNKNOWN
        if operators <= SMALL_MAX:
            return cls.SMALL
        return cls.MEDIUM if operators <= MEDIUM_MAX else cls.LARGE


class WorkshopNotFound(NotFound):
    code = "workshop-not-found"
    titles = Titles("There is no such workshop", "Такого цеха нет", "Мұндай цех жоқ")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkshopDescribed(Event):
    type: ClassVar[str] = "workshop.described"
    subject: ClassVar[str] = "workshop"
    kato: Kato
    operators: int
    minutes_per_week: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """``id`` is the organisation's. ``efficiency`` is the share of paid minutes that become standard minutes: more
    than 0, at most 1, three decimals. ``operators`` work in one shift; ``zone`` names an industrial zone, if any.

    Refuses (``malformed-value``) figures out of range, and shifts that need more than a day has.
    """

    id: OrganizationId
    kato: Kato
    zone: str | None
    products: tuple[GarmentKind, ...]
    operators: int
    shift_minutes: int
    shifts: int
    working_days: int
    efficiency: Decimal
    described_at: datetime
    version: int = 0

    def __post_init__(self) -> None:
        parse_kato(self.kato)
        flaws = [
            Flaw(pointer=f"/{name}", reason=f"{getattr(self, name)} is out of range", passes=f"{least} to {most}")
            for name, (least, most) in _LIMITS.items()
            if not least <= getattr(self, name) <= most
        ]
        if self.shifts * self.shift_minutes > MINUTES_A_DAY:
            reason = f"{self.shifts} shifts of {self.shift_minutes} minutes do not fit into a day"
            flaws.append(Flaw(pointer="/shifts", reason=reason, passes=f"at most {MINUTES_A_DAY} minutes together"))
        if not _is_share(self.efficiency):
            passes = "more than 0, at most 1, three decimals"
            flaws.append(Flaw(pointer="/efficiency", reason=f"{self.efficiency}", passes=passes))
        if not self.products:
            flaws.append(Flaw(pointer="/products", reason="empty", passes="at least one kind of garment"))
        if flaws:
            raise MalformedValue("The profile of the workshop is out of range", flaws=tuple(flaws))

    @property
    def minutes_per_week(self) -> Decimal:
        """Standard minutes a week = operators x shift minutes x shifts x working days x efficiency.

        The industry's standard formula (per month: x 21 days / SMV gives units); rounded down to 0.01.
        """
        paid = self.operators * self.shift_minutes * self.shifts * self.working_days
        return (paid * self.efficiency).quantize(Decimal("0.01"), ROUND_DOWN)

    def described(self, *, by: By) -> WorkshopDescribed:
        return WorkshopDescribed(
            subject_id=self.id,
            by=by,
            at=self.described_at,
            kato=self.kato,
            operators=self.operators,
            minutes_per_week=self.minutes_per_week,
        )


def _is_share(number: Decimal) -> bool:
    return number.is_finite() and 0 < number <= 1 and number % EFFICIENCY_STEP == 0
