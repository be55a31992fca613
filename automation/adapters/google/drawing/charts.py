"""Charts of a Google tab, told apart by their titles. Where people have moved one it stays."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from automation.adapters.google.drawing.areas import Area, grid_range
from automation.adapters.google.drawing.cells import Request
from automation.adapters.google.drawing.present import PresentTab
from automation.adapters.google.drawing.styles import colour_style
from automation.core.model.layout import ChartKind, ChartLook, TabLook
from automation.core.model.palette import SERIES

_KINDS = {ChartKind.BAR: "BAR", ChartKind.COLUMN: "COLUMN", ChartKind.LINE: "LINE"}


_LINES: tuple[dict[str, Any], ...] = (
    {"pointStyle": {"shape": "CIRCLE", "size": 5}},
    {"lineStyle": {"type": "MEDIUM_DASHED"}},
)
"""By series: a single day makes no line, so it has a point; and what tells lines apart without colour."""


def draw_charts(look: TabLook, tab: PresentTab) -> Iterator[Request]:
    """What puts the charts of the look into the tab and brings those that are there up to date; former ones go."""
    for each in tab.charts:
        if each.title in look.former_charts:
            yield {"deleteEmbeddedObject": {"objectId": each.id}}
    for chart in look.charts:
        wanted = _spec(chart, tab.sheet_id)
        present = next((each for each in tab.charts if each.title == chart.title), None)
        if present is None:
            yield {"addChart": {"chart": {"spec": wanted, "position": _position(chart, tab.sheet_id)}}}
        elif not _holds(present.spec, wanted):
            yield {"updateChartSpec": {"chartId": present.id, "spec": wanted}}


def _spec(chart: ChartLook, sheet_id: int) -> dict[str, Any]:
    def cells(column: int) -> dict[str, Any]:
        area = Area(chart.first_row, column, chart.last_row, column)
        return {"sourceRange": {"sources": [grid_range(sheet_id, area)]}}

    axis = "BOTTOM_AXIS" if chart.kind is ChartKind.BAR else "LEFT_AXIS"
    return {
        "title": chart.title,
        "hiddenDimensionStrategy": "SHOW_ALL",
        "basicChart": {
            "chartType": _KINDS[chart.kind],
            "legendPosition": "BOTTOM_LEGEND" if len(chart.series) > 1 else "NO_LEGEND",
            "headerCount": 1,
            "domains": [{"domain": cells(chart.categories)}],
            "series": [
                {
                    "series": cells(column),
                    "targetAxis": axis,
                    "colorStyle": colour_style(SERIES[place % len(SERIES)]),
                    **(_LINES[place % len(_LINES)] if chart.kind is ChartKind.LINE else {}),
                }
                for place, column in enumerate(chart.series)
            ],
        },
    }


def _position(chart: ChartLook, sheet_id: int) -> dict[str, Any]:
    corner = {"sheetId": sheet_id, "rowIndex": chart.row - 1, "columnIndex": chart.column - 1}
    return {
        "overlayPosition": {"anchorCell": corner, "widthPixels": chart.width, "heightPixels": chart.height},
    }


def _holds(present: Any, wanted: Any) -> bool:
    """Whether everything wanted is there; Google adds fields of its own and leaves zeros out."""
    if isinstance(wanted, Mapping):
        fields = present if isinstance(present, Mapping) else {}
        return all(_holds(fields.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        items = present if isinstance(present, Sequence) else ()
        return len(items) == len(wanted) and all(map(_holds, items, wanted))
    if isinstance(wanted, int | float):
        return math.isclose(present or 0, wanted, abs_tol=1 / 255)
    return bool(present == wanted)
