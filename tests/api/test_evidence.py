"""Evidence through the API: refused at the edge, compared with a register, and its end foretold exactly once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from api.worker import sweep
from domain.actors import OrganizationKind
from domain.calendar import legal_day
from domain.registries.records import Register
from tests.registers import row
from tests.world import Databases, Json, Member, World, evidence


@pytest.fixture
async def clean(world: World, database: Databases) -> AsyncIterator[World]:
    """Without any imported register."""
    empty = text("TRUNCATE register_records, register_imports")
    async with database.owner.engine.begin() as connection:
        await connection.execute(empty)
    yield world
    async with database.owner.engine.begin() as connection:
        await connection.execute(empty)


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"valid_until": "2031-01-11"}, "evidence-refused", "2031-01-10 or earlier"),
        ({"valid_until": "2026-01-09"}, "evidence-refused", "2026-01-10 or later"),
        ({"product_codes": ["141"]}, "evidence-refused", "141211"),
        ({"holder_bin": "950440001673"}, "evidence-refused", "your own BIN"),
        ({"declared_capacity": 0}, "evidence-refused", "1 to 100000000"),
    ],
)
async def test_bad_evidence_is_refused_with_what_would_pass(world: World, change: Json, code: str, said: str) -> None:
    supplier = await world.supplier(codes=())
    refused = await supplier.post("/v1/evidence", evidence(supplier.bin) | change)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert said in refused.text


async def test_a_second_proof_for_the_same_time_is_refused_with_the_others_days_and_an_adjoining_one_passes(
    world: World,
) -> None:
    supplier = await world.supplier(codes=())
    first = evidence(supplier.bin, valid_from="2026-01-10", valid_until="2026-12-31")
    made = await supplier.made("/v1/evidence", first)
    for again in (
        first | {"number": "X-1", "valid_from": "2026-12-31", "valid_until": "2027-06-30"},
        first | {"product_codes": ["141211"]},
    ):
        refused = await supplier.post("/v1/evidence", again)
        assert (refused.status_code, refused.json()["code"]) == (409, "evidence-overlaps")
        told = refused.json()["facts"]
        assert (told["evidence_id"], told["valid_from"], told["valid_until"]) == (
            made["id"],
            "2026-01-10",
            "2026-12-31",
        )
    for passing in (
        first | {"number": "X-2", "valid_from": "2027-01-01", "valid_until": "2027-12-31"},
        first | {"number": "X-3", "product_codes": ["141211"]},
        first | {"type": "ct_kz"},
    ):
        await supplier.made("/v1/evidence", passing)


async def test_a_registry_operator_is_not_kept_out_by_what_nobody_verified(world: World) -> None:
    supplier, registry = await world.supplier(codes=()), await world.registry()
    body = evidence(supplier.bin)
    await supplier.made("/v1/evidence", body)
    assert (await registry.made("/v1/evidence", body))["verification"] == "registry_import"
    refused = await registry.post("/v1/evidence", body)
    assert refused.json()["code"] == "evidence-overlaps"


async def test_the_same_proof_at_once_is_recorded_once(world: World) -> None:
    supplier = await world.supplier(codes=())
    body = evidence(supplier.bin)
    answers = await asyncio.gather(*(supplier.post("/v1/evidence", body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_evidence_is_verified_by_the_register_or_told_what_differs(clean: World) -> None:
    supplier, rival = await clean.supplier(codes=()), await clean.supplier(codes=())
    same = {
        "number": "KTP-1", "product_codes": ["141413"], "declared_capacity": 12000, "local_content": "45.50",
        "valid_from": "2026-01-10", "valid_until": "2027-01-10",
    }  # fmt: skip
    path = f"/v1/evidence/{(await supplier.made('/v1/evidence', evidence(supplier.bin) | same))['id']}/register-check"
    unknown = await supplier.made(path)
    assert (unknown["confirmed"], unknown["as_of"]) == (False, None)
    assert unknown["differences"] == [{"field": "number", "recorded": "KTP-1", "registered": "none of this BIN"}]

    mine = row(Register.PRODUCERS, c1=supplier.bin, c11="14.14.13", c12="141413.900.000014")
    await clean.imports(Register.PRODUCERS, [*mine[:9], "11 000", *mine[10:14], "44.00", *mine[15:]])
    different = await supplier.made(path)
    assert different["evidence"]["verification"] == "none"
    assert {(each["field"], each["registered"]) for each in different["differences"]} == {
        ("local_content", "44.00"),
        ("declared_capacity", "11000"),
    }

    await clean.imports(Register.PRODUCERS, mine)
    assert (await rival.post(path)).status_code == 404
    confirmed = await supplier.made(path)
    assert (confirmed["confirmed"], confirmed["differences"]) == (True, [])
    assert confirmed["evidence"]["verification"] == "registry_import"
    again = await (await clean.registry()).made(path)
    assert (again["confirmed"], again["evidence"]["verification"]) == (False, "registry_import")


async def warnings(world: World, id: str) -> list[tuple[str, int]]:
    auditor = await world.member(OrganizationKind.AUDITOR)
    found: list[tuple[str, int]] = []
    after: dict[str, str] = {}
    while (page := await auditor.read("/v1/events", limit="100", **after))["items"]:
        found += [
            (event["data"]["valid_until"], event["data"]["days_left"])
            for event in page["items"]
            if event["type"] == "evidence.expiring" and event["subject_id"] == id
        ]
        after = {"after": page["next"]}
    return found


async def ending(database: Databases, id: str, on: date) -> None:
    """Time passes: the last day comes nearer."""
    async with database.owner.engine.begin() as connection:
        await connection.execute(
            text("UPDATE evidence SET valid_until = :on, version = version + 1 WHERE id = :id"), {"on": on, "id": id}
        )


async def extract(world: World, *, days: int) -> tuple[Member, str, date]:
    today = legal_day(datetime.now(UTC))
    supplier = await world.supplier(codes=())
    ends = (today + timedelta(days=days)).isoformat()
    made = await (await world.registry()).made("/v1/evidence", evidence(supplier.bin, valid_until=ends))
    return supplier, made["id"], today


async def test_the_end_of_evidence_is_foretold_once_at_each_of_three_days(world: World, database: Databases) -> None:
    _, id, today = await extract(world, days=31)
    told: list[tuple[str, int]] = []
    for left in (31, 30, 29, 15, 14, 4, 3, 2, 0):
        await ending(database, id, today + timedelta(days=left))
        await asyncio.gather(sweep(world.worker), sweep(world.worker))
        await sweep(world.worker)
        if left in {30, 14, 3}:
            told.append(((today + timedelta(days=left)).isoformat(), left))
        assert await warnings(world, id) == told, left


async def test_after_a_downtime_only_the_nearest_warning_is_given(world: World, database: Databases) -> None:
    _, id, today = await extract(world, days=40)
    await sweep(world.worker)
    await ending(database, id, today + timedelta(days=2))
    await sweep(world.worker)
    await sweep(world.worker)
    assert [left for _, left in await warnings(world, id)] == [2]


async def test_nobody_is_warned_of_what_was_revoked_or_has_ended(world: World, database: Databases) -> None:
    _, revoked, today = await extract(world, days=30)
    await (await world.registry()).made(f"/v1/evidence/{revoked}/revocation", {"reason": "false data"})
    _, ended, _ = await extract(world, days=40)
    await ending(database, ended, today - timedelta(days=1))
    await sweep(world.worker)
    assert await warnings(world, revoked) == await warnings(world, ended) == []


async def test_a_sweep_is_bounded_and_the_soonest_end_comes_first(world: World) -> None:
    _, late, _ = await extract(world, days=20)
    _, soon, _ = await extract(world, days=1)
    found = [str(each) for each in await world.application.producers.expiring(limit=100)]
    assert found.index(soon) < found.index(late)
    assert len(await world.application.producers.expiring(limit=1)) == 1


async def test_local_content_of_a_product_is_calculated_for_anybody_and_nothing_is_kept(world: World) -> None:
    lines = [
        {"name": "imported fabric", "amount": "6500.00", "foreign_material": True},
        {"name": "wages and own work", "amount": "3500.00", "foreign_material": False},
    ]
    answer = await world.http.post("/v1/local-content", json={"lines": lines})
    assert answer.status_code == 200
    assert answer.json() == {"cost": "10000.00", "foreign_materials": "6500.00", "local_content": "35.00"}
    free = [{"name": "nothing", "amount": "0.00", "foreign_material": False}]
    refused = await world.http.post("/v1/local-content", json={"lines": free})
    assert (refused.status_code, refused.json()["code"]) == (422, "malformed-value")
