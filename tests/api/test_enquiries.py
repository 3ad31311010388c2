"""Enquiries through the API: who asks is nobody's business, what was asked and answered is everybody's."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx

from adapters.postgres.engine import Database
from domain.actors import OrganizationKind, Role
from domain.enquiries.model import ENQUIRIES_MAX
from tests.api.test_amendments import feed, published
from tests.api.test_complaints import code_of
from tests.api.test_contracts_flow import clicks
from tests.api.test_permissions import signed_in
from tests.api.test_pools import events
from tests.ocds_schema import Check
from tests.world import Json, Member, World, bid, built, tender

QUESTION = {"question": "Which fabric is the shirt of?", "lots": [1]}
ANSWER = {"answer": "Cotton, at least 60 %"}


async def answer(buyer: Member, made: Json) -> Json:
    path = f"/v1/enquiries/{made['id']}"
    return await buyer.step(f"{path}/answer", ANSWER, of=path)


async def test_a_question_is_the_askers_and_the_buyers_until_its_answer_is_everybodys(world: World) -> None:
    buyer, path, _ = await published(world)
    shy, rival = await world.supplier(), await world.supplier()
    auditor = await world.member(OrganizationKind.AUDITOR, (Role.AUDITOR,))
    made = await shy.made(f"{path}/enquiries", QUESTION)
    assert (made["number"], made["own"], made["answer"]) == (1, True, None)
    enquiry = f"/v1/enquiries/{made['id']}"
    for reader, own in ((shy, True), (buyer, False)):
        assert await reader.read(enquiry) == made | {"own": own}
        assert (await reader.read(f"{path}/enquiries"))["items"] == [made | {"own": own}]
    for reader in (rival, auditor, world.public, await world.buyer()):
        assert code_of(await reader.get(enquiry)) == (404, "enquiry-not-found")
        assert (await reader.read(f"{path}/enquiries"))["items"] == []
    answered = await answer(buyer, made)
    assert (answered["answer"], answered["late"], answered["own"]) == (ANSWER["answer"], False, False)
    for reader in (rival, auditor, world.public, buyer):
        assert await reader.read(enquiry) == answered
        told = await reader.get(f"{path}/enquiries")
        assert told.json()["items"] == [answered]
        assert shy.id not in told.text
    assert await shy.read(enquiry) == answered | {"own": True}


async def test_the_feed_tells_the_answer_and_never_the_question(world: World) -> None:
    buyer, path, found = await published(world)
    shy = await world.supplier()
    auditor = await world.member(OrganizationKind.AUDITOR, (Role.AUDITOR,))
    made = await shy.made(f"{path}/enquiries", QUESTION)
    await answer(buyer, made)
    (told,) = await events(auditor, made["id"], "enquiry.answered", 1)
    assert told == {"tender_id": found["id"], "number": 1, "late": False}
    mine = [event for event in await feed(auditor) if event["subject_id"] == made["id"]]
    assert [(event["type"], event["organization_id"]) for event in mine] == [("enquiry.answered", buyer.id)]


async def test_open_data_tell_answered_questions_without_their_author(world: World, flaws: Check) -> None:
    buyer, path, found = await published(world)
    shy = await world.supplier()
    whole = await shy.made(f"{path}/enquiries", {"question": "When?"})
    await shy.made(f"{path}/enquiries", {"question": "Unanswered?"})
    of_lot = await shy.made(f"{path}/enquiries", QUESTION)
    for made in (whole, of_lot):
        await answer(buyer, made)
    package = await world.public.read(f"/v1/ocds/records/ocds-oimaqkz-{found['number']}")
    assert flaws("record-package-schema", package) == []
    compiled = package["records"][0]["compiledRelease"]
    told = compiled["tender"]["enquiries"]
    assert [(each["id"], each.get("relatedLot"), each["answer"]) for each in told] == [
        ("1", None, ANSWER["answer"]),
        ("3", "1", ANSWER["answer"]),
    ]
    assert not any("author" in each for each in told)
    assert shy.bin not in str(package)
    assert package["publishedDate"] >= told[-1]["dateAnswered"]


async def test_questions_at_once_have_numbers_of_their_own_and_one_supplier_asks_so_often(world: World) -> None:
    buyer, path, _ = await published(world)
    suppliers = [await world.supplier() for _ in range(6)]
    made = await asyncio.gather(*(each.made(f"{path}/enquiries", QUESTION) for each in suppliers * 2))
    assert sorted(each["number"] for each in made) == list(range(1, 13))
    eager = suppliers[0]
    tried = await asyncio.gather(*(eager.post(f"{path}/enquiries", QUESTION) for _ in range(ENQUIRIES_MAX)))
    codes = Counter(each.status_code if each.status_code == 201 else each.json()["code"] for each in tried)
    assert codes == {201: ENQUIRIES_MAX - 2, "enquiries-exhausted": 2}
    assert (await suppliers[1].post(f"{path}/enquiries", QUESTION)).status_code == httpx.codes.CREATED
    first = await buyer.read(f"{path}/enquiries", limit="20")
    rest = await buyer.read(f"{path}/enquiries", limit="20", cursor=first["next"])
    numbers = [each["number"] for each in (*first["items"], *rest["items"])]
    assert numbers == list(range(1, 12 + ENQUIRIES_MAX - 2 + 2))
    assert len((await suppliers[1].read(f"{path}/enquiries"))["items"]) == 3


async def test_questions_are_taken_while_bids_are_not_yet(world: World) -> None:
    buyer, supplier = await world.buyer(), await world.supplier()
    draft = await buyer.made("/v1/tenders", tender())
    path = f"/v1/tenders/{draft['id']}"
    now = datetime.now(UTC)
    opens_at, closes_at = ((now + timedelta(hours=hours)).isoformat().replace("+00:00", "Z") for hours in (1, 2))
    await buyer.step(f"{path}/publication", {"opens_at": opens_at, "closes_at": closes_at}, of=path)
    assert code_of(await supplier.post(f"{path}/bids", bid())) == (409, "bidding-closed")
    assert (await supplier.post(f"{path}/enquiries", QUESTION)).status_code == httpx.codes.CREATED


async def test_questions_end_before_answers_and_both_with_the_deadline(database: Database) -> None:
    async with built(database, questions_close_before="PT2S", answer_period="PT1S") as world:
        buyer, path, found = await published(world, seconds=3.5)
        supplier = await world.supplier()
        made = await supplier.made(f"{path}/enquiries", QUESTION)
        open_still = await supplier.made(f"{path}/enquiries", QUESTION)
        await asyncio.sleep(1.6)
        assert code_of(await supplier.post(f"{path}/enquiries", QUESTION)) == (409, "enquiries-closed")
        answered = await answer(buyer, made)
        assert (answered["late"], answered["answer"]) == (True, ANSWER["answer"])
        await world.opened(found)
        late = await buyer.post(f"/v1/enquiries/{open_still['id']}/answer", ANSWER, If_Match='"1"')
        assert code_of(late) == (409, "enquiries-closed")
        assert [each["number"] for each in (await world.public.read(f"{path}/enquiries"))["items"]] == [1]


async def test_who_may_not_ask_or_answer_is_refused(world: World) -> None:
    buyer, path, _ = await published(world)
    supplier, stranger = await world.supplier(), await world.buyer()
    made = await supplier.made(f"{path}/enquiries", QUESTION)
    enquiry = f"/v1/enquiries/{made['id']}"
    assert code_of(await stranger.post(f"{enquiry}/answer", ANSWER, If_Match='"1"')) == (404, "enquiry-not-found")
    for other in (supplier, await world.member(OrganizationKind.BUYER, (Role.APPROVER,))):
        assert code_of(await other.post(f"{enquiry}/answer", ANSWER, If_Match='"1"')) == (403, "not-permitted")
    assert code_of(await buyer.post(f"{path}/enquiries", QUESTION)) == (403, "not-permitted")
    unconfirmed = await signed_in(world, "supplier")
    assert code_of(await unconfirmed.post(f"{path}/enquiries", QUESTION)) == (403, "organization-not-confirmed")
    assert code_of(await buyer.post(f"{enquiry}/answer", ANSWER)) == (428, "precondition-required")
    assert await clicks(buyer, f"{enquiry}/answer", ANSWER, If_Match='"1"') == {"created": 1, "stale-version": 3}
    assert code_of(await buyer.post(f"{enquiry}/answer", ANSWER, If_Match='"2"')) == (409, "step-not-allowed")
    for lots in ([2], [1, 1]):
        refused = await supplier.post(f"{path}/enquiries", QUESTION | {"lots": lots})
        assert (code_of(refused), refused.json()["errors"][0]["pointer"]) == ((422, "enquiry-refused"), "/lots")
    assert code_of(await supplier.post(f"{path}/enquiries", {"question": "x" * 2001})) == (422, "invalid-request")
    draft = await buyer.made("/v1/tenders", tender())
    for refused in (
        await supplier.post(f"/v1/tenders/{draft['id']}/enquiries", QUESTION),
        await world.public.get(f"/v1/tenders/{draft['id']}/enquiries"),
    ):
        assert code_of(refused) == (404, "tender-not-found")
    cancellation = {"reason": "budget_cut", "explanation": "The budget was cut"}
    await buyer.step(f"{path}/cancellation", cancellation, of=path)
    assert code_of(await supplier.post(f"{path}/enquiries", QUESTION)) == (409, "enquiries-closed")
