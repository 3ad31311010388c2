"""What a bidder seals: his bid as one canonical text, and how it is read again, strictly.

The text holds what the bidder decides and for whom: not when it was received, which only the database's clock says.
It names the tender, the bid, the bidder and the revision, so that a ciphertext put into another's place is found out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import NoneType
from typing import Any, TypeVar
from uuid import UUID

from domain.bids.model import Bid, LineOffer, LotOffer, NamedDocument
from domain.errors import MalformedValue
from domain.garments import Size
from domain.ids import BidDocumentId, BidId, OrganizationId, TenderId
from domain.money import Money
from domain.sealing.canonical import Json, canonical_json, not_canonical, read_json

FORMAT, BEFORE_DOCUMENTS = "oimaq-bid/2", "oimaq-bid/1"

_T = TypeVar("_T")
_Fields = Mapping[str, tuple[type, ...]]

_CONTENT: _Fields = {
    "format": (str,), "tender_id": (str,), "bid_id": (str,), "bidder_id": (str,),
    "revision": (int,), "terms": (int,), "lots": (list,),
}  # fmt: skip
_FORMATS: Mapping[str, _Fields] = {FORMAT: {**_CONTENT, "documents": (list,)}, BEFORE_DOCUMENTS: _CONTENT}
_DOCUMENT: _Fields = {"id": (str,), "name": (str,), "sha256": (str,)}
_LOT: _Fields = {"lot": (int,), "lines": (list,)}
_LINE: _Fields = {
    "line": (int,),
    "unit_price": (dict,),
    "sizes": (list,),
    "pieces_min": (int,),
    "pieces_max": (int, NoneType),
}
_MONEY: _Fields = {"amount": (str,), "currency": (str,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class BidContent:
    """A bid without what the platform adds to it (status, version, time of receipt). ``documents`` None: of the format
    before bids named documents, which is read and not written any more but to compare.
    """

    bid_id: BidId
    tender_id: TenderId
    bidder_id: OrganizationId
    revision: int
    terms: int
    offers: tuple[LotOffer, ...]
    documents: tuple[NamedDocument, ...] | None = ()

    def opened(self, *, received_at: datetime, nonce: bytes) -> Bid:
        """The opened bid that this is the content of."""
        return Bid(
            id=self.bid_id,
            tender_id=self.tender_id,
            bidder_id=self.bidder_id,
            offers=self.offers,
            documents=self.documents,
            received_at=received_at,
            revision=self.revision,
            terms=self.terms,
            nonce=nonce,
        )


def canonical(content: BidContent) -> bytes:
    """The canonical text: RFC 8785 JSON, ids as small hexadecimal with hyphens, money as text with two places."""
    value: dict[str, Json] = {
        "format": BEFORE_DOCUMENTS if content.documents is None else FORMAT,
        "tender_id": str(content.tender_id),
        "bid_id": str(content.bid_id),
        "bidder_id": str(content.bidder_id),
        "revision": content.revision,
        "terms": content.terms,
        "lots": [{"lot": offer.lot, "lines": [_written(line) for line in offer.lines]} for offer in content.offers],
    }
    if content.documents is not None:
        value["documents"] = [
            {"id": str(each.id), "name": each.name, "sha256": each.sha256} for each in content.documents
        ]
    return canonical_json(value)


def read_canonical(raw: bytes) -> BidContent:
    """The bid of a canonical text. Refuses (``not-canonical``) an unknown or missing field, another type, a name that
    stands twice, and any byte that ``canonical`` would not have written.
    """
    value = read_json(raw)
    named = value.get("format") if isinstance(value, dict) else FORMAT
    if not isinstance(named, str) or named not in _FORMATS:
        raise not_canonical("/format", f"{named!r}", FORMAT)
    fields = _fields(value, "", _FORMATS[named])
    content = BidContent(
        bid_id=BidId(_id(fields, "", "bid_id")),
        tender_id=TenderId(_id(fields, "", "tender_id")),
        bidder_id=OrganizationId(_id(fields, "", "bidder_id")),
        revision=fields["revision"],
        terms=fields["terms"],
        offers=_each(fields["lots"], "/lots", _lot),
        documents=_each(fields["documents"], "/documents", _document) if "documents" in fields else None,
    )
    if canonical(content) != raw:  # an id in capitals, a price with one place
        raise not_canonical("", "a value is written otherwise than it would be", "what was sealed")
    return content


def _written(line: LineOffer) -> dict[str, Json]:
    return {
        "line": line.line,
        "unit_price": {"amount": str(line.unit_price.amount), "currency": line.unit_price.currency},
        "sizes": list(line.sizes),
        "pieces_min": line.pieces_min,
        "pieces_max": line.pieces_max,
    }


def _document(value: Json, pointer: str) -> NamedDocument:
    fields = _fields(value, pointer, _DOCUMENT)
    return NamedDocument(id=BidDocumentId(_id(fields, pointer, "id")), name=fields["name"], sha256=fields["sha256"])


def _lot(value: Json, pointer: str) -> LotOffer:
    fields = _fields(value, pointer, _LOT)
    return LotOffer(lot=fields["lot"], lines=_each(fields["lines"], f"{pointer}/lines", _line))


def _line(value: Json, pointer: str) -> LineOffer:
    fields = _fields(value, pointer, _LINE)
    price = _fields(fields["unit_price"], f"{pointer}/unit_price", _MONEY)
    try:
        unit_price = Money.of(price["amount"], price["currency"])
    except MalformedValue as error:
        raise not_canonical(f"{pointer}/unit_price/amount", error.detail, '"12896.00"') from error
    return LineOffer(
        line=fields["line"],
        unit_price=unit_price,
        sizes=_each(fields["sizes"], f"{pointer}/sizes", _size),
        pieces_min=fields["pieces_min"],
        pieces_max=fields["pieces_max"],
    )


def _size(value: Json, pointer: str) -> Size:
    if not isinstance(value, str):
        raise not_canonical(pointer, "not text", "a size")
    return Size(value)


def _id(fields: dict[str, Any], pointer: str, name: str) -> UUID:
    try:
        return UUID(fields[name])
    except ValueError as error:
        raise not_canonical(f"{pointer}/{name}", "not a UUID", "a UUID") from error


def _each(values: list[Json], pointer: str, read: Callable[[Json, str], _T]) -> tuple[_T, ...]:
    return tuple(read(value, f"{pointer}/{place}") for place, value in enumerate(values))


def _fields(value: Json, pointer: str, kinds: _Fields) -> dict[str, Any]:
    """An object's fields: exactly those of ``kinds``, each of one of its types (``true`` is no number)."""
    if not isinstance(value, dict) or value.keys() != kinds.keys():
        raise not_canonical(pointer, "unknown or missing fields", ", ".join(sorted(kinds)))
    for name, each in value.items():
        if type(each) not in kinds[name]:
            raise not_canonical(f"{pointer}/{name}", f"a {type(each).__name__}", kinds[name][0].__name__)
    return value
