"""Contracting: signatures, deliveries, acceptance, invoices. Both sides act on the same locked contract."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.actors import Actor
from domain.bids.eligibility import require_eligible
from domain.bids.model import NotEligible
from domain.calendar import legal_day
from domain.capacity.booking import release_ended
from domain.complaints.rules import must_be_uncontested
from domain.contracts.model import Contract
from domain.contracts.parts import ContractNotFound, Defect, DeliveryNotFound, Goods, NotTheReceiver
from domain.contracts.receiving import receivers
from domain.contracts.sharing import receiver_of, seen_by
from domain.errors import StaleVersion
from domain.events import By
from domain.ids import ContractId, NewId
from domain.organizations.facts import Stage
from domain.organizations.producing import keep, reach
from domain.organizations.verdict import Verdict
from domain.procedures.rules import Rules
from domain.procedures.timeline import payment_due_on
from domain.work import Begin, Command, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchForm:
    place: int
    goods: tuple[Goods, ...]
    waybill: str
    remakes: int | None = None


class Contracting:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def sign(self, id: ContractId, *, version: int, command: Command) -> Contract:
        """The caller's side signs. The supplier's origin verdict is reached once more, on the day of signing.

        Refuses (``complaint-open``) while a complaint awaits its decision, (``not-eligible``) a supplier who fails a
        rule today, (``eligibility-not-checked``) one who could not be checked where the package refuses that; a refused
        signature leaves its verdicts. The tender is shared first: whoever files a complaint holds it, and the lock
        order is tender, contract, complaint.
        """
        by = By.actor(command.by)
        verdicts: list[Verdict] = []
        try:
            async with self._begin(command) as work:
                seen = await work.contracts.get(id)
                if command.by.organization_id in {seen.buyer_id, seen.supplier_id}:
                    await work.tenders.share(seen.tender_id)
                contract = await party(work, id, command.by, version)
                must_be_uncontested(await work.complaints.standing(contract.tender_id))
                at = await work.now()
                signed, event = contract.sign(party=command.by.organization_id, by=by, at=at)
                if command.by.organization_id == contract.supplier_id:
                    await self._judge(work, contract, by, at, verdicts)
                return work.answers(await work.contracts.save(signed, because=event))
        except NotEligible:
            await keep(self._begin, verdicts, by=by)
            raise

    async def dispatch(self, id: ContractId, form: DispatchForm, *, command: Command) -> Contract:
        async with self._begin(command) as work:
            contract = await party(work, id, command.by, None)
            dispatched, event = contract.dispatch(
                place=form.place,
                goods=form.goods,
                waybill=form.waybill,
                remakes=form.remakes,
                by=By.actor(command.by),
                at=await work.now(),
            )
            return work.answers(await work.contracts.save(dispatched, because=event))

    async def accept(
        self,
        id: ContractId,
        number: int,
        *,
        defects: tuple[Defect, ...],
        remake_due_on: date | None,
        command: Command,
    ) -> Contract:
        """The buyer of the place accepts, which in a pool is not always the contract's."""
        async with self._begin(command) as work:
            contract = await _receiver(work, id, number, command.by)
            accepted, event = contract.accept(
                number,
                defects=defects,
                remake_due_on=remake_due_on,
                by=By.actor(command.by),
                at=await work.now(),
            )
            stored = await work.contracts.save(accepted, because=event)
            await release_ended(work, stored)
            return work.answers(seen_by(stored, command.by.organization_id))

    async def invoice(
        self, id: ContractId, *, document: str, deliveries: tuple[int, ...], command: Command
    ) -> Contract:
        """The payment clock starts at the latest acceptance among the invoiced deliveries."""
        async with self._begin(command) as work:
            contract = await party(work, id, command.by, None)
            at = await work.now()
            accepted = [each for number in deliveries if (each := contract.delivery(number).accepted_at)]
            accepted_on = legal_day(max(accepted, default=at))
            due_on = payment_due_on(Rules(contract.procedure), accepted_on, producer=contract.by_producer)
            invoiced, event = contract.invoice(
                document=document, deliveries=deliveries, due_on=due_on, by=By.actor(command.by), at=at
            )
            return work.answers(await work.contracts.save(invoiced, because=event))

    async def _judge(self, work: Work, contract: Contract, by: By, at: datetime, verdicts: list[Verdict]) -> None:
        """A verdict per lot of the contract, all stored; refuses if any says no."""
        tender = await work.tenders.get(contract.tender_id)
        for lot in tender.lots:
            # The pieces of this contract are in the record of awarded pieces already, so none are asked beside them.
            pieces = {line.line: 0 for line in contract.lines if line.lot == lot.number}
            if pieces:
                verdict = await reach(
                    work,
                    supplier_id=contract.supplier_id,
                    tender=tender,
                    lot=lot,
                    pieces=pieces,
                    stage=Stage.SIGNING,
                    at=at,
                    new_id=self._new_id,
                )
                verdicts.append(verdict)
        require_eligible(verdicts)
        for verdict in verdicts:
            await work.verdicts.save(verdict, because=verdict.reached(by=by))


async def party(work: Work, id: ContractId, by: Actor, version: int | None) -> Contract:
    """The contract, locked, if the caller is one of its sides; otherwise it is not there."""
    contract = await work.contracts.lock(id)
    if by.organization_id not in {contract.buyer_id, contract.supplier_id}:
        raise ContractNotFound("There is no such contract")
    if version is not None and version != contract.version:
        raise StaleVersion(f"You read version {version}, it is {contract.version} now", passes="a fresh read")
    return contract


async def _receiver(work: Work, id: ContractId, number: int, by: Actor) -> Contract:
    """The contract, locked, if the caller receives the delivery. What a reader may not see is not there."""
    contract = await work.contracts.lock(id)
    sides = {contract.buyer_id, contract.supplier_id}
    me = by.organization_id
    if me not in sides | receivers(contract.lines, contract.buyer_id):
        raise ContractNotFound("There is no such contract")
    receiver = receiver_of(contract, contract.delivery(number))
    if receiver != me and me not in sides:
        raise DeliveryNotFound(f"The contract has no delivery {number}")
    if receiver != me:
        raise NotTheReceiver(f"Delivery {number} goes to another buyer's place", passes="its acceptance there")
    return contract
