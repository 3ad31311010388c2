"""Repository and reads of the capacity room."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.postgres.reading import one, rows_of
from adapters.postgres.rows.capacity import CapacityHoldRow
from domain.actors import Actor
from domain.bids.model import BidsNotOpened
from domain.capacity.model import Booked, Contention, Hold, Load
from domain.capacity.weeks import Placement, monday
from domain.contracts.model import Contract
from domain.ids import BidId, OrganizationId, TenderId
from domain.organizations.workshop import WorkshopNotFound
from domain.tenders.model import StepNotAllowed, TenderNotFound, TenderStatus

PER_WEEK = "trunc(w.operators * w.shift_minutes * w.shifts * w.working_days * w.efficiency, 2)"
"""Of ``workshops w``: as ``Workshop.minutes_per_week``."""
BOUND = "coalesce((SELECT sum(b.minutes + b.excess) FROM capacity_bookings b WHERE b.supplier_id = w.id), 0)"
"""Minutes that the contracts of ``workshops w`` bind, until they are delivered or end. A framework binds what is left
of it, its call-offs bind what was called off.
"""
HOLDING = (TenderStatus.OPENED, TenderStatus.EVALUATED)

_LOCK = text("SELECT w.id FROM workshops w WHERE w.id = ANY(:suppliers) ORDER BY w.id FOR UPDATE")
_BOOKED = """
(SELECT coalesce(jsonb_agg(jsonb_build_array(b.week, b.minutes::text, b.excess::text)), '[]') FROM (
   SELECT week, sum(minutes) AS minutes, sum(excess) AS excess FROM capacity_bookings
   WHERE supplier_id = w.id AND week >= CAST(:week AS date) GROUP BY week) b) AS booked"""
_LOADS = text(f"SELECT w.id, {PER_WEEK} AS per_week, {_BOOKED} FROM workshops w WHERE w.id = ANY(:suppliers)")  # noqa: S608 - our text
_BOOK = text("""
INSERT INTO capacity_bookings (supplier_id, week, contract_id, minutes, excess)
SELECT :supplier_id, week, :contract_id, minutes, excess
FROM unnest(CAST(:weeks AS date[]), CAST(:minutes AS numeric[]), CAST(:excess AS numeric[])) b (week, minutes, excess)
""")
_RELEASE = text("DELETE FROM capacity_bookings WHERE contract_id = :contract_id")
_HOLDS = """
(SELECT coalesce(jsonb_agg(jsonb_build_array(h.bid_id, h.due_on, h.tender_id, h.minutes::text)), '[]')
 FROM capacity_holds h JOIN tenders t ON t.id = h.tender_id
 WHERE h.supplier_id = w.id AND t.status = ANY(:holding)) AS holds"""
_TODAY = text("SELECT (clock_timestamp() AT TIME ZONE 'Asia/Almaty')::date AS today")
_OWN = text(f"SELECT w.id, {PER_WEEK} AS per_week, {_BOOKED}, {_HOLDS} FROM workshops w WHERE w.id = :id")  # noqa: S608 - our text
_TENDER = text("""
SELECT t.status, t.opened_at IS NOT NULL AS opened FROM tenders t
WHERE t.id = :id AND t.status <> 'draft' AND (:auditor OR t.buyer_id = :organization_id)
""")
_BIDDERS = text(f"""
SELECT w.id, {PER_WEEK} AS per_week, {_BOOKED}, {_HOLDS} FROM workshops w
WHERE w.id IN (SELECT h.supplier_id FROM capacity_holds h WHERE h.tender_id = :tender_id)
""")  # noqa: S608 - our text
_HOLD = insert(CapacityHoldRow.__table__)  # type: ignore[attr-defined]  # SQLModel adds it to every table class


class PostgresCapacity:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def loads(self, suppliers: Iterable[OrganizationId], *, after: date) -> Mapping[OrganizationId, Load]:
        values = {"suppliers": list(suppliers), "week": monday(after)}
        rows = (await self._connection.execute(_LOADS, values)).mappings().all()
        return {OrganizationId(row["id"]): _load(row, after) for row in rows}

    async def locked(self, suppliers: Iterable[OrganizationId], *, after: date) -> Mapping[OrganizationId, Load]:
        """Two statements: in one the bookings would be read as they were before the lock was had."""
        wanted = list(suppliers)
        await self._connection.execute(_LOCK, {"suppliers": wanted})
        return await self.loads(wanted, after=after)

    async def book(self, contract: Contract, placement: Placement) -> None:
        weeks = sorted({*placement.minutes, *placement.excess})
        values = {
            "supplier_id": contract.supplier_id,
            "contract_id": contract.id,
            "weeks": weeks,
            "minutes": [placement.minutes.get(week, Decimal(0)) for week in weeks],
            "excess": [placement.excess.get(week, Decimal(0)) for week in weeks],
        }
        await self._connection.execute(_BOOK, values)

    async def release(self, contract: Contract) -> None:
        await self._connection.execute(_LOCK, {"suppliers": [contract.supplier_id]})
        await self._connection.execute(_RELEASE, {"contract_id": contract.id})

    async def hold(self, holds: Sequence[Hold]) -> None:
        if holds:
            await self._connection.execute(
                _HOLD,
                [
                    {
                        "bid_id": hold.bid_id,
                        "due_on": hold.due_on,
                        "supplier_id": hold.supplier_id,
                        "tender_id": hold.tender_id,
                        "minutes": hold.minutes,
                    }
                    for hold in holds
                ],
            )


class PostgresCapacityQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def own(self, actor: Actor) -> Load:
        today = await self._today()
        row = await one(self._reading, _OWN, id=actor.organization_id, week=monday(today), holding=HOLDING)
        if row is None:
            raise WorkshopNotFound("You have not described your workshop")
        return _load(row, today)

    async def contention(self, actor: Actor, tender_id: TenderId) -> Contention:
        tender = await one(
            self._reading, _TENDER, id=tender_id, auditor=actor.is_auditor, organization_id=actor.organization_id
        )
        if tender is None:
            raise TenderNotFound("There is no such tender")
        if tender["status"] not in HOLDING:
            if not tender["opened"]:
                raise BidsNotOpened("Nobody knows yet who has bid", passes="the same after the opening")
            raise StepNotAllowed(f"A {tender['status']} tender holds nothing", passes="an opened or evaluated tender")
        today = await self._today()
        rows = await rows_of(self._reading, _BIDDERS, tender_id=tender_id, week=monday(today), holding=HOLDING)
        contended = sum(_load(row, today).is_contended(tender_id) for row in rows)
        return Contention(bidders=len(rows), contended=contended)

    async def _today(self) -> date:
        row = await one(self._reading, _TODAY)
        day: date = row["today"]  # type: ignore[index]  # there is always one
        return day


def _load(row: Any, after: date) -> Load:
    supplier_id = OrganizationId(row["id"])
    return Load(
        per_week=row["per_week"],
        after=after,
        booked={
            date.fromisoformat(week): Booked(minutes=Decimal(minutes), excess=Decimal(excess))
            for week, minutes, excess in row["booked"]
        },
        holds=tuple(
            Hold(
                bid_id=BidId(UUID(bid_id)),
                due_on=date.fromisoformat(due_on),
                supplier_id=supplier_id,
                tender_id=TenderId(UUID(tender_id)),
                minutes=Decimal(minutes),
            )
            for bid_id, due_on, tender_id, minutes in row.get("holds", ())
        ),
    )
