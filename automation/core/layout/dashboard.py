"""How tab `Tổng hợp` looks: one screen says where the campaign stands, its lines go on below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.config.whose_tabs import bot_tag
from automation.core.layout.config import BOT_COLOUR
from automation.core.model.layout import (
    CellLook,
    CellMark,
    ChartKind,
    ChartLook,
    Colour,
    ColumnLook,
    Format,
    Link,
    Role,
    TabLook,
)
from automation.core.model.palette import ACCENT, ACCENT_FILL, FAULT_FILL, GREEN_FILL, WARNING_FILL
from automation.core.model.workbook import Tab
from automation.core.writing.cell_marks import bot_is_silent, marked
from automation.core.writing.dashboard_lines import (
    CHART_LINES,
    COLUMNS,
    DAYS_OF_TREND,
    HEAD_LINES,
    MOST_ON_TOP,
    SIGN_OF_LIFE_CELL,
    SIGNS,
    SILENCE_CELL,
    TO_UNITS_CELL,
    last_of_ranking,
    place_of,
    section_titles,
    side_titles,
)
from automation.core.writing.dashboard_links import link_cells

_LOOKS = {
    "label": (30, Format.GENERAL),
    "people": (8.5, Format.INTEGER),
    "counted": (8.5, Format.INTEGER),
    "done": (10, Format.INTEGER),
    "left": (6.5, Format.INTEGER),
    "rate": (9, Format.RATE),
    "errors": (7.5, Format.INTEGER),
    "bar": (14, Format.GENERAL),
    "gap": (1, Format.GENERAL),
    "day": (10, Format.TEXT),
    "reached": (10, Format.RATE),
    "target": (10, Format.RATE),
    "open": (6, Format.GENERAL),
    "opened": (10, Format.GENERAL),
    "note": (33, Format.GENERAL),
    "top_left": (6.5, Format.INTEGER),
    "top_rate": (9, Format.RATE),
    "top_bar": (8.5, Format.GENERAL),
}
"""Together as wide as a screen of 1366 pixels: so wide, paper that lies shows letters of 8 points."""
_HIDDEN = ("day", "reached", "target", "opened")
_INKS = {"bar": ACCENT, "top_bar": ACCENT, "open": ACCENT}
_BODY_ROWS = 400
_OTHER_LINES = 150
"""Above the ranking at most, groups and staff categories included."""

_FIRST_LINE = HEAD_LINES + 1
_DEADLINE_LINE = 4
"""Longer than the column in which it begins."""
_LINE_PIXELS = 20
"""Of a line that nobody has touched, in the spreadsheet with the lowest ones."""
_FORMER_CHARTS = ("funnel", "groups", "ranking", "days")
"""Bars in cells show what they showed; that of the days stood elsewhere."""


def dashboard_charts() -> tuple[ChartLook, ...]:
    """How the rate of all units grew, beside the first blocks."""
    trend = ChartLook(
        title=text("dashboard.chart_trend"),
        kind=ChartKind.LINE,
        first_row=_FIRST_LINE,
        last_row=_FIRST_LINE + DAYS_OF_TREND,
        categories=place_of("day"),
        series=(place_of("reached"), place_of("target")),
        row=_FIRST_LINE,
        column=place_of("left"),
        width=296,
        height=CHART_LINES * _LINE_PIXELS,
    )
    return (trend,)


def dashboard_look(config: Config, present: Tab | None, to_units: Link, opened: Iterable[str] = ()) -> TabLook:
    """Widths and formats of `Tổng hợp`, its sections and statuses by colour; the cycle writes the cells.

    `to_units`: what opens the list of the units' tabs. `opened`: the titles of all tabs to which links of
    a file lead.
    """
    columns = [
        ColumnLook(n, "", *_LOOKS[name], ink=_INKS.get(name, ""), hidden=name in _HIDDEN, wrap=name == "label")
        for n, name in enumerate(COLUMNS, start=1)
    ]
    last_row = max(_BODY_ROWS, len(config.units) + _OTHER_LINES)
    sections = [Colour(1, title, ACCENT_FILL) for title in section_titles()]
    sections += [Colour(place_of("note"), title, ACCENT_FILL) for title in side_titles()]
    return TabLook(
        title=present.title if present else tabs.DASHBOARD,
        tag=bot_tag(tabs.DASHBOARD),
        header_row=0,
        columns=tuple(columns),
        values=tuple(link_cells(present, last_of_ranking(config), opened)),
        cells=(
            CellLook(1, 1, Role.TITLE, across=place_of("open")),
            CellLook(*SIGN_OF_LIFE_CELL, Role.TEXT, note=text("look.dashboard.sign_of_life")),
            CellLook(*TO_UNITS_CELL, Role.LINK, opens=to_units),
            CellLook(3, 1, Role.SECTION, across=len(COLUMNS)),
            CellLook(_DEADLINE_LINE, 1, Role.LINE),
            *(CellLook(_FIRST_LINE + n, 1, Role.LINE) for n in range(len(config.statuses) + 2)),
            *(
                CellLook(_FIRST_LINE + n, place_of("done"), Role.TEXT, Format.INTEGER)
                for n in range(1, len(config.statuses) + 2)
            ),
            *(CellLook(_FIRST_LINE + n, place_of("note"), Role.TEXT) for n in range(1, MOST_ON_TOP + 1)),
        ),
        marks=(CellMark((SIGN_OF_LIFE_CELL[1],), marked([bot_is_silent(SIGN_OF_LIFE_CELL, SILENCE_CELL)]), live=True),),
        colours=(*sections, *_rate_colours(), *_status_colours(config)),
        body_rows=last_row,
        filled_rows=len(present.rows) if present else 0,
        tab_colour=BOT_COLOUR,
        is_ours_alone=True,
        printed=(1, len(COLUMNS)),
        charts=dashboard_charts(),
        former_charts=tuple(text(f"dashboard.chart_{name}") for name in _FORMER_CHARTS),
    )


def _rate_colours() -> Iterator[Colour]:
    """By the sign in front of the rate: no colour says anything alone."""
    for column in ("rate", "top_rate"):
        for key, fill in zip(SIGNS, (GREEN_FILL, WARNING_FILL, FAULT_FILL), strict=True):
            yield Colour(place_of(column), text(f"dashboard.sign_{key}"), fill, begins=True)


def _status_colours(config: Config) -> Iterator[Colour]:
    return (Colour(1, status.label, status.colour) for status in config.statuses if status.colour)
