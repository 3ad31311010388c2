"""Paying: intent, gateway, outcome, each in its own transaction; the gateway is called between two of them."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from domain.contracts.completing import contract_completed
from domain.contracts.parts import ContractNotFound, ContractStatus, InvoicePaid, InvoiceStatus
from domain.events import CLOCK, By
from domain.ids import ContractId, NewId, PaymentId
from domain.payments.model import (
    MethodNotOffered,
    Outcome,
    Payment,
    PaymentMethod,
    PaymentNotFound,
    PaymentStatus,
    PaymentUnderWay,
    ledger_entry,
)
from domain.payments.ports import PaymentGateway, PaymentOrder
from domain.work import Begin, Command, Job, Work

START_PAYMENT = "start_payment"
HANDLE_INBOX = "handle_inbox"


class Paying:
    def __init__(self, begin: Begin, gateways: Mapping[PaymentMethod, PaymentGateway], new_id: NewId) -> None:
        self._begin = begin
        self._gateways = gateways
        self._new_id = new_id

    async def start(
        self, contract_id: ContractId, invoice: int, *, method: PaymentMethod, reference: str | None, command: Command
    ) -> Payment:
        """Record the buyer's intent to pay an invoice; the worker carries it out.

        At most one payment of an invoice is under way, and none after it is paid.
        """
        if method not in self._gateways:
            raise MethodNotOffered(f"{method} is not offered here", passes=", ".join(sorted(self._gateways)))
        async with self._begin(command) as work:
            contract = await work.contracts.lock(contract_id)
            if contract.buyer_id != command.by.organization_id:
                raise ContractNotFound("There is no such contract")
            bill = contract.find_invoice(invoice)
            if bill.status is InvoiceStatus.PAID:
                raise InvoicePaid(f"Invoice {invoice} is paid")
            if await work.payments.live(contract_id, invoice):
                raise PaymentUnderWay(f"A payment of invoice {invoice} is under way", passes="its outcome")
            payment = Payment(
                id=PaymentId(self._new_id()),
                contract_id=contract_id,
                invoice=invoice,
                payer_id=contract.buyer_id,
                payee_id=contract.supplier_id,
                amount=bill.amount,
                method=method,
                intended_at=await work.now(),
                reference=reference,
            )
            stored = await work.payments.save(payment, because=payment.intended(by=By.actor(command.by)))
            await work.jobs.schedule(Job(kind=START_PAYMENT, subject=str(payment.id)))
            return work.answers(stored)

    async def carry_out(self, id: PaymentId) -> None:
        """Give an intended payment to its gateway, outside any transaction; safe to run twice and at once."""
        async with self._begin() as work:
            payment = await work.payments.get(id)
        if payment.status is not PaymentStatus.INTENDED:
            return
        outcome = await self._gateways[payment.method].start(
            PaymentOrder(
                key=payment.gateway_key,
                payment_id=payment.id,
                amount=payment.amount,
                description=f"Invoice {payment.invoice} of contract {payment.contract_id}",
                reference=payment.reference,
            )
        )
        async with self._begin() as work:
            await _settle(work, await self._locked(work, id), outcome, CLOCK, await work.now())

    async def confirm(self, id: PaymentId, *, command: Command) -> Payment:
        """The payee has seen the money on his account."""
        async with self._begin(command) as work:
            payment = await self._locked(work, id)
            if payment.payee_id != command.by.organization_id:
                raise PaymentNotFound("There is no such payment")
            at = await work.now()
            by = By.actor(command.by)
            payment.confirm(by=by, at=at)
            outcome = Outcome(status=PaymentStatus.SUCCEEDED, reference=None)
            return work.answers(await _settle(work, payment, outcome, by, at))

    async def receive(self, method: PaymentMethod, body: bytes, headers: Mapping[str, str]) -> None:
        """Verify a webhook and keep it once; it is handled later, by the worker."""
        if method not in self._gateways:
            raise MethodNotOffered(f"{method} is not offered here")
        async with self._begin() as work:
            at = await work.now()
            event = self._gateways[method].read_webhook(body, headers, at=at)
            item = await work.inbox.receive(event, at=at)
            if item is not None:
                await work.jobs.schedule(Job(kind=HANDLE_INBOX, subject=str(item)))

    async def handle(self, id: UUID) -> None:
        """Apply what a kept webhook says; any order and any count end in the same state.

        An event about a payment that is not ours (another system on the same account) is put aside.
        """
        async with self._begin() as work:
            item = await work.inbox.take(id)
            if item is None:
                return
            at = await work.now()
            if item.payment_id is not None and item.outcome is not None:
                with suppress(PaymentNotFound):
                    await _settle(work, await self._locked(work, item.payment_id), item.outcome, CLOCK, at)
            await work.inbox.handled(id, at=at)

    async def _locked(self, work: Work, id: PaymentId) -> Payment:
        """The payment, locked after its contract and tender: tender, contract, payment, ledger is the lock order."""
        seen = await work.payments.get(id)
        await work.tenders.lock((await work.contracts.get(seen.contract_id)).tender_id)
        await work.contracts.lock(seen.contract_id)
        return await work.payments.lock(id)


async def _settle(work: Work, payment: Payment, outcome: Outcome, by: By, at: datetime) -> Payment:
    """Move the payment; when it succeeds, write its ledger entry and pay the invoice, perhaps ending the tender."""
    moved = payment.apply(outcome, by=by, at=at)
    if moved is None:
        return payment
    after, event = moved
    stored = await work.payments.save(after, because=event)
    if stored.status is PaymentStatus.SUCCEEDED:
        entry = ledger_entry(stored, at=at)
        await work.ledger.save(entry, because=entry.recorded(by=by))
        contract = await work.contracts.lock(payment.contract_id)
        paid, invoice_paid = contract.pay_invoice(payment.invoice, by=by, at=at)
        await work.contracts.save(paid, because=invoice_paid)
        if paid.status is ContractStatus.COMPLETED:
            await contract_completed(work, paid, at=at)
    return stored
