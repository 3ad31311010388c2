"""One bid, one text: what is written, and that nothing else is read."""

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from domain.bids.model import Bid, BidStatus
from domain.errors import MalformedValue
from domain.sealing.bids import committed
from domain.sealing.canonical import INTEGER_MAX, canonical_json, read_json, written_instant
from domain.sealing.content import BidContent, canonical, read_canonical
from domain.sealing.refusals import NotCanonical
from tests.sealing import (
    AT,
    COMMITMENT,
    CONTENT,
    CONTENT_BEFORE,
    CONTENT_FULL,
    NONCE,
    TEXT,
    TEXT_BEFORE,
    TEXT_FULL,
    contents,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=0x7F)), inner),
    max_leaves=20,
)


@given(values)
def test_the_standard_library_writes_what_rfc_8785_asks_for(value: Any) -> None:
    written = canonical_json(value)
    assert written == rfc8785.dumps(value)
    assert read_json(written) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('\u0000\u001f"\\/\b\f\n\r\t\u007f\u2028ж😀', '"\\u0000\\u001f\\"\\\\/\\b\\f\\n\\r\\t\x7f\u2028ж😀"'),
        ({"b": [], "a": {"": None}, "B": -0}, '{"B":0,"a":{"":null},"b":[]}'),
        ([INTEGER_MAX, -INTEGER_MAX, True], "[9007199254740991,-9007199254740991,true]"),
    ],
)
def test_known_values_have_their_known_text(value: Any, written: str) -> None:
    assert canonical_json(value) == written.encode() == rfc8785.dumps(value)


def nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), INTEGER_MAX + 1, "\ud800", {"ж": 1}, {1: 1}, {"a": b""}, nested(100_000)]
)
def test_what_has_no_canonical_text_is_not_written(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'{"a": 1}', b"[1] ", b" [1]", b"[1.0]", b"[1e2]", b"[-0]",
        b"[NaN]", b"[9007199254740992]", b'["\\u0041"]', b'["\\/"]', b'["\\u000A"]', b'["\\ud800"]', b"\xef\xbb\xbf[]",
        b'["\xff"]', "[]".encode("utf-16"), b"[" + b"9" * 5000 + b"]", b"[" * 100_000,
    ],
)  # fmt: skip
def test_json_that_is_written_otherwise_is_not_read(raw: bytes) -> None:
    with pytest.raises(NotCanonical):
        read_json(raw)


@pytest.mark.parametrize(
    ("content", "text"), [(CONTENT, TEXT), (CONTENT_BEFORE, TEXT_BEFORE), (CONTENT_FULL, TEXT_FULL)]
)
def test_a_bid_has_the_text_that_was_written_by_hand(content: BidContent, text: bytes) -> None:
    assert canonical(content) == text
    assert read_canonical(text) == content


@given(contents)
def test_every_bid_is_read_as_it_was_written(content: BidContent) -> None:
    text = canonical(content)
    assert text == rfc8785.dumps(json.loads(text))
    assert read_canonical(text) == content


def test_an_opened_bid_says_what_was_sealed() -> None:
    bid = CONTENT.opened(received_at=AT, nonce=NONCE)
    assert bid == Bid(
        id=CONTENT.bid_id,
        tender_id=CONTENT.tender_id,
        bidder_id=CONTENT.bidder_id,
        offers=CONTENT.offers,
        documents=CONTENT.documents,
        received_at=AT,
        status=BidStatus.OPENED,
        revision=CONTENT.revision,
        terms=CONTENT.terms,
        nonce=NONCE,
    )


def changed(*path: str | int, to: Any = None, text: bytes = TEXT) -> bytes:
    """The text with one value put in another's place, or with a field removed (``to`` is ...)."""
    whole = json.loads(text)
    part = whole
    for step in path[:-1]:
        part = part[step]
    if to is ...:
        del part[path[-1]]
    else:
        part[path[-1]] = to
    return canonical_json(whole)


LINE = ("lots", 0, "lines", 0)


@pytest.mark.parametrize(
    ("path", "to", "pointer"),
    [
        (("format",), "oimaq-bid/2", ""),
        (("either_or",), ..., ""),
        (("either_or", 0), 1, "/either_or/0"),
        (("either_or", 0, 0), "1", "/either_or/0/0"),
        (("either_or", 0, 0), True, "/either_or/0/0"),
        (("packages", 0, "percent"), "2.5", "/packages/0/percent"),
        (("packages", 0, "percent"), "1e999999999999", "/packages/0/percent"),
        (("packages", 0, "percent"), "NaN", "/packages/0/percent"),
        (("packages", 0, "percent"), "a tenth", "/packages/0/percent"),
        (("packages", 0, "percent"), 2, "/packages/0/percent"),
        (("packages", 0, "lots"), 1, "/packages/0/lots"),
        (("members", 0, "organization_id"), "f2", "/members/0/organization_id"),
        (("members", 0, "lots", 0, "lead_days"), ..., "/members/0/lots/0"),
        (("lots", 0, "lead_days"), "60", "/lots/0/lead_days"),
        ((*LINE, "breaks", 0, "unit_price", "amount"), "12000", ""),
        ((*LINE, "breaks", 0, "pieces_from"), None, "/lots/0/lines/0/breaks/0/pieces_from"),
        ((*LINE, "answers", 0, "value"), 215, "/lots/0/lines/0/answers/0/value"),
        ((*LINE, "answers"), ..., "/lots/0/lines/0"),
    ],
)
def test_a_full_bid_that_is_not_just_so_is_refused_with_its_place(
    path: tuple[str | int, ...], to: Any, pointer: str
) -> None:
    with pytest.raises(NotCanonical) as caught:
        read_canonical(changed(*path, to=to, text=TEXT_FULL))
    assert [flaw.pointer for flaw in caught.value.flaws] == [pointer]


def test_a_plain_bid_has_one_text_and_no_later_format_takes_it() -> None:
    fields = json.loads(TEXT) | {"format": "oimaq-bid/3", "either_or": [], "packages": [], "members": []}
    for lot in fields["lots"]:
        lot["lead_days"] = None
        lot["lines"] = [line | {"breaks": [], "answers": []} for line in lot["lines"]]
    with pytest.raises(NotCanonical):
        read_canonical(canonical_json(fields))


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (changed("format", to="oimaq-bid/4"), "/format"),
        (changed("format", to="oimaq-bid/3"), ""),
        (changed("format", to="oimaq-bid/1"), ""),
        (TEXT_BEFORE.replace(b"bid/1", b"bid/2"), ""),
        (changed("format", to=[]), "/format"),
        (changed("documents", to=...), ""),
        (changed("documents", to=None), "/documents"),
        (changed("documents", 0, "more", to=1), "/documents/0"),
        (changed("documents", 0, "name", to=1), "/documents/0/name"),
        (changed("documents", 0, "id", to="d0c"), "/documents/0/id"),
        (changed("documents", 0, "id", to="00000000-0000-0000-0000-000000000D0C"), ""),
        (changed("more", to=1), ""),
        (changed("terms", to=...), ""),
        (changed("revision", to="2"), "/revision"),
        (changed("revision", to=True), "/revision"),
        (changed("tender_id", to="7e"), "/tender_id"),
        (changed("bid_id", to="{00000000-0000-0000-0000-000000000b1d}"), ""),
        (changed("bid_id", to="00000000-0000-0000-0000-000000000B1D"), ""),
        (changed("lots", to={}), "/lots"),
        (changed("lots", 0, to=None), "/lots/0"),
        (changed("lots", 0, "lot", to=None), "/lots/0/lot"),
        (changed(*LINE, "pieces_max", to="5"), "/lots/0/lines/0/pieces_max"),
        (changed(*LINE, "pieces_min", to=None), "/lots/0/lines/0/pieces_min"),
        (changed(*LINE, "sizes", to=[1]), "/lots/0/lines/0/sizes/0"),
        (changed(*LINE, "unit_price", to="12896.50"), "/lots/0/lines/0/unit_price"),
        (changed(*LINE, "unit_price", "amount", to=12896), "/lots/0/lines/0/unit_price/amount"),
        (changed(*LINE, "unit_price", "amount", to="NaN"), "/lots/0/lines/0/unit_price/amount"),
        (changed(*LINE, "unit_price", "amount", to="1.005"), "/lots/0/lines/0/unit_price/amount"),
        (changed(*LINE, "unit_price", "amount", to="12896.5"), ""),
        (changed(*LINE, "unit_price", "amount", to="1e4"), ""),
        (changed(*LINE, "unit_price", "amount", to="١٢٨.00"), ""),
        (b"[]", ""),
    ],
)
def test_a_bid_that_is_not_just_so_is_refused_with_its_place(raw: bytes, pointer: str) -> None:
    with pytest.raises(NotCanonical) as refused:
        read_canonical(raw)
    assert [flaw.pointer for flaw in refused.value.flaws] == [pointer]


PLACES: list[tuple[str | int, ...]] = [
    ("format",), ("bid_id",), ("revision",), ("lots",), ("lots", 0), ("lots", 0, "lines"), LINE,
    *((*LINE, name) for name in ("line", "unit_price", "sizes", "pieces_min", "pieces_max")),
    (*LINE, "unit_price", "amount"), (*LINE, "unit_price", "currency"),
]  # fmt: skip


@example((*LINE, "unit_price", "amount"), "1e999999999999")
@example((*LINE, "unit_price", "amount"), "-1e-999999999999")
@given(st.sampled_from(PLACES), values | st.from_regex(r"[-+]?[0-9.]{1,40}([eE]-?[0-9]{1,20})?", fullmatch=True))
def test_whatever_stands_in_a_bid_is_read_just_so_or_refused(place: tuple[str | int, ...], value: Any) -> None:
    raw = changed(*place, to=value)
    try:
        read = read_canonical(raw)
    except NotCanonical:
        return
    assert canonical(read) == raw


def test_no_byte_of_the_text_can_be_changed_without_changing_the_bid() -> None:
    for place in range(len(TEXT)):
        for flip in (0x01, 0x20, 0x80):
            other = TEXT[:place] + bytes([TEXT[place] ^ flip]) + TEXT[place + 1 :]
            try:
                read = read_canonical(other)
            except NotCanonical:
                continue
            assert read != CONTENT


def test_the_commitment_is_the_hash_that_anybody_computes() -> None:
    assert committed(TEXT, NONCE).hex() == COMMITMENT


def test_the_commitment_is_of_this_text_and_this_nonce() -> None:
    # what moves from the end of the nonce to the beginning of the text is another commitment
    assert committed(NONCE[-1:] + TEXT, NONCE[1:] + b"\0") != committed(TEXT, NONCE)
    assert committed(TEXT, NONCE[::-1]) != committed(TEXT, NONCE) != committed(TEXT + b" ", NONCE)
    for short in (b"", NONCE[:-1], NONCE + b"\0"):
        with pytest.raises(MalformedValue):
            committed(TEXT, short)


def test_an_instant_has_one_text_wherever_it_was_read() -> None:
    almaty = AT.astimezone(timezone(timedelta(hours=5)))
    assert written_instant(AT) == written_instant(almaty) == "2026-11-26T09:30:00.000000Z"
    assert written_instant(AT + timedelta(microseconds=1)) == "2026-11-26T09:30:00.000001Z"
    with pytest.raises(MalformedValue):
        written_instant(datetime(2026, 11, 26))  # noqa: DTZ001 - that is the point
