"""Repositories and reads of the scenarios room."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec, converter
from adapters.postgres.reading import one, rows_of
from adapters.postgres.rows.scenarios import ScenarioProblemRow, ScenarioRow
from domain.actors import Actor
from domain.awards.model import EvaluationNotFound
from domain.awards.problem import Problem
from domain.awards.solution import Progress
from domain.errors import NotFound
from domain.ids import EvaluationId, Kato, OrganizationId, ScenarioId, TenderId
from domain.money import Money
from domain.scenarios.model import Scenario
from domain.scenarios.ports import Run
from domain.scenarios.refusals import ScenarioNotFound
from domain.scenarios.rules import BidderFacts

_problems = ScenarioProblemRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it to every table class
_COUNTED = text("""
SELECT count(*) FILTER (WHERE lot IS NOT DISTINCT FROM CAST(:lot AS int) AND status NOT IN ('failed', 'cancelled')),
  count(*)
FROM scenarios WHERE evaluation_id = :evaluation_id
""")
_FACTS = text("""
SELECT o.id, coalesce(w.kato, o.kato) AS kato, w.operators * w.shifts AS operators,
  (SELECT count(*) FROM contracts c WHERE c.supplier_id = o.id AND c.status NOT IN ('lapsed', 'annulled')) AS contracts
FROM organizations o LEFT JOIN workshops w ON w.id = o.id WHERE o.id = ANY(:bidders)
""")
_LEASED_UNTIL = text("SELECT leased_until FROM scenario_runs WHERE scenario_id = :id")
_BEAT = text("""
INSERT INTO scenario_runs AS run (scenario_id, attempt, leased_until, effort, worth, bound, told_at)
SELECT id, :attempt, :leased_until, :effort, :worth, :bound, CASE WHEN CAST(:effort AS bigint) IS NOT NULL
  THEN clock_timestamp() END
FROM scenarios WHERE id = :id AND status = 'solving' AND attempt = :attempt
ON CONFLICT (scenario_id) DO UPDATE SET attempt = excluded.attempt, leased_until = excluded.leased_until,
  effort = excluded.effort, worth = excluded.worth, bound = excluded.bound, told_at = excluded.told_at
WHERE run.attempt <= excluded.attempt
""")
_LIGHT = ", ".join(
    "NULL::jsonb AS solution" if column.name == "solution" else f"s.{column.name}"
    for column in ScenarioRow.__table__.columns  # type: ignore[attr-defined]  # SQLModel adds it to every table class
)
_READABLE = """
(:auditor OR t.buyer_id = :organization_id OR (t.awarded_at IS NOT NULL OR t.status = 'failed')
  AND EXISTS (SELECT FROM bids b WHERE b.tender_id = t.id AND b.bidder_id = :organization_id))
"""
"""As the evaluation is."""
_EVALUATED = text(f"""
SELECT coalesce(e.chosen->>'evaluation_id', e.id::text) AS id FROM evaluations e JOIN tenders t ON t.id = e.tender_id
WHERE e.tender_id = :tender_id AND e.replaces IS NULL AND {_READABLE} ORDER BY e.evaluated_at DESC, e.id DESC LIMIT 1
""")  # noqa: S608 - a constant of this module
_PAGE = text(f"""
SELECT {_LIGHT} FROM scenarios s WHERE s.tender_id = :tender_id AND (CAST(:after AS uuid) IS NULL OR s.id > :after)
ORDER BY s.id LIMIT :limit
""")  # noqa: S608 - columns of our own row
_SIDE_BY_SIDE = text(f"""
SELECT {_LIGHT} FROM scenarios s WHERE s.evaluation_id = CAST(:evaluation_id AS uuid) AND s.status = 'solved'
  AND s.lot IS NOT DISTINCT FROM CAST(:lot AS int) ORDER BY s.number
""")  # noqa: S608 - columns of our own row
_ONE = text(f"SELECT s.* FROM scenarios s JOIN tenders t ON t.id = s.tender_id WHERE s.id = :id AND {_READABLE}")  # noqa: S608 - a constant of this module
_RUN = text(f"""
SELECT {_LIGHT}, r.effort, r.worth, r.bound, r.told_at FROM scenarios s JOIN tenders t ON t.id = s.tender_id
LEFT JOIN scenario_runs r ON r.scenario_id = s.id AND r.attempt = s.attempt WHERE s.id = :id AND {_READABLE}
""")  # noqa: S608 - constants of this module
_WAITING = text("""
SELECT s.id FROM scenarios s LEFT JOIN scenario_runs r ON r.scenario_id = s.id
WHERE s.status = 'queued' OR s.status = 'solving' AND coalesce(r.leased_until <= clock_timestamp(), true)
ORDER BY s.made_at LIMIT :limit
""")


class PostgresScenarios(Aggregates[Scenario]):
    codec: ClassVar = Codec(Scenario, ScenarioRow)
    missing: ClassVar[type[NotFound]] = ScenarioNotFound

    async def counted(self, evaluation_id: EvaluationId, lot: int | None) -> tuple[int, int]:
        where = {"evaluation_id": evaluation_id, "lot": lot}
        live, made = (await self._connection.execute(_COUNTED, where)).one()
        return live, made

    async def facts(self, bidders: tuple[OrganizationId, ...]) -> Mapping[str, BidderFacts]:
        rows = (await self._connection.execute(_FACTS, {"bidders": list(bidders)})).mappings().all()
        return {
            str(row["id"]): BidderFacts(kato=Kato(row["kato"]), operators=row["operators"], contracts=row["contracts"])
            for row in rows
        }


class PostgresScenarioRuns:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def ask(self, id: ScenarioId, problem: Problem) -> None:
        await self._connection.execute(insert(_problems).values(scenario_id=id, problem=converter.unstructure(problem)))

    async def problem(self, id: ScenarioId) -> Problem:
        asked = select(_problems.c.problem).where(_problems.c.scenario_id == id)
        return converter.structure((await self._connection.execute(asked)).scalar_one(), Problem)

    async def leased_until(self, id: ScenarioId) -> datetime | None:
        until: datetime | None = (await self._connection.execute(_LEASED_UNTIL, {"id": id})).scalar_one_or_none()
        return until

    async def beat(self, id: ScenarioId, attempt: int, progress: Progress | None, *, leased_until: datetime) -> bool:
        values = {
            "id": id,
            "attempt": attempt,
            "leased_until": leased_until,
            "effort": progress and progress.effort,
            "worth": progress and progress.worth and progress.worth.amount,
            "bound": progress and progress.bound and progress.bound.amount,
        }
        return (await self._connection.execute(_BEAT, values)).rowcount == 1


class PostgresScenarioQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def of_tender(
        self, actor: Actor, tender_id: TenderId, *, after: ScenarioId | None, limit: int
    ) -> list[Scenario]:
        await self._evaluation(actor, tender_id)
        rows = await rows_of(self._reading, _PAGE, tender_id=tender_id, after=after, limit=limit)
        return [_scenario(row) for row in rows]

    async def side_by_side(self, actor: Actor, tender_id: TenderId, *, lot: int | None) -> list[Scenario]:
        evaluation_id = await self._evaluation(actor, tender_id)
        rows = await rows_of(self._reading, _SIDE_BY_SIDE, evaluation_id=evaluation_id, lot=lot)
        return [_scenario(row) for row in rows]

    async def scenario(self, actor: Actor, id: ScenarioId) -> Scenario:
        return _scenario(_found(await one(self._reading, _ONE, id=id, **_reader(actor))))

    async def run(self, actor: Actor, id: ScenarioId) -> Run:
        row = _found(await one(self._reading, _RUN, id=id, **_reader(actor)))
        return Run(
            scenario=_scenario(row),
            effort=row["effort"],
            worth=None if row["worth"] is None else Money(row["worth"]),
            bound=None if row["bound"] is None else Money(row["bound"]),
            told_at=row["told_at"],
        )

    async def waiting(self, *, limit: int) -> list[ScenarioId]:
        return [ScenarioId(row["id"]) for row in await rows_of(self._reading, _WAITING, limit=limit)]

    async def _evaluation(self, actor: Actor, tender_id: TenderId) -> str:
        row = await one(self._reading, _EVALUATED, tender_id=tender_id, **_reader(actor))
        if row is None:
            raise EvaluationNotFound("There is no evaluation that you may read")
        return str(row["id"])


def _reader(actor: Actor) -> dict[str, Any]:
    return {"auditor": actor.is_auditor, "organization_id": actor.organization_id}


def _found(row: Any | None) -> Any:
    if row is None:
        raise ScenarioNotFound("There is no such scenario")
    return row


def _scenario(row: Any) -> Scenario:
    scenario: Scenario = PostgresScenarios.codec.entity(row)
    return scenario
