"""The origin verdict: may this supplier bid on this lot on this day under these rules, and if not, what is missing.

Its rules are in ``origin_rules.py`` and the modules beside it. It is reached when looking, at bid, at award and at
signing, and stored each time with its facts, so that it can be explained, and reached again by ``replaying.py``.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from domain.errors import NotFound, Titles
from domain.events import By, Event
from domain.ids import OrganizationId, TenderId, VerdictId
from domain.organizations.facts import Facts, Stage


class VerdictNotFound(NotFound):
    code = "verdict-not-found"
    titles = Titles("There is no such verdict", "Такого заключения нет", "Мұндай қорытынды жоқ")


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    COULD_NOT_BE_CHECKED = "could_not_be_checked"
    """Nobody knows: neither passed nor failed. What follows is the package's business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """``line`` is None for rules about the supplier as such; ``data`` are the values the rule compared. ``passes_on``
    is the first day on which it would pass by itself, where there is one.
    """

    rule: str
    result: Result
    data: dict[str, str] = field(default_factory=dict)
    line: int | None = None
    reason: str | None = None
    passes: str | None = None
    passes_on: date | None = None


def decided(
    rule: str, *, passed: bool, data: dict[str, str], reason: str, passes: str, passes_on: date | None = None
) -> RuleOutcome:
    """Passed with its data, or failed with the reason and what would pass."""
    if passed:
        return RuleOutcome(rule=rule, result=Result.PASSED, data=data)
    return RuleOutcome(rule=rule, result=Result.FAILED, data=data, reason=reason, passes=passes, passes_on=passes_on)


def not_applicable(rule: str, reason: str | None = None) -> RuleOutcome:
    return RuleOutcome(rule=rule, result=Result.NOT_APPLICABLE, reason=reason)


def unchecked(rule: str, *, data: dict[str, str], reason: str, passes: str) -> RuleOutcome:
    return RuleOutcome(rule=rule, result=Result.COULD_NOT_BE_CHECKED, data=data, reason=reason, passes=passes)


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
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``eligible``: no rule failed. ``accepted``: what follows at this stage, where some rule could not be checked by
    the package's word. ``local_content`` is per line number, percent; ``evidence`` the number of the proof used per
    line.

    ``inputs`` are the facts, ``rules_sha256`` names the tender's pinned rules; both None: reached before they were
    kept.
    """

    id: VerdictId
    organization_id: OrganizationId
    tender_id: TenderId
    lot: int
    stage: Stage
    on: date
    package: str
    eligible: bool
    accepted: bool
    outcomes: tuple[RuleOutcome, ...]
    local_content: dict[int, Decimal]
    evidence: dict[int, str]
    judged_at: datetime
    inputs: Facts | None = None
    rules_sha256: str | None = None
    version: int = 0

    def reached(self, *, by: By) -> VerdictReached:
        return VerdictReached(
            subject_id=self.id,
            by=by,
            at=self.judged_at,
            organization_id=self.organization_id,
            eligible=self.eligible,
            accepted=self.accepted,
        )

    @property
    def failed(self) -> tuple[RuleOutcome, ...]:
        return self._with(Result.FAILED)

    @property
    def unchecked(self) -> tuple[RuleOutcome, ...]:
        """An eligible verdict is eligible subject to these."""
        return self._with(Result.COULD_NOT_BE_CHECKED)

    @property
    def missing(self) -> tuple[RuleOutcome, ...]:
        """Everything that does not pass, what failed first."""
        return self.failed + self.unchecked

    def units_left(self, line: int) -> int | None:
        """What was left of the declared capacity for a line, in units; None where it is not counted."""
        for outcome in self.outcomes:
            if (outcome.rule, outcome.line) == ("declared_capacity_suffices", line) and "declared" in outcome.data:
                return int(outcome.data["declared"]) - int(outcome.data["awarded_this_year"])
        return None

    def _with(self, result: Result) -> tuple[RuleOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.result is result)
