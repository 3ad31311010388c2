"""What the settings choose among adapters: registries, keys, packages, gateways, and how notices leave the house."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from adapters.banking.transfer import BankTransferGateway
from adapters.mail.configured import configured
from adapters.mail.memory import MemoryMailbox
from adapters.postgres.engine import Database
from adapters.postgres.failpoints import failing, failing_intake, parse
from adapters.postgres.intake import Intakes, PostgresIntake
from adapters.postgres.log import Log
from adapters.postgres.work import Transactions, Units
from adapters.procedures.files import installed, read_file, shipped
from adapters.registries.client import RegistryClient
from adapters.registries.fakes import unconfigured
from adapters.registries.goszakup import Goszakup
from adapters.registries.ncanode import NcaNode
from adapters.registries.statistics import StatisticsOffice
from adapters.sealing.key_folder import KeyFolder
from adapters.signing.ed25519 import Signer, signer, verify
from adapters.signing.outside import OutsideCheckpoints
from adapters.solver.engines import every_engine
from adapters.stripe.gateway import StripeGateway
from adapters.webhooks.guarded import GuardedBackend
from adapters.webhooks.keys import kept_key
from adapters.webhooks.sender import WebhookSender
from api.settings import Settings
from domain.awards.solution import Engine
from domain.log.checkpoints import Verify
from domain.notices.ports import Mailer, Webhooks
from domain.payments.model import PaymentMethod
from domain.payments.ports import PaymentGateway
from domain.procedures.package import Package
from domain.registries.model import Registry
from domain.registries.ports import Registries
from domain.replay.ports import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """How notices leave the house. ``loopback`` admits webhooks to this machine."""

    mailer: Mailer
    webhooks: Webhooks
    webhook_key: bytes
    loopback: bool = False


def code_of(settings: Settings) -> Code:
    """Which code this is: the package as installed, and the commit where the deployment tells."""
    return Code(package="oimaq", version=version("oimaq"), commit=settings.commit)


def engines() -> Mapping[str, Engine]:
    """Every engine that can find an allocation again, by its name."""
    return every_engine()


def outgoing(settings: Settings) -> Outgoing:
    url, key, loopback = settings.smtp_url, settings.webhook_key, settings.webhook_loopback
    return Outgoing(
        mailer=configured(
            url.get_secret_value() if url else None,
            starttls=settings.smtp_starttls,
            sender=settings.mail_from,
            folder=settings.home / "mail",
        ),
        webhooks=WebhookSender(GuardedBackend(loopback=loopback)),
        webhook_key=key.get_secret_value().encode() if key else kept_key(settings.home / "webhook.key"),
        loopback=loopback,
    )


def unsent() -> Outgoing:
    """Mail stays in memory, and no webhook reaches this machine."""
    return Outgoing(
        mailer=MemoryMailbox(), webhooks=WebhookSender(GuardedBackend()), webhook_key=secrets.token_bytes(32)
    )


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


def keys(settings: Settings) -> KeyFolder:
    """The deployment's keys; a missing one is made on first use in development, and nowhere else."""
    return KeyFolder(settings.key_folder, on_first_use=settings.mode == "development")


async def log_of(database: Database, settings: Settings) -> Log:
    """The log under the deployment's key, compared with the checkpoints that are kept elsewhere."""
    signs = await asyncio.to_thread(signing, settings)
    outside = OutsideCheckpoints(settings.checkpoints_kept, signs.key)
    found = Log.of(database, signs, outside, sign_every=settings.checkpoint_seconds)
    await found.standing.look()
    return found


def signing(settings: Settings, *, create: bool = False) -> Signer:
    """The log's key. Made on first use, in production only where a person asks for it."""
    allowed = create or settings.mode == "development"
    return signer(settings.log_origin, settings.log_key_kept, create=allowed)


def signatures() -> Verify:
    """The check of Ed25519 signatures."""
    return verify


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


def units_of_work(settings: Settings) -> tuple[Units, Intakes]:
    """The real ones, and the real way of bids; with failpoints in them where a fault test asks for some."""
    if settings.failpoints is None:
        return Transactions, PostgresIntake
    failpoints = parse(settings.failpoints)
    return failing(failpoints), failing_intake(failpoints)


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
