"""What is checked before a step: the year's threshold before a publication, a price before a bid."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from domain.actors import OrganizationKind, Role
from tests.api.test_market import code_of
from tests.api.test_pools import publication
from tests.world import Json, Member, World, bid, tender

GROUP = "141413"
QUICK = "quick-quotation"
"""Up to 346,000.00 a year."""
FIRST: Json = {"pieces": 3, "price": "33333.35"}
"""100,000.05: with 245,999.95 exactly the threshold."""
EXACT: Json = {"pieces": 5, "price": "49199.99"}
TIYN_ABOVE: Json = {"pieces": 2, "price": "122999.98"}


async def drafted(buyer: Member, *, procedure: str = QUICK, **more: Any) -> str:
    return f"/v1/tenders/{(await buyer.made('/v1/tenders', tender(procedure=procedure, **more)))['id']}"


async def checked(reader: Member, path: str) -> Json:
    answer = await reader.read(f"{path}/threshold-check")
    group: Json
    (group,) = answer["groups"]
    return group | {"threshold": answer["threshold"]}


async def test_goods_are_bought_up_to_the_threshold_and_not_a_tiyn_above(world: World) -> None:
    buyer = await world.buyer()
    first = await drafted(buyer, **FIRST)
    alone = await checked(buyer, first)
    assert (alone["threshold"], alone["own"], alone["bought"], alone["left"]) == (
        "346000.00",
        "100000.05",
        "0.00",
        "245999.95",
    )
    assert (alone["exceeds"], alone["splitting"], alone["purchases"]) == (False, False, [])
    assert (await publication(buyer, first)).status_code == 201
    above = await drafted(buyer, **TIYN_ABOVE)
    seen = await checked(buyer, above)
    assert (seen["group"], seen["bought"], seen["sum"], seen["left"]) == (GROUP, "100000.05", "346000.01", "-0.01")
    assert (seen["exceeds"], seen["splitting"], seen["count"]) == (True, True, 1)
    assert [each["sum"] for each in seen["purchases"]] == ["100000.05"]
    refused = await publication(buyer, above)
    assert code_of(refused) == (409, "threshold-exceeded")
    assert refused.json()["facts"] | {"year": 0} == {
        "group": GROUP,
        "year": 0,
        "threshold": "346000.00",
        "bought": "100000.05",
        "own": "245999.96",
        "sum": "346000.01",
    }
    exact = await drafted(buyer, **EXACT)
    seen = await checked(buyer, exact)
    assert (seen["left"], seen["exceeds"], seen["splitting"]) == ("0.00", False, True)
    assert (await publication(buyer, exact)).status_code == 201
    again = await checked(buyer, exact)
    assert (again["bought"], again["own"], again["left"]) == ("100000.05", "245999.95", "0.00")


async def test_one_purchase_above_the_threshold_is_no_splitting(world: World) -> None:
    buyer = await world.buyer()
    large = await drafted(buyer, pieces=100, price="3460.01")
    seen = await checked(buyer, large)
    assert (seen["exceeds"], seen["splitting"]) == (True, False)
    assert code_of(await publication(buyer, large)) == (409, "threshold-exceeded")


async def test_other_goods_other_buyers_and_what_came_to_nothing_do_not_count(world: World) -> None:
    buyer, other = await world.buyer(), await world.buyer()
    assert (await publication(other, await drafted(other, **EXACT))).status_code == 201
    failing = await world.published(buyer, seconds=1.2, procedure=QUICK, **FIRST)
    cancelled = await drafted(buyer, **FIRST)
    assert (await publication(buyer, cancelled)).status_code == 201
    assert (await checked(buyer, await drafted(buyer, **FIRST)))["bought"] == "200000.10"
    await buyer.step(f"{cancelled}/cancellation", {"reason": "budget_cut", "explanation": "No money"}, of=cancelled)
    await world.opened(failing)
    body = tender(procedure=QUICK, **EXACT)
    body["lots"][0]["lines"][0]["ens_tru"] = "152000.000.000001"
    boots = await buyer.made("/v1/tenders", body)
    assert (await publication(buyer, f"/v1/tenders/{boots['id']}")).status_code == 201
    assert (await checked(buyer, await drafted(buyer, **FIRST)))["bought"] == "0.00"


async def test_what_was_awarded_counts_as_contracted_whatever_the_method(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    published = await world.published(buyer, seconds=1.5, procedure="among-producers", pieces=10, price="3600.00")
    draft = await drafted(buyer, **FIRST)
    assert (await checked(buyer, draft))["bought"] == "36000.00"
    path = f"/v1/tenders/{published['id']}"
    await supplier.made(f"{path}/bids", bid("3000.00"))
    await world.opened(published)
    await buyer.made(f"{path}/evaluation")
    await buyer.step(f"{path}/award", of=path)
    seen = await checked(buyer, draft)
    assert seen["bought"] == "30000.00"
    assert [(each["number"], each["status"], each["method"]) for each in seen["purchases"]] == [
        (published["number"], "awarded", "producers_tender")
    ]


async def test_of_publications_at_once_only_as_many_as_the_threshold_allows(world: World) -> None:
    buyer = await world.buyer()
    drafts = [await drafted(buyer, **FIRST) for _ in range(5)]
    answers = await asyncio.gather(*(publication(buyer, path, version=1) for path in drafts))
    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 2}


async def test_the_check_is_for_the_buyer_and_of_published_tenders_for_auditors(world: World) -> None:
    buyer, stranger = await world.buyer(), await world.buyer()
    officer_of_none = await world.supplier()
    auditor = await world.member(OrganizationKind.AUDITOR, (Role.AUDITOR,))
    path = f"{await drafted(buyer, **FIRST)}"
    for other in (stranger, officer_of_none, auditor):
        assert code_of(await other.get(f"{path}/threshold-check")) == (404, "tender-not-found")
    await publication(buyer, path)
    for other in (stranger, officer_of_none):
        assert code_of(await other.get(f"{path}/threshold-check")) == (404, "tender-not-found")
    assert await checked(auditor, path) == await checked(buyer, path)


async def test_a_method_without_a_threshold_leaves_everything(world: World) -> None:
    buyer = await world.buyer()
    seen = await checked(buyer, await drafted(buyer, procedure="samruk-category", pieces=1000))
    assert (seen["threshold"], seen["left"], seen["exceeds"], seen["splitting"]) == (None, None, False, False)


@pytest.mark.parametrize(
    ("price", "dumping", "anti_dumping_sum", "above"),
    [
        ("306000.00", "no", None, False),
        ("305999.99", "yes", "0.01", False),
        ("340000.00", "no", None, False),
        ("340000.01", "no", None, True),
    ],
)
async def test_a_price_is_checked_by_the_tenders_own_rules(
    world: World, price: str, dumping: str, anti_dumping_sum: str | None, *, above: bool
) -> None:
    published = await world.published(await world.buyer(), procedure=QUICK, price="3400.00")
    seen = await world.public.read(f"/v1/tenders/{published['id']}/price-check", lot="1", price=price)
    assert (seen["allocated"], seen["threshold"], seen["consequence"]) == (
        "340000.00",
        "306000.00",
        "anti_dumping_sum",
    )
    assert (seen["dumping"], seen["anti_dumping_sum"], seen["above_allocated"]) == (dumping, anti_dumping_sum, above)
    assert seen["other"] | {"contract_security": ""} == {
        "bid_security": "10200.00",
        "contract_security": "",
        "conditional_price": price,
    }


async def test_a_price_check_that_does_not_fit_is_refused(world: World) -> None:
    buyer = await world.buyer()
    path = f"{await drafted(buyer)}/price-check"
    assert (await buyer.get(path, lot="1", price="1.00")).status_code == 200
    assert code_of(await world.public.get(path, lot="1", price="1.00")) == (404, "tender-not-found")
    assert code_of(await buyer.get(path, lot="2", price="1.00")) == (404, "tender-not-found")
    for query in ({"lot": "1"}, {"price": "1.00"}, {"lot": "1", "price": "-1"}, {"lot": "1", "price": "1.001"}):
        assert code_of(await buyer.get(path, **query)) == (422, "invalid-request")
