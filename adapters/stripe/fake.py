"""A stateful stand-in for Stripe: PaymentIntents, idempotency keys with parameter check, signed events.

For tests, development and demonstrations; it keeps the rules that matter here:

* the same key and parameters get the same answer (``Idempotent-Replayed: true``), other parameters an
  ``idempotency_error`` (400);
* events are signed as Stripe signs them, and ``deliveries`` can hand them out repeated and in any order;
* ``failures`` makes the next calls fail with a status, as Stripe's own faults do.
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_ERRORS = {402: "card_error", 429: "rate_limit_error", 500: "api_error"}


def signed(body: bytes, secret: str, *, at: float | None = None) -> str:
    """The Stripe-Signature header for a body."""
    stamp = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


@dataclass(slots=True)
class FakeStripe:
    secret_key: str
    webhook_secret: str
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    calls: int = 0
    _answers: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v1/payment_intents", self._create, methods=["POST"])])

    async def _create(self, request: Request) -> Response:
        self.calls += 1
        if request.headers.get("authorization") != f"Bearer {self.secret_key}":
            return _error(401, "authentication_error", "Invalid API key")
        if self.failures:
            status = self.failures.pop(0)
            return _error(status, _ERRORS.get(status, "api_error"), "scripted failure")
        body = await request.body()
        key = request.headers.get("idempotency-key", "")
        fingerprint = hashlib.sha256(body).digest()
        if key in self._answers:
            first, answer = self._answers[key]
            if first != fingerprint:
                return _error(400, "idempotency_error", "Keys can only be used with the same parameters")
            return Response(answer, media_type="application/json", headers={"Idempotent-Replayed": "true"})
        intent = self._intent(dict(parse_qsl(body.decode())))
        if intent is None:
            return _error(400, "invalid_request_error", "Invalid amount or currency")
        answer = json.dumps(intent).encode()
        self._answers[key] = (fingerprint, answer)
        return Response(answer, media_type="application/json")

    def _intent(self, form: dict[str, str]) -> dict[str, Any] | None:
        if not form.get("amount", "").isdigit() or int(form["amount"]) < 1 or len(form.get("currency", "")) != 3:  # noqa: PLR2004 - ISO 4217
            return None
        number = len(self.intents) + 1
        intent: dict[str, Any] = {
            "id": f"pi_{number:024d}",
            "object": "payment_intent",
            "amount": int(form["amount"]),
            "currency": form["currency"],
            "description": form.get("description"),
            "metadata": {"payment_id": form.get("metadata[payment_id]", "")},
            "status": "requires_payment_method",
            "created": int(time.time()),
            "livemode": False,
        }
        self.intents[intent["id"]] = intent
        return intent

    def move(self, intent_id: str, status: str) -> dict[str, Any]:
        """What the payer and the card networks do: the intent moves, an event is made; returns the event."""
        intent = self.intents[intent_id]
        intent["status"] = status
        event = {
            "id": f"evt_{len(self.events) + 1:024d}",
            "object": "event",
            "type": f"payment_intent.{status}",
            "created": int(time.time()),
            "data": {"object": dict(intent)},
        }
        self.events.append(event)
        return event

    def delivery(self, event: dict[str, Any], *, at: float | None = None) -> tuple[bytes, dict[str, str]]:
        """One delivery of an event: body and headers. Stripe delivers at least once and in no order."""
        body = json.dumps(event).encode()
        signature = signed(body, self.webhook_secret, at=at)
        return body, {"stripe-signature": signature, "content-type": "application/json"}


def _error(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"error": {"type": kind, "message": message, "code": kind}}, status_code=status)
