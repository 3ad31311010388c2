"""Pools: several buyers sum their needs into one size run, which one of them tenders."""

from functools import partial
from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import Field

from api.dependencies import App, Signed, Version, Writing, answered
from api.paging import Page, Paging, paged
from api.preconditions import etag
from api.problems import responses
from api.routing import step
from api.schemas import BinText, Incoming, Instant, SizesMap, Strict, Text
from domain.actors import Action
from domain.errors import MalformedValue, StaleVersion
from domain.garments import GridId
from domain.ids import NeedId, OrganizationId, PoolId, TenderId
from domain.organizations.model import OrganizationNotConfirmed, OrganizationNotFound
from domain.pools.model import (
    GARMENTS_MAX,
    NEEDS_MAX,
    InvitationRefused,
    Member,
    MemberStatus,
    NeedPooled,
    Pool,
    PoolNeedRefused,
    PoolNotFound,
    PoolNotJoined,
    PoolPublished,
    PoolStatus,
)
from domain.pools.pooled import Pooled, SiteNeed
from domain.pools.pooling import PoolForm
from domain.tenders.model import StepNotAllowed
from domain.tenders.need import NeedNotFound

router = APIRouter(prefix="/v1", tags=["pools"])


class PoolBody(Strict):
    """``garments`` are the names that every member's table uses."""

    title: Text
    grid: GridId
    garments: Annotated[list[Text], Field(min_length=1, max_length=GARMENTS_MAX)]

    def form(self) -> PoolForm:
        return PoolForm(title=self.title, grid=self.grid, garments=tuple(self.garments))


class InvitationBody(Strict):
    bin: BinText


class JoiningBody(Strict):
    """Your own imported needs, all of them of the pool's grid and garments."""

    needs: Annotated[list[NeedId], Field(min_length=1, max_length=NEEDS_MAX)]


class PoolStepBody(Strict):
    """Nothing to say beside the step itself."""


class MemberView(Strict):
    """``needs`` are shown to their own buyer only."""

    buyer_id: OrganizationId
    bin: str
    name: str
    status: MemberStatus
    needs: list[NeedId] | None
    invited_at: Instant
    joined_at: Instant | None
    withdrawn_at: Instant | None

    @classmethod
    def of(cls, member: Member, *, own: bool) -> Self:
        return cls(
            buyer_id=member.buyer_id,
            bin=member.bin,
            name=member.name,
            status=member.status,
            needs=list(member.needs) if own else None,
            invited_at=member.invited_at,
            joined_at=member.joined_at,
            withdrawn_at=member.withdrawn_at,
        )


class PoolView(Strict):
    """``tender_id`` is the draft or tender that takes from the pool."""

    id: PoolId
    number: str
    organizer_id: OrganizationId
    title: str
    grid: GridId
    garments: list[str]
    status: PoolStatus
    tender_id: TenderId | None
    members: list[MemberView]
    opened_at: Instant

    @classmethod
    def of(cls, reader: OrganizationId, pool: Pool) -> Self:
        return cls(
            id=pool.id,
            number=pool.number,
            organizer_id=pool.organizer_id,
            title=pool.title,
            grid=pool.grid,
            garments=list(pool.garments),
            status=pool.status,
            tender_id=pool.tender_id,
            members=[MemberView.of(each, own=each.buyer_id == reader) for each in pool.members],
            opened_at=pool.opened_at,
        )


class SiteNeedView(Strict):
    buyer_id: OrganizationId
    site: str
    kato: str
    garment: str
    sizes: SizesMap
    pieces: int

    @classmethod
    def of(cls, each: SiteNeed) -> Self:
        return cls(
            buyer_id=each.buyer_id,
            site=each.site,
            kato=each.kato,
            garment=each.garment,
            sizes=dict(each.run.cells),
            pieces=each.run.pieces,
        )


class PooledGarmentView(Strict):
    garment: str
    sizes: SizesMap
    pieces: int


class PoolSumsView(Strict):
    """``garments`` are the size runs of a tender's lines; ``sites`` say who needs what where, and sum to them."""

    pool_id: PoolId
    grid: GridId
    pieces: int
    garments: list[PooledGarmentView]
    sites: list[SiteNeedView]

    @classmethod
    def of(cls, pooled: Pooled) -> Self:
        runs = {garment: pooled.run(garment) for garment in pooled.garments()}
        return cls(
            pool_id=pooled.pool_id,
            grid=pooled.grid,
            pieces=sum(run.pieces for run in runs.values()),
            garments=[
                PooledGarmentView(garment=garment, sizes=dict(run.cells), pieces=run.pieces)
                for garment, run in runs.items()
            ],
            sites=[SiteNeedView.of(each) for each in pooled.sums()],
        )


def _view(write: Writing) -> "partial[PoolView]":
    return partial(PoolView.of, write.caller.actor.organization_id)


@step(router, "/pools", action=Action.POOL_ORGANIZE, answers=PoolView, refusals=(MalformedValue,))
async def open_pool(body: Incoming[PoolBody], app: App, write: Writing) -> Response:
    """Open a pool and organise it: the grid and the garments' names are agreed here."""
    command = write.command(_view(write))
    await app.pooling.open(body.form(), command=command)
    return answered(command)


@router.get("/pools", responses=responses("not-authenticated", "malformed-cursor"), response_model=Page[PoolView])
async def list_pools(app: App, caller: Signed, paging: Paging) -> Response:
    """The pools that you organise, are invited to or have joined; auditors see all."""
    found = await app.pools.page(caller.actor, after=paging.after(PoolId), limit=paging.limit + 1)
    views = [PoolView.of(caller.actor.organization_id, each) for each in found]
    return paged(views, paging, key=lambda view: [str(view.id)])


@router.get("/pools/{id}", responses=responses("not-authenticated", PoolNotFound))
async def read_pool(id: PoolId, app: App, caller: Signed, response: Response) -> PoolView:
    pool = await app.pools.pool(caller.actor, id)
    response.headers["ETag"] = etag(pool.version)
    return PoolView.of(caller.actor.organization_id, pool)


@router.get("/pools/{id}/sums", responses=responses("not-authenticated", PoolNotFound, PoolNotJoined))
async def read_pool_sums(id: PoolId, app: App, caller: Signed) -> PoolSumsView:
    """Pieces by buyer, site, garment and size, of those who have joined; without addresses and contacts."""
    return PoolSumsView.of(await app.pools.pooled(caller.actor, id))


@step(
    router,
    "/pools/{id}/invitations",
    action=Action.POOL_ORGANIZE,
    answers=PoolView,
    refusals=(PoolNotFound, PoolPublished, InvitationRefused, OrganizationNotFound),
)
async def invite_buyer(id: PoolId, body: Incoming[InvitationBody], app: App, write: Writing) -> Response:
    """Invite a buyer by BIN, also one who withdrew."""
    command = write.command(_view(write))
    await app.pooling.invite(id, bin=body.bin, command=command)
    return answered(command)


@step(
    router,
    "/pools/{id}/joining",
    action=Action.POOL_JOIN,
    answers=PoolView,
    refusals=(
        PoolNotFound,
        PoolPublished,
        PoolNeedRefused,
        NeedNotFound,
        NeedPooled,
        StepNotAllowed,
        OrganizationNotConfirmed,
        MalformedValue,
    ),
)
async def join_pool(id: PoolId, body: Incoming[JoiningBody], app: App, write: Writing) -> Response:
    """Join with needs of your own. A draft that takes from the pool follows."""
    command = write.command(_view(write))
    await app.pooling.join(id, needs=tuple(body.needs), command=command)
    return answered(command)


@step(
    router, "/pools/{id}/withdrawal", action=Action.POOL_JOIN, answers=PoolView, refusals=(PoolNotFound, PoolPublished)
)
async def withdraw_from_pool(id: PoolId, _body: Incoming[PoolStepBody], app: App, write: Writing) -> Response:
    """Leave with your needs, or decline, before the publication. A draft that takes from the pool follows."""
    command = write.command(_view(write))
    await app.pooling.withdraw(id, command=command)
    return answered(command)


@step(
    router,
    "/pools/{id}/dissolution",
    action=Action.POOL_ORGANIZE,
    answers=PoolView,
    refusals=(PoolNotFound, StepNotAllowed, StaleVersion, "precondition-required"),
)
async def dissolve_pool(
    id: PoolId, _body: Incoming[PoolStepBody], app: App, write: Writing, version: Version
) -> Response:
    """Dissolve a pool that no draft takes from, or whose tender has ended; its needs are free again."""
    command = write.command(_view(write))
    await app.pooling.dissolve(id, version=version, command=command)
    return answered(command)
