"""Repositories of producer evidence: profiles, proofs, verdicts, and what a verdict looks at."""

from typing import ClassVar

from sqlalchemy import select, text

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.rows.producers import EvidenceRow, VerdictRow, WorkshopRow
from adapters.postgres.suppliers import EVIDENCE_MAX, MINUTES_OF, record_columns, record_of
from domain.errors import NotFound
from domain.ids import OrganizationId, TenderId
from domain.organizations.contacts import Contacts
from domain.organizations.evidence import Evidence, EvidenceNotFound, EvidenceType
from domain.organizations.model import OrganizationNotFound
from domain.organizations.ports import SupplierRecord
from domain.organizations.verdict import Verdict, VerdictNotFound
from domain.organizations.workshop import Workshop, WorkshopNotFound

_SUPPLIER = text(f"""
SELECT {record_columns(":year")},
  (SELECT coalesce(jsonb_agg(DISTINCT to_jsonb(other)), '[]') FROM (
     SELECT n.address, n.phone, n.email, n.director, n.bank_account
     FROM bids b CROSS JOIN LATERAL (
       SELECT b.bidder_id UNION ALL
       SELECT (m.share->>'organization_id')::uuid FROM jsonb_array_elements(b.combination->'members') AS m (share)
       WHERE m.share->'lots' @> jsonb_build_array(jsonb_build_object('lot', CAST(:lot AS int)))) AS sewer (id)
     JOIN organizations n ON n.id = sewer.id
     WHERE CAST(:others AS boolean) AND b.tender_id = :tender_id AND b.bidder_id <> o.id AND b.status <> 'withdrawn'
       AND (b.combination->'members' @> jsonb_build_array(jsonb_build_object('organization_id', o.id))) IS NOT TRUE
       AND b.offers @> jsonb_build_array(jsonb_build_object('lot', CAST(:lot AS int)))) other) AS others
FROM organizations o {MINUTES_OF}
WHERE o.id = :supplier_id
""")  # noqa: S608 - our text


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

    async def of_holder(self, holder_id: OrganizationId, type: EvidenceType) -> tuple[Evidence, ...]:
        table = self.codec.table
        mine = table.c.holder_id == holder_id, table.c.type == type.value, table.c.revoked_on.is_(None)
        return await self._all(select(table).where(*mine).order_by(table.c.id.desc()).limit(EVIDENCE_MAX))


class PostgresVerdicts(Aggregates[Verdict]):
    codec: ClassVar = Codec(Verdict, VerdictRow)
    missing: ClassVar[type[NotFound]] = VerdictNotFound

    async def record(
        self, supplier_id: OrganizationId, *, tender_id: TenderId, lot: int, year: int, others: bool = False
    ) -> SupplierRecord:
        values = {"supplier_id": supplier_id, "tender_id": tender_id, "lot": lot, "year": year, "others": others}
        row = (await self._connection.execute(_SUPPLIER, values)).mappings().one_or_none()
        if row is None:
            raise OrganizationNotFound("There is no such organisation")
        table = PostgresEvidence.codec.table
        proofs = select(table).where(table.c.holder_id == supplier_id).order_by(table.c.id.desc()).limit(EVIDENCE_MAX)
        found = (await self._connection.execute(proofs)).mappings().all()
        evidence = tuple(PostgresEvidence.codec.entity(each) for each in found)
        return record_of(row, evidence, tuple(Contacts(**each) for each in row["others"]))
