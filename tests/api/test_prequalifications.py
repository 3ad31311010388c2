"""Prequalification through the API: who applies, who decides, who sees what, and what a tender does with a list."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from adapters.postgres.engine import Database
from adapters.postgres.work import Transactions
from domain.actors import OrganizationKind, Role
from domain.calendar import legal_day
from domain.ids import OrganizationId, PrequalificationId
from tests.api.test_contracts_flow import clicks
from tests.api.test_market import code_of
from tests.api.test_pools import publication
from tests.world import CODE, KEYRING, Json, Member, World, tender

DOCUMENTS = [{"name": "licence.pdf", "sha256": "cd" * 32}]
REFUSAL = {"outcome": "refused", "reason": "documents_missing", "explanation": "No proof of the equipment"}
REMOVAL = {"reason": "contract_broken", "explanation": "Two deliveries were refused"}


def day(days: int = 0) -> str:
    return (legal_day(datetime.now(UTC)) + timedelta(days=days)).isoformat()


def wanted(*, first: int = 0, last: int = 30, products: tuple[str, ...] = ("141413",)) -> Json:
    return {
        "title": "Sewing of school shirts", "products": list(products),
        "valid_from": day(first), "valid_until": day(last),
        "requirements": [{"name": "Equipment", "text": "At least 20 sewing machines of its own"}],
    }  # fmt: skip


async def opened(buyer: Member, **more: Any) -> str:
    return f"/v1/prequalifications/{(await buyer.made('/v1/prequalifications', wanted(**more)))['id']}"


async def applied(supplier: Member, path: str) -> str:
    made = await supplier.made(f"{path}/applications", {"documents": DOCUMENTS})
    return f"/v1/prequalification-applications/{made['id']}"


async def decided(buyer: Member, application: str, body: Json) -> Json:
    return await buyer.step(f"{application}/decision", body, of=application)


async def test_a_supplier_applies_is_qualified_and_removed(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    path = await opened(buyer)
    application = await applied(supplier, path)
    assert (await world.public.read(f"{path}/suppliers"))["items"] == []
    qualified = await decided(buyer, application, {"outcome": "qualified", "until": day(365)})
    assert (qualified["status"], qualified["qualified_until"]) == ("qualified", day(365))
    (listed,) = (await world.public.read(f"{path}/suppliers"))["items"]
    assert (listed["id"], listed["bin"], listed["until"]) == (supplier.id, supplier.bin, day(365))
    assert code_of(await supplier.post(f"{path}/applications")) == (409, "already-applied")
    removed = await buyer.step(f"{application}/removal", REMOVAL, of=application)
    assert (removed["status"], removed["reason"], removed["qualified_until"]) == ("removed", "contract_broken", None)
    assert (await world.public.read(f"{path}/suppliers"))["items"] == []
    assert await applied(supplier, path) == application
    assert (await supplier.read(application))["status"] == "submitted"


async def test_who_is_on_a_list_on_a_day_is_one_look(world: World, database: Database) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    path, other = await opened(buyer), await opened(buyer)
    today = legal_day(datetime.now(UTC))

    async def qualified(path: str, days: int) -> bool:
        list_id = PrequalificationId(UUID(path.rsplit("/", 1)[1]))
        async with Transactions(database.engine.begin, KEYRING.answers)() as work:
            on = today + timedelta(days=days)
            return await work.prequalifications.qualified(list_id, OrganizationId(UUID(supplier.id)), on=on)

    application = await applied(supplier, path)
    assert not await qualified(path, 0)
    await decided(buyer, application, {"outcome": "qualified", "until": day(40)})
    assert [await qualified(path, days) for days in (0, 40, 41)] == [True, True, False]
    assert not await qualified(other, 0)
    await buyer.step(f"{application}/removal", REMOVAL, of=application)
    assert not await qualified(path, 0)


async def test_a_refused_supplier_learns_why_and_applies_again(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    path = await opened(buyer)
    application = await applied(supplier, path)
    await decided(buyer, application, REFUSAL)
    seen = await supplier.read(application)
    assert (seen["status"], seen["reason"], seen["explanation"]) == (
        "refused",
        "documents_missing",
        REFUSAL["explanation"],
    )
    assert code_of(await buyer.post(f"{application}/decision", REFUSAL, If_Match='"2"')) == (409, "step-not-allowed")
    assert await applied(supplier, path) == application
    assert (await decided(buyer, application, {"outcome": "qualified", "until": day()}))["explanation"] is None


async def test_applications_are_seen_by_buyer_applicant_and_auditors(world: World) -> None:
    buyer, supplier, rival = await world.buyer(), await world.supplier(), await world.supplier()
    stranger, auditor = await world.buyer(), await world.member(OrganizationKind.AUDITOR, (Role.AUDITOR,))
    path = await opened(buyer)
    application, other = await applied(supplier, path), await applied(rival, path)
    for reader, seen in ((buyer, 2), (auditor, 2), (supplier, 1), (stranger, 0)):
        assert len((await reader.read(f"{path}/applications"))["items"]) == seen
        assert (await reader.get(other)).status_code == (200 if seen == 2 else 404)
    assert (await world.public.get(application)).status_code == 401
    for refused, code in (
        (await stranger.post(f"{application}/decision", REFUSAL, If_Match='"1"'), (404, "application-not-found")),
        (await stranger.post(f"{application}/removal", REMOVAL, If_Match='"1"'), (404, "application-not-found")),
        (await supplier.post(f"{application}/decision", REFUSAL, If_Match='"1"'), (403, "not-permitted")),
        (await buyer.post(f"{path}/applications"), (403, "not-permitted")),
        (await buyer.post(f"{application}/removal", REMOVAL, If_Match='"1"'), (409, "step-not-allowed")),
    ):
        assert code_of(refused) == code


async def test_one_application_per_supplier_and_one_decision_each(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    path = await opened(buyer)
    assert await clicks(supplier, f"{path}/applications") == {"created": 1, "already-applied": 3}
    (made,) = (await buyer.read(f"{path}/applications"))["items"]
    application = f"/v1/prequalification-applications/{made['id']}"
    told = await clicks(buyer, f"{application}/decision", {"outcome": "qualified", "until": day(1)}, If_Match='"1"')
    assert told == {"created": 1, "stale-version": 3}


@pytest.mark.parametrize(("first", "last"), [(1, 5), (-5, -1)])
async def test_nobody_applies_outside_the_days_of_the_list(world: World, first: int, last: int) -> None:
    path = await opened(await world.buyer(), first=first, last=last)
    assert code_of(await (await world.supplier()).post(f"{path}/applications")) == (409, "applications-closed")


async def test_lists_and_decisions_that_do_not_fit_are_refused_by_field(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    for more, pointer in (
        ({"valid_until": day(-1)}, "/valid_until"),
        ({"products": ["141"]}, "/products/0"),
        ({"products": ["1414.1"]}, "/products/0"),
        ({"products": ["1414", "1414"]}, "/products"),
        ({"requirements": []}, "/requirements"),
    ):
        refused = await buyer.post("/v1/prequalifications", wanted() | more)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text
    application = await applied(supplier, await opened(buyer))
    for body, pointer in (
        ({"outcome": "qualified"}, "/until"),
        ({"outcome": "qualified", "until": day(-1)}, "/until"),
        ({"outcome": "qualified", "until": day(1), "reason": "other"}, "/until"),
        ({"outcome": "refused", "reason": "other"}, "/reason"),
        (REFUSAL | {"until": day(1)}, "/reason"),
    ):
        refused = await buyer.post(f"{application}/decision", body, If_Match='"1"')
        assert (code_of(refused), refused.json()["errors"][0]["pointer"]) == ((422, "qualification-refused"), pointer)


def naming(path: str, **more: Any) -> Json:
    return tender(**more) | {"prequalification_id": path.rsplit("/", maxsplit=1)[-1]}


async def test_a_tender_names_a_list_of_the_same_buyer_that_covers_its_goods(world: World) -> None:
    buyer, other = await world.buyer(), await world.buyer()
    own, foreign = await opened(buyer), await opened(other)
    draft = await buyer.made("/v1/tenders", naming(own))
    assert draft["prequalification_id"] == own.rsplit("/", 1)[1]
    assert (await publication(buyer, f"/v1/tenders/{draft['id']}")).status_code == 201
    assert code_of(await buyer.post("/v1/tenders", naming(foreign))) == (404, "prequalification-not-found")
    boots = await buyer.made("/v1/prequalifications", wanted(products=("1520",)))
    refused = await buyer.post("/v1/tenders", naming(boots["id"]))
    assert code_of(refused) == (422, "prequalification-refused")
    assert CODE in refused.json()["detail"]
    refused = await buyer.post("/v1/tenders", naming(own, procedure="quick-quotation"))
    assert code_of(refused) == (422, "prequalification-refused"), "quotations have none"


async def test_a_list_is_in_force_at_the_publication(world: World) -> None:
    buyer = await world.buyer()
    for first, last in ((-5, -1), (1, 5)):
        draft = await buyer.made("/v1/tenders", naming(await opened(buyer, first=first, last=last)))
        refused = await publication(buyer, f"/v1/tenders/{draft['id']}")
        assert code_of(refused) == (422, "prequalification-refused")


async def test_a_list_that_is_required_is_named_by_the_publication(world: World) -> None:
    buyer = await world.buyer()
    answer: httpx.Response = await buyer.put(
        "/v1/procedures/private/settings", {"values": {"prequalification": "required"}}, If_Match='"0"'
    )
    assert answer.status_code == 200
    draft = await buyer.made("/v1/tenders", tender(procedure="private"))
    path = f"/v1/tenders/{draft['id']}"
    assert code_of(await publication(buyer, path)) == (422, "prequalification-refused")
    etag = (await buyer.get(path)).headers["ETag"]
    body = naming(await opened(buyer), procedure="private")
    assert (await buyer.put(path, body, If_Match=etag)).status_code == 200
    assert (await publication(buyer, path)).status_code == 201
