"""Notices through the API and the worker: who is told what, in which language, over which channel, and who is not."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from standardwebhooks import Webhook

from adapters.mail.files import FileMailbox
from adapters.postgres.notices import PostgresNotices
from adapters.postgres.work import Transactions
from adapters.webhooks.guarded import GuardedBackend
from adapters.webhooks.sender import WebhookSender
from api.deployment import Outgoing
from api.worker import Handlers, notify, work
from domain.actors import OrganizationKind
from domain.ids import EventId
from domain.notices.model import Language
from domain.notices.table import Audience, Happened
from tests.api import test_complaints, test_execution, test_pools
from tests.receivers import WebhookReceiver, listening
from tests.world import KEYRING, Databases, Member, World, bid, built

KEY = b"k" * 32
SENDER = "oimaq@notices.example"
FREE = """
SELECT coalesce((SELECT xid FROM events ORDER BY seq DESC LIMIT 1) < pg_snapshot_xmin(pg_current_snapshot()), true)
"""
PRESENT = "UPDATE outbox_cursor SET xid = pg_snapshot_xmin(pg_current_snapshot()), seq = 0"


async def execute(database: Databases, statement: str, **values: object) -> None:
    async with database.owner.engine.begin() as connection:
        await connection.execute(text(statement), values)


@pytest.fixture
async def telling(database: Databases, tmp_path: Path) -> AsyncIterator[World]:
    """A world whose mail is files and whose webhooks may stay on this machine; what was before is not told."""
    await execute(database, PRESENT)
    await execute(database, "UPDATE matchings SET done = true")
    await execute(database, "DELETE FROM notice_deliveries")
    outgoing = Outgoing(
        mailer=FileMailbox(tmp_path, sender=SENDER),
        webhooks=WebhookSender(GuardedBackend(loopback=True), timeout_seconds=2.0),
        webhook_key=KEY,
        loopback=True,
    )
    async with built(database, outgoing=outgoing) as world:
        yield world


async def told(world: World) -> None:
    """Until a round finds nothing and no open transaction, of any database of the server, holds events back."""
    quiet = 0
    async with asyncio.timeout(60), world.database.reading.connect() as connection:
        while quiet < 2:
            free = (await connection.execute(text(FREE))).scalar_one()
            quiet = 0 if await notify(world.worker) or not free else quiet + 1
            await asyncio.sleep(0.02)


async def kinds(member: Member, **query: str) -> list[str]:
    return [each["kind"] for each in (await member.read("/v1/notices", **query))["items"]]


async def test_only_the_matching_eligible_supplier_is_told_by_inbox_mail_and_webhook(
    telling: World, tmp_path: Path
) -> None:
    chosen, elsewhere, other_goods, small = [await telling.supplier() for _ in range(4)]
    reseller = await telling.supplier(codes=())
    curious = await telling.supplier(codes=())
    silent = await telling.supplier()
    for member, body in (
        (chosen, {"codes": ["1414.13"], "regions": ["63"], "pieces_max": 500}),
        (elsewhere, {"kinds": ["school_shirt"], "regions": ["10"]}),
        (other_goods, {"codes": ["1520"]}),
        (small, {"kinds": ["school_shirt"], "pieces_max": 99}),
        (reseller, {"kinds": ["school_shirt"]}),
        (curious, {"kinds": ["school_shirt"], "only_eligible": False}),
    ):
        await member.made("/v1/subscriptions", body)
    preferences = {"language": "kk", "mail": True}
    assert (await chosen.put("/v1/notice-preferences", preferences, If_Match='"0"')).status_code == 200
    receiver = WebhookReceiver()
    async with listening(receiver.serve) as port:
        made = await chosen.made("/v1/webhook-endpoints", {"url": f"http://127.0.0.1:{port}/oimaq"})
        await told(telling)
        receiver.calls.clear()
        published = await telling.published(await telling.buyer())
        await told(telling)
    assert "tender.published" in await kinds(chosen)
    assert "tender.published" in await kinds(curious)
    for member in (elsewhere, other_goods, small, reseller, silent):
        assert "tender.published" not in await kinds(member)

    notice = (await chosen.read("/v1/notices", unread="true"))["items"][0]
    assert notice["tender_id"] == published["id"]
    assert notice["data"]["tender_number"] == published["number"]
    (call,) = receiver.calls
    assert call.path == "/oimaq"
    body = Webhook(made["secret"]).verify(call.body, call.headers)
    assert (body["type"], body["data"]["notice_id"]) == ("tender.published", notice["id"])
    assert call.headers["webhook-id"] == notice["id"]

    mail = message_from_bytes((tmp_path / f"{notice['id']}.eml").read_bytes(), policy=policy.default)
    assert mail["Subject"] == f"Сізге сай келетін жаңа тендер: {published['number']}"
    assert "Shirts for schools" in mail.get_content()
    assert mail["Message-ID"] == f"<{notice['id']}@notices.example>"


async def test_followers_are_told_and_a_watch_ends(telling: World) -> None:
    """Whoever has merely bid is told nothing before the opening: the notices would tell who he is."""
    buyer, watcher, bidder, asker, stranger = (
        await telling.buyer(),
        *[await telling.supplier() for _ in range(4)],
    )
    published = await telling.published(buyer)
    path = f"/v1/tenders/{published['id']}"
    await watcher.made(f"{path}/watch")
    await bidder.made(f"{path}/bids", bid())
    await asker.made("/v1/verdicts", {"tender_id": published["id"], "lot": 1})
    await told(telling)
    assert (await bidder.delete(f"{path}/watch")).status_code == 204
    assert (await watcher.delete(f"{path}/watch")).status_code == 204
    await watcher.made(f"{path}/watch")
    await buyer.step(f"{path}/cancellation", {"reason": "budget_cut", "explanation": "The budget was cut"}, of=path)
    await told(telling)
    for member in (watcher, asker):
        assert (await kinds(member))[0] == "tender.cancelled"
    for member in (bidder, stranger):
        assert "tender.cancelled" not in await kinds(member)
    assert "tender.cancelled" not in await kinds(buyer), "whoever did it is not told of it"


async def test_a_bidder_is_told_what_papers_he_is_asked_for_and_nobody_else_is(telling: World) -> None:
    buyer, asked, other = await telling.buyer(), await telling.supplier(), await telling.supplier()
    published = await telling.published(buyer, seconds=2.0)
    path = f"/v1/tenders/{published['id']}"
    for bidder in (asked, other):
        await bidder.made(f"{path}/bids", bid())
    await telling.opened(published)
    bids = {each["bidder_id"]: each["id"] for each in (await telling.public.read(f"{path}/bids"))["items"]}
    papers = {"bid_id": bids[asked.id], "papers": [{"kind": "charter", "name": "Charter"}]}
    made = await buyer.made(f"{path}/paper-requests", papers)
    await told(telling)
    (notice,) = [each for each in (await asked.read("/v1/notices"))["items"] if each["kind"] == "papers.requested"]
    assert notice["data"]["tender_number"] == published["number"]
    assert datetime.fromisoformat(notice["data"]["due_by"]) == datetime.fromisoformat(made["due_by"])
    for reader in (other, buyer):
        assert "papers.requested" not in await kinds(reader)


async def test_a_bidder_follows_from_the_opening_on(telling: World) -> None:
    buyer, bidder, gone = await telling.buyer(), await telling.supplier(), await telling.supplier()
    published = await telling.published(buyer, seconds=2)
    path = f"/v1/tenders/{published['id']}"
    await gone.made(f"{path}/watch")
    await bidder.made(f"{path}/bids", bid())
    await telling.opened(published)
    await told(telling)
    assert (await kinds(bidder))[0] == "tender.opened"
    refused = await bidder.delete(f"{path}/watch")
    assert (refused.status_code, refused.json()["code"]) == (409, "bidder-follows")
    assert (await gone.delete(f"{path}/watch")).status_code == 204


async def test_events_of_rooms_to_come_are_told_and_unknown_ones_are_passed_over(
    telling: World, database: Databases
) -> None:
    buyer, watcher = await telling.buyer(), await telling.supplier()
    published = await telling.published(buyer)
    await watcher.made(f"/v1/tenders/{published['id']}/watch")
    (proof,) = (await watcher.read("/v1/evidence"))["items"]
    tender_id, now = published["id"], datetime.now(UTC)
    later = "2027-03-01T05:00:00+00:00"
    for type, subject, subject_id, data in (
        ("tender.amended", "tender", tender_id, {"terms": 2, "tender_id": tender_id}),
        ("tender.extended", "tender", tender_id, {"closes_at": later}),
        ("enquiry.answered", "enquiry", str(uuid4()), {"tender_id": tender_id}),
        ("moon.landed", "moon", str(uuid4()), {"tender_id": "not an id"}),
        ("evidence.expiring", "evidence", proof["id"],
         {"holder_bin": watcher.bin, "valid_until": "2026-12-10", "days_left": 14}),
    ):  # fmt: skip
        await execute(
            database,
            "INSERT INTO events (id, type, subject, subject_id, sealed, at, data) VALUES"
            " (:id, :type, :subject, CAST(CAST(:subject_id AS text) AS uuid), false, :at, CAST(:data AS jsonb))",
            id=uuid4(),
            type=type,
            subject=subject,
            subject_id=subject_id,
            at=now,
            data=json.dumps(data),
        )
    await told(telling)
    items = {each["kind"]: each for each in (await watcher.read("/v1/notices"))["items"]}
    assert {"tender.amended", "tender.extended", "enquiry.answered", "evidence.expiring"} <= set(items)
    assert items["tender.extended"]["data"]["closes_at"] == later
    assert "1 March 2027, 10:00" in items["tender.extended"]["text"]
    assert "confirm your bid" in items["tender.amended"]["text"]
    assert items["evidence.expiring"]["data"]["days_left"] == 14
    assert proof["number"] in items["evidence.expiring"]["title"]
    assert await kinds(buyer) == ["organization.confirmed"]


async def test_before_the_opening_nobody_is_told_of_a_bid(telling: World) -> None:
    buyer, bidder, rival = await telling.buyer(), await telling.supplier(), await telling.supplier()
    published = await telling.published(buyer)
    path = f"/v1/tenders/{published['id']}"
    await rival.made(f"{path}/watch")
    await told(telling)
    readers = (buyer, rival, bidder)
    before = [(await reader.get("/v1/notices")).content for reader in readers]
    await bidder.made(f"{path}/bids", bid())
    await told(telling)
    assert [(await reader.get("/v1/notices")).content for reader in readers] == before


async def test_a_notice_is_read_in_the_readers_language_and_marked(telling: World) -> None:
    supplier = await telling.member(OrganizationKind.SUPPLIER)
    other = await telling.supplier()
    await told(telling)
    (notice,) = (await supplier.read("/v1/notices"))["items"]
    path = f"/v1/notices/{notice['id']}"
    titles = set()
    for spoken in ("kk", "ru", "en"):
        supplier.headers["Accept-Language"] = spoken
        answer = await supplier.get(path)
        assert answer.headers["Content-Language"] == answer.json()["language"] == spoken
        titles.add(answer.json()["title"])
        known = await supplier._http.get(path, headers=supplier.headers | {"If-None-Match": answer.headers["ETag"]})
        assert known.status_code == httpx.codes.NOT_MODIFIED
    assert len(titles) == 3
    assert (await other.post(f"{path}/reading")).status_code == 404
    assert (await other.get(path)).status_code == 404
    assert (await supplier.post(f"{path}/reading")).status_code == 204
    changed = await supplier.get(path)
    assert changed.json()["read_at"] is not None
    assert changed.headers["ETag"] != answer.headers["ETag"]
    assert await kinds(supplier, unread="true") == []
    assert len(await kinds(supplier)) == 1


async def test_all_that_was_seen_is_marked_and_what_came_since_is_not(telling: World) -> None:
    buyer, supplier = await telling.buyer(), await telling.supplier()
    for _ in range(3):
        path = f"/v1/tenders/{(await telling.published(buyer))['id']}"
        await supplier.made(f"{path}/watch")
        await buyer.step(f"{path}/cancellation", {"reason": "budget_cut", "explanation": "The budget was cut"}, of=path)
    await told(telling)
    first = await supplier.read("/v1/notices", limit="2")
    assert (await supplier.get("/v1/notices", limit="2")).headers["Link"].endswith('rel="next"')
    assert len(first["items"]) == 2
    rest = await supplier.read("/v1/notices", limit="2", cursor=first["next"])
    ids = [each["id"] for each in (*first["items"], *rest["items"])]
    assert ids == sorted(set(ids), reverse=True)
    assert (await supplier.post("/v1/notices/reading", {"until": ids[1]})).status_code == 204
    assert [each["id"] for each in (await supplier.read("/v1/notices", unread="true"))["items"]] == ids[:1]


async def test_telling_twice_and_by_two_workers_at_once_tells_once(telling: World, database: Databases) -> None:
    supplier = await telling.supplier()
    await supplier.made("/v1/subscriptions", {})
    published = await telling.published(await telling.buyer())
    async with asyncio.timeout(30):
        while "tender.published" not in await kinds(supplier):
            await asyncio.gather(*(notify(telling.worker) for _ in range(4)))
    once = await kinds(supplier)
    await execute(
        database,
        "UPDATE outbox_cursor SET seq = 0,"
        " xid = (SELECT min(xid) FROM (SELECT xid FROM events ORDER BY xid DESC LIMIT 30) last)",
    )
    await execute(
        database,
        "UPDATE matchings SET done = false, after = NULL WHERE event_id IN"
        " (SELECT id FROM events WHERE CAST(subject_id AS text) = :id)",
        id=published["id"],
    )
    await told(telling)
    assert await kinds(supplier) == once


async def test_an_endpoint_that_fails_is_parked_and_resumed(telling: World, database: Databases) -> None:
    supplier = await telling.member(OrganizationKind.SUPPLIER)
    await told(telling)
    receiver = WebhookReceiver(answer=b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n")
    async with listening(receiver.serve) as port:
        made = await supplier.made("/v1/webhook-endpoints", {"url": f"http://127.0.0.1:{port}/"})
        path = f"/v1/webhook-endpoints/{made['endpoint']['id']}"
        registry = await telling.registry()
        await registry.made(f"/v1/organizations/{supplier.id}/suspension", {"reason": "A check"})
        await registry.made(f"/v1/organizations/{supplier.id}/confirmation")
        for tries in range(1, 9):
            await told(telling)
            assert len(receiver.calls) == 2 * tries
            await execute(database, "UPDATE notice_deliveries SET next_at = now() WHERE state = 'waiting'")
        parked = await supplier.read(path)
        assert parked["failure"] == "It answered with status 500"
        assert parked["parked_at"] is not None
        await told(telling)
        assert len(receiver.calls) == 16, "nothing is sent to what is parked"
        receiver.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
        assert (await supplier.step(f"{path}/resumption", of=path))["parked_at"] is None
        await told(telling)
        assert len(receiver.calls) == 18
        assert {call.headers["webhook-id"] for call in receiver.calls[:2]} == {
            call.headers["webhook-id"] for call in receiver.calls[16:]
        }
        rotated = await supplier.step(f"{path}/rotation", of=path)
        assert rotated["secret"] != made["secret"]
        assert "secret" not in (await supplier.get("/v1/webhook-endpoints")).text.replace("webhook", "")
        assert (await supplier.delete(path)).status_code == 204
        assert (await supplier.get(path)).status_code == 404


@pytest.mark.parametrize(
    "url",
    ["http://example.kz/", "https://10.0.0.1/", "https://user@example.kz/", "https://[::1%25lo]/", "ftp://127.0.0.1/"],
)
async def test_an_address_off_the_public_network_is_refused(telling: World, url: str) -> None:
    refused = await (await telling.buyer()).post("/v1/webhook-endpoints", {"url": url})
    assert (refused.status_code, refused.json()["code"]) == (422, "address-refused")


async def test_subscriptions_are_bounded_changed_by_version_and_ones_own(telling: World) -> None:
    supplier, other = await telling.supplier(codes=()), await telling.supplier(codes=())
    made = [await supplier.made("/v1/subscriptions", {"codes": ["1413"]}) for _ in range(20)]
    refused = await supplier.post("/v1/subscriptions", {"codes": ["1413"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-subscriptions")
    path = f"/v1/subscriptions/{made[0]['id']}"
    wrong = await supplier.put(path, {"pieces_min": 9, "pieces_max": 8, "regions": ["99"]}, If_Match='"1"')
    assert [flaw["pointer"] for flaw in wrong.json()["errors"]] == ["/regions/0", "/pieces_max"]
    changed = await supplier.put(path, {"codes": ["14.14"], "only_eligible": False}, If_Match='"1"')
    assert (changed.json()["codes"], changed.headers["ETag"]) == (["1414"], '"2"')
    assert (await supplier.put(path, {}, If_Match='"1"')).status_code == 412
    for answer in (await other.get(path), await other.put(path, {}, If_Match='"2"'), await other.delete(path)):
        assert answer.status_code == 404
    assert (await supplier.delete(path)).status_code == 204
    assert len((await supplier.read("/v1/subscriptions", limit="100"))["items"]) == 19


async def test_no_mail_goes_to_who_wants_none(telling: World, tmp_path: Path) -> None:
    supplier = await telling.supplier()
    await told(telling)
    for mail, expected in ((False, 200), (True, 412)):
        body = {"language": "en", "mail": mail}
        assert (await supplier.put("/v1/notice-preferences", body, If_Match='"0"')).status_code == expected
    buyer = await telling.buyer()
    published = await telling.published(buyer)
    path = f"/v1/tenders/{published['id']}"
    await supplier.made(f"{path}/watch")
    await buyer.step(f"{path}/cancellation", {"reason": "budget_cut", "explanation": "The budget was cut"}, of=path)
    await told(telling)
    (notice,) = [each for each in (await supplier.read("/v1/notices"))["items"] if each["kind"] == "tender.cancelled"]
    assert not (tmp_path / f"{notice['id']}.eml").exists()


async def test_an_organisation_says_of_what_and_how_it_wants_to_be_told(world: World) -> None:
    supplier, other = await world.supplier(codes=()), await world.supplier(codes=())
    unset = await supplier.get("/v1/notice-preferences")
    assert (unset.json(), unset.headers["ETag"]) == ({"language": "ru", "mail": True}, '"0"')
    preferences = {"language": "kk", "mail": False}
    assert (await supplier.put("/v1/notice-preferences", preferences, If_Match='"0"')).headers["ETag"] == '"1"'
    assert await supplier.read("/v1/notice-preferences") == preferences
    subscription = await supplier.made("/v1/subscriptions", {"codes": ["1413"], "pieces_min": 10})
    assert (await supplier.read("/v1/subscriptions"))["items"] == [subscription]
    made = [await supplier.made("/v1/webhook-endpoints", {"url": f"https://example.kz/{n}"}) for n in range(5)]
    assert (await supplier.read("/v1/webhook-endpoints"))["items"] == [each["endpoint"] for each in made]
    assert len({each["secret"] for each in made}) == 5
    refused = await supplier.post("/v1/webhook-endpoints", {"url": "https://example.kz/"})
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-webhook-endpoints")
    path = f"/v1/webhook-endpoints/{made[0]['endpoint']['id']}"
    for answer in (
        await other.get(path),
        await other.delete(path),
        await other.post(f"{path}/rotation", If_Match='"1"'),
        await other.post(f"{path}/resumption", If_Match='"1"'),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "webhook-endpoint-not-found")
    assert (await supplier.post(f"{path}/resumption", If_Match='"1"')).json()["code"] == "step-not-allowed"


STORY = {
    "tender.opened": None,
    "tender.awarded": "supplier",
    "contract.concluded": "supplier",
    "contract.signed": None,
    "contract.in_force": None,
    "delivery.dispatched": "buyer",
    "delivery.accepted": "supplier",
    "invoice.issued": "buyer",
    "payment.to_confirm": "supplier",
    "invoice.paid": None,
    "pool.invited": "buyer",
    "pool.joined": "buyer",
    "complaint.filed": None,
    "evidence.recorded": "supplier",
}
"""Kinds that the stories tell, and the one kind of organisation that is told."""


async def test_the_whole_story_is_told_to_the_sides_that_it_concerns(telling: World, database: Databases) -> None:
    await test_execution.test_a_contract_is_signed_delivered_remade_invoiced_and_paid_once(telling)
    await test_pools.test_members_see_the_sums_and_not_each_others_contacts(telling)
    await test_complaints.test_who_complains_about_documents_is_told_after_the_opening_only(telling)
    await told(telling)
    async with database.reading.connect() as connection:
        rows = (
            await connection.execute(
                text("SELECT n.*, o.kind AS told FROM notices n JOIN organizations o ON o.id = n.organization_id")
            )
        ).mappings().all()  # fmt: skip
    assert set(STORY) <= {row["kind"] for row in rows}
    for row in rows:
        assert STORY.get(row["kind"]) in {None, row["told"]}, row["kind"]
        for language in Language:
            text_of = telling.application.texts.render(row["kind"], row["data"], language)
            assert "—" not in text_of.subject + text_of.body.replace(" — ", ""), (row["kind"], text_of)


async def test_a_delivery_is_told_to_the_buyer_of_its_place_beside_the_one_who_pays(
    telling: World, database: Databases
) -> None:
    await test_pools.test_a_member_receives_at_its_own_places_and_the_organiser_pays(telling)
    await told(telling)
    async with database.reading.connect() as connection:
        rows = (
            await connection.execute(
                text("""
                    SELECT n.data->>'delivery' AS delivery, n.organization_id = c.buyer_id AS pays
                    FROM notices n JOIN contracts c ON c.id = n.subject_id
                    WHERE n.kind = 'delivery.dispatched' AND n.subject_id = (SELECT subject_id FROM notices
                      WHERE kind = 'delivery.dispatched' ORDER BY id DESC LIMIT 1)
                """)
            )
        ).all()  # fmt: skip
        pooled = text("SELECT o.kind FROM notices n JOIN organizations o ON o.id = n.organization_id"
                      " WHERE n.kind = 'pool.tendered'")  # fmt: skip
        assert set((await connection.execute(pooled)).scalars()) == {"buyer"}
    assert sorted(map(tuple, rows)) == [("1", True), ("2", False), ("2", True), ("3", False), ("3", True)]


@pytest.mark.parametrize("audience", Audience)
async def test_every_audience_can_be_asked_for_also_of_an_event_that_tells_nonsense(
    connection: AsyncConnection, audience: Audience
) -> None:
    if audience is Audience.MATCHING:
        return
    odd = Happened(
        id=EventId(uuid4()),
        type="moon.landed",
        subject="moon",
        subject_id=uuid4(),
        sealed=False,
        organization_id=None,
        at=datetime.now(UTC),
        data={},
        facts={},
        tender_id=None,
        contract_id=None,
        place=("0", 0),
    )
    found = await PostgresNotices(connection).audience(audience, odd)
    assert found == [] or audience is Audience.REVIEWERS


async def test_a_worker_that_dies_while_sending_leaves_the_try_for_later(telling: World, database: Databases) -> None:
    supplier = await telling.member(OrganizationKind.SUPPLIER)
    async with asyncio.timeout(30):
        while not await kinds(supplier):
            await telling.worker.telling.tell()
    begin = Transactions(database.worker.engine.begin, KEYRING.answers)
    async with begin() as unit:
        first = await unit.notice_deliveries.claim(limit=100)
    assert str(supplier.id) in {str(each.notice.organization_id) for each in first}
    async with begin() as unit:
        assert await unit.notice_deliveries.claim(limit=100) == []
    await execute(database, "UPDATE notice_deliveries SET next_at = next_at - interval '1 minute'")
    async with begin() as unit:
        again = await unit.notice_deliveries.claim(limit=100)
    assert {(each.notice.id, each.tries) for each in again} == {(each.notice.id, 2) for each in first}


async def test_a_worker_goes_on_telling_and_sending_when_a_kind_of_step_fails(telling: World, tmp_path: Path) -> None:
    class Broken:
        async def tell(self) -> int:
            return await telling.worker.telling.tell()

        async def match(self) -> int:
            raise RuntimeError("out of order")

    async def no_jobs(_handlers: Handlers, stop: asyncio.Event) -> None:
        await stop.wait()

    supplier = await telling.member(OrganizationKind.SUPPLIER)
    broken = replace(telling.worker, telling=Broken())  # type: ignore[arg-type]  # what it needs of Telling
    stop = asyncio.Event()
    working = asyncio.create_task(work(broken, no_jobs, stop=stop))
    try:
        async with asyncio.timeout(30):
            while True:
                items = (await supplier.read("/v1/notices"))["items"]
                if items and (tmp_path / f"{items[0]['id']}.eml").exists():
                    break
                await asyncio.sleep(0.05)
    finally:
        stop.set()
        await working
