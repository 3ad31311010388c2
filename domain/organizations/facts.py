"""The facts of an origin verdict: everything it looks at, stored with it, so that it can be reached again."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.ids import Bin, EnsTru, OrganizationId
from domain.organizations.evidence import Evidence
from domain.organizations.model import OrganizationStatus
from domain.registries.answers import UnreliableEntry
from domain.registries.records import Register
from domain.registries.standing import ListState, RegisteredEvidence


class Stage(StrEnum):
    LOOK = "look"
    BID = "bid"
    AWARD = "award"
    SIGNING = "signing"

    @property
    def after_opening(self) -> bool:
        return self in {Stage.AWARD, Stage.SIGNING}

    @property
    def decides_as(self) -> "Stage":
        """Whose consequence follows when something could not be checked: looking foretells the bid."""
        return Stage.BID if self is Stage.LOOK else self


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFact:
    """A garment line that is to be sewn: its code, the pieces in question, standard minutes per piece."""

    line: int
    ens_tru: EnsTru
    pieces: int
    standard_minutes: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkshopFact:
    """Standard minutes in a week by the profile, those that contracts in force bind, the lot's last delivery day."""

    minutes_per_week: Decimal
    minutes_booked: Decimal
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalWord:
    """What the state portal's list of unreliable participants said about the BIN when it was last asked: its newest
    answer, and the newest failure to get one. A failure does not undo an answer.
    """

    answered_at: datetime | None = None
    entries: tuple[UnreliableEntry, ...] = ()
    failed_at: datetime | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """``workshop`` None: no profile. ``awarded_pieces`` are pieces awarded this year per six-digit code.

    ``registered`` are the imported registers' records that speak of these lines or of the stored evidence, ``as_of``
    the newest imported state of each register, None where it was never imported; the same for ``lists``.

    ``affiliates`` names the contact data that another bidder of the lot shares. It is None before the opening: an
    answer that depends on other bids would tell that they exist. ``invited`` is None where nobody is invited,
    ``prequalified`` where no prequalification was consulted.
    """

    organization_id: OrganizationId
    bin: Bin
    status: OrganizationStatus
    buyer_id: OrganizationId
    stage: Stage
    on: date
    lines: tuple[LineFact, ...]
    workshop: WorkshopFact | None = None
    evidence: tuple[Evidence, ...] = ()
    registered: tuple[RegisteredEvidence, ...] = ()
    as_of: dict[Register, date | None] = field(default_factory=dict)
    lists: dict[Register, ListState] = field(default_factory=dict)
    portal: PortalWord = PortalWord()
    awarded_pieces: dict[str, int] = field(default_factory=dict)
    affiliates: tuple[str, ...] | None = None
    invited: bool | None = None
    prequalified: bool | None = None
