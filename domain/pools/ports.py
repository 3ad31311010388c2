"""What the pools room needs from outside."""

from collections.abc import Iterable
from typing import Protocol

from domain.actors import Actor
from domain.events import Event
from domain.ids import NeedId, PoolId
from domain.pools.model import Pool
from domain.pools.pooled import Pooled


class Pools(Protocol):
    async def lock(self, id: PoolId) -> Pool: ...
    async def hold(self, ids: Iterable[PoolId]) -> tuple[Pool, ...]:
        """The pools of these ids, each locked, in the order of the ids; who is not there is missing."""

    async def holding(self, need_id: NeedId) -> PoolId | None:
        """The pool, open or tendered, that a need is in."""

    async def next_number(self, year: int) -> str:
        """``P-2026-000001``: gaps are possible, repetition is not."""

    async def save(self, entity: Pool, *, because: Event) -> Pool: ...


class PoolQueries(Protocol):
    async def pool(self, actor: Actor, id: PoolId) -> Pool:
        """For the organiser, for who is invited or has joined, and for auditors."""

    async def page(self, actor: Actor, *, after: PoolId | None, limit: int) -> list[Pool]:
        """Those that the caller may read."""

    async def pooled(self, actor: Actor, id: PoolId) -> Pooled:
        """The needs, for the organiser, for who has joined, and for auditors; refuses ``pool-not-joined``."""
