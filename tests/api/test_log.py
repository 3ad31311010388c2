"""The log over HTTP: whoever keeps a checkpoint can check what we say later; bids leave no trace before the opening."""

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.postgres.migrate import migrate
from adapters.signing.ed25519 import verify
from api.worker import work
from domain.actors import OrganizationKind
from domain.log.checkpoints import Checkpoint, PublicKey
from domain.log.tree import extends, includes, leaf_hash
from tests.conftest import fresh_database, walled
from tests.world import Json, Member, World, bid, built

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "verify_inclusion.py"


NOT_NUMBERED = """
SELECT count(*) FROM events WHERE NOT EXISTS (SELECT FROM log_leaves l WHERE l.event_id = events.id)
"""


@asynccontextmanager
async def own(server: str, name: str) -> AsyncIterator[World]:
    """A world with a database, and so a log, of its own."""
    async with fresh_database(server, name) as dsn:
        await migrate(dsn)
        async with walled(dsn, pool_size=4) as database, built(database) as world:
            yield world


@pytest.fixture
async def alone(server_dsn: str) -> AsyncIterator[World]:
    async with own(server_dsn, "oimaq_http_log") as world:
        yield world


async def signed(world: World) -> Checkpoint:
    """The newest checkpoint, once all that happened is numbered: other tests' transactions may delay that."""
    async with asyncio.timeout(60):
        while await not_numbered(world):
            await world.worker.sequencer.advance()
            await asyncio.sleep(0.05)
    note = await world.public.get("/v1/log/checkpoint", format="note")
    assert note.headers["Content-Type"].startswith("text/plain")
    key = PublicKey.parse((await world.public.read("/v1/log/key"))["verifier"])
    checkpoint = key.read(note.text, verify)
    assert checkpoint is not None
    told = await world.public.read("/v1/log/checkpoint")
    assert (told["size"], decoded(told["root"]), told["note"]) == (checkpoint.size, checkpoint.root, note.text)
    assert (told["origin"], decoded(told["sealed"])) == (key.name, checkpoint.sealed)
    return checkpoint


async def not_numbered(world: World) -> int:
    async with world.database.raw.acquire() as connection:
        found: int = await connection.fetchval(NOT_NUMBERED)
    return found


def decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


async def leaves(world: World, **query: Any) -> list[Json]:
    page = await world.public.read("/v1/log/leaves", limit=1000, **query)
    assert page["next"] == query.get("from", 0) + len(page["items"])
    return [json.loads(decoded(each["leaf"])) for each in page["items"]]


async def test_everybody_may_rebuild_the_tree_and_check_that_it_only_grew(alone: World) -> None:
    buyer = await alone.buyer()
    before = await signed(alone)
    await alone.published(buyer)
    after = await signed(alone)
    assert after.size > before.size
    query = {"from": before.size, "to": after.size}
    proof = await alone.public.read("/v1/log/consistency", **query)
    path = [decoded(each) for each in proof["path"]]
    sizes = {"old": before.size, "new": after.size}
    assert extends(path, **sizes, old_root=before.root, new_root=after.root)
    assert not extends(path, **sizes, old_root=after.root, new_root=after.root)
    page = await alone.public.read("/v1/log/leaves", limit=1000)
    assert [each["index"] for each in page["items"]] == list(range(after.size))
    for each in page["items"]:
        leaf = decoded(each["leaf"])
        proven = await alone.public.read("/v1/log/inclusion", event_id=json.loads(leaf)["id"])
        assert (proven["index"], proven["leaf"], proven["disclosed"]) == (each["index"], each["leaf"], {})
        path = [decoded(hash) for hash in proven["path"]]
        assert includes(path, leaf=leaf_hash(leaf), index=each["index"], size=after.size, root=after.root)


async def test_leaves_name_nobody(alone: World) -> None:
    buyer = await alone.buyer()
    published = await alone.published(buyer)
    await signed(alone)
    told = json.dumps(await leaves(alone))
    assert "tender.published" in told
    assert not any(secret in told for secret in (buyer.id, buyer.bin, published["id"], published["title"]))


async def test_the_organisation_and_auditors_see_what_an_event_hides_and_can_prove_it(
    alone: World, tmp_path: Path
) -> None:
    buyer = await alone.buyer()
    published = await alone.published(buyer)
    checkpoint = await signed(alone)
    id = next(each["id"] for each in await leaves(alone) if each["type"] == "tender.published")
    auditor = await alone.member(OrganizationKind.AUDITOR)
    rival = await alone.buyer()
    query = {"event_id": id, "size": checkpoint.size}
    for reader, sees in ((buyer, True), (auditor, True), (rival, False), (alone.public, False)):
        proof = await reader.read("/v1/log/inclusion", **query)
        shown = {name: each["value"] for name, each in proof["disclosed"].items()}
        assert (shown.get("subject_id") == published["id"], bool(shown)) == (sees, sees)
        kept, proof_file = tmp_path / "checkpoint.txt", tmp_path / "proof.json"
        kept.write_text((await alone.public.get("/v1/log/checkpoint", format="note")).text)
        proof_file.write_text(json.dumps(proof))
        if reader is buyer:
            assert checked(proof_file, kept).startswith("in the log at index")
            for name, other in altered(proof):
                proof_file.write_text(json.dumps(other))
                assert not checked(proof_file, kept).startswith("in the log"), name


def checked(*files: Path) -> str:
    """What the script says that anybody may run: on standard output, or why not."""
    command = [sys.executable, "-I", str(SCRIPT), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode == 0) == (not done.stderr)
    return done.stdout or done.stderr


def altered(proof: Json) -> list[tuple[str, Json]]:
    shown = proof["disclosed"]
    leaf = decoded(proof["leaf"]).replace(b"tender.published", b"tender.cancelled")
    return [
        ("leaf", proof | {"leaf": base64.b64encode(leaf).decode()}),
        ("index", proof | {"index": proof["index"] ^ 1}),
        ("path", proof | {"path": proof["path"][:-1]}),
        ("size", proof | {"size": proof["size"] - 1}),
        ("value", proof | {"disclosed": shown | {"subject_id": shown["subject_id"] | {"value": "another"}}}),
        ("salt", proof | {"disclosed": shown | {"subject_id": shown["subject_id"] | {"salt": "00"}}}),
    ]


async def test_before_the_opening_the_log_is_the_same_with_and_without_bids(server_dsn: str) -> None:
    """Two worlds that differ in their bids only, seen by everybody; afterwards each bid is there."""
    worlds: list[tuple[list[Any], World, Json, list[Member]]] = []
    async with own(server_dsn, "oimaq_world_a") as silent, own(server_dsn, "oimaq_world_b") as bidden:
        for world in (silent, bidden):
            buyer, bidders = await world.buyer(), [await world.supplier() for _ in range(2)]
            published = await world.published(buyer, seconds=4)
            if world is bidden:
                path = f"/v1/tenders/{published['id']}/bids"
                mine = {each.id: (await each.made(path, bid()))["id"] for each in bidders}
            worlds.append((await everything_seen(world, bidders[0]), world, published, bidders))
        assert worlds[0][0] == worlds[1][0]
        _, world, published, bidders = worlds[1]
        size = len(await leaves(world))
        await world.opened(published)
        await signed(world)
        later = await leaves(world, **{"from": size})
        types = [each["type"] for each in later]
        assert types[types.index("tender.opened") + 1 :][:2] == ["bid.submitted"] * 2
        disclosed = []
        for leaf in later[types.index("tender.opened") + 1 :][:2]:
            for bidder in bidders:
                proof = await bidder.read("/v1/log/inclusion", event_id=leaf["id"])
                disclosed.append(proof["disclosed"].get("subject_id", {}).get("value") == mine[bidder.id])
        assert sorted(disclosed) == [False, False, True, True]


async def everything_seen(world: World, bidder: Member) -> list[Any]:
    """What the log tells, with random and personal bytes by their length."""
    checkpoint = await signed(world)
    told = await bidder.get("/v1/log/checkpoint")
    found = await leaves(world)
    ids = [each["id"] for each in found]
    proofs = [(await bidder.read("/v1/log/inclusion", event_id=id)) for id in ids]
    return [
        checkpoint.size,
        (len(told.content), sorted(told.headers)),
        [(each["type"], each["subject"], len(json.dumps(each))) for each in found],
        [(each["index"], len(each["path"]), sorted(each["disclosed"])) for each in proofs],
        (await bidder.get("/v1/log/inclusion", event_id=ids[0], size=checkpoint.size + 1)).json()["detail"],
        (await bidder.get("/v1/log/consistency", **{"from": 1, "to": checkpoint.size + 1})).json()["facts"],
    ]


async def test_a_bidders_own_event_is_not_found_before_the_opening(alone: World) -> None:
    published = await alone.published(await alone.buyer())
    bidder = await alone.supplier()
    await bidder.made(f"/v1/tenders/{published['id']}/bids", bid())
    await signed(alone)
    assert not [each for each in await leaves(alone) if each["subject"] in {"bid", "verdict"}]


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("inclusion", {"event_id": "01a20acb-e7e9-76bf-bd45-3dbafd4b59c1"}, 404, "not-in-log"),
        ("inclusion", {"event_id": "01a20acb-e7e9-76bf-bd45-3dbafd4b59c1", "size": 9999}, 422, "wrong-tree-size"),
        ("inclusion", {"event_id": "x"}, 422, "invalid-request"),
        ("inclusion", {}, 422, "invalid-request"),
        ("consistency", {"from": 2, "to": 1}, 422, "wrong-tree-size"),
        ("consistency", {"from": 1, "to": 9999}, 422, "wrong-tree-size"),
        ("consistency", {"from": 0, "to": 1}, 422, "invalid-request"),
        ("consistency", {"from": 1}, 422, "invalid-request"),
        ("leaves", {"limit": 1001}, 422, "invalid-request"),
        ("leaves", {"from": -1}, 422, "invalid-request"),
        ("checkpoint", {"format": "pdf"}, 422, "invalid-request"),
    ],
)  # fmt: skip
async def test_what_cannot_be_proven_is_refused_in_words(
    alone: World, path: str, query: Json, status: int, code: str
) -> None:
    await alone.buyer()
    await signed(alone)
    refused = await alone.public.get(f"/v1/log/{path}", **query)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


@pytest.mark.parametrize("path", ["checkpoint", "leaves", "consistency?from=1&to=1", "inclusion?event_id=" + "0" * 32])
async def test_a_log_without_a_checkpoint_says_so(alone: World, path: str) -> None:
    answer = await alone.http.get(f"/v1/log/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "log-is-empty")


async def test_the_worker_numbers_and_signs_by_itself(alone: World) -> None:
    await alone.buyer()
    stop = asyncio.Event()

    async def no_jobs(_handlers: Any, stop: asyncio.Event) -> None:
        await stop.wait()

    working = asyncio.create_task(work(alone.application, no_jobs, stop=stop))
    try:
        for _ in range(400):
            answer = await alone.public.get("/v1/log/checkpoint")
            if answer.status_code == httpx.codes.OK:
                break
            await asyncio.sleep(0.05)
    finally:
        stop.set()
        await working
    assert answer.json()["size"] >= 1
