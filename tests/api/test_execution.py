"""From opened bids to the last payment: conservation, remakes, invoices, one payment each."""

import asyncio
from uuid import UUID

from sqlalchemy import text

from api.worker import sweep
from domain.actors import OrganizationKind
from tests.world import Databases, Json, Member, World, bid


async def contracts(world: World, buyer: Member, *bids: tuple[Member, Json]) -> list[Json]:
    published = await world.published(buyer, seconds=2.0, procedure="among-producers")
    path = f"/v1/tenders/{published['id']}"
    for supplier, body in bids:
        await supplier.made(f"{path}/bids", body)
    await world.opened(published)
    await buyer.made(f"{path}/evaluation")
    award = await buyer.step(f"{path}/award", of=path)
    found: list[Json] = award["contracts"]
    return found


async def test_two_part_bids_fill_a_lot_and_conserve_every_cell(world: World) -> None:
    buyer, cheap, dear = await world.buyer(), await world.supplier(), await world.supplier()
    made = await contracts(world, buyer, (cheap, bid("3000.00", pieces_max=60)), (dear, bid("3500.00")))
    by_supplier = {each["supplier_id"]: each["lines"][0] for each in made}
    assert (by_supplier[cheap.id]["pieces"], by_supplier[dear.id]["pieces"]) == (60, 40)
    for size in ("122", "128"):
        assert sum(line["sizes"].get(size, 0) for line in by_supplier.values()) == 50
    placed = [place for line in by_supplier.values() for place in line["places"]]
    assert sum(place["pieces"] for place in placed) == 100
    assert {place["name"] for place in placed} == {"North", "South"}


async def test_an_evaluation_is_stored_whole_and_can_be_replayed(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    made = await contracts(world, buyer, (supplier, bid()))
    tender_id = made[0]["tender_id"]
    seen = await supplier.read(f"/v1/tenders/{tender_id}/evaluation")
    assert seen["admissions"][0]["admitted"]
    assert {rule["rule"] for rule in seen["admissions"][0]["rules"]} >= {"evidence_covers_code", "not_affiliated"}
    assert (await (await world.supplier()).get(f"/v1/tenders/{tender_id}/evaluation")).status_code == 404


async def test_a_lot_that_the_bids_do_not_fill_is_not_awarded(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    await world.lists()
    published = await world.published(buyer, seconds=1.5)
    path = f"/v1/tenders/{published['id']}"
    await supplier.made(f"{path}/bids", bid(pieces_max=60))
    await world.opened(published)
    evaluation = await buyer.made(f"{path}/evaluation")
    assert evaluation["results"] == {"1": "not_filled"}
    etag = (await buyer.get(path)).headers["ETag"]
    refused = await buyer.post(f"{path}/award", If_Match=etag)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-to-award")


async def test_a_stored_allocation_that_was_changed_is_not_awarded(world: World, database: Databases) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    published = await world.published(buyer, seconds=2.0, procedure="among-producers")
    path = f"/v1/tenders/{published['id']}"
    await supplier.made(f"{path}/bids", bid("3000.00"))
    await world.opened(published)
    await buyer.made(f"{path}/evaluation")
    dearer = """UPDATE evaluations SET allocation = jsonb_set(allocation, '{shares,0,unit_price,amount}', '"3000.01"')
        WHERE tender_id = :tender"""
    async with database.owner.engine.begin() as connection:
        await connection.execute(text(dearer), {"tender": UUID(published["id"])})
    refused = await buyer.post(f"{path}/award", If_Match=(await buyer.get(path)).headers["ETag"])
    assert (refused.status_code, refused.json()["code"]) == (409, "allocation-refused")
    await buyer.made(f"{path}/evaluation")
    assert (await buyer.step(f"{path}/award", of=path))["contracts"]


async def test_a_contract_is_signed_delivered_remade_invoiced_and_paid_once(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    contract = (await contracts(world, buyer, (supplier, bid("3000.00"))))[0]
    path = f"/v1/contracts/{contract['id']}"
    assert (await (await world.supplier()).get(path)).status_code == 404
    goods = [{"lot": 1, "line": 1, "grid": "child", "sizes": {"122": 50}}]
    early = await supplier.post(f"{path}/deliveries", {"place": 1, "goods": goods, "waybill": "W1"})
    assert early.json()["code"] == "step-not-allowed"
    await supplier.step(f"{path}/signatures", of=path)
    assert (await buyer.step(f"{path}/signatures", of=path))["status"] == "in_force"
    too_many = [{"lot": 1, "line": 1, "grid": "child", "sizes": {"122": 51}}]
    refused = await supplier.post(f"{path}/deliveries", {"place": 1, "goods": too_many, "waybill": "W1"})
    assert (refused.json()["code"], refused.json()["errors"][0]["passes"]) == ("delivery-mismatch", "122: 50")
    await supplier.made(f"{path}/deliveries", {"place": 1, "goods": goods, "waybill": "W1"})
    defect = {"lot": 1, "line": 1, "size": "122", "pieces": 4, "reason": "stains"}
    body = {"defects": [defect], "remake_due_on": "2099-01-01"}
    partly = await buyer.made(f"{path}/deliveries/1/acceptance", body)
    assert partly["deliveries"][0]["status"] == "partly_accepted"
    remake = [{"lot": 1, "line": 1, "grid": "child", "sizes": {"122": 4}}]
    await supplier.made(f"{path}/deliveries", {"place": 1, "goods": remake, "waybill": "W2", "remakes": 1})
    await buyer.made(f"{path}/deliveries/2/acceptance")
    south = [{"lot": 1, "line": 1, "grid": "child", "sizes": {"128": 50}}]
    await supplier.made(f"{path}/deliveries", {"place": 2, "goods": south, "waybill": "W3"})
    assert (await buyer.made(f"{path}/deliveries/3/acceptance"))["status"] == "delivered"
    invoiced = await supplier.made(f"{path}/invoices", {"document": "INV-1", "deliveries": [1, 2, 3]})
    assert invoiced["invoices"][0]["amount"] == "300000.00"
    again = await supplier.post(f"{path}/invoices", {"document": "INV-2", "deliveries": [1]})
    assert again.json()["code"] == "nothing-to-invoice"
    await _paid_once(world, buyer, supplier, path)
    assert (await world.public.read(f"/v1/tenders/{contract['tender_id']}"))["status"] == "completed"


async def _paid_once(world: World, buyer: Member, supplier: Member, path: str) -> None:
    pay = f"{path}/invoices/1/payments"
    payment = await buyer.made(pay, {"method": "bank_transfer", "reference": "PO-1"})
    twice = await buyer.post(pay, {"method": "bank_transfer"})
    assert twice.json()["code"] == "payment-under-way"
    early = await supplier.post(f"/v1/payments/{payment['id']}/confirmation")
    assert early.json()["code"] == "step-not-allowed"
    await sweep(world.worker)
    await sweep(world.worker)
    stranger = await world.supplier()
    assert (await stranger.post(f"/v1/payments/{payment['id']}/confirmation")).status_code == 404
    confirmed = await supplier.made(f"/v1/payments/{payment['id']}/confirmation")
    assert confirmed["status"] == "succeeded"
    assert (await buyer.post(pay, {"method": "bank_transfer"})).json()["code"] == "invoice-paid"
    assert (await buyer.read(path))["status"] == "completed"


async def test_the_auditor_finds_all_of_it_in_the_feed(world: World) -> None:
    auditor = await world.member(OrganizationKind.AUDITOR)
    buyer, supplier = await world.buyer(), await world.supplier()
    made = await contracts(world, buyer, (supplier, bid()))
    expected = [
        "tender.drafted", "tender.published", "tender.closed", "tender.opened", "tender.evaluated",
        "contract.concluded", "tender.awarded",
    ]  # fmt: skip
    subjects = {made[0]["id"], made[0]["tender_id"]}
    kinds: list[str] = []
    after: dict[str, str] = {}
    for _ in range(200):
        page = (await auditor.read("/v1/events", limit="100", **after))["items"]
        kinds += [each["type"] for each in page if each["subject_id"] in subjects]
        after = {"after": page[-1]["id"]} if page else after
        if len(kinds) >= len(expected):
            break
        await asyncio.sleep(0 if page else 0.05)  # other databases' open transactions bound the feed, too
    assert kinds == expected
    assert (await buyer.get("/v1/events")).status_code == 403
