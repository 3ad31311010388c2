"""The repository of registries' answers."""

from typing import ClassVar

from sqlalchemy import select

from adapters.postgres.aggregates import Aggregates
from adapters.postgres.codec import Codec
from adapters.postgres.rows.registries import RegistryAnswerRow
from domain.errors import NotFound
from domain.registries.model import Question, Registry, RegistryAnswer, RegistryAnswerNotFound


class PostgresRegistryAnswers(Aggregates[RegistryAnswer]):
    codec: ClassVar = Codec(RegistryAnswer, RegistryAnswerRow)
    missing: ClassVar[type[NotFound]] = RegistryAnswerNotFound

    async def latest(self, *, registry: Registry, question: Question, subject: str) -> RegistryAnswer | None:
        """Newest by id: ids are made in the order of time."""
        table = self.codec.table
        same = table.c.registry == registry, table.c.question == question, table.c.subject == subject
        found = await self._all(select(table).where(*same).order_by(table.c.id.desc()).limit(1))
        return found[0] if found else None
