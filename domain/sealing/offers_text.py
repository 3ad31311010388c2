"""The lots of a bid in its canonical text, and how lots, packages and members hang together there."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import NoneType
from typing import Any, TypeVar
from uuid import UUID

from domain.bids.offers import Answer, Combination, LineOffer, LotOffer, Member, Package, PriceBreak
from domain.errors import MalformedValue
from domain.garments import Size
from domain.ids import OrganizationId
from domain.money import Money
from domain.sealing.canonical import Json, not_canonical

Fields = Mapping[str, tuple[type, ...]]
_PERCENT = re.compile(r"(0|[1-9][0-9]{0,2})\.[0-9]{2}", re.ASCII)
"""As it is written; "1e999999999" is a number as well, and would be written out in full."""
_T = TypeVar("_T")

_PLAIN_LOT: Fields = {"lot": (int,), "lines": (list,)}
_PLAIN_LINE: Fields = {
    "line": (int,),
    "unit_price": (dict,),
    "sizes": (list,),
    "pieces_min": (int,),
    "pieces_max": (int, NoneType),
}
_LOT: Fields = {**_PLAIN_LOT, "lead_days": (int, NoneType)}
_LINE: Fields = {**_PLAIN_LINE, "breaks": (list,), "answers": (list,)}
_BREAK: Fields = {"pieces_from": (int,), "unit_price": (dict,)}
_ANSWER: Fields = {"parameter": (str,), "value": (str,)}
_PACKAGE: Fields = {"lots": (list,), "percent": (str,), "pieces_min": (int,)}
_MEMBER: Fields = {"organization_id": (str,), "lots": (list,)}
_MONEY: Fields = {"amount": (str,), "currency": (str,)}
COMBINATION: Fields = {"either_or": (list,), "packages": (list,), "members": (list,)}


def says_more(offers: tuple[LotOffer, ...]) -> bool:
    """Whether the lots say anything that the formats before had no words for."""
    return any(
        offer.lead_days is not None or any(line.breaks or line.answers for line in offer.lines) for offer in offers
    )


def written_lots(offers: tuple[LotOffer, ...], *, plain: bool) -> list[Json]:
    return [_written_lot(offer, plain=plain) for offer in offers]


def written_combination(combination: Combination) -> dict[str, Json]:
    return {
        "either_or": [list(group) for group in combination.either_or],
        "packages": [
            {"lots": list(each.lots), "percent": _percent(each.percent), "pieces_min": each.pieces_min}
            for each in combination.packages
        ],
        "members": [
            {"organization_id": str(each.organization_id), "lots": written_lots(each.lots, plain=False)}
            for each in combination.members
        ],
    }


def read_lots(values: list[Json], pointer: str, *, plain: bool) -> tuple[LotOffer, ...]:
    def read(value: Json, where: str) -> LotOffer:
        fields = fields_of(value, where, _PLAIN_LOT if plain else _LOT)
        lines = each_of(fields["lines"], f"{where}/lines", lambda line, place: _line(line, place, plain=plain))
        return LotOffer(lot=fields["lot"], lines=lines, lead_days=fields.get("lead_days"))

    return each_of(values, pointer, read)


def read_combination(fields: Mapping[str, Any]) -> Combination:
    return Combination(
        either_or=each_of(fields["either_or"], "/either_or", _numbers),
        packages=each_of(fields["packages"], "/packages", _package),
        members=each_of(fields["members"], "/members", _member),
    )


def each_of(values: list[Json], pointer: str, read: Callable[[Json, str], _T]) -> tuple[_T, ...]:
    return tuple(read(value, f"{pointer}/{place}") for place, value in enumerate(values))


def fields_of(value: Json, pointer: str, kinds: Fields) -> dict[str, Any]:
    """An object's fields: exactly those of ``kinds``, each of one of its types (``true`` is no number)."""
    if not isinstance(value, dict) or value.keys() != kinds.keys():
        raise not_canonical(pointer, "unknown or missing fields", ", ".join(sorted(kinds)))
    for name, each in value.items():
        if type(each) not in kinds[name]:
            raise not_canonical(f"{pointer}/{name}", f"a {type(each).__name__}", kinds[name][0].__name__)
    return value


def id_of(fields: Mapping[str, Any], pointer: str, name: str) -> UUID:
    try:
        return UUID(fields[name])
    except ValueError as error:
        raise not_canonical(f"{pointer}/{name}", "not a UUID", "a UUID") from error


def _written_lot(offer: LotOffer, *, plain: bool) -> dict[str, Json]:
    lines = [_written_line(line) if plain else _written_line(line) | _written_more(line) for line in offer.lines]
    lot: dict[str, Json] = {"lot": offer.lot, "lines": lines}
    return lot if plain else lot | {"lead_days": offer.lead_days}


def _written_line(line: LineOffer) -> dict[str, Json]:
    return {
        "line": line.line,
        "unit_price": _written_money(line.unit_price),
        "sizes": list(line.sizes),
        "pieces_min": line.pieces_min,
        "pieces_max": line.pieces_max,
    }


def _written_more(line: LineOffer) -> dict[str, Json]:
    return {
        "breaks": [
            {"pieces_from": each.pieces_from, "unit_price": _written_money(each.unit_price)} for each in line.breaks
        ],
        "answers": [{"parameter": each.parameter, "value": each.value} for each in line.answers],
    }


def _written_money(money: Money) -> dict[str, Json]:
    return {"amount": str(money.amount), "currency": money.currency}


def _percent(percent: Decimal) -> str:
    return format(percent, ".2f")


def _line(value: Json, pointer: str, *, plain: bool) -> LineOffer:
    fields = fields_of(value, pointer, _PLAIN_LINE if plain else _LINE)
    return LineOffer(
        line=fields["line"],
        unit_price=_money(fields["unit_price"], f"{pointer}/unit_price"),
        sizes=each_of(fields["sizes"], f"{pointer}/sizes", _size),
        pieces_min=fields["pieces_min"],
        pieces_max=fields["pieces_max"],
        breaks=() if plain else each_of(fields["breaks"], f"{pointer}/breaks", _break),
        answers=() if plain else each_of(fields["answers"], f"{pointer}/answers", _answer),
    )


def _break(value: Json, pointer: str) -> PriceBreak:
    fields = fields_of(value, pointer, _BREAK)
    price = _money(fields["unit_price"], f"{pointer}/unit_price")
    return PriceBreak(pieces_from=fields["pieces_from"], unit_price=price)


def _answer(value: Json, pointer: str) -> Answer:
    return Answer(**fields_of(value, pointer, _ANSWER))


def _package(value: Json, pointer: str) -> Package:
    fields = fields_of(value, pointer, _PACKAGE)
    if not _PERCENT.fullmatch(fields["percent"]):
        raise not_canonical(f"{pointer}/percent", "not a percent with two places", '"5.00"')
    lots = _numbers(fields["lots"], f"{pointer}/lots")
    return Package(lots=lots, percent=Decimal(fields["percent"]), pieces_min=fields["pieces_min"])


def _member(value: Json, pointer: str) -> Member:
    fields = fields_of(value, pointer, _MEMBER)
    return Member(
        organization_id=OrganizationId(id_of(fields, pointer, "organization_id")),
        lots=read_lots(fields["lots"], f"{pointer}/lots", plain=False),
    )


def _numbers(value: Json, pointer: str) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise not_canonical(pointer, "not a list", "lot numbers")
    return each_of(value, pointer, _number)


def _number(value: Json, pointer: str) -> int:
    if type(value) is not int:
        raise not_canonical(pointer, "not a whole number", "a lot number")
    return value


def _money(value: Json, pointer: str) -> Money:
    fields = fields_of(value, pointer, _MONEY)
    try:
        return Money.of(fields["amount"], fields["currency"])
    except MalformedValue as error:
        raise not_canonical(f"{pointer}/amount", error.detail, '"12896.00"') from error


def _size(value: Json, pointer: str) -> Size:
    if not isinstance(value, str):
        raise not_canonical(pointer, "not text", "a size")
    return Size(value)
