"""Pydantic's complaints as the house's flaws: where, why, and what would pass. The value itself is never repeated,
because it may be a password or a price.
"""

from collections.abc import Mapping
from typing import Any

from domain.errors import Flaw

_PASSES: dict[str, str] = {
    "passes": "{}",
    "expected": "{}",
    "pattern": "text that matches {}",
    "min_length": "at least {} long",
    "max_length": "at most {} long",
    "ge": "at least {}",
    "gt": "more than {}",
    "le": "at most {}",
    "lt": "less than {}",
    "multiple_of": "a multiple of {}",
}
"""Names in the context of a pydantic error, and the phrase that each makes."""
_PASSES_OF_TYPE: dict[str, str] = {
    "int_type": "a number without quotes and decimals, for example 40",
    "int_parsing": "a whole number",
    "bool_type": "true or false",
    "string_type": "text in quotes",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "uuid_parsing": "a UUID",
    "uuid_type": "a UUID",
    "bool_parsing": "true or false",
}


def flaw_of(error: Mapping[str, Any]) -> Flaw:
    """One entry of ``RequestValidationError.errors()``."""
    where, *path = (str(part) for part in error["loc"])
    context = error.get("ctx") or {}
    phrases = [phrase.format(context[name]) for name, phrase in _PASSES.items() if name in context]
    passes = " and ".join(phrases) or _PASSES_OF_TYPE.get(error["type"])
    reason = str(error["msg"]).removeprefix("Value error, ")
    return Flaw(pointer=_pointer(where, path), reason=reason, passes=passes)


def _pointer(where: str, path: list[str]) -> str:
    """RFC 6901 for bodies (size labels contain slashes), ``query:name``, ``header:Name`` or ``path:name`` otherwise."""
    if where == "body":
        steps = path[:-1] if path and path[-1] == "[key]" else path
        return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
    name = "/".join(path)
    if where == "header" and name.islower():
        name = "-".join(part.capitalize() for part in name.split("-"))
    return f"{where}:{name}"
