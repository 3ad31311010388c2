"""The composition root on a database of the user's own, and what it refuses."""

import asyncpg
import pytest
from pydantic import SecretStr

from adapters.postgres.engine import UnsafeDatabase, connected
from adapters.registries.fakes import AbsentCompanyRegister, AbsentSupplierRegister, NoVerifier
from adapters.registries.goszakup import Goszakup
from adapters.registries.ncanode import NcaNode
from adapters.registries.statistics import StatisticsOffice
from api.deployment import registries
from api.main import wire
from api.settings import Settings
from domain.errors import Invalid
from tests.conftest import fresh_database


async def test_the_application_runs_on_a_database_of_the_users(server_dsn: str) -> None:
    async with (
        fresh_database(server_dsn, "oimaq_wiring") as dsn,
        wire(Settings(database_url=SecretStr(dsn), pool_size=2)) as application,
    ):
        assert await application.tenders.due(limit=1) == []
        assert await application.payments.waiting(limit=1) == []


async def test_configuration_of_a_verified_figure_stops_the_start(server_dsn: str) -> None:
    async with fresh_database(server_dsn, "oimaq_wiring_law") as dsn:
        wrong = Settings(
            database_url=SecretStr(dsn),
            procedure_parameters={"samruk-category": {"payment_period": "P90D"}},
            pool_size=2,
        )
        with pytest.raises(Invalid):
            async with wire(wrong):
                pytest.fail("it started")


async def test_a_database_that_cannot_hold_kazakh_is_refused(server_dsn: str) -> None:
    name = "oimaq_latin"
    admin = await asyncpg.connect(server_dsn)
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING LATIN1 LOCALE "C"')
    try:
        head, _, query = server_dsn.partition("?")
        with pytest.raises(UnsafeDatabase):
            async with connected(f"{head.rsplit('/', 1)[0]}/{name}?{query}", pool_size=1):
                pytest.fail("it connected")
    finally:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()


async def test_exactly_the_registries_that_are_configured_are_asked() -> None:
    async with registries(Settings()) as asked:
        kinds = (type(asked.suppliers), type(asked.companies), type(asked.signatures))
        assert kinds == (AbsentSupplierRegister, AbsentCompanyRegister, NoVerifier)
    everything = Settings(
        goszakup_token=SecretStr("a-token-of-this-test"),
        statistics_url="https://stat.example",
        ncanode_url="http://127.0.0.1:14579",
    )
    async with registries(everything) as asked:
        kinds = (type(asked.suppliers), type(asked.companies), type(asked.signatures))
        assert kinds == (Goszakup, StatisticsOffice, NcaNode)
