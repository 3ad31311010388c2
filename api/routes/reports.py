"""Reports as JSON, CSV and XLSX."""

from enum import StrEnum
from typing import Annotated, Self

from fastapi import APIRouter, Query, Response

from api.dependencies import App, Signed
from api.problems import responses
from api.schemas import Day, DecimalText, Instant, MoneyText, Strict, instant_text
from domain.errors import NotPermitted
from domain.reports.shares import DomesticShare, Grouping, Period, PeriodRefused, ReportTooLarge, Share, as_table
from domain.reports.tables import TableFormat

router = APIRouter(prefix="/v1", tags=["audit"])


class ReportFormat(StrEnum):
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


class ShareView(Strict):
    """``key``: the buyer's BIN, the supplier's region (two digits of KATO) or six digits of ENS TRU; ``total``."""

    key: str
    name: str
    contracts: int
    pieces: int
    contracted: MoneyText
    domestic: MoneyText
    share: DecimalText
    paid: MoneyText

    @classmethod
    def of(cls, row: Share) -> Self:
        return cls(
            key=row.key,
            name=row.name,
            contracts=row.contracts,
            pieces=row.pieces,
            contracted=row.contracted,
            domestic=row.domestic,
            share=row.percent,
            paid=row.paid,
        )


class DomesticShareView(Strict):
    """Contracts concluded on the legal days from ``from`` until before ``to``, as they stood at ``as_of``."""

    by: Grouping
    begins_on: Day | None
    ends_on: Day | None
    as_of: Instant
    currency: str = "KZT"
    rows: list[ShareView]
    total: ShareView

    @classmethod
    def of(cls, report: DomesticShare) -> Self:
        return cls(
            by=report.by,
            begins_on=report.period.begins_on,
            ends_on=report.period.ends_on,
            as_of=report.as_of,
            rows=[ShareView.of(row) for row in report.rows],
            total=ShareView.of(report.total),
        )


FILES = {
    "text/csv": {"schema": {"type": "string"}},
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
        "schema": {"type": "string", "format": "binary"}
    },
}


@router.get(
    "/reports/domestic-share",
    response_model=DomesticShareView,
    responses=responses("not-authenticated", "invalid-request", NotPermitted, PeriodRefused, ReportTooLarge)
    | {200: {"content": FILES}},
)
async def report_domestic_share(
    app: App,
    caller: Signed,
    by: Annotated[Grouping, Query()],
    begins_on: Annotated[Day | None, Query(alias="from")] = None,
    ends_on: Annotated[Day | None, Query(alias="to", description="The day itself does not count.")] = None,
    format: Annotated[ReportFormat, Query()] = ReportFormat.JSON,
) -> Response:
    """The domestic share of contracted sums. Auditors see everybody's contracts, buyers their own."""
    period = Period(begins_on=begins_on, ends_on=ends_on)
    report = await app.reports.domestic_share(caller.actor, by, period)
    if format is ReportFormat.JSON:
        return Response(DomesticShareView.of(report).model_dump_json(), media_type="application/json")
    as_of = instant_text(report.as_of)
    table = as_table(report, as_of=as_of)
    export = app.tables.write(table, TableFormat(format))
    stamp = "".join(sign for sign in as_of if sign.isalnum())
    name = f"{table.name}-{stamp}.{export.extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(export.content, media_type=export.media_type, headers=headers)
