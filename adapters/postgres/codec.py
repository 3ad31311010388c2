"""The generic codec: one frozen dataclass of the domain <-> one row of a SQLModel table.

Each field of the entity is a column of the same name. Plain values are plain columns, ``Money`` is NUMERIC (tenge),
everything nested is JSONB through one cattrs converter. The two shapes are compared when the codec is made, that
is at import: a field without its column, or nullable on one side only, stops the process before it serves.
"""

import json
import types
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, NewType, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import cattrs
from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

from domain.money import Money

Entity = TypeVar("Entity")

converter = cattrs.Converter(unstruct_collection_overrides={AbstractSet: sorted})
"""Sets are lists in order: the same value is the same text."""
converter.register_unstructure_hook(UUID, str)
converter.register_structure_hook(UUID, lambda value, _: value if isinstance(value, UUID) else UUID(value))
converter.register_unstructure_hook(Decimal, str)
converter.register_structure_hook(Decimal, lambda value, _: Decimal(value))
converter.register_unstructure_hook(datetime, datetime.isoformat)
converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
converter.register_unstructure_hook(date, date.isoformat)
converter.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
converter.register_unstructure_hook(bytes, bytes.hex)
converter.register_structure_hook(bytes, lambda value, _: bytes.fromhex(value))
converter.register_unstructure_hook(Money, lambda money: {"amount": str(money.amount), "currency": money.currency})
converter.register_structure_hook(Money, lambda value, _: Money(Decimal(value["amount"]), value["currency"]))

PLAIN = (str, int, bool, bytes, Decimal, date, datetime, UUID)


def to_json(value: Any, annotation: Any = None) -> Any:
    """Any domain value as JSON-ready data."""
    return converter.unstructure(value, unstructure_as=annotation)


_dumped = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=converter.unstructure).encode


def dumps(value: Any) -> str:
    """The JSON serializer of the engine."""
    return _dumped(value)


class ShapeMismatchError(TypeError):
    """An entity and its row disagree: a mistake in the code, found at import."""


def _same(value: Any) -> Any:
    return value


class Codec(Generic[Entity]):
    """``values(entity)`` -> column values; ``entity(row mapping)`` -> entity. Exact in both directions."""

    def __init__(self, entity: type[Entity], row: type[SQLModel]) -> None:
        self._type = entity
        self.row = row
        self.table: Table = row.__table__  # type: ignore[attr-defined]  # SQLModel adds it to every table class
        # Made once: a statement that is built anew for each row costs more than the row.
        self.insert = insert(self.table)
        same = self.table.c.id == bindparam("same_id"), self.table.c.version == bindparam("same_version")
        self.update = update(self.table).where(*same)
        self._write: dict[str, Callable[[Any], Any]] = {}
        self._read: dict[str, Callable[[Any], Any]] = {}
        hints = get_type_hints(entity)
        names = [field.name for field in fields(entity)]  # type: ignore[arg-type]  # every entity is a dataclass
        columns = {column.name: column for column in self.table.columns}
        self.names = tuple(columns)
        self.nested = tuple(name for name, column in columns.items() if isinstance(column.type, JSONB))
        if set(names) != set(columns):
            raise ShapeMismatchError(f"{entity.__name__} and {row.__name__} differ in {set(names) ^ set(columns)}")
        for name in names:
            inner, optional = _unwrap(hints[name])
            column = columns[name]
            if bool(column.nullable) is not optional:
                raise ShapeMismatchError(f"{row.__name__}.{name} is nullable on one side only")
            nested = isinstance(column.type, JSONB)
            if nested is (_is_plain(inner) or inner is Money):
                raise ShapeMismatchError(f"{row.__name__}.{name} should {'not ' if nested else ''}be JSONB")
            self._write[name], self._read[name] = _pair(inner, nested=nested)

    def values(self, entity: Entity) -> dict[str, Any]:
        pairs = ((name, getattr(entity, name)) for name in self._write)
        return {name: None if value is None else self._write[name](value) for name, value in pairs}

    def entity(self, row: Mapping[Any, Any]) -> Entity:
        return self._type(**{name: None if row[name] is None else read(row[name]) for name, read in self._read.items()})


def _pair(inner: Any, *, nested: bool) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    if nested:
        return (
            lambda value: converter.unstructure(value, unstructure_as=inner),
            lambda value: converter.structure(value, inner),
        )
    if inner is Money:
        return (lambda money: money.amount), Money
    if isinstance(inner, type) and issubclass(inner, Enum):
        return (lambda member: member.value), inner
    return _same, _same


def _unwrap(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in {Union, types.UnionType}:
        inner = [arg for arg in get_args(hint) if arg is not type(None)]
        if len(inner) != 1:
            raise ShapeMismatchError(f"{hint} is a union of more than one type")
        return _bare(inner[0]), True
    return _bare(hint), False


def _bare(hint: Any) -> Any:
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    return hint


def _is_plain(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, PLAIN)
