"""Documents of bids through the API: taken by content, sealed, named by the bid, opened with it, for whom they are."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from adapters.postgres.work import Transactions
from adapters.sealing.sodium import SodiumSealer
from adapters.storage.files import file_vault
from adapters.storage.memory import MemoryOfDocuments, memory_vault
from domain.actors import Actor, OrganizationKind, Role
from domain.bids.attaching import AT_ONCE_OF_ONE, Attaching
from domain.bids.document_types import MediaType
from domain.bids.documents import DOCUMENTS_MAX, DocumentRefused
from domain.bids.ports import Vault
from domain.ids import BidDocumentId, OrganizationId, PersonId, TenderId
from domain.sealing.padding import DOCUMENT_BYTES_MAX
from domain.tenders.model import TenderNotFound
from domain.work import Busy, Command, Work
from tests.api.test_permissions import signed_in
from tests.api.test_sealed_bids import ELSEWHERE, closed, commitment, opening
from tests.documents import OF_TYPE, PDF
from tests.world import KEYRING, Databases, Json, Member, World, agreement, bid, built, tender

NAME = "Сертификат № 5.pdf"


async def uploaded(supplier: Member, path: str, content: bytes = PDF) -> Json:
    answer = await supplier.upload(f"{path}/documents", content)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    made: Json = answer.json()
    return made


def naming(*documents: Json, name: str = NAME) -> Json:
    return bid() | {"documents": [{"id": each["id"], "name": name, "sha256": each["sha256"]} for each in documents]}


async def a_tender(world: World, *, seconds: float = 3600) -> tuple[Member, str]:
    buyer = await world.buyer()
    return buyer, f"/v1/tenders/{(await world.published(buyer, seconds=seconds))['id']}"


async def opened(world: World, path: str) -> None:
    await world.opened({"id": path.rsplit("/", 1)[1]})


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def rows(database: Databases, statement: str, **values: Any) -> list[Any]:
    async with database.owner.reading.connect() as connection:
        return list((await connection.execute(text(statement), values)).mappings().all())


async def test_a_document_is_sealed_with_its_bid_and_opened_for_whom_it_is(world: World) -> None:
    buyer, path = await a_tender(world, seconds=3.0)
    supplier, rival = await world.supplier(), await world.supplier()
    document = await uploaded(supplier, path)
    assert (document["sha256"], document["bytes"]) == (sha256(PDF).hexdigest(), len(PDF))
    assert document["media_type"] == "application/pdf"
    made = await supplier.made(f"{path}/bids", naming(document))
    assert made["documents"] == [{"id": document["id"], "name": NAME, "sha256": document["sha256"]}]
    told = json.loads(made["copy"])
    assert (told["format"], told["documents"]) == ("oimaq-bid/2", made["documents"])
    place = f"/v1/bids/{made['id']}/documents/{document['id']}"
    auditor = await world.member(OrganizationKind.AUDITOR)
    readers = (supplier, buyer, auditor, rival, await world.buyer(), await world.registry())
    random = f"/v1/bids/{uuid4()}/documents/{uuid4()}"
    for reader in readers:
        before, nowhere = await reader.get(place), await reader.get(random)
        assert code_of(before) == code_of(nowhere) == (404, "document-not-found")
        assert before.json()["detail"] == nowhere.json()["detail"]
    await opened(world, path)
    (shown,) = (await world.public.read(f"{path}/bids"))["items"]
    found = {"media_type": "application/pdf", "bytes": len(PDF), "unreadable": None}
    assert shown["documents"] == [each | found for each in made["documents"]]
    assert shown["commitment"] == commitment(made["copy"], shown["nonce"])
    answers = [await reader.get(place) for reader in readers]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 404, 404]
    assert {answer.content for answer in answers[:3]} == {PDF}
    assert (await world.public.get(place)).status_code == 401
    swapped = f"/v1/bids/{document['id']}/documents/{made['id']}"
    assert (await supplier.get(swapped)).status_code == 404


async def test_a_document_is_handed_out_as_an_attachment_and_nothing_else(world: World) -> None:
    _, path = await a_tender(world, seconds=2.5)
    supplier = await world.supplier()
    document = await uploaded(supplier, path)
    name = 'Сертификат "№5"; x=y.pdf'
    made = await supplier.made(f"{path}/bids", naming(document, name=name))
    await opened(world, path)
    answer = await supplier.get(f"/v1/bids/{made['id']}/documents/{document['id']}")
    headers = answer.headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Length"] == str(len(PDF))
    plain, _, extended = headers["Content-Disposition"].removeprefix("attachment; ").partition("; filename*=")
    assert plain == 'filename="__________ __5__ x_y.pdf"'
    assert extended == (
        "UTF-8''%D0%A1%D0%B5%D1%80%D1%82%D0%B8%D1%84%D0%B8%D0%BA%D0%B0%D1%82%20%22%E2%84%965%22%3B%20x%3Dy.pdf"
    )
    again = await world.http.get(
        f"/v1/bids/{made['id']}/documents/{document['id']}",
        headers=supplier.headers | {"If-None-Match": headers["ETag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_every_type_is_taken_and_told_by_its_content(world: World) -> None:
    _, path = await a_tender(world, seconds=4.0)
    supplier = await world.supplier()
    documents = [await uploaded(supplier, path, content) for content in OF_TYPE.values()]
    assert [each["media_type"] for each in documents] == list(OF_TYPE)
    made = await supplier.made(f"{path}/bids", naming(*documents))
    await opened(world, path)
    for document, (media_type, content) in zip(documents, OF_TYPE.items(), strict=True):
        answer = await supplier.get(f"/v1/bids/{made['id']}/documents/{document['id']}")
        assert (answer.headers["Content-Type"], answer.content) == (media_type, content)


async def test_what_is_not_taken_leaves_nothing_behind(database: Databases, tmp_path: Path) -> None:
    async with built(database, vault=file_vault(tmp_path)) as world:
        _, path = await a_tender(world)
        supplier = await world.supplier()
        for content in (b"", b"MZ" + bytes(100), OF_TYPE[MediaType.DOCX][:-1]):
            assert code_of(await supplier.upload(f"{path}/documents", content)) == (422, "document-refused")
        large = {"Content-Length": str(DOCUMENT_BYTES_MAX + 1)}
        assert code_of(await supplier.upload(f"{path}/documents", PDF, **large)) == (413, "body-too-large")
        wrong = {"Content-Length": str(len(PDF) + 1)}
        assert code_of(await supplier.upload(f"{path}/documents", PDF, **wrong)) == (422, "seal-broken")

        async def unmeasured() -> AsyncIterator[bytes]:
            yield PDF

        keyed = supplier.headers | {"Idempotency-Key": "k"}
        answer = await world.http.post(f"{path}/documents", content=unmeasured(), headers=keyed)
        assert code_of(answer) == (411, "length-required")
        assert files_in(tmp_path) == []


async def test_a_document_as_large_as_it_may_be_is_kept_sealed(database: Databases, tmp_path: Path) -> None:
    async with built(database, vault=file_vault(tmp_path)) as world:
        _, path = await a_tender(world)
        supplier = await world.supplier()
        content = PDF + b"\xaa\x55" * ((DOCUMENT_BYTES_MAX - len(PDF)) // 2)
        document = await uploaded(supplier, path, content)
        assert (document["bytes"], document["sha256"]) == (len(content), sha256(content).hexdigest())
        kept = (tmp_path / "sealed" / document["id"]).read_bytes()
        assert len(kept) > DOCUMENT_BYTES_MAX
        assert b"\xaa\x55" * 8 not in kept
        (row,) = await rows(database, "SELECT * FROM bid_documents WHERE id = :id", id=document["id"])
        assert (row["ciphertext_hash"], row["ciphertext_bytes"]) == (sha256(kept).digest(), len(kept))


async def test_documents_are_taken_from_confirmed_suppliers_while_bids_are(world: World) -> None:
    buyer, path = await a_tender(world, seconds=1.5)
    supplier = await world.supplier()
    draft = await buyer.made("/v1/tenders", tender())
    for nowhere in (f"/v1/tenders/{draft['id']}", f"/v1/tenders/{uuid4()}"):
        assert code_of(await supplier.upload(f"{nowhere}/documents", PDF)) == (404, "tender-not-found")
    unconfirmed = await signed_in(world, "supplier")
    refused = await unconfirmed.upload(f"{path}/documents", PDF)
    assert code_of(refused) == (403, "organization-not-confirmed")
    assert (await buyer.upload(f"{path}/documents", PDF)).status_code == 403
    assert (await world.public.upload(f"{path}/documents", PDF)).status_code == 401
    await opened(world, path)
    assert code_of(await supplier.upload(f"{path}/documents", PDF)) == (409, "bidding-closed")


async def test_twenty_documents_and_a_retry_of_the_last(database: Databases) -> None:
    sealed = MemoryOfDocuments()
    async with built(database, vault=Vault(sealed=sealed, opened=MemoryOfDocuments())) as world:
        _, path = await a_tender(world)
        supplier = await world.supplier()
        for _ in range(DOCUMENTS_MAX - 1):
            await uploaded(supplier, path)
        both = await asyncio.gather(*(supplier.upload(f"{path}/documents", PDF, Idempotency_Key=key) for key in "ab"))
        assert sorted(each.status_code for each in both) == [201, 409], "two at once do not slip past the bound"
        last, kept = next((key, each) for key, each in zip("ab", both, strict=True) if each.status_code == 201)
        again = await supplier.upload(f"{path}/documents", PDF, Idempotency_Key=last)
        assert (again.content, again.headers["Idempotent-Replayed"]) == (kept.content, "true")
        other = await supplier.upload(f"{path}/documents", PDF + b"more", Idempotency_Key=last)
        assert code_of(other) == (422, "idempotency-key-reused")
        assert code_of(await supplier.upload(f"{path}/documents", PDF)) == (409, "documents-exhausted")
        assert len(sealed.kept) == DOCUMENTS_MAX, "what was refused or replayed has left no file"
        assert json.loads(kept.content)["id"] in {str(id) for id in sealed.kept}


async def test_a_bid_names_its_bidders_own_documents_of_its_tender_and_no_others(world: World) -> None:
    _, path = await a_tender(world)
    _, elsewhere = await a_tender(world)
    supplier, rival = await world.supplier(), await world.supplier()
    own, foreign = await uploaded(supplier, path), await uploaded(rival, path)
    misplaced = await uploaded(supplier, elsewhere)
    random = own | {"id": str(uuid4())}
    refused = [await supplier.post(f"{path}/bids", naming(own, each)) for each in (foreign, misplaced, random)]
    assert {code_of(answer) for answer in refused} == {(422, "documents-refused")}
    assert len({json.dumps(answer.json()["errors"]) for answer in refused}) == 1, "a foreign one is as good as none"
    assert refused[0].json()["errors"][0]["pointer"] == "/documents/1/id"
    assert code_of(await supplier.post(f"{path}/bids", naming(own, name="a/b"))) == (422, "documents-refused")
    assert code_of(await supplier.post(f"{path}/bids", naming(own, own))) == (422, "documents-refused")
    await supplier.made(f"{path}/bids", naming(own))


async def test_what_a_bidder_uploads_changes_nothing_for_a_rival(world: World) -> None:
    seen = []
    for count in (0, DOCUMENTS_MAX):
        _, path = await a_tender(world)
        supplier, rival = await world.supplier(), await world.supplier()
        for _ in range(count):
            await uploaded(supplier, path)
        made = await uploaded(rival, path)
        seen.append({name: made[name] for name in ("media_type", "bytes", "sha256")})
        await rival.made(f"{path}/bids", naming(made))
    assert seen[0] == seen[1]


async def test_a_replacement_names_documents_anew_and_a_confirmation_brings_them_along(world: World) -> None:
    buyer, path = await a_tender(world)
    supplier = await world.supplier()
    first, second = await uploaded(supplier, path), await uploaded(supplier, path, PDF + b"second")
    made = await supplier.made(f"{path}/bids", naming(first))
    own = f"/v1/bids/{made['id']}"
    replaced = await supplier.made(f"{own}/replacement", naming(second, name="Second.pdf"), If_Match='"1"')
    body = tender(price="3500.00")
    body = {"title": body["title"], "lots": body["lots"], "reason": "The price was wrong"}
    await buyer.step(f"{path}/amendments", body, of=path)
    confirmed = await supplier.made(f"{own}/confirmation", agreement(replaced), If_Match='"2"')
    assert confirmed["documents"] == replaced["documents"] != made["documents"]
    assert (confirmed["terms"], confirmed["revision"]) == (2, 3)


async def test_documents_that_a_bid_names_no_more_are_not_opened(world: World) -> None:
    buyer, path = await a_tender(world, seconds=3.0)
    supplier = await world.supplier()
    first, second = await uploaded(supplier, path), await uploaded(supplier, path, PDF + b"second")
    made = await supplier.made(f"{path}/bids", naming(first))
    await supplier.made(f"/v1/bids/{made['id']}/replacement", naming(second), If_Match='"1"')
    await opened(world, path)
    places = [f"/v1/bids/{made['id']}/documents/{each['id']}" for each in (first, second)]
    assert [(await buyer.get(place)).status_code for place in places] == [404, 200]
    (shown,) = (await world.public.read(f"{path}/bids"))["items"]
    assert [each["id"] for each in shown["documents"]] == [second["id"]]


async def test_a_broken_document_is_shown_with_its_fault_and_the_bid_stands(database: Databases) -> None:
    sealed = MemoryOfDocuments()
    async with built(database, vault=Vault(sealed=sealed, opened=MemoryOfDocuments())) as world:
        buyer, path = await a_tender(world, seconds=3.5)
        supplier = await world.supplier()
        whole, flipped, gone, unknown = [await uploaded(supplier, path, PDF + bytes([n])) for n in range(4)]
        mistaken = await uploaded(supplier, path) | {"sha256": "0a" * 32}
        named = (whole, flipped, gone, unknown, mistaken)
        made = await supplier.made(f"{path}/bids", naming(*named))
        ids = [BidDocumentId(UUID(each["id"])) for each in named]
        stored = [sha256(sealed.kept[id]).hexdigest() for id in ids]
        content = sealed.kept[ids[1]]
        sealed.kept[ids[1]] = content[:30_000] + bytes([content[30_000] ^ 1]) + content[30_001:]
        del sealed.kept[ids[2]]
        async with database.owner.engine.begin() as connection:
            await connection.execute(text("DELETE FROM bid_documents WHERE id = :id"), {"id": ids[3]})
        await opened(world, path)
        (shown,) = (await world.public.read(f"{path}/bids"))["items"]
        assert (shown["status"], shown["lots"]) == ("opened", made["lots"])
        assert [each["id"] for each in shown["documents"]] == [each["id"] for each in named]
        told = [each["unreadable"] for each in shown["documents"]]
        computed = sha256(sealed.kept[ids[1]]).hexdigest()
        assert told == [
            None,
            {"fault": "changed", "stored_sha256": stored[1], "computed_sha256": computed},
            {"fault": "missing", "stored_sha256": stored[2], "computed_sha256": sha256(b"").hexdigest()},
            {"fault": "missing", "stored_sha256": None, "computed_sha256": None},
            {"fault": "commitment", "stored_sha256": stored[4], "computed_sha256": stored[4]},
        ]
        answers = [await buyer.get(f"/v1/bids/{made['id']}/documents/{id}") for id in ids]
        assert [answer.status_code for answer in answers] == [200, 409, 409, 409, 409]
        assert answers[1].json()["facts"] == told[1]
        assert {code_of(answer) for answer in answers[1:]} == {(409, "document-unreadable")}
        assert (await buyer.made(f"{path}/evaluation"))["set_aside"] == []


async def test_an_opening_that_is_lost_or_done_twice_opens_each_document_once(database: Databases) -> None:
    vault = memory_vault()
    async with built(database, keyring=ELSEWHERE, vault=vault) as world:
        await opening(database).fill()
        buyer, path = await a_tender(world, seconds=2.5)
        supplier = await world.supplier()
        document = await uploaded(supplier, path)
        made = await supplier.made(f"{path}/bids", naming(document))
        place = f"/v1/bids/{made['id']}/documents/{document['id']}"
        id = TenderId((await closed(world, path))["id"])
        with pytest.raises(EOFError):
            await opening(database, failing=2, vault=vault).open(id)
        assert (await buyer.get(place)).status_code == 404, "its content is there, and nobody may have it"
        await asyncio.gather(*(opening(database, vault=vault).open(id) for _ in range(3)))
        assert (await buyer.get(place)).content == PDF
        (event,) = await rows(database, "SELECT * FROM events WHERE subject_id = :id AND NOT sealed", id=document["id"])
        assert event["type"] == "bid_document.opened"
        assert event["data"]["sha256"] == document["sha256"]


async def test_a_place_that_fails_keeps_bids_closed_and_nobody_from_reading(
    database: Databases, tmp_path: Path
) -> None:
    kept = file_vault(tmp_path)
    async with built(database, vault=kept) as world:
        buyer, path = await a_tender(world, seconds=2.0)
        supplier = await world.supplier()
        document = await uploaded(supplier, path)
        made = await supplier.made(f"{path}/bids", naming(document))
        (tmp_path / "opened").write_bytes(b"a file in the place of the folder")
        assert (await closed(world, path))["status"] == "closed"
        (tmp_path / "opened").unlink()
        await opened(world, path)
        place = f"/v1/bids/{made['id']}/documents/{document['id']}"
        assert (await buyer.get(place)).content == PDF
        kept.opened.remove(BidDocumentId(UUID(document["id"])))
        assert code_of(await buyer.get(place)) == (503, "storage-failed")


async def test_one_bidders_slow_uploads_hold_up_nobody_else(world: World) -> None:
    _, path = await a_tender(world)
    slow, other = await world.supplier(), await world.supplier()
    going, arrived = asyncio.Event(), asyncio.Semaphore(0)

    async def dripping() -> AsyncIterator[bytes]:
        yield PDF[:10]
        arrived.release()
        await going.wait()
        yield PDF[10:]

    def upload() -> asyncio.Task[httpx.Response]:
        headers = slow.headers | {"Idempotency-Key": str(uuid4()), "Content-Length": str(len(PDF))}
        return asyncio.create_task(world.http.post(f"{path}/documents", content=dripping(), headers=headers))

    waiting = [upload() for _ in range(AT_ONCE_OF_ONE)]
    for _ in waiting:
        await arrived.acquire()
    assert code_of(await slow.upload(f"{path}/documents", PDF)) == (503, "busy")
    await uploaded(other, path)
    going.set()
    assert {(await each).status_code for each in waiting} == {201}
    await uploaded(slow, path)


def attaching(database: Databases, sealed: MemoryOfDocuments) -> Attaching:
    begin = Transactions(database.engine.begin, KEYRING.answers)
    return Attaching(begin, sealed, sealer=SodiumSealer(), tags=KEYRING.tags, new_id=uuid4, patience_seconds=0.05)


def acting(member: Member) -> Actor:
    return Actor(
        person_id=PersonId(uuid4()),
        organization_id=OrganizationId(UUID(member.id)),
        kind=OrganizationKind.SUPPLIER,
        roles=frozenset({Role.WORKSHOP_MANAGER}),
    )


async def test_an_upload_that_stops_or_breaks_off_leaves_nothing(world: World, database: Databases) -> None:
    _, path = await a_tender(world)
    id, by, sealed = TenderId(UUID(path.rsplit("/", 1)[1])), acting(await world.supplier()), MemoryOfDocuments()

    async def stopping() -> AsyncIterator[bytes]:
        yield PDF[:10]
        await asyncio.Event().wait()

    async def breaking() -> AsyncIterator[bytes]:
        yield PDF[:10]
        raise EOFError

    with pytest.raises(DocumentRefused, match="slowly"):
        await attaching(database, sealed).seal(id, stopping(), size=len(PDF), by=by)
    with pytest.raises(EOFError):
        await attaching(database, sealed).seal(id, breaking(), size=len(PDF), by=by)
    assert sealed.kept == {}


async def test_nothing_is_read_of_a_document_that_the_tender_does_not_take(world: World, database: Databases) -> None:
    async def unread() -> AsyncIterator[bytes]:
        read.append(True)
        yield PDF

    read: list[bool] = []
    by = acting(await world.supplier())
    with pytest.raises(TenderNotFound):
        await attaching(database, MemoryOfDocuments()).seal(TenderId(uuid4()), unread(), size=len(PDF), by=by)
    assert read == []


async def test_a_file_whose_commit_is_in_doubt_stays(world: World, database: Databases) -> None:
    """A connection that is lost at the commit may have lost the answer only; the row must not lose its file."""
    _, path = await a_tender(world)
    id, by, sealed = TenderId(UUID(path.rsplit("/", 1)[1])), acting(await world.supplier()), MemoryOfDocuments()

    async def whole() -> AsyncIterator[bytes]:
        yield PDF

    upload = await attaching(database, sealed).seal(id, whole(), size=len(PDF), by=by)

    @asynccontextmanager
    async def doubtful(command: Command | None = None) -> AsyncIterator[Work]:
        async with Transactions(database.engine.begin, KEYRING.answers)(command) as work:
            yield work
        raise Busy("The connection was lost")

    lost = Attaching(doubtful, sealed, sealer=SodiumSealer(), tags=KEYRING.tags, new_id=uuid4)
    with pytest.raises(Busy):
        await lost.attach(upload, command=Command(by=by))
    (kept,) = sealed.kept
    assert len(await rows(database, "SELECT id FROM bid_documents WHERE id = :id", id=kept)) == 1
