"""Committees and papers through the API: who is appointed, who declares, who scores, who reads what and when."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import count
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from adapters.identifiers import uuid7
from adapters.postgres.engine import Database
from adapters.postgres.work import Transactions
from domain.actors import Actor, OrganizationKind, Role
from domain.awards.model import admit
from domain.calendar import legal_day
from domain.evaluating.assessing import Assessment, assess
from domain.evaluating.refusals import MemberRecused, PapersAwaited, ScoresMissing
from domain.ids import BidId, OrganizationId, PersonId, TenderId
from domain.money import Money
from domain.organizations.facts import Stage
from domain.organizations.producing import reach
from tests.world import KEYRING, Json, Member, World, bid, built, tender

CRITERIA = [{"name": "Fabric", "weight": "4.00", "scale": 10}, {"name": "Seams", "weight": "2.00", "scale": 5}]
CLEAR = {"conflict": False}
SECONDS = 4.0
"""For two bids, on a busy machine."""
_NUMBERS = count(1)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A member of a buyer, and the client that speaks for him."""

    id: str
    client: Member
    name: str


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An opened tender with criteria, a committee of three, and two bids."""

    buyer: Member
    people: tuple[Person, ...]
    bidders: tuple[Member, Member]
    path: str
    bids: tuple[str, str]

    def scores(self, bid: int, fabric: int, seams: int, **more: str) -> Json:
        points = [{"criterion": 1, "points": fabric, "comment": "Cloth"}]
        points.append({"criterion": 2, "points": seams, "comment": "Stitches"})
        return {"bid_id": self.bids[bid], "scores": points} | more


@pytest.fixture
async def judging(database: Database) -> AsyncIterator[World]:
    """A world in which papers are completed within seconds, by a package that draws lots."""
    async with built(
        database,
        completion_period="PT3S",
        tie_breaks="fewer_contracts small_workshop local_content public_lot",
        standstill_period="PT1S",
    ) as world:
        yield world


async def person(world: World, buyer: Member, role: Role = Role.RECEIVER) -> Person:
    number = next(_NUMBERS)
    email, name = f"committee{number}@world.example", f"Committee Member {number}"
    body = {"email": email, "name": name, "password": "p" * 12, "roles": [str(role)]}
    made = await buyer.made("/v1/members", body)
    issued = await world.application.signing_in.sign_in(email=email, password="p" * 12)
    return Person(id=made["person_id"], client=Member(world.http, issued.token, buyer.id, buyer.bin), name=name)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def draft(buyer: Member) -> str:
    body = tender(procedure="among-producers") | {"criteria": CRITERIA}
    return f"/v1/tenders/{(await buyer.made('/v1/tenders', body))['id']}"


async def publish(buyer: Member, path: str) -> httpx.Response:
    closes_at = datetime.fromtimestamp(datetime.now(UTC).timestamp() + SECONDS, UTC).isoformat().replace("+00:00", "Z")
    etag = (await buyer.get(path)).headers["ETag"]
    return await buyer.post(f"{path}/publication", {"closes_at": closes_at}, If_Match=etag)


async def opened(world: World) -> Scene:
    buyer = await world.buyer()
    people = tuple([await person(world, buyer) for _ in range(3)])
    path = await draft(buyer)
    await buyer.made(f"{path}/committee", {"members": [each.id for each in people]})
    cheap, dear = await world.supplier(), await world.supplier()
    assert (await publish(buyer, path)).status_code == httpx.codes.CREATED
    for bidder, price in ((cheap, "3000.00"), (dear, "3100.00")):
        await bidder.made(f"{path}/bids", bid(price))
    await world.opened({"id": path.rsplit("/", 1)[1]})
    found = {each["bidder_id"]: each["id"] for each in (await world.public.read(f"{path}/bids"))["items"]}
    return Scene(buyer=buyer, people=people, bidders=(cheap, dear), path=path, bids=(found[cheap.id], found[dear.id]))


async def assessed(world: World, scene: Scene, by: str | None = None) -> Assessment:
    """What an evaluation would go on with, asked for by this person."""
    tender_id = TenderId(UUID(scene.path.rsplit("/", 1)[1]))
    actor = Actor(
        person_id=PersonId(UUID(by) if by else uuid4()),
        organization_id=OrganizationId(UUID(scene.buyer.id)),
        kind=OrganizationKind.BUYER,
        roles=frozenset({Role.OFFICER}),
    )
    async with Transactions(world.database.engine.begin, KEYRING.answers)() as work:
        found, at = await work.tenders.lock(tender_id), await work.now()
        bids = await work.bids.of_tender(tender_id)
        verdicts = {}
        for each in bids:
            lot = found.lots[0]
            verdicts[each.id, each.bidder_id, 1] = await reach(
                work,
                supplier_id=each.bidder_id,
                tender=found,
                lot=lot,
                pieces=each.offers[0].pieces(lot),
                stage=Stage.AWARD,
                at=at,
                new_id=uuid7,
            )
        admissions = [admit(found, each, verdicts[each.id, each.bidder_id, 1]) for each in bids]
        return await assess(work, found, bids, admissions, verdicts, by=actor, at=at)


async def everybody_scores(scene: Scene) -> None:
    for member in scene.people:
        await member.client.made(f"{scene.path}/committee/declarations", CLEAR)
        await member.client.made(f"{scene.path}/scores", scene.scores(0, 5, 5))
        await member.client.made(f"{scene.path}/scores", scene.scores(1, 10, 5))


async def test_a_tender_with_criteria_is_published_with_its_committee(world: World) -> None:
    buyer, other = await world.buyer(), await world.buyer()
    people = [await person(world, buyer) for _ in range(4)]
    stranger, idle = await person(world, other), await person(world, buyer, Role.ADMINISTRATOR)
    path = await draft(buyer)
    assert (await buyer.read(path))["criteria"][1] == {"number": 2} | CRITERIA[1]
    assert code_of(await publish(buyer, path)) == (409, "committee-missing")
    for members, pointer in (
        (people[:2], "/members"),
        (people[:1], "/members"),
        ([*people[:2], stranger], "/members/2"),
        ([*people[:2], idle], "/members/2"),
    ):
        refused = await buyer.post(f"{path}/committee", {"members": [each.id for each in members]})
        assert code_of(refused) == (422, "committee-refused")
        assert refused.json()["errors"][0]["pointer"] == pointer
    three = {"members": [each.id for each in people[:3]]}
    assert code_of(await other.post(f"{path}/committee", three)) == (404, "tender-not-found")
    assert code_of(await people[0].client.post(f"{path}/committee", three)) == (403, "not-permitted")
    await buyer.made(f"{path}/committee", three)
    assert code_of(await buyer.post(f"{path}/committee", three)) == (409, "committee-already-appointed")
    others = {"members": [each.id for each in people[1:]]}
    assert code_of(await buyer.put(f"{path}/committee", others, If_Match='"9"')) == (412, "stale-version")
    anew = await buyer.put(f"{path}/committee", others, If_Match='"1"')
    assert (anew.status_code, anew.headers["ETag"]) == (200, '"2"')
    assert (await publish(buyer, path)).status_code == httpx.codes.CREATED
    for reader in (await world.supplier(), other):
        assert code_of(await reader.get(f"{path}/committee")) == (404, "committee-not-found")
        assert code_of(await reader.get(f"{path}/scores")) == (404, "scores-not-found")
    early = await people[1].client.post(f"{path}/committee/declarations", CLEAR)
    assert code_of(early) == (409, "step-not-allowed")


async def test_criteria_weigh_no_more_than_the_package_allows_and_change_by_amendment(world: World) -> None:
    buyer = await world.buyer()
    heavy = tender(procedure="among-producers") | {"criteria": [CRITERIA[0] | {"weight": "10.01"}]}
    refused = await buyer.post("/v1/tenders", heavy)
    assert code_of(refused) == (422, "criteria-refused")
    assert refused.json()["errors"][0]["passes"] == "at most 10 per cent"
    path = await draft(buyer)
    await buyer.made(f"{path}/committee", {"members": [(await person(world, buyer)).id for _ in range(3)]})
    assert (await publish(buyer, path)).status_code == httpx.codes.CREATED
    body = {key: value for key, value in tender().items() if key != "procedure"} | {"reason": "Fabric alone"}
    amended = await buyer.step(f"{path}/amendments", body | {"criteria": CRITERIA[:1]}, of=path)
    assert (amended["terms"], [each["name"] for each in amended["criteria"]]) == (2, ["Fabric"])
    (told,) = (await world.public.read(f"{path}/amendments"))["items"]
    assert {each["path"] for each in told["changes"]} >= {"/criteria/1"}


async def test_each_member_declares_and_scores_for_himself(judging: World) -> None:
    scene = await opened(judging)
    first, second, third = scene.people
    path, scores = f"{scene.path}/committee/declarations", f"{scene.path}/scores"
    assert code_of(await first.client.post(scores, scene.scores(0, 1, 1))) == (409, "declaration-missing")
    for body, pointer in (
        ({"conflict": True}, "/explanation"),
        ({"conflict": True, "explanation": "Kin", "bidders": [scene.buyer.id]}, "/bidders"),
        ({"conflict": False, "explanation": "None"}, "/conflict"),
    ):
        refused = await first.client.post(path, body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    await first.client.made(path, CLEAR)
    assert code_of(await first.client.post(path, CLEAR)) == (409, "declaration-made")
    conflict = {"conflict": True, "explanation": "My sister runs it", "bidders": [scene.bidders[0].id]}
    await second.client.made(path, conflict)
    await third.client.made(path, CLEAR)
    assert code_of(await second.client.post(scores, scene.scores(0, 9, 5))) == (403, "member-recused")
    outsider = await person(judging, scene.buyer)
    assert code_of(await outsider.client.post(scores, scene.scores(0, 9, 5))) == (403, "not-on-committee")
    assert code_of(await first.client.post(scores, scene.scores(0, 11, 5))) == (422, "scores-refused")
    for member in (first, third):
        await member.client.made(scores, scene.scores(0, 5, 5))
    with pytest.raises(MemberRecused):
        await assessed(judging, scene, by=second.id)
    with pytest.raises(ScoresMissing) as missing:
        await assessed(judging, scene)
    assert missing.value.facts == {"missing": 2, "members": "1, 3"}
    await first.client.made(scores, scene.scores(1, 1, 5))
    await third.client.made(scores, scene.scores(1, 10, 5))
    better = scene.scores(1, 10, 5)
    assert code_of(await first.client.post(scores, better)) == (422, "scores-refused")
    corrected = await first.client.made(scores, better | {"reason": "I had the wrong sample"})
    assert corrected["revision"] == 2
    assert {each["member"] for each in (await first.client.read(scores))["items"]} == {1}
    auditor = await judging.member(OrganizationKind.AUDITOR)
    read = (await auditor.read(scores))["items"]
    assert [(each["name"], each["revision"]) for each in read if each["bid_id"] == scene.bids[1]] == [
        (first.name, 1), (third.name, 1), (first.name, 2),
    ]  # fmt: skip
    found = await assessed(judging, scene, by=first.id)
    cheap, dear = (BidId(UUID(id)) for id in scene.bids)
    per_bid = {(bid_id, lot, line): each.percent for (bid_id, _, lot, line), each in found.discounts.items()}
    assert per_bid == {(cheap, 1, 1): Decimal("4.00"), (dear, 1, 1): Decimal("6.00")}
    seed = sha256((await judging.public.get(f"{scene.path}/manifest")).content).hexdigest()
    drawn = sorted((cheap, dear), key=lambda bid_id: sha256(f"{seed}/1/{bid_id}".encode()).hexdigest())
    assert found.tie_ranks == {(id, 1): place for place, id in enumerate(drawn, start=1)}
    again = await assessed(judging, scene, by=first.id)
    assert (again.discounts, again.tie_ranks) == (found.discounts, found.tie_ranks)
    shown = (await auditor.read(f"{scene.path}/committee"))["members"]
    assert [(each["name"], each["state"]) for each in shown] == [
        (first.name, "takes_part"), (second.name, "recused"), (third.name, "takes_part"),
    ]  # fmt: skip
    assert shown[1]["explanation"] == "My sister runs it"


async def test_another_takes_the_place_of_the_recused_and_not_of_who_has_scored(judging: World) -> None:
    scene = await opened(judging)
    first, second, _ = scene.people
    await first.client.made(f"{scene.path}/committee/declarations", CLEAR)
    await first.client.made(f"{scene.path}/scores", scene.scores(0, 5, 5))
    await second.client.made(f"{scene.path}/committee/declarations", {"conflict": True, "explanation": "Kin"})
    coming = await person(judging, scene.buyer)
    body = {"member": 1, "person_id": coming.id, "reason": "He scores too low"}
    of = f"{scene.path}/committee"
    etag = (await scene.buyer.get(of)).headers["ETag"]
    assert code_of(await scene.buyer.post(f"{of}/substitutions", body, If_Match=etag)) == (422, "committee-refused")
    assert code_of(await scene.buyer.post(f"{of}/substitutions", body | {"member": 2}, If_Match='"1"')) == (
        412,
        "stale-version",
    )
    stranger = await person(judging, await judging.buyer())
    refused = await scene.buyer.post(f"{of}/substitutions", body | {"person_id": stranger.id}, If_Match=etag)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/person_id")
    changed = await scene.buyer.step(f"{of}/substitutions", body | {"member": 2, "reason": "Recused"}, of=of)
    assert [(each["number"], each["state"]) for each in changed["members"]] == [
        (1, "takes_part"), (2, "replaced"), (3, "awaited"), (4, "awaited"),
    ]  # fmt: skip
    await coming.client.made(f"{scene.path}/committee/declarations", CLEAR)
    assert (await coming.client.made(f"{scene.path}/scores", scene.scores(0, 1, 1)))["member"] == 4


async def test_bidders_read_scores_without_names_once_the_results_are_out(judging: World) -> None:
    scene = await opened(judging)
    await everybody_scores(scene)
    winner, loser = scene.bidders
    for path in ("committee", "scores"):
        assert (await loser.get(f"{scene.path}/{path}")).status_code == 404
    await scene.buyer.made(f"{scene.path}/evaluation")
    late = scene.scores(0, 9, 5) | {"reason": "After all"}
    assert code_of(await scene.people[0].client.post(f"{scene.path}/scores", late)) == (409, "step-not-allowed")
    assert len((await scene.people[0].client.read(f"{scene.path}/scores"))["items"]) == 6
    assert (await loser.get(f"{scene.path}/scores")).status_code == 404
    await scene.buyer.step(f"{scene.path}/award", of=scene.path)
    read = (await loser.read(f"{scene.path}/scores"))["items"]
    assert len(read) == 6
    assert {each["name"] for each in read} == {None}
    commented = {each["bid_id"]: each["scores"][0]["comment"] for each in read}
    assert commented == {scene.bids[0]: None, scene.bids[1]: "Cloth"}
    committee = await loser.read(f"{scene.path}/committee")
    assert {(each["name"], each["person_id"], each["explanation"]) for each in committee["members"]} == {
        (None, None, None)
    }
    assert not any(each.id in str((committee, read)) or each.name in str((committee, read)) for each in scene.people)
    assert (await winner.read(f"{scene.path}/committee")) == committee
    stranger = await judging.supplier()
    assert (await stranger.get(f"{scene.path}/scores")).status_code == 404
    suppliers = tuple(OrganizationId(UUID(each.id)) for each in scene.bidders)
    async with Transactions(judging.database.engine.begin, KEYRING.answers)() as work:
        year = legal_day(await work.now()).year
        assert await work.standings.contracts(suppliers, year=year) == {suppliers[0]: (Money.of("300000.00"), 1)}
        assert await work.standings.contracts(suppliers, year=year - 1) == {}


async def test_auditors_see_every_step_and_no_event_tells_a_person_or_points(world: World) -> None:
    scene = await opened(world)
    await everybody_scores(scene)
    asked = {"bid_id": scene.bids[0], "papers": [{"kind": "charter", "name": "Charter"}]}
    await scene.buyer.made(f"{scene.path}/paper-requests", asked)
    statement = text("SELECT type, data FROM events WHERE data->>'tender_id' = :id AND NOT sealed ORDER BY seq")
    async with world.database.reading.connect() as connection:
        rows = (await connection.execute(statement, {"id": scene.path.rsplit("/", 1)[1]})).all()
    counted = Counter(type for type, _ in rows)
    assert counted == {
        "committee.appointed": 1, "committee.declared": 3, "scores.submitted": 6, "papers.requested": 1,
    }  # fmt: skip
    scored = [data for type, data in rows if type == "scores.submitted"]
    assert {tuple(sorted(data.keys() - {"person_id"})) for data in scored} == {
        ("bid_id", "member", "reason", "revision", "tender_id")
    }
    assert {(data["member"], data["bid_id"]) for data in scored} == {(n, id) for n in (1, 2, 3) for id in scene.bids}


async def test_papers_are_completed_in_time_or_reject_the_bid(judging: World) -> None:
    scene = await opened(judging)
    await everybody_scores(scene)
    cheap, dear = scene.bidders
    requests = f"{scene.path}/paper-requests"
    asked = [{"kind": "charter", "name": "Charter"}, {"kind": "signature", "name": "Page 3 signed"}]
    made = await scene.buyer.made(requests, {"bid_id": scene.bids[0], "papers": asked[:1]})
    late = await scene.buyer.made(requests, {"bid_id": scene.bids[1], "papers": asked})
    again = await scene.buyer.post(requests, {"bid_id": scene.bids[1], "papers": asked})
    assert code_of(again) == (409, "papers-already-requested")
    unknown = await scene.buyer.post(requests, {"bid_id": str(uuid4()), "papers": asked})
    assert code_of(unknown) == (422, "papers-refused")
    file = {"paper": 1, "name": "charter.pdf", "sha256": "ab" * 32}
    path = f"/v1/paper-requests/{made['id']}/papers"
    assert code_of(await dear.post(path, {"papers": [file]})) == (404, "paper-request-not-found")
    priced = await cheap.post(path, {"papers": [file | {"unit_price": "1.00"}]})
    assert code_of(priced) == (422, "invalid-request")
    with pytest.raises(PapersAwaited):
        await assessed(judging, scene)
    handed = await cheap.made(path, {"papers": [file]})
    assert (handed["missing"], handed["completed_at"] is None) == ([], False)
    await dear.made(f"/v1/paper-requests/{late['id']}/papers", {"papers": [file]})
    assert [each["id"] for each in (await dear.read(requests))["items"]] == [late["id"]]
    assert (await (await judging.supplier()).read(requests))["items"] == []
    until = datetime.fromisoformat(late["due_by"])
    await asyncio.sleep(max((until - datetime.now(UTC)).total_seconds(), 0) + 0.05)
    closed = await dear.post(f"/v1/paper-requests/{late['id']}/papers", {"papers": [file | {"paper": 2}]})
    assert code_of(closed) == (409, "papers-closed")
    found = await assessed(judging, scene)
    reasons = {str(each.bid_id): (each.reason, each.detail) for each in found.admissions}
    assert reasons == {
        scene.bids[0]: (None, None),
        scene.bids[1]: ("papers_missing", "signature: Page 3 signed"),
    }
    assert {bid_id for bid_id, *_ in found.discounts} == {BidId(UUID(scene.bids[0]))}
    offers = [each["lots"] for each in (await judging.public.read(f"{scene.path}/bids"))["items"]]
    assert sorted(lots[0]["lines"][0]["unit_price"] for lots in offers) == ["3000.00", "3100.00"]


async def test_the_two_worlds_of_papers_are_one_before_the_opening(world: World) -> None:
    buyer, bidder = await world.buyer(), await world.supplier()
    path = f"/v1/tenders/{(await world.published(buyer))['id']}"
    made = await bidder.made(f"{path}/bids", bid())
    asked = {"papers": [{"kind": "charter", "name": "Charter"}]}
    answers = [await buyer.post(f"{path}/paper-requests", asked | {"bid_id": id}) for id in (made["id"], str(uuid4()))]
    assert {(*code_of(each), each.json()["detail"]) for each in answers} == {
        (409, "step-not-allowed", "Papers of a published tender are not completed")
    }
