"""The pictures in tab `Tổng hợp`: where the bot draws what, over which of its lines."""

from __future__ import annotations

import math
from collections.abc import Sequence

from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.values import Config, FieldCode
from automation.core.config.whose_tabs import bot_tag
from automation.core.figures.overall import category_names
from automation.core.layout.config import BOT_COLOUR
from automation.core.model.layout import CellLook, ChartKind, ChartLook, Colour, ColumnLook, Format, Role, TabLook
from automation.core.model.palette import ACCENT_FILL
from automation.core.model.workbook import Tab
from automation.core.writing.dashboard import COLUMNS, section_titles

_LOOKS = {
    "label": (44, Format.GENERAL),
    "people": (12, Format.INTEGER),
    "counted": (12, Format.INTEGER),
    "done": (12, Format.INTEGER),
    "left": (12, Format.INTEGER),
    "rate": (12, Format.RATE),
    "errors": (12, Format.INTEGER),
    "note": (48, Format.GENERAL),
}
_BODY_ROWS = 400

_LABEL = COLUMNS.index("label") + 1
_COUNTED = COLUMNS.index("counted") + 1
_RATE = COLUMNS.index("rate") + 1
_CHART_COLUMN = len(COLUMNS) + 2
_LINES_ABOVE_FUNNEL = 8
"""The head of the tab, the block on all units without its part rates and exemptions, and a blank line after each."""
_LINES_OF_EXEMPTIONS = 3
_FIRST_LINE = 4
_LINE_PIXELS = 20
"""Of a line that nobody has touched, in the spreadsheet with the lowest ones."""
_BAR_PIXELS = 20
_LEAST_HEIGHT = 240


def dashboard_charts(config: Config) -> tuple[ChartLook, ...]:
    """The funnel, the groups and the ranking as pictures beside the figures."""
    exemptions = _LINES_OF_EXEMPTIONS * config.uses(FieldCode.EXEMPTION)
    funnel = _LINES_ABOVE_FUNNEL + exemptions + len(config.part_rates) + 1
    steps = len(config.possible_statuses) + 1  # and those who are in no list yet
    groups = funnel + steps + 2
    group_names = dict.fromkeys(unit.group for unit in config.units)
    categories = groups + len(group_names) + 2
    members = len(category_names(config)) + config.uses(FieldCode.PARTY)
    ranking = categories + (members + 2 if members else 0)
    blocks = (
        ("funnel", funnel, steps, _COUNTED),
        ("groups", groups, len(group_names), _RATE),
        ("ranking", ranking, len(config.units), _RATE),
    )
    charts: list[ChartLook] = []
    for section, head, lines, series in blocks:
        if lines:
            charts.append(_chart(section, head, lines, series, _line_below(charts)))
    return tuple(charts)


def _chart(section: str, head: int, lines: int, series: int, row: int) -> ChartLook:
    """Bars that lie: the names beside them are long."""
    return ChartLook(
        title=text(f"dashboard.chart_{section}"),
        kind=ChartKind.BAR,
        first_row=head,
        last_row=head + lines,
        categories=_LABEL,
        series=(series,),
        row=row,
        column=_CHART_COLUMN,
        width=640,
        height=max(_LEAST_HEIGHT, _BAR_PIXELS * lines + 80),
    )


def _line_below(charts: Sequence[ChartLook]) -> int:
    """Where the next chart begins, a line below the last one."""
    if not charts:
        return _FIRST_LINE
    return charts[-1].row + math.ceil(charts[-1].height / _LINE_PIXELS) + 1


def dashboard_look(config: Config, present: Tab | None) -> TabLook:
    """Widths and formats of `Tổng hợp`, its sections and statuses by colour; the cycle writes the cells."""
    looks = (_LOOKS[name] for name in COLUMNS)
    sections = [Colour(1, title, ACCENT_FILL) for title in section_titles()]
    return TabLook(
        title=present.title if present else tabs.DASHBOARD,
        tag=bot_tag(tabs.DASHBOARD),
        header_row=0,
        columns=tuple(ColumnLook(n, "", width, form) for n, (width, form) in enumerate(looks, start=1)),
        cells=(CellLook(1, 1, Role.TITLE, across=len(COLUMNS)),),
        colours=(*sections, *(Colour(1, status.label, status.colour) for status in config.statuses if status.colour)),
        body_rows=_BODY_ROWS,
        filled_rows=len(present.rows) if present else 0,
        tab_colour=BOT_COLOUR,
        charts=dashboard_charts(config),
    )
