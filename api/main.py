"""The composition root: settings to adapters to application. Only this, ``databases`` and ``deployment`` know both."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

from adapters.documents.typeset import TypstDocuments
from adapters.exports.tables import FileTables
from adapters.identifiers import new_token, uuid7
from adapters.notices.texts import CatalogueTexts
from adapters.passwords import Argon2Passwords
from adapters.postgres.amendments import PostgresAmendmentQueries
from adapters.postgres.callers import Callers, listening
from adapters.postgres.capacity import PostgresCapacityQueries
from adapters.postgres.complaints import PostgresComplaintQueries
from adapters.postgres.consortia import PostgresConsentQueries
from adapters.postgres.engine import Database
from adapters.postgres.enquiries import PostgresEnquiryQueries
from adapters.postgres.evaluating import PostgresEvaluatingQueries
from adapters.postgres.explanations import PostgresExplanations
from adapters.postgres.intake import Intakes, PostgresIntake
from adapters.postgres.log import Log
from adapters.postgres.lotting import PostgresLotStudyQueries, PostgresWorkrooms
from adapters.postgres.migrate import migrate, revise
from adapters.postgres.newest_checkpoint import followed
from adapters.postgres.payments import PostgresPaymentQueries
from adapters.postgres.pools import PostgresPoolQueries
from adapters.postgres.preference import PostgresPreferenceQueries
from adapters.postgres.prequalification import PostgresPrequalificationQueries
from adapters.postgres.procedures import PostgresSettingsQueries
from adapters.postgres.queries_bids import PostgresBidQueries
from adapters.postgres.queries_contracts import PostgresContractQueries, PostgresEvaluationQueries
from adapters.postgres.queries_notices import PostgresNoticeQueries, PostgresSubscriptionQueries
from adapters.postgres.queries_organizations import PostgresOrganizationQueries
from adapters.postgres.queries_producers import PostgresProducerQueries
from adapters.postgres.queries_registers import PostgresRegisterQueries
from adapters.postgres.queries_reports import PostgresFeed, PostgresProcesses, PostgresReports
from adapters.postgres.queries_settled import PostgresSettledTenders
from adapters.postgres.queries_tenders import PostgresTenderQueries
from adapters.postgres.queue import run_jobs
from adapters.postgres.registers import IMPORT_SECONDS, spooled
from adapters.postgres.roles import DatabaseRole
from adapters.postgres.scenarios import PostgresScenarioQueries
from adapters.postgres.work import Transactions, Units
from adapters.registries.fakes import unconfigured
from adapters.sealing.keyring import Keyring
from adapters.sealing.records import JsonBidRecords
from adapters.sealing.sodium import SodiumSealer, SodiumUnsealer, new_key_pair, new_nonce
from adapters.signing.ed25519 import Signer
from adapters.solver.oracles import oracle_of, rerun_of
from adapters.solver.process import ProcessSolver
from adapters.spreadsheets.sheets import FileSheets
from adapters.spreadsheets.streams import StreamedFiles
from adapters.storage.files import file_vault
from adapters.storage.memory import memory_vault
from api.application import Application
from api.databases import entered, owner_dsn
from api.deployment import (
    Outgoing,
    code_of,
    gateways,
    keys,
    log_of,
    outgoing,
    packages,
    registries,
    units_of_work,
    unsent,
)
from api.settings import Settings
from api.worker import Handlers, Runner
from domain.awards.awarding import Awarding
from domain.awards.failing import Failing
from domain.awards.next_best import Reawarding
from domain.bids.attaching import Attaching
from domain.bids.bidding import Bidding
from domain.bids.opening import Opening
from domain.bids.ports import Vault
from domain.bids.sealing import Seals
from domain.bids.sheets import BidSheets
from domain.complaints.complaining import Complaining
from domain.consortia.consenting import Consenting
from domain.contracts.calling_off import CallingOff
from domain.contracts.contracting import Contracting
from domain.contracts.signing import Signing
from domain.enquiries.enquiring import Enquiring
from domain.evaluating.scoring import Scoring
from domain.evaluating.supplementing import Supplementing
from domain.lotting.studying import Studying
from domain.notices.receiving import Receiving
from domain.notices.sending import Sending
from domain.notices.subscribing import Subscribing
from domain.notices.telling import Telling
from domain.organizations.evidencing import Evidencing
from domain.organizations.ports import Passwords
from domain.organizations.producing import Producing
from domain.organizations.registering import Registering
from domain.organizations.signing_in import SigningIn
from domain.payments.model import PaymentMethod
from domain.payments.paying import Paying
from domain.payments.ports import PaymentGateway
from domain.pools.pooling import Pooling
from domain.prequalification.prequalifying import Prequalifying
from domain.procedures.catalogue import Procedures
from domain.procedures.configuring import Configuring
from domain.protocols.reporting import Reporting
from domain.registries.asking import Asking
from domain.registries.loading import Loading
from domain.registries.ports import Registries
from domain.registries.taking_over import TakingOver
from domain.replay.bundling import Bundling
from domain.replay.ports import Code
from domain.scenarios.comparing import Comparing
from domain.scenarios.ports import Solver
from domain.scenarios.solving import Solving
from domain.tenders.amending import Amending
from domain.tenders.following import Following
from domain.tenders.importing import Importing
from domain.tenders.tendering import Tendering


@asynccontextmanager
async def worker(settings: Settings) -> AsyncIterator[tuple[Application, Runner]]:
    """A ready application, and how its jobs are run."""
    async with entered(settings, DatabaseRole.WORKER) as found, registries(settings) as asked:

        async def run(handlers: Handlers, stop: asyncio.Event) -> None:
            await run_jobs(found.dsn, handlers, stop=stop, role=found.role)

        yield await _assembled(found.database, settings, asked, opens=settings.opens_inside), run


@asynccontextmanager
async def opener(settings: Settings) -> AsyncIterator[Application]:
    """A ready application with the key-encryption key, whatever the setting says of the other processes. It closes as
    the worker does; what needs the key it does in a role of its own, as every process that opens.
    """
    async with entered(settings, DatabaseRole.WORKER) as found, registries(settings) as asked:
        yield await _assembled(found.database, settings, asked, opens=True)


async def write_migration(settings: Settings, message: str) -> None:
    """A new migration from the difference between the rows and a database at head."""
    async with owner_dsn(settings) as dsn:
        await migrate(dsn)
        await revise(dsn, message)


@asynccontextmanager
async def wire(settings: Settings) -> AsyncIterator[Application]:
    """A ready application on a migrated database."""
    async with (
        entered(settings, DatabaseRole.API) as found,
        registries(settings) as asked,
        listening(found.dsn, found.role) as callers,
        followed(found.database.raw) as checkpoint,
    ):
        yield await _assembled(
            found.database, settings, asked, opens=settings.opens_inside, callers=callers, checkpoint=checkpoint
        )


@asynccontextmanager
async def audit(settings: Settings) -> AsyncIterator[Application]:
    """An application that can read, and nothing else."""
    async with entered(settings, DatabaseRole.AUDITOR) as found, registries(settings) as asked:
        yield await _assembled(found.database, settings, asked, opens=False)


async def _assembled(
    database: Database,
    settings: Settings,
    asked: Registries,
    *,
    opens: bool,
    callers: Callers | None = None,
    checkpoint: Callable[[], str | None] = lambda: None,
) -> Application:
    units, intakes = units_of_work(settings)
    return assemble(
        database,
        Argon2Passwords(),
        Procedures(packages(settings), settings.procedure_parameters),
        gateways(settings),
        keyring=keys(settings).ring(opens=opens),
        vault=file_vault(settings.document_folder),
        base_url=settings.base_url,
        registries=asked,
        outgoing=outgoing(settings),
        units=units,
        intakes=intakes,
        log=await log_of(database, settings),
        callers=callers,
        code=code_of(settings),
        checkpoint=checkpoint,
    )


def assemble(
    database: Database,
    passwords: Passwords,
    procedures: Procedures,
    gateways: Mapping[PaymentMethod, PaymentGateway],
    *,
    keyring: Keyring,
    base_url: str = "http://127.0.0.1:8000",
    registries: Registries | None = None,
    outgoing: Outgoing | None = None,
    units: Units = Transactions,
    intakes: Intakes = PostgresIntake,
    log: Log | None = None,
    callers: Callers | None = None,
    vault: Vault | None = None,
    code: Code | None = None,
    checkpoint: Callable[[], str | None] = lambda: None,
    solver: Solver | None = None,
) -> Application:
    """The application on a connected database. ``registries`` None: none is configured; ``outgoing`` None: mail stays
    in memory; ``units`` and ``intakes`` make units of work and the way of bids: tests give some that fail, or have a
    clock of their own; ``log`` None: signed by a key of this process, with no copies elsewhere; ``callers`` None:
    nobody is remembered; ``vault`` None: documents stay in memory; ``code`` is what runs; ``checkpoint``: the newest
    one, for receipts; ``solver`` None: our engines, each in a process of its own.
    """
    leaving, texts = outgoing or unsent(), CatalogueTexts()
    log = log or Log.of(database, Signer.fresh("oimaq.localhost/log"))
    begin = units(database.engine.begin, keyring.answers, log.standing)
    imports = units(database.engine.begin, keyring.answers, log.standing, within=IMPORT_SECONDS)
    intake = intakes(database.intake, keyring.answers, log.standing.must_stand)
    records, vault = JsonBidRecords(), vault or memory_vault()
    seals = Seals(
        sealer=SodiumSealer(),
        new_nonce=new_nonce,
        signer=keyring.signer,
        tags=keyring.tags,
        records=records,
        checkpoint=checkpoint,
    )
    opening = None
    if keyring.wrapper is not None:
        opening = Opening(
            units(database.opening.begin, keyring.answers, log.standing),
            wrapper=keyring.wrapper,
            unsealer=SodiumUnsealer(),
            tags=keyring.tags,
            records=records,
            vault=vault,
            new_key_pair=new_key_pair,
            new_id=uuid7,
        )
    tendering = Tendering(begin, procedures, uuid7, opening=opening)
    asking = Asking(begin, registries or unconfigured(), uuid7)
    tenders = PostgresTenderQueries(database.reading, database.raw)
    settled = PostgresSettledTenders(database.reading)
    bundling = Bundling(settled, keyring.salts, code or Code(package="oimaq", version="unknown"))
    producers = PostgresProducerQueries(database.reading)
    bids = PostgresBidQueries(database.reading, tenders, keyring.tags)
    consents = PostgresConsentQueries(database.reading, keyring.tags, keyring.letters)
    return Application(
        procedures=procedures,
        configuring=Configuring(begin, procedures, uuid7),
        procedure_settings=PostgresSettingsQueries(database.reading),
        registering=Registering(begin, passwords, uuid7),
        signing_in=SigningIn(begin, passwords, uuid4, new_token),
        organizations=PostgresOrganizationQueries(database.reading, callers or Callers()),
        producing=Producing(begin, uuid7),
        evidencing=Evidencing(begin, uuid7),
        producers=producers,
        verdict_archive=producers,
        importing=Importing(begin, FileSheets(), uuid7),
        tendering=tendering,
        tenders=tenders,
        bidding=Bidding(begin, intake, seals, new_id=uuid7, new_bid_id=uuid4),
        attaching=Attaching(begin, vault.sealed, sealer=SodiumSealer(), tags=keyring.tags, new_id=uuid4),
        consenting=Consenting(begin, keyring.tags, keyring.letters, new_id=uuid4),
        consents=consents,
        bid_sheets=BidSheets(tenders, bids, consents, FileSheets(), FileTables()),
        opened_documents=vault.opened,
        bids=bids,
        opening=opening,
        signer=keyring.signer,
        awarding=Awarding(begin, uuid7),
        evaluations=PostgresEvaluationQueries(database.reading),
        comparing=Comparing(begin, uuid7),
        solving=Solving(begin, solver or ProcessSolver()),
        scenarios=PostgresScenarioQueries(database.reading),
        explanations=PostgresExplanations(database.reading, oracle_of, rerun_of),
        preferences=PostgresPreferenceQueries(database.reading),
        bundling=bundling,
        reporting=Reporting(settled, bundling, procedures),
        documents=TypstDocuments(),
        contracting=Contracting(begin, uuid7),
        contracts=PostgresContractQueries(database.reading),
        capacity=PostgresCapacityQueries(database.reading),
        paying=Paying(begin, gateways, uuid7),
        payments=PostgresPaymentQueries(database.reading),
        feed=PostgresFeed(database.reading),
        reports=PostgresReports(database.reading),
        tables=FileTables(),
        processes=PostgresProcesses(database.reading),
        asking=asking,
        taking_over=TakingOver(asking, tendering),
        loading=Loading(imports, StreamedFiles(), spooled, uuid7),
        registers=PostgresRegisterQueries(database.reading),
        complaining=Complaining(begin, uuid7),
        complaints=PostgresComplaintQueries(database.reading, tenders),
        signing=Signing(begin),
        reawarding=Reawarding(begin, uuid7),
        calling_off=CallingOff(begin, uuid7),
        pooling=Pooling(begin, uuid7),
        pools=PostgresPoolQueries(database.reading),
        amending=Amending(begin, uuid7),
        amendments=PostgresAmendmentQueries(database.reading, tenders),
        enquiring=Enquiring(begin, uuid7),
        enquiries=PostgresEnquiryQueries(database.reading, tenders),
        scoring=Scoring(begin, uuid7),
        supplementing=Supplementing(begin, uuid7),
        evaluating=PostgresEvaluatingQueries(database.reading),
        studying=Studying(begin, PostgresWorkrooms(database.reading), uuid7),
        lot_studies=PostgresLotStudyQueries(database.reading),
        failing=Failing(begin),
        following=Following(begin, procedures, uuid7),
        prequalifying=Prequalifying(begin, uuid7),
        prequalifications=PostgresPrequalificationQueries(database.reading),
        telling=Telling(begin, uuid7),
        sending=Sending(begin, leaving.mailer, leaving.webhooks, texts, leaving.webhook_key),
        subscribing=Subscribing(begin, uuid7),
        subscriptions=PostgresSubscriptionQueries(database.reading),
        receiving=Receiving(begin, uuid7, leaving.webhook_key, loopback=leaving.loopback),
        notices=PostgresNoticeQueries(database.reading),
        texts=texts,
        log=log.queries,
        sequencer=log.sequencer,
        history=log.history,
        base_url=base_url,
    )
