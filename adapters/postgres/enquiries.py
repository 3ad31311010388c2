"""Repository and reads of the enquiries room. Nothing that leaves here names who asked."""

from typing import Any, ClassVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.reading import one, rows_of
from adapters.postgres.rows.enquiries import EnquiryRow
from domain.actors import Actor
from domain.enquiries.model import Enquiry
from domain.enquiries.ports import ShownEnquiry, Turn
from domain.enquiries.refusals import EnquiryNotFound
from domain.errors import NotFound
from domain.ids import EnquiryId, OrganizationId, TenderId
from domain.tenders.ports import TenderQueries

_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_TURN = text("""
SELECT coalesce(max(number), 0) + 1 AS number, count(*) FILTER (WHERE asker_id = :asker_id) AS asked
FROM enquiries WHERE tender_id = :tender_id
""")
_READABLE = """
SELECT e.*, e.asker_id IS NOT DISTINCT FROM CAST(:organization_id AS uuid) AS own
FROM enquiries e JOIN tenders t ON t.id = e.tender_id
WHERE (e.answered_at IS NOT NULL OR CAST(:organization_id AS uuid) IN (e.asker_id, t.buyer_id))
"""
_ENQUIRY = text(f"{_READABLE} AND e.id = :id")
_OF_TENDER = text(f"""
{_READABLE} AND e.tender_id = :tender_id AND (CAST(:after AS bigint) IS NULL OR e.number > :after)
ORDER BY e.number LIMIT :limit
""")


class PostgresEnquiries(Aggregates[Enquiry]):
    codec: ClassVar = Codec(Enquiry, EnquiryRow)
    missing: ClassVar[type[NotFound]] = EnquiryNotFound

    async def turn(self, tender_id: TenderId, asker_id: OrganizationId) -> Turn:
        """The lock is a statement of its own: the count needs a snapshot from after it."""
        await self._connection.execute(_ALONE, {"name": f"enquiries/{tender_id}"})
        found = await self._connection.execute(_TURN, {"tender_id": tender_id, "asker_id": asker_id})
        return Turn(**found.mappings().one())


class PostgresEnquiryQueries:
    def __init__(self, reading: AsyncEngine, tenders: TenderQueries) -> None:
        self._reading = reading
        self._tenders = tenders

    async def enquiry(self, actor: Actor | None, id: EnquiryId) -> ShownEnquiry:
        row = await one(self._reading, _ENQUIRY, id=id, organization_id=_of(actor))
        if row is None:
            raise EnquiryNotFound("There is no such question")
        return _shown(row)

    async def of_tender(
        self, actor: Actor | None, tender_id: TenderId, *, after: int | None, limit: int
    ) -> list[ShownEnquiry]:
        await self._tenders.tender(actor, tender_id)
        rows = await rows_of(
            self._reading, _OF_TENDER, tender_id=tender_id, organization_id=_of(actor), after=after, limit=limit
        )
        return [_shown(row) for row in rows]


def _of(actor: Actor | None) -> OrganizationId | None:
    return actor.organization_id if actor else None


def _shown(row: Any) -> ShownEnquiry:
    return ShownEnquiry(enquiry=PostgresEnquiries.codec.entity(row), own=row["own"])
