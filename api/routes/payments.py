"""Payments: intent, confirmation, and the gateway's webhooks."""

from typing import Self

from fastapi import APIRouter, Request, Response

from api.dependencies import App, Signed, Writing, answered
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import public_step, step
from api.schemas import Incoming, Instant, MoneyText, Strict, Text
from domain.actors import Action
from domain.contracts.parts import ContractNotFound, InvoiceNotFound, InvoicePaid
from domain.errors import StaleVersion
from domain.ids import ContractId, OrganizationId, PaymentId
from domain.payments.model import (
    MethodNotOffered,
    Payment,
    PaymentMethod,
    PaymentNotFound,
    PaymentStatus,
    PaymentUnderWay,
)
from domain.payments.ports import BadSignature
from domain.tenders.model import StepNotAllowed

router = APIRouter(prefix="/v1", tags=["payments"])


class PaymentBody(Strict):
    """``reference`` is the number of the bank document, for a transfer."""

    method: PaymentMethod
    reference: Text | None = None


class ConfirmationBody(Strict):
    """Nothing to say: the money has arrived."""


class PaymentView(Strict):
    id: PaymentId
    contract_id: ContractId
    invoice: int
    payer_id: OrganizationId
    payee_id: OrganizationId
    currency: str = "KZT"
    amount: MoneyText
    method: PaymentMethod
    status: PaymentStatus
    reference: str | None
    failure: str | None
    intended_at: Instant
    settled_at: Instant | None

    @classmethod
    def of(cls, payment: Payment) -> Self:
        return cls(
            id=payment.id,
            contract_id=payment.contract_id,
            invoice=payment.invoice,
            payer_id=payment.payer_id,
            payee_id=payment.payee_id,
            amount=payment.amount,
            method=payment.method,
            status=payment.status,
            reference=payment.reference,
            failure=payment.failure,
            intended_at=payment.intended_at,
            settled_at=payment.settled_at,
        )


class ReceivedView(Strict):
    received: bool


@step(
    router,
    "/contracts/{id}/invoices/{number}/payments",
    action=Action.PAYMENT_START,
    answers=PaymentView,
    refusals=(ContractNotFound, InvoiceNotFound, InvoicePaid, PaymentUnderWay, MethodNotOffered),
)
async def start_payment(id: ContractId, number: int, body: Incoming[PaymentBody], app: App, write: Writing) -> Response:
    """Pay an invoice. The intent is recorded now and carried out by the worker."""
    command = write.command(PaymentView.of)
    await app.paying.start(id, number, method=body.method, reference=body.reference, command=command)
    return answered(command)


@router.get("/payments", responses=responses("not-authenticated", "malformed-cursor"), response_model=Page[PaymentView])
async def list_payments(app: App, caller: Signed, paging: Paging) -> Response:
    """Your payments, made and received; auditors see all."""
    found = await app.payments.page(caller.actor, after=paging.after(PaymentId), limit=paging.limit + 1)
    return paged([PaymentView.of(each) for each in found], paging, key=lambda view: [str(view.id)])


@router.get("/payments/{id}", responses=responses("not-authenticated", PaymentNotFound))
async def read_payment(id: PaymentId, app: App, caller: Signed, response: Response) -> PaymentView:
    payment = await app.payments.payment(caller.actor, id)
    response.headers["ETag"] = etag(payment.version)
    return PaymentView.of(payment)


@step(
    router,
    "/payments/{id}/confirmation",
    action=Action.PAYMENT_CONFIRM,
    answers=PaymentView,
    refusals=(PaymentNotFound, StepNotAllowed, StaleVersion),
)
async def confirm_payment(id: PaymentId, _body: Incoming[ConfirmationBody], app: App, write: Writing) -> Response:
    """The payee confirms that a bank transfer has arrived."""
    command = write.command(PaymentView.of)
    await app.paying.confirm(id, command=command)
    return answered(command)


@public_step(
    router,
    "/webhooks/stripe",
    why="Stripe signs the body with a shared secret; an event is stored once by its id.",
    answers=ReceivedView,
    refusals=(BadSignature, MethodNotOffered),
    status=200,
)
async def receive_stripe(request: Request, app: App) -> ReceivedView:
    """Stripe's events: verified on the raw bytes, kept once, answered at once, handled later."""
    await app.paying.receive(PaymentMethod.STRIPE, await request.body(), request.headers)
    return ReceivedView(received=True)
