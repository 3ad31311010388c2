"""Inner loops compiled to machine code on their first call, and kept on disk where that can be written."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Without fast mathematics: the same input gives the same bits on every machine."""
    try:
        return cast("Callable[P, R]", njit(cache=True)(function))
    except RuntimeError:  # nowhere to keep it: a file system that cannot be written
        return cast("Callable[P, R]", njit(function))
