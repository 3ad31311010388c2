"""Charts of a comparison as one SVG: bars and text, nothing that runs or is loaded from elsewhere."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from xml.sax.saxutils import escape

from domain.ids import REGIONS
from domain.scenarios.side_by_side import CHART_TITLES, REFERENCE_TITLE, Chart, Column, Series

MEDIA_TYPE = "image/svg+xml"
_WIDTH, _LABEL, _VALUE, _BAR, _ROW, _HEAD, _GAP = 760, 220, 130, 14, 20, 26, 14
_TITLE_SIGNS = 28
_COLOURS = ("#4d5b6a", "#2a6f97", "#c46a1b", "#4f7d3a", "#8a4f7d", "#a33b3b")
"""Of the reference and up to five scenarios, in the order of the columns."""


def svg(columns: Sequence[Column], charts: Sequence[Chart], language: str) -> str:
    """One block per chart, in it one bar per column; of the charts by region one block per region."""
    blocks = [
        (getattr(CHART_TITLES[chart.kind], language), series)
        for chart in charts
        for series in chart.series
        if any(value is not None for value in series.values)
    ]
    height = sum(_HEAD + _ROW * len(columns) + _GAP for _ in blocks) or _GAP
    labels = [_label(each, getattr(REFERENCE_TITLE, language)) for each in columns]
    parts = [*_drawn(labels, blocks)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"'
        f' viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12" role="img">'
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


def _drawn(labels: Sequence[str], blocks: Sequence[tuple[str, Series]]) -> Iterator[str]:
    top = 0
    for title, series in blocks:
        name = f"{title}: {REGIONS.get(series.name, series.name)}" if series.name else title
        yield f'<text x="8" y="{top + _HEAD - 8}" font-weight="bold">{escape(name)}</text>'
        most = max(value for value in series.values if value is not None)
        top += _HEAD
        for label, value, colour in zip(labels, series.values, _COLOURS, strict=False):
            yield from _row(label, value, most, colour, top)
            top += _ROW
        top += _GAP


def _row(label: str, value: Decimal | None, most: Decimal, colour: str, top: int) -> Iterator[str]:
    y = top + _BAR - 2
    yield f'<text x="8" y="{y}">{escape(label)}</text>'
    if value is None:
        yield f'<text x="{_LABEL}" y="{y}">–</text>'
        return
    room = _WIDTH - _LABEL - _VALUE
    width = int(room * value / most) if most > 0 else 0
    yield f'<rect x="{_LABEL}" y="{top}" width="{max(width, 1)}" height="{_BAR}" fill="{colour}"/>'
    yield f'<text x="{_LABEL + max(width, 1) + 6}" y="{y}">{value:f}</text>'


def _label(column: Column, reference: str) -> str:
    """Its number, and of its title what fits beside the bars."""
    title = column.title or reference
    return f"{column.number}. {title if len(title) <= _TITLE_SIGNS else title[: _TITLE_SIGNS - 1] + '…'}"
