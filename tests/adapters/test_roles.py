"""The walls inside the database, tried on real connections: what a role may not do fails there, whoever asks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy import text

from adapters.postgres import roles, walls
from adapters.postgres.engine import connected, session_settings
from adapters.postgres.migrate import migrate
from adapters.postgres.roles import DatabaseRole
from tests.conftest import fresh_database
from tests.world import Databases, Json, World, bid

API, WORKER, OPENER, SEQUENCER, SEALER, AUDITOR = DatabaseRole
ALL = frozenset(DatabaseRole)
RELATIONS = text("""
SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind::text = ANY(:kinds)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i')
""")


@pytest.mark.parametrize(
    ("table", "kinds"), [(roles.TABLES, ["r", "p", "v", "m"]), (roles.SEQUENCES, ["S"])], ids=["tables", "sequences"]
)
async def test_every_table_and_sequence_stands_in_the_matrix(database: Databases, table: str, kinds: list[str]) -> None:
    async with database.owner.reading.connect() as connection:
        found = set((await connection.execute(RELATIONS, {"kinds": kinds})).scalars())
    assert found == roles.things(table)


async def test_the_database_grants_exactly_what_the_matrix_says(database: Databases) -> None:
    async with database.owner.engine.connect() as connection:
        assert await connection.run_sync(walls.existing) == roles.wanted()


FORBIDDEN = {
    "rewrite events": (ALL, "UPDATE events SET data = '{}'"),
    "delete events": (ALL, "DELETE FROM events"),
    "empty events": (ALL, "TRUNCATE events"),
    "cause events while reading or numbering": ({SEQUENCER, AUDITOR}, "INSERT INTO events DEFAULT VALUES"),
    "number events": (ALL - {SEQUENCER}, "INSERT INTO log_leaves DEFAULT VALUES"),
    "sign events": (ALL - {SEQUENCER}, "INSERT INTO log_checkpoints DEFAULT VALUES"),
    "bid beside the function": (ALL - {SEALER}, "INSERT INTO sealed_bids DEFAULT VALUES"),
    "change a sealed bid": (ALL - {SEALER}, "UPDATE sealed_bids SET received_at = now()"),
    "delete a sealed bid": (ALL, "DELETE FROM sealed_bids"),
    "call the function": (
        ALL - {API, SEALER},
        "SELECT store_sealed_bid(NULL, NULL, NULL, 1, 1, '', NULL, NULL, NULL, NULL, 0, NULL, '')",
    ),
    "read what is sealed": (ALL - {OPENER, SEALER}, "SELECT ciphertext FROM sealed_bids"),
    "read who is sealed beside it": (ALL - {OPENER, SEALER}, "SELECT sealed_record FROM sealed_bids"),
    "read private keys": (ALL - {OPENER}, "SELECT private_key FROM sealing_keys"),
    "offer keys": (ALL - {OPENER}, "INSERT INTO sealing_keys DEFAULT VALUES"),
    "exchange a public key": (ALL, "UPDATE sealing_keys SET public_key = ''"),
    "say that bids were opened": (ALL - {OPENER}, "INSERT INTO bids DEFAULT VALUES"),
    "change an opened bid": (ALL, "UPDATE bids SET offers = '[]'"),
    "publish a closing": (ALL - {API, WORKER}, "INSERT INTO manifests DEFAULT VALUES"),
    "change what was closed": (ALL, "UPDATE manifests SET canonical = ''"),
    "write the sums of booked weeks": (ALL, "UPDATE capacity_weeks SET minutes = 1000000"),
    "change a booking": (ALL, "UPDATE capacity_bookings SET minutes = 0"),
    "book capacity": (ALL - {API}, "INSERT INTO capacity_bookings DEFAULT VALUES"),
    "rewrite the ledger": (ALL, "UPDATE ledger SET lines = '[]'"),
    "rewrite a verdict": (ALL, "UPDATE verdicts SET eligible = true"),
    "read passwords": (ALL - {API}, "SELECT password_hash FROM people"),
    "read credentials": (ALL - {API}, "SELECT token_sha256 FROM credentials"),
    "read kept answers": (ALL - {API, SEALER}, "SELECT answer FROM kept_answers"),
    "migrate": (ALL, "ALTER TABLE tenders ADD COLUMN more text"),
    "drop a wall": (ALL, "DROP POLICY opened_when_closed ON sealed_bids"),
    "make tables": (ALL, "CREATE TABLE public.mine (id int)"),
    "make roles": (ALL, "CREATE ROLE oimaq_more"),
}
ATTEMPTS = [(what, role) for what, (forbidden, _) in FORBIDDEN.items() for role in sorted(forbidden)]


@pytest.mark.parametrize(("what", "role"), ATTEMPTS, ids=[f"{role.name.lower()}: {what}" for what, role in ATTEMPTS])
async def test_what_a_role_may_not_do_fails_in_the_database(dsn: str, what: str, role: DatabaseRole) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with acting(dsn, role) as connection:
            await connection.execute(FORBIDDEN[what][1])


async def test_the_auditor_reads_and_writes_nothing() -> None:
    privileges = {grant.privilege for grant in roles.wanted() if grant.role == AUDITOR}
    assert privileges == {"SELECT"}


@asynccontextmanager
async def acting(dsn: str, role: DatabaseRole) -> AsyncIterator[asyncpg.Connection]:
    """A connection as a process has it, in a transaction that comes to nothing."""
    connection = await asyncpg.connect(dsn, server_settings=session_settings(role))
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()


async def with_a_bid(world: World, *, seconds: float = 3600) -> tuple[Json, Json]:
    supplier, buyer = await world.supplier(), await world.buyer()
    found = await world.published(buyer, seconds=seconds)
    return found, await supplier.made(f"/v1/tenders/{found['id']}/bids", bid())


async def ciphertexts(dsn: str, tender: Json) -> int:
    query = "SELECT count(ciphertext) FROM sealed_bids WHERE tender_id = $1::text::uuid"
    async with acting(dsn, OPENER) as connection:
        count: int = await connection.fetchval(query, tender["id"])
        return count


async def test_the_opener_sees_no_sealed_bid_before_the_closing_was_published(world: World, dsn: str) -> None:
    waiting, _ = await with_a_bid(world)
    over, _ = await with_a_bid(world, seconds=1.5)
    await world.opened(over)
    assert (await ciphertexts(dsn, waiting), await ciphertexts(dsn, over)) == (0, 1)


async def test_the_opener_cannot_make_a_tender_look_closed(world: World, dsn: str) -> None:
    """Its status it can write, as every opening does; what counts is the manifest."""
    waiting, _ = await with_a_bid(world)
    async with acting(dsn, OPENER) as connection:
        query = "UPDATE tenders SET status = 'closed', closes_at = now() WHERE id = $1::text::uuid"
        assert await connection.execute(query, waiting["id"]) == "UPDATE 1"
        assert (
            await connection.fetchval("SELECT count(*) FROM sealed_bids WHERE tender_id::text = $1", waiting["id"]) == 0
        )


async def test_the_opener_stores_bids_of_closed_tenders_only(world: World, dsn: str) -> None:
    waiting, made = await with_a_bid(world)
    invented = """
    INSERT INTO bids (id, tender_id, bidder_id, offers, received_at, status, revision, terms, version)
    SELECT $1::text::uuid, t.id, t.buyer_id, '[]', now(), 'opened', 1, 1, 1 FROM tenders t WHERE t.id::text = $2
    """
    async with acting(dsn, OPENER) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await connection.execute(invented, made["id"], waiting["id"])


async def test_bids_that_lie_in_the_table_before_the_opening_are_seen_by_nobody(
    world: World, database: Databases, dsn: str
) -> None:
    found, made = await with_a_bid(world, seconds=1.5)
    await world.opened(found)
    query = "SELECT count(*) FROM bids WHERE id = $1::text::uuid"
    status = text("UPDATE tenders SET status = :status WHERE id = :id")
    for shown, expected in (("closed", 0), ("opened", 1)):
        async with database.owner.engine.begin() as connection:
            await connection.execute(status, {"status": shown, "id": found["id"]})
        for role in (API, WORKER, AUDITOR):
            async with acting(dsn, role) as reader:
                assert await reader.fetchval(query, made["id"]) == expected, (role, shown)


@pytest.mark.parametrize("role", [API, OPENER])
async def test_a_key_that_a_tender_has_is_never_anothers(world: World, dsn: str, role: DatabaseRole) -> None:
    first, other = [await world.published(await world.buyer()) for _ in range(2)]
    async with acting(dsn, role) as connection:
        taken = "UPDATE sealing_keys SET tender_id = NULL WHERE tender_id = $1::text::uuid"
        assert await connection.execute(taken, first["id"]) == "UPDATE 0"
        taken = "UPDATE sealing_keys SET tender_id = $2::text::uuid WHERE tender_id = $1::text::uuid"
        assert await connection.execute(taken, first["id"], other["id"]) == "UPDATE 0"


async def test_the_functions_of_sealing_belong_to_nobody_who_connects(database: Databases) -> None:
    query = text("""
    SELECT p.proname::text, p.proowner::regrole::text, p.prosecdef, r.rolcanlogin
    FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE p.proname = ANY(:names)
    """)
    async with database.owner.reading.connect() as connection:
        found = (await connection.execute(query, {"names": list(roles.OWNED_BY_THE_SEALER)})).all()
    assert {tuple(row) for row in found} == {(name, SEALER, True, False) for name in roles.OWNED_BY_THE_SEALER}


async def test_a_privilege_that_somebody_gave_or_took_by_hand_is_put_right_by_the_next_migration(
    server_dsn: str,
) -> None:
    async with fresh_database(server_dsn, "oimaq_roles") as fresh:
        await migrate(fresh)
        owner = await asyncpg.connect(fresh)
        await owner.execute("GRANT DELETE ON events TO oimaq_api; REVOKE SELECT ON tenders FROM oimaq_worker")
        await owner.execute("GRANT SELECT (ciphertext) ON sealed_bids TO oimaq_auditor")
        await owner.close()
        await migrate(fresh)
        async with connected(fresh, pool_size=1) as database, database.engine.connect() as connection:
            assert await connection.run_sync(walls.existing) == roles.wanted()
