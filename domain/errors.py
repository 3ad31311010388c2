"""Refusals: every reason for which Oimaq declines to do something, and what would pass instead.

A refusal is one of five kinds; the kind decides the HTTP status (in ``api/problems.py``), the leaf class
carries a stable ``code`` and a title in Kazakh, Russian and English. Raise the leaf, never the kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Titles:
    """The short name of a refusal in the three working languages."""

    en: str
    ru: str
    kk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing wrong with an input.

    ``pointer`` is a JSON pointer (``/lots/0/lines/1/unit_price``), a query or header name
    (``query:limit``, ``header:Idempotency-Key``) or a spreadsheet cell (``Sheet1!C7``).
    """

    pointer: str
    reason: str
    passes: str | None = None
    rule: str | None = None


class Refusal(Exception):  # noqa: N818 - the house calls it a refusal: an expected answer, not an error
    """The root. ``detail`` is one English sentence; ``facts`` are JSON scalars that explain it."""

    code: ClassVar[str]
    titles: ClassVar[Titles]

    def __init__(self, detail: str, *, flaws: tuple[Flaw, ...] = (), passes: str | None = None, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.flaws = flaws
        self.passes = passes
        self.facts = facts


class NotFound(Refusal):
    """404: it does not exist, or not for this caller; the two look the same."""


class Forbidden(Refusal):
    """403: the caller is known and may not do this."""


class Conflict(Refusal):
    """409 (412 for a stale version): the present state does not allow it."""


class Invalid(Refusal):
    """422: the input itself is wrong, whatever the state."""


class Unavailable(Refusal):
    """503: something outside did not answer; try again later."""


class NotPermitted(Forbidden):
    code = "not-permitted"
    titles = Titles("Your role does not allow this", "Ваша роль этого не позволяет", "Рөліңіз бұған рұқсат бермейді")


class StaleVersion(Conflict):
    """The object was changed after the caller read it (412)."""

    code = "stale-version"
    titles = Titles(
        "The object has changed since you read it",
        "Объект изменился после того, как вы его прочитали",
        "Сіз оқығаннан кейін нысан өзгерді",
    )


class MalformedValue(Invalid):
    """A value object was given something that it cannot be."""

    code = "malformed-value"
    titles = Titles("The value is malformed", "Значение имеет неверный вид", "Мәннің түрі дұрыс емес")


def leaves(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Every refusal that can be raised, for the completeness gate and the problem-type page."""
    for sub in kind.__subclasses__():
        if "code" in vars(sub):
            yield sub
        yield from leaves(sub)
