"""The strict base of every body and view, and the field types that all of them share.

Strict means: unknown fields are refused, no ``false`` for a number, no number for a string, no float for money.
JSON has no instants, days, decimals, UUIDs, enums or tuples, so exactly those are read from what JSON has, in one form
each.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, NoReturn, TypeVar, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from domain.errors import Refusal
from domain.ids import Bin, EnsTru, Kato, parse_bin, parse_ens_tru, parse_kato
from domain.money import Money
from domain.organizations.contacts import BankAccount, parse_bank_account


class Strict(BaseModel):
    """Frozen, refuses unknown fields, converts nothing."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class NotJson(Exception):  # noqa: N818 - a signal to the edge, which answers 415
    """A body that was declared as something else than JSON reached a route that takes JSON."""


class _JsonMode:
    """FastAPI hands over parsed JSON; strict pydantic would then refuse a UUID or an enum written as a string. So the
    body is validated in pydantic's JSON mode, which is strict and knows that JSON has only strings for them.
    """

    def __get_pydantic_core_schema__(self, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: Any, _inner: Any) -> Any:
            if isinstance(value, bytes):
                raise NotJson
            return source.model_validate_json(json.dumps(value))

        return core_schema.no_info_wrap_validator_function(validate, handler(source))


Body = TypeVar("Body", bound=BaseModel)
Incoming = Annotated[Body, _JsonMode()]
"""A request's body: ``body: Incoming[TenderBody]``."""


def incoming(annotation: Any) -> type[BaseModel] | None:
    """The model of an ``Incoming``; None for any other annotation."""
    model, *marks = get_args(annotation)
    return model if any(isinstance(mark, _JsonMode) for mark in marks) else None


def refuse(reason: str, passes: str) -> NoReturn:
    """From a validator: the flaw of the field."""
    raise PydanticCustomError("malformed", "{reason}", {"reason": reason, "passes": passes})


def _string(value: Any, reason: str, passes: str) -> str:
    if not isinstance(value, str):
        refuse(reason, passes)
    return value


_AMOUNT = r"(0|[1-9][0-9]{0,15})(\.[0-9]{1,2})?"
_DECIMAL = r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_INSTANT = _DAY + r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"


def _money(value: Any) -> Money:
    if isinstance(value, Money):
        return value
    reason, passes = "Money is a string of digits with at most two decimals and no sign", '"12896.00"'
    text = _string(value, reason, passes)
    if not re.fullmatch(_AMOUNT, text):
        refuse(reason, passes)
    return Money(Decimal(text))


def _decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    reason, passes = "A decimal is a string of digits with at most four decimals and no sign", '"62.50"'
    text = _string(value, reason, passes)
    if not re.fullmatch(_DECIMAL, text):
        refuse(reason, passes)
    return Decimal(text)


def _instant(value: Any) -> datetime:
    passes = "2026-11-22T14:00:00Z"
    if isinstance(value, datetime):
        at = value
    else:
        reason = "An instant is an RFC 3339 string with its time zone"
        text = _string(value, reason, passes)
        if not re.fullmatch(_INSTANT, text):
            refuse(reason, passes)
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            refuse("There is no such instant", passes)
    if at.tzinfo is None:
        refuse("An instant carries its time zone", passes)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        refuse("There is no such instant", passes)


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    reason, passes = "A day is a string of the form YYYY-MM-DD", "2026-11-22"
    text = _string(value, reason, passes)
    if not re.fullmatch(_DAY, text):
        refuse(reason, passes)
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse("There is no such day", passes)


def instant_text(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds and Z, one form everywhere."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def decimal_text(number: Decimal) -> str:
    """Digits and a point, never an exponent."""
    return format(number, "f")


def _checked(parse: Callable[[str], str]) -> BeforeValidator:
    """A domain parser as a validator: its refusal's first flaw becomes the flaw of the field."""

    def check(value: Any) -> str:
        text = _string(value, "This is a string", '"..."')
        try:
            return parse(text)
        except Refusal as refusal:
            flaw = refusal.flaws[0]
            refuse(flaw.reason, flaw.passes or refusal.detail)

    return BeforeValidator(check)


_FOOLING = r"\u0080-\u009F\u202A-\u202E\u2066-\u2069"
"""C1 controls, and the marks that make a reader see another order of letters than is stored."""
_LINE = rf"^[^\u0000-\u001F\u007F{_FOOLING}]*$"
_PARAGRAPHS = rf"^[^\u0000-\u0008\u000B-\u000C\u000E-\u001F\u007F{_FOOLING}]*$"

MoneyText = Annotated[
    Money,
    PlainValidator(_money),
    PlainSerializer(lambda money: decimal_text(money.amount), return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^-?{_AMOUNT}$", "examples": ["12896.00"]}, mode="serialization"),
    WithJsonSchema({"type": "string", "pattern": f"^{_AMOUNT}$", "examples": ["12896.00"]}, mode="validation"),
]
"""Tenge and tiyn as a decimal string; only answers may be negative."""
DecimalText = Annotated[
    Decimal,
    PlainValidator(_decimal),
    PlainSerializer(decimal_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_DECIMAL}$", "examples": ["62.50"]}),
]
Instant = Annotated[
    datetime,
    PlainValidator(_instant),
    PlainSerializer(instant_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T14:00:00.000000Z"]}),
]
Day = Annotated[
    date,
    PlainValidator(_day),
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-11-22"]}),
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True, pattern=_LINE)]
"""One line without control characters."""
LongText = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True, pattern=_PARAGRAPHS)]
"""Line breaks and tabs are welcome."""
Email = Annotated[
    str,
    StringConstraints(
        max_length=254,
        to_lower=True,
        pattern=rf"^[^@\s\u0000-\u001F\u007F{_FOOLING}]{{1,64}}@[^@\s\u0000-\u001F\u007F{_FOOLING}]+\.[^@\s\u0000-\u001F\u007F{_FOOLING}]+$",
    ),
]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ()-]{5,30}$")]
Password = Annotated[str, StringConstraints(min_length=12, max_length=200)]
Hex32 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""32 bytes in small hexadecimal."""
BinText = Annotated[Bin, _checked(parse_bin), WithJsonSchema({"type": "string", "pattern": "^[0-9]{12}$"})]
BankAccountText = Annotated[
    BankAccount,
    _checked(parse_bank_account),
    WithJsonSchema({"type": "string", "pattern": "^KZ[0-9]{5}[0-9A-Z]{13}$", "examples": ["KZ86125KZT5004100100"]}),
]
KatoText = Annotated[Kato, _checked(parse_kato), WithJsonSchema({"type": "string", "pattern": "^[0-9]{9}$"})]
EnsTruText = Annotated[
    EnsTru, _checked(parse_ens_tru), WithJsonSchema({"type": "string", "pattern": r"^[0-9]{6}\.[0-9]{3}\.[0-9]{6}$"})
]
Pieces = Annotated[int, Field(ge=1, le=10_000_000)]
SizesMap = Annotated[
    dict[Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=_LINE)], Pieces], Field(max_length=100)
]
"""Pieces per size label: ``{"96-100/170-176": 40}``."""
