"""One contract for the state portal's register: the fake in memory, and the adapter against published answers."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.registries.client import Patience, RegistryClient
from adapters.registries.fakes import FakeSupplierRegister
from adapters.registries.goszakup import Goszakup
from domain.ids import Bin
from domain.registries.answers import (
    AnnouncedLine,
    AnnouncedLot,
    AnnouncedPlace,
    Announcement,
    Subject,
    UnreliableEntry,
)
from domain.registries.model import Question, Registry, RegistryAnswerRefused, RegistryUnavailable
from domain.registries.ports import SupplierRegister
from tests.adapters.registry_server import RegistryServer, serving

KNOWN, UNKNOWN = Bin("950440001673"), Bin("020240000555")
NAME = 'ТОО "Швейная фабрика Оймақ"'
SUBJECT = Subject(bin=KNOWN, name=NAME, domestic_producer=True, small_business=True)
ENTRIES = (
    UnreliableEntry(name=NAME, since=date(2022, 3, 1), until=date(2024, 3, 1)),
    UnreliableEntry(name=NAME, since=date(2026, 5, 20), until=None),
)
ANNOUNCEMENT = Announcement(
    number="16744298-1",
    name="Приобретение спецодежды",
    organizer_bin=KNOWN,
    lots=(
        AnnouncedLot(
            number="87197521-ОИ2",
            name="Костюм",
            amount=Decimal(1440000),
            customer_bin=KNOWN,
            lines=(
                AnnouncedLine(
                    point=7001,
                    name="Костюм",
                    ens_tru="141211.290.000016",
                    unit="796",
                    count=Decimal(120),
                    price=Decimal(12000),
                    places=(
                        AnnouncedPlace(
                            kato="631010000", name="ВКО, г. Усть-Каменогорск, ул. Школьная 1", count=Decimal(70)
                        ),
                        AnnouncedPlace(kato="101010000", name="Абай, г. Семей, ул. Абая 2", count=Decimal(50)),
                    ),
                ),
            ),
        ),
        AnnouncedLot(
            number="87197522-ОИ2",
            name="Ткань",
            amount=Decimal("60000.5"),
            customer_bin=KNOWN,
            lines=(
                AnnouncedLine(
                    point=7002,
                    name="Ткань",
                    ens_tru="132031.300.000001",
                    unit="006",
                    count=Decimal("30.5"),
                    price=Decimal("1967.23"),
                    places=(AnnouncedPlace(kato="631010000", name="ВКО, г. Усть-Каменогорск", count=Decimal("30.5")),),
                ),
            ),
        ),
    ),
)


@dataclass
class Scene:
    register: SupplierRegister
    goes_down: Callable[[], None]
    lies: Callable[[], None]


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[RegistryServer]:
    async with serving() as server:
        yield server


@pytest.fixture(params=["fake", "real"])
async def scene(request: pytest.FixtureRequest, server: RegistryServer) -> AsyncIterator[Scene]:
    server.forget()
    if request.param == "fake":
        fake = FakeSupplierRegister(
            subjects={KNOWN: SUBJECT}, entries={KNOWN: ENTRIES}, announcements={ANNOUNCEMENT.number: ANNOUNCEMENT}
        )

        def fails(failure: RegistryUnavailable | RegistryAnswerRefused) -> None:
            fake.failure = failure

        yield Scene(fake, lambda: fails(RegistryUnavailable("down")), lambda: fails(RegistryAnswerRefused("lies")))
        return
    client = RegistryClient(Registry.GOSZAKUP, server.base, token="t", patience=Patience(attempts=1))

    def everywhere(status: int, text: str) -> None:
        server.everywhere = {"status": status, "text": text}

    yield Scene(Goszakup(client), lambda: everywhere(503, ""), lambda: everywhere(200, "<html>works</html>"))
    await client.close()


async def test_a_known_company_is_answered_with_its_mark_and_where_that_comes_from(scene: Scene) -> None:
    answered = await scene.register.subject(KNOWN)
    assert answered.value == SUBJECT
    came_from = answered.provenance
    assert (came_from.registry, came_from.question, came_from.subject) == (Registry.GOSZAKUP, Question.SUBJECT, KNOWN)
    assert came_from.sha256 is not None
    assert (len(came_from.sha256), came_from.from_cache, came_from.age_seconds) == (64, False, 0)
    assert came_from.asked_at.tzinfo is not None


async def test_every_entry_of_the_list_is_answered_also_those_that_have_ended(scene: Scene) -> None:
    assert (await scene.register.unreliable(KNOWN)).value == ENTRIES


async def test_an_announcement_is_answered_with_its_lots_points_and_places(scene: Scene) -> None:
    assert (await scene.register.announcement(ANNOUNCEMENT.number)).value == ANNOUNCEMENT


async def test_what_the_register_does_not_know_is_an_answer(scene: Scene) -> None:
    assert (await scene.register.subject(UNKNOWN)).value is None
    assert (await scene.register.unreliable(UNKNOWN)).value == ()
    assert (await scene.register.announcement("1-1")).value is None


async def test_an_outage_and_a_lie_are_never_answers(scene: Scene) -> None:
    for happens, refusal in ((scene.goes_down, RegistryUnavailable), (scene.lies, RegistryAnswerRefused)):
        happens()
        with pytest.raises(refusal):
            await scene.register.subject(UNKNOWN)
        with pytest.raises(refusal):
            await scene.register.unreliable(UNKNOWN)
        with pytest.raises(refusal):
            await scene.register.announcement("1-1")


async def test_an_answer_is_remembered_for_a_while_and_says_its_age(server: RegistryServer) -> None:
    server.forget()
    started = datetime(2026, 11, 24, 9, tzinfo=UTC)
    passed = [0.0]
    client = RegistryClient(
        Registry.GOSZAKUP,
        server.base,
        patience=Patience(remember_seconds=300),
        now=lambda: started + timedelta(seconds=passed[0]),
        clock=lambda: passed[0],
    )
    register = Goszakup(client)
    first = await register.subject(KNOWN)
    passed[0] = 42.7
    again = await register.subject(KNOWN)
    assert again.value == first.value
    assert (again.provenance.from_cache, again.provenance.age_seconds) == (True, 42)
    assert (again.provenance.asked_at, again.provenance.sha256) == (started, first.provenance.sha256)
    server.everywhere = {"status": 404, "text": "<html>"}
    passed[0] = 300.0
    with pytest.raises(RegistryAnswerRefused):
        await register.subject(KNOWN)
    server.everywhere = None
    assert not (await register.subject(KNOWN)).provenance.from_cache
    await client.close()


async def test_a_404_in_the_services_own_form_says_that_there_is_nothing(server: RegistryServer) -> None:
    server.forget()
    server.everywhere = {"status": 404, "json": {"name": "Not Found", "message": "", "code": 0, "status": 404}}
    client = RegistryClient(Registry.GOSZAKUP, server.base)
    assert (await Goszakup(client).subject(KNOWN)).value is None
    assert (await Goszakup(client).unreliable(KNOWN)).value == ()
    await client.close()
