"""A contract that does not come into force: it waits for the standstill, is declined, lapses, or is annulled."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from domain.contracts.parts import ContractEvent
from domain.errors import Conflict, Titles
from domain.ids import ComplaintId, EvaluationId, OrganizationId


class Standstill(Conflict):
    code = "standstill"
    titles = Titles(
        "Results may still be complained about",
        "Идёт срок обжалования итогов",
        "Нәтижелерге шағымдану мерзімі жүріп жатыр",
    )


class SigningPeriodOver(Conflict):
    code = "signing-period-over"
    titles = Titles("The time for signing is over", "Срок подписания истёк", "Қол қою мерзімі өтті")


class SigningPeriodRunning(Conflict):
    code = "signing-period-running"
    titles = Titles("The winner may still sign", "Победитель ещё может подписать", "Жеңімпаз әлі қол қоя алады")


class DeclineReason(StrEnum):
    CAPACITY_LOST = "capacity_lost"
    MATERIALS_UNAVAILABLE = "materials_unavailable"
    PRICE_NOT_VIABLE = "price_not_viable"
    TERMS_DISPUTED = "terms_disputed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declination:
    """The winner has said that he will not sign."""

    reason: DeclineReason
    explanation: str
    at: datetime


class LapseReason(StrEnum):
    NOT_SIGNED = "not_signed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """``report_due_on`` is the last day for reporting the winner's evasion; None where the package has no such
    duty.
    """

    reason: LapseReason
    at: datetime
    report_due_on: date | None = None


class LeftoverState(StrEnum):
    """What becomes of the lines of a contract that did not come into force."""

    WAITING = "waiting"
    """For an award to the next best."""
    AWARDED = "awarded"
    """To others, wholly or but for the failed lots."""
    GIVEN_UP = "given_up"
    """Nobody was left: the lots have failed."""
    SET_ASIDE = "set_aside"
    """A complaint was upheld: the whole tender is evaluated once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """``failed_lots`` are those of the contract that nobody else could take: a follow-up may repeat them."""

    state: LeftoverState = LeftoverState.WAITING
    failed_lots: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDeclined(ContractEvent):
    type: ClassVar[str] = "contract.declined"
    reason: DeclineReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractLapsed(ContractEvent):
    type: ClassVar[str] = "contract.lapsed"
    reason: LapseReason


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningEvaded(ContractEvent):
    """The supplier is to be reported to the register of unreliable participants by ``report_due_on``."""

    type: ClassVar[str] = "contract.signing_evaded"
    supplier_id: OrganizationId
    reason: LapseReason
    report_due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractAnnulled(ContractEvent):
    type: ClassVar[str] = "contract.annulled"
    complaint_id: ComplaintId
    lines_wait: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningPostponed(ContractEvent):
    type: ClassVar[str] = "contract.signing_postponed"
    sign_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftoverSettled(ContractEvent):
    """``evaluation_id`` is the award to the next best, or the attempt at one."""

    type: ClassVar[str] = "contract.leftover_settled"
    state: LeftoverState
    failed_lots: tuple[int, ...]
    evaluation_id: EvaluationId | None
