"""Repositories of producer evidence: profiles, proofs, verdicts, and what a verdict looks at."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import select, text

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec, converter
from adapters.postgres.contracts import MINUTES
from adapters.postgres.organizations import PostgresOrganizations
from adapters.postgres.registers import standing_columns, standing_of
from adapters.postgres.rows.producers import EvidenceRow, VerdictRow, WorkshopRow
from domain.errors import NotFound
from domain.ids import OrganizationId, TenderId
from domain.organizations.contacts import Contacts
from domain.organizations.evidence import Evidence, EvidenceNotFound, EvidenceType
from domain.organizations.facts import PortalWord
from domain.organizations.model import OrganizationNotFound
from domain.organizations.ports import SupplierRecord
from domain.organizations.verdict import Verdict, VerdictNotFound
from domain.organizations.workshop import Workshop, WorkshopNotFound
from domain.registries.answers import UnreliableEntry

EVIDENCE_MAX = 100

_SUPPLIER = text(f"""
SELECT o.*, minutes.per_week, minutes.booked, {standing_columns("o.bin")},
  (SELECT to_jsonb(a) FROM registry_answers a
   WHERE a.registry = 'goszakup' AND a.question = 'unreliable' AND a.subject = o.bin AND a.outcome = 'answered'
   ORDER BY a.id DESC LIMIT 1) AS portal_answer,
  (SELECT to_jsonb(a) FROM registry_answers a
   WHERE a.registry = 'goszakup' AND a.question = 'unreliable' AND a.subject = o.bin AND a.outcome <> 'answered'
   ORDER BY a.id DESC LIMIT 1) AS portal_failure,
  (SELECT coalesce(jsonb_object_agg(code, pieces), '{{}}') FROM (
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
  (SELECT coalesce(jsonb_agg(DISTINCT to_jsonb(other)), '[]') FROM (
     SELECT n.address, n.phone, n.email, n.director, n.bank_account
     FROM bids b JOIN organizations n ON n.id = b.bidder_id
     WHERE CAST(:others AS boolean) AND b.tender_id = :tender_id AND b.bidder_id <> o.id AND b.status <> 'withdrawn'
       AND b.offers @> jsonb_build_array(jsonb_build_object('lot', CAST(:lot AS int)))) other) AS others
FROM organizations o
LEFT JOIN LATERAL (SELECT {MINUTES} FROM workshops w WHERE w.id = o.id) minutes ON true
WHERE o.id = :supplier_id
""")  # noqa: S608 - our text
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
        return SupplierRecord(
            organization=PostgresOrganizations.codec.entity(row),
            workshop=None if row["per_week"] is None else (row["per_week"], row["booked"]),
            evidence=tuple(PostgresEvidence.codec.entity(each) for each in found),
            awarded_pieces=row["awarded_pieces"],
            standing=standing_of(row),
            portal=_portal(row["portal_answer"], row["portal_failure"]),
            others=tuple(Contacts(**each) for each in row["others"]),
        )


def _portal(answer: Mapping[str, Any] | None, failure: Mapping[str, Any] | None) -> PortalWord:
    """The newest answer, and a failure after it: an older one has been made good."""
    answered_at = datetime.fromisoformat(answer["asked_at"]) if answer else None
    later = failure if failure and (answer is None or failure["id"] > answer["id"]) else None
    return PortalWord(
        answered_at=answered_at,
        entries=tuple(converter.structure(entry, UnreliableEntry) for entry in answer["answer"].get("entries", []))
        if answer
        else (),
        failed_at=datetime.fromisoformat(later["asked_at"]) if later else None,
        failure=later["error"] if later else None,
    )
