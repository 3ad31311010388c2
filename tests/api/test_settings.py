"""What the environment may say, and what is refused before anything starts."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError

from api.settings import Settings


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith("OIMAQ_"):
            monkeypatch.delenv(name)


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"OIMAQ_{name}", value)
    return Settings()


def test_without_an_environment_it_is_development_on_the_embedded_database() -> None:
    settings = Settings()
    assert settings.mode == "development"
    assert settings.database_url is None
    assert settings.home == Path.cwd() / ".oimaq"
    assert (settings.host, settings.port, settings.workers, settings.pool_size) == ("127.0.0.1", 8000, 1, 8)
    assert not settings.takes_card_payments
    assert settings.procedure_parameters == {}


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc] # that is the point


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+asyncpg"])
def test_both_schemes_of_a_database_become_one(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    settings = read(monkeypatch, DATABASE_URL=f"{scheme}://a:b@/c?host=/run/d")
    assert settings.database_url == SecretStr("postgresql://a:b@/c?host=/run/d")


@pytest.mark.parametrize(
    "url", ["sqlite:///x", "postgres://a:hidden@b/c", "hidden", "postgresql+psycopg://a:hidden@b/c"]
)
def test_another_database_is_refused_without_telling_the_url(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(ValidationError, match="must begin with postgresql://") as refused:
        read(monkeypatch, DATABASE_URL=url)
    assert "hidden" not in str(refused.value)


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, DATABASE_URL="", PORT="", STRIPE_SECRET_KEY="", STRIPE_WEBHOOK_SECRET="")
    assert (settings.database_url, settings.port, settings.takes_card_payments) == (None, 8000, False)


@pytest.mark.parametrize("mode", ["development", "production"])
@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({"STRIPE_SECRET_KEY": "sk_live_hidden"}, "OIMAQ_STRIPE_WEBHOOK_SECRET is not"),
        ({"STRIPE_SECRET_KEY": "sk_live_hidden", "STRIPE_WEBHOOK_SECRET": ""}, "OIMAQ_STRIPE_WEBHOOK_SECRET is not"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_hidden"}, "OIMAQ_STRIPE_SECRET_KEY is not"),
    ],
)
def test_half_a_stripe_is_refused(
    monkeypatch: pytest.MonkeyPatch, mode: str, variables: dict[str, str], missing: str
) -> None:
    with pytest.raises(ValidationError, match=missing) as refused:
        read(monkeypatch, MODE=mode, **variables)
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    "variables",
    [
        {"STRIPE_SECRET_KEY": "sk_live_0a1b2c", "STRIPE_WEBHOOK_SECRET": "whsec_test"},
        {"STRIPE_SECRET_KEY": "sk_live_0a1b2c", "STRIPE_WEBHOOK_SECRET": "whsec_"},
        {"STRIPE_SECRET_KEY": "sk_test_ChangeMe", "STRIPE_WEBHOOK_SECRET": "whsec_3d4e5f"},
        {"DATABASE_URL": "postgresql://oimaq:postgres@db/oimaq"},
    ],
)
def test_production_refuses_secrets_that_everybody_knows(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    read(monkeypatch, **variables)
    with pytest.raises(ValidationError, match="everybody knows"):
        read(monkeypatch, MODE="production", **variables)


def test_production_takes_secrets_of_its_own_and_a_database_without_password(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(
        monkeypatch,
        MODE="production",
        STRIPE_SECRET_KEY="sk_live_0a1b2c",
        STRIPE_WEBHOOK_SECRET="whsec_3d4e5f",
        DATABASE_URL="postgresql://oimaq@db/oimaq",
    )
    assert settings.takes_card_payments


def test_production_refuses_failpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, FAILPOINTS="commit.before=exit").failpoints == "commit.before=exit"
    with pytest.raises(ValidationError, match="production refuses OIMAQ_FAILPOINTS"):
        read(monkeypatch, MODE="production")


def test_secrets_are_in_no_repr_and_no_dump(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(
        monkeypatch,
        STRIPE_SECRET_KEY="sk_live_hidden",
        STRIPE_WEBHOOK_SECRET="whsec_hidden",
        DATABASE_URL="postgresql://oimaq:hidden@db/oimaq",
    )
    for told in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hidden" not in told


def test_parameters_of_procedures_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, PROCEDURE_PARAMETERS='{"samruk-category": {"bid_period_min": "PT10S"}}')
    assert settings.procedure_parameters == {"samruk-category": {"bid_period_min": "PT10S"}}


@pytest.mark.parametrize("value", ["{", '{"a": "b"}', '{"a": {"b": 10}}', "[]"])
def test_parameters_of_another_shape_are_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    with pytest.raises((ValidationError, SettingsError), match="procedure_parameters"):
        read(monkeypatch, PROCEDURE_PARAMETERS=value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODE", "staging"), ("PORT", "65536"), ("PORT", "-1"), ("WORKERS", "0"), ("POOL_SIZE", "0"),
        ("LOG_LEVEL", "loud"), ("BASE_URL", "oimaq.kz"), ("BASE_URL", "ftp://oimaq.kz"), ("BASE_URL", "https://oimaq.kz?a=b"),
    ],
)  # fmt: skip
def test_values_out_of_range_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name.lower()):
        read(monkeypatch, **{name: value})


def test_the_base_url_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, BASE_URL="https://oimaq.kz/").base_url == "https://oimaq.kz"


def test_no_registry_is_asked_unless_the_deployment_says_so() -> None:
    settings = Settings()
    assert settings.goszakup_url == "https://ows.goszakup.gov.kz"
    assert (settings.goszakup_token, settings.statistics_url, settings.ncanode_url) == (None, None, None)


@pytest.mark.parametrize("address", ["ftp://r.example", "r.example", "https://u:p@r.example", "https://r.example?a=b"])
@pytest.mark.parametrize("name", ["GOSZAKUP_URL", "STATISTICS_URL", "NCANODE_URL"])
def test_a_registrys_address_is_a_bare_one(monkeypatch: pytest.MonkeyPatch, name: str, address: str) -> None:
    with pytest.raises(ValidationError, match="registry's address"):
        read(monkeypatch, **{name: address})


def test_a_registrys_token_is_shown_nowhere_and_travels_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    token = "b2d5a3c1f0"
    assert token not in repr(read(monkeypatch, GOSZAKUP_TOKEN=token))
    read(monkeypatch, GOSZAKUP_TOKEN=token, GOSZAKUP_URL="http://127.0.0.1:9000")
    with pytest.raises(ValidationError, match="over https") as refused:
        read(monkeypatch, GOSZAKUP_TOKEN=token, GOSZAKUP_URL="http://ows.goszakup.gov.kz")
    assert token not in str(refused.value)
    with pytest.raises(ValidationError, match="everybody knows"):
        read(monkeypatch, MODE="production", GOSZAKUP_TOKEN="secret", GOSZAKUP_URL="https://ows.goszakup.gov.kz")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_URL", "http://mail.example"), ("SMTP_URL", "smtp://"), ("SMTP_URL", "smtp://mail.example/path"),
        ("MAIL_FROM", "Oimaq <a@b.kz>"), ("MAIL_FROM", "a@b.kz,c@d.kz"), ("MAIL_FROM", "a@b"),
        ("WEBHOOK_KEY", "k" * 31),
    ],
)  # fmt: skip
def test_a_way_out_for_notices_that_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ValidationError, match=name):
        read(monkeypatch, **{name: value})


def test_a_mail_password_travels_encrypted_and_no_key_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    given = read(monkeypatch, SMTP_URL="smtp://u:b2d5a3@mail.example", WEBHOOK_KEY="b2d5a3" * 6)
    assert given.smtp_starttls
    assert "b2d5a3" not in repr(given)
    read(monkeypatch, SMTP_URL="smtp://127.0.0.1:25", SMTP_STARTTLS="false")
    with pytest.raises(ValidationError, match="on this machine only"):
        read(monkeypatch, SMTP_URL="smtp://mail.example", SMTP_STARTTLS="false")


def test_production_sends_no_webhooks_to_its_own_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, WEBHOOK_LOOPBACK="true").webhook_loopback
    with pytest.raises(ValidationError, match="its own machine"):
        read(monkeypatch, MODE="production", WEBHOOK_LOOPBACK="true")


@pytest.mark.parametrize(
    ("mode", "opener", "inside"),
    [
        ("development", "", True),
        ("production", "", False),
        ("development", "separate", False),
        ("production", "inside", True),
    ],
)
def test_in_production_the_opener_is_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch, mode: str, opener: str, *, inside: bool
) -> None:
    assert read(monkeypatch, MODE=mode, OPENER=opener).opens_inside is inside
