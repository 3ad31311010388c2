"""Repository and reads of the complaints room."""

from typing import Any, ClassVar

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.reading import one, rows_of
from adapters.postgres.rows.complaints import ComplaintRow
from domain.actors import Actor
from domain.complaints.model import Complaint, ComplaintStatus
from domain.complaints.ports import Complainant, ShownComplaint
from domain.complaints.refusals import ComplaintNotFound
from domain.errors import NotFound
from domain.ids import ComplaintId, OrganizationId, TenderId
from domain.tenders.ports import TenderQueries

_NEXT_NUMBER = text("SELECT nextval('complaint_numbers')")
_BINDS = (ComplaintStatus.FILED, ComplaintStatus.UPHELD)
_SHOWN = """
SELECT c.*, CASE WHEN t.opened_at IS NOT NULL OR :reviewer OR c.complainant_id = CAST(:organization_id AS uuid)
  THEN o.name END AS complainant_name
FROM complaints c JOIN tenders t ON t.id = c.tender_id JOIN organizations o ON o.id = c.complainant_id
"""
"""Who complains about the documents intends to bid: nobody else learns his name before the opening."""
_COMPLAINT = text(f"""
{_SHOWN} WHERE c.id = :id AND (:auditor OR :reviewer OR :organization_id IN (c.complainant_id, t.buyer_id))
""")
_OF_TENDER = text(f"""
{_SHOWN} WHERE c.tender_id = :tender_id AND (CAST(:after AS uuid) IS NULL OR c.id > :after) ORDER BY c.id LIMIT :limit
""")


class PostgresComplaints(Aggregates[Complaint]):
    codec: ClassVar = Codec(Complaint, ComplaintRow)
    missing: ClassVar[type[NotFound]] = ComplaintNotFound

    async def next_number(self, year: int) -> str:
        number: int = (await self._connection.execute(_NEXT_NUMBER)).scalar_one()
        return f"K-{year}-{number:06d}"

    async def standing(self, tender_id: TenderId) -> tuple[Complaint, ...]:
        table = self.codec.table
        mine = select(table).where(table.c.tender_id == tender_id, table.c.status.in_(_BINDS))
        return await self._all(mine.order_by(table.c.id))


class PostgresComplaintQueries:
    def __init__(self, reading: AsyncEngine, tenders: TenderQueries) -> None:
        self._reading = reading
        self._tenders = tenders

    async def complaint(self, actor: Actor, id: ComplaintId) -> ShownComplaint:
        row = await one(
            self._reading,
            _COMPLAINT,
            id=id,
            auditor=actor.is_auditor,
            reviewer=actor.is_reviewer,
            organization_id=actor.organization_id,
        )
        if row is None:
            raise ComplaintNotFound("There is no such complaint")
        return _shown(row)

    async def of_tender(
        self, actor: Actor | None, tender_id: TenderId, *, after: ComplaintId | None, limit: int
    ) -> list[ShownComplaint]:
        await self._tenders.tender(actor, tender_id)
        rows = await rows_of(
            self._reading,
            _OF_TENDER,
            tender_id=tender_id,
            reviewer=actor is not None and actor.is_reviewer,
            organization_id=actor.organization_id if actor else None,
            after=after,
            limit=limit,
        )
        return [_shown(row) for row in rows]


def _shown(row: Any) -> ShownComplaint:
    name = row["complainant_name"]
    complainant = None if name is None else Complainant(id=OrganizationId(row["complainant_id"]), name=name)
    return ShownComplaint(complaint=PostgresComplaints.codec.entity(row), complainant=complainant)
