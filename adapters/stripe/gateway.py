"""Stripe by its official SDK, asynchronous over httpx. One PaymentIntent per payment, one key per payment.

The SDK verifies the signature and refuses old timestamps; it accepts timestamps from the future, so that is checked
here as well. KZT has two decimal places at Stripe: amounts are whole tiyn.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import stripe

from domain.ids import PaymentId
from domain.payments.model import Outcome, PaymentStatus
from domain.payments.ports import BadSignature, GatewayUnavailable, IncomingEvent, PaymentOrder

TIMEOUT_SECONDS = 20
RETRIES = 2
OLD_SECONDS = 300
FUTURE_SECONDS = 60

STATUSES: dict[str, PaymentStatus] = {
    "requires_payment_method": PaymentStatus.PROCESSING,
    "requires_confirmation": PaymentStatus.PROCESSING,
    "requires_action": PaymentStatus.PROCESSING,
    "requires_capture": PaymentStatus.PROCESSING,
    "processing": PaymentStatus.PROCESSING,
    "succeeded": PaymentStatus.SUCCEEDED,
    "canceled": PaymentStatus.FAILED,
}
"""PaymentIntent statuses in our words. A failed attempt returns to requires_payment_method: the payer may try again."""

OUR_EVENTS = frozenset({"payment_intent.succeeded", "payment_intent.processing", "payment_intent.canceled"})


class HalfConfiguredError(ValueError):
    """The gateway was given a key without a webhook secret, or the other way round."""


class StripeGateway:
    def __init__(self, *, secret_key: str, webhook_secret: str, api_base: str | None = None) -> None:
        if not secret_key or not webhook_secret:
            raise HalfConfiguredError("Stripe needs its secret key and its webhook secret, both")
        self._webhook_secret = webhook_secret
        self._http = stripe.HTTPXClient(timeout=TIMEOUT_SECONDS)
        self._client = stripe.StripeClient(
            secret_key,
            http_client=self._http,
            max_network_retries=RETRIES,
            base_addresses={"api": api_base} if api_base else None,
        )

    async def close(self) -> None:
        """End the connections to Stripe."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    async def start(self, order: PaymentOrder) -> Outcome:
        try:
            intent = await self._client.v1.payment_intents.create_async(
                params={
                    "amount": int(order.amount.amount * 100),
                    "currency": "kzt",
                    "description": order.description,
                    "metadata": {"payment_id": str(order.payment_id)},
                },
                options={"idempotency_key": order.key},
            )
        except (stripe.APIConnectionError, stripe.RateLimitError) as error:
            raise GatewayUnavailable("Stripe did not answer", passes="the same payment a little later") from error
        except stripe.APIError as error:
            raise GatewayUnavailable("Stripe has a fault", passes="the same payment a little later") from error
        except (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError) as error:
            return Outcome(status=PaymentStatus.FAILED, reference=None, failure=error.code or type(error).__name__)
        return Outcome(status=STATUSES[intent.status], reference=intent.id)

    def read_webhook(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> IncomingEvent:
        signature = headers.get("stripe-signature", "")
        try:
            text = body.decode("utf-8")
            stripe.WebhookSignature.verify_header(text, signature, self._webhook_secret, None)
            document = json.loads(text)
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise BadSignature(
                "The signature does not fit the body", passes="the raw body as Stripe signed it"
            ) from error
        self._refuse_untimely(signature, at)
        return _event(document)

    def _refuse_untimely(self, signature: str, at: datetime) -> None:
        stamps = [part.removeprefix("t=") for part in signature.split(",") if part.startswith("t=")]
        age = at.timestamp() - int(stamps[0])
        if not -FUTURE_SECONDS <= age <= OLD_SECONDS:
            raise BadSignature(
                "The signature's time is too old or in the future",
                passes=f"at most {OLD_SECONDS} s old, at most {FUTURE_SECONDS} s ahead",
            )


def _event(document: dict[str, Any]) -> IncomingEvent:
    kind, intent = str(document["type"]), document["data"]["object"]
    payment_id = _ours((intent.get("metadata") or {}).get("payment_id")) if kind in OUR_EVENTS else None
    outcome = None
    if payment_id is not None:
        status = STATUSES.get(intent.get("status"), PaymentStatus.PROCESSING)
        failure = intent.get("cancellation_reason") if status is PaymentStatus.FAILED else None
        outcome = Outcome(status=status, reference=intent["id"], failure=failure)
    return IncomingEvent(
        source="stripe",
        external_id=str(document["id"]),
        type=kind,
        payment_id=payment_id,
        outcome=outcome,
        payload=document,
    )


def _ours(text: object) -> PaymentId | None:
    """The payment that the metadata name; other systems on the account may write there what they like."""
    try:
        return PaymentId(UUID(str(text)))
    except ValueError:
        return None
