"""Rule packages from files: TOML, strictly read; ``extends`` takes over what another package says.

A file that extends another changes parameters, methods and texts name by name, and replaces phases, documents and
vectors where it has its own.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import cattrs
from cattrs import transform_error

from domain.errors import Flaw
from domain.procedures.checking import PackageRefused
from domain.procedures.package import Package

SHIPPED = files("domain.procedures") / "packages"
_MERGED = ("parameters", "methods", "texts")
_BYTES_MAX = 1024 * 1024

_converter = cattrs.Converter(forbid_extra_keys=True)


def _text(value: Any, _: type) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


_converter.register_structure_hook_func(lambda kind: kind is str, _text)


def _day(value: Any, _: type) -> date:
    if type(value) is not date:
        raise TypeError(f"{value!r} is not a day")
    return value


_converter.register_structure_hook_func(lambda kind: kind is date, _day)


@cache
def shipped() -> tuple[Package, ...]:
    """The packages of this release, in the order of their names."""
    texts = {each.name: each.read_text(encoding="utf-8") for each in SHIPPED.iterdir() if each.name.endswith(".toml")}
    return read_all(texts)


def installed(folder: Path) -> tuple[Package, ...]:
    """The packages of a folder; they may extend those that are shipped."""
    return read_all(
        {path.name: _content(path) for path in sorted(folder.glob("*.toml"))}, bases=_raw(SHIPPED.iterdir())
    )


def read_file(path: Path) -> Package:
    """One package from outside."""
    return read_all({path.name: _content(path)}, bases=_raw(SHIPPED.iterdir()))[0]


def read_all(texts: Mapping[str, str], *, bases: Mapping[str, Any] | None = None) -> tuple[Package, ...]:
    """Refuses (``package-refused``) what is not TOML, has an unknown key or a wrong type, or extends in a circle."""
    raw = {name: _parsed(name, text) for name, text in texts.items()}
    known = dict(bases or {}) | {str(each.get("id")): each for each in raw.values()}
    return tuple(_structured(name, _resolved(each, known, ())) for name, each in sorted(raw.items()))


def _raw(paths: Iterable[Any]) -> dict[str, Any]:
    found = (tomllib.loads(each.read_text(encoding="utf-8")) for each in paths if each.name.endswith(".toml"))
    return {each["id"]: each for each in found}


def _content(path: Path) -> str:
    try:
        if path.stat().st_size > _BYTES_MAX:
            raise _refused(path.name, "/", "larger than 1 MiB", "a package of figures")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(path.name, "/", f"cannot be read: {error}", "a UTF-8 text file") from error


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(name, "/", str(error), "TOML 1.0") from error


def _resolved(raw: dict[str, Any], known: Mapping[Any, dict[str, Any]], seen: tuple[str, ...]) -> dict[str, Any]:
    own = dict(raw)
    base_id = own.pop("extends", None)
    if base_id is None:
        return own
    if base_id not in known or base_id in seen:
        reason = "extends itself in a circle" if base_id in seen else f"extends {base_id!r}, which is not there"
        raise _refused(str(own.get("id")), "/extends", reason, ", ".join(sorted(map(str, known))))
    base = _resolved(known[base_id], known, (*seen, base_id))
    merged = {**base, **own}
    for part in _MERGED:
        merged[part] = _merged(base.get(part, {}), own.get(part, {}), depth=1 if part == "methods" else 0)
    # A parameter may change some of its keys and keep the others.
    for name, parameter in own.get("parameters", {}).items():
        merged["parameters"][name] = {**base.get("parameters", {}).get(name, {}), **parameter}
    if own.get("drop_methods"):
        merged["methods"] = {name: each for name, each in merged["methods"].items() if name not in own["drop_methods"]}
        del merged["drop_methods"]
    return merged


def _merged(base: Mapping[str, Any], own: Mapping[str, Any], *, depth: int) -> dict[str, Any]:
    result = dict(base)
    for name, value in own.items():
        result[name] = {**result.get(name, {}), **value} if depth and isinstance(value, dict) else value
    return result


def _structured(name: str, raw: dict[str, Any]) -> Package:
    try:
        return _converter.structure(raw, Package)
    except (cattrs.BaseValidationError, TypeError, ValueError) as error:
        flaws = tuple(_flaw(each) for each in transform_error(error))
        raise PackageRefused(f"{name} is not a rule package", flaws=flaws) from error


def _flaw(message: str) -> Flaw:
    reason, _, path = message.partition(" @ $")
    pointer = path.replace("['", "/").replace("']", "").replace("[", "/").replace("]", "").replace(".", "/")
    return Flaw(pointer=pointer or "/", reason=reason)


def _refused(name: str, pointer: str, reason: str, passes: str) -> PackageRefused:
    return PackageRefused(f"{name}: {reason}", flaws=(Flaw(pointer=pointer, reason=reason, passes=passes),))
