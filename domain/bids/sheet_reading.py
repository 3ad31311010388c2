"""A bid read from a table, all of it or nothing: every flaw is named by its cell, nothing is guessed.

What the table says is then checked as any bid is; refusals point to the cells that said it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from domain.bids.checking import check_offers
from domain.bids.offers import Answer, Combination, LineOffer, LotOffer, Member, Package, PriceBreak
from domain.bids.sheet import COLUMNS, Kind
from domain.bids.sheet_rows import Row, rows_of
from domain.errors import Flaw, Invalid, Refusal, Titles
from domain.garments import PIECES_MAX, Size
from domain.ids import OrganizationId
from domain.money import Money
from domain.tenders.cells import blank
from domain.tenders.model import Tender
from domain.tenders.need import FLAWS_LISTED_MAX, Sheet

LEAD_DAYS_MAX = 3_650


class BidSheetRefused(Invalid):
    """The table says something that cannot be so; ``flaws`` name each cell, at most ``FLAWS_LISTED_MAX``."""

    code = "bid-sheet-refused"
    titles = Titles(
        "The bid cannot be read from the table",
        "Заявку нельзя прочитать из таблицы",
        "Өтінімді кестеден оқу мүмкін емес",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBid:
    offers: tuple[LotOffer, ...]
    combination: Combination


@dataclass(frozen=True, slots=True, kw_only=True)
class _At:
    """Whose offer for which line; ``bin`` is empty for the bidder's own."""

    bin: str
    lot: int
    line: int


@dataclass(slots=True, kw_only=True)
class _Line:
    """A line offer as it grows, and the rows that said it: its own, and those of its breaks and answers by place."""

    offer: LineOffer
    row: Row
    more: dict[str, Row] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What was read so far; ``places`` maps pointers into the bid to cells of the table."""

    flaws: list[Flaw] = field(default_factory=list)
    lines: dict[_At, _Line] = field(default_factory=dict)
    leads: dict[int, int] = field(default_factory=dict)
    groups: list[tuple[tuple[int, ...], Row]] = field(default_factory=list)
    packages: list[tuple[Package, Row]] = field(default_factory=list)
    places: dict[str, Row] = field(default_factory=dict)


def read_bid(tender: Tender, sheet: Sheet, members: Mapping[str, OrganizationId], *, by: OrganizationId) -> ReadBid:
    """The bid of a table for this tender. ``members`` are those who have agreed to ``by`` as their leader, by BIN.

    Refuses (``bid-sheet-refused``) what cannot be read, with a flaw for each cell; what can be read and does not fit,
    as ``check_offers`` does, with pointers to the cells.
    """
    reading = _Reading()
    for row in rows_of(sheet, reading.flaws):
        _read(row, reading, members)
    _refuse(reading.flaws)
    found = _bid(reading, members)
    try:
        check_offers(tender, found.offers, found.combination, bidder_id=by)
    except Refusal as refusal:
        flaws = tuple(replace(flaw, pointer=_cell(reading, sheet, flaw.pointer)) for flaw in refusal.flaws)
        raise type(refusal)(refusal.detail, flaws=flaws, passes=refusal.passes) from refusal
    return found


def _read(row: Row, reading: _Reading, members: Mapping[str, OrganizationId]) -> None:
    kind = row.text("kind")
    readers: dict[str, Callable[[Row, _Reading], None]] = {Kind.EITHER_OR: _either_or, Kind.PACKAGE: _package}
    by_line: dict[str, Callable[[Row, _Reading, _At], None]] = {
        Kind.OFFER: _offer,
        Kind.BREAK: _break,
        Kind.ANSWER: _answer,
    }
    if kind in readers:
        readers[kind](row, reading)
    elif kind not in by_line:
        row.flaw("kind", f"{kind!r}", f"one of {', '.join(Kind)}")
    elif not blank(row.cells.get({Kind.ANSWER: "value"}.get(Kind(kind), "unit_price"))):
        at = _line(row, members)
        if at is not None:
            by_line[kind](row, reading, at)


def _line(row: Row, members: Mapping[str, OrganizationId]) -> _At | None:
    lot, line, bin = row.count("lot", 50), row.count("line", 20), row.text("member_bin")
    for column, number in (("lot", lot), ("line", line)):
        if blank(row.cells.get(column)):
            row.flaw(column, f"no {column}", f"the number of a {column}")
        elif number is None:
            return None
    if bin and bin not in members:
        row.flaw("member_bin", f"{bin} has not agreed to you as his leader", "the BIN of a member who has, as text")
    return None if lot is None or line is None or (bin and bin not in members) else _At(bin=bin, lot=lot, line=line)


def _offer(row: Row, reading: _Reading, at: _At) -> None:
    price, least = row.amount("unit_price"), row.count("pieces_min", PIECES_MAX)
    most, lead = row.count("pieces_max", PIECES_MAX), row.count("lead_days", LEAD_DAYS_MAX)
    sizes = tuple(Size(size.strip()) for size in row.text("sizes").split(";") if size.strip())
    if lead is not None and reading.leads.setdefault(at.lot, lead) != lead:
        row.flaw("lead_days", f"{lead} days, above {reading.leads[at.lot]}", "one lead time for a lot")
    if at in reading.lines:
        row.flaw("line", f"line {at.line} of lot {at.lot} is offered twice", "one row for a line")
    elif price is not None:
        offer = LineOffer(line=at.line, unit_price=Money(price), sizes=sizes, pieces_min=least or 1, pieces_max=most)
        reading.lines[at] = _Line(offer=offer, row=row)


def _break(row: Row, reading: _Reading, at: _At) -> None:
    price, pieces = row.amount("unit_price"), row.count("pieces_min", PIECES_MAX)
    if pieces is None:
        row.flaw("pieces_min", "no number of pieces", "from how many pieces on the price holds")
    elif price is not None and (line := _offered(row, reading, at)):
        line.more[f"breaks/{len(line.offer.breaks)}"] = row
        step = PriceBreak(pieces_from=pieces, unit_price=Money(price))
        line.offer = replace(line.offer, breaks=(*line.offer.breaks, step))


def _answer(row: Row, reading: _Reading, at: _At) -> None:
    parameter, value = row.text("item"), row.text("value")
    if value and not parameter:
        row.flaw("item", "no parameter", "the parameter as the specification names it")
    elif value and (line := _offered(row, reading, at)):
        line.more[f"answers/{len(line.offer.answers)}"] = row
        answer = Answer(parameter=parameter, value=value)
        line.offer = replace(line.offer, answers=(*line.offer.answers, answer))


def _offered(row: Row, reading: _Reading, at: _At) -> _Line | None:
    if at not in reading.lines:
        row.flaw("line", f"line {at.line} of lot {at.lot} has no price above", "its row of the kind offer first")
    return reading.lines.get(at)


def _either_or(row: Row, reading: _Reading) -> None:
    lots = row.lots()
    if lots:
        reading.groups.append((lots, row))


def _package(row: Row, reading: _Reading) -> None:
    lots, percent, pieces = row.lots(), row.amount("value"), row.count("pieces_min", PIECES_MAX)
    if percent is None:
        row.flaw("value", "no percentage", "how many percent less")
    elif lots:
        reading.packages.append((Package(lots=lots, percent=percent, pieces_min=pieces or 1), row))


def _bid(reading: _Reading, members: Mapping[str, OrganizationId]) -> ReadBid:
    """Lots in the order of their rows; ``places`` get the pointers that a bid of this order has."""
    own = _lots(reading, "", "", reading.leads)
    bins = dict.fromkeys(at.bin for at in reading.lines if at.bin)
    shares = [
        Member(organization_id=members[bin], lots=_lots(reading, bin, f"/members/{place}", {}))
        for place, bin in enumerate(bins)
    ]
    for name, rows in (("either_or", reading.groups), ("packages", reading.packages)):
        reading.places |= {f"/{name}/{place}": row for place, (_, row) in enumerate(rows)}
    return ReadBid(
        offers=own,
        combination=Combination(
            either_or=tuple(group for group, _ in reading.groups),
            packages=tuple(package for package, _ in reading.packages),
            members=tuple(shares),
        ),
    )


def _lots(reading: _Reading, bin: str, pointer: str, leads: Mapping[int, int]) -> tuple[LotOffer, ...]:
    lots: dict[int, list[LineOffer]] = {}
    for at, line in reading.lines.items():
        if at.bin != bin:
            continue
        lines = lots.setdefault(at.lot, [])
        where = f"{pointer}/lots/{list(lots).index(at.lot)}"
        place = f"{where}/lines/{len(lines)}"
        reading.places.setdefault(where, line.row)
        reading.places[place] = line.row
        reading.places |= {f"{place}/{more}": row for more, row in line.more.items()}
        lines.append(line.offer)
    return tuple(LotOffer(lot=lot, lines=tuple(lines), lead_days=leads.get(lot)) for lot, lines in lots.items())


_COLUMN_OF = {"parameter": "item", "pieces_from": "pieces_min", "percent": "value", "lots": "lot"}


def _cell(reading: _Reading, sheet: Sheet, pointer: str) -> str:
    """The cell that said what a pointer into the bid points to: the longest part of the pointer that a row stands for,
    and the column of its last name.
    """
    part = pointer
    while part and part not in reading.places:
        part = part.rpartition("/")[0]
    if not part:
        return sheet.pointer(1, 0)
    name = pointer.rpartition("/")[2]
    named = _COLUMN_OF.get(name, name)
    return reading.places[part].pointer(named if named in COLUMNS else "kind")


def _refuse(flaws: list[Flaw]) -> None:
    if flaws:
        listed = tuple(flaws[:FLAWS_LISTED_MAX])
        raise BidSheetRefused(
            f"The table has {len(flaws)} flaws; nothing was read",
            flaws=listed,
            passes=listed[0].passes,
            flaws_total=len(flaws),
        )
