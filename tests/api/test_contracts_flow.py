"""Two clicks at once, with different keys: awards, signatures, deliveries, invoices and payments happen once."""

import asyncio
from collections import Counter

import httpx

from api.worker import sweep
from tests.api.test_execution import contracts
from tests.world import Json, Member, World, bid

GOODS = [{"lot": 1, "line": 1, "grid": "child", "sizes": {"122": 50}}]
CLICKS = 4


def counted(answers: list[httpx.Response]) -> Counter[str]:
    """How often each answer was given: ``created`` or the code of the refusal."""
    return Counter(
        "created" if answer.status_code == httpx.codes.CREATED else answer.json()["code"] for answer in answers
    )


async def clicks(member: Member, path: str, body: Json | None = None, **headers: str) -> Counter[str]:
    return counted(await asyncio.gather(*(member.post(path, body, **headers) for _ in range(CLICKS))))


async def in_force(world: World) -> tuple[Member, Member, str]:
    buyer, supplier = await world.buyer(), await world.supplier()
    path = f"/v1/contracts/{(await contracts(world, buyer, (supplier, bid())))[0]['id']}"
    for side in (buyer, supplier):
        await side.step(f"{path}/signatures", of=path)
    return buyer, supplier, path


async def test_an_award_at_once_makes_one_contract(world: World) -> None:
    await world.lists()
    buyer, supplier = await world.buyer(), await world.supplier()
    published = await world.published(buyer, seconds=1.5)
    path = f"/v1/tenders/{published['id']}"
    await supplier.made(f"{path}/bids", bid())
    await world.opened(published)
    evaluated = await clicks(buyer, f"{path}/evaluation")
    assert set(evaluated) == {"created"}, "an evaluation may be repeated until the award"
    etag = (await buyer.get(path)).headers["ETag"]
    told = await clicks(buyer, f"{path}/award", If_Match=etag)
    assert told["created"] == 1
    assert set(told) <= {"created", "stale-version", "step-not-allowed"}
    assert len((await buyer.read("/v1/contracts", tender_id=published["id"]))["items"]) == 1
    assert (await buyer.post(f"{path}/evaluation")).json()["code"] == "step-not-allowed"


async def test_who_may_not_win_any_more_is_not_awarded_and_another_evaluation_finds_the_next(world: World) -> None:
    """His proof was revoked between the evaluation and the award."""
    buyer, cheap, dear = await world.buyer(), await world.supplier(), await world.supplier()
    tender = await world.published(buyer, seconds=1.5, procedure="among-producers")
    path = f"/v1/tenders/{tender['id']}"
    await cheap.made(f"{path}/bids", bid("3000.00"))
    await dear.made(f"{path}/bids", bid("3500.00"))
    await world.opened(tender)
    assert (await buyer.made(f"{path}/evaluation"))["shares"][0]["bidder_id"] == cheap.id
    (proof,) = (await cheap.read("/v1/evidence"))["items"]
    await (await world.registry()).made(f"/v1/evidence/{proof['id']}/revocation", {"reason": "false data"})
    version = (await buyer.get(path)).headers["ETag"]
    refused = await buyer.post(f"{path}/award", If_Match=version)
    assert (refused.status_code, refused.json()["code"]) == (409, "winner-not-eligible")
    assert "evidence_valid_on_day" in refused.json()["detail"]
    assert (await buyer.read(path))["status"] == "evaluated"
    await buyer.made(f"{path}/evaluation")
    (contract,) = (await buyer.step(f"{path}/award", of=path))["contracts"]
    assert contract["supplier_id"] == dear.id


async def test_both_sides_that_sign_at_once_put_the_contract_in_force(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    path = f"/v1/contracts/{(await contracts(world, buyer, (supplier, bid())))[0]['id']}"
    answers = await asyncio.gather(*(side.post(f"{path}/signatures", If_Match='"1"') for side in (buyer, supplier)))
    assert counted(list(answers)) == {"created": 1, "stale-version": 1}
    late = supplier if answers[0].status_code == httpx.codes.CREATED else buyer
    assert (await late.step(f"{path}/signatures", of=path))["status"] == "in_force"


async def test_goods_are_dispatched_accepted_invoiced_and_paid_once(world: World) -> None:
    buyer, supplier, path = await in_force(world)
    told = await clicks(supplier, f"{path}/deliveries", {"place": 1, "goods": GOODS, "waybill": "W1"})
    assert told == {"created": 1, "delivery-mismatch": CLICKS - 1}
    assert await clicks(buyer, f"{path}/deliveries/1/acceptance") == {"created": 1, "step-not-allowed": CLICKS - 1}
    told = await clicks(supplier, f"{path}/invoices", {"document": "INV", "deliveries": [1]})
    assert told == {"created": 1, "nothing-to-invoice": CLICKS - 1}
    told = await clicks(buyer, f"{path}/invoices/1/payments", {"method": "bank_transfer"})
    assert told == {"created": 1, "payment-under-way": CLICKS - 1}
    await asyncio.gather(*(sweep(world.worker) for _ in range(2)))
    (payment,) = (await buyer.read("/v1/payments"))["items"]
    told = await clicks(supplier, f"/v1/payments/{payment['id']}/confirmation")
    assert told["created"] >= 1
    assert set(told) <= {"created", "step-not-allowed"}
    (payment,) = (await buyer.read("/v1/payments"))["items"]
    assert payment["status"] == "succeeded"
    seen = await buyer.read(path)
    assert [invoice["status"] for invoice in seen["invoices"]] == ["paid"]
    assert seen["status"] == "in_force", "the other half is still to be delivered"


async def test_a_rejected_delivery_is_outstanding_again_and_is_not_invoiced(world: World) -> None:
    buyer, supplier, path = await in_force(world)
    await supplier.made(f"{path}/deliveries", {"place": 1, "goods": GOODS, "waybill": "W1"})
    defect = {"lot": 1, "line": 1, "size": "122", "pieces": 50, "reason": "wrong colour"}
    no_day = await buyer.post(f"{path}/deliveries/1/acceptance", {"defects": [defect]})
    assert no_day.json()["code"] == "delivery-mismatch"
    body = {"defects": [defect], "remake_due_on": "2099-01-01"}
    seen = await buyer.made(f"{path}/deliveries/1/acceptance", body)
    assert (seen["deliveries"][0]["status"], seen["deliveries"][0]["accepted"]) == ("rejected", [])
    refused = await supplier.post(f"{path}/invoices", {"document": "INV", "deliveries": [1]})
    assert refused.json()["code"] == "nothing-to-invoice"
    again = {"place": 1, "goods": GOODS, "waybill": "W2", "remakes": 1}
    assert (await supplier.made(f"{path}/deliveries", again))["deliveries"][1]["remakes"] == 1


async def test_strangers_find_neither_contract_nor_payment_nor_may_they_act_on_it(world: World) -> None:
    buyer, supplier, path = await in_force(world)
    await supplier.made(f"{path}/deliveries", {"place": 1, "goods": GOODS, "waybill": "W1"})
    await buyer.made(f"{path}/deliveries/1/acceptance")
    await supplier.made(f"{path}/invoices", {"document": "INV", "deliveries": [1]})
    payment = await buyer.made(f"{path}/invoices/1/payments", {"method": "bank_transfer"})
    other_buyer, other_supplier = await world.buyer(), await world.supplier()
    answers = [await stranger.get(path) for stranger in (other_buyer, other_supplier)]
    answers += [await stranger.get(f"/v1/payments/{payment['id']}") for stranger in (other_buyer, other_supplier)]
    answers += [
        await other_buyer.post(f"{path}/signatures", If_Match='"3"'),
        await other_buyer.post(f"{path}/deliveries/1/acceptance"),
        await other_buyer.post(f"{path}/invoices/1/payments", {"method": "bank_transfer"}),
        await other_supplier.post(f"{path}/deliveries", {"place": 1, "goods": GOODS, "waybill": "W"}),
        await other_supplier.post(f"{path}/invoices", {"document": "X", "deliveries": [1]}),
        await other_supplier.post(f"/v1/payments/{payment['id']}/confirmation"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    for stranger in (other_buyer, other_supplier):
        assert (await stranger.read("/v1/contracts"))["items"] == []
        assert (await stranger.read("/v1/payments"))["items"] == []


async def test_a_supplier_whose_evidence_was_revoked_after_the_award_does_not_sign(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    path = f"/v1/contracts/{(await contracts(world, buyer, (supplier, bid())))[0]['id']}"
    (proof,) = (await supplier.read("/v1/evidence"))["items"]
    registry = await world.registry()
    await registry.made(f"/v1/evidence/{proof['id']}/revocation", {"reason": "false data"})
    refused = await supplier.post(f"{path}/signatures", If_Match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (403, "not-eligible")
    assert refused.json()["errors"][0]["rule"] == "evidence_valid_on_day"
    assert (await buyer.read(path))["signed_by"] == []
