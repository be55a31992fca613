"""The pictures in tab `Tổng hợp`: where the bot draws what, over which of its lines."""

from __future__ import annotations

from automation.core.config import Config
from automation.core.dashboard import COLUMNS, listed_categories
from automation.core.look import ChartKind, ChartLook
from automation.texts import text

_LABEL = COLUMNS.index("label") + 1
_COUNTED = COLUMNS.index("counted") + 1
_RATE = COLUMNS.index("rate") + 1
_CHART_COLUMN = len(COLUMNS) + 2
_LINES_ABOVE_FUNNEL = 14
"""The head of the tab, the block on all units, and a blank line after each."""
_LINES_A_CHART = 18
_BAR_PIXELS = 20


def dashboard_charts(config: Config) -> tuple[ChartLook, ...]:
    """The funnel, the groups and the ranking as pictures beside the figures."""
    funnel = _LINES_ABOVE_FUNNEL + 1
    groups = funnel + len(config.statuses) + 2
    group_names = dict.fromkeys(unit.group for unit in config.units)
    categories = groups + len(group_names) + 2
    ranking = categories + _category_lines(config) + 2
    charts = (
        _chart("funnel", ChartKind.COLUMN, funnel, len(config.statuses), _COUNTED, 0),
        _chart("groups", ChartKind.BAR, groups, len(group_names), _RATE, 1),
        _chart("ranking", ChartKind.BAR, ranking, len(config.units), _RATE, 2),
    )
    return tuple(chart for chart in charts if chart.last_row > chart.first_row)


def _chart(section: str, kind: ChartKind, head: int, lines: int, series: int, place: int) -> ChartLook:
    height = max(340, _BAR_PIXELS * lines + 80) if kind is ChartKind.BAR else 340
    return ChartLook(
        title=text(f"dashboard.chart_{section}"),
        kind=kind,
        first_row=head,
        last_row=head + lines,
        categories=_LABEL,
        series=(series,),
        row=4 + place * _LINES_A_CHART,
        column=_CHART_COLUMN,
        width=640,
        height=height,
    )


def _category_lines(config: Config) -> int:
    return len(listed_categories(config)) + 1
