"""Capacity through the API: who sees which weeks, and what an award, an end and a call-off do to them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from adapters.postgres.engine import Database
from domain.actors import OrganizationKind
from tests.api import test_frameworks
from tests.api.test_complaints import RESULTS, UPHELD, code_of, decide, reviewer_of
from tests.api.test_execution import contracts
from tests.api.test_next_best import declined, signed, tender_of
from tests.world import Databases, Json, Member, World, bid, built

WEEKS = 104
NEEDED = Decimal(2000)
"""Of 100 shirts."""
offtake = test_frameworks.world


@pytest.fixture
async def contested(database: Database) -> AsyncIterator[World]:
    async with built(database, standstill_period="PT2S") as world:
        yield world


async def workshop(world: World, operators: int) -> Member:
    """Of 30 minutes a week for each operator."""
    supplier = await world.supplier()
    await resized(supplier, operators)
    return supplier


async def resized(supplier: Member, operators: int) -> None:
    profile = {
        "kato": "631010000", "products": ["school_shirt"], "operators": operators, "shift_minutes": 60, "shifts": 1,
        "working_days": 1, "efficiency": "0.50",
    }  # fmt: skip
    etag = (await supplier.get("/v1/workshop")).headers["ETag"]
    assert (await supplier.put("/v1/workshop", profile, If_Match=etag)).status_code == 200


async def sums(supplier: Member) -> dict[str, Decimal]:
    weeks = (await supplier.read("/v1/workshop/capacity", weeks=WEEKS))["weeks"]
    return {name: sum((Decimal(week[name]) for week in weeks), Decimal(0)) for name in ("booked", "held", "overload")}


async def opened(world: World, *bids: tuple[Member, Json], tenders: int = 1) -> list[tuple[Member, str]]:
    """Buyers with a tender each, on which all have bid, opened at about one moment."""
    made = []
    for _ in range(tenders):
        buyer = await world.buyer()
        made.append((buyer, await world.published(buyer, seconds=2.0 + tenders / 2, procedure="among-producers")))
    for _, each in made:
        for supplier, body in bids:
            await supplier.made(f"/v1/tenders/{each['id']}/bids", body)
    for _, each in made:
        await world.opened(each)
    return [(buyer, f"/v1/tenders/{each['id']}") for buyer, each in made]


async def awarded(buyer: Member, path: str) -> list[Json]:
    made: list[Json] = (await buyer.step(f"{path}/award", of=path))["contracts"]
    return made


async def test_the_weeks_say_what_they_have_and_an_award_books_the_latest_that_are_free(world: World) -> None:
    supplier = await workshop(world, 10)
    buyer = await world.buyer()
    await contracts(world, buyer, (supplier, bid()))
    seen = await supplier.read("/v1/workshop/capacity", weeks=WEEKS)
    today = date.fromisoformat(seen["today"])
    first = seen["weeks"][0]
    assert (seen["minutes_per_week"], first["begins_on"]) == (
        "300.00",
        (today - timedelta(days=today.weekday())).isoformat(),
    )
    assert {week["minutes"] for week in seen["weeks"]} == {"300.00"}
    booked = {week["week"]: Decimal(week["booked"]) for week in seen["weeks"] if Decimal(week["booked"])}
    # Friday 20 August is the fifth day of its week, so that five sevenths of it come before the deadline.
    expected = {"2027-W33": "214.28", "2027-W27": "285.72"} | {f"2027-W{number}": "300" for number in range(28, 33)}
    assert booked == {name: Decimal(minutes) for name, minutes in expected.items()}
    assert Decimal(seen["weeks"][0]["free"]) == Decimal(300 * (6 - today.weekday()) / 7).quantize(
        Decimal("0.01"), "ROUND_FLOOR"
    )
    assert len((await supplier.read("/v1/workshop/capacity"))["weeks"]) == 26
    for weeks in ("0", "105", "x"):
        assert (await supplier.get("/v1/workshop/capacity", weeks=weeks)).status_code == 422
    for other in (buyer, await world.supplier(codes=())):
        answer = await other.get("/v1/workshop/capacity")
        assert answer.status_code == (404 if other is buyer else 200)
        if other is not buyer:
            assert {week["booked"] for week in answer.json()["weeks"]} == {"0"}


async def test_bids_hold_from_the_opening_until_the_award_and_keep_nobody_from_anything(world: World) -> None:
    supplier, rival = await workshop(world, 2), await workshop(world, 2)
    sealed = await world.published(await world.buyer(), procedure="among-producers")
    await supplier.made(f"/v1/tenders/{sealed['id']}/bids", bid())
    assert await sums(supplier) == {"booked": 0, "held": 0, "overload": 0}, "nobody can read a sealed bid"
    (first, one), (second, two) = await opened(world, (supplier, bid("3000.00")), tenders=2)
    assert (await sums(supplier))["held"] == 2 * NEEDED
    assert (await sums(rival))["held"] == 0
    await first.made(f"{one}/evaluation")
    await awarded(first, one)
    assert await sums(supplier) == {"booked": NEEDED, "held": NEEDED, "overload": 0}
    await second.made(f"{two}/evaluation")
    await second.step(f"{two}/failure", {}, of=two)
    assert await sums(supplier) == {"booked": NEEDED, "held": 0, "overload": 0}


async def test_buyers_are_warned_by_a_count_and_never_of_what_is_sealed(world: World) -> None:
    supplier, easy = await workshop(world, 2), await world.supplier()
    sealed_buyer = await world.buyer()
    sealed = await world.published(sealed_buyer, procedure="among-producers")
    for each in (supplier, easy):
        await each.made(f"/v1/tenders/{sealed['id']}/bids", bid())
    path = f"/v1/tenders/{sealed['id']}/capacity"
    assert code_of(await sealed_buyer.get(path)) == (409, "bids-not-opened")
    ((buyer, one),) = await opened(world, (supplier, bid("3000.00")), (easy, bid("3100.00")))
    assert await buyer.read(f"{one}/capacity") == {"bidders": 2, "contended": 0}
    ((_, two),) = await opened(world, (supplier, bid("3000.00")), (easy, bid("3100.00")))
    auditor = await world.member(OrganizationKind.AUDITOR)
    for reader in (buyer, auditor):
        assert await reader.read(f"{one}/capacity") == {"bidders": 2, "contended": 1}
    for stranger in (supplier, await world.buyer()):
        assert code_of(await stranger.get(f"{one}/capacity")) == (404, "tender-not-found")
    assert code_of(await buyer.get(f"{two}/capacity")) == (404, "tender-not-found")
    await buyer.made(f"{one}/evaluation")
    await awarded(buyer, one)
    assert code_of(await buyer.get(f"{one}/capacity")) == (409, "step-not-allowed")


async def test_the_second_award_of_the_same_minutes_is_refused_and_evaluated_again(world: World) -> None:
    supplier = await workshop(world, 2)
    (first, one), (second, two) = await opened(world, (supplier, bid()), tenders=2)
    for buyer, path in ((first, one), (second, two)):
        assert (await buyer.made(f"{path}/evaluation"))["results"] == {"1": "awarded"}
    await awarded(first, one)
    etag = (await second.get(two)).headers["ETag"]
    refused = await second.post(f"{two}/award", If_Match=etag)
    assert code_of(refused) == (409, "capacity-taken")
    facts = refused.json()["facts"]
    assert (facts["supplier_id"], facts["due_on"], facts["week"]) == (supplier.id, "2027-08-20", "2027-W33")
    assert 0 < Decimal(facts["minutes_missing"]) < NEEDED
    assert (await second.get(two)).headers["ETag"] == etag
    assert (await second.read("/v1/contracts"))["items"] == []
    assert (await sums(supplier))["booked"] == NEEDED
    assert (await second.made(f"{two}/evaluation"))["results"] == {"1": "not_filled"}
    assert (await sums(supplier))["booked"] == NEEDED


async def test_minutes_are_free_again_after_a_lapse_and_go_to_the_next_best(world: World) -> None:
    winner, second, buyer = await workshop(world, 2), await workshop(world, 2), await world.buyer()
    (contract,) = await contracts(world, buyer, (winner, bid("3000.00")), (second, bid("3100.00")))
    await declined(buyer, winner, contract)
    assert [(await sums(each))["booked"] for each in (winner, second)] == [0, 0]
    await buyer.step(f"/v1/contracts/{contract['id']}/next-best", of=tender_of(contract))
    assert [(await sums(each))["booked"] for each in (winner, second)] == [0, NEEDED]


async def test_an_annulled_award_books_nothing_and_its_bids_hold_again(contested: World) -> None:
    winner, loser, buyer = await workshop(contested, 2), await workshop(contested, 2), await contested.buyer()
    (contract,) = await contracts(contested, buyer, (winner, bid("3000.00")), (loser, bid("3100.00")))
    complaint = await loser.made(f"{tender_of(contract)}/complaints", RESULTS)
    assert await sums(winner) == {"booked": NEEDED, "held": 0, "overload": 0}
    await decide(await reviewer_of(contested), complaint, UPHELD)
    assert await sums(winner) == {"booked": 0, "held": NEEDED, "overload": 0}


async def test_minutes_are_bound_until_the_last_piece_is_accepted(world: World) -> None:
    supplier, buyer = await workshop(world, 2), await world.buyer()
    (contract,) = await contracts(world, buyer, (supplier, bid()))
    path = f"/v1/contracts/{contract['id']}"
    await signed(contract, supplier, buyer)
    for place, size, booked in ((1, "122", NEEDED), (2, "128", 0)):
        goods = [{"lot": 1, "line": 1, "grid": "child", "sizes": {size: 50}}]
        await supplier.made(f"{path}/deliveries", {"place": place, "goods": goods, "waybill": "W"})
        await buyer.made(f"{path}/deliveries/{place}/acceptance")
        assert (await sums(supplier))["booked"] == booked


async def test_a_call_off_takes_its_minutes_from_the_framework_whatever_the_weeks_hold(offtake: World) -> None:
    made = await test_frameworks.in_force(offtake)
    assert (await sums(made.supplier))["booked"] == NEEDED
    await resized(made.supplier, 1)
    order = await made.call(1, 40)
    seen = (await made.supplier.read("/v1/workshop/capacity", weeks=5))["weeks"]
    until = [week for week in seen if week["begins_on"] <= order["lines"][0]["places"][0]["due_on"]]
    assert Decimal(until[-1]["overload"]) > 0, "800 minutes of call-off do not fit into three weeks of 30"
    await made.supplier.step(f"{made.path}/settlement", of=made.path)
    await made.buyer.step(f"{made.path}/settlement", of=made.path)
    told = await sums(made.supplier)
    assert told["booked"] + told["overload"] == 800
    await made.paid(offtake, order, 1)
    assert await sums(made.supplier) == {"booked": 0, "held": 0, "overload": 0}


async def test_awards_that_do_not_count_minutes_are_booked_beyond_the_weeks(world: World) -> None:
    supplier, buyer = await workshop(world, 1), await world.buyer()
    published = await world.published(buyer, seconds=2.0, procedure="private")
    path = f"/v1/tenders/{published['id']}"
    await supplier.made(f"{path}/bids", bid())
    await world.opened(published)
    await buyer.made(f"{path}/evaluation")
    await awarded(buyer, path)
    told = await sums(supplier)
    assert told["booked"] + told["overload"] == NEEDED
    assert told["overload"] > 0


async def test_the_database_refuses_an_overbooked_week_whoever_books_and_without_a_lock(
    world: World, database: Databases
) -> None:
    """Two transactions that know nothing of workshops' locks: the second waits for the first, and is refused."""
    supplier, other = await workshop(world, 10), await world.buyer()
    one, two = [(await contracts(world, other, (await world.supplier(), bid())))[0]["id"] for _ in range(2)]
    book = text("""
    INSERT INTO capacity_bookings (supplier_id, week, contract_id, minutes, excess)
    VALUES (:supplier_id, '2027-01-04', :contract_id, :minutes, 0)
    """)

    async def booking(contract: str, minutes: int) -> None:
        async with database.engine.begin() as connection:
            await connection.execute(book, {"supplier_id": supplier.id, "contract_id": contract, "minutes": minutes})
            await asyncio.sleep(0.05)

    answers = await asyncio.gather(booking(one, 200), booking(two, 200), return_exceptions=True)
    (refused,) = [each for each in answers if each is not None]
    assert isinstance(refused, IntegrityError)
    assert isinstance(refused.orig.__cause__, asyncpg.CheckViolationError)  # type: ignore[union-attr]  # of the driver
    await resized(supplier, 6)
    with pytest.raises(IntegrityError, match="ck_capacity_weeks_booked"):
        await booking(two if answers[0] is None else one, 1)
    assert (await sums(supplier))["booked"] == 200
