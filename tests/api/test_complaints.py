"""Complaints through the API: who files, who sees whom, what stands still, what a decision brings about."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from adapters.postgres.engine import Database
from domain.actors import OrganizationKind, Role
from tests.api.test_contracts_flow import clicks
from tests.api.test_execution import contracts
from tests.world import Json, Member, World, bid, built, tender

EVIDENCE = [{"name": "photo.jpg", "sha256": "ab" * 32}]
DOCUMENTS = {"stage": "documents", "objection": "The sizes fit nobody", "remedy": "amend_documents"}
RESULTS = {"stage": "results", "objection": "The price was lower", "remedy": "annul_award", "evidence": EVIDENCE}
REJECTED = {"outcome": "rejected", "decision": "The documents are right"}
UPHELD = {"outcome": "upheld", "decision": "The objection is right"}
SECONDS = 2.0


@pytest.fixture
async def contested(database: Database) -> AsyncIterator[World]:
    """A world whose standstill is short enough to wait for."""
    async with built(database, standstill_period="PT2S") as world:
        yield world


async def reviewer_of(world: World) -> Member:
    return await world.member(OrganizationKind.AUDITOR, (Role.REVIEWER,))


async def awarded(world: World) -> tuple[Member, Member, Member, Json]:
    """Buyer, winner, loser, and the winner's contract."""
    buyer, winner, loser = await world.buyer(), await world.supplier(), await world.supplier()
    made = await contracts(world, buyer, (winner, bid("3000.00")), (loser, bid("3100.00")))
    return buyer, winner, loser, made[0]


async def until(instant: str) -> None:
    await asyncio.sleep(max((datetime.fromisoformat(instant) - datetime.now(UTC)).total_seconds(), 0) + 0.01)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def decide(reviewer: Member, complaint: Json, body: Json) -> Json:
    path = f"/v1/complaints/{complaint['id']}"
    return await reviewer.step(f"{path}/decision", body, of=path)


async def test_nobody_signs_before_the_standstill_is_over(contested: World) -> None:
    buyer, winner, _, contract = await awarded(contested)
    path = f"/v1/contracts/{contract['id']}"
    for side in (buyer, winner):
        refused = await side.post(f"{path}/signatures", If_Match='"1"')
        assert code_of(refused) == (409, "standstill")
        assert refused.json()["facts"]["standstill_until"] == contract["standstill_until"]
    await until(contract["standstill_until"])
    await winner.step(f"{path}/signatures", of=path)
    assert (await buyer.step(f"{path}/signatures", of=path))["status"] == "in_force"


async def test_a_complaint_stops_the_signing_until_it_is_rejected(contested: World) -> None:
    reviewer = await reviewer_of(contested)
    buyer, winner, loser, contract = await awarded(contested)
    path, found = f"/v1/contracts/{contract['id']}", f"/v1/tenders/{contract['tender_id']}"
    made = await loser.made(f"{found}/complaints", RESULTS)
    await until(contract["standstill_until"])
    for side in (buyer, winner):
        refused = await side.post(f"{path}/signatures", If_Match='"1"')
        assert code_of(refused) == (409, "complaint-open")
        assert refused.json()["facts"] == {"complaint": made["number"], "decide_by": made["decide_by"]}
    assert code_of(await buyer.post(f"{path}/lapse", If_Match='"1"')) == (409, "complaint-open")
    complaint = f"/v1/complaints/{made['id']}"
    for other in (buyer, winner, loser):
        refused = await other.post(f"{complaint}/decision", REJECTED, If_Match='"1"')
        assert code_of(refused) == (403, "not-permitted")
    assert (await winner.post(f"{complaint}/withdrawal", If_Match='"1"')).status_code == 404
    assert await clicks(reviewer, f"{complaint}/decision", REJECTED, If_Match='"1"') == {
        "created": 1,
        "stale-version": 3,
    }
    seen = (await loser.read(complaint))["complaint"]
    assert (seen["status"], seen["late"], seen["decision"]) == ("rejected", False, REJECTED["decision"])
    signing = await winner.read(path)
    assert signing["sign_by"] >= contract["sign_by"]
    await winner.step(f"{path}/signatures", of=path)
    assert (await buyer.step(f"{path}/signatures", of=path))["status"] == "in_force"


async def test_an_excluded_winner_is_not_awarded_again(contested: World) -> None:
    reviewer = await reviewer_of(contested)
    buyer, winner, loser, contract = await awarded(contested)
    found = f"/v1/tenders/{contract['tender_id']}"
    body = RESULTS | {"remedy": "exclude_winner", "against": winner.id, "lots": [1]}
    made = await loser.made(f"{found}/complaints", body)
    for more, pointer in (
        ({"excluded_id": found.rsplit("/", 1)[1]}, "/excluded_id"),
        ({"remedy": "amend_documents"}, "/remedy"),
    ):
        refused = await reviewer.post(f"/v1/complaints/{made['id']}/decision", UPHELD | more, If_Match='"1"')
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    decided = await decide(reviewer, made, UPHELD)
    assert (decided["status"], decided["decided_remedy"]) == ("upheld", "exclude_winner")
    assert (await winner.read(f"/v1/contracts/{contract['id']}"))["status"] == "annulled"
    refused = await winner.post(f"/v1/contracts/{contract['id']}/signatures", If_Match='"2"')
    assert code_of(refused) == (409, "step-not-allowed")
    assert (await contested.public.read(found))["status"] == "opened"
    evaluation = await buyer.made(f"{found}/evaluation")
    reasons = {each["bidder_id"]: each["reason"] for each in evaluation["admissions"]}
    assert reasons == {winner.id: "excluded_by_decision", loser.id: None}
    (again,) = (await buyer.step(f"{found}/award", of=found))["contracts"]
    assert again["supplier_id"] == loser.id
    assert again["standstill_until"] > contract["standstill_until"]
    record = await contested.public.read(f"/v1/ocds/records/ocds-oimaqkz-{(await buyer.read(found))['number']}")
    statuses = [each["status"] for each in record["records"][0]["compiledRelease"]["awards"]]
    assert sorted(statuses) == ["active", "cancelled"]


async def test_an_evaluation_does_not_outlive_a_decision(contested: World) -> None:
    """Two complaints: the first sets the award aside, the second is upheld after the next evaluation."""
    reviewer = await reviewer_of(contested)
    buyer, winner, loser, contract = await awarded(contested)
    found = f"/v1/tenders/{contract['tender_id']}"
    first = await loser.made(f"{found}/complaints", RESULTS)
    second = await winner.made(f"{found}/complaints", RESULTS)
    await decide(reviewer, first, UPHELD)
    await buyer.made(f"{found}/evaluation")

    async def award() -> httpx.Response:
        return await buyer.post(f"{found}/award", If_Match=(await buyer.get(found)).headers["ETag"])

    assert code_of(await award()) == (409, "complaint-open")
    await decide(reviewer, second, UPHELD)
    assert code_of(await award()) == (409, "decision-not-followed")
    await buyer.made(f"{found}/evaluation")
    assert (await award()).status_code == 201


async def test_who_complains_about_documents_is_told_after_the_opening_only(world: World) -> None:
    buyer, shy, rival = await world.buyer(), await world.supplier(), await world.supplier()
    auditor = await world.member(OrganizationKind.AUDITOR, (Role.AUDITOR,))
    reviewer = await reviewer_of(world)
    published = await world.published(buyer, seconds=SECONDS, procedure="among-producers")
    path = f"/v1/tenders/{published['id']}"
    await shy.made(f"{path}/bids", bid())
    made = await shy.made(f"{path}/complaints", DOCUMENTS | {"evidence": EVIDENCE})
    complaint = f"/v1/complaints/{made['id']}"
    for reader in (world.public, rival, buyer, auditor):
        (shown,) = (await reader.read(f"{path}/complaints"))["items"]
        assert (shown["complainant"], shown["objection"]) == (None, DOCUMENTS["objection"])
        assert shy.id not in str(shown)
    for reader in (buyer, auditor):
        told = await reader.read(complaint)
        assert (told["complaint"]["complainant"], told["evidence"]) == (None, EVIDENCE)
    for reader in (shy, reviewer):
        assert (await reader.read(complaint))["complaint"]["complainant"]["id"] == shy.id
        (shown,) = (await reader.read(f"{path}/complaints"))["items"]
        assert shown["complainant"]["id"] == shy.id
    assert (await rival.get(complaint)).status_code == 404
    assert (await world.public.get(complaint)).status_code == 401
    await _feed_is_silent(auditor, made["id"], shy.id)
    await world.opened(published)
    (shown,) = (await world.public.read(f"{path}/complaints"))["items"]
    assert shown["complainant"]["id"] == shy.id


async def _feed_is_silent(auditor: Member, complaint_id: str, secret: str) -> None:
    after: dict[str, str] = {}
    for _ in range(400):
        page = (await auditor.read("/v1/events", limit="100", **after))["items"]
        found = [event for event in page if event["subject_id"] == complaint_id]
        if found:
            assert [event["type"] for event in found] == ["complaint.filed"]
            assert secret not in str(found)
            return
        after = {"after": page[-1]["id"]} if page else after
        await asyncio.sleep(0 if page else 0.05)  # other databases' open transactions bound the feed, too
    pytest.fail("the feed has not shown the complaint")


async def test_documents_that_were_rightly_complained_about_are_not_awarded(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    reviewer = await reviewer_of(world)
    published = await world.published(buyer, seconds=SECONDS, procedure="among-producers")
    path = f"/v1/tenders/{published['id']}"
    await supplier.made(f"{path}/bids", bid())
    made = await supplier.made(f"{path}/complaints", DOCUMENTS)
    await world.opened(published)
    await buyer.made(f"{path}/evaluation")
    etag = (await buyer.get(path)).headers["ETag"]
    assert code_of(await buyer.post(f"{path}/award", If_Match=etag)) == (409, "complaint-open")
    cancellation = {"reason": "order_of_authority", "explanation": "Decision on the complaint"}
    refused = await buyer.post(f"{path}/cancellation", cancellation, If_Match=etag)
    assert code_of(refused) == (409, "step-not-allowed")
    await decide(reviewer, made, UPHELD)
    assert code_of(await buyer.post(f"{path}/award", If_Match=etag)) == (409, "decision-not-followed")
    assert (await buyer.step(f"{path}/cancellation", cancellation, of=path))["status"] == "cancelled"


async def test_complaints_that_do_not_fit_are_refused(contested: World) -> None:
    stranger, suspended = await contested.supplier(), await contested.supplier()
    await (await contested.registry()).made(f"/v1/organizations/{suspended.id}/suspension", {"reason": "false data"})
    buyer, winner, loser, contract = await awarded(contested)
    path = f"/v1/tenders/{contract['tender_id']}/complaints"
    assert code_of(await loser.post(path, DOCUMENTS)) == (409, "complaints-closed")
    assert code_of(await stranger.post(path, RESULTS)) == (403, "not-a-bidder")
    assert (await suspended.post(path, RESULTS)).status_code in {401, 403}
    assert code_of(await buyer.post(path, RESULTS)) == (403, "not-permitted")
    for more, pointer in (
        ({"lots": [9]}, "/lots"),
        ({"lots": [1, 1]}, "/lots"),
        ({"remedy": "cancel_tender"}, "/remedy"),
        ({"remedy": "exclude_winner"}, "/against"),
        ({"remedy": "exclude_winner", "against": stranger.id}, "/against"),
        ({"evidence": [{"name": "x", "sha256": "AB" * 32}]}, "/evidence/0/sha256"),
    ):
        refused = await loser.post(path, RESULTS | more)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text
    assert (await clicks(loser, path, RESULTS)) == {"created": 1, "complaint-already-filed": 3}
    await until(contract["standstill_until"])
    assert code_of(await winner.post(path, RESULTS)) == (409, "complaints-closed")
    draft = await buyer.made("/v1/tenders", tender())
    for answer in (
        await loser.post(f"/v1/tenders/{draft['id']}/complaints", DOCUMENTS),
        await contested.public.get(f"/v1/tenders/{draft['id']}/complaints"),
    ):
        assert code_of(answer) == (404, "tender-not-found")


async def test_a_withdrawn_complaint_lets_the_signing_go_on_and_may_be_filed_again(contested: World) -> None:
    buyer, winner, loser, contract = await awarded(contested)
    path, found = f"/v1/contracts/{contract['id']}", f"/v1/tenders/{contract['tender_id']}"
    for _ in range(2):
        made = await loser.made(f"{found}/complaints", RESULTS)
        complaint = f"/v1/complaints/{made['id']}"
        assert (await loser.step(f"{complaint}/withdrawal", of=complaint))["status"] == "withdrawn"
    await until(contract["standstill_until"])
    await winner.step(f"{path}/signatures", of=path)
    assert (await buyer.step(f"{path}/signatures", of=path))["status"] == "in_force"
    assert len((await contested.public.read(f"{found}/complaints", limit="1"))["items"]) == 1


async def test_complaints_and_signatures_that_race_never_meet(contested: World) -> None:
    """Around the end of the standstill losers complain and the winner signs: a complaint in time leaves him no
    signature, and no signature is from before the end.
    """
    buyer, winner = await contested.buyer(), await contested.supplier()
    losers = [await contested.supplier() for _ in range(8)]
    bids = [(loser, bid(f"{3100 + number}.00")) for number, loser in enumerate(losers)]
    (contract,) = await contracts(contested, buyer, (winner, bid("3000.00")), *bids)
    path, complaints = f"/v1/contracts/{contract['id']}", f"/v1/tenders/{contract['tender_id']}/complaints"
    end = datetime.fromisoformat(contract["standstill_until"])
    loop = asyncio.get_running_loop()
    deadline = loop.time() + (end - datetime.now(UTC)).total_seconds()

    async def complains(number: int, loser: Member) -> httpx.Response:
        await asyncio.sleep(deadline - loop.time() - 0.02 + number * 0.006)
        return await loser.post(complaints, RESULTS)

    async def signs() -> httpx.Response:
        await asyncio.sleep(deadline - loop.time() - 0.05)
        while True:
            answer = await winner.post(f"{path}/signatures", If_Match='"1"')
            if answer.status_code == httpx.codes.CREATED or answer.json()["code"] != "standstill":
                return answer

    *filed, signed = await asyncio.gather(*(complains(*each) for each in enumerate(losers)), signs())
    in_time = [answer.json() for answer in filed if answer.status_code == httpx.codes.CREATED]
    assert all(datetime.fromisoformat(each["filed_at"]) < end for each in in_time)
    assert {answer.json()["code"] for answer in filed if answer.status_code != 201} <= {"complaints-closed"}
    if in_time:
        assert code_of(signed) == (409, "complaint-open")
    else:
        assert signed.status_code == 201
    assert (await winner.read(path))["signed_by"] == ([] if in_time else [winner.id])
