"""Any value of the domain as JSON and back, by the types of its fields, with the standard library alone.

A field that has its default is left out, so that what was written before a field was added says the same afterwards.
Decimals, days, instants and ids are text; sets are written in order; names of a mapping are text.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.sealing.canonical import Json, not_canonical, written_instant

_TEXTS: Mapping[type, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    datetime: (written_instant, datetime.fromisoformat),
    date: (date.isoformat, date.fromisoformat),
    Decimal: (str, Decimal),
    UUID: (str, UUID),
    bytes: (bytes.hex, bytes.fromhex),
}
"""An instant is a day too, so it stands before; drivers have ids of a class of their own."""


def written(value: Any) -> Json:
    match value:
        case Enum():
            found: Json = value.value
        case None | bool() | int() | str():
            found = value
        case frozenset():
            found = sorted((written(each) for each in value), key=str)
        case tuple() | list():
            found = [written(each) for each in value]
        case Mapping():
            found = {str(written(name)): written(each) for name, each in value.items()}
        case _ if is_dataclass(value):
            found = _fields(value)
        case _:
            found = next(write for kind, (write, _) in _TEXTS.items() if isinstance(value, kind))(value)
    return found


def _fields(value: Any) -> Json:
    kind: Any = type(value)
    defaults = _defaults(kind)
    found = {field.name: written(getattr(value, field.name)) for field in fields(value)}
    return {name: each for name, each in found.items() if name not in defaults or defaults[name] != each}


def read(value: Json, annotation: Any, pointer: str = "") -> Any:
    """The value of a type, strictly. Refuses (``not-canonical``) another type, an unknown or a missing field."""
    kind, inner = _shape(annotation)
    if kind is Any:
        found = value
    elif kind in {Union, types.UnionType}:
        found = None if value is None else read(value, next(arg for arg in inner if arg is not NoneType), pointer)
    elif kind in {tuple, frozenset}:
        found = kind(_items(value, kind, inner, pointer))
    elif kind is dict:
        named = _expected(value, dict, pointer).items()
        found = {_name(name, inner[0], pointer): read(each, inner[1], f"{pointer}/{name}") for name, each in named}
    elif is_dataclass(kind):
        found = _object(value, kind, pointer)
    elif kind in _TEXTS or issubclass(kind, Enum):
        found = _made(_TEXTS[kind][1] if kind in _TEXTS else kind, _expected(value, str, pointer), pointer)
    else:
        found = _expected(value, kind, pointer)
    return found


def _items(value: Json, kind: Any, inner: tuple[Any, ...], pointer: str) -> list[Any]:
    found = _expected(value, list, pointer)
    kinds = [inner[0]] * len(found) if kind is frozenset or inner[-1] is Ellipsis else inner
    if len(kinds) != len(found):
        raise not_canonical(pointer, f"{len(found)} values", f"{len(kinds)} values")
    return [read(each, kinds[at], f"{pointer}/{at}") for at, each in enumerate(found)]


def _object(value: Json, kind: Any, pointer: str) -> Any:
    found = _expected(value, dict, pointer)
    hints = _hints(kind)
    strangers = sorted(found.keys() - hints.keys())
    missing = sorted(hints.keys() - found.keys() - _defaults(kind).keys())
    if strangers or missing:
        raise not_canonical(pointer, f"unknown {strangers}, missing {missing}", ", ".join(hints))
    return kind(**{name: read(each, hints[name], f"{pointer}/{name}") for name, each in found.items()})


def _name(name: str, annotation: Any, pointer: str) -> Any:
    kind, _ = _shape(annotation)
    return name if kind is str else _made(kind, name, f"{pointer}/{name}")


def _made(make: Callable[[str], Any], text: str, pointer: str) -> Any:
    try:
        return make(text)
    except (ValueError, InvalidOperation) as error:
        raise not_canonical(pointer, f"{text[:60]!r}", "a value of its kind") from error


def _expected(value: Json, kind: Any, pointer: str) -> Any:
    if type(value) is not kind:  # ``true`` is no number
        raise not_canonical(pointer, f"a {type(value).__name__}", kind.__name__)
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _defaults(kind: Any) -> dict[str, Json]:
    """In the form in which they would be written: 0 and 0.00 are two texts."""
    return {field.name: written(_default(field)) for field in fields(kind) if _has_default(field)}


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


@cache
def _shape(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    while isinstance(annotation, NewType):
        annotation = annotation.__supertype__
    return get_origin(annotation) or annotation, get_args(annotation)
