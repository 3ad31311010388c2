"""Repository and reads of the lotting room, and the market that it looks at."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec, converter
from adapters.postgres.producers import PostgresEvidence
from adapters.postgres.reading import one, rows_of
from adapters.postgres.rows.lotting import LotStudyRow
from adapters.postgres.suppliers import EVIDENCE_MAX, MINUTES_OF, record_columns, record_of
from domain.actors import Actor
from domain.errors import NotFound
from domain.garments import GarmentKind
from domain.ids import Kato, LotStudyId, OrganizationId, TenderId
from domain.lotting.market import RegisteredWorkshop
from domain.lotting.model import LotStudy, LotStudyNotFound
from domain.lotting.ports import ShownStudy, StudyHead
from domain.lotting.study import Findings
from domain.organizations.evidence import Evidence
from domain.tenders.model import TenderNotFound

_WORKSHOPS = text(f"""
SELECT p.kato AS workshop_kato, p.products, p.operators * p.shifts AS workers, {record_columns(":year")}
FROM organizations o JOIN workshops p ON p.id = o.id {MINUTES_OF}
WHERE o.kind = 'supplier' AND o.status <> 'suspended' AND (CAST(:after AS uuid) IS NULL OR o.id > :after)
ORDER BY o.id LIMIT :limit
""")  # noqa: S608 - our text
_EVIDENCE = text(f"""
SELECT e.* FROM unnest(CAST(:holders AS uuid[])) h(id), LATERAL (
  SELECT * FROM evidence WHERE holder_id = h.id ORDER BY id DESC LIMIT {EVIDENCE_MAX}) e
""")  # noqa: S608 - our text
_HEAD = """
SELECT s.id, s.tender_id, s.tender_version, s.package, s.market->>'on' AS bid_on, s.fixed,
  jsonb_array_length(s.market->'sewers') AS workshops, (s.market->>'bounded')::boolean AS bounded,
  jsonb_array_length(s.findings->'cuts') AS cuts, s.studied_at, s.version"""
_MINE = "(:auditor OR s.buyer_id = :organization_id)"
_STUDY = text(f"{_HEAD}, s.findings FROM lot_studies s WHERE s.id = :id AND {_MINE}")
_OF_TENDER = text(f"""
{_HEAD} FROM lot_studies s WHERE s.tender_id = :tender_id AND {_MINE}
  AND (CAST(:after AS uuid) IS NULL OR s.id < :after) ORDER BY s.id DESC LIMIT :limit
""")
_TENDER = text("SELECT 1 FROM tenders s WHERE s.id = :tender_id AND (:auditor OR s.buyer_id = :organization_id)")


class PostgresLotStudies(Aggregates[LotStudy]):
    codec: ClassVar = Codec(LotStudy, LotStudyRow)
    missing: ClassVar[type[NotFound]] = LotStudyNotFound


class PostgresWorkrooms:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def page(self, *, year: int, after: OrganizationId | None, limit: int) -> Sequence[RegisteredWorkshop]:
        rows = await rows_of(self._reading, _WORKSHOPS, year=year, after=after, limit=limit)
        proofs: defaultdict[UUID, list[Evidence]] = defaultdict(list)
        for each in await rows_of(self._reading, _EVIDENCE, holders=[row["id"] for row in rows]):
            proofs[each["holder_id"]].append(PostgresEvidence.codec.entity(each))
        return [
            RegisteredWorkshop(
                record=record_of(row, tuple(proofs[row["id"]])),
                kato=Kato(row["workshop_kato"]),
                kinds=tuple(GarmentKind(kind) for kind in row["products"]),
                workers=row["workers"],
            )
            for row in rows
        ]


class PostgresLotStudyQueries:
    def __init__(self, reading: AsyncEngine) -> None:
        self._reading = reading

    async def study(self, actor: Actor, id: LotStudyId) -> ShownStudy:
        row = await one(self._reading, _STUDY, id=id, auditor=actor.is_auditor, organization_id=actor.organization_id)
        if row is None:
            raise LotStudyNotFound("There is no such study")
        return ShownStudy(head=_head(row), findings=converter.structure(row["findings"], Findings))

    async def of_tender(
        self, actor: Actor, tender_id: TenderId, *, after: LotStudyId | None, limit: int
    ) -> list[StudyHead]:
        mine = {"tender_id": tender_id, "auditor": actor.is_auditor, "organization_id": actor.organization_id}
        if await one(self._reading, _TENDER, **mine) is None:
            raise TenderNotFound("There is no such tender")
        return [_head(row) for row in await rows_of(self._reading, _OF_TENDER, after=after, limit=limit, **mine)]


def _head(row: Any) -> StudyHead:
    return StudyHead(
        id=LotStudyId(row["id"]),
        tender_id=TenderId(row["tender_id"]),
        tender_version=row["tender_version"],
        package=row["package"],
        bid_on=date.fromisoformat(row["bid_on"]),
        fixed=row["fixed"],
        workshops=row["workshops"],
        bounded=row["bounded"],
        cuts=row["cuts"],
        studied_at=row["studied_at"],
        version=row["version"],
    )
