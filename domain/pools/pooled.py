"""What the members of a pool need together, and how it becomes the lots of a draft. Every step conserves each cell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from domain.errors import Flaw
from domain.garments import GridId, SizeRun, summed
from domain.ids import Kato, OrganizationId, PoolId
from domain.money import total
from domain.pools.model import Pool, PoolNeedRefused
from domain.tenders.lot import DeliveryPlace, Lot
from domain.tenders.need import GarmentNotInNeed, Need


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteNeed:
    """What one site of one buyer needs of one garment."""

    buyer_id: OrganizationId
    site: str
    kato: Kato
    address: str
    garment: str
    run: SizeRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """The needs of those who have joined a pool, in the order of its members.

    Refuses (``pool-need-refused``) one buyer's site at two addresses: it would be two places of one name.
    """

    pool_id: PoolId
    grid: GridId
    needs: tuple[Need, ...]

    def __post_init__(self) -> None:
        homes: dict[tuple[OrganizationId, str], tuple[Kato, str]] = {}
        for each in self._entries():
            if homes.setdefault((each.buyer_id, each.site), (each.kato, each.address)) != (each.kato, each.address):
                flaw = Flaw(pointer="/needs", reason=f"{each.site} has two addresses", passes="one address per site")
                raise PoolNeedRefused("A site has two addresses", flaws=(flaw,))

    @classmethod
    def of(cls, pool: Pool, needs: tuple[Need, ...]) -> "Pooled":
        """``needs`` are at least those of the members who have joined, in any order."""
        known = {need.id: need for need in needs}
        return cls(pool_id=pool.id, grid=pool.grid, needs=tuple(known[id] for id in pool.needs))

    def garments(self) -> tuple[str, ...]:
        """Those that somebody needs, in the order of the needs."""
        return tuple(dict.fromkeys(garment for need in self.needs for garment in need.garments()))

    def sums(self) -> tuple[SiteNeed, ...]:
        """Per buyer, site and garment; the same garment of a site in two needs is added up."""
        found: dict[tuple[OrganizationId, str, str], SiteNeed] = {}
        for each in self._entries():
            key = each.buyer_id, each.site, each.garment
            found[key] = replace(each, run=found[key].run + each.run) if key in found else each
        return tuple(found.values())

    def run(self, garment: str) -> SizeRun:
        """The garment's pieces over all buyers and sites. Refuses (``garment-not-in-need``) what nobody needs."""
        if garment not in self.garments():
            passes = ", ".join(self.garments()) or "a pool that somebody has joined"
            flaw = Flaw(pointer="/garment", reason=f"nobody in the pool needs {garment}", passes=passes)
            raise GarmentNotInNeed("The pool has no such garment", flaws=(flaw,), passes=passes)
        return summed(self.grid, (need.run(garment) for need in self.needs if garment in need.garments()))

    def places(self, lines: Mapping[str, int], *, due_on: date) -> tuple[DeliveryPlace, ...]:
        """One place per buyer and site that needs any of the garments in ``lines`` (garment -> line number)."""
        runs: dict[tuple[OrganizationId, str], dict[int, SizeRun]] = {}
        homes: dict[tuple[OrganizationId, str], SiteNeed] = {}
        for each in self.sums():
            if each.garment not in lines:
                continue
            key = each.buyer_id, each.site
            homes.setdefault(key, each)
            mine = runs.setdefault(key, {})
            line = lines[each.garment]
            mine[line] = mine.get(line, SizeRun(self.grid)) + each.run
        return tuple(
            DeliveryPlace(
                number=number,
                name=home.site,
                kato=home.kato,
                address=home.address,
                due_on=due_on,
                runs=runs[key],
                buyer_id=home.buyer_id,
            )
            for number, (key, home) in enumerate(homes.items(), start=1)
        )

    def _entries(self) -> Iterator[SiteNeed]:
        for need in self.needs:
            for entry in need.entries:
                yield SiteNeed(
                    buyer_id=need.buyer_id,
                    site=entry.site,
                    kato=entry.kato,
                    address=entry.address,
                    garment=entry.garment,
                    run=entry.run,
                )


def recast(lots: tuple[Lot, ...], pooled: Pooled) -> tuple[Lot, ...]:
    """The lots after somebody joined or withdrew: runs, places and allocated sums of what comes from the pool follow.

    A line that nobody needs any more goes, and a lot without lines; those that stay are numbered anew. What comes from
    elsewhere stays as it is. May be empty.
    """
    kept = [lot for each in lots if (lot := _recast(each, pooled)) is not None]
    return tuple(replace(lot, number=number) for number, lot in enumerate(kept, start=1))


def _recast(lot: Lot, pooled: Pooled) -> Lot | None:
    mine = {number: line.garment for number, line in lot.pooled.items() if line.pool_id == pooled.pool_id}
    if not mine:
        return lot
    present = set(pooled.garments())
    kept = [(line, mine[line.number]) for line in lot.lines if mine[line.number] in present]
    if not kept:
        return None
    lines = tuple(
        replace(line, number=number, run=pooled.run(garment)) for number, (line, garment) in enumerate(kept, start=1)
    )
    return replace(
        lot,
        lines=lines,
        places=pooled.places({garment: number for number, (_, garment) in enumerate(kept, start=1)}, due_on=lot.due_on),
        allocated=total(line.sum for line in lines),
        pooled={number: lot.pooled[line.number] for number, (line, _) in enumerate(kept, start=1)},
    )
