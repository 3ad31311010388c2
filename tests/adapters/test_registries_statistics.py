"""One contract for the register of companies: the fake in memory, and the adapter against published answers."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date

import pytest

from adapters.registries.client import Patience, RegistryClient
from adapters.registries.fakes import FakeCompanyRegister
from adapters.registries.statistics import StatisticsOffice
from domain.ids import Bin
from domain.registries.answers import Company
from domain.registries.model import Registry, RegistryAnswerRefused, RegistryUnavailable
from domain.registries.ports import CompanyRegister
from tests.adapters.registry_server import RegistryServer, serving

KNOWN, UNKNOWN = Bin("950440001673"), Bin("020240000555")
COMPANY = Company(
    bin=KNOWN,
    name='Товарищество с ограниченной ответственностью "Швейная фабрика Оймақ"',
    registered_on=date(1995, 4, 12),
    oked="14120",
    other_okeds=("14130", "14190"),
    size="150",
    kato="631010000",
    address="ВКО, г. Усть-Каменогорск",
    director="ИВАНОВА АЙГУЛЬ",
)


@dataclass
class Scene:
    register: CompanyRegister
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
        fake = FakeCompanyRegister(companies={KNOWN: COMPANY})

        def fails(failure: RegistryUnavailable | RegistryAnswerRefused) -> None:
            fake.failure = failure

        yield Scene(fake, lambda: fails(RegistryUnavailable("down")), lambda: fails(RegistryAnswerRefused("lies")))
        return
    client = RegistryClient(Registry.STATISTICS, server.base, patience=Patience(attempts=1))

    def everywhere(status: int, text: str) -> None:
        server.everywhere = {"status": status, "text": text}

    yield Scene(StatisticsOffice(client), lambda: everywhere(503, ""), lambda: everywhere(200, "<html>"))
    await client.close()


async def test_a_known_company_is_answered_with_where_that_comes_from(scene: Scene) -> None:
    answered = await scene.register.company(KNOWN)
    assert answered.value == COMPANY
    assert (answered.provenance.registry, answered.provenance.subject) == (Registry.STATISTICS, KNOWN)
    assert answered.provenance.sha256 is not None


async def test_a_company_that_the_register_does_not_know_is_an_answer(scene: Scene) -> None:
    assert (await scene.register.company(UNKNOWN)).value is None


async def test_an_outage_and_a_lie_are_never_answers(scene: Scene) -> None:
    for happens, refusal in ((scene.goes_down, RegistryUnavailable), (scene.lies, RegistryAnswerRefused)):
        happens()
        with pytest.raises(refusal):
            await scene.register.company(UNKNOWN)


@pytest.mark.parametrize(
    ("description", "believed"),
    [
        ("По данному БИН информация не найдена", True),
        ("Мәлімет табылмады", True),
        ("Not found", True),
        ("Внутренняя ошибка сервера", False),
        ("", False),
        (None, False),
    ],
)
async def test_a_failure_is_no_unknown_company_unless_it_says_so(
    server: RegistryServer, *, description: str | None, believed: bool
) -> None:
    server.forget()
    server.everywhere = {"status": 200, "json": {"success": False, "obj": None, "description": description}}
    client = RegistryClient(Registry.STATISTICS, server.base, patience=Patience(attempts=1))
    if believed:
        assert (await StatisticsOffice(client).company(KNOWN)).value is None
    else:
        with pytest.raises(RegistryUnavailable, match="says that it failed"):
            await StatisticsOffice(client).company(KNOWN)
    await client.close()
