"""Steps of a contract that does not come into force.

    awaiting_signatures -> lapsed     the winner did not sign in time, or declined
    awaiting_signatures -> annulled   a complaint about the award was upheld

A contract never lapses against a winner who has signed: then it is the buyer who has not.
"""

from dataclasses import replace
from datetime import date, datetime

from domain.contracts.model import Contract
from domain.contracts.parts import AlreadySigned, ContractStatus
from domain.contracts.unsigned import (
    ContractAnnulled,
    ContractDeclined,
    ContractLapsed,
    Declination,
    DeclineReason,
    Lapse,
    LapseReason,
    Leftover,
    LeftoverSettled,
    LeftoverState,
    SigningEvaded,
    SigningPeriodRunning,
    SigningPostponed,
)
from domain.events import By
from domain.ids import ComplaintId, EvaluationId
from domain.tenders.model import StepNotAllowed


def decline(
    contract: Contract, *, reason: DeclineReason, explanation: str, by: By, at: datetime
) -> tuple[Contract, ContractDeclined]:
    """The winner says that he will not sign; he cannot take it back."""
    _must_wait_for_winner(contract)
    if contract.declination is not None:
        raise StepNotAllowed("You have declined this contract")
    declined = replace(contract, declination=Declination(reason=reason, explanation=explanation, at=at))
    return declined, ContractDeclined(subject_id=contract.id, by=by, at=at, reason=reason)


def lapse(contract: Contract, *, by: By, at: datetime) -> tuple[Contract, ContractLapsed]:
    """The winner declined, or his time for signing is over."""
    _must_wait_for_winner(contract)
    if contract.declination is None and (contract.sign_by is None or at < contract.sign_by):
        until = "no day is set" if contract.sign_by is None else f"until before {contract.sign_by.isoformat()}"
        raise SigningPeriodRunning(
            f"The winner may sign: {until}",
            passes="the same from that instant, or after he has declined",
            sign_by=contract.sign_by,
        )
    reason = LapseReason.NOT_SIGNED if contract.declination is None else LapseReason.DECLINED
    lapsed = replace(contract, status=ContractStatus.LAPSED, lapse=Lapse(reason=reason, at=at), leftover=Leftover())
    return lapsed, ContractLapsed(subject_id=contract.id, by=by, at=at, reason=reason)


def note_evasion(
    contract: Contract, *, report_due_on: date | None, by: By, at: datetime
) -> tuple[Contract, SigningEvaded]:
    """Mark the winner of a lapsed contract for the register of unreliable participants."""
    lapsed = contract.lapse
    if lapsed is None:
        raise StepNotAllowed(f"The contract is {contract.status}", passes="a lapsed contract")
    noted = replace(contract, lapse=replace(lapsed, report_due_on=report_due_on))
    return noted, SigningEvaded(
        subject_id=contract.id,
        by=by,
        at=at,
        supplier_id=contract.supplier_id,
        reason=lapsed.reason,
        report_due_on=report_due_on,
    )


def leave_lines(
    contract: Contract,
    *,
    state: LeftoverState,
    failed_lots: tuple[int, ...] = (),
    evaluation_id: EvaluationId | None = None,
    by: By,
    at: datetime,
) -> tuple[Contract, LeftoverSettled]:
    """Record what becomes of the lines of a contract that did not come into force."""
    event = LeftoverSettled(
        subject_id=contract.id,
        by=by,
        at=at,
        state=state,
        failed_lots=failed_lots,
        evaluation_id=evaluation_id,
    )
    return replace(contract, leftover=Leftover(state=state, failed_lots=failed_lots)), event


def annul(
    contract: Contract, *, complaint_id: ComplaintId, lines_wait: bool, by: By, at: datetime
) -> tuple[Contract, ContractAnnulled]:
    """A complaint was upheld before the contract came into force; whoever has signed it is free. Its lines wait for
    another award to the next best, or are evaluated again with the whole tender.
    """
    _must_await_signatures(contract)
    leftover = Leftover() if lines_wait else None
    annulled = replace(contract, status=ContractStatus.ANNULLED, leftover=leftover)
    event = ContractAnnulled(subject_id=contract.id, by=by, at=at, complaint_id=complaint_id, lines_wait=lines_wait)
    return annulled, event


def postpone(contract: Contract, *, sign_by: datetime, by: By, at: datetime) -> tuple[Contract, SigningPostponed]:
    """The winner's time for signing counts anew, after a complaint that held everything back."""
    _must_await_signatures(contract)
    postponed = replace(contract, sign_by=sign_by)
    return postponed, SigningPostponed(subject_id=contract.id, by=by, at=at, sign_by=sign_by)


def lines_wait(contract: Contract) -> bool:
    """Whether an award to the next best may take the lines of the contract."""
    return contract.leftover is not None and contract.leftover.state is LeftoverState.WAITING


def _must_await_signatures(contract: Contract) -> None:
    if contract.status is not ContractStatus.AWAITING_SIGNATURES:
        raise StepNotAllowed(
            f"The contract is {contract.status}", passes=f"a contract that is {ContractStatus.AWAITING_SIGNATURES}"
        )


def _must_wait_for_winner(contract: Contract) -> None:
    _must_await_signatures(contract)
    if contract.signed_by(contract.supplier_id):
        raise AlreadySigned("The winner has signed this contract", passes="the buyer's signature")
