"""Capacity: a workshop's own weeks, and what a tender's buyer is warned of."""

from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter, Query

from api.dependencies import App, Signed
from api.problems import responses
from api.schemas import DecimalText, Strict
from domain.bids.model import BidsNotOpened
from domain.capacity.model import CalendarWeek, Contention, Load
from domain.capacity.weeks import week_name
from domain.ids import TenderId
from domain.organizations.workshop import WorkshopNotFound
from domain.tenders.model import StepNotAllowed, TenderNotFound

router = APIRouter(prefix="/v1", tags=["producers"])

WEEKS_SHOWN_MAX = 104


class CapacityWeekView(Strict):
    """``booked`` by contracts; ``overload`` is owed by the end of the week and fits nowhere before it; ``held`` is the
    most that your opened bids may come to, and keeps nobody from anything; ``free`` is what an award of today finds.
    """

    week: str
    begins_on: date
    minutes: DecimalText
    booked: DecimalText
    overload: DecimalText
    held: DecimalText
    free: DecimalText

    @classmethod
    def of(cls, week: CalendarWeek) -> Self:
        return cls(
            week=week_name(week.week),
            begins_on=week.week,
            minutes=week.minutes,
            booked=week.booked,
            overload=week.overload,
            held=week.held,
            free=week.free,
        )


class CapacityView(Strict):
    """ISO weeks of legal time, in standard minutes."""

    minutes_per_week: DecimalText
    today: date
    weeks: list[CapacityWeekView]

    @classmethod
    def of(cls, load: Load, weeks: int) -> Self:
        shown = [CapacityWeekView.of(week) for week in load.calendar(weeks)]
        return cls(minutes_per_week=load.per_week, today=load.after, weeks=shown)


class ContentionView(Strict):
    """Of ``bidders``, ``contended`` have bid elsewhere, too, and could not sew all of it beside their contracts."""

    bidders: int
    contended: int

    @classmethod
    def of(cls, contention: Contention) -> Self:
        return cls(bidders=contention.bidders, contended=contention.contended)


@router.get("/workshop/capacity", responses=responses("not-authenticated", WorkshopNotFound))
async def read_own_capacity(
    app: App, caller: Signed, weeks: Annotated[int, Query(ge=1, le=WEEKS_SHOWN_MAX)] = 26
) -> CapacityView:
    """Your own weeks, from the present one: what they have, what contracts have booked, what your opened bids hold.
    Bids that are still sealed hold nothing: nobody can read them.
    """
    return CapacityView.of(await app.capacity.own(caller.actor), weeks)


@router.get(
    "/tenders/{tender_id}/capacity",
    responses=responses("not-authenticated", TenderNotFound, BidsNotOpened, StepNotAllowed),
)
async def read_contention(tender_id: TenderId, app: App, caller: Signed) -> ContentionView:
    """Before the award, for the buyer and auditors: how many bidders have bid elsewhere for more than they could sew. A
    warning; who is awarded first has the minutes.
    """
    return ContentionView.of(await app.capacity.contention(caller.actor, tender_id))
