"""Payments move forward only, whatever a gateway repeats, and every ledger entry balances."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Conflict
from domain.events import CLOCK
from domain.ids import ContractId, OrganizationId, PaymentId
from domain.money import Money, total
from domain.payments.model import (
    LIVE,
    Outcome,
    Payment,
    PaymentMethod,
    PaymentStatus,
    ledger_entry,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def payment(status: PaymentStatus = PaymentStatus.INTENDED) -> Payment:
    return Payment(
        id=PaymentId(UUID(int=1)),
        contract_id=ContractId(UUID(int=2)),
        invoice=1,
        payer_id=OrganizationId(UUID(int=3)),
        payee_id=OrganizationId(UUID(int=4)),
        amount=Money.of("1500.00"),
        method=PaymentMethod.STRIPE,
        intended_at=NOON,
        status=status,
    )


@given(st.lists(st.sampled_from(PaymentStatus), max_size=12))
def test_an_end_is_an_end_in_whatever_order_the_outcomes_come(statuses: list[PaymentStatus]) -> None:
    present, ends = payment(), []
    for minute, status in enumerate(statuses):
        moved = present.apply(Outcome(status=status, reference="pi"), by=CLOCK, at=NOON + timedelta(minutes=minute))
        if moved is not None:
            present = moved[0]
            assert (present.settled_at is None) is (present.status in LIVE)
            ends += [present.status] if present.status not in LIVE else []
    assert len(ends) <= 1


def test_only_a_payment_that_awaits_confirmation_is_confirmed() -> None:
    confirmed, _ = payment(PaymentStatus.AWAITING_CONFIRMATION).confirm(by=CLOCK, at=NOON)
    assert confirmed.status is PaymentStatus.SUCCEEDED
    for status in set(PaymentStatus) - {PaymentStatus.AWAITING_CONFIRMATION}:
        with pytest.raises(Conflict):
            payment(status).confirm(by=CLOCK, at=NOON)


def test_a_ledger_entry_balances_and_belongs_to_one_payment() -> None:
    entry = ledger_entry(payment(), at=NOON)
    assert entry.id == payment().id
    assert total(line.debit for line in entry.lines) == total(line.credit for line in entry.lines)


def test_every_attempt_at_a_payment_has_the_same_key() -> None:
    assert payment().gateway_key == payment(PaymentStatus.PROCESSING).gateway_key
