"""Repositories of producer evidence: profiles, proofs, verdicts, and what a verdict looks at."""

from typing import ClassVar

from sqlalchemy import select, text

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.organizations import PostgresOrganizations
from adapters.postgres.rows.producers import EvidenceRow, VerdictRow, WorkshopRow
from domain.errors import NotFound
from domain.ids import OrganizationId, TenderId
from domain.organizations.evidence import Evidence, EvidenceNotFound
from domain.organizations.model import OrganizationNotFound
from domain.organizations.ports import SupplierRecord
from domain.organizations.verdict import Verdict, VerdictNotFound
from domain.organizations.workshop import Workshop, WorkshopNotFound

EVIDENCE_MAX = 100

_SUPPLIER = text("""
SELECT o.*, EXISTS (SELECT FROM workshops w WHERE w.id = o.id) AS has_workshop,
  (SELECT coalesce(jsonb_object_agg(code, pieces), '{}') FROM (
     SELECT left(replace(line->>'ens_tru', '.', ''), 6) AS code, sum((cell->>1)::bigint) AS pieces
     FROM contracts c, jsonb_array_elements(c.lines) line, LATERAL (
       SELECT line->'run' AS run WHERE c.kind <> 'framework' OR c.status <> 'completed'
       UNION ALL
       SELECT goods->'run' FROM jsonb_array_elements(c.calls) call, jsonb_array_elements(call->'goods') goods
       WHERE c.kind = 'framework' AND c.status = 'completed'
         AND goods->'lot' = line->'lot' AND goods->'line' = line->'line') awarded_run,
       jsonb_array_elements(awarded_run.run->'cells') cell
     WHERE c.supplier_id = o.id AND c.kind <> 'call_off' AND c.status NOT IN ('lapsed', 'annulled')
       AND extract(year FROM c.concluded_at AT TIME ZONE 'Asia/Almaty') = :year
     GROUP BY 1) awarded) AS awarded_pieces,
  (SELECT coalesce(jsonb_agg(DISTINCT shared), '[]') FROM (
     SELECT unnest(ARRAY[
       CASE WHEN other.address = o.address THEN 'address' END,
       CASE WHEN other.phone = o.phone THEN 'phone' END,
       CASE WHEN other.email = o.email THEN 'e-mail' END]) AS shared
     FROM bids b JOIN organizations other ON other.id = b.bidder_id
     WHERE b.tender_id = :tender_id AND b.bidder_id <> o.id AND b.status <> 'withdrawn'
       AND b.offers @> jsonb_build_array(jsonb_build_object('lot', CAST(:lot AS int)))) affiliates
   WHERE shared IS NOT NULL) AS affiliates
FROM organizations o WHERE o.id = :supplier_id
""")
"""A framework counts with all its pieces, and its call-offs do not count beside it. One that has ended counts with what
was called off.
"""


class PostgresWorkshops(Aggregates[Workshop]):
    codec: ClassVar = Codec(Workshop, WorkshopRow)
    missing: ClassVar[type[NotFound]] = WorkshopNotFound

    async def find(self, id: OrganizationId) -> Workshop | None:
        """Locked, because it is found in order to be replaced."""
        rows = await self._all(self._by_id(id).with_for_update())
        return rows[0] if rows else None


class PostgresEvidence(Aggregates[Evidence]):
    codec: ClassVar = Codec(Evidence, EvidenceRow)
    missing: ClassVar[type[NotFound]] = EvidenceNotFound


class PostgresVerdicts(Aggregates[Verdict]):
    codec: ClassVar = Codec(Verdict, VerdictRow)
    missing: ClassVar[type[NotFound]] = VerdictNotFound

    async def record(self, supplier_id: OrganizationId, *, tender_id: TenderId, lot: int, year: int) -> SupplierRecord:
        values = {"supplier_id": supplier_id, "tender_id": tender_id, "lot": lot, "year": year}
        row = (await self._connection.execute(_SUPPLIER, values)).mappings().one_or_none()
        if row is None:
            raise OrganizationNotFound("There is no such organisation")
        table = PostgresEvidence.codec.table
        proofs = select(table).where(table.c.holder_id == supplier_id).order_by(table.c.id.desc()).limit(EVIDENCE_MAX)
        found = (await self._connection.execute(proofs)).mappings().all()
        return SupplierRecord(
            organization=PostgresOrganizations.codec.entity(row),
            has_workshop=row["has_workshop"],
            evidence=tuple(PostgresEvidence.codec.entity(each) for each in found),
            awarded_pieces=row["awarded_pieces"],
            affiliates=tuple(row["affiliates"]),
        )
