"""The one way into sealed bids: what it keeps, what it refuses, and the clock by which it does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from adapters.postgres.bids import PostgresEnvelopes
from domain.bids.envelope import BidReplaced, BidSubmitted, BidWithdrawn, Envelope, EnvelopeEvent, Outcome, Posted
from domain.bids.model import BidStatus
from domain.ids import BidId, TenderId
from tests.world import Databases, World

CODEC = PostgresEnvelopes.codec
POST = text("""
SELECT * FROM store_sealed_bid(:id, :tender_id, :bidder_tag, :revision, :terms, :status, :ciphertext, :ciphertext_hash,
  :commitment, :sealed_record, :version, :event_id, :event_type)
""")
EARLY = datetime(2020, 1, 1, tzinfo=UTC)


def envelope(tender_id: str, **more: Any) -> Envelope:
    made = Envelope(
        id=BidId(uuid4()),
        tender_id=TenderId(UUID(tender_id)),
        bidder_tag=uuid4().bytes * 2,
        revision=1,
        terms=1,
        received_at=EARLY,
        ciphertext=b"sealed",
        ciphertext_hash=b"h" * 32,
        commitment=b"c" * 32,
        sealed_record=b"record",
    )
    return replace(made, **more)


async def post(database: Databases, envelope: Envelope, because: type[EnvelopeEvent] = BidSubmitted) -> Posted:
    values = CODEC.values(envelope) | {"event_id": uuid4(), "event_type": because.type}
    async with database.engine.begin() as connection:
        row = (await connection.execute(POST, values)).mappings().one()
    return Posted(**{**row, "outcome": Outcome(row["outcome"])})


async def stored(database: Databases, envelope: Envelope) -> Envelope:
    """With what is sealed in it, which only its owner sees before the closing."""
    query = text("SELECT * FROM sealed_bids WHERE id = :id")
    async with database.owner.reading.connect() as connection:
        row = (await connection.execute(query, {"id": envelope.id})).mappings().one()
    kept: Envelope = CODEC.entity(row)
    return kept


async def execute(database: Databases, statement: str, **values: Any) -> None:
    async with database.owner.engine.begin() as connection:
        await connection.execute(text(statement), values)


async def events(database: Databases, envelope: Envelope) -> list[str]:
    query = text("SELECT type FROM events WHERE subject_id = :id ORDER BY seq")
    async with database.reading.connect() as connection:
        return list((await connection.execute(query, {"id": envelope.id})).scalars())


async def test_the_time_is_the_databases_and_not_the_callers(world: World, database: Databases) -> None:
    found = await world.published(await world.buyer())
    made = envelope(found["id"])
    posted = await post(database, made)
    kept = await stored(database, made)
    assert posted.kept(made) == kept
    assert kept.received_at == posted.at
    assert kept.received_at - EARLY > timedelta(days=365)


async def test_time_never_runs_backwards_within_a_tender(world: World, database: Databases) -> None:
    """The clock was put back: who comes later is not earlier."""
    found = await world.published(await world.buyer())
    first, second = envelope(found["id"]), envelope(found["id"])
    await post(database, first)
    ahead = datetime.now(UTC) + timedelta(minutes=5)
    await execute(database, "UPDATE sealed_bids SET received_at = :at WHERE id = :id", at=ahead, id=first.id)
    assert (await post(database, second)).received_at == ahead


async def test_nothing_is_kept_outside_the_tenders_time_whatever_its_status_says(
    world: World, database: Databases
) -> None:
    found = await world.published(await world.buyer())
    times = "UPDATE tenders SET opens_at = now() + :opens * interval '1s', closes_at = now() + :closes * interval '1s'"
    for opens, closes in ((-60, 0), (-60, -1), (30, 60)):
        await execute(database, f"{times} WHERE id = :id", opens=opens, closes=closes, id=found["id"])
        made = envelope(found["id"])
        posted = await post(database, made)
        assert posted.outcome is Outcome.CLOSED
        assert posted.opens_at is not None
        assert await events(database, made) == []
    await execute(database, f"{times} WHERE id = :id", opens=-60, closes=60, id=found["id"])
    assert (await post(database, envelope(found["id"]))).outcome is Outcome.KEPT


async def test_one_bid_for_each_bidder_and_only_the_read_version_of_it_is_changed(
    world: World, database: Databases
) -> None:
    found = await world.published(await world.buyer())
    made = envelope(found["id"])
    kept = (await post(database, made)).kept(made)
    assert (await post(database, envelope(found["id"], bidder_tag=made.bidder_tag))).outcome is Outcome.EXISTS
    changed = replace(kept, revision=2, ciphertext=b"other")
    for wrong in ({"version": 2}, {"bidder_tag": b"t" * 32}, {"id": BidId(uuid4())}):
        assert (await post(database, replace(changed, **wrong), BidReplaced)).outcome is Outcome.STALE
    assert (await post(database, replace(changed, terms=2), BidReplaced)).outcome is Outcome.TERMS
    assert await stored(database, made) == kept
    replaced = (await post(database, changed, BidReplaced)).kept(changed)
    assert replaced.received_at > kept.received_at
    withdrawn = replaced.withdrawn()
    assert (await post(database, withdrawn, BidWithdrawn)).kept(withdrawn) == await stored(database, made)
    assert (await stored(database, made)).received_at == replaced.received_at
    assert await events(database, made) == ["bid.submitted", "bid.replaced", "bid.withdrawn"]


async def test_a_tender_that_is_not_there_or_not_published_takes_nothing(world: World, database: Databases) -> None:
    assert (await post(database, envelope(str(uuid4())))).outcome is Outcome.NO_TENDER
    found = await world.published(await world.buyer())
    await execute(database, "UPDATE tenders SET status = 'cancelled' WHERE id = :id", id=found["id"])
    made = envelope(found["id"], status=BidStatus.SUBMITTED)
    assert (await post(database, made)).outcome is Outcome.CLOSED


async def test_it_runs_as_its_owner_with_a_pinned_path_and_for_nobody_unasked(database: Databases) -> None:
    query = text("SELECT prosecdef, proconfig, proacl::text FROM pg_proc WHERE proname LIKE 'store_sealed_bid%'")
    async with database.reading.connect() as connection:
        found = (await connection.execute(query)).all()
    assert len(found) == 2
    for definer, configuration, access in found:
        assert (definer, configuration) == (True, ["search_path=public, pg_temp"])
        assert not access.startswith("{=X"), "not for everybody"
        assert ",=X" not in access
