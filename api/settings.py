"""The environment, read once into one frozen, typed value. Every variable begins with ``OIMAQ_``."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ACCEPTED_SCHEMES = {"postgresql", "postgresql+asyncpg"}
DEFAULT_SECRETS = {"", "changeme", "example", "oimaq", "password", "placeholder", "postgres", "secret", "test"}
KEY_CHARACTERS_MIN = 32
SECRET_PREFIXES = ("sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_")


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _is_default(secret: str) -> bool:
    """Whether a secret is one that everybody knows, whatever prefix its kind has."""
    for prefix in SECRET_PREFIXES:
        secret = secret.removeprefix(prefix)
    return secret.strip().lower() in DEFAULT_SECRETS


class Settings(BaseSettings):
    """What the deployment decides. An empty variable counts as absent; secrets are in no repr and no error.

    Refuses (``ValidationError``) values out of range, half a Stripe configuration, and in production secrets
    that everybody knows.
    """

    model_config = SettingsConfigDict(
        env_prefix="OIMAQ_", frozen=True, env_ignore_empty=True, hide_input_in_errors=True, validate_default=True
    )

    mode: Literal["development", "production"] = "development"
    home: Annotated[Path, AfterValidator(_absolute)] = Field(
        default=Path(".oimaq"), description="Folder of the embedded database, its passwords and its log."
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="postgresql://… of a server of your own, the tables' owner; absent: the embedded one in home.",
    )
    api_database_url: SecretStr | None = Field(
        default=None, description="A login of the API's own, member of oimaq_api; absent: the owner's, in that role."
    )
    worker_database_url: SecretStr | None = Field(
        default=None, description="The same for worker and opener: a member of oimaq_worker and oimaq_sequencer."
    )
    opener_database_url: SecretStr | None = Field(
        default=None, description="The same for the opening itself: a member of oimaq_opener."
    )
    pool_size: int = Field(default=8, ge=1, le=100, description="Database connections per process.")
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=0, le=65535, description="0 takes any free one.")
    workers: int = Field(default=1, ge=1, le=64, description="API processes.")
    base_url: str = Field(
        default="http://127.0.0.1:8000", description="Where clients reach us; links in answers begin with it."
    )
    commit: str | None = Field(
        default=None, pattern="^[0-9a-f]{7,40}$", description="The commit that is deployed; stands in bundles."
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    failpoints: str | None = Field(
        default=None, description="Misfortune at named places, for fault tests; never in production."
    )
    stripe_secret_key: SecretStr | None = None
    stripe_webhook_secret: SecretStr | None = None
    stripe_api_base: str | None = Field(default=None, description="Another address of Stripe, for a stand-in.")
    goszakup_url: str = Field(
        default="https://ows.goszakup.gov.kz", description="The state procurement portal's unified web services."
    )
    goszakup_token: SecretStr | None = Field(
        default=None, description="Bearer token of the portal; absent: the portal is not asked."
    )
    statistics_url: str | None = Field(
        default=None, description="The statistics office's look-up of companies; absent: it is not asked."
    )
    ncanode_url: str | None = Field(
        default=None, description="NCANode v3, which verifies signatures; absent: no signature is called verified."
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="smtp://user:password@host:587 (STARTTLS), or smtps:// (TLS); absent: mail goes to files in home.",
    )
    smtp_starttls: bool = Field(default=True, description="False only for a mail server on this machine.")
    mail_from: str = Field(default="oimaq@localhost.localdomain", description="The sender's address.")
    webhook_key: SecretStr | None = Field(
        default=None,
        description="32 characters or more that webhooks' secrets are derived from, the same for API and workers;"
        " absent: a file in home, made on first use.",
    )
    webhook_loopback: bool = Field(
        default=False, description="Whether webhooks may go to this machine, for tests and demonstrations."
    )
    opener: Literal["inside", "separate"] | None = Field(
        default=None,
        description="Who opens bids: inside (API and worker hold the key-encryption key; absent in development) or"
        " separate (oimaq open, on its own; absent in production).",
    )
    keys: Path | None = Field(default=None, description="Folder of the key files; absent: keys in home.")
    documents: Path | None = Field(
        default=None,
        description="Folder of bids' documents, the same for API and opener; absent: documents in home.",
    )
    procedures: Path | None = Field(
        default=None, description="Folder of further rule packages (*.toml), checked at start-up."
    )
    procedure_parameters: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description='Overrides of unverified parameters: {"samruk-category": {"bid_period_min": "PT10S"}}.',
    )

    log_origin: str = Field(
        default="oimaq.localhost/log",
        pattern=r"^[^\s+]{1,200}$",
        description="Name of the tamper-evident log, and of its key: an address without scheme.",
    )
    log_key: Path | None = Field(
        default=None, description="File of the key that signs the log; absent: keys/log.ed25519 in home."
    )
    checkpoints: Path | None = Field(
        default=None, description="File, best on another machine, that keeps each checkpoint; absent: one in home."
    )
    checkpoint_seconds: float = Field(
        default=60, ge=0.1, le=60, description="The log is signed again after this time also when nothing is new."
    )

    @property
    def log_key_kept(self) -> Path:
        return self.log_key or self.home / "keys" / "log.ed25519"

    @property
    def checkpoints_kept(self) -> Path:
        """A database of the user's own has a file of its own, so that two databases are not taken for one."""
        if self.checkpoints is not None:
            return self.checkpoints
        if self.database_url is None:
            return self.home / "checkpoints.txt"
        parts = urlsplit(self.database_url.get_secret_value())
        name = f"{parts.hostname}:{parts.port}{parts.path}?{parts.query}"
        return self.home / f"checkpoints-{sha256(name.encode()).hexdigest()[:12]}.txt"

    @property
    def key_folder(self) -> Path:
        """Where the keys are, and on first use in development are made."""
        return self.keys or self.home / "keys"

    @property
    def document_folder(self) -> Path:
        return self.documents or self.home / "documents"

    @property
    def opens_inside(self) -> bool:
        """Whether API and worker open what is closed themselves."""
        return (self.opener or ("inside" if self.mode == "development" else "separate")) == "inside"

    @property
    def takes_card_payments(self) -> bool:
        """Whether Stripe is configured."""
        return self.stripe_secret_key is not None

    @field_validator("database_url", "api_database_url", "worker_database_url", "opener_database_url")
    @classmethod
    def _one_scheme(cls, given: SecretStr | None) -> SecretStr | None:
        """Keep the URL as ``postgresql://``, which every client understands."""
        if given is None:
            return None
        scheme, found, rest = given.get_secret_value().partition("://")
        if not found or scheme not in ACCEPTED_SCHEMES:
            raise ValueError("OIMAQ_DATABASE_URL and its like must begin with postgresql:// or postgresql+asyncpg://")
        return SecretStr(f"postgresql://{rest}")

    @field_validator("base_url")
    @classmethod
    def _origin(cls, given: str) -> str:
        parts = urlsplit(given)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("OIMAQ_BASE_URL must be an http:// or https:// address without query and fragment")
        return given.rstrip("/")

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            parts = urlsplit(given.get_secret_value())
            if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/") or parts.query:
                raise ValueError("OIMAQ_SMTP_URL is smtp://user:password@host:port, or smtps://")
        return given

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, given: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._+-]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+", given):
            raise ValueError("OIMAQ_MAIL_FROM is one plain address: notices@example.kz")
        return given

    @field_validator("webhook_key")
    @classmethod
    def _long_key(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and len(given.get_secret_value()) < KEY_CHARACTERS_MIN:
            raise ValueError(f"OIMAQ_WEBHOOK_KEY has at least {KEY_CHARACTERS_MIN} characters")
        return given

    @model_validator(mode="after")
    def _notices_leave_safely(self) -> Self:
        """A mail password travels encrypted; webhooks to this machine are for tests."""
        if self.smtp_url is not None and not self.smtp_starttls:
            parts = urlsplit(self.smtp_url.get_secret_value())
            if parts.scheme == "smtp" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
                raise ValueError("OIMAQ_SMTP_STARTTLS=false is for a mail server on this machine only")
        if self.mode == "production" and self.webhook_loopback:
            raise ValueError("production sends no webhooks to its own machine: unset OIMAQ_WEBHOOK_LOOPBACK")
        return self

    @field_validator("goszakup_url", "statistics_url", "ncanode_url")
    @classmethod
    def _registry(cls, given: str | None) -> str | None:
        if given is None:
            return None
        parts = urlsplit(given)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or "@" in given:
            raise ValueError("a registry's address is http:// or https://, without user, query and fragment")
        return given.rstrip("/")

    @model_validator(mode="after")
    def _token_in_the_open(self) -> Self:
        """A bearer token travels encrypted; in the clear only to this machine, where a stand-in listens."""
        parts = urlsplit(self.goszakup_url)
        local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
        if self.goszakup_token is not None and parts.scheme != "https" and not local:
            raise ValueError("OIMAQ_GOSZAKUP_TOKEN is sent over https:// only")
        return self

    @model_validator(mode="after")
    def _whole_stripe(self) -> Self:
        if (self.stripe_secret_key is None) != (self.stripe_webhook_secret is None):
            present, absent = "OIMAQ_STRIPE_SECRET_KEY", "OIMAQ_STRIPE_WEBHOOK_SECRET"
            if self.stripe_secret_key is None:
                present, absent = absent, present
            raise ValueError(f"Stripe is half configured: {present} is set and {absent} is not; set both or neither")
        return self

    @model_validator(mode="after")
    def _no_failpoints_in_production(self) -> Self:
        if self.mode == "production" and self.failpoints is not None:
            raise ValueError("production refuses OIMAQ_FAILPOINTS")
        return self

    @model_validator(mode="after")
    def _no_default_secret_in_production(self) -> Self:
        if self.mode != "production":
            return self
        secrets = {
            "OIMAQ_STRIPE_SECRET_KEY": self.stripe_secret_key,
            "OIMAQ_STRIPE_WEBHOOK_SECRET": self.stripe_webhook_secret,
            "OIMAQ_GOSZAKUP_TOKEN": self.goszakup_token,
        }
        known = [name for name, secret in secrets.items() if secret and _is_default(secret.get_secret_value())]
        for name in ("database_url", "api_database_url", "worker_database_url", "opener_database_url"):
            url: SecretStr | None = getattr(self, name)
            password = urlsplit(url.get_secret_value()).password if url is not None else None
            if password is not None and _is_default(password):
                known.append(f"the password in OIMAQ_{name.upper()}")
        if known:
            raise ValueError(f"production refuses secrets that everybody knows: {', '.join(known)}")
        return self
