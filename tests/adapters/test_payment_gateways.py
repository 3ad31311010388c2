"""One contract for every gateway; Stripe's against a stateful fake that keeps Stripe's rules, and the SDK's types."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
import stripe
import uvicorn

from adapters.banking.transfer import BankTransferGateway
from adapters.postgres.engine import Database
from adapters.stripe.fake import FakeStripe
from adapters.stripe.gateway import HalfConfiguredError, StripeGateway
from api.worker import sweep
from domain.ids import PaymentId
from domain.money import Money
from domain.payments.model import LIVE, PaymentMethod, PaymentStatus
from domain.payments.ports import BadSignature, GatewayUnavailable, PaymentGateway, PaymentOrder
from tests.api.test_execution import contracts
from tests.world import World, bid, built

KEY, SECRET = "sk_test_4eC39HqLyjWDarjtT1zdp7dc", "whsec_a-secret-of-this-test"


@pytest.fixture
def fake() -> FakeStripe:
    return FakeStripe(secret_key=KEY, webhook_secret=SECRET)


@pytest.fixture
async def stripe_gateway(fake: FakeStripe) -> AsyncIterator[StripeGateway]:
    """The real adapter, talking to the fake over a real socket."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(fake.app(), log_level="error", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        gateway = StripeGateway(secret_key=KEY, webhook_secret=SECRET, api_base=base)
        yield gateway
        await gateway.close()
        server.should_exit = True
        await serving


@pytest.fixture(params=["bank", "stripe"])
def gateway(request: pytest.FixtureRequest, stripe_gateway: StripeGateway) -> PaymentGateway:
    return BankTransferGateway() if request.param == "bank" else stripe_gateway


def order(key: str = "one", amount: str = "1500.25") -> PaymentOrder:
    return PaymentOrder(
        key=key, payment_id=PaymentId(UUID(int=7)), amount=Money.of(amount), description="Invoice 1", reference="PO-1"
    )


async def test_a_started_payment_is_under_way_and_has_a_reference(gateway: PaymentGateway) -> None:
    outcome = await gateway.start(order())
    assert outcome.status in LIVE
    assert outcome.reference


async def test_the_same_key_is_the_same_payment(gateway: PaymentGateway) -> None:
    assert await gateway.start(order()) == await gateway.start(order())


async def test_an_unsigned_webhook_is_refused(gateway: PaymentGateway) -> None:
    with pytest.raises(BadSignature):
        gateway.read_webhook(b"{}", {}, at=datetime.now(UTC))


async def test_amounts_reach_stripe_as_whole_tiyn(fake: FakeStripe, stripe_gateway: StripeGateway) -> None:
    outcome = await stripe_gateway.start(order())
    intent = fake.intents[str(outcome.reference)]
    assert (intent["amount"], intent["currency"]) == (150025, "kzt")
    known = stripe.PaymentIntent.construct_from(intent, KEY)
    assert known.status == "requires_payment_method"


async def test_a_key_with_other_parameters_fails_the_payment(stripe_gateway: StripeGateway) -> None:
    await stripe_gateway.start(order())
    outcome = await stripe_gateway.start(order(amount="1.00"))
    assert (outcome.status, outcome.failure) == (PaymentStatus.FAILED, "IdempotencyError")


@pytest.mark.parametrize("status", [429, 500])
async def test_stripes_own_faults_are_tried_again_and_then_worth_a_later_try(
    fake: FakeStripe, stripe_gateway: StripeGateway, status: int
) -> None:
    fake.failures += [status]
    if status == 500:
        assert (await stripe_gateway.start(order())).status in LIVE
    fake.failures += [status] * 3
    with pytest.raises(GatewayUnavailable):
        await stripe_gateway.start(order("another"))


async def test_a_declined_payment_fails(fake: FakeStripe, stripe_gateway: StripeGateway) -> None:
    fake.failures += [402]
    assert (await stripe_gateway.start(order())).status is PaymentStatus.FAILED


async def test_a_gateway_half_configured_does_not_start() -> None:
    with pytest.raises(HalfConfiguredError):
        StripeGateway(secret_key=KEY, webhook_secret="")


async def test_a_webhook_is_read_only_as_it_was_signed_and_in_time(
    fake: FakeStripe, stripe_gateway: StripeGateway
) -> None:
    outcome = await stripe_gateway.start(order())
    event = fake.move(str(outcome.reference), "succeeded")
    now = datetime.now(UTC)
    body, headers = fake.delivery(event)
    read = stripe_gateway.read_webhook(body, headers, at=now)
    assert (read.payment_id, read.outcome and read.outcome.status) == (UUID(int=7), PaymentStatus.SUCCEEDED)
    for wrong, at in ((body + b" ", now), (body, now + timedelta(minutes=6)), (body, now - timedelta(minutes=2))):
        with pytest.raises(BadSignature):
            stripe_gateway.read_webhook(wrong, headers, at=at)


async def test_webhooks_that_repeat_and_come_out_of_order_pay_an_invoice_once(
    database: Database, fake: FakeStripe, stripe_gateway: StripeGateway
) -> None:
    async with built(database, {PaymentMethod.STRIPE: stripe_gateway}) as world:
        buyer, supplier = await world.buyer(), await world.supplier()
        contract = (await contracts(world, buyer, (supplier, bid("3000.00"))))[0]
        path = f"/v1/contracts/{contract['id']}"
        for side in (supplier, buyer):
            await side.step(f"{path}/signatures", of=path)
        for place, size in ((1, "122"), (2, "128")):
            goods = [{"lot": 1, "line": 1, "grid": "child", "sizes": {size: 50}}]
            await supplier.made(f"{path}/deliveries", {"place": place, "goods": goods, "waybill": "W"})
            await buyer.made(f"{path}/deliveries/{place}/acceptance")
        await supplier.made(f"{path}/invoices", {"document": "INV", "deliveries": [1, 2]})
        payment = await buyer.made(f"{path}/invoices/1/payments", {"method": "stripe"})
        fake.failures += [500] * 3
        await sweep(world.worker)
        await sweep(world.worker)
        seen = await buyer.read(f"/v1/payments/{payment['id']}")
        assert seen["status"] == "processing"
        processing = fake.move(seen["reference"], "processing")
        succeeded = fake.move(seen["reference"], "succeeded")
        for event in (succeeded, processing, succeeded, processing):
            await delivered(world, fake, event)
        await sweep(world.worker)
        await sweep(world.worker)
        assert (await supplier.read(f"/v1/payments/{payment['id']}"))["status"] == "succeeded"
        assert (await buyer.read(path))["status"] == "completed"
        forged = await world.http.post("/v1/webhooks/stripe", content=b"{}", headers={"stripe-signature": "t=1,v1=0"})
        assert (forged.status_code, forged.json()["code"]) == (422, "bad-webhook-signature")


async def test_an_event_about_somebody_elses_payment_is_put_aside(
    database: Database, fake: FakeStripe, stripe_gateway: StripeGateway
) -> None:
    async with built(database, {PaymentMethod.STRIPE: stripe_gateway}) as world:
        for metadata in ({"payment_id": "another system's"}, {"payment_id": str(UUID(int=99))}, {}):
            outcome = await stripe_gateway.start(order(str(metadata)))
            fake.intents[str(outcome.reference)]["metadata"] = metadata
            await delivered(world, fake, fake.move(str(outcome.reference), "succeeded"))
        assert await sweep(world.worker) > 0
        assert await world.application.payments.unhandled(limit=10) == []


async def delivered(world: World, fake: FakeStripe, event: dict[str, object]) -> None:
    body, headers = fake.delivery(event)
    answer = await world.http.post("/v1/webhooks/stripe", content=body, headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
