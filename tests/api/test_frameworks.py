"""Frameworks through the API: call-offs, their sums under a race, what counts for capacity and reports, the end."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import httpx
import pytest

from adapters.banking.transfer import BankTransferGateway
from adapters.postgres.engine import Database
from adapters.postgres.work import Transactions
from api.app import create_app
from api.main import assemble
from api.worker import sweep
from domain.actors import OrganizationKind
from domain.calendar import legal_day
from domain.ids import OrganizationId, TenderId
from domain.payments.model import PaymentMethod
from domain.procedures.catalogue import Procedures
from domain.procedures.vocabulary import Method
from tests.api.test_execution import contracts
from tests.ocds_schema import Check
from tests.world import CONFIGURATION, KEYRING, PACKAGES, Json, Member, QuickPasswords, World, bid, tender

OFFTAKE = "offtake-test"
DAYS = {"delivery_period_min": "P10D", "delivery_period_min_producers": "P20D"}
CLICKS = 4


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """With one more package, whose tenders end in frameworks."""
    (category,) = [each for each in PACKAGES if each.id == "among-producers"]
    offtake = replace(category, id=OFFTAKE, default_method=Method.FRAMEWORK)
    settings = CONFIGURATION | {OFFTAKE: {"bid_period_min": "PT1S", **DAYS}}
    application = assemble(
        database,
        QuickPasswords(),
        Procedures((*PACKAGES, offtake), settings),
        {PaymentMethod.BANK_TRANSFER: BankTransferGateway()},
        keyring=KEYRING,
    )
    app = create_app(application)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://world") as http:
        yield World(app, application, http, database)


class Offtake:
    """A framework in force for 50 + 50 shirts at 3000."""

    def __init__(self, buyer: Member, supplier: Member, contract: Json) -> None:
        self.buyer = buyer
        self.supplier = supplier
        self.contract = contract
        self.path = f"/v1/contracts/{contract['id']}"
        self.day = legal_day(datetime.now(UTC)) + timedelta(days=20)

    def body(self, place: int, pieces: int, *, days: int = 0) -> Json:
        size = {1: "122", 2: "128"}[place]
        goods = {"lot": 1, "line": 1, "place": place, "grid": "child", "sizes": {size: pieces}}
        return {"goods": [goods], "due_on": (self.day + timedelta(days=days)).isoformat()}

    async def call(self, place: int, pieces: int) -> Json:
        return await self.buyer.made(f"{self.path}/call-offs", self.body(place, pieces))

    async def paid(self, world: World, order: Json, place: int) -> None:
        """The call-off is delivered, accepted, invoiced and paid."""
        path = f"/v1/contracts/{order['id']}"
        goods = [{"lot": 1, "line": 1, "grid": "child", "sizes": order["lines"][0]["sizes"]}]
        await self.supplier.made(f"{path}/deliveries", {"place": place, "goods": goods, "waybill": "W"})
        await self.buyer.made(f"{path}/deliveries/1/acceptance")
        await self.supplier.made(f"{path}/invoices", {"document": "INV", "deliveries": [1]})
        payment = await self.buyer.made(f"{path}/invoices/1/payments", {"method": "bank_transfer"})
        await sweep(world.application)
        await self.supplier.made(f"/v1/payments/{payment['id']}/confirmation")


async def concluded(world: World) -> Offtake:
    buyer, supplier = await world.buyer(), await world.supplier()
    body = tender(procedure=OFFTAKE)
    draft = await buyer.made("/v1/tenders", body)
    path = f"/v1/tenders/{draft['id']}"
    closes_at = (datetime.now(UTC) + timedelta(seconds=2)).isoformat().replace("+00:00", "Z")
    published = await buyer.step(f"{path}/publication", {"closes_at": closes_at}, of=path)
    await supplier.made(f"{path}/bids", bid("3000.00"))
    await world.opened(published)
    await buyer.made(f"{path}/evaluation")
    (contract,) = (await buyer.step(f"{path}/award", of=path))["contracts"]
    return Offtake(buyer, supplier, contract)


async def in_force(world: World) -> Offtake:
    found = await concluded(world)
    for side in (found.supplier, found.buyer):
        await side.step(f"{found.path}/signatures", of=found.path)
    return found


async def test_a_framework_is_signed_called_off_in_parts_and_ends_with_its_last_call_off(world: World) -> None:
    offtake = await concluded(world)
    contract = offtake.contract
    assert (contract["kind"], contract["status"], contract["term_until"]) == (
        "framework",
        "awaiting_signatures",
        "2027-08-20",
    )
    early = await offtake.buyer.post(f"{offtake.path}/call-offs", offtake.body(1, 10))
    assert (early.status_code, early.json()["code"]) == (409, "step-not-allowed")
    for side in (offtake.supplier, offtake.buyer):
        await side.step(f"{offtake.path}/signatures", of=offtake.path)
    goods = [{"lot": 1, "line": 1, "grid": "child", "sizes": {"122": 5}}]
    direct = await offtake.supplier.post(f"{offtake.path}/deliveries", {"place": 1, "goods": goods, "waybill": "W"})
    assert (direct.status_code, direct.json()["code"]) == (409, "step-not-allowed")
    north = await offtake.call(1, 50)
    assert (north["kind"], north["status"], north["sum"]) == ("call_off", "in_force", "150000.00")
    assert (north["framework_id"], north["tender_id"]) == (contract["id"], contract["tender_id"])
    assert north["number"] != contract["number"]
    seen = await offtake.supplier.read(offtake.path)
    (called,), (uncalled,) = seen["called"], seen["uncalled"]
    assert (called["sizes"], called["places"]) == ({"122": 50}, {"1": {"122": 50}})
    assert (uncalled["sizes"], uncalled["pieces"]) == ({"128": 50}, 50)
    await offtake.paid(world, north, 1)
    assert (await offtake.buyer.read(offtake.path))["status"] == "in_force"
    south = await offtake.call(2, 50)
    listed = (await offtake.supplier.read(f"{offtake.path}/call-offs"))["items"]
    assert [each["number"] for each in listed] == [north["number"], south["number"]]
    await offtake.paid(world, south, 2)
    assert (await offtake.buyer.read(offtake.path))["status"] == "completed"
    assert (await world.public.read(f"/v1/tenders/{contract['tender_id']}"))["status"] == "completed"


async def test_a_call_off_keeps_to_the_rest_the_term_and_the_time_to_sew(world: World) -> None:
    offtake = await in_force(world)
    for body, pointer in (
        (offtake.body(1, 51), "/goods/0/sizes"),
        (offtake.body(1, 10, days=-1), "/due_on"),
        (offtake.body(1, 10, days=3650), "/due_on"),
        (offtake.body(1, 10) | {"goods": offtake.body(1, 1)["goods"] * 2}, "/goods"),
    ):
        refused = await offtake.buyer.post(f"{offtake.path}/call-offs", body)
        assert (refused.status_code, refused.json()["code"]) == (422, "call-off-refused"), refused.text
        assert refused.json()["errors"][0]["pointer"] == pointer
    order = await offtake.call(1, 10)
    for step, body in (("call-offs", offtake.body(1, 1)), ("settlement", {})):
        refused = await offtake.buyer.post(f"/v1/contracts/{order['id']}/{step}", body, If_Match='"1"')
        assert (refused.status_code, refused.json()["code"]) == (409, "step-not-allowed")


async def test_call_offs_at_once_never_take_more_than_there_is(world: World) -> None:
    offtake = await in_force(world)
    clicks = (offtake.buyer.post(f"{offtake.path}/call-offs", offtake.body(1, 20)) for _ in range(CLICKS))
    answers = await asyncio.gather(*clicks)
    assert sorted(answer.status_code for answer in answers) == [201, 201, 422, 422]
    seen = await offtake.buyer.read(offtake.path)
    listed = (await offtake.buyer.read(f"{offtake.path}/call-offs"))["items"]
    assert sum(each["lines"][0]["pieces"] for each in listed) == 40
    assert (seen["called"][0]["pieces"], seen["uncalled"][0]["sizes"]) == (40, {"122": 10, "128": 50})
    assert len({each["number"] for each in listed}) == 2


async def test_neither_strangers_nor_the_supplier_call_off_and_strangers_find_nothing(world: World) -> None:
    offtake = await in_force(world)
    order = await offtake.call(1, 10)
    stranger, rival = await world.buyer(), await world.supplier()
    answers = [
        await reader.get(f"{offtake.path}/{more}") for reader in (stranger, rival) for more in ("call-offs", "sums")
    ]
    answers += [await stranger.get(f"/v1/contracts/{order['id']}")]
    answers += [await stranger.post(f"{offtake.path}/call-offs", offtake.body(1, 1))]
    answers += [await side.post(f"{offtake.path}/settlement", If_Match='"1"') for side in (stranger, rival)]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "contract-not-found")}
    refused = await offtake.supplier.post(f"{offtake.path}/call-offs", offtake.body(1, 1))
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")


async def test_only_both_sides_together_end_a_framework_with_a_rest(world: World) -> None:
    offtake = await in_force(world)
    first = await offtake.buyer.step(f"{offtake.path}/settlement", of=offtake.path)
    assert (first["status"], first["settled_by"]) == ("in_force", [offtake.buyer.id])
    etag = (await offtake.buyer.get(offtake.path)).headers["ETag"]
    twice = await offtake.buyer.post(f"{offtake.path}/settlement", If_Match=etag)
    assert (twice.status_code, twice.json()["code"]) == (409, "already-signed")
    order = await offtake.call(1, 30)
    stale = await offtake.supplier.post(f"{offtake.path}/settlement", If_Match=etag)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    assert (await offtake.buyer.read(offtake.path))["settled_by"] == []
    for side in (offtake.supplier, offtake.buyer):
        ended = await side.step(f"{offtake.path}/settlement", of=offtake.path)
    assert (ended["status"], ended["uncalled"][0]["sizes"]) == ("completed", {"122": 20, "128": 50})
    late = await offtake.buyer.post(f"{offtake.path}/call-offs", offtake.body(1, 1))
    assert (late.status_code, late.json()["code"]) == (409, "step-not-allowed")
    tender_path = f"/v1/tenders/{offtake.contract['tender_id']}"
    assert (await world.public.read(tender_path))["status"] == "awarded", "a call-off is still to be delivered"
    await offtake.paid(world, order, 1)
    assert (await world.public.read(tender_path))["status"] == "completed"


async def test_a_framework_that_was_never_called_off_is_settled_and_ends_its_tender(world: World) -> None:
    offtake = await in_force(world)
    for side in (offtake.buyer, offtake.supplier):
        await side.step(f"{offtake.path}/settlement", of=offtake.path)
    seen = await world.public.read(f"/v1/tenders/{offtake.contract['tender_id']}")
    assert seen["status"] == "completed"


async def test_capacity_counts_a_framework_once_whatever_was_called_off(world: World, database: Database) -> None:
    offtake = await in_force(world)
    supplier_id = OrganizationId(UUID(offtake.supplier.id))
    tender_id = TenderId(UUID(offtake.contract["tender_id"]))

    async def bound() -> tuple[Decimal, dict[str, int]]:
        async with Transactions(database.engine.begin, KEYRING.answers)() as work:
            minutes = (await work.evaluations.minutes((supplier_id,)))[supplier_id]
            year = legal_day(await work.now()).year
            record = await work.verdicts.record(supplier_id, tender_id=tender_id, lot=1, year=year)
            return minutes[1], dict(record.awarded_pieces)

    assert await bound() == (Decimal(2000), {"141413": 100})
    north = await offtake.call(1, 50)
    assert await bound() == (Decimal(2000), {"141413": 100})
    await offtake.paid(world, north, 1)
    assert await bound() == (Decimal(1000), {"141413": 100}), "what was delivered binds no minutes"
    await offtake.call(2, 20)
    assert await bound() == (Decimal(1000), {"141413": 100})
    for side in (offtake.supplier, offtake.buyer):
        await side.step(f"{offtake.path}/settlement", of=offtake.path)
    assert await bound() == (Decimal(400), {"141413": 70}), "the rest that was given up binds nothing"


async def test_an_order_is_bound_as_before(world: World, database: Database) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    await contracts(world, buyer, (supplier, bid()))
    supplier_id = OrganizationId(UUID(supplier.id))
    async with Transactions(database.engine.begin, KEYRING.answers)() as work:
        minutes = await work.evaluations.minutes((supplier_id,))
    assert minutes[supplier_id][1] == Decimal(2000)


async def test_reports_count_what_was_called_off_and_not_the_framework_beside_it(world: World) -> None:
    offtake = await in_force(world)

    async def total() -> tuple[int, int, str]:
        row = (await offtake.buyer.read("/v1/reports/domestic-share", by="buyer"))["total"]
        return row["contracts"], row["pieces"], row["contracted"]

    assert await total() == (0, 0, "0.00")
    order = await offtake.call(1, 30)
    await offtake.call(2, 10)
    assert await total() == (2, 40, "120000.00")
    await offtake.paid(world, order, 1)
    row = (await offtake.buyer.read("/v1/reports/domestic-share", by="buyer"))["total"]
    assert (row["contracts"], row["paid"]) == (2, "90000.00")


async def test_open_data_show_call_offs_as_contracts_of_the_frameworks_award(world: World, flaws: Check) -> None:
    offtake = await in_force(world)
    order = await offtake.call(1, 30)
    await offtake.paid(world, order, 1)
    number = (await world.public.read(f"/v1/tenders/{offtake.contract['tender_id']}"))["number"]
    package = json.loads((await world.public.get(f"/v1/ocds/records/ocds-oimaqkz-{number}")).text)
    assert flaws("record-package-schema", package) == []
    compiled = package["records"][0]["compiledRelease"]
    (award,) = compiled["awards"]
    assert award["id"] == f"award-{offtake.contract['number']}"
    assert {each["id"]: each["awardID"] for each in compiled["contracts"]} == {
        offtake.contract["number"]: award["id"],
        order["number"]: award["id"],
    }
    auditor = await world.member(OrganizationKind.AUDITOR)
    assert len((await auditor.read(f"{offtake.path}/call-offs"))["items"]) == 1
