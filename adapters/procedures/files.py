"""Rule packages from files: TOML, strictly read; ``extends`` takes over what another package says.

A file that extends another takes over its parameters, methods and texts, and changes them name by name;
``drop_methods`` and ``drop_parameters`` leave some out. Phases and documents are taken over as they are, or replaced as
a whole. Worked examples are never taken over: they belong to the figures beside them.

A parameter with a source of its own replaces the other as a whole. Without one it gives another value, or other
bounds, to an unverified figure; a figure of a law or of the news cannot be changed so, its source says something else.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from enum import Enum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import cattrs
from cattrs import ForbiddenExtraKeysError, transform_error

from domain.errors import Flaw
from domain.procedures.checking import PackageRefused
from domain.procedures.package import UNVERIFIED, Package

BYTES_MAX = 1024 * 1024
Raw = dict[str, Any]

_SHIPPED = files("domain.procedures") / "packages"
_TABLES = ("parameters", "methods", "texts")
_SEPARATOR = "\x1f"
_converter = cattrs.Converter(forbid_extra_keys=True)


class _File(Protocol):
    """A path, or a file inside the installed distribution."""

    @property
    def name(self) -> str: ...
    def read_text(self, encoding: str) -> str: ...


def _text(value: Any, _: type) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _day(value: Any, _: type) -> date:
    if type(value) is not date:
        raise TypeError(f"{value!r} is not a day")
    return value


_converter.register_structure_hook_func(lambda kind: kind is str, _text)
_converter.register_structure_hook_func(lambda kind: kind is date, _day)


@cache
def shipped() -> tuple[Package, ...]:
    """The packages of this release, in the order of their names."""
    return read_all(_texts(_SHIPPED.iterdir()))


def installed(folder: Path) -> tuple[Package, ...]:
    """The packages of a folder; they may extend those that are shipped. Refuses a folder that is not there."""
    if not folder.is_dir():
        raise _refused(str(folder), "/", "there is no such folder", "a folder of *.toml files")
    return read_all({path.name: _content(path) for path in sorted(folder.glob("*.toml"))}, bases=_bases())


def read_file(path: Path) -> Package:
    """One package from outside."""
    return read_all({path.name: _content(path)}, bases=_bases())[0]


def read_all(texts: Mapping[str, str], *, bases: Mapping[str, Raw] | None = None) -> tuple[Package, ...]:
    """Packages by the names of their files; ``bases`` are what they may extend beside each other.

    Refuses (``package-refused``) what is not TOML, is larger than a package can be, has an unknown key or a wrong
    type, extends in a circle, or gives the id of another one.
    """
    raw = {name: _parsed(name, text) for name, text in texts.items()}
    own: dict[str, Raw] = {}
    for name, each in raw.items():
        if each["id"] in own:
            raise _refused(name, "/id", f"another file is {each['id']!r}, too", "an id of its own")
        own[each["id"]] = each
    known = {**(bases or {}), **own}
    return tuple(_structured(name, _resolved(name, each, known, ())) for name, each in sorted(raw.items()))


def _bases() -> dict[str, Raw]:
    return {each["id"]: each for each in (_parsed(*item) for item in _texts(_SHIPPED.iterdir()).items())}


def _texts(paths: Iterable[_File]) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in paths if path.name.endswith(".toml")}


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
        return content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(path.name, "/", f"cannot be read: {error}", "a UTF-8 text file") from error


def _parsed(name: str, text: str) -> Raw:
    """The tables of a file, as far as ``extends`` needs them to be tables."""
    if len(text.encode()) > BYTES_MAX:
        raise _refused(name, "/", f"larger than {BYTES_MAX} bytes", "a package of figures")
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _refused(name, "/", str(error), "TOML 1.0") from error
    if not isinstance(raw.get("id"), str):
        raise _refused(name, "/id", "missing, or not text", "small letters, digits, dots and hyphens")
    tables = {f"/{part}": raw.get(part, {}) for part in _TABLES}
    for part in _TABLES[:2]:
        tables |= {f"/{part}/{key}": each for key, each in _items(raw.get(part))}
    for key, method in _items(raw.get("methods")):
        inner = method.get("parameters", {}) if isinstance(method, dict) else {}
        tables |= {f"/methods/{key}/parameters": inner}
        tables |= {f"/methods/{key}/parameters/{each}": value for each, value in _items(inner)}
    for pointer, table in tables.items():
        if not isinstance(table, dict):
            raise _refused(name, pointer, f"{table!r} is not a table", "a table")
    return raw


def _items(table: Any) -> list[tuple[str, Any]]:
    return list(table.items()) if isinstance(table, dict) else []


def _resolved(name: str, raw: Raw, known: Mapping[str, Raw], seen: tuple[str, ...]) -> Raw:
    own = dict(raw)
    base_id = own.pop("extends", None)
    if base_id is None:
        return own
    if not isinstance(base_id, str) or base_id not in known:
        raise _refused(name, "/extends", f"{base_id!r} is not there", ", ".join(sorted(known)))
    if base_id in {own["id"], *seen}:
        raise _refused(name, "/extends", f"{base_id} extends itself in a circle", "another package, or none")
    base = _resolved(name, known[base_id], known, (*seen, own["id"]))
    methods = _without(name, base, "methods", own.pop("drop_methods", []))
    parameters = _without(name, base, "parameters", own.pop("drop_parameters", []))
    merged = {**base, "vectors": [], **own}
    merged["texts"] = {**base.get("texts", {}), **own.get("texts", {})}
    merged["parameters"] = _changed(parameters, own)
    merged["methods"] = methods | {
        method: {**methods.get(method, {}), **rules, "parameters": _changed(_inner(methods, method), rules)}
        for method, rules in own.get("methods", {}).items()
    }
    return merged


def _without(name: str, base: Raw, part: str, dropped: Any) -> Raw:
    table: Raw = base.get(part, {})
    if not isinstance(dropped, list) or not {str(each) for each in dropped} <= set(table):
        raise _refused(name, f"/drop_{part}", f"{dropped!r} are not all there", ", ".join(table))
    return {key: each for key, each in table.items() if key not in dropped}


def _inner(methods: Raw, method: str) -> Raw:
    parameters: Raw = methods.get(method, {}).get("parameters", {})
    return parameters


def _changed(before: Raw, own: Raw) -> Raw:
    changed = dict(before)
    for name, parameter in own.get("parameters", {}).items():
        old = before.get(name, {})
        another_value = "source" not in parameter and old.get("confidence") in UNVERIFIED
        changed[name] = {**old, **parameter} if another_value else parameter
    return changed


def _structured(name: str, raw: Raw) -> Package:
    try:
        return _converter.structure(raw, Package)
    except (cattrs.BaseValidationError, TypeError, ValueError) as error:
        flaws = tuple(_flaw(each) for each in transform_error(error, format_exception=_told))
        raise PackageRefused(f"{name} is not a rule package", flaws=flaws) from error


def _told(error: BaseException, kind: type[Any] | None) -> str:
    """The reason and what would pass, of one thing that has the wrong shape."""
    match error:
        case KeyError():
            told = "missing", f"a {_name(kind)}"
        case ForbiddenExtraKeysError():
            known = ", ".join(field.name for field in fields(error.cl) if field.init)
            told = f"unknown: {', '.join(sorted(error.extra_fields))}", known
        case ValueError() if isinstance(kind, type) and issubclass(kind, Enum):
            told = str(error), ", ".join(kind)
        case _:
            told = str(error), f"a {_name(kind)}"
    return _SEPARATOR.join(told)


def _name(kind: Any) -> str:
    return {str: "text", date: "day, without quotes"}.get(kind, getattr(kind, "__name__", "value of another type"))


def _flaw(message: str) -> Flaw:
    """From what was told ``@ $.titles['kk']``."""
    told, _, path = message.rpartition(" @ $")
    reason, _, passes = told.partition(_SEPARATOR)
    pointer = re.sub(r"\['?([^]']*)'?\]|\.", lambda found: f"/{found[1] or ''}", path)
    return Flaw(pointer=pointer or "/", reason=reason, passes=passes)


def _refused(name: str, pointer: str, reason: str, passes: str) -> PackageRefused:
    return PackageRefused(f"{name}: {reason}", flaws=(Flaw(pointer=pointer, reason=reason, passes=passes),))
