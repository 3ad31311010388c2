"""The protocol as a value, and as a document: all of its words, sums that add up, text that stays text."""

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from adapters.documents.blocks import Writer
from adapters.documents.typeset import TEMPLATE, TypstDocuments, printed
from adapters.documents.words import FILE, word, words
from adapters.procedures.files import shipped
from domain.awards.allocation import Bound
from domain.awards.model import LotResult, RejectionReason, SetAside
from domain.awards.settling import key_of
from domain.garments import Unit
from domain.ids import BidId
from domain.money import total
from domain.organizations.origin_rules import judge
from domain.organizations.verdict import Result
from domain.procedures.vocabulary import TERMS, Failure, Method
from domain.protocols.drawing_up import FIGURES, protocol_of
from domain.protocols.model import ROWS_MAX, ProtocolTooLarge, ResultsProtocol
from domain.protocols.ports import DocumentLanguage, PrinterBusy
from domain.replay.ports import Settled
from tests.random_facts import RULES, random_facts
from tests.replays.markets import settled

PACKAGES = {package.id: package for package in shipped()}
NUMBER = re.compile(r"^\d{1,3}(\u00a0\d{3})*,\d{2}\u00a0₸$")
HOSTILE = '#panic("x") *b* _i_ $x$ `raw` <label> @ref \\ // [a] "q" = - + / ${} {{}} \u202e#read("/etc/passwd")'


def told(found: Settled) -> ResultsProtocol:
    return protocol_of(found, package=PACKAGES[found.tender.procedure.id], bundle="ab" * 32)


def texts(value: Any) -> list[str]:
    """Every text of a document."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for each in value.values() for text in texts(each)]
        case list() | tuple():
            return [text for each in value for text in texts(each)]
    return []


async def test_the_protocol_tells_what_the_evaluation_decided_and_its_sums_add_up() -> None:
    seen = set[LotResult]()
    for seed in range(60):
        found = await settled(seed)
        evaluation, protocol = found.evaluation, told(found)
        seen |= set(evaluation.results.values())
        assert {lot.number: lot.result for lot in protocol.lots} == evaluation.results
        assert [each.bid_id for each in protocol.participants] == [bid.id for bid in found.bids]
        shares = [share for share in evaluation.allocation.shares if share.lot in evaluation.awarded_lots]
        winners = [winner for lot in protocol.lots for line in lot.lines for winner in line.winners]
        assert total(winner.sum for winner in winners) == total(share.sum for share in shares) == protocol.awarded
        for lot in protocol.lots:
            assert total(winner.sum for line in lot.lines for winner in line.winners) == lot.awarded
            for line in lot.lines:
                given = sum(winner.pieces for winner in line.winners)
                if lot.result is LotResult.AWARDED:
                    assert given + sum(pieces for _, pieces in line.unfilled) == line.pieces
                    assert given == sum(row.given for row in line.ranking)
                else:
                    assert given == 0
    assert {LotResult.AWARDED, LotResult.NOT_FILLED, LotResult.NO_ADMITTED_BIDS} <= seen


async def test_a_conditional_price_is_shown_beside_the_one_that_is_paid() -> None:
    found = await settled(3)
    problem = found.evaluation.problem
    first = found.evaluation.allocation.trace[0]
    key = (first.lot, first.line, first.bid_id, first.bidder_id)
    offers = tuple(
        replace(each, discount_percent=each.discount_percent + (5 if key_of(each) == key else 0))
        for each in problem.offers
    )
    changed = replace(found, evaluation=replace(found.evaluation, problem=replace(problem, offers=offers)))
    rows = [row for lot in told(changed).lots for line in lot.lines for row in line.ranking]
    discounted = [row for row in rows if row.discount_percent]
    assert [(row.bid_id, row.rank) for row in discounted] == [(first.bid_id, first.rank)]
    assert discounted[0].compared_price < discounted[0].unit_price == first.unit_price


async def test_a_bid_that_nobody_could_read_is_among_the_participants_without_a_name() -> None:
    found = await settled(3)
    broken = SetAside(bid_id=BidId(found.evaluation.id), reason=RejectionReason.UNREADABLE, detail="broken_seal")
    received = datetime(2026, 11, 24, tzinfo=UTC)
    with_broken = replace(
        found,
        evaluation=replace(found.evaluation, set_aside=(broken,)),
        unreadable={broken.bid_id: received},
    )
    last = told(with_broken).participants[-1]
    assert (last.bid_id, last.party, last.received_at) == (broken.bid_id, None, received)
    assert "заявка не читается" in texts(Writer(DocumentLanguage.RU).document(told(with_broken)))


async def test_figures_name_their_sources_unless_the_package_is_another_by_now() -> None:
    found = await settled(3)
    package = PACKAGES[found.tender.procedure.id]
    sources = {row.name: row.source for row in told(found).figures}
    assert sources["award_rule"] == package.parameters["award_rule"].source
    for other in (None, replace(package, version="2031.1")):
        protocol = protocol_of(found, package=other, bundle="")
        assert {row.source for row in protocol.figures} == {None}
        assert [row.value for row in protocol.figures] == [row.value for row in told(found).figures]
        assert protocol.package_titles is None
    parameters = found.tender.procedure.parameters | {"bids_min": "7"}
    configured = replace(found.tender, procedure=replace(found.tender.procedure, parameters=parameters))
    (own,) = (row for row in told(replace(found, tender=configured)).figures if row.name == "bids_min")
    assert (own.value, own.source) == ("7", None)


@pytest.mark.parametrize("language", DocumentLanguage)
def test_everything_that_can_be_said_has_its_words(language: DocumentLanguage) -> None:
    kinds = {
        "method": Method,
        "unit": Unit,
        "lot": LotResult,
        "failure": Failure,
        "reason": RejectionReason,
        "result": Result,
        "bound": Bound,
        "figure": FIGURES,
    }
    codes = {f"{kind}.{code}" for kind, each in kinds.items() for code in each}
    random = Random(1)  # noqa: S311 - examples, not secrets
    for _ in range(300):
        facts = random_facts(random)
        codes |= {f"rule.{outcome.rule}" for rules in RULES for outcome in judge(facts, rules).outcomes}
    assert codes - words(language).keys() == set()
    assert all(text.strip() for text in words(language).values())
    assert set(FIGURES) <= set(TERMS)
    assert word("reason.of_tomorrow", language) == "of_tomorrow"


def test_both_languages_say_the_same_things_in_their_own_letters() -> None:
    kk, ru = words(DocumentLanguage.KK), words(DocumentLanguage.RU)
    assert kk.keys() == ru.keys()
    assert any(set("әғқңөұүһі") & set(text.lower()) for text in kk.values())
    assert not any(set("әғқңөұүһі") & set(text.lower()) for text in ru.values())
    assert FILE.exists()


@pytest.mark.parametrize("language", DocumentLanguage)
async def test_a_document_has_no_bare_code_and_numbers_as_kazakhstan_writes_them(language: DocumentLanguage) -> None:
    bare = set[str]()
    for seed in range(30):
        protocol = told(await settled(seed))
        document = Writer(language).document(protocol)
        figures = {row.value for row in protocol.figures}
        bare |= {text for text in texts(document["blocks"]) if re.fullmatch(r"[a-z]+_[a-z_]+", text)} - figures
        sums = [text for text in texts(document) if "₸" in text]
        assert sums
        assert all(NUMBER.match(text) for text in sums), sums[0]
    assert bare == set()
    assert "24.11.2026 11:00:00" in texts(document), "evaluated at 06:00 UTC, told in legal time"


PRINTING = """
import json, sys
from datetime import UTC, datetime
from adapters.documents.typeset import printed
sys.stdout.buffer.write(printed(json.load(sys.stdin), at=datetime(2026, 11, 24, tzinfo=UTC)))
"""


def in_another_process(document: dict[str, Any]) -> bytes:
    command, text = [sys.executable, "-c", PRINTING], json.dumps(document, default=list).encode()
    return subprocess.run(command, input=text, capture_output=True, timeout=60, check=True).stdout


async def test_the_same_protocol_is_printed_to_the_same_bytes_in_another_process() -> None:
    document = Writer(DocumentLanguage.KK).document(told(await settled(3)))
    here = printed(document, at=datetime(2026, 11, 24, tzinfo=UTC))
    assert here.startswith(b"%PDF-")
    assert in_another_process(document) == here
    assert printed(document, at=datetime(2026, 11, 25, tzinfo=UTC)) != here, "its date is the evaluation's"


def test_text_stays_text_whatever_it_looks_like() -> None:
    """Typst sets names as they are; were they markup, these would read files, panic or not compile."""
    table = {"kind": "table", "columns": [HOSTILE], "widths": [1], "aligns": ["left"], "rows": [[HOSTILE]]}
    blocks = [
        {"kind": "title", "text": HOSTILE},
        {"kind": "heading", "level": 1, "text": HOSTILE},
        {"kind": "text", "text": HOSTILE},
        {"kind": "pairs", "rows": [[HOSTILE, HOSTILE]]},
        table,
    ]
    about = {"title": HOSTILE, "author": HOSTILE, "language": "ru", "running": HOSTILE, "page": HOSTILE}
    assert printed(about | {"blocks": blocks}, at=datetime(2026, 11, 24, tzinfo=UTC)).startswith(b"%PDF-")
    template = TEMPLATE.read_text()
    assert "eval(" not in template
    assert "import" not in template


async def test_a_protocol_that_nobody_would_read_is_not_printed() -> None:
    protocol = told(await settled(3))
    huge = replace(protocol, participants=protocol.participants * ROWS_MAX)
    with pytest.raises(ProtocolTooLarge):
        await TypstDocuments().protocol(huge, DocumentLanguage.RU)


async def test_printing_keeps_nobody_else_waiting_and_gives_up_in_time() -> None:
    protocol = told(await settled(3))
    documents = TypstDocuments()
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.001)
            beats += 1

    beating = asyncio.create_task(beat())
    await asyncio.gather(*(documents.protocol(protocol, language) for language in DocumentLanguage for _ in range(4)))
    beating.cancel()
    assert beats > 10, "the event loop went on"
    with pytest.raises(PrinterBusy):
        await TypstDocuments(seconds_max=0.0).protocol(protocol, DocumentLanguage.RU)
    results = await asyncio.gather(
        *(documents.protocol(protocol, DocumentLanguage.RU) for _ in range(40)), return_exceptions=True
    )
    refused = [each for each in results if isinstance(each, PrinterBusy)]
    assert 0 < len(refused) < 40, "some are set, those beyond what may wait are refused at once"
    assert len({each for each in results if isinstance(each, bytes)}) == 1
