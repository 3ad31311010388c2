"""What follows a tender that comes to nothing: the same purchase once more, by the method of the package, once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.postgres.engine import Database
from domain.actors import OrganizationKind, Role
from domain.procedures.catalogue import Procedures
from tests.api.test_complaints import DOCUMENTS, decide, reviewer_of
from tests.api.test_contracts_flow import clicks
from tests.api.test_market import code_of
from tests.api.test_pools import drafted, events, publication
from tests.world import CONFIGURATION, PACKAGES, Json, Member, World, bid, built, tender

SHORT = {"bid_period_min": "PT1S", "repeat_bid_period_min": "PT1S"}
CANCELLATION = {"reason": "plan_changed", "explanation": "Another plan"}


@pytest.fixture
async def swift(database: Database) -> AsyncIterator[World]:
    """A world whose repeated tenders are as short as the first ones."""
    values = CONFIGURATION | dict.fromkeys(("samruk-category", "private", "among-producers"), SHORT)
    async with built(database, procedures=Procedures(PACKAGES, values)) as world:
        yield world


async def failed(world: World, buyer: Member, **more: Any) -> str:
    """The path of a tender that nobody bid on."""
    published = await world.published(buyer, seconds=2.5, **more)
    seen = await world.opened(published)
    assert (seen["status"], seen["reason"]) == ("failed", "no_bids")
    return f"/v1/tenders/{published['id']}"


async def run(world: World, buyer: Member, path: str) -> Json:
    """Publish a draft and wait for its deadline."""
    answer = await publication(buyer, path, seconds=2.5)
    assert answer.status_code == 201, answer.text
    return await world.opened(answer.json())


def path_of(tender: Json) -> str:
    return f"/v1/tenders/{tender['id']}"


def due_days(tender: Json) -> list[str]:
    return [place["due_on"] for lot in tender["lots"] for place in lot["places"]]


def without_days(tender: Json) -> list[Json]:
    return [lot | {"lot": 0, "places": [place | {"due_on": ""} for place in lot["places"]]} for lot in tender["lots"]]


async def test_a_closed_tender_without_bids_is_repeated_once_opened_to_all(swift: World) -> None:
    buyer, reseller = await swift.buyer(), await swift.supplier(codes=())
    path = await failed(swift, buyer)
    before = await buyer.read(path)
    draft = await buyer.made(f"{path}/follow-up", {"postponed_days": 12})
    assert (draft["follows"], draft["attempt"], draft["status"]) == (before["id"], 2, "draft")
    assert (before["procedure"]["method"], draft["procedure"]["method"]) == ("producers_tender", "open_tender")
    assert (draft["title"], draft["allocated"]) == (before["title"], before["allocated"])
    assert without_days(draft) == without_days(before)
    assert (set(due_days(before)), set(due_days(draft))) == ({"2027-08-20"}, {"2027-09-01"})
    published = (await publication(buyer, path_of(draft), seconds=2.5)).json()
    assert (await swift.public.read(f"{path}/follow-up"))["id"] == draft["id"]
    probe = await reseller.made("/v1/verdicts", {"tender_id": draft["id"], "lot": 1})
    assert probe["eligible"], "opened to all: no evidence is asked"
    assert (await swift.opened(published))["reason"] == "no_bids"
    assert code_of(await buyer.post(f"{path}/follow-up")) == (409, "already-followed")
    spent = await buyer.post(f"{path_of(draft)}/follow-up")
    assert code_of(spent) == (409, "attempts-spent")
    assert spent.json()["facts"] == {"attempts_max": 2}
    await _told(swift, before, draft)


async def _told(world: World, before: Json, draft: Json) -> None:
    record = await world.public.read(f"/v1/ocds/records/ocds-oimaqkz-{draft['number']}")
    (prior,) = record["records"][0]["compiledRelease"]["relatedProcesses"]
    assert (prior["relationship"], prior["identifier"]) == (["prior"], f"ocds-oimaqkz-{before['number']}")
    auditor = await world.member(OrganizationKind.AUDITOR, (Role.AUDITOR,))
    (told,) = await events(auditor, draft["id"], "tender.follow_up_drafted", 1)
    assert (told["follows"], told["lots"], told["method"], told["attempt"]) == (before["id"], [1], "open_tender", 2)


async def test_a_follow_up_is_fixed_seen_by_its_buyer_and_drafted_anew_only_after_its_cancellation(
    swift: World,
) -> None:
    buyer, stranger = await swift.buyer(), await swift.buyer()
    path = await failed(swift, buyer)
    told = await clicks(buyer, f"{path}/follow-up")
    assert told == {"created": 1, "already-followed": 3}
    draft = await buyer.read(f"{path}/follow-up")
    for other in (stranger, swift.public):
        assert code_of(await other.get(f"{path}/follow-up")) == (404, "tender-not-found")
    assert code_of(await stranger.post(f"{path}/follow-up")) == (404, "tender-not-found")
    assert code_of(await (await swift.supplier()).post(f"{path}/follow-up")) == (403, "not-permitted")
    assert code_of(await buyer.put(path_of(draft), tender(), If_Match='"1"')) == (409, "follow-up-fixed")
    await buyer.step(f"{path_of(draft)}/cancellation", CANCELLATION, of=path_of(draft))
    again = await buyer.made(f"{path}/follow-up")
    assert (again["follows"], again["attempt"]) == (draft["follows"], 2)
    published = (await publication(buyer, path_of(again))).json()
    await buyer.step(f"{path_of(published)}/cancellation", CANCELLATION, of=path_of(published))
    assert code_of(await buyer.post(f"{path}/follow-up")) == (409, "already-followed"), "that was the attempt"
    assert code_of(await buyer.post(f"{path_of(again)}/follow-up")) == (409, "tender-not-failed")


async def test_a_follow_up_is_published_by_the_periods_of_a_repeat_and_the_buyers_values_of_that_day(
    world: World,
) -> None:
    buyer = await world.buyer()
    path = await failed(world, buyer, procedure="private")
    draft = await buyer.made(f"{path}/follow-up")
    refused = await publication(buyer, path_of(draft))
    assert code_of(refused) == (422, "timeline-refused")
    assert refused.json()["errors"][0]["rule"] == "repeat_bid_period_min"
    values = {"values": {"repeat_bid_period_min": "PT30M"}}
    assert (await buyer.put("/v1/procedures/private/settings", values, If_Match='"0"')).status_code == 200
    published = await publication(buyer, path_of(draft))
    assert published.status_code == 201, published.text
    assert published.json()["procedure"]["parameters"]["repeat_bid_period_min"] == "PT30M"


async def test_a_quotation_with_one_offer_leads_to_its_supplier(world: World) -> None:
    await world.lists()
    buyer, supplier, other = await world.buyer(), await world.supplier(), await world.supplier()
    published = await world.published(buyer, seconds=2.5, procedure="quick-quotation", price="3400.00")
    path = path_of(published)
    await supplier.made(f"{path}/bids", bid("3300.00"))
    await world.opened(published)
    evaluation = await buyer.made(f"{path}/evaluation")
    assert evaluation["admissions"][0]["admitted"]
    assert (evaluation["results"], evaluation["failures"]) == ({"1": "failed"}, {"1": "too_few_bids"})
    assert evaluation["shares"] == []
    seen = await world.public.read(path)
    assert (seen["status"], seen["reason"]) == ("failed", "too_few_bids")
    refused = await buyer.post(f"{path}/follow-up", {"invited": other.id})
    assert code_of(refused) == (422, "invitation-refused")
    draft = await buyer.made(f"{path}/follow-up")
    assert (draft["procedure"]["method"], draft["ground"], draft["invited"]) == (
        "single_source",
        "failed_quotation",
        supplier.id,
    )
    assert (await publication(buyer, path_of(draft))).status_code == 201
    assert (await world.public.read(path_of(draft)))["invited"] == supplier.id
    record = await world.public.read(f"/v1/ocds/records/ocds-oimaqkz-{draft['number']}")
    assert record["records"][0]["compiledRelease"]["tender"]["procurementMethod"] == "direct"


async def test_lots_that_were_not_filled_are_given_up_by_the_approver(swift: World) -> None:
    await swift.lists()
    buyer, supplier = await swift.buyer(), await swift.supplier()
    officer = await swift.member(OrganizationKind.BUYER, (Role.OFFICER,))
    published = await swift.published(buyer, seconds=2.5)
    path = path_of(published)
    await supplier.made(f"{path}/bids", bid(pieces_max=60))
    assert code_of(await buyer.post(f"{path}/failure", If_Match='"2"')) == (409, "step-not-allowed")
    await swift.opened(published)
    evaluation = await buyer.made(f"{path}/evaluation")
    assert (evaluation["results"], evaluation["failures"]) == ({"1": "not_filled"}, {"1": "not_filled"})
    assert code_of(await buyer.post(f"{path}/follow-up")) == (409, "tender-not-failed")
    await buyer.made(f"{path}/evaluation")
    etag = (await buyer.get(path)).headers["ETag"]
    assert code_of(await officer.post(f"{path}/failure", If_Match=etag)) == (403, "not-permitted")
    stranger = await swift.buyer()
    assert code_of(await stranger.post(f"{path}/failure", If_Match=etag)) == (404, "tender-not-found")
    assert await clicks(buyer, f"{path}/failure", If_Match=etag) == {"created": 1, "stale-version": 3}
    assert (await buyer.read(path))["reason"] == "not_filled"
    assert code_of(await buyer.post(f"{path}/follow-up")) == (409, "no-follow-up"), "the package names nothing"


async def test_a_tender_with_a_lot_to_award_is_not_given_up(swift: World) -> None:
    await swift.lists()
    buyer, supplier = await swift.buyer(), await swift.supplier()
    published = await swift.published(buyer, seconds=2.5)
    path = path_of(published)
    await supplier.made(f"{path}/bids", bid())
    await swift.opened(published)
    await buyer.made(f"{path}/evaluation")
    refused = await buyer.post(f"{path}/failure", If_Match=(await buyer.get(path)).headers["ETag"])
    assert code_of(refused) == (409, "lot-to-award")


async def test_the_failed_lot_of_an_awarded_tender_is_repeated_when_the_award_is_settled(swift: World) -> None:
    await swift.lists()
    buyer, supplier = await swift.buyer(), await swift.supplier()
    body = tender(procedure="among-producers")
    body["lots"] += tender(pieces=40, price="2000.00")["lots"]
    draft = await buyer.made("/v1/tenders", body)
    published = (await publication(buyer, path_of(draft), seconds=2.5)).json()
    path = path_of(published)
    await supplier.made(f"{path}/bids", bid())
    await swift.opened(published)
    evaluation = await buyer.made(f"{path}/evaluation")
    assert (evaluation["results"], evaluation["failures"]) == (
        {"1": "awarded", "2": "no_admitted_bids"},
        {"2": "no_bids"},
    )
    (contract,) = (await buyer.step(f"{path}/award", of=path))["contracts"]
    early = await buyer.post(f"{path}/follow-up")
    assert code_of(early) == (409, "tender-not-failed")
    assert early.json()["facts"] == {"contract": contract["number"]}
    for side in (supplier, buyer):
        await side.step(f"/v1/contracts/{contract['id']}/signatures", of=f"/v1/contracts/{contract['id']}")
    followed = await buyer.made(f"{path}/follow-up")
    assert ([lot["lot"] for lot in followed["lots"]], followed["allocated"]) == ([1], "80000.00")
    assert without_days(followed) == without_days(published)[1:]


async def test_a_complaint_about_the_documents_is_decided_and_followed_before_they_are_used_again(
    swift: World,
) -> None:
    reviewer = await reviewer_of(swift)
    for outcome, code in (("rejected", None), ("upheld", (409, "decision-not-followed"))):
        buyer, supplier = await swift.buyer(), await swift.supplier()
        published = await swift.published(buyer, seconds=2.5, procedure="among-producers")
        path = path_of(published)
        complaint = await supplier.made(f"{path}/complaints", DOCUMENTS)
        await swift.opened(published)
        assert code_of(await buyer.post(f"{path}/follow-up")) == (409, "complaint-open")
        await decide(reviewer, complaint, {"outcome": outcome, "decision": "So it is"})
        answer = await buyer.post(f"{path}/follow-up")
        if code is None:
            assert answer.status_code == 201, answer.text
        else:
            assert code_of(answer) == code


async def test_who_bid_on_a_tender_that_failed_learns_why(world: World) -> None:
    await world.lists()
    buyer, supplier = await world.buyer(), await world.supplier()
    published = await world.published(buyer, seconds=2.5, procedure="quick-quotation", price="3400.00")
    path = path_of(published)
    await supplier.made(f"{path}/bids", bid("3300.00"))
    await world.opened(published)
    assert (await supplier.get(f"{path}/evaluation")).status_code == 404
    await buyer.made(f"{path}/evaluation")
    assert (await supplier.read(f"{path}/evaluation"))["failures"] == {"1": "too_few_bids"}
    assert (await (await world.supplier()).get(f"{path}/evaluation")).status_code == 404


async def test_a_pool_goes_over_to_the_follow_up_when_it_is_published(swift: World) -> None:
    organizer, member, pool, path = await drafted(swift)
    await run(swift, organizer, path)
    draft = await organizer.made(f"{path}/follow-up")
    assert draft["lots"] == (await organizer.read(path))["lots"]
    assert (await organizer.read(pool))["tender_id"] == path.rsplit("/", 1)[1]
    assert (await publication(organizer, path_of(draft))).status_code == 201
    seen = await member.read(pool)
    assert (seen["status"], seen["tender_id"]) == ("tendered", draft["id"])
    etag = (await organizer.get(pool)).headers["ETag"]
    assert code_of(await organizer.post(f"{pool}/dissolution", If_Match=etag)) == (409, "step-not-allowed")


async def test_a_pool_that_was_dissolved_is_not_bought_for_by_a_follow_up(swift: World) -> None:
    """Its needs may be in another pool by then."""
    organizer, _, pool, path = await drafted(swift)
    await run(swift, organizer, path)
    draft = await organizer.made(f"{path}/follow-up")
    await organizer.step(f"{pool}/dissolution", of=pool)
    assert code_of(await publication(organizer, path_of(draft))) == (409, "pool-published")
    await organizer.step(f"{path_of(draft)}/cancellation", CANCELLATION, of=path_of(draft))
    assert code_of(await organizer.post(f"{path}/follow-up")) == (409, "pool-published")


async def test_a_single_source_names_its_ground_and_one_supplier_and_nobody_else_does(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    single = tender() | {"method": "single_source", "ground": "sole_producer", "invited": supplier.id}
    for body, code, pointer in (
        (single | {"ground": None}, "ground-refused", "/ground"),
        (single | {"ground": "own_rules"}, "ground-refused", "/ground"),
        (single | {"invited": None}, "invitation-refused", "/invited"),
        (single | {"invited": buyer.id}, "invitation-refused", "/invited"),
        (single | {"invited": "8f14e45f-ceea-467f-a8f0-000000000001"}, "invitation-refused", "/invited"),
        (tender() | {"ground": "sole_producer"}, "ground-refused", "/ground"),
        (tender() | {"invited": supplier.id}, "invitation-refused", "/invited"),
    ):
        refused = await buyer.post("/v1/tenders", body)
        assert (code_of(refused), refused.json()["errors"][0]["pointer"]) == ((422, code), pointer)
    draft = await buyer.made("/v1/tenders", single)
    assert (draft["ground"], draft["invited"]) == ("sole_producer", supplier.id)
    assert code_of(await buyer.put(path_of(draft), single | {"ground": "x"}, If_Match='"1"')) == (422, "ground-refused")
    revised = await buyer.put(path_of(draft), tender(), If_Match='"1"')
    assert (revised.json()["ground"], revised.json()["invited"]) == (None, None)
