"""Pooling: opening a pool, inviting, joining, withdrawing, dissolving. Every step holds the pool's row."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.actors import Actor
from domain.errors import StaleVersion
from domain.events import By
from domain.garments import GridId
from domain.ids import Bin, NeedId, NewId, OrganizationId, PoolId
from domain.organizations.model import OrganizationNotFound
from domain.pools.events import TenderRecast
from domain.pools.holding import gather
from domain.pools.model import NeedPooled, Pool, PoolNotFound, PoolStatus, invitation
from domain.pools.pooled import recast
from domain.tenders.events import CancellationReason
from domain.tenders.model import StepNotAllowed, TenderStatus
from domain.tenders.need import Need, NeedNotFound
from domain.work import Begin, Command, Work

ENDED = frozenset({TenderStatus.CANCELLED, TenderStatus.FAILED, TenderStatus.COMPLETED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolForm:
    title: str
    grid: GridId
    garments: tuple[str, ...]


class Pooling:
    def __init__(self, begin: Begin, new_id: NewId) -> None:
        self._begin = begin
        self._new_id = new_id

    async def open(self, form: PoolForm, *, command: Command) -> Pool:
        """The organiser is invited to its own pool; it joins like everybody else, if it has needs."""
        async with self._begin(command) as work:
            at = await work.now()
            organizer = await work.organizations.get(command.by.organization_id)
            pool = Pool(
                id=PoolId(self._new_id()),
                number=await work.pools.next_number(at.year),
                organizer_id=organizer.id,
                title=form.title,
                grid=form.grid,
                garments=form.garments,
                members=(invitation(organizer, at),),
                opened_at=at,
            )
            return work.answers(await work.pools.save(pool, because=pool.opened(by=By.actor(command.by))))

    async def invite(self, id: PoolId, *, bin: Bin, command: Command) -> Pool:
        async with self._begin(command) as work:
            pool = await _organized(work, id, command.by)
            buyer = await work.organizations.by_bin(bin)
            if buyer is None:
                raise OrganizationNotFound("No organisation is registered with this BIN")
            invited, event = pool.invite(buyer, by=By.actor(command.by), at=await work.now())
            return work.answers(await work.pools.save(invited, because=event))

    async def join(self, id: PoolId, *, needs: tuple[NeedId, ...], command: Command) -> Pool:
        """The caller brings its own needs, none of which is in another pool. A draft of this one follows."""
        async with self._begin(command) as work:
            me = command.by.organization_id
            (await work.organizations.get(me)).must_be_confirmed()
            pool = await work.pools.lock(id)
            pool.present(me)
            at = await work.now()
            by = By.actor(command.by)
            joined, event = pool.join(me, await _own_needs(work, needs, me), by=by, at=at)
            await gather(work, joined)
            stored = await work.pools.save(joined, because=event)
            return work.answers(await _follow(work, stored, me, by=by, at=at))

    async def withdraw(self, id: PoolId, *, command: Command) -> Pool:
        """The caller leaves, or declines; a draft that takes from the pool follows in the same transaction."""
        async with self._begin(command) as work:
            pool = await work.pools.lock(id)
            me = command.by.organization_id
            at = await work.now()
            by = By.actor(command.by)
            left, event = pool.withdraw(me, by=by, at=at)
            stored = await work.pools.save(left, because=event)
            changed = stored.needs != pool.needs
            return work.answers(await _follow(work, stored, me, by=by, at=at) if changed else stored)

    async def dissolve(self, id: PoolId, *, version: int, command: Command) -> Pool:
        """Refuses while a draft takes from the pool, and while its tender lives, or one that this repeats."""
        async with self._begin(command) as work:
            pool = await _organized(work, id, command.by)
            if version != pool.version:
                raise StaleVersion(f"You read version {version}, it is {pool.version} now", passes="a fresh read")
            next_id = pool.tender_id
            while next_id is not None:
                tender = await work.tenders.get(next_id)
                next_id = tender.follows
                if tender.status not in ENDED:
                    raise StepNotAllowed(
                        f"Tender {tender.number} of this pool is {tender.status}",
                        passes=f"a pool whose tender is {', '.join(sorted(ENDED))}, or that no draft takes from",
                    )
            dissolved, event = pool.dissolve(by=By.actor(command.by), at=await work.now())
            return work.answers(await work.pools.save(dissolved, because=event))


async def _organized(work: Work, id: PoolId, by: Actor) -> Pool:
    pool = await work.pools.lock(id)
    if pool.organizer_id != by.organization_id:
        raise PoolNotFound("There is no such pool")
    return pool


async def _own_needs(work: Work, ids: tuple[NeedId, ...], me: OrganizationId) -> tuple[Need, ...]:
    """Locked, so that a need is not brought to two pools at once."""
    found = {}
    for id in sorted(set(ids)):
        need = await work.needs.lock(id)
        if need.buyer_id != me:
            raise NeedNotFound("There is no such need")
        if await work.pools.holding(id) is not None:
            raise NeedPooled(f"{need.name} is in a pool already", passes="a need that is in no pool")
        found[id] = need
    return tuple(found[id] for id in ids)


async def _follow(work: Work, pool: Pool, buyer_id: OrganizationId, *, by: By, at: datetime) -> Pool:
    """Make the lots of the pool's draft anew. A draft that nothing is left of is cancelled."""
    if pool.status is not PoolStatus.OPEN or pool.tender_id is None:
        return pool
    tender = await work.tenders.lock(pool.tender_id)
    if tender.status is not TenderStatus.DRAFT:
        return pool
    lots = recast(tender.lots, await gather(work, pool))
    if not lots:
        reason, why = CancellationReason.NEED_LAPSED, f"Every buyer of pool {pool.number} has withdrawn"
        cancelled, ended = tender.cancel(reason=reason, explanation=why, by=by, at=at)
        await work.tenders.save(cancelled, because=ended)
        released, event = pool.release(tender.id, by=by, at=at)
        return await work.pools.save(released, because=event)
    followed = replace(tender, lots=lots)
    recast_event = TenderRecast(
        subject_id=tender.id,
        by=by,
        at=at,
        pool_id=pool.id,
        buyer_id=buyer_id,
        pieces=sum(line.run.pieces for lot in lots for line in lot.lines),
        allocated=followed.allocated,
    )
    await work.tenders.save(followed, because=recast_event)
    return pool
