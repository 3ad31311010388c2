"""Inner loops compiled to machine code on their first call, and kept on disk where that can be written."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from numba import config, njit, types
from numba.experimental import structref

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

config.OPT = type(config.OPT)(1)  # type: ignore[attr-defined]  # set at run time
"""What the compiler would do beyond that takes as long again and gains these loops nothing that could be measured."""
_packers: dict[type, Callable[..., Any]] = {}


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """For other compiled functions. Without fast mathematics: the same input gives the same bits on every machine."""
    try:
        return cast("Callable[P, R]", njit(cache=True)(function))
    except RuntimeError:  # nowhere to keep it: a file system that cannot be written
        return cast("Callable[P, R]", njit(function))


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """Compiled as well, and called from Python, with tuples of arrays as they are."""
    inner: Callable[..., R] = compiled(function)

    @wraps(function)
    def call(*arguments: P.args, **_: P.kwargs) -> R:
        return inner(*(packed(each) for each in arguments))

    return call


def packed(argument: T) -> T:
    """A tuple of arrays as compiled functions take it: one pointer, where some fifty arrays would be handed on with
    every call. That makes them twice as fast, and a third quicker to compile. It shares the arrays.
    """
    packer = _packers.get(type(argument))
    return argument if packer is None else cast("T", packer(argument))


class Packed(types.StructRef):
    def preprocess_fields(self, fields: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
        unliteral: Any = types.unliteral
        return tuple((name, unliteral(kind)) for name, kind in fields)


class Box(structref.StructRefProxy):
    """What is left of one in Python: a handle."""


def packs(tuples: Any, kind: type[Packed], box: type[Box]) -> None:
    """Says how tuples of this type are packed. All three stand in their module by name, so that caches find them."""
    structref.register(kind)  # type: ignore[no-untyped-call]  # the library's
    structref.define_proxy(box, kind, list(tuples._fields))  # type: ignore[no-untyped-call]  # the library's

    def pack(a: Any) -> Any:
        return box(*a)

    _packers[tuples] = compiled(pack)
