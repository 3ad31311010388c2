"""Money: a decimal amount with two places and a currency. Without VAT unless a name says otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Self

from domain.errors import MalformedValue

TIYN = Decimal("0.01")
AMOUNT_MAX = Decimal("9999999999999999.99")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """``amount`` has at most two decimal places and is stored with exactly two; it may be negative."""

    amount: Decimal
    currency: str = "KZT"

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal) or not self.amount.is_finite():
            raise MalformedValue(f"{self.amount!r} is not an amount of money", passes='"12896.00"')
        if self.amount.copy_abs() > AMOUNT_MAX:  # exact: abs() itself fails for what is far out of range
            raise MalformedValue("The amount is out of range", passes=f"at most {AMOUNT_MAX}")
        exact = self.amount.quantize(TIYN)
        if exact != self.amount:
            raise MalformedValue(f"{self.amount} has more than two decimal places", passes=str(exact))
        object.__setattr__(self, "amount", exact)

    @classmethod
    def of(cls, text: str | int | Decimal, currency: str = "KZT") -> Self:
        """Exact reading of a decimal string; floats are not accepted anywhere."""
        try:
            return cls(Decimal(text), currency)
        except InvalidOperation as error:
            raise MalformedValue(f"{text!r} is not an amount of money", passes='"12896.00"') from error

    def __add__(self, other: Self) -> Self:
        self._same_currency(other)
        return type(self)(self.amount + other.amount, self.currency)

    def __sub__(self, other: Self) -> Self:
        self._same_currency(other)
        return type(self)(self.amount - other.amount, self.currency)

    def __mul__(self, count: int) -> Self:
        return type(self)(self.amount * count, self.currency)

    def share(self, percent: Decimal) -> Self:
        """``percent`` of the sum, rounded half up to the tiyn."""
        return type(self)((self.amount * percent / 100).quantize(TIYN, ROUND_HALF_UP), self.currency)

    def _same_currency(self, other: Self) -> None:
        if self.currency != other.currency:
            raise MalformedValue(f"{self.currency} and {other.currency} cannot be combined")

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def total(sums: Iterable[Money], currency: str = "KZT") -> Money:
    """The exact sum; zero of ``currency`` when there is nothing to add."""
    result = Money(Decimal(0), currency)
    for each in sums:
        result += each
    return result
