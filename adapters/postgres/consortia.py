"""Repository and reads of the consortia room."""

from typing import Any, ClassVar

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.reading import one, rows_of
from adapters.postgres.rows.consortia import ConsentRow
from domain.actors import Actor
from domain.consortia.model import Consent, ConsentNotFound, ConsentStatus
from domain.consortia.ports import Letters, Party, ShownConsent
from domain.errors import NotFound
from domain.ids import ConsentId, OrganizationId, TenderId
from domain.sealing.ports import BidderTags

_ONE = text("SELECT * FROM consents WHERE id = :id")
_OF_TENDER = text("""
SELECT * FROM consents
WHERE tender_id = :tender_id AND (leader_tag = :tag OR member_tag = :tag)
  AND (CAST(:after AS uuid) IS NULL OR id > :after)
ORDER BY id LIMIT :limit
""")
_PARTIES = text("SELECT id, name, bin FROM organizations WHERE id = ANY(CAST(:ids AS uuid[]))")


class PostgresConsents(Aggregates[Consent]):
    codec: ClassVar = Codec(Consent, ConsentRow)
    missing: ClassVar[type[NotFound]] = ConsentNotFound

    async def standing(self, tender_id: TenderId, *, leader_tag: bytes | None = None) -> tuple[Consent, ...]:
        table = self.codec.table
        granted = select(table).where(table.c.tender_id == tender_id, table.c.status == ConsentStatus.GRANTED)
        if leader_tag is not None:
            granted = granted.where(table.c.leader_tag == leader_tag)
        return await self._all(granted.order_by(table.c.id))


class PostgresConsentQueries:
    def __init__(self, reading: AsyncEngine, tags: BidderTags, letters: Letters) -> None:
        self._reading = reading
        self._tags = tags
        self._letters = letters

    async def consent(self, actor: Actor, id: ConsentId) -> ShownConsent:
        row = await one(self._reading, _ONE, id=id)
        found = PostgresConsents.codec.entity(row) if row is not None else None
        if found is None or self._tag(actor, found.tender_id) not in {found.leader_tag, found.member_tag}:
            raise ConsentNotFound("There is no such consent")
        return (await self._shown([found]))[0]

    async def of_tender(
        self, actor: Actor, tender_id: TenderId, *, after: ConsentId | None, limit: int
    ) -> list[ShownConsent]:
        tag = self._tag(actor, tender_id)
        rows = await rows_of(self._reading, _OF_TENDER, tender_id=tender_id, tag=tag, after=after, limit=limit)
        return await self._shown([PostgresConsents.codec.entity(row) for row in rows])

    def _tag(self, actor: Actor, tender_id: TenderId) -> bytes:
        return self._tags.of(tender_id, actor.organization_id)

    async def _shown(self, consents: list[Any]) -> list[ShownConsent]:
        parties = [self._letters.opened(each.id, each.letter) for each in consents]
        ids = list({id for each in parties for id in (each.leader_id, each.member_id)})
        rows = await rows_of(self._reading, _PARTIES, ids=ids) if ids else []
        named = {row["id"]: Party(id=OrganizationId(row["id"]), name=row["name"], bin=row["bin"]) for row in rows}
        return [
            ShownConsent(consent=consent, leader=named[each.leader_id], member=named[each.member_id])
            for consent, each in zip(consents, parties, strict=True)
        ]
