"""Pools through the API: who sees what, a draft that follows its members, leaving against publishing."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from domain.actors import OrganizationKind, Role
from tests.api.test_needs import CSV, HEADER, lines, upload
from tests.world import CODE, Json, Member, World, bid

SHIRT, VEST = "Shirt", "Vest"


def row(site: str, garment: str, size: int, pieces: int) -> list[Any]:
    return [site, "631010000", f"{site} Street", garment, size, pieces]


async def need(buyer: Member, *rows: list[Any]) -> str:
    answer = await upload(buyer, lines(HEADER, *rows), CSV)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return str(answer.json()["id"])


async def pool_of(organizer: Member, *others: Member) -> str:
    """The path of an open pool to which the others are invited."""
    made = await organizer.made("/v1/pools", {"title": "Uniforms", "grid": "child", "garments": [SHIRT, VEST]})
    path = f"/v1/pools/{made['id']}"
    for other in others:
        await organizer.made(f"{path}/invitations", {"bin": other.bin})
    return path


async def joined(member: Member, path: str, *rows: list[Any]) -> Json:
    return await member.made(f"{path}/joining", {"needs": [await need(member, *rows)]})


def tender_of(path: str, *garments: str, pieces: int, procedure: str = "among-producers") -> Json:
    pool_id = path.rsplit("/", 1)[1]
    taken = [
        {
            "name": garment, "ens_tru": CODE, "kind": "school_shirt", "unit": "796", "standard_minutes": "20.00",
            "planned_price": "3600.00", "pool": {"pool_id": pool_id, "garment": garment},
        }
        for garment in garments
    ]  # fmt: skip
    lot = {"title": "Uniforms", "allocated": f"{3600 * pieces}.00", "lines": taken, "due_on": "2027-08-20"}
    return {"title": "Uniforms of several buyers", "procedure": procedure, "lots": [lot]}


async def publication(buyer: Member, path: str, *, seconds: float = 3600, version: int | None = None) -> httpx.Response:
    etag = f'"{version}"' if version else (await buyer.get(path)).headers["ETag"]
    closes_at = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
    return await buyer.post(f"{path}/publication", {"closes_at": closes_at}, If_Match=etag)


async def events(auditor: Member, subject: str, type: str, number: int) -> list[Json]:
    """The data of so many events of a subject; the feed waits for transactions that are open elsewhere."""
    found: list[Json] = []
    after: dict[str, str] = {}
    for _ in range(400):
        page = (await auditor.read("/v1/events", limit="100", **after))["items"]
        found += [each["data"] for each in page if each["type"] == type and each["subject_id"] == subject]
        after = {"after": page[-1]["id"]} if page else after
        if len(found) >= number:
            break
        await asyncio.sleep(0 if page else 0.05)
    return found


async def drafted(world: World) -> tuple[Member, Member, str, str]:
    """Organiser and member, the pool of both, and a draft that takes from it: 40 + 30 shirts."""
    organizer, member = await world.buyer(), await world.buyer()
    pool = await pool_of(organizer, member)
    await joined(organizer, pool, row("North", SHIRT, 122, 40))
    await joined(member, pool, row("North", SHIRT, 122, 10), row("South", SHIRT, 128, 20))
    draft = await organizer.made("/v1/tenders", tender_of(pool, SHIRT, pieces=70))
    return organizer, member, pool, f"/v1/tenders/{draft['id']}"


async def test_needs_of_several_buyers_become_one_run_with_a_place_per_buyer_and_site(world: World) -> None:
    organizer, member, pool, tender = await drafted(world)
    seen = await member.read(f"{pool}/sums")
    assert seen["garments"] == [{"garment": SHIRT, "sizes": {"122": 50, "128": 20}, "pieces": 70}]
    assert [(each["buyer_id"], each["site"], each["sizes"]) for each in seen["sites"]] == [
        (organizer.id, "North", {"122": 40}),
        (member.id, "North", {"122": 10}),
        (member.id, "South", {"128": 20}),
    ]
    (lot,) = (await organizer.read(tender))["lots"]
    assert lot["lines"][0]["sizes"] == {"122": 50, "128": 20}
    assert [(place["buyer_id"], place["name"], place["sizes"]) for place in lot["places"]] == [
        (organizer.id, "North", {"1": {"122": 40}}),
        (member.id, "North", {"1": {"122": 10}}),
        (member.id, "South", {"1": {"128": 20}}),
    ]
    assert (await organizer.read(pool))["tender_id"] == tender.rsplit("/", 1)[1]


async def test_members_see_the_sums_and_not_each_others_contacts(world: World) -> None:
    organizer, member, pool, _ = await drafted(world)
    invited = await world.buyer()
    await organizer.made(f"{pool}/invitations", {"bin": invited.bin})
    for reader in (organizer, member):
        text = (await reader.get(f"{pool}/sums")).text + (await reader.get(pool)).text
        assert not [each for each in ("Street", "@world.example", "+7") if each in text]
    own = {each["buyer_id"]: each["needs"] for each in (await member.read(pool))["members"]}
    assert (own[organizer.id], len(own[member.id])) == (None, 1)
    refused = await invited.get(f"{pool}/sums")
    assert (refused.status_code, refused.json()["code"]) == (403, "pool-not-joined")
    theirs = own[member.id][0]
    assert (await organizer.get(f"/v1/needs/{theirs}")).status_code == 404


async def test_strangers_and_those_who_left_find_no_pool(world: World) -> None:
    organizer, member, pool, tender = await drafted(world)
    stranger, supplier = await world.buyer(), await world.supplier()
    await member.made(f"{pool}/withdrawal")
    mine = await need(stranger, row("North", SHIRT, 122, 1))
    nowhere = f"/v1/pools/{uuid4()}"
    for reader in (stranger, supplier, member):
        answers = [await reader.get(f"{where}{more}") for where in (pool, nowhere) for more in ("", "/sums")]
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "pool-not-found")}
        assert (await reader.read("/v1/pools"))["items"] == []
        assert (await reader.get(tender)).status_code == 404
    for where in (pool, nowhere):
        for path, body in (
            ("invitations", {"bin": organizer.bin}),
            ("joining", {"needs": [mine]}),
            ("joining", {"needs": [str(uuid4())]}),
            ("withdrawal", {}),
            ("dissolution", {}),
        ):
            answer = await stranger.post(f"{where}/{path}", body, If_Match='"1"')
            assert (answer.status_code, answer.json()["code"]) == (404, "pool-not-found"), path
    taken = await stranger.post("/v1/tenders", tender_of(pool, SHIRT, pieces=40))
    assert (taken.status_code, taken.json()["code"]) == (404, "pool-not-found")
    assert (await member.post("/v1/tenders", tender_of(pool, SHIRT, pieces=40))).status_code == 404
    auditor = await world.member(OrganizationKind.AUDITOR)
    assert (await auditor.read(f"{pool}/sums"))["pieces"] == 40


async def test_a_member_does_not_take_the_pool_to_a_tender_of_its_own(world: World) -> None:
    _, member, pool, _ = await drafted(world)
    refused = await member.post("/v1/tenders", tender_of(pool, SHIRT, pieces=70))
    assert (refused.status_code, refused.json()["code"]) == (404, "pool-not-found")
    refused = await member.post(f"{pool}/invitations", {"bin": (await world.buyer()).bin})
    assert refused.status_code == 404


async def test_a_draft_follows_who_withdraws_and_who_joins(world: World) -> None:
    organizer, member, pool, tender = await drafted(world)
    await member.made(f"{pool}/withdrawal")
    seen = await organizer.read(tender)
    assert (seen["allocated"], [place["buyer_id"] for place in seen["lots"][0]["places"]]) == (
        "144000.00",
        [organizer.id],
    )
    assert seen["lots"][0]["lines"][0]["sizes"] == {"122": 40}
    await organizer.made(f"{pool}/invitations", {"bin": member.bin})
    await joined(member, pool, row("South", SHIRT, 134, 5))
    seen = await organizer.read(tender)
    assert (seen["lots"][0]["lines"][0]["sizes"], seen["allocated"]) == ({"122": 40, "134": 5}, "162000.00")
    auditor = await world.member(OrganizationKind.AUDITOR)
    recast = await events(auditor, seen["id"], "tender.recast", 2)
    assert [(each["buyer_id"], each["pieces"]) for each in recast] == [(member.id, 40), (member.id, 45)]


async def test_a_draft_that_nobody_is_left_in_is_cancelled_and_the_pool_is_free(world: World) -> None:
    organizer, member, pool, tender = await drafted(world)
    await organizer.made(f"{pool}/withdrawal")
    assert (await organizer.post(f"{pool}/dissolution", If_Match='"99"')).json()["code"] == "stale-version"
    busy = await organizer.post(f"{pool}/dissolution", If_Match=(await organizer.get(pool)).headers["ETag"])
    assert busy.json()["code"] == "step-not-allowed"
    left = await member.made(f"{pool}/withdrawal")
    assert left["tender_id"] is None
    seen = await organizer.read(tender)
    assert (seen["status"], seen["reason"]) == ("cancelled", "need_lapsed")
    assert (await organizer.step(f"{pool}/dissolution", of=pool))["status"] == "dissolved"
    late = await organizer.post(f"{pool}/invitations", {"bin": member.bin})
    assert (late.status_code, late.json()["code"]) == (409, "pool-published")


async def test_a_need_is_in_one_pool_at_a_time_also_when_it_is_brought_to_two_at_once(world: World) -> None:
    buyer = await world.buyer()
    pools = [await pool_of(buyer), await pool_of(buyer)]
    mine = await need(buyer, row("North", SHIRT, 122, 40))
    answers = await asyncio.gather(*(buyer.post(f"{pool}/joining", {"needs": [mine]}) for pool in pools))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert [answer.json()["code"] for answer in answers if answer.status_code == 409] == ["need-pooled"]
    winner = next(pool for pool, answer in zip(pools, answers, strict=True) if answer.status_code == 201)
    loser = next(pool for pool in pools if pool != winner)
    await buyer.made(f"{winner}/withdrawal")
    assert (await buyer.made(f"{loser}/joining", {"needs": [mine]}))["members"][0]["status"] == "joined"


async def test_needs_that_do_not_fit_and_invitations_of_others_are_refused_by_field(world: World) -> None:
    organizer, member = await world.buyer(), await world.buyer()
    pool = await pool_of(organizer, member)
    hats = await need(member, row("North", "Hat", 122, 1))
    foreign = await need(organizer, row("North", SHIRT, 122, 1))
    for needs, code, status in (([hats], "pool-need-refused", 422), ([foreign], "need-not-found", 404)):
        refused = await member.post(f"{pool}/joining", {"needs": needs})
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    supplier = await world.supplier()
    for bin, code in ((supplier.bin, "pool-invitation-refused"), (member.bin, "pool-invitation-refused")):
        refused = await organizer.post(f"{pool}/invitations", {"bin": bin})
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    approver = await world.member(OrganizationKind.BUYER, (Role.APPROVER,))
    refused = await approver.post("/v1/pools", {"title": "T", "grid": "child", "garments": [SHIRT]})
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")


async def test_one_draft_takes_from_a_pool_until_it_is_revised_or_cancelled(world: World) -> None:
    organizer, _, pool, tender = await drafted(world)
    body = tender_of(pool, SHIRT, pieces=70)
    second = await organizer.post("/v1/tenders", body)
    assert (second.status_code, second.json()["code"]) == (409, "pool-taken")
    etag = (await organizer.get(tender)).headers["ETag"]
    assert (await organizer.put(tender, body, If_Match=etag)).status_code == 200
    cancellation = {"reason": "plan_changed", "explanation": "Another plan"}
    await organizer.step(f"{tender}/cancellation", cancellation, of=tender)
    assert (await organizer.read(pool))["tender_id"] is None
    again = await organizer.made("/v1/tenders", body)
    assert (await organizer.read(pool))["tender_id"] == again["id"]


async def test_a_publication_leaves_no_garment_of_the_pool_out(world: World) -> None:
    organizer, member, pool, tender = await drafted(world)
    third = await world.buyer()
    await organizer.made(f"{pool}/invitations", {"bin": third.bin})
    await joined(third, pool, row("West", VEST, 122, 3))
    refused = await publication(organizer, tender)
    assert (refused.status_code, refused.json()["code"]) == (409, "pool-not-covered")
    etag = (await organizer.get(tender)).headers["ETag"]
    both = tender_of(pool, SHIRT, VEST, pieces=73)
    assert (await organizer.put(tender, both, If_Match=etag)).status_code == 200
    assert (await publication(organizer, tender)).status_code == 201
    assert (await member.read(pool))["status"] == "tendered"


async def test_a_withdrawal_and_the_publication_do_not_both_win(world: World) -> None:
    outcomes = set()
    for turn in range(6):
        organizer, member, pool, tender = await drafted(world)
        steps = [publication(organizer, tender, version=1), member.post(f"{pool}/withdrawal")]
        answers = await asyncio.gather(*(steps if turn % 2 else steps[::-1]))
        published, left = answers if turn % 2 else answers[::-1]
        outcomes.add((published.status_code, left.status_code))
        seen = await organizer.read(tender)
        if published.status_code == 201:
            assert left.json()["code"] == "pool-published"
            assert seen["allocated"] == "252000.00"
        else:
            assert published.json()["code"] == "stale-version"
            assert (seen["status"], seen["allocated"]) == ("draft", "144000.00")
            assert (await publication(organizer, tender)).status_code == 201
    assert outcomes <= {(201, 409), (412, 201)}


async def test_a_member_receives_at_its_own_places_and_the_organiser_pays(world: World) -> None:
    organizer, member, pool, tender = await drafted(world)
    supplier, outsider = await world.supplier(), await world.buyer()
    published = (await publication(organizer, tender, seconds=2.0)).json()
    late = await member.post(f"{pool}/withdrawal")
    assert (late.status_code, late.json()["code"]) == (409, "pool-published")
    await supplier.made(f"{tender}/bids", bid("3000.00"))
    await world.opened(published)
    await organizer.made(f"{tender}/evaluation")
    (contract,) = (await organizer.step(f"{tender}/award", of=tender))["contracts"]
    path = f"/v1/contracts/{contract['id']}"
    for side in (supplier, organizer):
        await side.step(f"{path}/signatures", of=path)
    await _sums_are_the_pools(organizer, member, pool, path)
    for number, (place, size, pieces) in enumerate(((1, "122", 40), (2, "122", 10), (3, "128", 20)), start=1):
        goods = [{"lot": 1, "line": 1, "grid": "child", "sizes": {size: pieces}}]
        await supplier.made(f"{path}/deliveries", {"place": place, "goods": goods, "waybill": f"W{number}"})
    foreign = await organizer.post(f"{path}/deliveries/2/acceptance")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "not-the-receiver")
    assert (await member.post(f"{path}/deliveries/1/acceptance")).json()["code"] == "delivery-not-found"
    assert (await outsider.post(f"{path}/deliveries/2/acceptance")).json()["code"] == "contract-not-found"
    accepted = await member.made(f"{path}/deliveries/2/acceptance")
    assert [each["delivery"] for each in accepted["deliveries"]] == [2, 3]
    await member.made(f"{path}/deliveries/3/acceptance")
    assert (await organizer.made(f"{path}/deliveries/1/acceptance"))["status"] == "delivered"
    await supplier.made(f"{path}/invoices", {"document": "INV", "deliveries": [1, 2, 3]})
    assert (await member.read(path))["invoices"] == []
    pay = await member.post(f"{path}/invoices/1/payments", {"method": "bank_transfer"})
    assert (pay.status_code, pay.json()["code"]) == (404, "contract-not-found")
    assert (await organizer.made(f"{path}/invoices/1/payments", {"method": "bank_transfer"}))["amount"] == "210000.00"
    assert (await member.post(f"{path}/signatures", If_Match='"1"')).status_code == 404


async def _sums_are_the_pools(organizer: Member, member: Member, pool: str, path: str) -> None:
    pooled = (await organizer.read(f"{pool}/sums"))["sites"]
    sums = await organizer.read(f"{path}/sums")
    assert [(each["buyer_id"], each["site"], each["sizes"]) for each in sums["sites"]] == [
        (each["buyer_id"], each["site"], each["sizes"]) for each in pooled
    ]
    assert sums["buyers"] == {organizer.id: 40, member.id: 30}
    own = await member.read(f"{path}/sums")
    assert (own["buyers"], {each["site"] for each in own["sites"]}) == ({member.id: 30}, {"North", "South"})
    seen = await member.read(path)
    assert [place["place"] for place in seen["lines"][0]["places"]] == [2, 3]
    assert (seen["sum"], seen["lines"][0]["sizes"]) == ("90000.00", {"122": 10, "128": 20})
    assert [each["id"] for each in (await member.read("/v1/contracts"))["items"]] == [seen["id"]]
