"""Scenarios side by side: one column each, the award as the package says before them, and the data of their charts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.awards.solution import Proof
from domain.errors import Titles
from domain.ids import ScenarioId
from domain.money import Money
from domain.scenarios.figures import Figures, percent_less
from domain.scenarios.model import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``number`` 0 is the award as the package says, without a scenario. ``saving`` is what is paid less than there,
    ``saving_percent`` of what is paid there.
    """

    number: int
    scenario_id: ScenarioId | None
    title: str | None
    figures: Figures
    saving: Money
    saving_percent: Decimal
    engine: str | None
    proof: Proof | None
    bound: Money | None
    gap_percent: Decimal | None


class ChartKind(StrEnum):
    COST = "cost"
    WINNERS = "winners"
    SMALL = "small"
    NEW = "new"
    REGIONS = "regions"
    CAPACITY_LEFT = "capacity_left"
    GAP = "gap"


CHART_TITLES: dict[ChartKind, Titles] = {
    ChartKind.COST: Titles("Cost, KZT", "Стоимость, тенге", "Құны, теңге"),
    ChartKind.WINNERS: Titles("Winners", "Победители", "Жеңімпаздар"),
    ChartKind.SMALL: Titles("Small workshops, % of pieces", "Малые цеха, % изделий", "Шағын цехтар, бұйымның %-ы"),
    ChartKind.NEW: Titles("New suppliers, % of pieces", "Новые поставщики, % изделий", "Жаңа өнім берушілер, %"),
    ChartKind.REGIONS: Titles("Regions, % of pieces", "Регионы, % изделий", "Өңірлер, бұйымның %-ы"),
    ChartKind.CAPACITY_LEFT: Titles(
        "Winners' minutes left, %", "Остаток минут победителей, %", "Жеңімпаздардың қалған минуты, %"
    ),
    ChartKind.GAP: Titles("Gap to the bound, %", "Отрыв от границы, %", "Шектен айырма, %"),
}


REFERENCE_TITLE = Titles("As the package says", "По правилам закупки", "Сатып алу ережесімен")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One value per column; None where there is none. ``name`` is a region's two digits, or empty."""

    name: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    kind: ChartKind
    series: tuple[Series, ...]


def columns(scenarios: Sequence[Scenario]) -> tuple[Column, ...]:
    """The solved ones in their order, after the reference; none where nothing is solved."""
    solved = [(scenario, scenario.figures) for scenario in scenarios if scenario.figures is not None]
    if not solved:
        return ()
    reference = solved[0][0].reference
    return (
        _column(None, reference, reference),
        *(_column(scenario, figures, scenario.reference) for scenario, figures in solved),
    )


def charts(columns: Sequence[Column]) -> tuple[Chart, ...]:
    if not columns:
        return ()
    plain: dict[ChartKind, list[Decimal | None]] = {
        ChartKind.COST: [each.figures.cost.amount for each in columns],
        ChartKind.WINNERS: [Decimal(each.figures.winners) for each in columns],
        ChartKind.SMALL: [each.figures.small.percent for each in columns],
        ChartKind.NEW: [each.figures.new.percent for each in columns],
        ChartKind.CAPACITY_LEFT: [each.figures.left_percent for each in columns],
        ChartKind.GAP: [each.gap_percent for each in columns],
    }
    regions = Chart(kind=ChartKind.REGIONS, series=tuple(_regions(columns)))
    bars = {kind: Chart(kind=kind, series=(Series(name="", values=tuple(each)),)) for kind, each in plain.items()}
    return tuple(regions if kind is ChartKind.REGIONS else bars[kind] for kind in ChartKind)


def _regions(columns: Sequence[Column]) -> Iterator[Series]:
    for region in sorted({region for each in columns for region in each.figures.regions}):
        parts = (each.figures.regions.get(region) for each in columns)
        yield Series(name=region, values=tuple(part.percent if part else Decimal("0.00") for part in parts))


def _column(scenario: Scenario | None, figures: Figures, reference: Figures) -> Column:
    stated = scenario.stated if scenario else None
    return Column(
        number=scenario.number if scenario else 0,
        scenario_id=scenario.id if scenario else None,
        title=scenario.title if scenario else None,
        figures=figures,
        saving=reference.cost - figures.cost,
        saving_percent=percent_less(reference.cost, figures.cost),
        engine=stated.engine if stated else None,
        proof=stated.proof if stated else None,
        bound=stated.bound if stated else None,
        gap_percent=stated.gap_percent if stated else None,
    )
