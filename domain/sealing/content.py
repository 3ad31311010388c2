"""What a bidder seals: his bid as one canonical text, and how it is read again, strictly.

The text holds what the bidder decides and for whom: not when it was received, which only the database's clock says.
It names the tender, the bid, the bidder and the revision, so that a ciphertext put into another's place is found out.

A bid is written in the first format that has words for all of it, so that one bid has one text and a plain bid has the
text that it always had: ``oimaq-bid/1`` before bids named documents, ``/2`` for prices of lines, ``/3`` with price
breaks, specification answers, lead times, either-or, packages, or a consortium.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.bids.model import Bid, NamedDocument
from domain.bids.offers import PLAIN, Combination, LotOffer
from domain.ids import BidDocumentId, BidId, OrganizationId, TenderId
from domain.sealing.canonical import Json, canonical_json, not_canonical, read_json
from domain.sealing.offers_text import (
    COMBINATION,
    Fields,
    each_of,
    fields_of,
    id_of,
    read_combination,
    read_lots,
    says_more,
    written_combination,
    written_lots,
)

FORMAT, PLAIN_FORMAT, BEFORE_DOCUMENTS = "oimaq-bid/3", "oimaq-bid/2", "oimaq-bid/1"

_CONTENT: Fields = {
    "format": (str,), "tender_id": (str,), "bid_id": (str,), "bidder_id": (str,),
    "revision": (int,), "terms": (int,), "lots": (list,),
}  # fmt: skip
_FORMATS: Mapping[str, Fields] = {
    FORMAT: {**_CONTENT, **COMBINATION, "documents": (list,)},
    PLAIN_FORMAT: {**_CONTENT, "documents": (list,)},
    BEFORE_DOCUMENTS: _CONTENT,
}
_DOCUMENT: Fields = {"id": (str,), "name": (str,), "sha256": (str,)}


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
    combination: Combination = PLAIN

    @property
    def format(self) -> str:
        if self.combination != PLAIN or says_more(self.offers):
            return FORMAT
        return BEFORE_DOCUMENTS if self.documents is None else PLAIN_FORMAT

    def opened(self, *, received_at: datetime, nonce: bytes) -> Bid:
        """The opened bid that this is the content of."""
        return Bid(
            id=self.bid_id,
            tender_id=self.tender_id,
            bidder_id=self.bidder_id,
            offers=self.offers,
            documents=self.documents,
            combination=self.combination,
            received_at=received_at,
            revision=self.revision,
            terms=self.terms,
            nonce=nonce,
        )


def canonical(content: BidContent) -> bytes:
    """The canonical text: RFC 8785 JSON, ids as small hexadecimal with hyphens, money as text with two places."""
    named = content.format
    value: dict[str, Json] = {
        "format": named,
        "tender_id": str(content.tender_id),
        "bid_id": str(content.bid_id),
        "bidder_id": str(content.bidder_id),
        "revision": content.revision,
        "terms": content.terms,
        "lots": written_lots(content.offers, plain=named != FORMAT),
    }
    if named != BEFORE_DOCUMENTS:
        value["documents"] = [
            {"id": str(each.id), "name": each.name, "sha256": each.sha256} for each in content.documents or ()
        ]
    if named == FORMAT:
        value |= written_combination(content.combination)
    return canonical_json(value)


def read_canonical(raw: bytes) -> BidContent:
    """The bid of a canonical text. Refuses (``not-canonical``) an unknown or missing field, another type, a name that
    stands twice, and any byte that ``canonical`` would not have written.
    """
    value = read_json(raw)
    named = value.get("format") if isinstance(value, dict) else FORMAT
    if not isinstance(named, str) or named not in _FORMATS:
        raise not_canonical("/format", f"{named!r}", FORMAT)
    fields = fields_of(value, "", _FORMATS[named])
    content = BidContent(
        bid_id=BidId(id_of(fields, "", "bid_id")),
        tender_id=TenderId(id_of(fields, "", "tender_id")),
        bidder_id=OrganizationId(id_of(fields, "", "bidder_id")),
        revision=fields["revision"],
        terms=fields["terms"],
        offers=read_lots(fields["lots"], "/lots", plain=named != FORMAT),
        documents=each_of(fields["documents"], "/documents", _document) if "documents" in fields else None,
        combination=read_combination(fields) if named == FORMAT else PLAIN,
    )
    if canonical(content) != raw:  # an id in capitals, a price with one place, a later format than it takes
        raise not_canonical("", "a value is written otherwise than it would be", "what was sealed")
    return content


def _document(value: Json, pointer: str) -> NamedDocument:
    fields = fields_of(value, pointer, _DOCUMENT)
    return NamedDocument(id=BidDocumentId(id_of(fields, pointer, "id")), name=fields["name"], sha256=fields["sha256"])
