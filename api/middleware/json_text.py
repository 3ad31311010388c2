"""Refuses JSON that breaks parsers or databases downstream, before any of them sees it (RFC 8259, RFC 7493).

Deep nesting, NUL characters, lone surrogates, NaN and infinities, numbers that overflow, repeated names, other
encodings than UTF-8. Every step is linear in the body: no regular expression here can go back on what it took.
"""

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn

from api.problems import EdgeRefusal
from domain.errors import Flaw

DEPTH_MAX = 32

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_TO_SQUARE = bytes.maketrans(b"{}", b"[]")

_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a whole pair is a character
    rb"|(?P<odd>u0000|u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def refuse_odd_json(body: bytes) -> None:
    """Pass, or raise ``malformed-request`` saying what and, as a byte position, where."""
    if is_too_deep(body):
        raise _malformed("nested too deeply", f"at most {DEPTH_MAX} levels")
    if _SUSPECT.search(body):
        for escape in _ESCAPE.finditer(body):
            if escape.group("odd"):
                what = escape.group().decode()
                raise _malformed(f"{what} at byte {escape.start()} is NUL or half a surrogate pair", "whole characters")
    try:
        _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _malformed(f"not UTF-8 at byte {error.start}", "UTF-8") from error
    except RecursionError as error:
        raise _malformed("nested too deeply", f"at most {DEPTH_MAX} levels") from error
    except ValueError as error:
        raise _malformed(str(error), "one JSON value (RFC 8259)") from error


def is_too_deep(body: bytes) -> bool:
    """More levels than allowed, counted on the bytes: take strings out, then one innermost level at a time."""
    if body.count(b"[") + body.count(b"{") <= DEPTH_MAX:
        return False
    brackets = _STRING.sub(b"", body).translate(_TO_SQUARE, _NOT_BRACKETS)
    for _ in range(DEPTH_MAX):
        brackets = brackets.replace(b"[]", b"")
    return b"[]" in brackets


def _malformed(reason: str, passes: str) -> EdgeRefusal:
    flaw = Flaw(pointer="", reason=reason, passes=passes)
    return EdgeRefusal("malformed-request", "The body is not JSON that can be accepted", flaws=(flaw,), passes=passes)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is out of range")
    return number


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise ValueError(f"the name {twice[:100]!r} stands twice in one object")
    return result


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_no_repeats)
