"""The bot's charts in a workbook file: drawn once, told from those of people, left alone by a cycle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from msgspec.structs import replace
from openpyxl.chart import BarChart, PieChart, Reference
from openpyxl.drawing.image import Image

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.core.model.layout import ChartKind, ChartLook, ColumnLook, Format, TabLook
from automation.core.model.workbook import CellChange, DrawOutcome, Row
from tests.office import converted, needs_calc

RATES = ChartLook("Tỷ lệ của từng đơn vị", ChartKind.BAR, 1, 4, 1, (3,), row=2, column=5)
PEOPLE = ChartLook("Số người & việc", ChartKind.COLUMN, 1, 4, 1, (2, 4), row=22, column=5, width=480, height=300)
LINES: tuple[Row, ...] = (
    ("Đơn vị", "Số người", "Tỷ lệ", "Còn lại"),
    ("Mai", 10, 1, 0),
    ("Lan", 8, 0.5, 4),
    ("Cúc", 5, "–", 5),
)
LOOK = TabLook(
    "Tổng hợp",
    0,
    (
        ColumnLook(1, "", 30),
        ColumnLook(2, "", 12, Format.INTEGER),
        ColumnLook(3, "", 12, Format.RATE),
        ColumnLook(4, "", 12, Format.INTEGER),
    ),
    values=tuple((row, column, value) for row, line in enumerate(LINES, 1) for column, value in enumerate(line, 1)),
    body_rows=20,
    charts=(RATES, PEOPLE),
)
OTHER = TabLook("Khác", 1, (ColumnLook(1, "Một", 20),), values=((1, 1, "Một"),), body_rows=5)
LOOKS = (LOOK, OTHER)


@pytest.fixture
def book(tmp_path: Path) -> ExcelWorkbook:
    drawn = ExcelWorkbook(tmp_path / "sổ.xlsx")
    assert drawn.draw(LOOKS) == DrawOutcome()
    return drawn


def charts(book: ExcelWorkbook, title: str = LOOK.title) -> dict[str, Any]:
    found = openpyxl.load_workbook(book.address)[title]._charts  # type: ignore[attr-defined]
    by_title = {words_of(chart.title): chart for chart in found}
    assert len(by_title) == len(found)
    return by_title


def words_of(title: Any) -> str:
    return "".join(run.t for paragraph in title.tx.rich.p for run in paragraph.r) if title else ""


def parts(book: ExcelWorkbook, *folders: str) -> dict[str, bytes]:
    with ZipFile(book.address) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.startswith(folders)}


def people_do(book: ExcelWorkbook, act: Callable[[openpyxl.Workbook], object]) -> None:
    opened = openpyxl.load_workbook(book.address)
    act(opened)
    opened.save(book.address)


# --- how they look ----------------------------------------------------------------------------------------


def test_charts_show_the_cells_they_are_made_for(book: ExcelWorkbook) -> None:
    found = charts(book)
    assert list(found) == [RATES.title, PEOPLE.title]
    rates, people = found.values()
    assert [series.val.numRef.f for series in rates.series] == ["'Tổng hợp'!$C$2:$C$4"]
    assert [series.cat.numRef.f for series in rates.series] == ["'Tổng hợp'!$A$2:$A$4"]
    assert [series.tx.strRef.f for series in people.series] == ["'Tổng hợp'!B1", "'Tổng hợp'!D1"]
    assert (rates.type, people.type) == ("bar", "col")


def test_the_first_name_is_at_the_top_and_a_rate_ends_at_100_per_cent(book: ExcelWorkbook) -> None:
    rates, people = charts(book).values()
    assert (rates.x_axis.scaling.orientation, people.x_axis.scaling.orientation) == ("maxMin", "minMax")
    assert numbers_of(rates) == (0, 1, "0%")
    assert numbers_of(people) == (0, None, '[>=1000000]0"."000"."000;[>=1000]0"."000;0')
    assert not any(axis.delete for chart in (rates, people) for axis in (chart.x_axis, chart.y_axis))


def numbers_of(chart: Any) -> tuple[float | None, float | None, str]:
    """Where the axis of the numbers begins and ends, and how it writes them."""
    axis = chart.y_axis
    return axis.scaling.min, axis.scaling.max, axis.numFmt.formatCode


def test_only_several_series_have_a_legend(book: ExcelWorkbook) -> None:
    rates, people = charts(book).values()
    assert rates.legend is None
    assert people.legend.position == "b"
    colours = [series.graphicalProperties.solidFill.srgbClr for series in people.series]
    assert len(set(colours)) == 2


def test_a_bar_that_is_none_bears_no_figure(book: ExcelWorkbook) -> None:
    """A dash in place of a rate is zero to a chart, and must not read as 0 per cent."""
    content = parts(book, "xl/charts/chart")["xl/charts/chart1.xml"]
    assert b'<numFmt formatCode="0.0%;;" sourceLinked="0"' in content


def test_a_line_is_drawn_too(tmp_path: Path) -> None:
    book = ExcelWorkbook(tmp_path / "sổ.xlsx")
    book.draw([replace(LOOK, charts=(replace(RATES, kind=ChartKind.LINE),))])
    assert type(charts(book)[RATES.title]).__name__ == "LineChart"


@pytest.mark.parametrize(("kind", "turned"), [(ChartKind.LINE, -2_700_000), (ChartKind.BAR, None)])
def test_a_single_day_is_not_written_letter_below_letter(tmp_path: Path, kind: ChartKind, turned: int | None) -> None:
    book = ExcelWorkbook(tmp_path / "sổ.xlsx")
    book.draw([replace(LOOK, charts=(replace(RATES, kind=kind),))])
    assert charts(book)[RATES.title].x_axis.txPr.bodyPr.rot == turned


# --- drawn again ------------------------------------------------------------------------------------------


def test_drawing_again_changes_nothing_and_keeps_no_copy(book: ExcelWorkbook) -> None:
    before = Path(book.address).read_bytes()
    assert book.draw(LOOKS) == DrawOutcome(changed=False)
    assert Path(book.address).read_bytes() == before
    assert [path.name for path in Path(book.address).parent.iterdir()] == ["sổ.xlsx"]


def test_a_chart_follows_the_cells_it_is_made_for(book: ExcelWorkbook) -> None:
    book.draw([replace(LOOK, charts=(replace(RATES, last_row=3), PEOPLE))])
    assert [series.val.numRef.f for series in charts(book)[RATES.title].series] == ["'Tổng hợp'!$C$2:$C$3"]


def test_charts_of_an_earlier_version_go_and_those_of_people_stay(book: ExcelWorkbook) -> None:
    def add(opened: openpyxl.Workbook) -> None:
        chart = BarChart()
        chart.title = "Của chúng tôi"
        chart.add_data(Reference(opened[LOOK.title], 2, 1, 2, 4))
        opened[LOOK.title].add_chart(chart)

    people_do(book, add)
    book.draw([replace(LOOK, charts=(PEOPLE,), former_charts=(RATES.title,))])
    assert set(charts(book)) == {PEOPLE.title, "Của chúng tôi"}


def test_hidden_figures_are_drawn(book: ExcelWorkbook) -> None:
    assert b'<plotVisOnly val="0"' in parts(book, "xl/charts/chart")["xl/charts/chart1.xml"]


def test_a_chart_that_people_moved_stays_where_it_is(book: ExcelWorkbook) -> None:
    def move(opened: openpyxl.Workbook) -> None:
        chart = opened[LOOK.title]._charts[0]  # type: ignore[attr-defined]
        chart.anchor._from.row, chart.anchor.ext.width = 40, 1_000_000

    people_do(book, move)
    assert book.draw(LOOKS) == DrawOutcome()
    anchor = charts(book)[RATES.title].anchor
    assert (anchor._from.row, anchor.ext.width) == (40, 1_000_000)


def test_a_chart_that_people_deleted_comes_back(book: ExcelWorkbook) -> None:
    people_do(book, lambda opened: opened[LOOK.title]._charts.clear())  # type: ignore[attr-defined]
    assert charts(book) == {}
    book.draw(LOOKS)
    assert list(charts(book)) == [RATES.title, PEOPLE.title]


def test_what_excel_adds_to_a_chart_is_no_loss(book: ExcelWorkbook) -> None:
    kind = "http://schemas.microsoft.com/office/2011/relationships/chartStyle"
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{kind}" Target="style1.xml"/></Relationships>'
    )
    with ZipFile(book.address, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/charts/style1.xml", "<style/>")
        archive.writestr("xl/charts/_rels/chart1.xml.rels", rels)
    assert book.draw(LOOKS) == DrawOutcome()


def test_a_drawing_with_nothing_in_it_is_no_loss(book: ExcelWorkbook, tmp_path: Path) -> None:
    """LibreOffice gives one to most tabs, and each `init` kept a copy of the file for them."""
    people_do(book, lambda opened: pie(opened, OTHER.title, "Biểu đồ"))
    emptied = tmp_path / "emptied.xlsx"
    with ZipFile(book.address) as before, ZipFile(emptied, "w", ZIP_DEFLATED) as after:
        drawing = "xl/drawings/drawing2.xml"
        assert b"chart" in before.read(drawing)
        for name in set(before.namelist()) - {"xl/charts/chart3.xml", "xl/drawings/_rels/drawing2.xml.rels"}:
            nothing = '<wsDr xmlns="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"/>'
            after.writestr(name, nothing if name == drawing else before.read(name))
    assert ExcelWorkbook(emptied).draw(LOOKS) == DrawOutcome()
    assert not list(tmp_path.glob("*init*"))


# --- charts of people -------------------------------------------------------------------------------------


def pie(opened: Any, tab: str, title: str | None) -> None:
    chart = PieChart()
    chart.title = title
    chart.add_data(Reference(opened[LOOK.title], 2, 1, 2, 4), titles_from_data=True)
    opened[tab].add_chart(chart, "K30")


@pytest.mark.parametrize(
    ("tab", "title"),
    [(LOOK.title, "Biểu đồ của phòng"), (LOOK.title, None), (OTHER.title, "Biểu đồ"), (OTHER.title, RATES.title)],
)
def test_charts_of_people_stay_and_are_told_of(book: ExcelWorkbook, tab: str, title: str | None) -> None:
    people_do(book, lambda opened: pie(opened, tab, title))
    before = Path(book.address).read_bytes()
    (remark,) = book.draw(LOOKS).remarks
    copy = Path(book.address).with_name("sổ (trước khi init).xlsx")
    assert "biểu đồ" in remark
    assert str(copy) in remark
    assert copy.read_bytes() == before
    assert type(charts(book, tab)[title or ""]).__name__ == "PieChart"
    assert [each for each in charts(book) if each in (RATES.title, PEOPLE.title)] == [RATES.title, PEOPLE.title]


def test_a_picture_beside_our_charts_is_told_of(book: ExcelWorkbook, tmp_path: Path) -> None:
    import matplotlib.pyplot as plt

    plt.imsave(tmp_path / "dot.png", [[0.0]])
    people_do(book, lambda opened: opened[LOOK.title].add_image(Image(tmp_path / "dot.png"), "K30"))
    (remark,) = book.draw(LOOKS).remarks
    assert "hình ảnh" in remark
    assert "biểu đồ" not in remark


def test_a_chart_of_people_alone_is_told_of_where_nothing_is_ours(tmp_path: Path) -> None:
    opened = openpyxl.Workbook()
    sheet = opened.worksheets[0]
    sheet.title = LOOK.title
    chart = BarChart()
    chart.add_data(Reference(sheet, 1, 1, 1, 2))
    sheet.add_chart(chart)
    opened.save(tmp_path / "sổ.xlsx")
    (remark,) = ExcelWorkbook(tmp_path / "sổ.xlsx").draw(LOOKS).remarks
    assert "biểu đồ, hình ảnh, hình vẽ" in remark


# --- a cycle ----------------------------------------------------------------------------------------------


def test_a_write_leaves_every_chart_as_it_is_byte_for_byte(book: ExcelWorkbook) -> None:
    people_do(book, lambda opened: pie(opened, LOOK.title, "Biểu đồ của phòng"))
    folders = ("xl/charts/", "xl/drawings/", "xl/worksheets/_rels/")
    before = parts(book, *folders)
    snapshot = book.read()
    assert book.write([CellChange(LOOK.title, 3, 3, 0.75), CellChange(LOOK.title, 30, 1, "Mới")], snapshot).held
    assert parts(book, *folders) == before
    assert len(charts(book)) == 3


@pytest.mark.office
@needs_calc
def test_our_charts_are_known_again_after_libreoffice_saved_them(book: ExcelWorkbook, tmp_path: Path) -> None:
    theirs = ExcelWorkbook(converted(Path(book.address), "xlsx", tmp_path / "out"))
    assert list(charts(theirs)) == [RATES.title, PEOPLE.title]
    assert not any("biểu đồ" in remark or "hình" in remark for remark in theirs.draw(LOOKS).remarks)
    assert list(charts(theirs)) == [RATES.title, PEOPLE.title]
