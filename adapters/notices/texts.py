"""Texts of notices from the catalogues, read by Babel when the process starts; nothing is compiled.

A message's id is the notice's kind and its context ``subject`` or ``body``. A value is shown as its field's name says:
an instant in legal time, a day, a sum, a word of a list (``reason.budget_cut``, context ``word``), or as it is.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from domain.calendar import LEGAL_ZONE
from domain.notices.model import Language
from domain.notices.ports import RenderedText

FOLDER = Path(__file__).parent / "catalogues"
_DAY_PATTERNS = {"kk": "y 'жылғы' d MMMM", "ru": "d MMMM y 'года'", "en": "d MMMM y"}
"""CLDR's long forms shorten the word for year."""
INSTANTS = frozenset({"closes_at", "complaints_until", "decide_by", "due_by", "sign_by"})
DAYS = frozenset({"due_on", "valid_until"})
SUMS = frozenset({"amount", "sum"})
COUNTS = frozenset({"pieces", "accepted", "defective", "days_left", "days_late"})
WORDS = frozenset({"reason", "stage", "outcome"})
"""Of these a word that no catalogue has is shown as it is: some reasons are the author's own sentences."""
AS_THEY_ARE = frozenset(
    {"tender_number", "tender_title", "contract_number", "pool_number", "pool_title", "evidence_number", "number"}
    | {"explanation", "revision", "delivery", "place", "invoice"}
)


class MessageMissingError(LookupError):
    """A catalogue lacks a text: a mistake in the code, found by a test."""


@cache
def catalogue(language: Language) -> Catalog:
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=str(language), abort_invalid=True)


class CatalogueTexts:
    def __init__(self) -> None:
        self._catalogues = {language: catalogue(language) for language in Language}
        self._locales = {language: Locale.parse(str(language)) for language in Language}

    def render(self, kind: str, data: Mapping[str, Any], language: Language) -> RenderedText:
        shown = _Shown(self._catalogues[language], self._locales[language], data)
        return RenderedText(
            subject=" ".join((message(self._catalogues[language], kind, "subject") % shown).split()),
            body=message(self._catalogues[language], kind, "body") % shown,
        )


def message(catalogue: Catalog, id: str, context: str) -> str:
    found = catalogue.get(id, context)
    if found is None or not isinstance(found.string, str) or not found.string:
        raise MessageMissingError(f"{catalogue.locale}: no {context} of {id}")
    return found.string


class _Shown(dict[str, str]):
    """The values that a text asks for, shown when it does; what was not told is a dash."""

    def __init__(self, catalogue: Catalog, locale: Locale, data: Mapping[str, Any]) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._locale = locale
        self._data = data

    def __missing__(self, name: str) -> str:
        value = self._data.get(name)
        if value is None:
            return "—"
        if name in WORDS:
            word = self._catalogue.get(f"{name}.{value}", "word")
            return str(word.string) if word is not None and word.string else str(value)
        show = _SHOW.get(name)
        return str(value) if show is None else show(value, self._locale)


def _instant(value: str, locale: Locale) -> str:
    pattern = f"{_DAY_PATTERNS[locale.language]}, HH:mm"
    return format_datetime(datetime.fromisoformat(value), pattern, tzinfo=LEGAL_ZONE, locale=locale)


def _day(value: str, locale: Locale) -> str:
    return format_date(date.fromisoformat(value), _DAY_PATTERNS[locale.language], locale=locale)


def _sum(value: Mapping[str, str], locale: Locale) -> str:
    return format_currency(Decimal(value["amount"]), value["currency"], locale=locale)


def _count(value: int, locale: Locale) -> str:
    return format_decimal(value, locale=locale)


_SHOW: dict[str, Callable[[Any, Locale], str]] = {
    **dict.fromkeys(INSTANTS, _instant),
    **dict.fromkeys(DAYS, _day),
    **dict.fromkeys(SUMS, _sum),
    **dict.fromkeys(COUNTS, _count),
}
