"""When a winner does not sign: the contract lapses, its lines go to the next best, or its lots have failed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from adapters.postgres.engine import Database
from api.worker import sweep
from domain.actors import OrganizationKind, Role
from domain.calendar import add_working_days, legal_day
from domain.procedures.period import period
from tests.api.test_complaints import RESULTS, UPHELD, code_of, decide, reviewer_of, until
from tests.api.test_contracts_flow import clicks
from tests.api.test_execution import contracts
from tests.world import Json, Member, World, bid, built

DECLINED = {"reason": "capacity_lost", "explanation": "The floor has burnt down"}


@pytest.fixture
async def hasty(database: Database) -> AsyncIterator[World]:
    """A world whose winners have little time to sign."""
    async with built(database, signing_period="PT2S") as world:
        yield world


@pytest.fixture
async def contested(database: Database) -> AsyncIterator[World]:
    async with built(database, standstill_period="PT2S") as world:
        yield world


def path_of(contract: Json) -> str:
    return f"/v1/contracts/{contract['id']}"


def tender_of(contract: Json) -> str:
    return f"/v1/tenders/{contract['tender_id']}"


def by_supplier(made: list[Json], supplier: Member) -> Json:
    (found,) = (each for each in made if each["supplier_id"] == supplier.id)
    return found


def cells(*found: Json) -> Counter[tuple[int, int, int, str]]:
    """Pieces by lot, line, place and size."""
    counted = Counter[tuple[int, int, int, str]]()
    for contract in found:
        for line in contract["lines"]:
            for place in line["places"]:
                for size, pieces in place["sizes"].items():
                    counted[line["lot"], line["line"], place["place"], size] += pieces
    return counted


async def declined(buyer: Member, winner: Member, contract: Json) -> Json:
    await winner.step(f"{path_of(contract)}/refusal", DECLINED, of=path_of(contract))
    return await buyer.step(f"{path_of(contract)}/lapse", of=path_of(contract))


async def signed(contract: Json, *sides: Member) -> Json:
    seen = contract
    for side in sides:
        seen = await side.step(f"{path_of(contract)}/signatures", of=path_of(contract))
    return seen


async def test_what_a_winner_leaves_goes_to_the_next_best_cell_by_cell(hasty: World) -> None:
    buyer, cheap, dear, third = await hasty.buyer(), *[await hasty.supplier() for _ in range(3)]
    bids = ((cheap, bid("3000.00", pieces_max=60)), (dear, bid("3100.00", pieces_max=70)), (third, bid("3500.00")))
    made = await contracts(hasty, buyer, *bids)
    evaded, kept = by_supplier(made, cheap), by_supplier(made, dear)
    early = await buyer.post(f"{path_of(evaded)}/lapse", If_Match='"1"')
    assert code_of(early) == (409, "signing-period-running")
    assert early.json()["facts"]["sign_by"] == evaded["sign_by"]
    assert (await signed(kept, dear, buyer))["status"] == "in_force"
    not_lapsed = await buyer.post(f"{path_of(evaded)}/next-best", If_Match='"1"')
    assert code_of(not_lapsed) == (412, "stale-version")
    await until(evaded["sign_by"])
    assert code_of(await cheap.post(f"{path_of(evaded)}/signatures", If_Match='"1"')) == (409, "signing-period-over")
    assert await clicks(buyer, f"{path_of(evaded)}/lapse", If_Match='"1"') == {"created": 1, "stale-version": 3}
    lapsed = await buyer.read(path_of(evaded))
    assert (lapsed["status"], lapsed["lapsed"]["reason"], lapsed["leftover"]["state"]) == (
        "lapsed",
        "not_signed",
        "waiting",
    )
    etag = (await buyer.get(tender_of(evaded))).headers["ETag"]
    told = await clicks(buyer, f"{path_of(evaded)}/next-best", If_Match=etag)
    assert told == {"created": 1, "stale-version": 3}, "two approvers at once award once"
    after = (await buyer.read("/v1/contracts", tender_id=evaded["tender_id"]))["items"]
    new = [each for each in after if each["replaces"] == evaded["id"]]
    assert {each["supplier_id"]: each["lines"][0]["pieces"] for each in new} == {dear.id: 30, third.id: 30}
    assert cells(*new) == cells(evaded)
    assert cells(kept, *new) == cells(*made)
    assert (await buyer.read(path_of(evaded)))["leftover"] == {"state": "awarded", "failed_lots": []}
    explained = await third.read(f"{path_of(evaded)}/next-best")
    assert (explained["replaces"], explained["results"]) == (evaded["id"], {"1": "awarded"})
    assert (await (await hasty.supplier()).get(f"{path_of(evaded)}/next-best")).status_code == 404
    for contract, supplier in ((each, dear if each["supplier_id"] == dear.id else third) for each in new):
        assert (await signed(contract, supplier, buyer))["status"] == "in_force"


async def test_a_winner_who_declines_lapses_at_once_and_is_marked_for_the_register(world: World) -> None:
    auditor = await world.member(OrganizationKind.AUDITOR, (Role.AUDITOR,))
    buyer, winner, second = await world.buyer(), await world.supplier(), await world.supplier()
    (contract,) = await contracts(world, buyer, (winner, bid("3000.00")), (second, bid("3100.00")))
    stranger = await world.supplier()
    for other in (stranger, second):
        assert (await other.post(f"{path_of(contract)}/refusal", DECLINED, If_Match='"1"')).status_code == 404
    assert (await (await world.buyer()).post(f"{path_of(contract)}/lapse", If_Match='"1"')).status_code == 404
    assert code_of(await winner.post(f"{path_of(contract)}/lapse", If_Match='"1"')) == (403, "not-permitted")
    lapsed = await declined(buyer, winner, contract)
    assert (lapsed["declined"]["reason"], lapsed["lapsed"]["reason"]) == ("capacity_lost", "declined")
    today = legal_day((await world.application.tenders.tender(None, UUID(contract["tender_id"]))).awarded_at)  # type: ignore[arg-type]  # awarded
    assert lapsed["lapsed"]["report_due_on"] == add_working_days(today, period("10WD").working_days or 0).isoformat()
    (again,) = (await buyer.step(f"{path_of(contract)}/next-best", of=tender_of(contract)))["contracts"]
    assert (again["supplier_id"], cells(again)) == (second.id, cells(contract))
    await _told(auditor, contract["id"], winner.id)


async def _told(auditor: Member, contract_id: str, supplier_id: str) -> None:
    after: dict[str, str] = {}
    for _ in range(400):
        page = (await auditor.read("/v1/events", limit="100", **after))["items"]
        for event in page:
            if (event["type"], event["subject_id"]) == ("contract.signing_evaded", contract_id):
                assert event["data"]["supplier_id"] == supplier_id
                assert event["data"]["report_due_on"]
                return
        after = {"after": page[-1]["id"]} if page else after
        await asyncio.sleep(0 if page else 0.05)  # other databases' open transactions bound the feed, too
    pytest.fail("the feed has not shown the evasion")


async def test_a_contract_that_the_buyer_does_not_sign_does_not_lapse(hasty: World) -> None:
    buyer, winner = await hasty.buyer(), await hasty.supplier()
    (contract,) = await contracts(hasty, buyer, (winner, bid()))
    await signed(contract, winner)
    await until(contract["sign_by"])
    assert code_of(await buyer.post(f"{path_of(contract)}/lapse", If_Match='"2"')) == (409, "already-signed")
    assert (await signed(contract, buyer))["status"] == "in_force"


async def test_where_nobody_is_left_the_lots_have_failed_and_the_tender_with_them(world: World) -> None:
    buyer, winner = await world.buyer(), await world.supplier()
    (contract,) = await contracts(world, buyer, (winner, bid()))
    await declined(buyer, winner, contract)
    etag = (await buyer.get(tender_of(contract))).headers["ETag"]
    refused = await buyer.post(f"{path_of(contract)}/next-best", If_Match=etag)
    assert code_of(refused) == (409, "nothing-to-award")
    assert refused.json()["facts"]["lots"] == [1]
    seen = await buyer.read(path_of(contract))
    assert seen["leftover"] == {"state": "given_up", "failed_lots": [1]}
    failed = await world.public.read(tender_of(contract))
    assert (failed["status"], failed["reason"]) == ("failed", "not_filled")
    explained = await buyer.read(f"{path_of(contract)}/next-best")
    assert explained["admissions"][0]["reason"] == "signing_evaded"
    again = await buyer.post(
        f"{path_of(contract)}/next-best", If_Match=(await buyer.get(tender_of(contract))).headers["ETag"]
    )
    assert code_of(again) == (409, "step-not-allowed")
    record = await world.public.read(f"/v1/ocds/records/ocds-oimaqkz-{failed['number']}")
    compiled = record["records"][0]["compiledRelease"]
    assert (compiled["tender"]["status"], compiled["awards"][0]["status"]) == ("unsuccessful", "cancelled")


async def test_a_tender_is_completed_by_the_contracts_that_stand(world: World) -> None:
    buyer, cheap, dear = await world.buyer(), await world.supplier(), await world.supplier()
    bids = ((cheap, bid("3000.00", pieces_max=50)), (dear, bid("3100.00", pieces_max=50)))
    made = await contracts(world, buyer, *bids)
    evaded, kept = by_supplier(made, cheap), by_supplier(made, dear)
    await signed(kept, dear, buyer)
    await declined(buyer, cheap, evaded)
    await _delivered_and_paid(world, buyer, dear, kept)
    assert (await buyer.read(path_of(kept)))["status"] == "completed"
    assert (await world.public.read(tender_of(kept)))["status"] == "awarded", "the other lines still wait"
    etag = (await buyer.get(tender_of(kept))).headers["ETag"]
    refused = await buyer.post(f"{path_of(evaded)}/next-best", If_Match=etag)
    assert code_of(refused) == (409, "nothing-to-award")
    assert (await world.public.read(tender_of(kept)))["status"] == "completed"


async def _delivered_and_paid(world: World, buyer: Member, supplier: Member, contract: Json) -> None:
    path = path_of(contract)
    (line,) = contract["lines"]
    for number, place in enumerate(line["places"], start=1):
        goods = [{"lot": 1, "line": 1, "grid": line["grid"], "sizes": place["sizes"]}]
        await supplier.made(f"{path}/deliveries", {"place": place["place"], "goods": goods, "waybill": f"W{number}"})
        await buyer.made(f"{path}/deliveries/{number}/acceptance")
    numbers = list(range(1, len(line["places"]) + 1))
    await supplier.made(f"{path}/invoices", {"document": "INV", "deliveries": numbers})
    payment = await buyer.made(f"{path}/invoices/1/payments", {"method": "bank_transfer"})
    await sweep(world.worker)
    await supplier.made(f"/v1/payments/{payment['id']}/confirmation")


async def test_a_complaint_about_the_next_best_annuls_that_award_and_no_contract_in_force(contested: World) -> None:
    reviewer = await reviewer_of(contested)
    buyer, cheap, dear, third = await contested.buyer(), *[await contested.supplier() for _ in range(3)]
    bids = ((cheap, bid("3000.00", pieces_max=50)), (dear, bid("3100.00")), (third, bid("3500.00")))
    made = await contracts(contested, buyer, *bids)
    evaded, kept = by_supplier(made, cheap), by_supplier(made, dear)
    await until(kept["standstill_until"])
    assert (await signed(kept, dear, buyer))["status"] == "in_force"
    await declined(buyer, cheap, evaded)
    (new,) = (await buyer.step(f"{path_of(evaded)}/next-best", of=tender_of(evaded)))["contracts"]
    assert new["supplier_id"] == dear.id
    assert code_of(await dear.post(f"{path_of(new)}/signatures", If_Match='"1"')) == (409, "standstill")
    body = RESULTS | {"remedy": "exclude_winner", "against": dear.id}
    complaint = await third.made(f"{tender_of(evaded)}/complaints", body)
    etag = (await buyer.get(tender_of(evaded))).headers["ETag"]
    await decide(reviewer, complaint, UPHELD)
    assert (await buyer.get(tender_of(evaded))).headers["ETag"] == etag, "the tender stands"
    annulled = await buyer.read(path_of(new))
    assert (annulled["status"], annulled["leftover"]["state"]) == ("annulled", "waiting")
    assert (await buyer.read(path_of(kept)))["status"] == "in_force"
    (last,) = (await buyer.step(f"{path_of(new)}/next-best", of=tender_of(new)))["contracts"]
    assert (last["supplier_id"], last["replaces"]) == (third.id, new["id"])
    assert cells(last) == cells(new) == cells(evaded)
