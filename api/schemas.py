"""The strict base of every body and view, and the field types that all of them share.

Strict means: unknown fields are refused, no ``false`` for a number, no number for a string, no float for money.
JSON has no instants, days, decimals or UUIDs, so exactly those are read from strings, in one form each.
"""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from domain.errors import Refusal
from domain.ids import Bin, EnsTru, Kato, parse_bin, parse_ens_tru, parse_kato
from domain.money import Money


class Strict(BaseModel):
    """Frozen, refuses unknown fields, converts nothing."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _JsonMode:
    """FastAPI hands over parsed JSON; strict pydantic would then refuse a UUID or an enum written as a string. So the
    body is validated in pydantic's JSON mode, which is strict and knows that JSON has only strings for them.
    """

    def __get_pydantic_core_schema__(self, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: Any, _inner: Any) -> Any:
            return source.model_validate_json(json.dumps(value))

        return core_schema.no_info_wrap_validator_function(validate, handler(source))


Body = TypeVar("Body", bound=BaseModel)
Incoming = Annotated[Body, _JsonMode()]
"""A request's body: ``body: Incoming[TenderBody]``."""


def _string(value: Any, form: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a string of the form {form}")  # noqa: TRY004 - pydantic wants ValueError
    return value


def _money(value: Any) -> Money:
    if isinstance(value, Money):
        return value
    text = _string(value, '"12896.00"')
    if not re.fullmatch(r"\d{1,16}(\.\d{1,2})?", text):
        raise ValueError('must be an amount of the form "12896.00": digits, at most two decimals, no sign')
    return Money(Decimal(text))


def _decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    text = _string(value, '"62.50"')
    try:
        if re.fullmatch(r"\d{1,12}(\.\d{1,4})?", text):
            return Decimal(text)
    except InvalidOperation:
        pass
    raise ValueError('must be a decimal of the form "62.50"')


def _instant(value: Any) -> datetime:
    at = value if isinstance(value, datetime) else None
    if at is None:
        text = _string(value, "2026-11-22T14:00:00Z")
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", text):
            raise ValueError("must be an instant of the form 2026-11-22T14:00:00Z")
        at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("must carry its time zone")
    return at.astimezone(UTC)


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = _string(value, "2026-11-22")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError("must be a day of the form 2026-11-22")
    return date.fromisoformat(text)


def instant_text(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds and Z, one form everywhere."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _checked(parse: Any) -> BeforeValidator:
    """A domain parser as a validator: its refusal's first reason becomes the flaw of the field."""

    def check(value: Any) -> str:
        text = _string(value, "digits")
        try:
            parsed: str = parse(text)
        except Refusal as refusal:
            flaw = refusal.flaws[0]
            passes = f"; what would pass: {flaw.passes}" if flaw.passes else ""
            raise ValueError(f"{flaw.reason}{passes}") from refusal
        return parsed

    return BeforeValidator(check)


_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

MoneyText = Annotated[
    Money,
    BeforeValidator(_money),
    PlainSerializer(lambda money: str(money.amount), return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,16}(\.\d{1,2})?$", "examples": ["12896.00"]}),
]
"""Tenge and tiyn as a decimal string."""
DecimalText = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,12}(\.\d{1,4})?$", "examples": ["62.50"]}),
]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(instant_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T14:00:00.000000Z"]}),
]
Day = Annotated[
    date,
    BeforeValidator(_day),
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-11-22"]}),
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True, pattern=_TEXT)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True, pattern=_TEXT)]
Email = Annotated[
    str,
    StringConstraints(
        max_length=254, to_lower=True, pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+$"
    ),
]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ()-]{5,30}$")]
Password = Annotated[str, StringConstraints(min_length=12, max_length=200)]
BinText = Annotated[Bin, _checked(parse_bin), WithJsonSchema({"type": "string", "pattern": "^[0-9]{12}$"})]
KatoText = Annotated[Kato, _checked(parse_kato), WithJsonSchema({"type": "string", "pattern": "^[0-9]{9}$"})]
EnsTruText = Annotated[
    EnsTru, _checked(parse_ens_tru), WithJsonSchema({"type": "string", "pattern": r"^[0-9]{6}\.[0-9]{3}\.[0-9]{6}$"})
]
Pieces = Annotated[int, Field(ge=1, le=10_000_000)]
SizesMap = Annotated[dict[Annotated[str, Field(max_length=20)], Pieces], Field(max_length=100)]
"""Pieces per size label: ``{"96-100/170-176": 40}``."""
