"""Verdicts through the API: an outage is no answer, registers count without being typed, every stage keeps one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from adapters.registries.fakes import FakeCompanyRegister, FakeSupplierRegister, NoVerifier
from domain.actors import OrganizationKind
from domain.calendar import legal_day
from domain.ids import Bin
from domain.registries.answers import UnreliableEntry
from domain.registries.model import RegistryUnavailable
from domain.registries.ports import Registries
from domain.registries.records import Register
from tests.registers import row
from tests.world import Databases, Json, Member, World, bid, built, evidence

STATE = "not_in_unreliable_state"
EMPTY = text("TRUNCATE register_records, register_imports")


async def forget(database: Databases) -> None:
    async with database.owner.engine.begin() as connection:
        await connection.execute(EMPTY)


@pytest.fixture
async def listing(database: Databases) -> AsyncIterator[World]:
    """Among producers, by the state's list alone; nothing was ever imported."""
    await forget(database)
    async with built(database, unreliable_lists="unreliable_state") as world:
        yield world
    await forget(database)


async def look(supplier: Member, tender: Json, **more: Any) -> Json:
    return await supplier.made("/v1/verdicts", {"tender_id": tender["id"], "lot": 1, **more})


def rule(verdict: Json, name: str) -> Json:
    return next(each for each in verdict["rules"] if each["rule"] == name)


async def stages(database: Databases, supplier: Member) -> list[tuple[str, bool, bool]]:
    asked = text("SELECT stage, eligible, accepted FROM verdicts WHERE organization_id = :id ORDER BY id")
    async with database.reading.connect() as connection:
        return [tuple(each) for each in (await connection.execute(asked, {"id": supplier.id})).all()]


async def test_a_list_that_was_never_imported_keeps_nobody_from_bidding_and_lets_nobody_win_or_sign(
    listing: World, database: Databases
) -> None:
    world = listing
    buyer, supplier = await world.buyer(), await world.supplier()
    published = await world.published(buyer, seconds=2.0, procedure="among-producers")
    path = f"/v1/tenders/{published['id']}"
    seen = await look(supplier, published)
    assert (seen["eligible"], seen["unchecked"], seen["accepted"]) == (True, [STATE], True)
    (missing,) = seen["missing"]
    assert (missing["rule"], missing["stops"]) == (STATE, False)
    assert missing["reason"] == "unreliable_state: it was never imported"
    await supplier.made(f"{path}/bids", bid())
    await world.opened(published)

    evaluation = await buyer.made(f"{path}/evaluation")
    (admission,) = evaluation["admissions"]
    assert (admission["admitted"], admission["reason"]) == (False, "not_checked")
    assert (await buyer.read(path))["status"] == "evaluated", "nothing has failed for good"
    tag = (await buyer.get(path)).headers["ETag"]
    assert (await buyer.post(f"{path}/award", If_Match=tag)).json()["code"] == "nothing-to-award"

    await world.lists()
    assert (await buyer.made(f"{path}/evaluation"))["admissions"][0]["admitted"]
    (contract,) = (await buyer.step(f"{path}/award", of=path))["contracts"]
    signatures = f"/v1/contracts/{contract['id']}/signatures"

    async def signed() -> httpx.Response:
        tag = (await supplier.get(f"/v1/contracts/{contract['id']}")).headers["ETag"]
        return await supplier.post(signatures, If_Match=tag)

    await world.lists(supplier.bin)
    refused = await signed()
    assert (refused.status_code, refused.json()["code"]) == (403, "not-eligible")
    assert refused.json()["errors"][0]["rule"] == STATE
    await forget(database)
    refused = await signed()
    assert (refused.status_code, refused.json()["code"]) == (403, "eligibility-not-checked")
    await world.lists()
    assert (await signed()).status_code == 201
    assert await stages(database, supplier) == [
        ("look", True, True),
        ("bid", True, True),
        ("award", True, False),
        ("award", True, True),
        ("award", True, True),
        ("signing", False, False),
        ("signing", True, False),
        ("signing", True, True),
    ]


async def test_an_answer_of_the_portal_clears_and_bans_and_a_later_outage_does_not_erase_it(
    database: Databases,
) -> None:
    await forget(database)
    portal = FakeSupplierRegister()
    asked = Registries(suppliers=portal, companies=FakeCompanyRegister(), signatures=NoVerifier())
    async with built(database, registries=asked, unreliable_lists="unreliable_state") as world:
        supplier, published = (
            await world.supplier(),
            await world.published(await world.buyer(), procedure="among-producers"),
        )

        async def checked() -> Json:
            await supplier.post("/v1/unreliable-checks", {"bin": supplier.bin})
            return rule(await look(supplier, published), STATE)

        portal.failure = RegistryUnavailable("goszakup cannot be reached")
        unknown = await checked()
        assert unknown["result"] == "could_not_be_checked"
        assert "goszakup cannot be reached" in unknown["reason"]
        portal.failure = None
        assert (await checked())["result"] == "passed"
        portal.failure = RegistryUnavailable("goszakup cannot be reached")
        assert (await checked())["result"] == "passed"
        portal.failure = None
        today = legal_day(datetime.now(UTC))
        banned = UnreliableEntry(name="Sewing", since=today - timedelta(days=10), until=today + timedelta(days=5))
        portal.entries[Bin(supplier.bin)] = (banned,)
        failed = await checked()
        assert (failed["result"], failed["passes_on"]) == ("failed", (today + timedelta(days=6)).isoformat())


async def test_a_record_of_the_register_counts_without_being_typed_while_its_import_is_young(
    listing: World, database: Databases
) -> None:
    world = listing
    supplier = await world.supplier(codes=())
    published = await world.published(await world.buyer(), procedure="among-producers")
    assert rule(await look(supplier, published), "evidence_of_accepted_type")["result"] == "failed"
    today = legal_day(datetime.now(UTC))
    mine = row(Register.PRODUCERS, c1=supplier.bin, c11="14.14.13", c12="141413.900.000014")
    await world.imports(Register.PRODUCERS, mine, as_of=today - timedelta(days=8))
    old = await look(supplier, published)
    assert (rule(old, "evidence_verified")["result"], old["evidence"]) == ("could_not_be_checked", {})
    await world.imports(Register.PRODUCERS, mine, as_of=today - timedelta(days=7))
    young = await look(supplier, published)
    assert rule(young, "evidence_verified")["data"]["register"] == "producers"
    assert (young["evidence"], young["local_content"]) == ({"1": "KTP-1"}, {"1": "45.50"})
    await forget(database)
    assert not (await look(supplier, published))["eligible"]


async def test_what_is_offered_of_a_lot_is_judged_and_what_it_does_not_ask_for_is_refused(world: World) -> None:
    supplier = await world.supplier(capacity=60)
    published = await world.published(await world.buyer())
    whole = await look(supplier, published)
    (missing,) = [each for each in whole["missing"] if each["stops"]]
    assert (missing["rule"], missing["line"]) == ("declared_capacity_suffices", 1)
    assert missing["passes"] == "an offer of at most 60 pieces of this product"
    assert (await look(supplier, published, lines=[{"line": 1, "pieces": 60}]))["eligible"]
    for lines in ([{"line": 1, "pieces": 101}], [{"line": 2, "pieces": 1}], [{"line": 1, "pieces": 1}] * 2):
        body = {"tender_id": published["id"], "lot": 1, "lines": lines}
        refused = await supplier.post("/v1/verdicts", body)
        assert (refused.status_code, refused.json()["code"]) == (422, "malformed-value")


async def test_evidence_to_come_says_from_which_day_it_passes(world: World) -> None:
    supplier = await world.supplier(codes=())
    begins = (legal_day(datetime.now(UTC)) + timedelta(days=40)).isoformat()
    await (await world.registry()).made("/v1/evidence", evidence(supplier.bin, valid_from=begins))
    verdict = await look(supplier, await world.published(await world.buyer()))
    (missing,) = [each for each in verdict["missing"] if each["stops"]]
    assert (missing["rule"], missing["passes_on"]) == ("evidence_valid_on_day", begins)


def contacts(number: str, **more: str) -> Json:
    return {"address": f"{number} Abai", "phone": "+7 7232 123456", "email": f"c{number}@world.example", **more}


async def test_affiliates_by_account_director_and_telephone_are_found_at_the_award_and_told_to_no_rival(
    world: World,
) -> None:
    buyer, one, other, apart = await world.buyer(), *[await world.supplier() for _ in range(3)]
    account = "KZ86125KZT5004100100"
    for member, told in (
        (one, contacts("1", bank_account=account, director="Семёнов А.")),
        (
            other,
            contacts("2", bank_account="kz86 125k zt50 0410 0100", director="СЕМЕНОВ А", phone="8 (7232) 12-34-56"),
        ),
        (apart, contacts("3", phone="+7 7232 999999")),
    ):
        assert (await member.put("/v1/organization", told, If_Match='"2"')).status_code == 200
    published = await world.published(buyer, seconds=2.0, procedure="among-producers")
    path = f"/v1/tenders/{published['id']}"
    for member in (one, other, apart):
        await member.made(f"{path}/bids", bid())
    assert rule(await look(one, published), "not_affiliated")["result"] == "not_applicable"
    await world.opened(published)
    evaluation = await buyer.made(f"{path}/evaluation")
    admitted = {each["bidder_id"]: each for each in evaluation["admissions"]}
    assert [admitted[each.id]["admitted"] for each in (one, other, apart)] == [False, False, True]
    (affiliated,) = [each for each in admitted[one.id]["rules"] if each["rule"] == "not_affiliated"]
    assert affiliated["data"] == {"shared": "phone, director, bank account"}

    where = f"/v1/verdicts/{admitted[one.id]['verdict_id']}/inputs"
    auditor = await world.member(OrganizationKind.AUDITOR)
    told = {name: await reader.read(where) for name, reader in (("own", one), ("buyer", buyer), ("auditor", auditor))}
    assert told["own"]["affiliates"] == told["auditor"]["affiliates"] == ["phone", "director", "bank account"]
    assert told["buyer"]["affiliates"] is None
    assert told["buyer"]["minutes"] == {"per_week": "60000.00", "booked": "0", "due_on": "2027-08-20"}
    for stranger in (other, apart):
        assert (await stranger.get(where)).status_code == 404
    assert account not in (await buyer.get(where)).text


async def test_a_bidders_facts_are_nobodys_before_the_opening(world: World, database: Databases) -> None:
    buyer, supplier, registry = await world.buyer(), await world.supplier(), await world.registry()
    published = await world.published(buyer)
    await supplier.made(f"/v1/tenders/{published['id']}/bids", bid())
    found = text("SELECT count(*) FROM verdicts WHERE organization_id = :id")
    async with database.reading.connect() as connection:
        kept = (await connection.execute(found, {"id": supplier.id})).scalar_one()
    assert kept == 0, "those of a bid are sealed with it"
    id = (await supplier.made("/v1/verdicts", {"tender_id": published["id"], "lot": 1}))["id"]
    assert (await supplier.read(f"/v1/verdicts/{id}/inputs"))["lines"][0]["pieces"] == 100
    for reader in (buyer, registry, await world.member(OrganizationKind.AUDITOR)):
        for path in (f"/v1/verdicts/{id}", f"/v1/verdicts/{id}/inputs"):
            assert (await reader.get(path)).status_code == 404
