"""A bid as a table: one row for each thing that it says, so that it can be filled in and kept in a spreadsheet.

    offer      lot, line, member_bin, sizes, unit_price, pieces_min, pieces_max, lead_days   (no price: not offered)
    break      lot, line, member_bin, unit_price, pieces_min                                 (from so many pieces on)
    answer     lot, line, member_bin, item (the parameter), value
    either_or  lot (several)
    package    lot (several), value (percent), pieces_min

``member_bin`` is blank in the bidder's own rows. ``item`` and ``asked`` of an offer are for people, and not read.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from domain.bids.answers import told
from domain.bids.offers import PLAIN, Combination, LineOffer, LotOffer
from domain.ids import OrganizationId
from domain.reports.tables import Cell, Table
from domain.tenders.model import Tender


class Kind(StrEnum):
    OFFER = "offer"
    BREAK = "break"
    ANSWER = "answer"
    EITHER_OR = "either_or"
    PACKAGE = "package"


COLUMNS = (
    *("kind", "lot", "line", "member_bin", "item", "asked", "sizes"),
    *("unit_price", "pieces_min", "pieces_max", "lead_days", "value"),
)
SEPARATOR = "; "


def bid_table(
    tender: Tender,
    offers: Iterable[LotOffer] = (),
    combination: Combination = PLAIN,
    bins: Mapping[OrganizationId, str] | None = None,
) -> Table:
    """Every line and requirement of the tender, with what is offered for it; ``bins`` are those of the members."""
    own = {offer.lot: offer for offer in offers}
    rows = [row for lot in tender.lots for row in _lot(tender, lot.number, own.get(lot.number), "")]
    for member in combination.members:
        bin = (bins or {}).get(member.organization_id, "")
        rows += [row for offer in member.lots for row in _lot(tender, offer.lot, offer, bin)]
    rows += [_row(Kind.EITHER_OR, lot=SEPARATOR.join(map(str, group))) for group in combination.either_or]
    rows += [
        _row(
            Kind.PACKAGE,
            lot=SEPARATOR.join(map(str, each.lots)),
            value=format(each.percent, "f"),
            pieces_min=each.pieces_min,
        )
        for each in combination.packages
    ]
    return Table(name=f"bid-{tender.number}", columns=COLUMNS, rows=tuple(rows))


def _lot(tender: Tender, number: int, offer: LotOffer | None, bin: str) -> Iterator[tuple[Cell, ...]]:
    """A member's rows are those of the lines that he offers."""
    lead_days: Cell = "" if offer is None or offer.lead_days is None else offer.lead_days
    for line in tender.lots[number - 1].lines:
        found = offer.line(line.number) if offer else None
        if bin and found is None:
            continue
        where: dict[str, Cell] = {"lot": number, "line": line.number, "member_bin": bin}
        asked = f"{line.run.pieces} pieces, at most {line.planned_price.amount}"
        sizes = SEPARATOR.join(found.sizes if found and found.sizes else line.run.sizes)
        yield _row(Kind.OFFER, **where, item=line.name, asked=asked, sizes=sizes, lead_days=lead_days, **_said(found))
        lead_days = ""
        for each in found.breaks if found else ():
            yield _row(Kind.BREAK, **where, unit_price=each.unit_price.amount, pieces_min=each.pieces_from)
        answers = {each.parameter: each.value for each in found.answers} if found else {}
        for asks in line.specification:
            value = answers.pop(asks.parameter, "")
            yield _row(Kind.ANSWER, **where, item=asks.parameter, asked=told(asks), value=value)
        for parameter, value in answers.items():  # written in other letters than the specification's
            yield _row(Kind.ANSWER, **where, item=parameter, value=value)


def _said(offer: LineOffer | None) -> dict[str, Cell]:
    if offer is None:
        return {}
    most: Cell = "" if offer.pieces_max is None else offer.pieces_max
    return {"unit_price": offer.unit_price.amount, "pieces_min": offer.pieces_min, "pieces_max": most}


def _row(kind: Kind, **cells: Cell) -> tuple[Cell, ...]:
    return tuple({"kind": str(kind), **cells}.get(column, "") for column in COLUMNS)
