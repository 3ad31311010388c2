"""Random lives by every package and method, in a time of their own: no step breaks a law, whatever its order."""

from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest

from adapters.postgres.engine import Database
from adapters.postgres.work import Transactions
from adapters.procedures.files import shipped
from domain.actors import OrganizationKind, Role
from domain.procedures.catalogue import Procedures
from tests.lives import moves
from tests.lives.clock import Clock, timed
from tests.lives.life import Cast, Life
from tests.world import World, built

STEPS = 50
LIVES = 2
BEGINS = datetime(2026, 11, 30, 4, tzinfo=UTC)
"""A Monday morning; lives may go through all of 2027, which has a calendar."""
ENDS = datetime(2027, 9, 1, tzinfo=UTC)
METHODS = [(package.id, str(method)) for package in shipped() for method in package.methods]


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
async def test_whatever_happens_the_laws_of_a_life_hold(database: Database, procedure: str, method: str) -> None:
    clock = Clock(BEGINS)
    begin = timed(Transactions(database.engine.begin), clock)
    seen: Counter[str] = Counter()
    async with built(database, procedures=Procedures(shipped()), begin=begin) as world:
        for seed in range(LIVES):
            clock.at = BEGINS
            life = Life(
                world=world,
                database=database,
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
    assert seen["publishes"], seen
