"""Packages as they are published, and a buyer's own values: within bounds, for tenders to come, of this buyer only."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.postgres.engine import Database
from domain.actors import OrganizationKind, Role
from domain.procedures.catalogue import Procedures
from domain.procedures.vocabulary import TERMS
from tests.api.test_installed_packages import moved
from tests.world import CONFIGURATION, PACKAGES, Json, Member, World, built, tender

SETTINGS = "/v1/procedures/private/settings"


async def put(buyer: Member, version: int, path: str = SETTINGS, **values: str) -> httpx.Response:
    return await buyer.put(path, {"values": values}, If_Match=f'"{version}"')


async def test_a_buyers_own_values_are_taken_by_its_tenders(world: World) -> None:
    buyer, other = await world.buyer(), await world.buyer()
    nothing = await buyer.get(SETTINGS)
    assert (nothing.headers["ETag"], nothing.json()["values"]) == ('"0"', {})
    early = await buyer.made("/v1/tenders", tender(procedure="private"))
    stored = await put(buyer, 0, bid_period_min="P20D", payment_period="P5D")
    assert (stored.status_code, stored.headers["ETag"]) == (200, '"1"'), stored.text
    seen = await buyer.read(SETTINGS)
    assert seen["values"] == {"bid_period_min": "P20D", "payment_period": "P5D"}
    assert (await other.read(SETTINGS))["values"] == {}
    for member, refused in ((buyer, True), (other, False)):
        draft = early if member is buyer else await member.made("/v1/tenders", tender(procedure="private"))
        path = f"/v1/tenders/{draft['id']}"
        tag = (await member.get(path)).headers["ETag"]
        closes_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
        answer = await member.post(f"{path}/publication", {"closes_at": closes_at}, If_Match=tag)
        assert (answer.status_code == 422) is refused, answer.text
        if refused:
            assert answer.json()["errors"][0]["reason"] == "private@2026.3 gives bidders at least P20D"


async def test_all_values_are_replaced_at_once_and_can_be_taken_back(world: World) -> None:
    buyer = await world.buyer()
    await put(buyer, 0, bid_period_min="P20D")
    await put(buyer, 1, payment_period="P5D")
    assert (await buyer.read(SETTINGS))["values"] == {"payment_period": "P5D"}
    assert (await put(buyer, 2)).json()["values"] == {}
    assert (await put(buyer, 2)).json()["code"] == "stale-version"


@pytest.mark.parametrize(
    ("procedure", "name", "value", "passes"),
    [
        ("state-tender-2025", "dumping_percent", "20", "10"),
        ("state-tender-2025", "bid_period_min", "PT1S", "5WD"),
        ("state-tender-2025", "annual_threshold_mci", "8000", "0"),
        ("samruk-category", "payment_period", "P90D", "30WD"),
        ("private", "bid_period_min", "P90D", "PT1S to P60D"),
        ("private", "bid_period_min", "soon", "5WD, P15D or PT5M"),
        ("private", "verifications", "oath", "registry_import, registry_service, document"),
        ("private", "capacity_check", "maybe", "true or false"),
    ],
)
async def test_what_stands_in_a_law_or_out_of_bounds_is_refused_with_what_would_pass(
    world: World, procedure: str, name: str, value: str, passes: str
) -> None:
    buyer = await world.buyer()
    refused = await put(buyer, 0, f"/v1/procedures/{procedure}/settings", **{name: value})
    assert (refused.status_code, refused.json()["code"]) == (422, "parameter-refused")
    assert refused.json()["errors"][0] | {"reason": "", "rule": None} == {
        "pointer": f"/values/{name}",
        "reason": "",
        "passes": passes,
        "rule": None,
    }
    assert (await buyer.read(f"/v1/procedures/{procedure}/settings"))["values"] == {}


@pytest.mark.parametrize("values", [{"a/b": "1"}, {"bids_min": ""}, {"bids_min": 1}, {"bids_min": "x" * 301}, [], None])
async def test_settings_of_another_shape_are_refused(world: World, values: object) -> None:
    refused = await (await world.buyer()).put(SETTINGS, {"values": values}, If_Match='"0"')
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")


async def test_a_package_that_is_not_there_has_no_settings_and_only_approvers_set_them(world: World) -> None:
    buyer = await world.buyer()
    officer = await world.member(OrganizationKind.BUYER, (Role.OFFICER,))
    missing = "/v1/procedures/auction/settings"
    assert (await put(buyer, 0, missing)).json()["code"] == "unknown-procedure"
    assert (await buyer.get(missing)).json()["code"] == "unknown-procedure"
    assert (await put(officer, 0, bids_min="2")).json()["code"] == "not-permitted"
    assert (await world.public.get(SETTINGS)).status_code == 401
    assert (await buyer.put(SETTINGS, {"values": {}})).status_code == 428


async def test_two_approvers_who_set_at_once_have_one_effect(world: World) -> None:
    buyer = await world.buyer()
    for version in (0, 1):
        answers = await asyncio.gather(*(put(buyer, version, payment_period=f"P{days}D") for days in (3, 4, 5)))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 2}


async def test_settings_that_a_newer_package_no_longer_allows_are_said_so_at_the_next_draft(database: Database) -> None:
    async with built(database) as world:
        buyer = await world.buyer()
        await put(buyer, 0, payment_period="30WD")
        draft = await buyer.made("/v1/tenders", tender(procedure="private"))
    narrower = {each.id: each for each in PACKAGES}
    parameters = dict(narrower["private"].parameters)
    parameters["payment_period"] = replace(parameters["payment_period"], most="15WD")
    narrower["private"] = replace(narrower["private"], version="2026.9", parameters=parameters)
    async with built(database, procedures=Procedures(narrower.values(), CONFIGURATION)) as world:
        buyer = moved(buyer, world)
        path = f"/v1/tenders/{draft['id']}"
        refusals = [await buyer.post("/v1/tenders", tender(procedure="private"))]
        tag = (await buyer.get(path)).headers["ETag"]
        refusals.append(await buyer.put(path, tender(procedure="private"), If_Match=tag))
        refusals.append(await buyer.post(f"{path}/publication", {"closes_at": "2027-01-01T00:00:00Z"}, If_Match=tag))
        assert {(each.status_code, each.json()["code"]) for each in refusals} == {(422, "parameter-refused")}
        assert refusals[0].json()["passes"] == "P1D to 15WD"
        await put(buyer, 1, payment_period="15WD")
        await buyer.made("/v1/tenders", tender(procedure="private"))


async def test_a_package_is_published_in_full_with_the_source_of_every_figure(world: World) -> None:
    package = await world.public.read("/v1/procedures/state-tender-2025")
    assert {name for name, term in TERMS.items() if not term.optional} <= set(package["parameters"])
    for figure in figures(package):
        assert figure["source"]
        assert figure["confidence"] in {"H", "M", "L", "MEM"}
        assert figure["configurable"] <= (figure["confidence"] in {"L", "MEM"})
    dumping = package["parameters"]["dumping_percent"]
    assert (dumping["value"], dumping["unit"], dumping["in_force_from"]) == ("10", "percent", "2025-01-01")
    assert package["parameters"]["amendment_rule"]["choices"] == ["restart", "extend", "none"]
    assert package["methods"]["open_tender"]["changes"]["producers_only"]["value"] == "false"
    assert package["phases"][0] == {
        "id": "discussion",
        "next": ["bidding"],
        "bound": "exactly",
        "parameter": "discussion_period",
        "period": "2WD",
    }
    assert package["vectors"][0]["expect"] == "500000.00"
    assert {each["by"] for each in package["documents"]} == {"buyer", "bidder", "supplier"}
    assert package["texts"]["dumping"]["kk"]


def figures(package: Json) -> list[Json]:
    own = [figure for method in package["methods"].values() for figure in method["changes"].values()]
    return [*package["parameters"].values(), *own]


async def test_the_list_counts_figures_and_those_that_are_unverified(world: World) -> None:
    for line in (await world.public.read("/v1/procedures"))["items"]:
        package = await world.public.read(f"/v1/procedures/{line['id']}")
        assert line["figures"] == len(figures(package))
        assert line["unverified"] == sum(each["confidence"] in {"L", "MEM"} for each in figures(package))
        assert line["methods"] == list(package["methods"])
