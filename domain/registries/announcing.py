"""An announcement of the state portal as a draft tender: what can be taken over, and a list of what cannot.

The register knows lots, plan points, ENS TRU codes, counts, prices and delivery places by KATO. It knows neither sizes
nor sewing minutes, and gives the delivery day only as free text: lines are ``one_size``, the buyer gives the rest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.errors import Flaw, Forbidden, Invalid, NotFound, Refusal, Titles
from domain.garments import PIECES_MAX, GarmentKind, GridId, Size, Unit
from domain.ids import Bin, Kato, parse_ens_tru, parse_kato
from domain.money import Money, total
from domain.registries.answers import AnnouncedLine, AnnouncedLot, AnnouncedPlace, Announcement
from domain.tenders.drafting import LineForm, LotForm, PlaceForm
from domain.tenders.tendering import TenderForm

ONE = Size("one")
NAME_MAX = 300
_ALWAYS_LEFT = (
    ("sizes", "the register has none: every line is one_size until you give its size run"),
    ("garment kind", "the register has none: every line is 'other'"),
    ("specification", "stands in attached documents"),
    ("dates of the announcement", "the deadline is fixed when you publish here"),
)


class AnnouncementNotFound(NotFound):
    code = "announcement-not-found"
    titles = Titles("There is no such announcement", "Такого объявления нет", "Мұндай хабарландыру жоқ")


class AnnouncementOfAnother(Forbidden):
    code = "announcement-of-another"
    titles = Titles(
        "The announcement belongs to another BIN",
        "Объявление принадлежит другому БИН",
        "Хабарландыру басқа БСН иесіне тиесілі",
    )


class AnnouncementRefused(Invalid):
    code = "announcement-refused"
    titles = Titles(
        "The announcement cannot become a tender here",
        "Объявление нельзя перенести в конкурс",
        "Хабарландыруды конкурсқа көшіру мүмкін емес",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something of the announcement that the draft does not have. ``lot`` is the portal's number, None is all of it."""

    lot: str | None
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """What the register does not say and the buyer does: the same for every line, to be revised in the draft."""

    procedure: str
    standard_minutes: Decimal
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    form: TenderForm
    left_out: tuple[LeftOut, ...]


def take_over(announcement: Announcement, given: ByHand, *, buyer: Bin) -> TakenOver:
    """The form of a draft for ``buyer``, who must be the organiser or the customer of every lot.

    Lots that are not counted in pieces, sets or pairs are left out. Refuses fractions of pieces, prices beyond the
    tiyn, unknown codes, and places that do not sum to their line, with every flaw.
    """
    if announcement.organizer_bin != buyer and {lot.customer_bin for lot in announcement.lots} != {buyer}:
        raise AnnouncementOfAnother("Neither its organiser nor its customer is you", passes="your own announcement")
    left = [LeftOut(lot=None, what=what, why=why) for what, why in _ALWAYS_LEFT]
    units = {str(unit) for unit in Unit}
    taken = []
    for lot in announcement.lots:
        foreign = sorted({line.unit for line in lot.lines} - units)
        if foreign:
            why = f"counted in units {', '.join(foreign)}, not in pieces, sets or pairs"
            left.append(LeftOut(lot=lot.number, what="the lot", why=why))
        else:
            taken.append(lot)
    flaws = [flaw for lot in taken for flaw in _flaws(lot)]
    if not taken:
        flaws.append(Flaw(pointer="/announcement", reason="no lot is counted in pieces, sets or pairs"))
    if flaws:
        raise AnnouncementRefused("The register's data do not make a draft", flaws=tuple(flaws))
    forms = tuple(_lot(lot, given) for lot in taken)
    for lot, form in zip(taken, forms, strict=True):
        if lot.amount != form.allocated.amount:
            why = f"{lot.amount} in the register; price x pieces, {form.allocated.amount}, was taken"
            left.append(LeftOut(lot=lot.number, what="the lot's sum", why=why))
    title = f"{announcement.name} ({announcement.number})"
    return TakenOver(form=TenderForm(title=title, procedure=given.procedure, lots=forms), left_out=tuple(left))


def _flaws(lot: AnnouncedLot) -> Iterator[Flaw]:
    where = f"/announcement/lots/{lot.number}"
    if not lot.lines:
        yield Flaw(pointer=where, reason="no point of the plan stands under the lot")
    for line in lot.lines:
        here = f"{where}/points/{line.point}"
        if line.count != line.count.to_integral_value() or not 1 <= line.count <= PIECES_MAX:
            yield Flaw(
                pointer=f"{here}/count", reason=f"{line.count} pieces", passes=f"whole pieces, 1 to {PIECES_MAX}"
            )
        checks: tuple[tuple[str, Callable[[str], object], str], ...] = (
            ("price", Money.of, str(line.price)),
            ("ens_tru", parse_ens_tru, line.ens_tru),
            *(("kato", parse_kato, place.kato) for place in line.places),
        )
        for pointer, parse, text in checks:
            try:
                parse(text)
            except Refusal as refusal:
                yield Flaw(pointer=f"{here}/{pointer}", reason=refusal.detail, passes=refusal.passes)
        if line.price <= 0:
            yield Flaw(pointer=f"{here}/price", reason=f"{line.price}", passes='"0.01" or more')
        yield from _flaws_of_places(line, here)


def _flaws_of_places(line: AnnouncedLine, here: str) -> Iterator[Flaw]:
    counts = [place.count for place in line.places]
    if not counts:
        yield Flaw(pointer=f"{here}/kato", reason="the register names no delivery place")
    elif len(counts) > 1 or counts[0] is not None:
        known = [count for count in counts if count is not None]
        if (
            len(known) != len(counts)
            or sum(known) != line.count
            or any(count != int(count) or count < 0 for count in known)
        ):
            reason = f"places have {', '.join(map(str, counts))}, the line {line.count}"
            yield Flaw(pointer=f"{here}/kato", reason=reason, passes="whole pieces that sum to the line")


def _lot(lot: AnnouncedLot, given: ByHand) -> LotForm:
    lines = tuple(
        LineForm(
            name=line.name[:NAME_MAX],
            ens_tru=parse_ens_tru(line.ens_tru),
            kind=GarmentKind.OTHER,
            unit=Unit(line.unit),
            standard_minutes=given.standard_minutes,
            planned_price=Money.of(str(line.price)),
            grid=GridId.ONE_SIZE,
            sizes={ONE: int(line.count)},
        )
        for line in lot.lines
    )
    return LotForm(
        title=f"{lot.number}: {lot.name}"[:NAME_MAX],
        allocated=total(line.planned_price * sum((line.sizes or {}).values()) for line in lines),
        lines=lines,
        places=tuple(_places(lot, given)),
    )


def _places(lot: AnnouncedLot, given: ByHand) -> Iterator[PlaceForm]:
    """One place per KATO and name, with the pieces of every line that goes there."""
    together: dict[tuple[Kato, str], dict[int, dict[Size, int]]] = {}
    for number, line in enumerate(lot.lines, start=1):
        for place in line.places:
            if pieces := _pieces(place, line):
                run = together.setdefault((parse_kato(place.kato), place.name), {}).setdefault(number, {ONE: 0})
                run[ONE] += pieces
    for (kato, name), runs in together.items():
        yield PlaceForm(name=name[:NAME_MAX], kato=kato, address=name[:NAME_MAX], due_on=given.due_on, sizes=runs)


def _pieces(place: AnnouncedPlace, line: AnnouncedLine) -> int:
    return int(line.count if place.count is None else place.count)
