"""The tables of the summary as an .xlsx one can filter, sort and print. Values only, and no person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.chart import LineChart, Reference
from openpyxl.formatting.rule import DataBar, FormatObject, Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.documents.printing import set_up_printing
from automation.adapters.documents.reproducible import reproducible
from automation.adapters.excel.row_heights import MARGIN, lines_needed
from automation.base.messages import text
from automation.core.config.values import FieldCode
from automation.core.figures.forecast import Forecast, Outlook, pace_shown
from automation.core.figures.overall import Part, Rated
from automation.core.figures.summary import Duplicate, ManyOutOfScope, SummaryFigures, UnitLine
from automation.core.model.palette import ACCENT, GREEN_FILL, GREY_LINE, WHITE
from automation.core.model.units import AtLeast, Declaration, Standing, Tallied, per_cent
from automation.core.text.vietnamese import day_text, hour_text, number_text, sort_key

Value = str | int | float | date | datetime | None

_FONT = "Arial"
_DARK, _LINE, _BAR = (f"FF{colour}" for colour in (ACCENT, GREY_LINE, GREEN_FILL))
_COUNT, _RATE, _POINTS, _PACE, _DAY, _MOMENT, _TEXT = (
    "#,##0",
    "0.0%",
    "+0.0;-0.0;0.0",
    "0.0",
    "dd/mm/yyyy",
    "dd/mm/yyyy hh:mm",
    "@",
)


class _Column(Struct, frozen=True):
    header: str
    width: float
    format: str = _TEXT
    bar: bool = False
    """A bar in each cell, of the length of its rate."""


def _column(key: str, width: float, format: str = _TEXT, bar: bool = False) -> _Column:
    """The column whose header is `columns.<key>` of the messages."""
    return _Column(text(f"summary_workbook.columns.{key}"), width, format, bar)


class _Sheet(Struct, frozen=True):
    """One table. `total`: a line below it that filters and sorting leave alone."""

    key: str
    columns: Sequence[_Column]
    rows: Sequence[Sequence[Value]]
    total: Sequence[Value] = ()


def summary_workbook(figures: SummaryFigures) -> bytes:
    """The file; the same figures always give the same bytes."""
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    title = text(
        "summary_workbook.title",
        campaign=figures.campaign,
        hour=hour_text(figures.as_of),
        day=day_text(figures.as_of),
    )
    for sheet in (make(figures) for make in _SHEETS if _WANTED.get(make, _always)(figures)):
        _draw(book, _without_exemptions(sheet) if not figures.asks_exemptions else sheet, title)
    _draw_chart(book[_title("trend")], len(figures.trend))
    book.properties.title = title
    book.properties.creator = figures.issuer
    out = BytesIO()
    book.save(out)
    return reproducible(out.getvalue(), figures.as_of)


# --- what stands in the sheets --------------------------------------------------------------------------------

_NUMBER = 8.0
_CASES_SHOWN = 100


def _units(figures: SummaryFigures) -> _Sheet:
    columns = (
        _column("rank", 6, _COUNT),
        _column("rank_by_left", _NUMBER, _COUNT),
        _column("unit", 46),
        _column("group", 29),
        _column("headcount", _NUMBER, _COUNT),
        _column("rows", _NUMBER, _COUNT),
        _column("out_of_scope", _NUMBER, _COUNT),
        _column("in_scope", _NUMBER, _COUNT),
        _column("deferred", _NUMBER, _COUNT),
        _column("done", _NUMBER, _COUNT),
        _column("left", _NUMBER, _COUNT),
        _column("rate", 14, _RATE, bar=True),
        _column("target", _NUMBER, _RATE),
        _column("strict_rate", 9, _RATE),
        _column("change", 9, _POINTS),
        *(_Column(part.name, 11, _COUNT) for part in figures.parts),
        _column("errors", _NUMBER, _COUNT),
        _column("warnings", _NUMBER, _COUNT),
    )
    left = [line.unit.left for line in figures.units if line.rank]
    rows = [_unit(line, sum(more > line.unit.left for more in left) + 1, figures.parts) for line in figures.units]
    return _Sheet("units", columns, rows, _all_units(figures))


def _unit(line: UnitLine, rank_by_left: int, parts: Sequence[Part]) -> Sequence[Value]:
    """`rank_by_left`: 1 where most people are left."""
    of = line.standing
    return (
        line.rank,
        rank_by_left if line.rank else None,
        of.name,
        _group_name(of.group),
        of.headcount,
        of.rows,
        of.out_of_scope,
        of.in_scope,
        of.deferred,
        of.done,
        of.as_known(of.left),
        _fraction(of.rate if of.known else None),
        _fraction(line.unit.target),
        _fraction(of.strict_rate if of.known else None),
        line.change.points if line.change else None,
        *(of.parts.get(part.code, 0) for part in parts),
        of.errors,
        of.warnings,
    )


def _all_units(figures: SummaryFigures) -> Sequence[Value]:
    tally = figures.overall.tally

    def sum_of(number: Callable[[UnitLine], int]) -> int:
        return sum(map(number, figures.units))

    return (
        None,
        None,
        text("summary_workbook.total"),
        None,
        sum_of(lambda line: line.standing.headcount or 0),
        sum_of(lambda line: line.standing.rows),
        sum_of(lambda line: line.standing.out_of_scope),
        tally.in_scope,
        tally.deferred,
        tally.done,
        figures.overall.as_known(tally.left),
        _fraction(figures.overall.rate),
        _fraction(figures.target),
        _fraction(figures.overall.strict_rate),
        figures.change.points if figures.change else None,
        *(part.share.people for part in figures.parts),
        figures.rows_with_errors,
        sum_of(lambda line: line.standing.warnings),
    )


def _group_name(group: str) -> str:
    return group or text("figures.no_group")


def _forecasts(figures: SummaryFigures) -> _Sheet:
    columns = (
        _column("unit", 46),
        _column("group", 29),
        _column("outlook", 27),
        _column("to_go", 10, _COUNT),
        _column("newly_done", 10, _COUNT),
        _column("in_days", 10, _PACE),
        _column("pace", 10, _PACE),
        _column("needed", 10, _PACE),
        _column("reached_on", 13, _DAY),
        _column("days_late", 9, _COUNT),
        _column("done_at_deadline", 12, _COUNT),
        _column("rate_at_deadline", 10, _RATE),
        _column("changed_at", 17, _MOMENT),
        _column("code", 20),
    )
    rows = [
        (
            line.unit.name,
            _group_name(line.standing.group),
            *_forecast(line.forecast, line.unit, figures.work_left),
            line.at_deadline,
            _fraction(None if line.at_deadline is None else per_cent(line.at_deadline, line.unit.counted)),
            *_last_change(line.standing),
        )
        for line in figures.units
    ]
    of_all, then = figures.forecast, figures.forecast.at_deadline
    total = (
        text("summary_workbook.total"),
        None,
        *_forecast(of_all, figures.overall, figures.work_left),
        *((then.done, _fraction(then.rate)) if then else ()),
    )
    return _Sheet("forecasts", columns, rows, total)


def _forecast(forecast: Forecast, of: Tallied, work_left: float) -> Sequence[Value]:
    words = text(f"summary_workbook.outlook.{forecast.outlook.name.lower()}")
    late = forecast.days_late if forecast.reached_on else None
    to_go = of.as_known(forecast.to_go)
    return words, to_go, *_pace(forecast, work_left), forecast.needed, forecast.reached_on, late


def _pace(forecast: Forecast, work_left: float) -> Sequence[Value]:
    """People, days, and people a day: a few people in many days are not told by a fraction of one alone."""
    if not (pace := forecast.pace):
        return None, None, None
    return pace.people, round(pace.days, 4), pace_shown(pace, forecast.to_go, work_left)


def _last_change(of: Standing) -> Sequence[Value]:
    changed = of.changed_at or of.as_of
    moment = changed.replace(second=0, microsecond=0, tzinfo=None) if changed else None
    return moment, of.code


def _funnel(figures: SummaryFigures) -> _Sheet:
    columns = (
        _column("result", 40),
        _column("counts_as", 22),
        _column("people", 12, _COUNT),
        _column("share", 16, _RATE, bar=True),
    )
    funnel = figures.funnel
    rows: list[Sequence[Value]] = [
        (each.label, each.counts_as.value, each.people, _fraction(each.share)) for each in funnel.occupied
    ]
    if funnel.not_entered.people:
        rows.append((funnel.not_entered_label, "", funnel.not_entered.people, _fraction(funnel.not_entered.rate)))
    return _Sheet("funnel", columns, rows, (text("summary_workbook.sum"), None, funnel.everybody))


_RATED = (
    _column("in_scope", 12, _COUNT),
    _column("deferred", 12, _COUNT),
    _column("done", 12, _COUNT),
    _column("left", 12, _COUNT),
    _column("rate", 16, _RATE, bar=True),
    _column("target", 12, _RATE),
)


def _rated(of: Rated) -> Sequence[Value]:
    tally = of.tally
    return (
        tally.in_scope,
        tally.deferred,
        tally.done,
        of.as_known(tally.left),
        _fraction(of.rate),
        _fraction(of.target),
    )


def _groups(figures: SummaryFigures) -> _Sheet:
    columns = (
        _column("group", 40),
        _column("units", 12, _COUNT),
        _column("units_without_people", 14, _COUNT),
        *_RATED,
    )
    rows = [(_group_name(each.name), each.units, each.units_without_people, *_rated(each)) for each in figures.groups]
    total = (text("summary_workbook.total"), figures.overall.units, None, *_rated(figures.overall))
    return _Sheet("groups", columns, rows, total)


def _categories(figures: SummaryFigures) -> _Sheet:
    rows = [(each.name or text("figures.no_category"), *_rated(each)) for each in figures.categories]
    party = (figures.party.name, *_rated(figures.party)) if figures.party else ()
    return _Sheet("categories", (_column("category", 40), *_RATED), rows, party)


def _difficulties(figures: SummaryFigures) -> _Sheet:
    """A line a unit, a column a difficulty."""
    found = figures.difficulties
    labels = [each.label or text("summary_workbook.free_text") for each in found]
    columns = (
        _column("unit", 46),
        _column("people", 10, _COUNT),
        *(_Column(label, 13, _COUNT) for label in labels),
    )
    by_unit: dict[str, list[int | None]] = {}
    for number, difficulty in enumerate(found):
        for unit, people in difficulty.units:
            by_unit.setdefault(unit, [None] * len(found))[number] = people
    most_first = sorted(by_unit.items(), key=lambda each: (-_sum(each[1]), sort_key(each[0])))
    rows = [(unit, _sum(counts), *counts) for unit, counts in most_first]
    everywhere = [each.people for each in found]
    return _Sheet("difficulties", columns, rows, (text("summary_workbook.total"), sum(everywhere), *everywhere))


def _sum(counts: Iterable[int | None]) -> int:
    return sum(count or 0 for count in counts)


def _errors(figures: SummaryFigures) -> _Sheet:
    columns = (
        _column("field", 24),
        _column("wrong", 60),
        _column("unit", 46),
        _column("errors", 12, _COUNT),
    )
    rows = [(each.header, each.wrong, unit, rows) for each in figures.errors_by_rule for unit, rows in each.by_unit]
    return _Sheet("errors", columns, rows)


def _tasks(figures: SummaryFigures) -> _Sheet:
    columns = (_column("task", 36), _column("unit", 46), _column("detail", 80))
    return _Sheet("tasks", columns, [(_task(key), unit, detail) for key, unit, detail in _open_matters(figures)])


def _task(key: str, **figures: object) -> str:
    return text(f"summary_workbook.tasks.{key}", **figures)


def _duplicate_rows(pair: Duplicate) -> str:
    shown = [_task("duplicate_rows", one=one, other=other) for one, other in pair.rows[:_CASES_SHOWN]]
    return "; ".join(shown if pair.cases <= _CASES_SHOWN else [*shown, "..."])


def _open_matters(figures: SummaryFigures) -> Iterable[tuple[str, str, str]]:
    """(kind, unit, what) of everything that somebody has to look at."""
    yield from _late_units(figures)
    for line in figures.standing_still:
        yield "standing_still", line.unit.name, _to_go(line)
    for name in figures.not_started:
        yield "not_started", name, ""
    for silent in figures.silent:
        yield "silent", silent.name, _task("silent_detail", days=silent.days)
    for line in figures.unknown:
        yield "unread", line.unit.name, _last_read(line.as_of)
    for unit in figures.many_out_of_scope:
        yield "out_of_scope", unit.name, _out_of_scope(unit)
    for line in figures.shorter:
        yield "vanished", line.unit.name, _task("vanished_detail", rows=line.standing.vanished_rows)
    for pair in figures.duplicates:
        detail = _task("duplicate_detail", other=pair.other, cases=pair.cases, rows=_duplicate_rows(pair))
        yield "duplicate", pair.one, detail
    yield from (("not_disseminated", name, "") for name in figures.dissemination.not_declared)


def _out_of_scope(unit: ManyOutOfScope) -> str:
    if unit.week_ago is None:
        return _task("out_of_scope_detail", people=unit.people, rows=unit.rows)
    return _task("out_of_scope_then", people=unit.people, rows=unit.rows, before=unit.week_ago)


def _late_units(figures: SummaryFigures) -> Iterable[tuple[str, str, str]]:
    """Whose pace leads beyond the deadline; once that has passed, all who are not there."""
    if figures.days_left >= 0:
        return (("late", line.unit.name, _late(line)) for line in figures.at_risk)
    behind = (line for line in figures.units if line.forecast.to_go)
    return (("past_deadline", line.unit.name, _late(line)) for line in behind)


def _to_go(line: UnitLine) -> str:
    detail = "to_go" if line.unit.is_size_known else "to_go_at_least"
    return _task(detail, people=number_text(line.forecast.to_go))


def _late(line: UnitLine) -> str:
    forecast = line.forecast
    if forecast.outlook is not Outlook.LATE:
        return _to_go(line)
    if forecast.reached_on is None:
        return _task("too_late_detail")
    return _task("late_detail", day=day_text(forecast.reached_on), days=forecast.days_late)


def _last_read(as_of: datetime | None) -> str:
    if as_of is None:
        return _task("never_read")
    return _task("unread_detail", hour=hour_text(as_of), day=day_text(as_of))


_DECLARED: Mapping[str, tuple[float, str, Callable[[Declaration], Value]]] = {
    FieldCode.DISSEMINATED_ON: (16, _DAY, lambda told: told.disseminated_on),
    FieldCode.DISSEMINATED_BY: (34, _TEXT, lambda told: told.disseminated_by),
    FieldCode.INFORMED: (16, _COUNT, lambda told: told.informed),
    FieldCode.RELATIVES: (16, _COUNT, lambda told: told.relatives),
    FieldCode.REPORTED_ON: (16, _DAY, lambda told: told.reported_on),
}
"""What units declare, by the code of the field: width and format of the column, and what stands in it."""


def _dissemination(figures: SummaryFigures) -> _Sheet:
    found = figures.dissemination
    asked = [(header, *_DECLARED[code]) for code, header in found.asked if code in _DECLARED]
    columns = (_column("unit", 46), *(_Column(header, width, form) for header, width, form, _ in asked))
    rows = [(line.unit.name, *(value(line.standing.declaration) for *_, value in asked)) for line in figures.units]
    sums = Declaration(informed=found.informed, relatives=found.relatives)
    whole = [value(sums) or None for *_, value in asked]
    return _Sheet("dissemination", columns, rows, (text("summary_workbook.total"), *whole))


def _trend(figures: SummaryFigures) -> _Sheet:
    columns = (
        _column("day", 14, _DAY),
        _column("counted", 14, _COUNT),
        _column("done", 14, _COUNT),
        _column("rate", 16, _RATE, bar=True),
        _column("gained", 14, "+#,##0;-#,##0;0"),
    )
    gained = [None, *(after.done - before.done for before, after in pairwise(figures.trend))]
    rows = [
        (each.day, each.counted, each.done, _fraction(each.rate), more)
        for each, more in zip(figures.trend, gained, strict=bool(figures.trend))
    ]
    return _Sheet("trend", columns, rows)


def _rate_notes(figures: SummaryFigures) -> Iterable[tuple[str, str]]:
    """What is counted, and as a share of whom."""
    keys = ("scope", "rate", "strict") if figures.asks_exemptions else ("scope_of_all", "rate_of_all")
    for key in (*keys, *(("parts",) if figures.parts else ())):
        yield text(f"summary_workbook.notes.{key.removesuffix('_of_all')}"), text(f"summary_workbook.notes.{key}_text")


def _notes(figures: SummaryFigures) -> _Sheet:
    as_of = text("summary_workbook.notes.as_of_text", hour=hour_text(figures.as_of), day=day_text(figures.as_of))
    rows = [
        (text("summary_workbook.notes.as_of"), as_of),
        (text("summary_workbook.notes.deadline"), day_text(figures.deadline)),
        *_rate_notes(figures),
        *(
            (text(f"summary_workbook.notes.{key}"), text(f"summary_workbook.notes.{key}_text"))
            for key in ("left", "pace", "outlook", "at_deadline", "needed", "change", "source")
        ),
    ]
    return _Sheet("notes", (_column("item", 28), _column("meaning", 100)), rows)


_SHEETS: Sequence[Callable[[SummaryFigures], _Sheet]] = (
    _units,
    _forecasts,
    _funnel,
    _groups,
    _categories,
    _difficulties,
    _errors,
    _tasks,
    _dissemination,
    _trend,
    _notes,
)


def _always(_figures: SummaryFigures) -> bool:
    return True


_WANTED: Mapping[Callable[[SummaryFigures], _Sheet], Callable[[SummaryFigures], bool]] = {
    _categories: lambda figures: figures.asks_categories,
    _difficulties: lambda figures: figures.asks_difficulties or bool(figures.difficulties),
    _dissemination: lambda figures: figures.dissemination.is_told,
}
"""The sheets that come only where their fields are collected."""

_EXEMPTIONS = ("out_of_scope", "deferred", "strict_rate")
"""The columns that nobody is counted in where no exemptions are collected."""


def _without_exemptions(sheet: _Sheet) -> _Sheet:
    unwanted = {text(f"summary_workbook.columns.{key}") for key in _EXEMPTIONS}
    kept = [place for place, column in enumerate(sheet.columns) if column.header not in unwanted]

    def cut(row: Sequence[Value]) -> Sequence[Value]:
        return [row[place] for place in kept if place < len(row)]

    columns = [sheet.columns[place] for place in kept]
    return replace(sheet, columns=columns, rows=[cut(row) for row in sheet.rows], total=cut(sheet.total))


def _fraction(rate: float | None) -> float | None:
    return None if rate is None else round(rate / 100, 4)


# --- how a sheet is drawn -------------------------------------------------------------------------------------

_EDGE = Side(style="thin", color=_LINE)
_HEAD_FONT, _BODY_FONT, _TOTAL_FONT = (
    Font(_FONT, 10, bold=True, color=f"FF{WHITE}"),
    Font(_FONT, 10),
    Font(_FONT, 10, bold=True),
)
_TEXT_PLACE = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
_NUMBER_PLACE = Alignment(vertical="center", horizontal="right")
_LINE_HEIGHT = 13.0
"""Points that one line of 10 point text takes."""
_LETTERS = 1.05
"""How many more letters of 10 points fit into a width than of the usual 11."""


def _title(key: str) -> str:
    return text(f"summary_workbook.sheets.{key}")


def _draw(book: Workbook, sheet: _Sheet, title: str) -> None:
    drawn: Worksheet = book.create_sheet(_title(sheet.key))
    for number, column in enumerate(sheet.columns, start=1):
        _draw_header(drawn.cell(1, number), column)
        drawn.column_dimensions[get_column_letter(number)].width = column.width
    for row, values in enumerate(sheet.rows, start=2):
        _draw_line(drawn, row, values, sheet.columns, _BODY_FONT)
    last = len(sheet.rows) + 1
    if sheet.total:
        _draw_line(drawn, last + 2, sheet.total, sheet.columns, _TOTAL_FONT)
    lines = max(lines_needed(column.header, column.width) for column in sheet.columns)
    drawn.row_dimensions[1].height = lines * _LINE_HEIGHT + 3 * MARGIN
    drawn.freeze_panes = "D2" if sheet.key == "units" else "B2"
    drawn.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{max(2, last)}"
    _add_bars(drawn, sheet, last)
    set_up_printing(drawn, title)


def _draw_header(cell: Cell | MergedCell, column: _Column) -> None:
    cell.value = column.header
    cell.font = _HEAD_FONT
    cell.fill = PatternFill("solid", fgColor=_DARK)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _draw_line(drawn: Worksheet, row: int, values: Sequence[Value], columns: Sequence[_Column], font: Font) -> None:
    for number, (value, column) in enumerate(zip(values, columns, strict=False), start=1):
        cell = drawn.cell(row, number)
        _put(cell, value)
        cell.font = font
        cell.border = Border(bottom=_EDGE)
        is_text = column.format == _TEXT
        cell.number_format = "General" if is_text else column.format
        if isinstance(value, AtLeast):
            cell.number_format = text("summary_workbook.at_least_format", format=column.format)
        cell.alignment = _TEXT_PLACE if is_text else _NUMBER_PLACE
    wrapped = (
        lines_needed(value, column.width * _LETTERS)
        for value, column in zip(values, columns, strict=False)
        if isinstance(value, str)
    )
    lines = max(wrapped, default=1)
    drawn.row_dimensions[row].height = lines * _LINE_HEIGHT + MARGIN


def _put(cell: Cell | MergedCell, value: Value) -> None:
    """Text that looks like a formula stays text, also after somebody edits the cell."""
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) or None
    if value.startswith(("=", "+", "-", "@")):
        assert isinstance(cell, Cell)
        cell.data_type = "s"
        cell.quotePrefix = True


def _add_bars(drawn: Worksheet, sheet: _Sheet, last: int) -> None:
    for number, column in enumerate(sheet.columns, start=1):
        if column.bar and last > 1:
            letter = get_column_letter(number)
            ends = [FormatObject("num", 0), FormatObject("num", 1)]
            bar = Rule("dataBar", dataBar=DataBar(cfvo=ends, color=_BAR, showValue=True, minLength=0, maxLength=100))
            drawn.conditional_formatting.add(f"{letter}2:{letter}{last}", bar)


def _draw_chart(drawn: Worksheet, days: int) -> None:
    if days < 2:
        return
    chart = LineChart()
    chart.title, chart.legend = text("summary_workbook.chart"), None
    chart.height, chart.width = 9, 18
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 1
    chart.y_axis.number_format, chart.x_axis.number_format = "0%", "dd/mm"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.add_data(Reference(drawn, min_col=4, min_row=1, max_row=days + 1), titles_from_data=True)
    chart.set_categories(Reference(drawn, min_col=1, min_row=2, max_row=days + 1))
    chart.series[0].graphicalProperties.line.solidFill = _DARK
    chart.series[0].smooth = False
    drawn.add_chart(chart, "G2")
