"""The statistics office's look-up of a legal entity by BIN: ``GET /api/juridical/counter/api/?bin=…&lang=ru``.

Answers ``{"success": true, "obj": {…}, "description": null}``. That nothing was found is believed only where it says
so: ``success`` without ``obj``, or a description that says "not found"; any other failure is a failure.
"""

import re

from adapters.registries.client import Conversation, RegistryClient
from adapters.registries.reading import Camel, Digits, Line, MaybeDay, MaybeLine, Published, refused, shaped, the_bin
from domain.ids import Bin
from domain.registries.answers import Company
from domain.registries.model import Answered, Question, Registry

PATH = "/api/juridical/counter/api/"
_NOT_FOUND = re.compile(r"не найден|табылма|not found", re.IGNORECASE)


class _Entity(Camel):
    bin: Digits
    name: Line
    register_date: MaybeDay
    oked_code: MaybeLine
    second_okeds: MaybeLine
    krp_code: MaybeLine
    kato_code: MaybeLine
    kato_address: MaybeLine
    fio: MaybeLine
    ip: bool


class _Answer(Published):
    success: bool
    obj: _Entity | None
    description: MaybeLine


class StatisticsOffice:
    def __init__(self, client: RegistryClient) -> None:
        self._client = client

    async def company(self, bin: Bin) -> Answered[Company | None]:
        async def find(conversation: Conversation) -> Company | None:
            reply = await conversation.get(PATH, bin=bin, lang="ru")
            return self._company(shaped(Registry.STATISTICS, _Answer, reply.must_be_ok().json), bin)

        return await self._client.ask(Question.COMPANY, bin, find)

    def _company(self, answer: _Answer, asked: Bin) -> Company | None:
        found = answer.obj
        if found is None:
            if not answer.success and not _NOT_FOUND.search(answer.description or ""):
                raise self._client.unavailable("says that it failed")
            return None
        if not answer.success or found.ip:
            raise refused(Registry.STATISTICS, "the answer contradicts itself")
        return Company(
            bin=the_bin(Registry.STATISTICS, found.bin, asked=asked),
            name=found.name,
            registered_on=found.register_date,
            oked=found.oked_code,
            other_okeds=tuple(each.strip() for each in (found.second_okeds or "").split(",") if each.strip()),
            size=found.krp_code,
            kato=found.kato_code,
            address=found.kato_address,
            director=found.fio,
        )
