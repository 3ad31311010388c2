"""Random lives by every package and method, in a time of their own: no step breaks a law, whatever its order."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import text

from adapters.postgres.migrate import migrate
from adapters.procedures.files import shipped
from domain.actors import OrganizationKind, Role
from domain.procedures.catalogue import Procedures
from tests.conftest import fresh_database, walled
from tests.lives import moves
from tests.lives.clock import Clock, reads_our_clock, timed, timed_intake
from tests.lives.life import Cast, Life
from tests.world import Databases, World, built

STEPS = 45
LIVES, LIVES_LONG = 1, 5
BEGINS = datetime(2026, 11, 30, 4, tzinfo=UTC)
"""A Monday morning; lives may go through all of 2027, which has a calendar."""
ENDS = datetime(2027, 9, 1, tzinfo=UTC)
METHODS = [(package.id, str(method)) for package in shipped() for method in package.methods]


@pytest.fixture(scope="module")
async def apart(server_dsn: str) -> AsyncIterator[Databases]:
    """A database of their own: these lives import registers of days that have not come."""
    async with fresh_database(server_dsn, "oimaq_lives") as fresh:
        await migrate(fresh)
        async with walled(fresh) as database:
            async with database.owner.engine.begin() as connection:
                await reads_our_clock(connection)
            yield database


async def cast(world: World) -> Cast:
    return Cast(
        buyer=await world.buyer(),
        suppliers=tuple([await world.supplier() for _ in range(3)]),
        registry=await world.registry(),
        reviewer=await world.member(OrganizationKind.AUDITOR, (Role.REVIEWER,)),
    )


async def live(life: Life) -> int:
    """Take ``STEPS`` steps that had something to begin with."""
    taken = 0
    while taken < STEPS and life.clock.at < ENDS:
        if life.chance.random() < 0.3:
            await moves.wait(life)
        if life.chance.random() < 0.5:
            await moves.due(life)
            await life.refresh()
        usual = moves.USUAL[life.status]
        move = life.chance.choice(usual if life.chance.random() < 0.8 else moves.ALL)
        taken += await life.step(move.__name__, move)
    return taken


@pytest.mark.parametrize(("procedure", "method"), METHODS, ids=[f"{id}-{method}" for id, method in METHODS])
async def test_whatever_happens_the_laws_of_a_life_hold(
    apart: Databases, procedure: str, method: str, request: pytest.FixtureRequest
) -> None:
    clock = Clock(BEGINS)
    seen: Counter[str] = Counter()
    async with built(apart, procedures=Procedures(shipped()), units=timed(clock), intakes=timed_intake(clock)) as world:
        for seed in range(LIVES_LONG if request.config.getoption("--long") else LIVES):
            clock.at = BEGINS
            async with apart.owner.engine.begin() as connection:
                await connection.execute(text("TRUNCATE register_imports, register_records"))
            life = Life(
                world=world,
                database=apart,
                clock=clock,
                chance=Random(f"{procedure} {method} {seed}"),  # noqa: S311 - repeatable chance
                cast=await cast(world),
                procedure=procedure,
                method=method,
            )
            try:
                taken = await live(life)
            except Exception as error:
                error.add_note("\n".join([f"seed {seed}", *life.told]))
                raise
            assert taken >= STEPS, "a life was too short"
            seen += life.seen
    print(dict(sorted(seen.items())))
    assert {"drafts", "publishes"} <= set(seen), seen
