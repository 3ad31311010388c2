"""The lot assistant through HTTP: a draft is studied, a cut is made in it, and nobody learns more than he may.

The tests of a worker share a database, so each has a product of its own, that no workshop of another test may sew.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from adapters.postgres.lotting import PostgresLotStudies
from domain.actors import OrganizationKind, Role
from domain.calendar import legal_day
from domain.lotting.model import LotStudy
from domain.lotting.study import study
from tests.world import Databases, Json, Member, World, evidence

KIND = "gown"


def today() -> date:
    return legal_day(datetime.now(UTC))


def gowns(code: str, *, pieces: int = 2000, weeks: int = 10) -> Json:
    """One lot of gowns of an hour each in four sizes, for one place."""
    sizes = dict.fromkeys(("122", "128", "134", "140"), pieces // 4)
    line = {
        "name": "Gown", "ens_tru": f"{code}.900.000001", "kind": KIND, "unit": "796", "standard_minutes": "60.00",
        "planned_price": "3600.00", "grid": "child", "sizes": sizes,
    }  # fmt: skip
    place = {
        "name": "Store", "kato": "631010000", "address": "1 Street",
        "due_on": (today() + timedelta(weeks=weeks)).isoformat(), "sizes": {"1": sizes},
    }  # fmt: skip
    lot = {"title": "Gowns", "allocated": f"{3600 * pieces}.00", "lines": [line], "places": [place]}
    return {"title": "Gowns", "procedure": "samruk-category", "lots": [lot]}


async def workshop(world: World, code: str | None, *, operators: int = 10, **more: Any) -> Member:
    """Ten operators have 12,000 minutes a week: 2,000 gowns in ten weeks."""
    found = await world.member(OrganizationKind.SUPPLIER)
    profile = {
        "kato": "631010000", "products": [KIND], "operators": operators, "shift_minutes": 480, "shifts": 1,
        "working_days": 5, "efficiency": "0.50",
    }  # fmt: skip
    assert (await found.put("/v1/workshop", profile, If_Match='"0"')).status_code == httpx.codes.OK
    if code:
        await (await world.registry()).made("/v1/evidence", evidence(found.bin, codes=(code,), **more))
    return found


async def studied(buyer: Member, draft: Json, **body: Any) -> Json:
    path = f"/v1/tenders/{draft['id']}"
    return await buyer.step(f"{path}/lot-studies", body, of=path)


async def stored(database: Databases, id: str) -> LotStudy:
    async with database.owner.reading.connect() as connection:
        row = (await connection.execute(text("SELECT * FROM lot_studies WHERE id = :id"), {"id": id})).mappings().one()
    found: LotStudy = PostgresLotStudies.codec.entity(row)
    return found


async def test_a_draft_is_studied_and_a_cut_makes_lots_that_small_workshops_can_fill(world: World) -> None:
    buyer = await world.buyer()
    await workshop(world, "141901", operators=300)
    for _ in range(3):
        await workshop(world, "141901", operators=6)
    draft = await buyer.made("/v1/tenders", gowns("141901"))
    made = await studied(buyer, draft)
    (found,) = made["lots"]
    assert (found["coverage"]["pieces"], found["coverage"]["workshops"], found["coverage"]["reached"]) == (
        2000,
        4,
        2000,
    )
    assert (found["coverage"]["alone"], found["coverage"]["small_workshops"]) == (None, 3)
    assert found["coverage"]["small_reached"] is None, "with it the one large workshop's capacity would be known"
    best = made["cuts"][0]
    assert (best["way"], best["before"]["small_percent"], best["after"]["small_percent"]) == ("sizes", 0, 100)
    assert best["reasons"][0]["words"]["ru"].startswith("Малые цеха")
    assert [part["pieces"] for part in best["parts"]] == [1000, 1000]

    path = f"/v1/tenders/{draft['id']}"
    step = f"/v1/lot-studies/{made['study']['id']}/cuts/{best['number']}/application"
    cut = await buyer.step(step, of=path)
    assert [lot["title"] for lot in cut["lots"]] == ["Gowns (1/2)", "Gowns (2/2)"]
    sizes = [line["sizes"] for lot in cut["lots"] for line in lot["lines"]]
    assert {size: count for each in sizes for size, count in each.items()} == draft["lots"][0]["lines"][0]["sizes"]
    assert [lot["allocated"] for lot in cut["lots"]] == ["3600000.00", "3600000.00"]
    assert cut["procedure"] == draft["procedure"], "with its method"
    again = await buyer.post(step, If_Match='"2"')
    assert (again.status_code, again.json()["code"]) == (409, "study-outdated")
    assert (await studied(buyer, cut))["lots"][1]["coverage"]["small_alone"] == 3


async def test_a_study_is_found_again_from_its_stored_facts(world: World, database: Databases) -> None:
    buyer = await world.buyer()
    for operators in (4, 6, 9, 200):
        await workshop(world, "141902", operators=operators)
    draft = await buyer.made("/v1/tenders", gowns("141902"))
    made = await studied(buyer, draft)
    kept = await stored(database, made["study"]["id"])
    assert (kept.tender_version, str(kept.tender_id)) == (1, draft["id"])
    assert kept.findings.cuts
    assert study(kept.draft, kept.market) == kept.findings
    assert (await buyer.read(f"/v1/lot-studies/{kept.id}")) == made


async def test_evidence_must_be_valid_on_the_day_of_the_bids(world: World) -> None:
    buyer = await world.buyer()
    ends = (today() + timedelta(days=10)).isoformat()
    for _ in range(3):
        await workshop(world, "141903", valid_until=ends)
        await workshop(world, "141903", operators=11)
    draft = await buyer.made("/v1/tenders", gowns("141903"))
    now, later = await studied(buyer, draft), await studied(buyer, draft, bid_on=str(today() + timedelta(days=11)))
    assert [each["lots"][0]["coverage"]["workshops"] for each in (now, later)] == [6, 3]
    rules = {each["rule"]: each["only"] for each in later["lots"][0]["kept_out"]}
    assert rules["evidence_valid_on_day"] == 3
    assert later["study"]["bid_on"] == str(today() + timedelta(days=11))


async def test_minutes_are_counted_from_the_day_of_the_bids(world: World) -> None:
    buyer = await world.buyer()
    for _ in range(3):
        await workshop(world, "141904")
    draft = await buyer.made("/v1/tenders", gowns("141904"))
    halfway = await studied(buyer, draft, bid_on=str(today() + timedelta(weeks=9)))
    coverage = (await studied(buyer, draft))["lots"][0]["coverage"], halfway["lots"][0]["coverage"]
    assert [(each["alone"], each["reached"]) for each in coverage] == [(3, 2000), (0, 600)]


async def test_each_rule_tells_how_many_it_keeps_out_and_never_whom(world: World) -> None:
    buyer = await world.buyer()
    await workshop(world, "141905")
    weak = [await workshop(world, "141906") for _ in range(3)]
    without = [await workshop(world, None) for _ in range(3)]
    suspended = await workshop(world, "141905")
    registry = await world.registry()
    path = f"/v1/organizations/{suspended.id}"
    await registry.step(f"{path}/suspension", {"reason": "closed"}, of=path)
    draft = await buyer.made("/v1/tenders", gowns("141905"))
    answer = await buyer.post(f"/v1/tenders/{draft['id']}/lot-studies", If_Match='"1"')
    (found,) = answer.json()["lots"]
    assert found["coverage"]["workshops"] is None
    assert found["coverage"]["reached"] is None
    rules = {each["rule"]: (each["workshops"], each["only"]) for each in found["kept_out"]}
    assert rules["evidence_of_accepted_type"][1] >= len(without)
    assert rules["evidence_covers_code"][1] >= len(weak)
    assert "organization_confirmed" not in rules, "who is suspended is not looked at"
    for each in (*weak, *without, suspended):
        assert each.id not in answer.text
        assert each.bin not in answer.text


async def test_bad_days_stale_drafts_and_published_tenders_are_refused(world: World) -> None:
    buyer = await world.buyer()
    draft = await buyer.made("/v1/tenders", gowns("141906"))
    path = f"/v1/tenders/{draft['id']}/lot-studies"
    past = await buyer.post(path, {"bid_on": str(today() - timedelta(days=1))}, If_Match='"1"')
    assert (past.status_code, past.json()["code"]) == (422, "study-refused")
    assert past.json()["errors"][0]["pointer"] == "/bid_on"
    assert (await buyer.post(path, If_Match='"2"')).json()["code"] == "stale-version"
    assert (await buyer.post(path)).json()["code"] == "precondition-required"
    assert (await buyer.post(path, {"on": "2027-01-01"}, If_Match='"1"')).json()["code"] == "invalid-request"
    published = await world.published(buyer)
    late = await buyer.post(f"/v1/tenders/{published['id']}/lot-studies", If_Match='"2"')
    assert (late.status_code, late.json()["code"]) == (409, "step-not-allowed")


async def test_a_cut_that_is_not_there_or_whose_draft_changed_is_refused(world: World) -> None:
    buyer = await world.buyer()
    for _ in range(3):
        await workshop(world, "141907", operators=6)
    draft = await buyer.made("/v1/tenders", gowns("141907"))
    made = await studied(buyer, draft)
    cuts = f"/v1/lot-studies/{made['study']['id']}/cuts"
    missing = await buyer.post(f"{cuts}/{len(made['cuts']) + 1}/application", If_Match='"1"')
    assert (missing.status_code, missing.json()["code"]) == (404, "cut-not-found")
    assert (await buyer.post(f"{cuts}/1/application", If_Match='"7"')).json()["code"] == "stale-version"
    revised = await buyer.put(f"/v1/tenders/{draft['id']}", gowns("141907", pieces=400), If_Match='"1"')
    outdated = await buyer.post(f"{cuts}/1/application", If_Match=revised.headers["ETag"])
    assert (outdated.status_code, outdated.json()["code"]) == (409, "study-outdated")
    assert (await buyer.read(f"/v1/tenders/{draft['id']}"))["lots"][0]["lines"][0]["pieces"] == 400


async def test_strangers_find_nothing_and_auditors_read(world: World) -> None:
    buyer, rival = await world.buyer(), await world.buyer()
    for _ in range(3):
        await workshop(world, "141908", operators=6)
    draft = await buyer.made("/v1/tenders", gowns("141908"))
    made = await studied(buyer, draft)
    one, lists = f"/v1/lot-studies/{made['study']['id']}", f"/v1/tenders/{draft['id']}/lot-studies"
    for stranger in (rival, await workshop(world, None)):
        assert (await stranger.get(one)).json()["code"] == "lot-study-not-found"
        assert (await stranger.get(lists)).json()["code"] == "tender-not-found"
    refused = await rival.post(f"{one}/cuts/1/application", If_Match='"1"')
    unknown = await rival.post(f"/v1/lot-studies/{uuid4()}/cuts/1/application", If_Match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (unknown.status_code, unknown.json()["code"])
    assert (await rival.post(lists, If_Match='"1"')).json()["code"] == "tender-not-found"
    auditor = await world.member(OrganizationKind.AUDITOR, (Role.AUDITOR,))
    assert (await auditor.read(one)) == made
    assert (await auditor.read(lists))["items"] == [made["study"]]


async def test_studies_are_listed_newest_first_a_page_at_a_time(world: World) -> None:
    buyer = await world.buyer()
    draft = await buyer.made("/v1/tenders", gowns("141909"))
    ids = [(await studied(buyer, draft))["study"]["id"] for _ in range(3)]
    path = f"/v1/tenders/{draft['id']}/lot-studies"
    first = await buyer.read(path, limit="2")
    second = await buyer.read(path, limit="2", cursor=first["next"])
    assert [each["id"] for each in (*first["items"], *second["items"])] == ids[::-1]
    assert second["next"] is None


async def test_a_retry_of_a_study_is_answered_as_before(world: World, database: Databases) -> None:
    buyer = await world.buyer()
    draft = await buyer.made("/v1/tenders", gowns("141910"))
    path, key = f"/v1/tenders/{draft['id']}/lot-studies", str(uuid4())
    one, two = [await buyer.post(path, If_Match='"1"', Idempotency_Key=key) for _ in range(2)]
    assert (one.status_code, one.content) == (two.status_code, two.content)
    assert two.headers["Idempotent-Replayed"] == "true"
    async with database.owner.reading.connect() as connection:
        counted = text("SELECT count(*) FROM lot_studies WHERE tender_id = :id")
        assert (await connection.execute(counted, {"id": UUID(draft["id"])})).scalar_one() == 1
