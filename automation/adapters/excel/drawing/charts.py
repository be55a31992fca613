"""The bot's charts in a workbook file, told from those of people by tab and title.

openpyxl keeps charts that a file holds in a simpler form only. Ours lose nothing, for they are drawn anew.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias

from lxml import etree
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.marker import Marker
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.excel.drawing.style_palette import THOUSANDS
from automation.adapters.excel.package import Package, parsed, relationships_part
from automation.core.model.layout import ChartKind, ChartLook, Format, TabLook
from automation.core.model.palette import ACCENT, GREY, INK, QUIET_INK, SERIES

_CHART_ONLY = {"chartStyle", "chartColorStyle"}
"""Parts that Excel adds to a chart when it saves the file."""
_LABEL_SIZE, _TITLE_SIZE = 900, 1400
"""In hundredths of a point."""
_POINT = 5
"""Points that a day takes: a single one makes no line."""
_SLANTED = -45 * 60_000
"""In 60,000ths of a degree. Left alone, LibreOffice writes a single day letter below letter, over half of the chart."""
_Dash: TypeAlias = Literal["solid", "sysDash"]
_DASHES: tuple[_Dash, ...] = ("solid", "sysDash")
"""By series: what tells lines apart without colour."""
_EMU_A_PIXEL = 9525
"""English metric units (ECMA-376 part 1, 20.1.2.1) at 96 pixels an inch."""
_MARGIN, _WIDTH = 0.02, 0.92
"""At the right there is room for the figure beside a full bar."""
_RATE, _COUNT = "0%", THOUSANDS
_RATE_LABEL, _COUNT_LABEL = "0.0%;;", '[>=1000]0"."000;[>0]0;'
"""Nothing beside a bar that is none: a cell without a rate holds a dash, which charts take for zero."""


# --- drawing ----------------------------------------------------------------------------------------------


def draw_charts(sheet: Worksheet, look: TabLook) -> None:
    """Put the charts of the look into the sheet in place of those it has of them; where people moved one it stays."""
    charts: list[Any] = sheet._charts  # type: ignore[attr-defined]  # the stubs know no _charts
    present = {_title_of(chart): chart for chart in charts}
    titles = {chart.title for chart in look.charts} | set(look.former_charts)
    charts[:] = [chart for chart in charts if _title_of(chart) not in titles]
    formats = {column.column: column.format for column in look.columns}
    for each in look.charts:
        chart = _chart(sheet, each, is_rate=all(formats.get(column) is Format.RATE for column in each.series))
        chart.anchor = present[each.title].anchor if each.title in present else _anchor(each)
        charts.append(chart)


def _chart(sheet: Worksheet, look: ChartLook, *, is_rate: bool) -> Any:
    chart: Any = LineChart() if look.kind is ChartKind.LINE else BarChart()
    if look.kind is not ChartKind.LINE:
        chart.type = "bar" if look.kind is ChartKind.BAR else "col"
        chart.gapWidth = 40
    for place, column in enumerate(look.series):
        chart.add_data(Reference(sheet, column, look.first_row, column, look.last_row), titles_from_data=True)
        _paint(chart.series[place], SERIES[place % len(SERIES)], look.kind, _DASHES[place % len(_DASHES)])
    chart.set_categories(Reference(sheet, look.categories, look.first_row + 1, look.categories, look.last_row))
    chart.title = _title(look.title)
    chart.title.layout = Layout(manualLayout=ManualLayout(xMode="edge", yMode="edge", x=_MARGIN, y=12 / look.height))
    chart.layout = _plot(look.height, with_legend=len(look.series) > 1)
    if len(look.series) == 1:
        chart.legend = None
    else:
        chart.legend.position = "b"
    _prepare_axes(chart, look.kind, is_rate=is_rate)
    if look.kind is not ChartKind.LINE:
        chart.dataLabels = _labels(_RATE_LABEL if is_rate else _COUNT_LABEL)
    chart.roundedCorners = False
    chart.visible_cells_only = False
    chart.graphical_properties = GraphicalProperties(ln=LineProperties(solidFill=GREY))
    return chart


def _plot(height: int, *, with_legend: bool) -> Layout:
    """The room for bars and names, in shares of the chart: else the title of a tall chart gets as much as its bars."""
    above, below = 54, 48 if with_legend else 14
    room = (height - above - below) / height
    place = ManualLayout(
        layoutTarget="outer", xMode="edge", yMode="edge", x=_MARGIN, y=above / height, w=_WIDTH, h=room
    )
    return Layout(manualLayout=place)


def _paint(series: Any, colour: str, kind: ChartKind, dash: _Dash) -> None:
    if kind is ChartKind.LINE:
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=28575, prstDash=dash))
        series.smooth = False
        point = GraphicalProperties(solidFill=colour, ln=LineProperties(solidFill=colour))
        series.marker = Marker("circle", size=_POINT, spPr=point)
    else:
        series.graphicalProperties = GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))
        series.invertIfNegative = False


def _prepare_axes(chart: Any, kind: ChartKind, *, is_rate: bool) -> None:
    names, numbers = chart.x_axis, chart.y_axis
    names.delete = numbers.delete = False  # openpyxl would hide them
    names.number_format, numbers.number_format = "General", _RATE if is_rate else _COUNT
    names.majorTickMark = numbers.majorTickMark = "none"
    names.txPr, numbers.txPr = _letters(INK, _SLANTED if kind is ChartKind.LINE else None), _letters(QUIET_INK)
    names.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=GREY))
    numbers.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    numbers.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=GREY))
    numbers.scaling.min = 0
    if is_rate:
        numbers.scaling.max, numbers.majorUnit = 1, 0.2
    if kind is ChartKind.BAR:  # the first name at the top, the numbers at the bottom all the same
        names.scaling.orientation = "maxMin"
        numbers.crosses = "max"
        names.tickLblSkip = 1


class _Labels(DataLabelList):
    """openpyxl cannot say that labels have a format of their own, and LibreOffice then takes that of the cells."""

    __elements__ = DataLabelList.__elements__
    __nested__ = DataLabelList.__nested__

    def to_tree(self, tagname: Any = None, idx: Any = None, namespace: Any = None) -> Any:
        tree = super().to_tree(tagname, idx, namespace)
        for each in tree.iterfind("{*}numFmt"):
            each.set("sourceLinked", "0")
        return tree


def _labels(number_format: str) -> DataLabelList:
    labels = _Labels(numFmt=number_format, showVal=True, txPr=_letters(QUIET_INK))
    for name in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
        setattr(labels, name, False)
    return labels


def _title(words: str) -> Title:
    style = CharacterProperties(sz=_TITLE_SIZE, b=True, solidFill=ACCENT)
    run = RegularTextRun(rPr=style, t=words)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=style), r=[run])
    return Title(tx=Text(rich=RichText(p=[paragraph])), overlay=False)


def _letters(colour: str, turned: int | None = None) -> RichText:
    style = CharacterProperties(sz=_LABEL_SIZE, solidFill=colour)
    return RichText(
        RichTextProperties(rot=turned), p=[Paragraph(pPr=ParagraphProperties(defRPr=style), endParaRPr=style)]
    )


def _anchor(look: ChartLook) -> OneCellAnchor:
    corner = AnchorMarker(col=look.column - 1, row=look.row - 1)
    size = XDRPositiveSize2D(_EMU_A_PIXEL * look.width, _EMU_A_PIXEL * look.height)
    return OneCellAnchor(_from=corner, ext=size)


def _title_of(chart: Any) -> str:
    rich = getattr(getattr(chart.title, "tx", None), "rich", None)
    return "".join(run.t or "" for paragraph in (rich.p if rich else ()) for run in paragraph.r or ())


# --- which parts are ours ---------------------------------------------------------------------------------


def our_chart_parts(package: Package, looks: Iterable[TabLook]) -> set[str]:
    """The parts of the file that hold our charts and nothing of people's, or nothing at all, such as the drawing that
    LibreOffice adds to a tab without a picture: drawing them anew loses nothing.
    """
    titles = {
        _folded(look.title): {*(chart.title for chart in look.charts), *look.former_charts}
        for look in looks
        if look.charts
    }
    parts: set[str] = set()
    for sheet in package.sheets:
        ours = titles.get(_folded(sheet.title), set())
        for drawing in package.related_to(sheet.part, "drawing"):
            parts.update(_ours_in(package, drawing, ours))
    return parts


def _ours_in(package: Package, drawing: str, titles: set[str]) -> Iterator[str]:
    charts = [part for part in package.related_to(drawing, "chart") if _title_in(package.read(part)) in titles]
    for part in charts:
        yield part
        yield relationships_part(part)
        for kind in _CHART_ONLY:
            yield from package.related_to(part, kind)
    things = [each for each in parsed(package.read(drawing)) if etree.QName(each).localname.endswith("Anchor")]
    if len(things) == len(charts):
        yield drawing


def _title_in(chart: bytes) -> str:
    title = parsed(chart).find("{*}chart/{*}title")
    return "" if title is None else "".join(run.text or "" for run in title.iterfind(".//{*}t"))


def _folded(title: str) -> str:
    return unicodedata.normalize("NFC", title).casefold()
