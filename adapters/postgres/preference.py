"""The preference ledger, and the report on it."""

from collections.abc import Mapping
from typing import ClassVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.reading import rows_of
from adapters.postgres.rows.preference import PreferenceRow
from domain.actors import Actor
from domain.awards.model import EvaluationNotFound
from domain.awards.preference import PreferenceEntry, PreferenceReport, Standing
from domain.errors import NotFound
from domain.ids import OrganizationId
from domain.organizations.workshop import Size
from domain.reports.shares import ROWS_MAX, Period, ReportTooLarge, scope

_STANDINGS = text("""
SELECT o.id, left(o.kato, 2) AS region, w.operators * w.shifts AS operators
FROM organizations o LEFT JOIN workshops w ON w.id = o.id WHERE o.id = ANY(:bidders)
""")
_REPORT = text("""
WITH found AS (
  SELECT p.* FROM preference_entries p JOIN tenders t ON t.id = p.tender_id
  WHERE (CAST(:buyer_id AS uuid) IS NULL OR t.buyer_id = :buyer_id)
    AND (CAST(:begins_at AS timestamptz) IS NULL OR p.recorded_at >= :begins_at)
    AND (CAST(:ends_at AS timestamptz) IS NULL OR p.recorded_at < :ends_at)
  ORDER BY p.recorded_at, p.id LIMIT :limit
)
SELECT found.*, instant.as_of FROM (SELECT statement_timestamp() AS as_of) instant LEFT JOIN found ON true
ORDER BY found.recorded_at, found.id
""")
"""One row more than the report may have, so that too many are known; one without an entry where there is none."""


class PostgresPreferenceLedger(Aggregates[PreferenceEntry]):
    codec: ClassVar = Codec(PreferenceEntry, PreferenceRow)
    missing: ClassVar[type[NotFound]] = EvaluationNotFound

    async def standings(self, bidders: tuple[OrganizationId, ...]) -> Mapping[OrganizationId, Standing]:
        rows = (await self._connection.execute(_STANDINGS, {"bidders": list(bidders)})).mappings().all()
        return {
            OrganizationId(row["id"]): Standing(region=row["region"], size=Size.of(row["operators"])) for row in rows
        }


class PostgresPreferenceQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def report(self, actor: Actor, period: Period) -> PreferenceReport:
        rows = await rows_of(
            self._reading,
            _REPORT,
            buyer_id=scope(actor),
            begins_at=period.begins_at,
            ends_at=period.ends_at,
            limit=ROWS_MAX + 1,
        )
        if len(rows) > ROWS_MAX:
            raise ReportTooLarge(f"More than {ROWS_MAX} awards", passes="a shorter period")
        return PreferenceReport(
            entries=tuple(PostgresPreferenceLedger.codec.entity(row) for row in rows if row["id"] is not None),
            as_of=rows[0]["as_of"],
        )
