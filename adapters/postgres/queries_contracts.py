"""Reads of awards and contracts."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.contracts import PostgresContracts, PostgresEvaluations
from adapters.postgres.reading import one, rows_of
from adapters.postgres.rows.contracts import RECEIVERS
from domain.actors import Actor
from domain.awards.model import Evaluation, EvaluationNotFound
from domain.contracts.model import Contract
from domain.contracts.parts import ContractNotFound
from domain.contracts.sharing import seen_by
from domain.ids import ContractId, TenderId

_SEWS = """
(b.bidder_id = :organization_id OR b.combination->'members'
   @> jsonb_build_array(jsonb_build_object('organization_id', CAST(:organization_id AS uuid))))
"""
"""The bidder, and the members of his consortium."""
_EVALUATION = text(f"""
SELECT e.* FROM evaluations e JOIN tenders t ON t.id = e.tender_id
WHERE e.tender_id = :tender_id AND e.replaces IS NULL AND (:auditor OR t.buyer_id = :organization_id
  OR (t.awarded_at IS NOT NULL OR t.status = 'failed')
     AND EXISTS (SELECT FROM bids b WHERE b.tender_id = t.id AND {_SEWS}))
ORDER BY e.evaluated_at DESC, e.id DESC LIMIT 1
""")  # noqa: S608 - a constant of this module
_NEXT_BEST = text(f"""
SELECT e.* FROM evaluations e JOIN tenders t ON t.id = e.tender_id
WHERE e.replaces = :id AND (:auditor OR t.buyer_id = :organization_id
  OR EXISTS (SELECT FROM bids b WHERE b.tender_id = t.id AND b.status = 'opened' AND {_SEWS}))
ORDER BY e.evaluated_at DESC, e.id DESC LIMIT 1
""")  # noqa: S608 - a constant of this module
_MINE = f"""
(:auditor OR buyer_id = :organization_id OR supplier_id = :organization_id
 OR {RECEIVERS} @> to_jsonb(CAST(:organization_id AS text)))
"""
_CONTRACT = text(f"SELECT * FROM contracts WHERE id = :id AND {_MINE}")  # noqa: S608 - a constant of this module
_PAGE = text(f"""
SELECT * FROM contracts WHERE {_MINE}
  AND (CAST(:tender_id AS uuid) IS NULL OR tender_id = :tender_id)
  AND (CAST(:framework_id AS uuid) IS NULL OR framework_id = :framework_id)
  AND (CAST(:after AS uuid) IS NULL OR id > :after)
ORDER BY id LIMIT :limit
""")  # noqa: S608 - a constant of this module


class PostgresEvaluationQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def of_tender(self, actor: Actor, tender_id: TenderId) -> Evaluation:
        row = await one(
            self._reading,
            _EVALUATION,
            tender_id=tender_id,
            auditor=actor.is_auditor,
            organization_id=actor.organization_id,
        )
        if row is None:
            raise EvaluationNotFound("There is no evaluation that you may read")
        evaluation: Evaluation = PostgresEvaluations.codec.entity(row)
        return evaluation

    async def next_best(self, actor: Actor, id: ContractId) -> Evaluation:
        row = await one(
            self._reading, _NEXT_BEST, id=id, auditor=actor.is_auditor, organization_id=actor.organization_id
        )
        if row is None:
            raise EvaluationNotFound("There is no evaluation that you may read")
        evaluation: Evaluation = PostgresEvaluations.codec.entity(row)
        return evaluation


class PostgresContractQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def contract(self, actor: Actor, id: ContractId) -> Contract:
        row = await one(
            self._reading, _CONTRACT, id=id, auditor=actor.is_auditor, organization_id=actor.organization_id
        )
        if row is None:
            raise ContractNotFound("There is no such contract")
        return _seen(actor, row)

    async def page(
        self,
        actor: Actor,
        *,
        tender_id: TenderId | None,
        framework_id: ContractId | None = None,
        after: ContractId | None,
        limit: int,
    ) -> list[Contract]:
        rows = await rows_of(
            self._reading,
            _PAGE,
            auditor=actor.is_auditor,
            organization_id=actor.organization_id,
            tender_id=tender_id,
            framework_id=framework_id,
            after=after,
            limit=limit,
        )
        return [_seen(actor, row) for row in rows]


def _seen(actor: Actor, row: Any) -> Contract:
    contract: Contract = PostgresContracts.codec.entity(row)
    return contract if actor.is_auditor else seen_by(contract, actor.organization_id)
