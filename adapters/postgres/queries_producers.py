"""Reads of producer evidence."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.codec import converter
from adapters.postgres.producers import PostgresEvidence, PostgresVerdicts, PostgresWorkshops
from adapters.postgres.reading import one, rows_of
from domain.actors import Actor
from domain.ids import EvidenceId, OrganizationId, VerdictId
from domain.organizations.evidence import Evidence, EvidenceNotFound
from domain.organizations.ports import StoredVerdict
from domain.organizations.verdict import Verdict, VerdictNotFound
from domain.organizations.workshop import Workshop, WorkshopNotFound
from domain.tenders.procedure import PinnedProcedure

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
  OR t.opened_at IS NOT NULL AND v.stage IN ('award', 'signing') AND (:wide OR t.buyer_id = :organization_id))
""")
_EXPIRING = text("""
SELECT id FROM (
  SELECT id, valid_until, warned_days, valid_until - (clock_timestamp() AT TIME ZONE 'Asia/Almaty')::date AS days_left
  FROM evidence WHERE revoked_on IS NULL
    AND valid_until BETWEEN (clock_timestamp() AT TIME ZONE 'Asia/Almaty')::date
      AND (clock_timestamp() AT TIME ZONE 'Asia/Almaty')::date + 30) ending
WHERE warned_days IS NULL OR warned_days > CASE WHEN days_left <= 3 THEN 3 WHEN days_left <= 14 THEN 14 ELSE 30 END
ORDER BY valid_until, id LIMIT :limit
""")
"""The same days as ``WARNED_DAYS_BEFORE``; whoever warns decides once more by the evidence itself."""
_VERDICTS = text("""
SELECT v.*, t.procedure FROM verdicts v JOIN tenders t ON t.id = v.tender_id
WHERE v.inputs IS NOT NULL AND (CAST(:after AS uuid) IS NULL OR v.id > :after)
ORDER BY v.id LIMIT :limit
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
        row = await one(self._reading, _VERDICT, id=id, organization_id=actor.organization_id, wide=_reads_all(actor))
        if row is None:
            raise VerdictNotFound("There is no such verdict")
        verdict: Verdict = PostgresVerdicts.codec.entity(row)
        return verdict

    async def expiring(self, *, limit: int) -> list[EvidenceId]:
        return [EvidenceId(row["id"]) for row in await rows_of(self._reading, _EXPIRING, limit=limit)]

    async def verdicts(self, *, after: VerdictId | None, limit: int) -> list[StoredVerdict]:
        rows = await rows_of(self._reading, _VERDICTS, after=after, limit=limit)
        return [
            StoredVerdict(
                verdict=PostgresVerdicts.codec.entity(row),
                procedure=converter.structure(row["procedure"], PinnedProcedure),
            )
            for row in rows
        ]


def _reads_all(actor: Actor) -> bool:
    return actor.is_auditor or actor.is_registry_operator
