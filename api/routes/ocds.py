"""Open data: contracting processes in OCDS 1.1.5, for everybody, from the publication of the tender on."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Response

from api.application import Application
from api.dependencies import App
from api.due import touch
from api.paging import Page, Paging, paged
from api.problems import responses
from api.schemas import Instant, Strict
from api.views.ocds import written
from domain.ids import TenderId
from domain.reports.ocds import number_of, ocid_of, record_package, release_package
from domain.reports.ports import ProcessSummary
from domain.reports.process import Process
from domain.tenders.model import TenderNotFound

router = APIRouter(prefix="/v1/ocds", tags=["open data"])

Ocid = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,60}$")]
_PACKAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": True}}}}
}


class RecordSummary(Strict):
    """``url`` is the record package."""

    ocid: str
    tender_id: TenderId
    title: str
    published_at: Instant
    url: str

    @classmethod
    def of(cls, summary: ProcessSummary, base_url: str) -> Self:
        ocid = ocid_of(summary.number)
        return cls(
            ocid=ocid,
            tender_id=summary.id,
            title=summary.title,
            published_at=summary.published_at,
            url=f"{base_url}/v1/ocds/records/{ocid}",
        )


@router.get(
    "/records",
    response_model=Page[RecordSummary],
    responses=responses("invalid-request", "malformed-cursor"),
    openapi_extra={"security": []},
)
async def list_records(app: App, paging: Paging) -> Response:
    """Every published contracting process, oldest first."""
    found = await app.processes.page(after=paging.position(datetime, TenderId), limit=paging.limit + 1)
    views = [RecordSummary.of(each, app.base_url) for each in found]
    return paged(views, paging, key=lambda view: [view.published_at.isoformat(), str(view.tender_id)])


@router.get(
    "/records/{ocid}", responses=responses("invalid-request", TenderNotFound) | _PACKAGE, openapi_extra={"security": []}
)
async def read_record(ocid: Ocid, app: App) -> Response:
    """A record package (OCDS 1.1.5): every release of the process, and the compiled one."""
    process = await _due_applied(app, number_of(ocid))
    return Response(written(record_package(process, base_url=app.base_url)), media_type="application/json")


@router.get(
    "/releases/{ocid}",
    responses=responses("invalid-request", TenderNotFound) | _PACKAGE,
    openapi_extra={"security": []},
)
async def read_releases(ocid: Ocid, app: App) -> Response:
    """A release package (OCDS 1.1.5): a release for each stage that the process has reached."""
    process = await _due_applied(app, number_of(ocid))
    return Response(written(release_package(process, base_url=app.base_url)), media_type="application/json")


async def _due_applied(app: Application, number: str) -> Process:
    """What the deadline has made due is applied before the process is shown, as everywhere."""
    process = await app.processes.process(number)
    if not app.tendering.has_something_due(process.tender, at=datetime.now(UTC)):
        return process
    await touch(app, None, process.tender.id)
    return await app.processes.process(number)
