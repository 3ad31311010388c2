"""Signing that does not come about: a winner declines, or lets his time pass."""

from domain.calendar import legal_day
from domain.capacity.booking import release_ended
from domain.complaints.rules import must_be_uncontested
from domain.contracts.contracting import party
from domain.contracts.ending import decline, lapse, note_evasion
from domain.contracts.model import Contract
from domain.contracts.parts import ContractNotFound
from domain.contracts.unsigned import DeclineReason
from domain.events import By
from domain.ids import ContractId
from domain.procedures.rules import Rules
from domain.procedures.timeline import evasion_report_due_on
from domain.work import Begin, Command


class Signing:
    def __init__(self, begin: Begin) -> None:
        self._begin = begin

    async def decline(
        self, id: ContractId, *, reason: DeclineReason, explanation: str, version: int, command: Command
    ) -> Contract:
        """The supplier will not sign his own contract."""
        async with self._begin(command) as work:
            contract = await party(work, id, command.by, version)
            if contract.supplier_id != command.by.organization_id:
                raise ContractNotFound("There is no such contract")
            declined, event = decline(
                contract, reason=reason, explanation=explanation, by=By.actor(command.by), at=await work.now()
            )
            return work.answers(await work.contracts.save(declined, because=event))

    async def lapse(self, id: ContractId, *, version: int, command: Command) -> Contract:
        """The buyer ends a contract that its winner declined or did not sign in time, and the winner is marked for
        the register of unreliable participants. Refuses (``complaint-open``) while a complaint holds it back.
        """
        async with self._begin(command) as work:
            seen = await work.contracts.get(id)
            if seen.buyer_id != command.by.organization_id:
                raise ContractNotFound("There is no such contract")
            await work.tenders.share(seen.tender_id)
            contract = await party(work, id, command.by, version)
            must_be_uncontested(await work.complaints.standing(contract.tender_id))
            at, by = await work.now(), By.actor(command.by)
            lapsed, lapsing = lapse(contract, by=by, at=at)
            stored = await work.contracts.save(lapsed, because=lapsing)
            due_on = evasion_report_due_on(Rules(contract.procedure), legal_day(at))
            noted, evasion = note_evasion(stored, report_due_on=due_on, by=by, at=at)
            ended = await work.contracts.save(noted, because=evasion)
            await release_ended(work, ended)
            return work.answers(ended)
