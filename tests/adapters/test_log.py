"""The log on PostgreSQL: nothing is skipped, two sequencers are harmless, forgeries are found, an old database is not
written to."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.postgres import log_reading as reading
from adapters.postgres.engine import Database, connected
from adapters.postgres.log import Log
from adapters.postgres.log_history import examined
from adapters.postgres.migrate import migrate
from adapters.postgres.newest_checkpoint import followed
from adapters.postgres.work import Transactions
from adapters.signing.ed25519 import Signer, verify
from adapters.signing.outside import OutsideCheckpoints
from domain.actors import Actor, OrganizationKind, Role
from domain.errors import Refusal
from domain.ids import EventId, OrganizationId, PersonId
from domain.log.examining import Damage, Tree
from domain.log.exporting import examine_export
from domain.log.ports import HistoryLost, LogDamaged, LogIsEmpty, NothingLost, NotInLog, WrongTreeSize
from domain.log.tree import extends, includes, leaf_hash
from tests.conftest import fresh_database, with_database
from tests.domain.stored_log import dice
from tests.world import KEYRING

SIGNER = Signer.of("oimaq.example/log", bytes(32))
TENDER = UUID(int=7)
INSERT = """
INSERT INTO events (id, type, subject, subject_id, sealed, person_id, organization_id, at, data)
VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp(), $8)
"""


NOT_NUMBERED = """
SELECT count(*) FROM events e WHERE NOT EXISTS (SELECT 1 FROM log_leaves l WHERE l.event_id = e.id)
"""


class Fixture:
    """One database with its log; ``outside`` is the file of checkpoints elsewhere."""

    def __init__(self, database: Database, outside: Path) -> None:
        self.database = database
        self.path = outside
        self.log = self.fresh()

    def fresh(self, *, sign_every: float = 60.0) -> Log:
        """The log as another process would have it."""
        outside = OutsideCheckpoints(self.path, SIGNER.key)
        return Log.of(self.database, SIGNER, outside, sign_every=sign_every)

    async def happen(self, type: str = "contract.signed", *, tender_id: UUID = TENDER, **more: Any) -> UUID:
        async with self.database.raw.acquire() as connection:
            return await insert(connection, type, tender_id=tender_id, **more)

    async def numbered(self, count: int) -> None:
        """Wait until so many events are numbered: other tests' transactions in the cluster may delay them."""
        for _ in range(600):
            await self.log.sequencer.advance()
            if await self.value(NOT_NUMBERED) == 0:
                assert await self.value("SELECT count(*) FROM events") == count
                return
            await asyncio.sleep(0.05)
        pytest.fail("the events were not numbered")

    async def value(self, statement: str, *values: Any) -> Any:
        async with self.database.raw.acquire() as connection:
            return await connection.fetchval(statement, *values)


async def insert(
    connection: asyncpg.Connection,
    type: str = "contract.signed",
    *,
    tender_id: UUID = TENDER,
    by: UUID | None = None,
) -> UUID:
    subject, id = type.split(".", maxsplit=1)[0], uuid4()
    data = {"tender_id": str(tender_id), "revision": 1} if subject == "bid" else {"pieces": 1}
    subject_id = tender_id if subject == "tender" else uuid4()
    sealed = subject in {"bid", "verdict"}
    await connection.execute(INSERT, id, type, subject, subject_id, sealed, uuid4(), by or uuid4(), json.dumps(data))
    return id


@asynccontextmanager
async def logged(server: str, name: str, outside: Path) -> AsyncIterator[Fixture]:
    async with fresh_database(server, name) as dsn:
        await migrate(dsn)
        async with connected(dsn, pool_size=4) as database:
            yield Fixture(database, outside)


@pytest.fixture
async def here(server_dsn: str, tmp_path: Path) -> AsyncIterator[Fixture]:
    async with logged(server_dsn, f"oimaq_log_{os.getpid()}", tmp_path / "checkpoints.txt") as fixture:
        yield fixture


def reader(organization_id: UUID, *roles: Role, kind: OrganizationKind = OrganizationKind.SUPPLIER) -> Actor:
    return Actor(
        person_id=PersonId(uuid4()),
        organization_id=OrganizationId(organization_id),
        kind=kind,
        roles=frozenset(roles),
    )


AUDITOR = reader(uuid4(), Role.AUDITOR, kind=OrganizationKind.AUDITOR)


async def public_ids(here: Fixture) -> list[UUID]:
    async with here.database.raw.acquire() as connection:
        rows = await connection.fetch("SELECT event_id FROM log_leaves WHERE tree = 'public' ORDER BY index")
    return [row["event_id"] for row in rows]


async def test_an_event_of_a_slow_transaction_is_numbered_and_never_skipped(here: Fixture) -> None:
    async with here.database.raw.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        early = await insert(slow)
        late = await here.happen()
        assert await here.log.sequencer.advance() == 0
        assert await public_ids(here) == []
        await transaction.commit()
    await here.numbered(2)
    assert await public_ids(here) == [early, late]


async def test_a_process_knows_the_newest_checkpoint_without_being_asked(here: Fixture) -> None:
    async with followed(here.database.raw, every=0.05) as newest:
        assert newest() is None
        for size in (1, 2):
            await here.happen()
            await here.numbered(size)
            signed = await here.value("SELECT note FROM log_checkpoints ORDER BY size DESC LIMIT 1")
            async with asyncio.timeout(10):
                while newest() != signed:  # noqa: ASYNC110 - it looks by itself
                    await asyncio.sleep(0.02)


async def test_two_sequencers_at_once_number_each_event_once(here: Fixture) -> None:
    expected = 60
    others = [here.fresh() for _ in range(3)]

    async def write() -> None:
        for number in range(expected // 3):
            await here.happen("bid.submitted" if number % 4 == 0 else "contract.signed")

    async def number() -> None:
        for _ in range(40):
            await asyncio.gather(*(other.sequencer.advance() for other in others))

    await asyncio.gather(write(), write(), write(), number())
    await here.numbered(expected)
    assert await here.value("SELECT count(*) FROM log_leaves") == expected
    assert await here.log.history.examine() is None


async def test_proofs_of_every_event_and_every_pair_of_sizes_hold(here: Fixture) -> None:
    ids, checkpoints = [], []
    for count in (1, 2, 13, 1, 20):
        ids += [await here.happen() for _ in range(count)]
        await here.numbered(len(ids))
        checkpoints.append((await here.log.queries.checkpoint()).checkpoint)
    assert [checkpoint.size for checkpoint in checkpoints] == [1, 3, 16, 17, 37]
    for checkpoint in checkpoints:
        for index, id in enumerate(ids[: checkpoint.size]):
            proof = await here.log.queries.inclusion(None, EventId(id), size=checkpoint.size)
            assert (proof.leaf.index, proof.root) == (index, checkpoint.root)
            hash = leaf_hash(proof.leaf.data)
            assert includes(proof.path, leaf=hash, index=index, size=checkpoint.size, root=checkpoint.root)
    for one in checkpoints:
        for other in checkpoints:
            if one.size > other.size:
                with pytest.raises(WrongTreeSize):
                    await here.log.queries.consistency(old=one.size, new=other.size)
                continue
            path = (await here.log.queries.consistency(old=one.size, new=other.size)).path
            assert extends(path, old=one.size, new=other.size, old_root=one.root, new_root=other.root)


async def test_what_was_never_signed_is_not_found(here: Fixture) -> None:
    with pytest.raises(LogIsEmpty):
        await here.log.queries.checkpoint()
    id = EventId(await here.happen())
    await here.numbered(1)
    with pytest.raises(NotInLog):
        await here.log.queries.inclusion(AUDITOR, EventId(uuid4()), size=None)
    for size in (0, 2):
        with pytest.raises(WrongTreeSize):
            await here.log.queries.inclusion(AUDITOR, id, size=size)
    assert await here.log.queries.leaves(begin=1, limit=10) == []


async def test_bids_enter_the_public_tree_right_after_their_tenders_opening(here: Fixture) -> None:
    other = uuid4()
    mine = [await here.happen("bid.submitted"), await here.happen("bid.replaced")]
    foreign = await here.happen("bid.submitted", tender_id=other)
    await here.happen("verdict.reached")
    published = await here.happen("tender.published")
    await here.numbered(5)
    assert await public_ids(here) == [published]
    mine.append(await here.happen("bid.withdrawn"))
    opened = await here.happen("tender.opened")
    await here.happen("bid.opened")
    after = await here.happen()
    await here.numbered(9)
    assert await public_ids(here) == [published, opened, *mine, after]
    cancelled = await here.happen("tender.cancelled", tender_id=other)
    await here.numbered(10)
    assert (await public_ids(here))[-1] == cancelled
    with pytest.raises(NotInLog):
        await here.log.queries.inclusion(AUDITOR, EventId(foreign), size=None)
    assert await here.log.history.examine() is None


async def test_a_bid_is_disclosed_to_its_bidder_and_an_open_event_to_auditors(here: Fixture) -> None:
    bidder = uuid4()
    bid = EventId(await here.happen("bid.submitted", by=bidder))
    signed = EventId(await here.happen())
    await here.happen("tender.opened")
    await here.numbered(3)

    async def disclosed(reader: Actor | None, id: EventId) -> set[str]:
        return set((await here.log.queries.inclusion(reader, id, size=None)).disclosed)

    everything = {"data", "organization_id", "subject_id"}
    assert await disclosed(reader(bidder), bid) == everything
    assert await disclosed(AUDITOR, signed) == everything
    for stranger in (None, reader(uuid4()), AUDITOR):
        assert await disclosed(stranger, bid) == set()
    for stranger in (None, reader(bidder)):
        assert await disclosed(stranger, signed) == set()


async def test_sealed_events_change_neither_the_public_tree_nor_when_it_is_signed(
    here: Fixture, server_dsn: str, tmp_path: Path
) -> None:
    """Two worlds that differ in their bids only: same sizes, same number of checkpoints, at the same moments."""
    async with logged(server_dsn, f"oimaq_log_other_{os.getpid()}", tmp_path / "other.txt") as other:

        async def signed(world: Fixture) -> list[int]:
            async with world.database.raw.acquire() as connection:
                return [row["size"] for row in await connection.fetch("SELECT size FROM log_checkpoints")]

        events = 0
        for bids in (3, 0, 5, 1):
            await here.happen("tender.published")
            await other.happen("tender.published")
            events += 1 + bids
            for _ in range(bids):
                await here.happen("bid.submitted")
            await here.numbered(events)
            await other.numbered(len(await signed(other)) + 1)
            sealed = await here.happen("bid.submitted")  # alone, and so without a new checkpoint
            events += 1
            await here.numbered(events)
            assert await signed(here) == await signed(other)
            with pytest.raises(NotInLog):
                await here.log.queries.inclusion(AUDITOR, EventId(sealed), size=None)
        for world in (here, other):  # and both are signed again when the time has come
            await world.fresh(sign_every=0).sequencer.advance()
        assert await signed(here) == await signed(other) == [1, 2, 3, 4, 4]
        shapes = []
        for world in (here, other):
            notes = world.path.read_text().splitlines()
            leaves = await world.log.queries.leaves(begin=0, limit=100)
            kinds = [(json.loads(leaf.data)["type"], len(leaf.data)) for leaf in leaves]
            shapes.append(([len(line) for line in notes], kinds))
        assert shapes[0] == shapes[1]
        assert await here.log.history.examine() is None


async def test_a_sealed_event_is_committed_to_by_the_next_checkpoint(here: Fixture) -> None:
    await here.happen()
    await here.happen("bid.submitted")
    await here.numbered(2)
    assert await here.value("SELECT sealed_size FROM log_checkpoints") == 1
    await forged(here, "UPDATE events SET data = data || '{\"revision\": 2}' WHERE sealed")
    fault = await here.log.history.examine()
    assert fault is not None
    assert (fault.damage, fault.tree, fault.index) == (Damage.EVENT_CHANGED, Tree.SEALED, 0)


@pytest.mark.parametrize("table", ["events", "log_batches", "log_leaves", "log_nodes", "log_checkpoints"])
async def test_events_and_the_log_are_only_ever_inserted_into(here: Fixture, table: str) -> None:
    column = {"events": "type", "log_batches": "seq", "log_checkpoints": "size"}.get(table, "hash")
    update = f"UPDATE {table} SET {column} = {column}"  # noqa: S608 - names of ours
    for statement in (update, f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608 - a name of ours
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only ever inserted"):
            await here.value(statement)


async def forged(here: Fixture, statement: str, *values: Any) -> None:
    """What a person with all rights on the database can do: the wall is taken down and put up again."""
    async with here.database.raw.acquire() as connection, connection.transaction():
        await walls(connection, up=False)
        await connection.execute(statement, *values)
        await walls(connection, up=True)


async def walls(connection: asyncpg.Connection, *, up: bool) -> None:
    for table in ("events", "log_batches", "log_leaves", "log_nodes", "log_checkpoints"):
        await connection.execute(f"ALTER TABLE {table} {'ENABLE' if up else 'DISABLE'} TRIGGER USER")


IT = "id = (SELECT event_id FROM log_leaves WHERE tree = 'public' AND index = $1)"
INSERT_OF_BEFORE = """
INSERT INTO events (id, xid, type, subject, subject_id, sealed, person_id, organization_id, at, data)
SELECT gen_random_uuid(), xid, type, subject, subject_id, sealed, person_id, organization_id, at, data FROM events
WHERE ONE
"""
SWAP = """
UPDATE events e SET type = o.type, at = o.at, data = o.data FROM events o
WHERE e.id IN (SELECT event_id FROM log_leaves WHERE tree = 'public' AND index - $1 IN (0, 1)) AND o.id <> e.id
AND o.id IN (SELECT event_id FROM log_leaves WHERE tree = 'public' AND index - $1 IN (0, 1))
"""
FORGERIES: dict[str, tuple[str, Damage, Callable[[int], int]]] = {
    "a value": ("UPDATE events SET data = '{\"pieces\": 2}' WHERE ONE", Damage.EVENT_CHANGED, int),
    "a type": ("UPDATE events SET type = 'contract.lapsed' WHERE ONE", Damage.EVENT_CHANGED, int),
    "a time": ("UPDATE events SET at = at - interval '1 microsecond' WHERE ONE", Damage.EVENT_CHANGED, int),
    "a person": ("UPDATE events SET person_id = gen_random_uuid() WHERE ONE", Damage.EVENT_CHANGED, int),
    "an order": ("UPDATE events SET xid = '3' WHERE ONE", Damage.EVENT_CHANGED, int),
    "a seal": ("UPDATE events SET sealed = true WHERE ONE", Damage.EVENT_CHANGED, int),
    "two swapped": (SWAP, Damage.EVENT_CHANGED, int),
    "a row deleted": ("DELETE FROM events WHERE ONE", Damage.EVENT_MISSING, int),
    "a row of before": (INSERT_OF_BEFORE, Damage.EVENT_NEVER_LOGGED, lambda index: index + 1),
    "a salt": ("UPDATE log_leaves SET salt = sha256(salt) WHERE index = $1", Damage.EVENT_CHANGED, int),
    "a leaf": ("UPDATE log_leaves SET hash = sha256(hash) WHERE index = $1", Damage.EVENT_CHANGED, int),
    "a leaf deleted": ("DELETE FROM log_leaves WHERE index = $1", Damage.LEAF_MISSING, int),
    "a node": (
        "UPDATE log_nodes SET hash = sha256(hash) WHERE level = 4 AND index = $1 / 16",
        Damage.NODE_CHANGED,
        lambda index: index // 16 * 16 + 15,
    ),
    "a checkpoint": (
        "UPDATE log_checkpoints SET root = sha256(root) WHERE size = 40 AND size > $1",
        Damage.CHECKPOINT_CHANGED,
        lambda _: 40,
    ),
}


async def test_each_forgery_in_the_database_is_found_at_its_place(here: Fixture) -> None:
    for _ in range(40):
        await here.happen()
    await here.numbered(40)
    random, missed = dice(11), []
    async with here.database.raw.acquire() as connection:
        for name, (statement, damage, place) in FORGERIES.items():
            for index in (0, random.randrange(1, 31), 31 if name != "two swapped" else 30):
                transaction = connection.transaction()
                await transaction.start()
                await walls(connection, up=False)
                done = await connection.execute(statement.replace("ONE", IT), index)
                assert done.split()[-1] != "0", name
                fault = await examined(connection, SIGNER.key)
                if fault is None or (fault.damage, fault.index) != (damage, place(index)):
                    missed.append((name, index, fault))
                await transaction.rollback()
    assert missed == []
    assert await here.log.history.examine() is None


async def test_a_checkpoint_taken_out_is_missed_and_so_is_the_end_of_the_log(here: Fixture) -> None:
    for count in range(1, 4):
        await here.happen()
        await here.numbered(count)
    async with here.database.raw.acquire() as connection:
        for statement, damage, index in (
            ("DELETE FROM log_checkpoints WHERE number = 2", Damage.CHECKPOINT_CHANGED, 3),
            ("DELETE FROM log_leaves WHERE index = 2", Damage.LEAF_MISSING, 2),
            ("DELETE FROM log_batches WHERE number = 3", Damage.LEAF_MISSING, 2),
            ("UPDATE log_checkpoints SET note = replace(note, 'log', 'lag')", Damage.CHECKPOINT_NOT_SIGNED, 1),
        ):
            transaction = connection.transaction()
            await transaction.start()
            await walls(connection, up=False)
            await connection.execute(statement)
            fault = await examined(connection, SIGNER.key)
            assert fault is not None
            assert (fault.damage, fault.index) == (damage, index), statement
            await transaction.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET type = 'contract.lapsed' WHERE type = 'contract.signed'",
        "DELETE FROM events",
        "UPDATE log_leaves SET hash = sha256(hash) WHERE index = 1",
    ],
)
async def test_what_was_changed_before_it_was_signed_is_never_signed(here: Fixture, statement: str) -> None:
    """The leaf is hashed again from the stored event: here it changes between numbering and signing."""
    await here.happen("tender.drafted")
    await here.numbered(1)
    await here.happen()
    async with here.database.raw.acquire() as connection:
        for _ in range(600):
            async with connection.transaction():
                if await here.log.sequencer._number(connection):
                    break
            await asyncio.sleep(0.05)
    await forged(here, statement)
    with pytest.raises(LogDamaged):
        await here.log.sequencer.advance()
    assert await here.value("SELECT max(size) FROM log_checkpoints") == 1


async def test_an_export_is_verified_offline_and_a_changed_one_is_not(here: Fixture) -> None:
    for number in range(20):
        await here.happen("bid.submitted" if number % 5 == 0 else "contract.signed")
    await here.happen("tender.opened")
    await here.numbered(21)
    lines = [line async for line in here.log.history.exported()]
    found = examine_export(lines, verify, outside=here.path.read_text(), trusted=SIGNER.key)
    assert (found.fault, found.leaves) == (None, 21)
    assert found.outside == found.checkpoints
    assert sum('"disclosed":{}' in line for line in lines) == 4  # what was sealed is proven, not disclosed
    await forged(here, "UPDATE events SET data = '{}' WHERE ONE".replace("ONE", IT), 9)
    fault = examine_export([line async for line in here.log.history.exported()], verify).fault
    assert fault is not None
    assert (fault.damage, fault.index) == (Damage.EVENT_CHANGED, 9)


@asynccontextmanager
async def restored(server: str, dsn: str) -> AsyncIterator[str]:
    """The database as it is now under another name, as from a backup. Nobody may be connected to it."""
    name, source = f"oimaq_log_restored_{os.getpid()}", dsn.partition("?")[0].rpartition("/")[2]
    admin = await asyncpg.connect(server)
    try:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        yield with_database(server, name)
    finally:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.close()


async def test_a_restored_older_database_is_not_written_to_until_an_operator_has_said_so(
    server_dsn: str, tmp_path: Path
) -> None:
    outside = tmp_path / "checkpoints.txt"
    async with AsyncExitStack() as close:
        dsn = await close.enter_async_context(fresh_database(server_dsn, f"oimaq_log_older_{os.getpid()}"))
        await migrate(dsn)
        async with connected(dsn, pool_size=2) as database:
            before = Fixture(database, outside)
            await before.happen()
            await before.numbered(1)
        backup = await close.enter_async_context(restored(server_dsn, dsn))
        here = Fixture(await close.enter_async_context(connected(dsn, pool_size=2)), outside)
        older = Fixture(await close.enter_async_context(connected(backup, pool_size=2)), outside)
        lost = EventId(await here.happen())
        await here.numbered(2)
        begin = Transactions(older.database.engine.begin, KEYRING.answers, older.log.standing)
        await older.log.standing.look()
        with pytest.raises(HistoryLost) as refused:
            async with begin():
                pytest.fail("it was written to")
        assert refused.value.facts == {"size": 2}
        assert (await older.log.queries.checkpoint()).checkpoint.size == 1  # it is read
        await older.happen()
        with pytest.raises(HistoryLost):  # and nothing is signed over the loss
            await older.numbered(2)
        operators = older.fresh()  # another process
        acknowledged = await operators.history.acknowledge("The disk was lost")
        assert (acknowledged.size, acknowledged.reason) == (2, "The disk was lost")
        async with begin():
            """Written to again, without a new start."""
        await older.numbered(3)
        with pytest.raises(NotInLog):
            await older.log.queries.inclusion(AUDITOR, lost, size=None)
        assert await older.value("SELECT type FROM events ORDER BY xid DESC LIMIT 1") == "log.loss_acknowledged"
        with pytest.raises(NothingLost):
            await operators.history.acknowledge("Twice")
        assert await refusal_of(here.log.standing.look) is None
        await here.happen()
        with pytest.raises(HistoryLost):  # the other history is the foreign one now
            await here.numbered(3)


async def refusal_of(step: Callable[[], Awaitable[None]]) -> str | None:
    try:
        await step()
    except Refusal as refusal:
        return refusal.code
    return None


async def test_a_rewritten_database_that_kept_its_checkpoints_is_not_written_to(here: Fixture) -> None:
    for count in range(1, 21):
        await here.happen()
        await here.numbered(count)
    begin = Transactions(here.database.engine.begin, KEYRING.answers, here.log.standing)
    await here.log.standing.look()
    async with begin():
        """As long as nothing is amiss."""
    await forged(here, "UPDATE log_leaves SET hash = sha256(hash) WHERE index = 18")
    await here.log.standing.look()
    with pytest.raises(HistoryLost):
        async with begin():
            pytest.fail("it was written to")


async def test_a_database_that_is_ahead_of_the_file_is_in_order(here: Fixture) -> None:
    """As after a crash between the commit of a checkpoint and its copy."""
    await here.happen()
    await here.numbered(1)
    kept = here.path.read_text()
    await here.happen()
    await here.numbered(2)
    here.path.write_text(kept + "\n\noimaq.example/log\n2\nAAAA")
    again = here.fresh()
    await again.standing.look()
    async with Transactions(here.database.engine.begin, KEYRING.answers, again.standing)():
        """Nothing is refused."""
    await here.happen()
    await here.numbered(3)
    assert [checkpoint.size for _, checkpoint in SIGNER.key.read_all(here.path.read_text(), verify)] == [1, 3]


async def test_leaves_are_read_by_pages(here: Fixture) -> None:
    ids = [await here.happen() for _ in range(7)]
    await here.numbered(7)
    pages = [await here.log.queries.leaves(begin=begin, limit=3) for begin in (0, 3, 6, 9)]
    assert [[leaf.index for leaf in page] for page in pages] == [[0, 1, 2], [3, 4, 5], [6], []]
    assert [json.loads(leaf.data)["id"] for page in pages for leaf in page] == [str(id) for id in ids]


async def test_a_backlog_of_several_batches_is_numbered_and_signed_in_order(here: Fixture) -> None:
    backlog = reading.SLICE * 2 + 17
    await here.value(
        "INSERT INTO events (id, type, subject, subject_id, sealed, at, data) SELECT gen_random_uuid(),"
        " 'need.imported', 'need', gen_random_uuid(), i % 3 = 0, now(), '{}' FROM generate_series(1, $1) i",
        backlog,
    )
    await here.numbered(backlog)
    assert await here.value("SELECT count(*) FROM log_batches") >= 3
    assert await here.log.history.examine() is None


async def test_the_moment_of_the_last_signature_is_kept_by_the_database(here: Fixture) -> None:
    await here.happen()
    await here.numbered(1)
    for _ in range(3):
        await here.log.sequencer.advance()
    assert await here.value("SELECT count(*) FROM log_checkpoints") == 1
    await forged(here, "UPDATE log_checkpoints SET signed_at = signed_at - $1::interval", timedelta(seconds=60))
    await here.log.sequencer.advance()
    assert await here.value("SELECT count(*) FROM log_checkpoints") == 2
