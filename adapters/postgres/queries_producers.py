"""Reads of producer evidence."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.producers import PostgresEvidence, PostgresVerdicts, PostgresWorkshops
from adapters.postgres.reading import one, rows_of
from domain.actors import Actor
from domain.ids import EvidenceId, OrganizationId, VerdictId
from domain.organizations.evidence import Evidence, EvidenceNotFound
from domain.organizations.verdict import Verdict, VerdictNotFound
from domain.organizations.workshop import Workshop, WorkshopNotFound

_WORKSHOP = text("SELECT * FROM workshops WHERE id = :id")
_EVIDENCE = text("SELECT * FROM evidence WHERE id = :id AND (:wide OR holder_id = :organization_id)")
_EVIDENCE_PAGE = text("""
SELECT * FROM evidence
WHERE (CAST(:holder AS uuid) IS NULL OR holder_id = :holder) AND (CAST(:after AS uuid) IS NULL OR id > :after)
ORDER BY id LIMIT :limit
""")
_VERDICT = text("""
SELECT v.* FROM verdicts v JOIN tenders t ON t.id = v.tender_id
WHERE v.id = :id AND (v.organization_id = :organization_id
  OR t.opened_at IS NOT NULL AND v.stage IN ('award', 'signing') AND (:auditor OR t.buyer_id = :organization_id))
""")


class PostgresProducerQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def workshop(self, actor: Actor, id: OrganizationId) -> Workshop:  # noqa: ARG002 - open to all who sign in
        row = await one(self._reading, _WORKSHOP, id=id)
        if row is None:
            raise WorkshopNotFound("There is no such workshop")
        workshop: Workshop = PostgresWorkshops.codec.entity(row)
        return workshop

    async def evidence(self, actor: Actor, id: EvidenceId) -> Evidence:
        row = await one(self._reading, _EVIDENCE, id=id, wide=_reads_all(actor), organization_id=actor.organization_id)
        if row is None:
            raise EvidenceNotFound("There is no such evidence")
        evidence: Evidence = PostgresEvidence.codec.entity(row)
        return evidence

    async def evidence_page(
        self, actor: Actor, *, holder: OrganizationId | None, after: EvidenceId | None, limit: int
    ) -> list[Evidence]:
        holder = holder if _reads_all(actor) else actor.organization_id
        rows = await rows_of(self._reading, _EVIDENCE_PAGE, holder=holder, after=after, limit=limit)
        return [PostgresEvidence.codec.entity(row) for row in rows]

    async def verdict(self, actor: Actor, id: VerdictId) -> Verdict:
        row = await one(self._reading, _VERDICT, id=id, organization_id=actor.organization_id, auditor=actor.is_auditor)
        if row is None:
            raise VerdictNotFound("There is no such verdict")
        verdict: Verdict = PostgresVerdicts.codec.entity(row)
        return verdict


def _reads_all(actor: Actor) -> bool:
    return actor.is_auditor or actor.is_registry_operator
