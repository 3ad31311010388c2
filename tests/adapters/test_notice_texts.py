"""The catalogues: every text in three languages about the same data, dates in legal time, sums by language."""

import re

import pytest
from babel.messages.catalog import Catalog

from adapters.notices.texts import (
    AS_THEY_ARE,
    COUNTS,
    DAYS,
    INSTANTS,
    SUMS,
    WORDS,
    CatalogueTexts,
    MessageMissingError,
    catalogue,
    message,
)
from domain.complaints.model import ComplaintStage, ComplaintStatus
from domain.contracts.unsigned import DeclineReason, LapseReason
from domain.notices.model import Language
from domain.notices.table import KINDS, TABLE
from domain.procedures.vocabulary import Failure
from domain.tenders.events import CancellationReason

NAMES = {rule.kind: set[str]() for rules in TABLE.values() for rule in rules}
for _rules in TABLE.values():
    for _rule in _rules:
        NAMES[_rule.kind] |= set(_rule.names)
CODES = [
    *(f"reason.{code}" for kind in (CancellationReason, Failure, DeclineReason, LapseReason) for code in kind),
    *(f"stage.{code}" for code in ComplaintStage),
    *(f"outcome.{code}" for code in (ComplaintStatus.UPHELD, ComplaintStatus.REJECTED)),
]
DATA = {
    "tender_number": "T-2026-000001",
    "tender_title": "100 % хлопок",
    "contract_number": "D-1",
    "closes_at": "2026-11-30T19:30:00+00:00",
    "sum": {"amount": "1234567.50", "currency": "KZT"},
    "valid_until": "2026-12-10",
    "reason": "budget_cut",
    "explanation": "Бюджет %(sum)s",
}
TEXTS = CatalogueTexts()


def placeholders(catalogue: Catalog, id: str, context: str) -> set[str]:
    text = message(catalogue, id, context)
    assert not re.search(r"%(?!\([a-z_]+\)s)", text), text
    return set(re.findall(r"%\(([a-z_]+)\)s", text))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_text_in_three_languages_about_the_same_data(kind: str) -> None:
    for context in ("subject", "body"):
        asked = [placeholders(catalogue(language), kind, context) for language in Language]
        assert asked[0] == asked[1] == asked[2]
        assert asked[0] <= NAMES[kind], "a text asks for what its rule does not tell"
        assert len({message(catalogue(language), kind, context) for language in Language}) == len(Language)


def test_every_name_is_shown_in_one_way() -> None:
    ways = (INSTANTS, DAYS, SUMS, COUNTS, WORDS, AS_THEY_ARE)
    for name in set().union(*NAMES.values()):
        assert sum(name in way for way in ways) == 1, name


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_word_in_three_languages(code: str) -> None:
    assert len({message(catalogue(language), code, "word") for language in Language}) == len(Language)


def test_the_catalogues_hold_nothing_that_nobody_asks_for() -> None:
    asked = {(kind, context) for kind in KINDS for context in ("subject", "body")} | {(code, "word") for code in CODES}
    for language in Language:
        assert {(each.id, each.context) for each in catalogue(language) if each.id} == asked


def test_languages_are_written_in_their_own_letters() -> None:
    for kind in KINDS:
        assert not re.search("[А-яәі]", message(catalogue(Language.EN), kind, "body"))
        assert not re.search("[әғқңөұүһі]", message(catalogue(Language.RU), kind, "body"), re.IGNORECASE)
        assert re.search("[әғқңөұүһі]", message(catalogue(Language.KK), kind, "body"), re.IGNORECASE)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        (Language.KK, "2026 жылғы 1 желтоқсан, 00:30"),
        (Language.RU, "1 декабря 2026 года, 00:30"),
        (Language.EN, "1 December 2026, 00:30"),
    ],
)
def test_an_instant_is_shown_in_legal_time(language: Language, shown: str) -> None:
    assert shown in TEXTS.render("tender.published", DATA, language).body


@pytest.mark.parametrize(
    ("language", "shown"),
    [(Language.KK, "1 234 567,50 ₸"), (Language.RU, "1 234 567,50 KZT"), (Language.EN, "KZT1,234,567.50")],
)
def test_a_sum_is_shown_as_the_language_has_it(language: Language, shown: str) -> None:
    body = TEXTS.render("contract.concluded", DATA, language).body
    assert shown in body.replace("\u00a0", " ").replace("\u202f", " ")


def test_what_people_wrote_is_shown_as_it_is_and_never_as_a_pattern() -> None:
    body = TEXTS.render("tender.cancelled", DATA, Language.RU).body
    assert "«100 % хлопок»" in body
    assert "сокращение бюджета. Бюджет %(sum)s" in body
    suspended = TEXTS.render("organization.suspended", {"reason": "Проверка"}, Language.RU)
    assert "Проверка" in suspended.body


def test_a_title_of_several_lines_makes_a_subject_of_one() -> None:
    data = DATA | {"tender_number": "T-1\r\nBcc: x"}
    assert TEXTS.render("tender.opened", data, Language.EN).subject == "The bids of tender T-1 Bcc: x were opened"


def test_a_text_that_is_missing_is_a_mistake_and_not_an_empty_letter() -> None:
    with pytest.raises(MessageMissingError):
        TEXTS.render("moon.landed", {}, Language.EN)
    assert "—" in TEXTS.render("tender.opened", {}, Language.EN).body
