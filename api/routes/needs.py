"""Needs: a table of site x size x pieces, imported from CSV or XLSX, whole or not at all."""

from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import App, Signed, Writing, answered
from api.preconditions import etag
from api.problems import EdgeRefusal, responses
from api.routing import step
from api.schemas import Instant, SizesMap, Strict
from domain.actors import Action
from domain.errors import Flaw
from domain.garments import GridId
from domain.ids import NeedId, OrganizationId
from domain.tenders.need import Need, NeedNotFound, NeedRefused, SheetUnreadable

router = APIRouter(prefix="/v1", tags=["needs"])

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CONTENT = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (CSV, XLSX)},
    }
}


class SiteView(Strict):
    site: str
    kato: str
    address: str
    garments: dict[str, SizesMap]


class GarmentView(Strict):
    garment: str
    sizes: SizesMap
    pieces: int


class NeedView(Strict):
    """The need by site, and its sums by garment, which become the size runs of a lot's lines."""

    id: NeedId
    buyer_id: OrganizationId
    name: str
    grid: GridId
    pieces: int
    garments: list[GarmentView]
    sites: list[SiteView]
    source_sha256: str
    imported_at: Instant

    @classmethod
    def of(cls, need: Need) -> Self:
        sites: dict[str, SiteView] = {}
        for entry in need.entries:
            view = sites.setdefault(
                entry.site, SiteView(site=entry.site, kato=entry.kato, address=entry.address, garments={})
            )
            view.garments[entry.garment] = dict(entry.run.cells)
        runs = {garment: need.run(garment) for garment in need.garments()}
        return cls(
            id=need.id,
            buyer_id=need.buyer_id,
            name=need.name,
            grid=need.grid,
            pieces=need.pieces,
            garments=[
                GarmentView(garment=garment, sizes=dict(run.cells), pieces=run.pieces) for garment, run in runs.items()
            ],
            sites=list(sites.values()),
            source_sha256=need.source_sha256,
            imported_at=need.imported_at,
        )


@step(
    router,
    "/needs",
    action=Action.NEED_IMPORT,
    answers=NeedView,
    refusals=(NeedRefused, SheetUnreadable, "unsupported-media-type"),
    openapi_extra=_CONTENT,
)
async def import_need(
    request: Request,
    app: App,
    write: Writing,
    name: Annotated[str, Query(min_length=1, max_length=200)],
    grid: Annotated[GridId, Query()],
) -> Response:
    """Import a table, at most 5 MiB: columns site, KATO, address, garment, size, pieces; or a column per size."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {CSV, XLSX}:
        flaw = Flaw(pointer="header:Content-Type", reason=media_type or "missing", passes=f"{CSV} or {XLSX}")
        raise EdgeRefusal("unsupported-media-type", "A need is a CSV or XLSX table", flaws=(flaw,))
    command = write.command(NeedView.of)
    await app.importing.need(await request.body(), media_type=media_type, name=name, grid=grid, command=command)
    return answered(command)


@router.get("/needs/{id}", responses=responses("not-authenticated", NeedNotFound))
async def read_need(id: NeedId, app: App, caller: Signed, response: Response) -> NeedView:
    """Your own imported need."""
    need = await app.tenders.need(caller.actor, id)
    response.headers["ETag"] = etag(need.version)
    return NeedView.of(need)
