"""Calling off: parts of a framework are ordered, and its end is settled. Both hold the framework's row."""

from datetime import date

from domain.capacity.booking import book_again, release_ended
from domain.contracts.completing import contract_completed
from domain.contracts.framework import call_off, settle
from domain.contracts.model import Contract
from domain.contracts.parts import CalledGoods, ContractNotFound, ContractStatus
from domain.errors import StaleVersion
from domain.events import By
from domain.ids import ContractId, NewId
from domain.work import Begin, Command


class CallingOff:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def call(self, id: ContractId, *, goods: tuple[CalledGoods, ...], due_on: date, command: Command) -> Contract:
        """The buyer orders a part; the answer is the call-off, in force. Two at once never take the same pieces."""
        async with self._begin(command) as work:
            framework = await work.contracts.lock(id)
            if framework.buyer_id != command.by.organization_id:
                raise ContractNotFound("There is no such contract")
            at, by = await work.now(), By.actor(command.by)
            called, event, order = call_off(
                framework,
                id=ContractId(self._new_id()),
                number=await work.contracts.next_number(at.year),
                goods=goods,
                due_on=due_on,
                by=by,
                at=at,
            )
            rest = await work.contracts.save(called, because=event)
            ordered = await work.contracts.save(order, because=order.concluded(by=by))
            await book_again(work, (ordered, rest), at=at)
            return work.answers(ordered)

    async def settle(self, id: ContractId, *, version: int, command: Command) -> Contract:
        """The caller's side signs that the rest will not be called off; the framework ends when both have."""
        async with self._begin(command) as work:
            framework = await work.contracts.lock(id)
            if command.by.organization_id not in {framework.buyer_id, framework.supplier_id}:
                raise ContractNotFound("There is no such contract")
            if version != framework.version:
                raise StaleVersion(f"You read version {version}, it is {framework.version} now", passes="a fresh read")
            at, by = await work.now(), By.actor(command.by)
            settled, event = settle(framework, party=command.by.organization_id, by=by, at=at)
            stored = await work.contracts.save(settled, because=event)
            if stored.status is ContractStatus.COMPLETED:
                await contract_completed(work, stored, at=at)
                await release_ended(work, stored)
            return work.answers(stored)
