"""The state procurement portal by its unified web services, OWS v3, REST.

Pages are ``{total, limit, next_page, items}``; ``next_page`` is a path on the same host. An unknown BIN or number is
answered 200 with ``[]``, or 404 in the service's own error form (``{"name", "message", "code", "status": 404}``); a 404
in any other form is a wrong address or a gateway, and says nothing.
"""

from typing import Annotated, Any
from urllib.parse import quote

import httpx
from pydantic import Field, StringConstraints

from adapters.registries.client import Conversation, RegistryClient, Reply
from adapters.registries.reading import Digits, Line, MaybeDay, MaybeLine, Number, Published, refused, shaped, the_bin
from domain.ids import Bin
from domain.registries.answers import (
    AnnouncedLine,
    AnnouncedLot,
    AnnouncedPlace,
    Announcement,
    Subject,
    UnreliableEntry,
)
from domain.registries.model import Answered, Question, Registry

ITEMS_MAX = 500
LOTS_MAX = 50
POINTS_MAX = 100
PAGES_MAX = 5
_HERE = Registry.GOSZAKUP
Flag = Annotated[int, Field(ge=0, le=1)]


class _Subject(Published):
    bin: Digits
    name_ru: Line
    mark_patronymic_producer: Flag
    mark_small_employer: Flag


class _Page(Published):
    total: int
    next_page: str | None
    items: list[Any]


class _Unreliable(Published):
    supplier_biin: Digits
    supplier_name_ru: Line
    start_date: MaybeDay = None
    end_date: MaybeDay = None


class _Announcement(Published):
    number_anno: str
    name_ru: Line
    org_bin: Digits
    count_lots: int | None = None


class _Lot(Published):
    lot_number: Line
    name_ru: Line
    amount: Number
    customer_bin: Digits
    trd_buy_number_anno: str
    point_list: list[int]


class _Place(Published):
    ref_kato_code: Digits
    full_delivery_place_name_ru: MaybeLine
    count: Number | None
    is_deleted: Flag = 0


class _Point(Published):
    id: int
    subject_biin: Digits
    name_ru: Line
    ref_enstru_code: Annotated[str, StringConstraints(max_length=30)]
    ref_units_code: Digits
    count: Number
    price: Number
    kato: list[_Place]


class Goszakup:
    def __init__(self, client: RegistryClient) -> None:
        self._client = client

    async def subject(self, bin: Bin) -> Answered[Subject | None]:
        async def find(conversation: Conversation) -> Subject | None:
            found = _found(await conversation.get(f"/v3/subject/biin/{bin}"))
            if found is None:
                return None
            subject = shaped(_HERE, _Subject, found)
            return Subject(
                bin=the_bin(_HERE, subject.bin, asked=bin),
                name=subject.name_ru,
                domestic_producer=bool(subject.mark_patronymic_producer),
                small_business=bool(subject.mark_small_employer),
            )

        return await self._client.ask(Question.SUBJECT, bin, find)

    async def unreliable(self, bin: Bin) -> Answered[tuple[UnreliableEntry, ...]]:
        async def find(conversation: Conversation) -> tuple[UnreliableEntry, ...]:
            entries = []
            for item in await _items(conversation, f"/v3/rnu/{bin}"):
                entry = shaped(_HERE, _Unreliable, item)
                the_bin(_HERE, entry.supplier_biin, asked=bin)
                if entry.start_date and entry.end_date and entry.end_date < entry.start_date:
                    raise refused(_HERE, "an entry of the list ends before it begins")
                entries.append(
                    UnreliableEntry(name=entry.supplier_name_ru, since=entry.start_date, until=entry.end_date)
                )
            return tuple(entries)

        return await self._client.ask(Question.UNRELIABLE, bin, find)

    async def announcement(self, number: str) -> Answered[Announcement | None]:
        async def find(conversation: Conversation) -> Announcement | None:
            found = _found(await conversation.get(f"/v3/trd-buy/number-anno/{quote(number, safe='')}"))
            if found is None:
                return None
            head = shaped(_HERE, _Announcement, found)
            items = await _items(conversation, f"/v3/lots/number-anno/{quote(number, safe='')}")
            lots = [shaped(_HERE, _Lot, item) for item in items]
            if {head.number_anno, *(lot.trd_buy_number_anno for lot in lots)} != {number}:
                raise refused(_HERE, "the answer is about another announcement")
            if not lots or head.count_lots not in {None, len(lots)}:
                raise refused(_HERE, f"the announcement counts {head.count_lots} lots, {len(lots)} were given")
            if len(lots) > LOTS_MAX or sum(len(lot.point_list) for lot in lots) > POINTS_MAX:
                raise refused(_HERE, f"more than {LOTS_MAX} lots or {POINTS_MAX} points")
            return Announcement(
                number=number,
                name=head.name_ru,
                organizer_bin=the_bin(_HERE, head.org_bin),
                lots=tuple([await _lot(conversation, lot) for lot in lots]),
            )

        return await self._client.ask(Question.ANNOUNCEMENT, number, find)


async def _lot(conversation: Conversation, lot: _Lot) -> AnnouncedLot:
    customer = the_bin(_HERE, lot.customer_bin)
    lines = []
    for number in lot.point_list:
        point = shaped(_HERE, _Point, (await conversation.get(f"/v3/plans/view/{number}")).must_be_ok().json)
        if point.id != number:
            raise refused(_HERE, "the answer is about another point of the plan")
        the_bin(_HERE, point.subject_biin, asked=customer)
        lines.append(
            AnnouncedLine(
                point=number,
                name=point.name_ru,
                ens_tru=point.ref_enstru_code,
                unit=point.ref_units_code,
                count=point.count,
                price=point.price,
                places=tuple(
                    AnnouncedPlace(
                        kato=place.ref_kato_code,
                        name=place.full_delivery_place_name_ru or place.ref_kato_code,
                        count=place.count,
                    )
                    for place in point.kato
                    if not place.is_deleted
                ),
            )
        )
    return AnnouncedLot(
        number=lot.lot_number, name=lot.name_ru, amount=lot.amount, customer_bin=customer, lines=tuple(lines)
    )


def _found(reply: Reply) -> Any | None:
    """The reply's JSON, None where the registry itself says that there is nothing."""
    if reply.status == httpx.codes.NOT_FOUND:
        said = reply.json
        if not isinstance(said, dict) or said.get("status") != httpx.codes.NOT_FOUND.value:
            raise refused(_HERE, "there is nothing at the address of the service")
        return None
    found = reply.must_be_ok().json
    return None if found == [] else found


async def _items(conversation: Conversation, path: str) -> list[Any]:
    """All items of all pages. Refuses pages that lead elsewhere, have no end, or do not come to their own total."""
    found = _found(await conversation.get(path))
    if found is None:
        return []
    page = shaped(_HERE, _Page, found)
    items, total = list(page.items), page.total
    for _ in range(PAGES_MAX):
        if total > ITEMS_MAX or len(items) > total:
            raise refused(_HERE, f"the list has {len(items)} items of {total}; at most {ITEMS_MAX} are read")
        if len(items) == total:
            return items
        if not page.next_page:
            raise refused(_HERE, f"the list ends after {len(items)} of {total} items")
        if not page.next_page.startswith(f"{path}?"):
            raise refused(_HERE, "the next page is somewhere else")
        page = shaped(_HERE, _Page, (await conversation.get(page.next_page)).must_be_ok().json)
        if page.total != total:
            raise refused(_HERE, "the list changes its total")
        items += page.items
    raise refused(_HERE, "the list has no end")
