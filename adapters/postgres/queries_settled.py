"""Reads of evaluated tenders, with all that led to the evaluation; several statements on one snapshot."""

import asyncio
from collections import defaultdict
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.postgres.bids import PostgresBids
from adapters.postgres.contracts import PostgresEvaluations
from adapters.postgres.engine import PATIENCE_SECONDS
from adapters.postgres.producers import PostgresVerdicts
from adapters.postgres.tenders import PostgresTenders
from adapters.postgres.violations import translated
from domain.actors import Actor
from domain.awards.model import Evaluation, EvaluationNotFound
from domain.ids import BidId, Bin, Kato, OrganizationId, TenderId
from domain.replay.ports import Settled
from domain.replay.refusals import NotAwarded
from domain.reports.process import Party
from domain.tenders.model import Tender, TenderNotFound

_TENDER = text("SELECT * FROM tenders WHERE id = :id AND published_at IS NOT NULL")
_SEEN = text("""
SELECT t.* FROM tenders t
WHERE t.id = :id AND (:auditor OR t.buyer_id = :organization_id
  OR (t.awarded_at IS NOT NULL OR t.status = 'failed')
     AND EXISTS (SELECT FROM bids b WHERE b.tender_id = t.id AND b.bidder_id = :organization_id))
""")
"""Whoever reads the evaluation, see ``queries_contracts``."""
_EVALUATION = text("""
SELECT * FROM evaluations WHERE tender_id = :id AND replaces IS NULL ORDER BY evaluated_at DESC, id DESC LIMIT 1
""")
_BIDS = text("SELECT * FROM bids WHERE tender_id = :id AND status = 'opened' ORDER BY received_at, id")
_VERDICTS = text("SELECT * FROM verdicts WHERE id = ANY(:ids) ORDER BY id")
_UNREADABLE = text("SELECT id, received_at FROM unreadable_bids WHERE tender_id = :id ORDER BY id")
_CONTRACTS = text("""
SELECT supplier_id, number FROM contracts WHERE tender_id = :id AND replaces IS NULL AND concluded_at >= :since
  AND framework_id IS NULL ORDER BY number
""")
_PARTIES = text("SELECT id, bin, name, kato FROM organizations WHERE id = ANY(:ids)")


class PostgresSettledTenders:
    """Satisfies ``domain.replay.ports.SettledTenders``."""

    def __init__(self, reading: AsyncEngine) -> None:
        self._snapshots = reading.execution_options(isolation_level="REPEATABLE READ")

    async def public(self, tender_id: TenderId) -> Settled:
        with translated():
            async with asyncio.timeout(PATIENCE_SECONDS), self._snapshots.begin() as connection:
                rows = await _rows(connection, _TENDER, id=tender_id)
                if not rows:
                    raise TenderNotFound("There is no such tender")
                tender: Tender = PostgresTenders.codec.entity(rows[0])
                evaluation = await _evaluation(connection, tender_id) if tender.is_settled else None
                if evaluation is None:
                    raise NotAwarded(f"The tender is {tender.status}", passes="the same request after the award")
                return await _settled(connection, tender, evaluation)

    async def seen(self, actor: Actor, tender_id: TenderId) -> Settled:
        scope = {"auditor": actor.is_auditor, "organization_id": actor.organization_id}
        with translated():
            async with asyncio.timeout(PATIENCE_SECONDS), self._snapshots.begin() as connection:
                rows = await _rows(connection, _SEEN, id=tender_id, **scope)
                evaluation = await _evaluation(connection, tender_id) if rows else None
                if evaluation is None:
                    raise EvaluationNotFound("There is no evaluation that you may read")
                return await _settled(connection, PostgresTenders.codec.entity(rows[0]), evaluation)


async def _evaluation(connection: AsyncConnection, tender_id: TenderId) -> Evaluation | None:
    rows = await _rows(connection, _EVALUATION, id=tender_id)
    return PostgresEvaluations.codec.entity(rows[0]) if rows else None


async def _settled(connection: AsyncConnection, tender: Tender, evaluation: Evaluation) -> Settled:
    bids = tuple(PostgresBids.codec.entity(row) for row in await _rows(connection, _BIDS, id=tender.id))
    judged = list({each.verdict_id for each in evaluation.admissions})
    verdicts = await _rows(connection, _VERDICTS, ids=judged)
    broken = await _rows(connection, _UNREADABLE, id=tender.id)
    numbers: dict[OrganizationId, list[str]] = defaultdict(list)
    if tender.awarded_at is not None:
        for row in await _rows(connection, _CONTRACTS, id=tender.id, since=tender.awarded_at):
            numbers[OrganizationId(row["supplier_id"])].append(row["number"])
    named = {tender.buyer_id, *(bid.bidder_id for bid in bids), *(each.bidder_id for each in evaluation.admissions)}
    parties = await _rows(connection, _PARTIES, ids=list(named))
    return Settled(
        tender=tender,
        bids=bids,
        verdicts=tuple(PostgresVerdicts.codec.entity(row) for row in verdicts),
        evaluation=evaluation,
        parties={
            OrganizationId(row["id"]): Party(bin=Bin(row["bin"]), name=row["name"], kato=Kato(row["kato"]))
            for row in parties
        },
        unreadable={BidId(row["id"]): row["received_at"] for row in broken},
        contracts={supplier: tuple(each) for supplier, each in numbers.items()},
    )


async def _rows(connection: AsyncConnection, statement: TextClause, **values: Any) -> list[Any]:
    return list((await connection.execute(statement, values)).mappings().all())
