"""Sealed bids: what a bidder is given, what is published at the closing, and who opens what is closed."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from adapters.identifiers import uuid7
from adapters.postgres.migrate import migrate
from adapters.postgres.work import Transactions
from adapters.sealing.records import JsonBidRecords, written
from adapters.sealing.sodium import SodiumSealer, SodiumUnsealer, new_key_pair
from adapters.sealing.wrapping import FileKeyWrapper
from adapters.storage.memory import memory_vault
from api.worker import open_all
from domain.actors import OrganizationKind, Role
from domain.bids.envelope import BidRecord
from domain.bids.opening import SPARE_KEYS, Opening
from domain.bids.ports import Vault
from domain.ids import PersonId, TenderId
from domain.sealing.keys import PublicKey
from domain.sealing.refusals import KeyRefused
from domain.work import Command, Work
from tests.conftest import fresh_database, walled
from tests.world import KEYRING, Databases, Json, Member, World, bid, built, tender

SCRIPT = Path(__file__).resolve().parents[2] / "openapi" / "verify_receipt.py"
ELSEWHERE = replace(KEYRING, wrapper=None)
"""The keys of a process that opens nothing."""


def verifier() -> Any:
    spec = spec_from_file_location("verify_receipt", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def commitment(copy: str, nonce: str) -> str:
    return hashlib.sha256(b"oimaq-bid-commitment/1\n" + bytes.fromhex(nonce) + copy.encode()).hexdigest()


async def execute(database: Databases, statement: str, **values: Any) -> None:
    async with database.owner.engine.begin() as connection:
        await connection.execute(text(statement), values)


async def scalar(database: Databases, statement: str, **values: Any) -> Any:
    async with database.owner.reading.connect() as connection:
        return (await connection.execute(text(statement), values)).scalar_one()


async def with_bids(world: World, *prices: str, seconds: float = 2.0) -> tuple[Member, str, list[Json]]:
    """A buyer, the path of his tender, and what its bidders were answered."""
    buyer, suppliers = await world.buyer(), [await world.supplier() for _ in prices]
    path = f"/v1/tenders/{(await world.published(buyer, seconds=seconds))['id']}"
    made = [await each.made(f"{path}/bids", bid(price)) for each, price in zip(suppliers, prices, strict=True)]
    return buyer, path, made


async def closed(world: World, path: str) -> Json:
    """Wait for the deadline, in a world that opens nothing."""
    while True:
        seen = await world.public.read(path)
        if seen["status"] != "published":
            return seen
        await asyncio.sleep(0.05)


async def test_a_bidder_checks_receipt_manifest_and_opening_by_himself(world: World, database: Databases) -> None:
    _, path, (made,) = await with_bids(world, "3300.00")
    (key,) = (await world.public.read("/v1/keys"))["receipts"]
    receipt, copy, nonce = made["receipt"].encode(), made["copy"].encode(), bytes.fromhex(made["nonce"])
    script = verifier()
    assert script.fault(receipt, copy, nonce, bytes.fromhex(key["public_key"])) is None
    assert script.fault(receipt, copy.replace(b"3300.00", b"3300.01"), nonce, bytes.fromhex(key["public_key"]))
    shown = await world.public.read(path)
    assert shown["sealing_key"]["public_key"] == made["public_key"]
    assert (await world.public.get(f"{path}/manifest")).json()["code"] == "manifest-not-found"
    await world.opened(shown)
    manifest = await world.public.get(f"{path}/manifest")
    said = json.loads(receipt)["receipt"]
    names = ("bid_id", "revision", "ciphertext_sha256", "commitment", "received_at")
    assert manifest.json()["bids"] == [{name: said[name] for name in names}]
    told = (
        "SELECT data->>'manifest_sha256' FROM events WHERE type = 'tender.closed' AND NOT sealed AND subject_id = :id"
    )
    assert await scalar(database, told, id=shown["id"]) == hashlib.sha256(manifest.content).hexdigest()
    (opened,) = (await world.public.read(f"{path}/bids"))["items"]
    assert opened["commitment"] == made["commitment"] == commitment(made["copy"], opened["nonce"])
    assert opened["lots"] == made["lots"]


async def test_a_receipt_hands_out_the_newest_checkpoint_and_is_signed_over_it(database: Databases) -> None:
    note = "oimaq.test/log\n7\nq83vEjRWeJASNFZ4kKvN7w==\n"
    async with built(database, checkpoint=lambda: note) as world:
        found = await world.published(await world.buyer())
        made = await (await world.supplier()).made(f"/v1/tenders/{found['id']}/bids", bid("3300.00"))
        (key,) = (await world.public.read("/v1/keys"))["receipts"]
    assert json.loads(made["receipt"])["receipt"]["checkpoint"] == note
    told = made["copy"].encode(), bytes.fromhex(made["nonce"]), bytes.fromhex(key["public_key"])
    assert verifier().fault(made["receipt"].encode(), *told) is None
    assert verifier().fault(made["receipt"].replace("\\n7\\n", "\\n8\\n").encode(), *told)


async def test_a_bidder_reads_what_he_sealed_again_only_after_the_opening(world: World) -> None:
    supplier = await world.supplier()
    found = await world.published(await world.buyer(), seconds=2.0)
    made = await supplier.made(f"/v1/tenders/{found['id']}/bids", bid("3300.00"))
    own = f"/v1/bids/{made['id']}"
    before = await supplier.read(own)
    assert (before["status"], before["lots"], before["nonce"]) == ("submitted", None, None)
    assert {name: before[name] for name in ("commitment", "received_at")} == {
        name: made[name] for name in ("commitment", "received_at")
    }
    await world.opened(found)
    after = await supplier.read(own)
    told = {name: made[name] for name in ("lots", "documents", "nonce")}
    assert after == before | {"status": "opened"} | told
    assert after in (await supplier.read("/v1/bids"))["items"]


async def test_ones_own_bids_are_listed_tender_by_tender(world: World) -> None:
    supplier, buyer = await world.supplier(), await world.buyer()
    tenders = [await world.published(buyer) for _ in range(3)]
    made = [await supplier.made(f"/v1/tenders/{each['id']}/bids", bid()) for each in tenders]
    first = await supplier.get("/v1/bids", limit="2")
    second = await supplier.read("/v1/bids", limit="2", cursor=first.json()["next"])
    listed = [*first.json()["items"], *second["items"]]
    assert [each["id"] for each in listed] == [each["id"] for each in made]
    assert second["next"] is None


async def test_one_flipped_byte_makes_that_bid_unreadable_and_drops_nothing(world: World, database: Databases) -> None:
    buyer, path, (broken, whole, unrecorded) = await with_bids(world, "3300.00", "3200.00", "3100.00")
    flip = "UPDATE sealed_bids SET {0} = set_byte({0}, 100, get_byte({0}, 100) # 1) WHERE id = :id"
    await execute(database, flip.format("ciphertext"), id=broken["id"])
    await execute(database, flip.format("sealed_record"), id=unrecorded["id"])
    await world.opened({"id": path.rsplit("/", 1)[1]})
    shown = {each["id"]: each for each in (await world.public.read(f"{path}/bids"))["items"]}
    assert set(shown) == {broken["id"], whole["id"], unrecorded["id"]}
    assert [shown[each["id"]]["lots"] for each in (whole, unrecorded)] == [whole["lots"], unrecorded["lots"]]
    seen = shown[broken["id"]]
    assert (seen["status"], seen["lots"], seen["bidder_name"], seen["nonce"]) == ("unreadable", None, None, None)
    assert (seen["unreadable"]["fault"], seen["commitment"]) == ("changed", broken["commitment"])
    assert seen["unreadable"]["stored_sha256"] == broken["ciphertext_sha256"] != seen["unreadable"]["computed_sha256"]
    evaluation = await buyer.made(f"{path}/evaluation")
    assert evaluation["set_aside"] == [{"bid_id": broken["id"], "reason": "unreadable", "detail": "changed"}]
    assert {each["bid_id"] for each in evaluation["admissions"]} == {whole["id"], unrecorded["id"]}
    verdicts = "SELECT count(*) FROM verdicts WHERE tender_id = :id AND stage = 'bid'"
    assert await scalar(database, verdicts, id=path.rsplit("/", 1)[1]) == 1, "of the bid whose record was whole"


async def test_a_record_of_the_first_form_opens_beside_its_bid(world: World, database: Databases) -> None:
    """Bids that were sealed before an upgrade and opened after it."""
    _, path, (made,) = await with_bids(world, "3300.00")
    person = PersonId(uuid7())
    text = written(BidRecord(person_id=person, verdicts=()))
    old = SodiumSealer().seal(PublicKey(bytes.fromhex(made["public_key"])), text)
    set_record = "UPDATE sealed_bids SET sealed_record = decode(:old, 'hex') WHERE id = :id"
    await execute(database, set_record, old=old.hex(), id=made["id"])
    await world.opened({"id": path.rsplit("/", 1)[1]})
    told = "SELECT data->>'submitted_by' FROM events WHERE type = 'bid.opened' AND subject_id = :id"
    assert await scalar(database, told, id=made["id"]) == str(person)


def opening(database: Databases, *, failing: int = 0, vault: Vault | None = None) -> Opening:
    """An opener whose transaction number ``failing`` is lost at its very end."""
    begin = Transactions(database.opening.begin, KEYRING.answers)
    count = 0

    @asynccontextmanager
    async def losing(command: Command | None = None) -> AsyncIterator[Work]:
        nonlocal count
        count += 1
        async with begin(command) as work:
            yield work
            if count == failing:
                raise EOFError("lost before the commit")

    assert KEYRING.wrapper is not None
    return Opening(
        losing,
        wrapper=KEYRING.wrapper,
        unsealer=SodiumUnsealer(),
        tags=KEYRING.tags,
        records=JsonBidRecords(),
        vault=vault or memory_vault(),
        new_key_pair=new_key_pair,
        new_id=uuid7,
    )


async def test_an_opening_that_is_lost_has_opened_nothing_and_is_repeated(database: Databases) -> None:
    async with built(database, keyring=ELSEWHERE) as world:
        await opening(database).fill()
        _, path, made = await with_bids(world, "3300.00", "3200.00")
        id = TenderId((await closed(world, path))["id"])
        with pytest.raises(EOFError):
            await opening(database, failing=2).open(id)
        assert (await world.public.read(path))["status"] == "closed"
        counts = "SELECT count(*) FROM {} WHERE tender_id = :id"
        assert [await scalar(database, counts.format(table), id=id) for table in ("bids", "verdicts")] == [0, 0]
        assert (await world.public.get(f"{path}/bids")).json()["code"] == "bids-not-opened"
        await opening(database).open(id)
        shown = (await world.public.read(f"{path}/bids"))["items"]
        assert {each["id"] for each in shown} == {each["id"] for each in made}


async def test_what_went_came_or_was_exchanged_after_the_closing_is_shown_as_such(database: Databases) -> None:
    """By somebody who writes the database: what counts is what was published at the closing."""
    async with built(database, keyring=ELSEWHERE) as world:
        await opening(database).fill()
        _, path, (gone, exchanged, whole) = await with_bids(world, "3300.00", "3200.00", "3100.00", seconds=3.0)
        id = TenderId((await closed(world, path))["id"])
        of_bid = (
            "bidder_tag, revision, terms, status, received_at, ciphertext, ciphertext_hash, commitment, sealed_record"
        )
        came = f"INSERT INTO sealed_bids (id, tender_id, {of_bid}, version) SELECT gen_random_uuid(), tender_id,"
        other = of_bid.replace("bidder_tag", "sha256('another')")
        await execute(database, f"{came} {other}, 1 FROM sealed_bids WHERE id = :id", id=whole["id"])
        await execute(database, "DELETE FROM sealed_bids WHERE id = :id", id=gone["id"])
        exchange = "UPDATE sealed_bids SET ciphertext = 'x', ciphertext_hash = sha256('x') WHERE id = :id"
        await execute(database, exchange, id=exchanged["id"])
        await opening(database).open(id)
        shown = {each["id"]: each for each in (await world.public.read(f"{path}/bids"))["items"]}
    assert set(shown) == {gone["id"], exchanged["id"], whole["id"]}
    assert shown[whole["id"]]["lots"] == whole["lots"]
    for made, fault, ciphertext in ((gone, "missing", b""), (exchanged, "changed", b"x")):
        assert shown[made["id"]]["unreadable"] == {
            "fault": fault,
            "stored_sha256": made["ciphertext_sha256"],
            "computed_sha256": hashlib.sha256(ciphertext).hexdigest(),
        }


async def test_four_openers_at_once_open_once_and_every_reader_sees_the_same(database: Databases) -> None:
    async with built(database, keyring=ELSEWHERE) as world:
        await opening(database).fill()
        _, path, _ = await with_bids(world, "3300.00", "3200.00", "3100.00")
        id = TenderId((await closed(world, path))["id"])
        told = await asyncio.gather(*(opening(database).open(id) for _ in range(4)))
        assert len({(each.status, each.opened_at, each.version) for each in told}) == 1
        once = "SELECT count(*) FROM events WHERE type = 'tender.opened' AND subject_id = :id"
        assert await scalar(database, once, id=id) == 1
        each = "SELECT count(*) FROM events WHERE type = 'bid.opened' AND data->>'tender_id' = :id"
        assert await scalar(database, each, id=str(id)) == 3
        readers = (world.public, await world.buyer(), await world.supplier())
        assert len({(await reader.get(f"{path}/bids")).content for reader in readers}) == 1


async def test_where_the_key_is_elsewhere_a_tender_waits_closed_for_the_opener(server_dsn: str) -> None:
    async with fresh_database(server_dsn, "oimaq_opener") as dsn:
        await migrate(dsn)
        async with walled(dsn, pool_size=4) as database, built(database, keyring=ELSEWHERE) as world:
            buyer = await world.buyer()
            draft = await buyer.made("/v1/tenders", tender())
            path = f"/v1/tenders/{draft['id']}"
            closes_at = (datetime.now(UTC) + timedelta(seconds=60)).isoformat().replace("+00:00", "Z")
            refused = await buyer.post(f"{path}/publication", {"closes_at": closes_at}, If_Match='"1"')
            assert (refused.status_code, refused.json()["code"]) == (503, "no-sealing-key")
            assert "opener" in refused.json()["passes"]
            async with built(database) as opener:
                stop = asyncio.Event()
                running = asyncio.create_task(open_all(opener.worker, stop=stop))
                async with asyncio.timeout(20):
                    while await scalar(database, "SELECT count(*) FROM sealing_keys") < SPARE_KEYS:  # noqa: ASYNC110 - made elsewhere
                        await asyncio.sleep(0.05)
                stop.set()
                await running
                _, path, made = await with_bids(world, "3300.00", seconds=1.5)
                await closed(world, path)
                manifest = (await world.public.read(f"{path}/manifest"))["bids"]
                assert [each["commitment"] for each in manifest] == [made[0]["commitment"]]
                stop.clear()
                running = asyncio.create_task(open_all(opener.worker, stop=stop))
                seen = await world.opened({"id": path.rsplit("/", 1)[1]})
                stop.set()
                await running
            assert seen["status"] == "opened"


async def test_a_tender_from_before_bids_were_sealed_is_given_a_key_and_takes_bids_again(
    world: World, database: Databases
) -> None:
    supplier = await world.supplier()
    found = await world.published(await world.buyer(), seconds=3.0)
    path = f"/v1/tenders/{found['id']}"
    before = "UPDATE tenders SET sealing_key_id = NULL, public_key = NULL WHERE id = :id"
    await execute(database, before, id=found["id"])
    await execute(database, "DELETE FROM sealing_keys WHERE tender_id = :id", id=found["id"])
    refused = await supplier.post(f"{path}/bids", bid())
    assert (refused.status_code, refused.json()["code"]) == (503, "no-sealing-key")
    await opening(database).fill()
    made = await supplier.made(f"{path}/bids", bid())
    assert made["public_key"] == (await world.public.read(path))["sealing_key"]["public_key"]
    await world.opened(found)
    assert [each["id"] for each in (await world.public.read(f"{path}/bids"))["items"]] == [made["id"]]


async def test_no_two_tenders_are_sealed_to_one_key(world: World) -> None:
    buyer = await world.buyer()
    drafts = [await buyer.made("/v1/tenders", tender()) for _ in range(6)]
    body = {"closes_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat().replace("+00:00", "Z")}
    published = await asyncio.gather(
        *(buyer.made(f"/v1/tenders/{each['id']}/publication", body, If_Match='"1"') for each in drafts)
    )
    assert len({each["sealing_key"]["public_key"] for each in published}) == len(drafts)


async def test_a_key_that_cannot_be_used_keeps_bids_closed_and_nobody_from_reading(database: Databases) -> None:
    other = replace(KEYRING, wrapper=FileKeyWrapper(b"o" * 32))
    async with built(database) as world:
        _, path, _ = await with_bids(world, "3300.00", seconds=1.5)
    async with built(database, keyring=other) as world:
        assert (await closed(world, path))["status"] == "closed"
        with pytest.raises(KeyRefused):
            await world.application.tendering.apply_due(TenderId(UUID(path.rsplit("/", 1)[1])))
    async with built(database) as world:
        assert (await world.public.read(path))["status"] == "opened"


async def test_two_people_open_where_the_procedure_asks_for_it(database: Databases) -> None:
    async with built(database, opening_approvals="2") as world:
        buyer = await world.buyer()
        path = f"/v1/tenders/{(await world.published(buyer, procedure='among-producers', seconds=2.0))['id']}"
        await (await world.supplier()).made(f"{path}/bids", bid())
        early = await buyer.post(f"{path}/opening")
        assert early.json()["code"] == "bidding-still-open"
        await closed(world, path)
        assert (await buyer.made(f"{path}/opening"))["status"] == "closed"
        again = await buyer.post(f"{path}/opening")
        assert (again.status_code, again.json()["code"]) == (409, "step-not-allowed")
        assert (await world.public.read(path))["status"] == "closed"
        email = f"second-{buyer.bin}@world.example"
        member = {"email": email, "name": "Second", "password": "p" * 12, "roles": ["approver"]}
        await buyer.made("/v1/members", member)
        issued = await world.application.signing_in.sign_in(email=email, password="p" * 12)
        second = Member(world.http, issued.token, buyer.id, buyer.bin)
        await second.made(f"{path}/opening")
        assert (await world.public.read(path))["status"] == "opened"


async def test_the_buyer_opens_at_once_where_nobodys_approval_is_asked(world: World) -> None:
    buyer, path, _ = await with_bids(world, "3300.00", seconds=1.2)
    while (answer := await buyer.post(f"{path}/opening")).status_code == httpx.codes.CONFLICT:
        assert answer.json()["code"] == "bidding-still-open"
        await asyncio.sleep(0.1)
    assert (answer.status_code, answer.json()["status"]) == (201, "opened")


async def test_events_of_sealed_bids_name_nobody(world: World, database: Databases) -> None:
    supplier = await world.supplier()
    found = await world.published(await world.buyer())
    made = await supplier.made(f"/v1/tenders/{found['id']}/bids", bid())
    own = f"/v1/bids/{made['id']}"
    await supplier.step(f"{own}/replacement", bid("3200.00"), of=own)
    await supplier.step(f"{own}/withdrawal", of=own)
    rows = "SELECT jsonb_agg(to_jsonb(events) ORDER BY seq) FROM events WHERE subject_id = :id"
    told = await scalar(database, rows, id=made["id"])
    assert [each["type"] for each in told] == ["bid.submitted", "bid.replaced", "bid.withdrawn"]
    assert {(each["person_id"], each["organization_id"], each["sealed"]) for each in told} == {(None, None, True)}
    assert [each["data"] for each in told] == [
        {"tender_id": found["id"], "revision": revision, "terms": 1} for revision in (1, 2, 2)
    ]
    stored = await scalar(database, "SELECT ciphertext || sealed_record FROM sealed_bids WHERE id = :id", id=made["id"])
    assert stored == b"", "a withdrawn bid leaves nothing that could be opened"
    kept = "SELECT jsonb_agg(revision || ':' || encode(commitment, 'hex')) FROM superseded_bids WHERE bid_id = :id"
    assert await scalar(database, kept, id=made["id"]) == [f"1:{made['commitment']}"]


async def test_only_an_approver_of_the_buyer_approves_the_opening(world: World) -> None:
    buyer, path, _ = await with_bids(world, "3300.00", seconds=1.2)
    officer = await world.member(OrganizationKind.BUYER, (Role.OFFICER,))
    assert (await officer.post(f"{path}/opening")).status_code == httpx.codes.FORBIDDEN
    stranger = await world.buyer()
    assert (await stranger.post(f"{path}/opening")).status_code == httpx.codes.NOT_FOUND
    assert buyer.id != stranger.id
