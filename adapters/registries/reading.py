"""Strict reading of what registries send: JSON without ambiguity, models that refuse what was not published.

Registries add fields without notice, so unknown ones are ignored; one that is missing or of another type is refused.
What is refused is told by its place and kind, never by its value: answers hold personal numbers.
"""

import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from domain.calendar import legal_day
from domain.ids import Bin, WrongBin, parse_bin
from domain.registries.model import Registry, RegistryAnswerRefused

Model = TypeVar("Model", bound="Published")
_SHOWN_ERRORS = 3


class Published(BaseModel):
    """A part of an answer in its published shape."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", hide_input_in_errors=True)


class Camel(Published):
    """The same where names are written ``likeThis``."""

    model_config = ConfigDict(alias_generator=to_camel)


def refused(registry: Registry, why: str) -> RegistryAnswerRefused:
    return RegistryAnswerRefused(
        f"{registry}: {why}", passes="the answer in its published shape", registry=str(registry)
    )


def parsed(registry: Registry, body: bytes) -> Any:
    """JSON with numbers as ``int`` and ``Decimal``. Refuses HTML, truncation, repeated names, NaN and infinity."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name stands twice")
        return found

    def constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is no number")

    try:
        return json.loads(body, parse_float=Decimal, parse_constant=constant, object_pairs_hook=once)
    except (ValueError, RecursionError):
        html = body.lstrip()[:1] == b"<"
        why = "it answered a page of HTML" if html else "the answer is not JSON, or is cut off"
        raise refused(registry, why) from None


def shaped(registry: Registry, model: type[Model], value: Any) -> Model:
    """``value`` as ``model``, or ``registry-answer-malformed`` with the places that do not fit."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_input=False, include_context=False, include_url=False)
        places = ", ".join(f"{'.'.join(map(str, each['loc'])) or 'all of it'} ({each['type']})" for each in found[:3])
        more = f" and {len(found) - _SHOWN_ERRORS} more" if len(found) > _SHOWN_ERRORS else ""
        raise refused(registry, f"the answer has changed its shape at {places}{more}") from None


def _line(value: Any) -> Any:
    """One line; a NUL or half a surrogate cannot be stored, other controls and turned writing fool a reader."""
    if not isinstance(value, str):
        return value
    line = " ".join(value.split())
    if re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", line):
        raise ValueError("control characters")
    return line


def _number(value: Any) -> Any:
    """JSON's numbers, whole or not, as Decimal."""
    return Decimal(value) if type(value) is int else value


def _moment(value: Any) -> Any:
    """``2026-01-15 00:00:00`` or with T, fraction and offset; without an offset it is legal time. Empty is None."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not re.fullmatch(
        r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:?\d\d|Z)?)?", value
    ):
        raise ValueError("not an instant")
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))


def _day(value: Any) -> date | None:
    moment = _moment(value)
    if moment is None:
        return None
    return moment.date() if moment.tzinfo is None else legal_day(moment)


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


Line = Annotated[str, StringConstraints(min_length=1, max_length=2000), BeforeValidator(_line)]
MaybeLine = Annotated[Line | None, BeforeValidator(_empty_is_none)]
Number = Annotated[Decimal, BeforeValidator(_number)]
MaybeDay = Annotated[date | None, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]


def the_bin(registry: Registry, given: str, *, asked: Bin | None = None) -> Bin:
    """A BIN in an answer. Refuses a wrong one, and another one than was asked about, without repeating it."""
    if asked is not None and given != asked:
        raise refused(registry, "the answer is about somebody else")
    try:
        return parse_bin(given)
    except WrongBin:
        raise refused(registry, "the answer names a wrong BIN") from None
