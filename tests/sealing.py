"""A small bid, its canonical text written by hand, and bids of every shape."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from domain.bids.model import NamedDocument
from domain.bids.offers import PLAIN, Answer, Combination, LineOffer, LotOffer, Member, Package, PriceBreak
from domain.garments import PIECES_MAX, Size
from domain.ids import BidDocumentId, BidId, OrganizationId, TenderId
from domain.money import AMOUNT_MAX, Money
from domain.sealing.content import BidContent

AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
NONCE = bytes(range(32))

CONTENT = BidContent(
    bid_id=BidId(UUID(int=0xB1D)),
    tender_id=TenderId(UUID(int=0x7E)),
    bidder_id=OrganizationId(UUID(int=0xF1)),
    revision=2,
    terms=1,
    offers=(
        LotOffer(
            lot=1,
            lines=(
                LineOffer(line=1, unit_price=Money.of("12896.5")),
                LineOffer(
                    line=2,
                    unit_price=Money.of("990.00", "USD"),
                    sizes=(Size("96-100/170-176"), Size("134")),
                    pieces_min=10,
                    pieces_max=500,
                ),
            ),
        ),
    ),
    documents=(NamedDocument(id=BidDocumentId(UUID(int=0xD0C)), name="Сертификат.pdf", sha256="0a" * 32),),
)
TEXT = (
    b'{"bid_id":"00000000-0000-0000-0000-000000000b1d","bidder_id":"00000000-0000-0000-0000-0000000000f1",'
    b'"documents":[{"id":"00000000-0000-0000-0000-000000000d0c","name":"' + "Сертификат.pdf".encode() + b'",'
    b'"sha256":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"}],'
    b'"format":"oimaq-bid/2","lots":[{"lines":[{"line":1,"pieces_max":null,"pieces_min":1,"sizes":[],'
    b'"unit_price":{"amount":"12896.50","currency":"KZT"}},{"line":2,"pieces_max":500,"pieces_min":10,'
    b'"sizes":["96-100/170-176","134"],"unit_price":{"amount":"990.00","currency":"USD"}}],"lot":1}],'
    b'"revision":2,"tender_id":"00000000-0000-0000-0000-00000000007e","terms":1}'
)
COMMITMENT = "a6c6542a1f85a532d48839165ec96120797e9025e1dea94bb342087a854b0a21"
"""By ``printf 'oimaq-bid-commitment/1\\n'``, the nonce and the text through ``sha256sum``."""

CONTENT_BEFORE = replace(CONTENT, documents=None)
TEXT_BEFORE = (
    b'{"bid_id":"00000000-0000-0000-0000-000000000b1d","bidder_id":"00000000-0000-0000-0000-0000000000f1",'
    b'"format":"oimaq-bid/1","lots":[{"lines":[{"line":1,"pieces_max":null,"pieces_min":1,"sizes":[],'
    b'"unit_price":{"amount":"12896.50","currency":"KZT"}},{"line":2,"pieces_max":500,"pieces_min":10,'
    b'"sizes":["96-100/170-176","134"],"unit_price":{"amount":"990.00","currency":"USD"}}],"lot":1}],'
    b'"revision":2,"tender_id":"00000000-0000-0000-0000-00000000007e","terms":1}'
)
"""Of the same bid before bids named documents."""

_FULL = LotOffer(
    lot=1,
    lead_days=60,
    lines=(
        LineOffer(
            line=1,
            unit_price=Money.of("12896.50"),
            breaks=(PriceBreak(pieces_from=500, unit_price=Money.of("12000")),),
            answers=(Answer(parameter="Плотность", value="215"),),
        ),
    ),
)
CONTENT_FULL = replace(
    CONTENT,
    documents=(),
    offers=(_FULL, LotOffer(lot=2, lines=(LineOffer(line=1, unit_price=Money.of("1")),))),
    combination=Combination(
        either_or=((1, 3),),
        packages=(Package(lots=(1, 2), percent=Decimal("2.5"), pieces_min=10),),
        members=(
            Member(
                organization_id=OrganizationId(UUID(int=0xF2)),
                lots=(LotOffer(lot=2, lines=(LineOffer(line=1, unit_price=Money.of("2")),)),),
            ),
        ),
    ),
)
TEXT_FULL = (
    b'{"bid_id":"00000000-0000-0000-0000-000000000b1d","bidder_id":"00000000-0000-0000-0000-0000000000f1",'
    b'"documents":[],"either_or":[[1,3]],"format":"oimaq-bid/3","lots":[{"lead_days":60,"lines":[{"answers":'
    b'[{"parameter":"' + "Плотность".encode() + b'","value":"215"}],"breaks":[{"pieces_from":500,"unit_price":'
    b'{"amount":"12000.00","currency":"KZT"}}],"line":1,"pieces_max":null,"pieces_min":1,"sizes":[],"unit_price":'
    b'{"amount":"12896.50","currency":"KZT"}}],"lot":1},{"lead_days":null,"lines":[{"answers":[],"breaks":[],'
    b'"line":1,"pieces_max":null,"pieces_min":1,"sizes":[],"unit_price":{"amount":"1.00","currency":"KZT"}}],'
    b'"lot":2}],"members":[{"lots":[{"lead_days":null,"lines":[{"answers":[],"breaks":[],"line":1,'
    b'"pieces_max":null,"pieces_min":1,"sizes":[],"unit_price":{"amount":"2.00","currency":"KZT"}}],"lot":2}],'
    b'"organization_id":"00000000-0000-0000-0000-0000000000f2"}],"packages":[{"lots":[1,2],"percent":"2.50",'
    b'"pieces_min":10}],"revision":2,"tender_id":"00000000-0000-0000-0000-00000000007e","terms":1}'
)
"""Of a bid with everything that came with the third format."""

_numbers = st.integers(1, PIECES_MAX)
_prices = st.decimals(Decimal("0.01"), AMOUNT_MAX, places=2)
_money = st.builds(Money, _prices, st.sampled_from(["KZT", "USD", "EUR"]))
_said = {
    "line": _numbers,
    "unit_price": _money,
    "sizes": st.lists(st.text(min_size=1).map(Size), max_size=4).map(tuple),
    "pieces_min": _numbers,
    "pieces_max": st.none() | _numbers,
}
_plain_lines = st.builds(LineOffer, **_said)
_lines = st.builds(
    LineOffer,
    **_said,
    breaks=st.lists(st.builds(PriceBreak, pieces_from=_numbers, unit_price=_money), max_size=3).map(tuple),
    answers=st.lists(st.builds(Answer, parameter=st.text(), value=st.text()), max_size=3).map(tuple),
)


def _listed(each: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(each, max_size=most).map(tuple)


_plain_lots = st.builds(LotOffer, lot=_numbers, lines=_listed(_plain_lines))
_lots = st.builds(LotOffer, lot=_numbers, lines=_listed(_lines), lead_days=st.none() | _numbers)
combinations = st.builds(
    Combination,
    either_or=_listed(_listed(_numbers), 3),
    packages=_listed(
        st.builds(
            Package,
            lots=_listed(_numbers),
            percent=st.decimals(Decimal("0.01"), Decimal("99.99"), places=2),
            pieces_min=_numbers,
        ),
        3,
    ),
    members=_listed(st.builds(Member, organization_id=st.uuids().map(OrganizationId), lots=_listed(_lots, 3)), 3),
)
_documents = st.builds(
    NamedDocument,
    id=st.uuids().map(BidDocumentId),
    name=st.text(),
    sha256=st.from_regex("[0-9a-f]{64}", fullmatch=True),
)
_named = {
    "bid_id": st.uuids().map(BidId),
    "tender_id": st.uuids().map(TenderId),
    "bidder_id": st.uuids().map(OrganizationId),
    "revision": _numbers,
    "terms": _numbers,
}
contents = st.builds(
    BidContent, **_named, offers=_listed(_plain_lots), documents=st.none() | _listed(_documents)
) | st.builds(
    BidContent,
    **_named,
    offers=_listed(_lots),
    documents=_listed(_documents),
    combination=st.just(PLAIN) | combinations,
)


def large(lines: int) -> BidContent:
    """A bid with as many priced lines; each takes about 110 bytes."""
    offer = LotOffer(
        lot=1, lines=tuple(LineOffer(line=n, unit_price=Money.of("12896.50")) for n in range(1, lines + 1))
    )
    return BidContent(
        bid_id=CONTENT.bid_id,
        tender_id=CONTENT.tender_id,
        bidder_id=CONTENT.bidder_id,
        revision=1,
        terms=1,
        offers=(offer,),
    )
