"""What follows from a decision about the results: an award is annulled, or signing goes on with its time anew."""

from datetime import datetime, timedelta

from domain.capacity.booking import release_ended
from domain.complaints.model import Complaint
from domain.contracts.ending import annul, leave_lines, postpone
from domain.contracts.model import Contract
from domain.contracts.parts import ContractStatus
from domain.contracts.unsigned import LeftoverState
from domain.events import By
from domain.procedures.rules import Rules
from domain.procedures.timeline import sign_by
from domain.tenders.model import Tender, TenderStatus
from domain.work import Work

_BINDING = frozenset({ContractStatus.IN_FORCE, ContractStatus.DELIVERED, ContractStatus.COMPLETED})


async def resume(work: Work, tender: Tender, *, by: By, at: datetime) -> None:
    """A complaint no longer holds anything up: winners who have not signed have their whole time for it again, from
    now or from the end of the standstill. The tender is locked by the caller.
    """
    for contract in await work.contracts.of_tender(tender.id):
        if contract.status is ContractStatus.AWAITING_SIGNATURES:
            await _postpone(work, tender, contract, by, at)


async def uphold(work: Work, tender: Tender, complaint: Complaint, *, by: By, at: datetime) -> None:
    """Annul what was awarded and is not in force, and let the bids be evaluated once more.

    Where some contract of the tender is in force already, or lots were given up, only the award that the complaint
    could be about is annulled: the one to the next best, whose lines then wait for another. Nothing is left to do
    where an earlier decision has set the award aside.
    """
    if tender.status is not TenderStatus.AWARDED:
        return
    contracts = await work.contracts.of_tender(tender.id)
    released = []
    whole = not any(_binds(contract) for contract in contracts)
    for contract in contracts:
        if contract.status is ContractStatus.AWAITING_SIGNATURES:
            if whole or _is_contested(contract, complaint):
                annulled, event = annul(contract, complaint_id=complaint.id, lines_wait=not whole, by=by, at=at)
                released.append(await work.contracts.save(annulled, because=event))
            else:
                await _postpone(work, tender, contract, by, at)
        elif whole and contract.leftover is not None:
            left, settled = leave_lines(contract, state=LeftoverState.SET_ASIDE, by=by, at=at)
            await work.contracts.save(left, because=settled)
    if whole:
        aside, setting = tender.set_aside(complaint_id=str(complaint.id), by=by, at=at)
        await work.tenders.save(aside, because=setting)
    for contract in sorted(released, key=lambda each: each.supplier_id):
        await release_ended(work, contract)


def _binds(contract: Contract) -> bool:
    given_up = contract.leftover is not None and contract.leftover.state is LeftoverState.GIVEN_UP
    return contract.status in _BINDING or given_up


def _is_contested(contract: Contract, complaint: Complaint) -> bool:
    until = contract.standstill_until
    return contract.replaces is not None and until is not None and complaint.filed_at < until


async def _postpone(work: Work, tender: Tender, contract: Contract, by: By, at: datetime) -> None:
    if contract.sign_by is None:
        return
    from_at = at
    if contract.standstill_until is not None:
        from_at = max(at, contract.standstill_until - timedelta(microseconds=1))
    until = sign_by(Rules(tender.procedure), from_at=from_at)
    if until > contract.sign_by:
        postponed, event = postpone(contract, sign_by=until, by=by, at=at)
        await work.contracts.save(postponed, because=event)
