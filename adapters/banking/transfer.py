"""Bank transfer: the everyday way to pay in Kazakhstan. The buyer's bank moves the money, we record that it was
ordered, and the workshop confirms that it has arrived.
"""

from collections.abc import Mapping
from datetime import datetime

from domain.payments.model import Outcome, PaymentStatus
from domain.payments.ports import BadSignature, IncomingEvent, PaymentOrder


class BankTransferGateway:
    async def start(self, order: PaymentOrder) -> Outcome:
        return Outcome(status=PaymentStatus.AWAITING_CONFIRMATION, reference=order.reference)

    def read_webhook(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> IncomingEvent:  # noqa: ARG002 - the port's signature
        raise BadSignature("Banks send us no webhooks", passes="the workshop's confirmation")
