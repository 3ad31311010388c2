"""Before the opening no answer to anything that others may ask or try tells whether there are bids.

The table of routes is read in ``test_market``; here are the things that one has to do, and those who look closely.
"""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.actors import OrganizationKind
from tests.documents import PDF
from tests.world import Json, Member, World, agreement, bid, tender

Trial = Callable[[World, Member, Member, str], Coroutine[Any, Any, httpx.Response]]


async def cancels(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    body = {"reason": "budget_cut", "explanation": "The budget was cut"}
    return await buyer.post(f"{path}/cancellation", body, If_Match='"2"')


async def opens_early(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    return await buyer.post(f"{path}/opening")


async def evaluates_early(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    return await buyer.post(f"{path}/evaluation")


async def awards_early(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    return await buyer.post(f"{path}/award", If_Match='"2"')


async def makes_a_scenario_early(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    return await buyer.post(f"{path}/scenarios", {"title": "Early"})


async def chooses_a_scenario_early(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    return await buyer.post(f"{path}/scenario-choice", {"scenario_id": None, "reason": "Early"}, If_Match='"2"')


async def publishes_again(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    closes_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    return await buyer.post(f"{path}/publication", {"closes_at": closes_at}, If_Match='"2"')


async def asks_for_a_verdict(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    return await outsider.post("/v1/verdicts", {"tender_id": path.rsplit("/", 1)[1], "lot": 1})


async def bids_too_high(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    return await outsider.post(f"{path}/bids", bid("3600.01"))


async def bids_well(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    return await outsider.post(f"{path}/bids", bid("3500.00"))


async def complains_about_documents(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    body = {"stage": "documents", "objection": "The sizes fit nobody", "remedy": "amend_documents"}
    return await outsider.post(f"{path}/complaints", body)


async def complains_about_results(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    body = {"stage": "results", "objection": "Wrong", "remedy": "annul_award"}
    return await outsider.post(f"{path}/complaints", body)


async def asks_a_question(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    return await outsider.post(f"{path}/enquiries", {"question": "Which fabric?", "lots": [1]})


async def amends(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    body = tender(price="3500.00")
    body = {"title": body["title"], "lots": body["lots"], "reason": "The price was wrong"}
    return await buyer.post(f"{path}/amendments", body, If_Match='"2"')


async def amends_and_reads(world: World, buyer: Member, outsider: Member, path: str) -> httpx.Response:
    await amends(world, buyer, outsider, path)
    (told,) = (await world.public.read(f"{path}/amendments"))["items"]
    dates = {"/closes_at", "/opens_at"}
    rest = [change for change in told["changes"] if change["path"] not in dates]
    return httpx.Response(200, json={"changes": rest, "terms": told["terms_after"]})


async def extends(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    closes_at = (datetime.now(UTC) + timedelta(hours=9)).isoformat().replace("+00:00", "Z")
    return await buyer.post(f"{path}/extension", {"closes_at": closes_at, "reason": "More time"}, If_Match='"2"')


async def confirms(world: World, buyer: Member, outsider: Member, path: str) -> httpx.Response:
    made = await outsider.made(f"{path}/bids", bid())
    await amends(world, buyer, outsider, path)
    return await outsider.post(f"/v1/bids/{made['id']}/confirmation", agreement(made), If_Match='"1"')


async def cancels_after_an_amendment(world: World, buyer: Member, outsider: Member, path: str) -> httpx.Response:
    await amends(world, buyer, outsider, path)
    body = {"reason": "budget_cut", "explanation": "The budget was cut"}
    return await buyer.post(f"{path}/cancellation", body, If_Match='"3"')


async def gives_up_early(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    return await buyer.post(f"{path}/failure", If_Match='"2"')


async def follows_up_early(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    return await buyer.post(f"{path}/follow-up")


async def checks_a_price(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    return await outsider.get(f"{path}/price-check", lot="1", price="330000.00")


async def checks_the_year(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    return await buyer.get(f"{path}/threshold-check")


async def watches(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    return await outsider.post(f"{path}/watch")


async def stops_watching(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    await outsider.post(f"{path}/watch")
    await outsider.delete(f"{path}/watch")
    return await outsider.post(f"{path}/watch")


async def uploads_a_document(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    return await outsider.upload(f"{path}/documents", PDF)


async def names_another_document(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    document = {"id": str(uuid4()), "name": "a.pdf", "sha256": "0a" * 32}
    return await outsider.post(f"{path}/bids", bid() | {"documents": [document]})


async def agrees_to_a_leader(world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    leader = await world.supplier()
    answer = await outsider.post(f"{path}/consortium-consents", {"leader_bin": leader.bin})
    listed = await outsider.read(f"{path}/consortium-consents")
    return httpx.Response(answer.status_code, json={"status": answer.json()["status"], "found": len(listed["items"])})


async def bids_with_others_who_have_not_agreed(
    world: World, _buyer: Member, outsider: Member, path: str
) -> httpx.Response:
    share = bid()["lots"]
    members = [{"organization_id": (await world.supplier()).id, "lots": share}]
    return await outsider.post(f"{path}/bids", bid() | {"combination": {"members": members}})


async def takes_a_template(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    answer = await outsider.get(f"{path}/bid-sheet")
    return httpx.Response(answer.status_code, json={"size": len(answer.content)})


async def appoints_a_committee(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    people = []
    for _ in range(3):
        body = {"email": f"{uuid4()}@world.example", "name": "Member", "password": "p" * 12, "roles": ["receiver"]}
        people.append((await buyer.made("/v1/members", body))["person_id"])
    answer = await buyer.post(f"{path}/committee", {"members": people})
    return httpx.Response(answer.status_code, json={"states": [each["state"] for each in answer.json()["members"]]})


async def declares_no_conflict_early(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    return await buyer.post(f"{path}/committee/declarations", {"conflict": False})


async def scores_early(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    score = {"criterion": 1, "points": 1, "comment": "Good"}
    return await buyer.post(f"{path}/scores", {"bid_id": str(uuid4()), "scores": [score]})


async def asks_for_papers_early(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    asked = {"bid_id": str(uuid4()), "papers": [{"kind": "charter", "name": "Charter"}]}
    return await buyer.post(f"{path}/paper-requests", asked)


async def reads_papers_and_scores_early(_world: World, buyer: Member, outsider: Member, path: str) -> httpx.Response:
    answers = [await each.get(f"{path}/{what}") for each in (buyer, outsider) for what in ("paper-requests", "scores")]
    return httpx.Response(200, json={"told": [(each.status_code, each.json().get("items")) for each in answers]})


async def asks_for_a_letter(_world: World, _buyer: Member, outsider: Member, path: str) -> httpx.Response:
    return await outsider.get(f"{path}/letter")


async def lists_letters(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    return await buyer.get(f"{path}/letters")


async def asks_for_a_conflict(_world: World, buyer: Member, _outsider: Member, path: str) -> httpx.Response:
    return await buyer.get(f"{path}/lots/1/conflict")


TRIALS = (
    agrees_to_a_leader,
    bids_with_others_who_have_not_agreed,
    takes_a_template,
    appoints_a_committee,
    declares_no_conflict_early,
    scores_early,
    asks_for_papers_early,
    reads_papers_and_scores_early,
    asks_for_a_letter,
    lists_letters,
    asks_for_a_conflict,
    uploads_a_document,
    names_another_document,
    watches,
    stops_watching,
    cancels,
    opens_early,
    evaluates_early,
    awards_early,
    makes_a_scenario_early,
    chooses_a_scenario_early,
    publishes_again,
    asks_for_a_verdict,
    bids_too_high,
    bids_well,
    complains_about_documents,
    complains_about_results,
    asks_a_question,
    amends,
    amends_and_reads,
    extends,
    confirms,
    cancels_after_an_amendment,
    gives_up_early,
    follows_up_early,
    checks_a_price,
    checks_the_year,
)
UNIQUE = frozenset(
    {"id", "instance", "number", "tender_id", "organization_id", "buyer_id", "evidence", "rules", "detail"}
    | {"judged_at", "received_at", "drafted_at", "published_at", "opens_at", "closes_at", "uploaded_at"}
    | {"filed_at", "decide_by", "asked_at", "answer_by"}
    | {"filed_at", "decide_by", "since"}
    | {"sealing_key", "public_key", "commitment", "ciphertext_sha256", "copy", "nonce", "receipt"}
)
"""Differ between any two tenders, bidders or moments; ``detail`` tells the deadline, which is the tender's own."""


@pytest.mark.parametrize("trial", TRIALS)
async def test_nothing_that_others_try_is_answered_otherwise_because_of_bids(world: World, trial: Trial) -> None:
    seen = []
    for bids in (0, 2):
        buyer = await world.buyer()
        path = f"/v1/tenders/{(await world.published(buyer))['id']}"
        for _ in range(bids):
            bidder = await world.supplier()
            await bidder.upload(f"{path}/documents", PDF)
            await (await world.supplier()).made(f"{path}/consortium-consents", {"leader_bin": bidder.bin})
            await bidder.made(f"{path}/bids", bid())
        answer = await trial(world, buyer, await world.supplier(), path)
        seen.append((answer.status_code, answer.headers.get("ETag"), steady(answer)))
    assert seen[0] == seen[1]


def steady(answer: httpx.Response) -> Json:
    told = answer.json()
    rules = [(rule["rule"], rule["result"], rule["passes"]) for rule in told.get("rules", [])]
    return {name: value for name, value in told.items() if name not in UNIQUE} | {"rules": rules}


async def test_a_foreign_bid_is_not_told_from_a_random_id_by_reading_or_writing(world: World) -> None:
    buyer, rival = await world.buyer(), await world.supplier()
    auditor = await world.member(OrganizationKind.AUDITOR)
    published = await world.published(buyer)
    made = await (await world.supplier()).made(f"/v1/tenders/{published['id']}/bids", bid())

    async def tried(id: str) -> list[tuple[int, str]]:
        answers = [await reader.get(f"/v1/bids/{id}") for reader in (buyer, rival, auditor)]
        answers += [await rival.post(f"/v1/bids/{id}/replacement", bid(), If_Match='"1"')]
        answers += [await rival.post(f"/v1/bids/{id}/confirmation", agreement(made, terms=1), If_Match='"1"')]
        answers += [await rival.post(f"/v1/bids/{id}/withdrawal", If_Match=f'"{version}"') for version in (1, 9)]
        return [(answer.status_code, answer.json()["detail"]) for answer in answers]

    found = await tried(made["id"])
    assert found == await tried(str(uuid4()))
    assert {status for status, _ in found} == {404}


async def test_an_affiliate_of_a_bidder_learns_nothing_by_asking(world: World) -> None:
    """Shared contact data are looked at after the opening; before it they would tell of the other's bid."""
    published = await world.published(await world.buyer())
    bidder, asking = await world.supplier(), await world.supplier()
    question = {"tender_id": published["id"], "lot": 1}
    before = await asking.made("/v1/verdicts", question)
    await bidder.made(f"/v1/tenders/{published['id']}/bids", bid())
    after = await asking.made("/v1/verdicts", question)
    told = [(rule["rule"], rule["result"], rule["data"]) for rule in after["rules"]]
    assert told == [(rule["rule"], rule["result"], rule["data"]) for rule in before["rules"]]
    affiliation = [result for name, result, _ in told if name == "not_affiliated"]
    assert affiliation != ["failed"]


async def test_a_refused_bid_leaves_no_trace_that_others_see(world: World) -> None:
    published = await world.published(await world.buyer())
    path = f"/v1/tenders/{published['id']}"
    before = (await world.public.get(path)).content
    reseller = await world.supplier(codes=())
    assert (await reseller.post(f"{path}/bids", bid())).status_code == httpx.codes.FORBIDDEN
    assert (await world.public.get(path)).content == before
    auditor = await world.member(OrganizationKind.AUDITOR)
    told = (await auditor.get("/v1/events", limit="100")).text
    assert "verdict." not in told
    assert "bid." not in told
