"""A prequalification list of a buyer. It does not change: whoever is on it has met exactly these requirements."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from domain.errors import Conflict, Flaw, MalformedValue, NotFound, Titles
from domain.events import By, Event
from domain.ids import OrganizationId, PrequalificationId

PRODUCTS_MAX = 50
REQUIREMENTS_MAX = 50


class PrequalificationNotFound(NotFound):
    code = "prequalification-not-found"
    titles = Titles(
        "There is no such prequalification list",
        "Такого перечня предквалификации нет",
        "Мұндай алдын ала біліктілік тізбесі жоқ",
    )


class ApplicationsClosed(Conflict):
    """Outside the days of the list, in legal time by the database's clock."""

    code = "applications-closed"
    titles = Titles("Applications are not taken", "Заявления не принимаются", "Өтініштер қабылданбайды")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One line: its name, and what is asked."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrequalificationOpened(Event):
    type: ClassVar[str] = "prequalification.opened"
    subject: ClassVar[str] = "prequalification"
    number: str
    title: str
    products: tuple[str, ...]
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Prequalification:
    """``number`` is the human number (``Q-2026-000001``); ``products`` are code prefixes of 4 to 15 digits without
    points. Both days are inclusive, in legal time.
    """

    id: PrequalificationId
    number: str
    buyer_id: OrganizationId
    title: str
    products: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    valid_from: date
    valid_until: date
    opened_at: datetime
    version: int = 0

    def __post_init__(self) -> None:
        if self.valid_until < self.valid_from:
            raise _malformed("/valid_until", "before valid_from", f"{self.valid_from} or later")
        if not 1 <= len(self.products) <= PRODUCTS_MAX or len(set(self.products)) != len(self.products):
            raise _malformed("/products", "none, too many, or one twice", f"1 to {PRODUCTS_MAX} codes, each once")
        if not 1 <= len(self.requirements) <= REQUIREMENTS_MAX:
            raise _malformed("/requirements", "none or too many", f"1 to {REQUIREMENTS_MAX} lines")

    def opened(self, *, by: By) -> PrequalificationOpened:
        return PrequalificationOpened(
            subject_id=self.id,
            by=by,
            at=self.opened_at,
            number=self.number,
            title=self.title,
            products=self.products,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )

    def in_force(self, *, on: date) -> bool:
        return self.valid_from <= on <= self.valid_until

    def covers(self, ens_tru: str) -> bool:
        return ens_tru.replace(".", "").startswith(self.products)

    def must_take(self, *, on: date) -> None:
        """Refuse (``applications-closed``) before the first and after the last day of the list."""
        if not self.in_force(on=on):
            raise ApplicationsClosed(
                f"List {self.number} takes applications from {self.valid_from} to {self.valid_until}",
                passes="an application within these days",
                valid_from=self.valid_from.isoformat(),
                valid_until=self.valid_until.isoformat(),
                on=on.isoformat(),
            )


def _malformed(pointer: str, reason: str, passes: str) -> MalformedValue:
    return MalformedValue(reason, flaws=(Flaw(pointer=pointer, reason=reason, passes=passes),), passes=passes)
