"""Workshops: the profile that says what they sew and how many minutes they have; their local content."""

from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import Field

from api.dependencies import App, Signed, Unkept, Version, answered
from api.preconditions import etag
from api.problems import responses
from api.routing import public_step, step
from api.schemas import DecimalText, Incoming, Instant, KatoText, MoneyText, Strict, Text
from domain.actors import Action
from domain.errors import MalformedValue, StaleVersion
from domain.garments import GarmentKind
from domain.ids import OrganizationId
from domain.organizations.local_content import CostLine, of_cost_lines
from domain.organizations.producing import WorkshopForm
from domain.organizations.workshop import Workshop, WorkshopNotFound

router = APIRouter(prefix="/v1", tags=["producers"])


class WorkshopBody(Strict):
    """``efficiency`` is the share of paid minutes that become standard minutes, more than 0 and at most 1."""

    kato: KatoText
    zone: Text | None = None
    products: Annotated[list[GarmentKind], Field(min_length=1, max_length=20)]
    operators: int
    shift_minutes: int
    shifts: int
    working_days: int
    efficiency: DecimalText


class WorkshopView(Strict):
    id: OrganizationId
    kato: str
    zone: str | None
    products: list[GarmentKind]
    operators: int
    shift_minutes: int
    shifts: int
    working_days: int
    efficiency: DecimalText
    minutes_per_week: DecimalText
    described_at: Instant

    @classmethod
    def of(cls, workshop: Workshop) -> Self:
        return cls(
            id=workshop.id,
            kato=workshop.kato,
            zone=workshop.zone,
            products=list(workshop.products),
            operators=workshop.operators,
            shift_minutes=workshop.shift_minutes,
            shifts=workshop.shifts,
            working_days=workshop.working_days,
            efficiency=workshop.efficiency,
            minutes_per_week=workshop.minutes_per_week,
            described_at=workshop.described_at,
        )


class CostLineBody(Strict):
    """``amount`` is part of the cost of the finished goods, without VAT and profit."""

    name: Text
    amount: MoneyText
    foreign_material: bool


class CostBody(Strict):
    lines: Annotated[list[CostLineBody], Field(min_length=1, max_length=200)]


class LocalContentView(Strict):
    cost: MoneyText
    foreign_materials: MoneyText
    local_content: DecimalText


@step(
    router,
    "/workshop",
    action=Action.WORKSHOP_DESCRIBE,
    answers=WorkshopView,
    method="PUT",
    status=200,
    refusals=(MalformedValue, StaleVersion, "precondition-required"),
)
async def describe_workshop(body: Incoming[WorkshopBody], app: App, write: Unkept, version: Version) -> Response:
    """Describe your workshop, or change the description. If-Match is ``"0"`` the first time."""
    command = write.command(WorkshopView.of, status=200)
    form = WorkshopForm(**(dict(body) | {"products": tuple(body.products)}))
    await app.producing.describe(form, version=version, command=command)
    return answered(command)


@router.get("/workshop", responses=responses("not-authenticated", WorkshopNotFound))
async def read_own_workshop(app: App, caller: Signed, response: Response) -> WorkshopView:
    """Your own profile."""
    workshop = await app.producers.workshop(caller.actor, caller.actor.organization_id)
    response.headers["ETag"] = etag(workshop.version)
    return WorkshopView.of(workshop)


@router.get("/workshops/{organization_id}", responses=responses("not-authenticated", WorkshopNotFound))
async def read_workshop(organization_id: OrganizationId, app: App, caller: Signed) -> WorkshopView:
    """Any workshop's profile: capacity is what buyers look for."""
    return WorkshopView.of(await app.producers.workshop(caller.actor, organization_id))


@public_step(
    router,
    "/local-content",
    why="A calculation: nothing is stored and nothing is asked that is not in the request.",
    answers=LocalContentView,
    refusals=(MalformedValue,),
    status=200,
)
async def calculate_local_content(body: Incoming[CostBody]) -> LocalContentView:
    """Local content of a product by its cost: 100 % less the share of foreign materials (order 327, appendix 3)."""
    cost, foreign, share = of_cost_lines(CostLine(**dict(line)) for line in body.lines)
    return LocalContentView(cost=cost, foreign_materials=foreign, local_content=share)
