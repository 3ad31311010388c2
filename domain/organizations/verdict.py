"""The origin verdict: may this supplier bid on this lot on this day under these rules, and if not, what is missing.

Its rules are in ``origin_rules.py``. It is reached when looking, at bid, at award and at signing, and stored each
time with the data that every rule looked at, so that it can be explained and replayed.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from domain.errors import NotFound, Titles
from domain.events import By, Event
from domain.ids import Bin, EnsTru, OrganizationId, TenderId, VerdictId
from domain.organizations.evidence import Evidence
from domain.organizations.model import OrganizationStatus


class VerdictNotFound(NotFound):
    code = "verdict-not-found"
    titles = Titles("There is no such verdict", "Такого заключения нет", "Мұндай қорытынды жоқ")


class Stage(StrEnum):
    LOOK = "look"
    BID = "bid"
    AWARD = "award"
    SIGNING = "signing"

    @property
    def after_opening(self) -> bool:
        return self in {Stage.AWARD, Stage.SIGNING}


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """``line`` is None for rules about the supplier as such; ``data`` are the values the rule compared."""

    rule: str
    result: Result
    data: dict[str, str] = field(default_factory=dict)
    line: int | None = None
    reason: str | None = None
    passes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFact:
    """A garment line that is to be sewn: its code and the pieces in question."""

    line: int
    ens_tru: EnsTru
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the verdict looks at. ``awarded_pieces`` are pieces awarded this year per six-digit code.

    ``affiliates`` names the contact data (address, phone, e-mail) that another bidder of the lot shares. It is None
    before the opening: an answer that depends on other bids would tell that they exist. ``on_unreliable_list`` is
    None where no list of unreliable participants was consulted.
    """

    organization_id: OrganizationId
    bin: Bin
    status: OrganizationStatus
    buyer_id: OrganizationId
    has_workshop: bool
    evidence: tuple[Evidence, ...]
    lines: tuple[LineFact, ...]
    on: date
    awarded_pieces: dict[str, int] = field(default_factory=dict)
    affiliates: tuple[str, ...] | None = None
    on_unreliable_list: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictReached(Event):
    """Sealed: at the stage of a bid it would give a bidder away. The verdict itself is read by its supplier, and by
    the buyer and auditors after the opening.
    """

    type: ClassVar[str] = "verdict.reached"
    subject: ClassVar[str] = "verdict"
    sealed: ClassVar[bool] = True
    organization_id: OrganizationId
    eligible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``local_content`` is per line number, percent; ``evidence`` the number of the proof used per line."""

    id: VerdictId
    organization_id: OrganizationId
    tender_id: TenderId
    lot: int
    stage: Stage
    on: date
    package: str
    eligible: bool
    outcomes: tuple[RuleOutcome, ...]
    local_content: dict[int, Decimal]
    evidence: dict[int, str]
    judged_at: datetime
    version: int = 0

    def reached(self, *, by: By) -> VerdictReached:
        return VerdictReached(
            subject_id=self.id,
            by=by,
            at=self.judged_at,
            organization_id=self.organization_id,
            eligible=self.eligible,
        )

    @property
    def failed(self) -> tuple[RuleOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.result is Result.FAILED)

    def units_left(self, line: int) -> int | None:
        """What was left of the declared capacity for a line, in units; None where it is not counted."""
        for outcome in self.outcomes:
            if (outcome.rule, outcome.line) == ("declared_capacity_suffices", line) and "declared" in outcome.data:
                return int(outcome.data["declared"]) - int(outcome.data["awarded_this_year"])
        return None
