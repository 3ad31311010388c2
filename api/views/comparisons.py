"""Views of scenarios side by side: their columns, and the data of the charts."""

from typing import Annotated, Self

from pydantic import StringConstraints

from api.schemas import DecimalText, MoneyText, Strict
from api.views.scenarios import FiguresView
from domain.awards.solution import Proof
from domain.ids import ScenarioId, TenderId
from domain.scenarios.side_by_side import Chart, ChartKind, Column, Series

SignedText = Annotated[str, StringConstraints(pattern=r"^-?[0-9]+(\.[0-9]{1,4})?$")]
"""A percent that may be negative, as text."""


class ColumnView(Strict):
    """``number`` 0 is the award as the package says. ``saving`` is what is paid less than there."""

    number: int
    scenario_id: ScenarioId | None
    title: str | None
    figures: FiguresView
    saving: MoneyText
    saving_percent: SignedText
    engine: str | None
    proof: Proof | None
    bound: MoneyText | None
    gap_percent: DecimalText | None

    @classmethod
    def of(cls, column: Column) -> Self:
        return cls(
            number=column.number,
            scenario_id=column.scenario_id,
            title=column.title,
            figures=FiguresView.of(column.figures),
            saving=column.saving,
            saving_percent=format(column.saving_percent, "f"),
            engine=column.engine,
            proof=column.proof,
            bound=column.bound,
            gap_percent=column.gap_percent,
        )


class SeriesView(Strict):
    """One value per column, in their order."""

    name: str
    values: list[DecimalText | None]

    @classmethod
    def of(cls, series: Series) -> Self:
        return cls(name=series.name, values=list(series.values))


class ChartView(Strict):
    kind: ChartKind
    series: list[SeriesView]

    @classmethod
    def of(cls, chart: Chart) -> Self:
        return cls(kind=chart.kind, series=[SeriesView.of(each) for each in chart.series])


class ComparisonView(Strict):
    """Empty until a scenario of this scope is solved."""

    tender_id: TenderId
    lot: int | None
    currency: str = "KZT"
    columns: list[ColumnView]
    charts: list[ChartView]
