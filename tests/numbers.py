"""Synthetic BINs with right check digits."""

from collections.abc import Iterator
from itertools import count

from domain.ids import Bin, check_digit


def bins(prefix: str = "250140") -> Iterator[Bin]:
    """Different ones, without end."""
    for serial in count(1):
        eleven = f"{prefix}{serial:05d}"
        digit = check_digit(eleven)
        if digit is not None:
            yield Bin(f"{eleven}{digit}")
