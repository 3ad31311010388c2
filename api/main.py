"""The composition root: settings to adapters to application. The only module that knows both sides."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import structlog

from adapters.banking.transfer import BankTransferGateway
from adapters.exports.tables import FileTables
from adapters.identifiers import new_token, uuid7
from adapters.passwords import Argon2Passwords
from adapters.postgres.complaints import PostgresComplaintQueries
from adapters.postgres.engine import Database, connected
from adapters.postgres.failpoints import FailingTransactions, parse
from adapters.postgres.migrate import migrate, revise
from adapters.postgres.payments import PostgresPaymentQueries
from adapters.postgres.pools import PostgresPoolQueries
from adapters.postgres.procedures import PostgresSettingsQueries
from adapters.postgres.queries_contracts import PostgresContractQueries, PostgresEvaluationQueries
from adapters.postgres.queries_organizations import PostgresOrganizationQueries
from adapters.postgres.queries_producers import PostgresProducerQueries
from adapters.postgres.queries_registers import PostgresRegisterQueries
from adapters.postgres.queries_reports import PostgresFeed, PostgresProcesses, PostgresReports
from adapters.postgres.queries_tenders import PostgresBidQueries, PostgresTenderQueries
from adapters.postgres.queue import run_jobs
from adapters.postgres.registers import IMPORT_SECONDS, spooled
from adapters.postgres.server.binaries import EmbeddedServerFailed
from adapters.postgres.server.embedded import Lease, acquire
from adapters.postgres.work import Transactions
from adapters.procedures.files import installed, read_file, shipped
from adapters.registries.client import RegistryClient
from adapters.registries.fakes import unconfigured
from adapters.registries.goszakup import Goszakup
from adapters.registries.ncanode import NcaNode
from adapters.registries.statistics import StatisticsOffice
from adapters.spreadsheets.sheets import FileSheets
from adapters.spreadsheets.streams import StreamedFiles
from adapters.stripe.gateway import StripeGateway
from api.application import Application
from api.settings import Settings
from api.worker import Handlers, Runner
from domain.awards.awarding import Awarding
from domain.awards.next_best import Reawarding
from domain.bids.bidding import Bidding
from domain.complaints.complaining import Complaining
from domain.contracts.calling_off import CallingOff
from domain.contracts.contracting import Contracting
from domain.contracts.signing import Signing
from domain.organizations.ports import Passwords
from domain.organizations.producing import Producing
from domain.organizations.registering import Registering
from domain.organizations.signing_in import SigningIn
from domain.payments.model import PaymentMethod
from domain.payments.paying import Paying
from domain.payments.ports import PaymentGateway
from domain.pools.pooling import Pooling
from domain.procedures.catalogue import Procedures
from domain.procedures.configuring import Configuring
from domain.procedures.package import Package
from domain.registries.asking import Asking
from domain.registries.loading import Loading
from domain.registries.model import Registry
from domain.registries.ports import Registries
from domain.registries.taking_over import TakingOver
from domain.tenders.importing import Importing
from domain.tenders.tendering import Tendering
from domain.work import Begin

KEEP_ALIVE_SECONDS = 1.0

log = structlog.get_logger("oimaq.database")


@asynccontextmanager
async def database_dsn(settings: Settings) -> AsyncIterator[str]:
    """The given database, or the embedded one for as long as somebody needs it."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    lease = await asyncio.to_thread(acquire, settings.home)
    keeper = asyncio.create_task(_keep_alive(lease))
    try:
        yield lease.dsn
    finally:
        keeper.cancel()
        await asyncio.to_thread(lease.release)


async def _keep_alive(lease: Lease) -> None:
    """Start the embedded server again when it was killed: whoever holds a lease and sees it first."""
    while True:
        await asyncio.sleep(KEEP_ALIVE_SECONDS)
        try:
            await asyncio.to_thread(lease.revive)
        except EmbeddedServerFailed as error:
            log.warning("the database does not start", error=str(error))


@asynccontextmanager
async def worker(settings: Settings) -> AsyncIterator[tuple[Application, Runner]]:
    """A ready application, and how its jobs are run."""
    async with database_dsn(settings) as dsn:
        await migrate(dsn)
        async with connected(dsn, pool_size=settings.pool_size) as database, registries(settings) as asked:

            async def run(handlers: Handlers, stop: asyncio.Event) -> None:
                await run_jobs(dsn, handlers, stop=stop)

            yield _assembled(database, settings, asked), run


async def write_migration(settings: Settings, message: str) -> None:
    """A new migration from the difference between the rows and a database at head."""
    async with database_dsn(settings) as dsn:
        await migrate(dsn)
        await revise(dsn, message)


@asynccontextmanager
async def wire(settings: Settings) -> AsyncIterator[Application]:
    """A ready application on a migrated database."""
    async with database_dsn(settings) as dsn:
        await migrate(dsn)
        async with connected(dsn, pool_size=settings.pool_size) as database, registries(settings) as asked:
            yield _assembled(database, settings, asked)


def _assembled(database: Database, settings: Settings, asked: Registries) -> Application:
    procedures = Procedures(packages(settings), settings.procedure_parameters)
    return assemble(
        database,
        Argon2Passwords(),
        procedures,
        gateways(settings),
        base_url=settings.base_url,
        registries=asked,
        begin=units_of_work(database, settings),
    )


def units_of_work(database: Database, settings: Settings) -> Begin:
    """The real ones; with failpoints in them where a fault test asks for some."""
    if settings.failpoints is None:
        return Transactions(database.engine.begin)
    return FailingTransactions(database.engine.begin, parse(settings.failpoints))


@asynccontextmanager
async def registries(settings: Settings) -> AsyncIterator[Registries]:
    """The registries that are configured; the others say that they are not."""
    asked = unconfigured()
    async with AsyncExitStack() as closing:

        def client(registry: Registry, url: str, token: str | None = None) -> RegistryClient:
            made = RegistryClient(registry, url, token=token)
            closing.push_async_callback(made.close)
            return made

        if settings.goszakup_token is not None:
            token = settings.goszakup_token.get_secret_value()
            portal = client(Registry.GOSZAKUP, settings.goszakup_url, token)
            asked = replace(asked, suppliers=Goszakup(portal))
        if settings.statistics_url is not None:
            asked = replace(asked, companies=StatisticsOffice(client(Registry.STATISTICS, settings.statistics_url)))
        if settings.ncanode_url is not None:
            asked = replace(asked, signatures=NcaNode(client(Registry.NCANODE, settings.ncanode_url)))
        yield asked


def package_of(path: Path) -> Package:
    """A rule package from outside."""
    return read_file(path)


def released_packages() -> tuple[Package, ...]:
    """The rule packages of this release."""
    return shipped()


def packages(settings: Settings) -> tuple[Package, ...]:
    """The rule packages of this release, and those that the deployment installed beside them. An installed package
    with the id of one of the release takes its place.
    """
    more = installed(settings.procedures) if settings.procedures is not None else ()
    return (*shipped(), *more)


def gateways(settings: Settings) -> dict[PaymentMethod, PaymentGateway]:
    """Bank transfer always; Stripe where it is configured."""
    offered: dict[PaymentMethod, PaymentGateway] = {PaymentMethod.BANK_TRANSFER: BankTransferGateway()}
    if settings.stripe_secret_key is not None and settings.stripe_webhook_secret is not None:
        offered[PaymentMethod.STRIPE] = StripeGateway(
            secret_key=settings.stripe_secret_key.get_secret_value(),
            webhook_secret=settings.stripe_webhook_secret.get_secret_value(),
            api_base=settings.stripe_api_base,
        )
    return offered


def assemble(
    database: Database,
    passwords: Passwords,
    procedures: Procedures,
    gateways: Mapping[PaymentMethod, PaymentGateway],
    *,
    base_url: str = "http://127.0.0.1:8000",
    registries: Registries | None = None,
    begin: Begin | None = None,
) -> Application:
    """The application on a connected database. ``registries`` None: none is configured."""
    begin = begin or Transactions(database.engine.begin)
    tendering = Tendering(begin, procedures, uuid7)
    asking = Asking(begin, registries or unconfigured(), uuid7)
    tenders = PostgresTenderQueries(database.reading, database.raw)
    return Application(
        procedures=procedures,
        configuring=Configuring(begin, procedures, uuid7),
        procedure_settings=PostgresSettingsQueries(database.reading),
        registering=Registering(begin, passwords, uuid7),
        signing_in=SigningIn(begin, passwords, uuid4, new_token),
        organizations=PostgresOrganizationQueries(database.reading),
        producing=Producing(begin, uuid7),
        producers=PostgresProducerQueries(database.reading),
        importing=Importing(begin, FileSheets(), uuid7),
        tendering=tendering,
        tenders=tenders,
        bidding=Bidding(begin, new_id=uuid7, new_bid_id=uuid4),
        bids=PostgresBidQueries(database.reading, tenders),
        awarding=Awarding(begin, uuid7),
        evaluations=PostgresEvaluationQueries(database.reading),
        contracting=Contracting(begin, uuid7),
        contracts=PostgresContractQueries(database.reading),
        paying=Paying(begin, gateways, uuid7),
        payments=PostgresPaymentQueries(database.reading),
        feed=PostgresFeed(database.reading),
        reports=PostgresReports(database.reading),
        tables=FileTables(),
        processes=PostgresProcesses(database.reading),
        asking=asking,
        taking_over=TakingOver(asking, tendering),
        loading=Loading(Transactions(database.engine.begin, within=IMPORT_SECONDS), StreamedFiles(), spooled, uuid7),
        registers=PostgresRegisterQueries(database.reading),
        complaining=Complaining(begin, uuid7),
        complaints=PostgresComplaintQueries(database.reading, tenders),
        signing=Signing(begin),
        reawarding=Reawarding(begin, uuid7),
        calling_off=CallingOff(begin, uuid7),
        pooling=Pooling(begin, uuid7),
        pools=PostgresPoolQueries(database.reading),
        base_url=base_url,
    )
