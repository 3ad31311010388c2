"""What a tender's drafting, publication and cancellation do to the pools it takes from.

Pools are locked before the tender. So the tender is first looked at without a lock, to learn its pools; one that was
changed in between is refused as stale.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from domain.actors import Actor
from domain.errors import StaleVersion
from domain.events import By
from domain.ids import PoolId, TenderId
from domain.pools.model import Pool, PoolNotCovered, PoolNotFound, PoolStatus
from domain.pools.pooled import Pooled
from domain.tenders.drafting import LotForm, pools_of
from domain.tenders.lot import Lot
from domain.tenders.model import Tender
from domain.work import Work

Held = Mapping[PoolId, Pool]


def pools_in(lots: Iterable[Lot]) -> frozenset[PoolId]:
    return frozenset(line.pool_id for lot in lots for line in lot.pooled.values())


async def hold(work: Work, ids: frozenset[PoolId]) -> Held:
    """Locked until the commit, in the order of their ids. No statement where there are none."""
    return {pool.id: pool for pool in await work.pools.hold(ids)} if ids else {}


async def hold_of(work: Work, id: TenderId, forms: tuple[LotForm, ...] = ()) -> tuple[Tender, Held]:
    """The tender as it is seen, not locked, with every pool that it or its new forms take from, locked."""
    seen = await work.tenders.get(id)
    return seen, await hold(work, pools_in(seen.lots) | pools_of(forms))


def same(seen: Tender, locked: Tender) -> None:
    """Refuse (``stale-version``) a tender that was changed before its lock was had."""
    if seen.version != locked.version:
        raise StaleVersion(f"It was version {seen.version}, it is {locked.version} now", passes="a new attempt")


async def gather(work: Work, pool: Pool) -> Pooled:
    return Pooled.of(pool, await work.needs.several(pool.needs))


async def pooled_for(
    work: Work, held: Held, forms: tuple[LotForm, ...], *, tender_id: TenderId | None, by: Actor
) -> dict[PoolId, Pooled]:
    """The needs behind the forms. Refuses pools of others, those that are not open, and those in another draft."""
    found = {}
    for id in sorted(pools_of(forms)):
        pool = held.get(id)
        if pool is None or pool.organizer_id != by.organization_id:
            raise PoolNotFound("There is no such pool")
        pool.must_give(tender_id)
        found[id] = await gather(work, pool)
    return found


async def claim(work: Work, held: Held, tender: Tender, *, by: By, at: datetime) -> None:
    """The stored draft takes from exactly the pools in its lots."""
    taken = pools_in(tender.lots)
    for id, pool in held.items():
        if id in taken and pool.tender_id is None:
            drafted, event = pool.draft(tender.id, by=by, at=at)
            await work.pools.save(drafted, because=event)
        elif id not in taken and pool.tender_id == tender.id:
            released, released_event = pool.release(tender.id, by=by, at=at)
            await work.pools.save(released, because=released_event)


async def publish(work: Work, held: Held, tender: Tender, *, by: By, at: datetime) -> None:
    """Every pool of the tender is tendered. Refuses (``pool-not-covered``) to leave a garment out that members need:
    after this nobody could buy it for them.
    """
    for pool in held.values():
        tendered, event = pool.tender(tender.id, follows=tender.follows, by=by, at=at)
        if pool.status is PoolStatus.OPEN:
            bought = {line.garment for lot in tender.lots for line in lot.pooled.values() if line.pool_id == pool.id}
            missing = set((await gather(work, pool)).garments()) - bought
            if missing:
                names = ", ".join(sorted(missing))
                raise PoolNotCovered(f"Pool {pool.number} needs {names} as well", passes=f"a line for each of {names}")
        await work.pools.save(tendered, because=event)


async def release(work: Work, held: Held, tender: Tender, *, by: By, at: datetime) -> None:
    """A draft is given up; the pools of a published tender stay with it."""
    for pool in held.values():
        if pool.status is PoolStatus.OPEN and pool.tender_id == tender.id:
            released, event = pool.release(tender.id, by=by, at=at)
            await work.pools.save(released, because=event)
