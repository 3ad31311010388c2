"""The composition root: settings to adapters to application. The only module that knows both sides."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

from adapters.banking.transfer import BankTransferGateway
from adapters.identifiers import new_token, uuid7
from adapters.passwords import Argon2Passwords
from adapters.postgres.engine import Database, connected
from adapters.postgres.migrate import migrate
from adapters.postgres.payments import PostgresPaymentQueries
from adapters.postgres.queries_contracts import PostgresContractQueries, PostgresEvaluationQueries
from adapters.postgres.queries_organizations import PostgresOrganizationQueries
from adapters.postgres.queries_producers import PostgresProducerQueries
from adapters.postgres.queries_tenders import PostgresBidQueries, PostgresTenderQueries
from adapters.postgres.server.embedded import acquire
from adapters.postgres.work import Transactions
from adapters.spreadsheets.sheets import FileSheets
from adapters.stripe.gateway import StripeGateway
from api.application import Application
from api.settings import Settings
from domain.awards.awarding import Awarding
from domain.bids.bidding import Bidding
from domain.contracts.contracting import Contracting
from domain.organizations.ports import Passwords
from domain.organizations.producing import Producing
from domain.organizations.registering import Registering
from domain.organizations.signing_in import SigningIn
from domain.payments.model import PaymentMethod
from domain.payments.paying import Paying
from domain.payments.ports import PaymentGateway
from domain.procedures.catalogue import Procedures
from domain.tenders.importing import Importing
from domain.tenders.tendering import Tendering


@asynccontextmanager
async def database_dsn(settings: Settings) -> AsyncIterator[str]:
    """The given database, or the embedded one for as long as somebody needs it."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    lease = await asyncio.to_thread(acquire, settings.home)
    try:
        yield lease.dsn
    finally:
        await asyncio.to_thread(lease.release)


@asynccontextmanager
async def wire(settings: Settings) -> AsyncIterator[Application]:
    """A ready application on a migrated database."""
    async with database_dsn(settings) as dsn:
        await migrate(dsn)
        async with connected(dsn, pool_size=settings.pool_size) as database:
            yield assemble(
                database,
                Argon2Passwords(),
                Procedures(settings.procedure_parameters),
                gateways(settings),
            )


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
) -> Application:
    """The application on a connected database."""
    begin = Transactions(database.engine.begin)
    tenders = PostgresTenderQueries(database.reading, database.raw)
    return Application(
        procedures=procedures,
        registering=Registering(begin, passwords, uuid7),
        signing_in=SigningIn(begin, passwords, uuid4, new_token),
        organizations=PostgresOrganizationQueries(database.reading),
        producing=Producing(begin, uuid7),
        producers=PostgresProducerQueries(database.reading),
        importing=Importing(begin, FileSheets(), uuid7),
        tendering=Tendering(begin, procedures, uuid7),
        tenders=tenders,
        bidding=Bidding(begin, new_id=uuid7, new_bid_id=uuid4),
        bids=PostgresBidQueries(database.reading, tenders),
        awarding=Awarding(begin, uuid7),
        evaluations=PostgresEvaluationQueries(database.reading),
        contracting=Contracting(begin, uuid7),
        contracts=PostgresContractQueries(database.reading),
        paying=Paying(begin, gateways, uuid7),
        payments=PostgresPaymentQueries(database.reading),
    )
