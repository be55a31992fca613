"""The pictures of README.md, made from a fresh demo: python -m docs.make_pictures

Needs LibreOffice, pdftoppm and Chromium (the packages in `.ci/debian-packages`).
"""

from __future__ import annotations

import base64
import email
import email.policy
import subprocess
import tempfile
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image, ImageChops
from rich.console import Console

from automation.adapters.config_files import default_tables
from automation.adapters.excel.row_heights import LINE, MARGIN, lines_needed
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.store.copies import CopyFolder
from automation.adapters.store.store import STORE_FILE, SqliteStore
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.init import set_up
from automation.app.lists.adopt import adopt
from automation.app.records.copying import CopyKeeper
from automation.app.records.freeze import freeze
from automation.app.records.restore import RestoreRequest, restore
from automation.cli.demo import run_demo
from automation.core.config import tabs
from automation.core.config.shipped import ShippedTables
from automation.core.model.workbook import Cell, Row
from tests.lists import LISTS

IMAGES = Path(__file__).parent / "images"
NOW = datetime(2023, 4, 20, 8, 0)
UNIT_TAB = "BV Nhân dân Gia Định"
UNIT_HEADERS = 3
UNIT_COLUMNS = {
    "Kết quả": 18.5,
    "Họ và tên": 19,
    "Ngày sinh": 11.5,
    "Số CCCD": 14.5,
    "Tình trạng tài khoản": 19.5,
    "Việc cần làm": 34,
    "Lỗi cần sửa": 34,
}
"""The columns to show, with the widths at which they can be read on a page."""
UNIT_ROWS = (4, 6, 8, 11, 13, 16, 19, 20)
"""Rows of people in all sorts of states."""
LIST_TAB = "Nhân sự"
LIST_HEADERS = 7
LIST_ROWS = range(1, 19)
SIGNATURE_LINES = 6
LIST_COLUMNS = {
    "STT": 5.0,
    "Họ và tên": 25,
    "Ngày sinh": 11.5,
    "Số CCCD": 14.5,
    "Đối tượng": 15,
    "Thẻ CCCD gắn chíp": 11,
    "Mức độ định danh": 11,
    "Tình trạng tài khoản": 19.5,
}
LIST_RESULTS = {"Kết quả": 18.5, "Việc cần làm": 34}
SENT_HEADERS = 1
SENT_ROWS = range(1, 12)
SENT_COLUMNS: dict[str, float] = {
    "Thời điểm": 15,
    "Mã": 16,
    "Đơn vị": 34,
    "Gửi tới": 12,
    "Mẫu thư": 13,
    "Lý do": 27,
    "Kết quả": 14,
}
SUMMARY_TAB = "Đơn vị"
SUMMARY_HEADERS = 1
SUMMARY_ROWS = range(1, 16)
SUMMARY_COLUMNS: dict[str, float] = {
    "Hạng": 7,
    "Đơn vị": 48,
    "Thuộc đối tượng": 10,
    "Hoàn thành": 9,
    "Còn lại": 8,
    "Tỷ lệ": 12,
    "Đã làm thẻ gắn chíp": 11,
    "Đã kích hoạt, đăng nhập": 13,
    "Dòng có lỗi": 9,
}
PEOPLE = (
    *("Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường", "Phạm Thị Dung", "Hoàng Văn Em", "Võ Thị Giang"),
    *("Đặng Văn Hải", "Bùi Thị Hoa", "Đỗ Văn Khang", "Hồ Thị Lan", "Ngô Văn Minh", "Dương Thị Nga"),
)
SOUND_CELLS: dict[str, Cell] = {
    "Ngày sinh": date(1985, 3, 15),
    "Giới tính": "Nam",
    "Đối tượng": "Viên chức",
    "Đảng viên": "Không",
    "Thẻ CCCD gắn chíp": "Đã có",
    "Mức tài khoản": "Mức 2",
    "Tình trạng tài khoản": "Đã kích hoạt và đăng nhập",
}
WRONG_CELLS: tuple[dict[str, Cell], ...] = (
    {"Số CCCD": "07908500012"},
    {"Ngày sinh": None},
    {"Giới tính": "Không rõ"},
    {"Số CCCD": "079085"},
    {"Giới tính": "Khác"},
    {"Đối tượng": None},
    {"Số CCCD": "123456789"},
    {"Đảng viên": "Đã kết nạp"},
    {"Ngày sinh": None},
    {"Số CCCD": None},
)
"""What is wrong in the rows of the first ten."""
SMALL_TAB = "BV Mẫu"
FROZEN_TAB = "Từng người"
FROZEN_ROWS = 24
SCREEN = (1320, 620)
"""Pixels that a small screen leaves for cells."""
EMPTY_SCREEN = (1320, 300)
PAGE_WIDTH = 1000
"""Pixels that a page gives a picture."""
SHARPNESS = 2
"""Pixels of a picture for each of these: for screens that have more."""
COLOURS = 128
EDGE = 6
"""Pixels of white that stay around it."""

VIETNAMESE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>vi-VN</value></prop>
</item>
</oor:items>
"""
"""LibreOffice's settings: numbers as Vietnamese writes them, whatever the language of this machine."""


def main() -> None:
    """Make every picture anew."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_demo(folder, 6_000, NOW, Console(quiet=True))
        book = next(folder.glob("*.xlsx"))
        picture_of_tab(book, UNIT_TAB, "unit-tab", rows=UNIT_ROWS, columns=UNIT_COLUMNS)
        picture_of_screen(book, tabs.DASHBOARD, "dashboard")
        picture_of_paper(book, UNIT_TAB, "paper")
        picture_of_paper(book, tabs.GUIDE, "guide")
        picture_of_tab(book, tabs.MAILS, "sent-mails", rows=SENT_ROWS, columns=SENT_COLUMNS, headers=SENT_HEADERS)
        mails = next(folder.glob("*.tccb")) / "mails"
        picture_of_mail(next(mails.glob("*nhac-viec*gia-dinh*.eml")), "reminder", height=1500)
        summary = next(mails.glob("*tong-hop*.eml"))
        picture_of_mail(summary, "summary", height=1500)
        tables, report = attachments_of(summary, folder)
        picture_of_tab(
            tables, SUMMARY_TAB, "summary-tables", rows=SUMMARY_ROWS, columns=SUMMARY_COLUMNS, headers=SUMMARY_HEADERS
        )
        picture_of_page(report, "report", part=0.6)
        pictures_of_a_list(folder)
        picture_of_wrong_rows(folder)
        picture_of_an_empty_tab(folder)
        picture_of_a_frozen_file(book)
        picture_of_a_restored_tab(folder)


def picture_of_a_frozen_file(book: Path) -> None:
    """A page of a file that was put away, as it prints."""
    with closing(SqliteStore(book.with_suffix(".tccb") / STORE_FILE)) as store:
        found = freeze(ExcelWorkbook(book), store, standing_clock(NOW), "Chốt tháng 4", book.parent)
    assert found.file is not None
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "frozen.xlsx"
        workbook = load_workbook(found.file)
        sheet = alone_in(workbook, FROZEN_TAB)
        sheet.print_area = f"A1:{get_column_letter(sheet.max_column)}{FROZEN_ROWS}"
        workbook.save(alone)
        picture_of_page(alone, "frozen")


def picture_of_a_restored_tab(folder: Path) -> None:
    """What comes back beside a tab that lost its people."""
    book, shipped = small_book(folder / "lost.xlsx", ({},) * len(WRONG_CELLS))
    copies = CopyFolder(folder / "copies", None)
    with closing(SqliteStore(folder / "lost.sqlite3")) as store:
        run_cycle(ExcelWorkbook(book), store, None, standing_clock(NOW), shipped=shipped, keeper=CopyKeeper(copies))
        workbook = load_workbook(book, rich_text=True)
        for row in workbook[SMALL_TAB].iter_rows(min_row=UNIT_HEADERS + 3):
            for cell in row:
                cell.value = None
        workbook.save(book)
        found = restore(ExcelWorkbook(book), store, copies, RestoreRequest("mau"), shipped)
    for title, name in ((SMALL_TAB, "damaged"), (found.restored[0].title, "restored")):
        picture_of_screen(book, title, name)


def picture_of_wrong_rows(folder: Path) -> None:
    """The first screen of a tab with ten wrong rows, as somebody with a small screen has it."""
    book, shipped = small_book(folder / "wrong.xlsx", WRONG_CELLS)
    with closing(SqliteStore(folder / "wrong.sqlite3")) as store:
        run_cycle(ExcelWorkbook(book), store, None, standing_clock(NOW), shipped=shipped)
    picture_of_screen(book, SMALL_TAB, "ten-wrong-rows")


def picture_of_an_empty_tab(folder: Path) -> None:
    """The first screen of a tab in which nobody is entered yet."""
    book, shipped = small_book(folder / "empty.xlsx", (), people=())
    with closing(SqliteStore(folder / "empty.sqlite3")) as store:
        run_cycle(ExcelWorkbook(book), store, None, standing_clock(NOW), shipped=shipped)
    picture_of_screen(book, SMALL_TAB, "empty-tab", EMPTY_SCREEN)


def picture_of_paper(book: Path, title: str, name: str) -> None:
    """The first page of a tab, as it prints."""
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "paper.xlsx"
        workbook = load_workbook(book, rich_text=True)
        alone_in(workbook, title)
        workbook.save(alone)
        picture_of_page(alone, name)


def small_book(
    book: Path, wrong_cells: Sequence[dict[str, Cell]], people: Sequence[str] = PEOPLE
) -> tuple[Path, ShippedTables]:
    """One unit of twelve, of which `people` are entered. `wrong_cells`: what is wrong in the rows of the first ones."""
    unit = SMALL_TAB
    units: list[Row] = [tabs.HEADERS[tabs.REGISTRY], ["mau", "Bệnh viện Mẫu", "Bệnh viện", unit, None, 12]]
    shipped = ShippedTables({**default_tables(), tabs.REGISTRY: units})
    set_up(ExcelWorkbook(book), clock=standing_clock(NOW), shipped=shipped)
    workbook = load_workbook(book, rich_text=True)
    sheet = workbook[unit]
    headers = {str(cell.value): column for column, cell in enumerate(sheet[UNIT_HEADERS], start=1)}
    sound_rows: Sequence[dict[str, Cell]] = [{}] * (len(people) - len(wrong_cells))
    for place, (name, wrong) in enumerate(zip(people, (*wrong_cells, *sound_rows), strict=True)):
        sound: dict[str, Cell] = {"STT": place + 1, "Họ và tên": name, "Số CCCD": f"0790850001{place:02d}"}
        for header, value in {**sound, **SOUND_CELLS, **wrong}.items():
            cell = sheet.cell(UNIT_HEADERS + 1 + place, headers[header], value)
            cell.number_format = "dd/mm/yyyy" if isinstance(value, date) else "@"
            cell.alignment = Alignment(horizontal="center" if isinstance(value, date) else None, vertical="top")
    workbook.save(book)
    return book, shipped


def alone_in(workbook: Workbook, title: str) -> Worksheet:
    """The tab of that title, the only one that prints: one with a print area does so also where it is hidden."""
    for sheet in workbook.worksheets:
        sheet.sheet_state = "visible" if sheet.title == title else "hidden"
        if sheet.title != title:
            sheet.print_area = None
    workbook.active = workbook[title]
    return workbook[title]


def picture_of_screen(book: Path, title: str, name: str, size: tuple[int, int] = SCREEN) -> None:
    """What of a tab stands on a screen of 1366 to 768 pixels, as LibreOffice draws it."""
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / f"{name}.xlsx"
        workbook = load_workbook(book, rich_text=True)
        sheet = alone_in(workbook, title)
        sheet.HeaderFooter, sheet.print_title_rows = HeaderFooter(), None
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=False)
        sheet.page_setup.paperSize, sheet.page_setup.scale = sheet.PAPERSIZE_A3, 100
        sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = None
        sheet.page_margins = PageMargins(0, 0, 0, 0, 0, 0)
        sheet.print_area = f"A1:{get_column_letter(sheet.max_column)}40"
        workbook.save(alone)
        page = printed(alone, Path(folder), dots=2 * 96)
        save(page.crop((0, 0, 2 * size[0], 2 * size[1])), name)


def pictures_of_a_list(folder: Path) -> None:
    """A list as a unit keeps it, and the same once `adopt` took it on and a cycle judged it."""
    book = folder / "list.xlsx"
    lay_out_a_list(book)
    picture_of_tab(book, LIST_TAB, "list-before", rows=LIST_ROWS, columns=LIST_COLUMNS, headers=LIST_HEADERS)
    units: list[Row] = [tabs.HEADERS[tabs.REGISTRY], ["mau", "Bệnh viện Mẫu", "Bệnh viện", "BV Mẫu", None, 12]]
    shipped = ShippedTables({**default_tables(), tabs.REGISTRY: units})
    adopt(ExcelWorkbook(book), standing_clock(NOW), apply=True, shipped=shipped)
    with closing(SqliteStore(folder / "list.sqlite3")) as store:
        run_cycle(ExcelWorkbook(book), store, None, standing_clock(NOW), shipped=shipped)
    columns = {**LIST_COLUMNS, **LIST_RESULTS}
    picture_of_tab(book, LIST_TAB, "list-after", rows=LIST_ROWS, columns=columns, headers=LIST_HEADERS)


def lay_out_a_list(path: Path) -> None:
    """With lines around its cells, as an office prints it."""
    book, kept, line = Workbook(), LISTS["by_department"], Side("thin")
    sheet = book.worksheets[0]
    sheet.title = LIST_TAB
    for number, row in enumerate(kept.rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column, value)
            is_listed = LIST_HEADERS <= number < len(kept.rows) - SIGNATURE_LINES
            cell.border = Border(line, line, line, line) if is_listed else Border()
            cell.font = Font(bold=number <= LIST_HEADERS or number not in kept.people)
            cell.number_format = (
                "dd/mm/yyyy" if isinstance(value, date) else "@" if isinstance(value, str) else "General"
            )
    for top, left, bottom, right in kept.merged:
        sheet.merge_cells(f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}")
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    book.save(path)


def picture_of_tab(
    book: Path,
    title: str,
    name: str,
    rows: Collection[int],
    columns: dict[str, float] | None = None,
    headers: int = UNIT_HEADERS,
) -> None:
    """Some rows of a tab as LibreOffice prints them; `columns`: the headers to show and their widths, if not all."""
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / f"{name}.xlsx"
        workbook = load_workbook(book, rich_text=True)
        sheet = alone_in(workbook, title)
        if columns:
            show_only(sheet, columns, rows, headers)
        sheet.HeaderFooter, sheet.print_options.gridLines = HeaderFooter(), False
        sheet.page_setup.fitToWidth, sheet.print_title_cols = 1, None
        sheet.print_area = f"A1:{get_column_letter(sheet.max_column)}{max(rows)}"
        workbook.save(alone)
        picture_of_page(alone, name)


def show_only(sheet: Worksheet, columns: dict[str, float], rows: Collection[int], headers: int) -> None:
    """Hide the other columns of a unit's tab, the line with its declaration and the people in between. `headers`: the
    line of its headers.
    """
    for number, header in enumerate((cell.value for cell in sheet[headers]), start=1):
        column = sheet.column_dimensions[get_column_letter(number)]
        column.hidden = header not in columns
        column.width = columns.get(str(header), column.width)
    for row in range(2, max(rows) + 1):
        sheet.row_dimensions[row].hidden = row not in (headers, *rows)
    for area in (each for each in sheet.merged_cells.ranges if each.min_row < headers):
        shown = (
            columns.get(str(sheet.cell(headers, number).value), 0.0) for number in range(area.min_col, area.max_col + 1)
        )
        if lines := lines_needed(str(sheet.cell(area.min_row, area.min_col).value or ""), 0.85 * sum(shown) or 1.0):
            sheet.row_dimensions[area.min_row].height = lines * LINE + MARGIN
    across = {area.min_row for area in sheet.merged_cells.ranges}
    for row in (headers, *(row for row in rows if row > headers and row not in across)):
        fit(sheet, row, columns, headers)


def fit(sheet: Worksheet, row: int, columns: dict[str, float], headers: int) -> None:
    """Make the row as high as its text needs in columns that are narrower now."""
    lines = 1
    for cell, header in zip(sheet[row], sheet[headers], strict=True):
        if width := columns.get(str(header.value)):
            lines = max(lines, lines_needed(str(cell.value or ""), width))
        horizontal, vertical = cell.alignment.horizontal, cell.alignment.vertical
        cell.alignment = Alignment(horizontal=horizontal, vertical=vertical, wrap_text=True)
    sheet.row_dimensions[row].height = lines * LINE + MARGIN


def picture_of_mail(path: Path, name: str, height: int) -> None:
    """The HTML part of a mail as a browser shows it."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("html",))
    assert body is not None
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "mail.html"
        page.write_text(with_pictures(body.get_content(), message), encoding="utf-8")
        run(
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/browser",
            f"--screenshot={folder}/mail.png",
            f"--window-size=680,{height}",
            page.as_uri(),
        )
        with Image.open(f"{folder}/mail.png") as picture:
            save(picture.convert("RGB"), name)


def with_pictures(html: str, message: EmailMessage) -> str:
    """The HTML with the pictures of its mail inside: a browser knows no Content-ID."""
    for part in message.walk():
        if part["Content-ID"]:
            inside = base64.b64encode(part.get_content()).decode()
            html = html.replace(
                f"cid:{part['Content-ID'].strip('<>')}", f"data:{part.get_content_type()};base64,{inside}"
            )
    return html


def attachments_of(path: Path, folder: Path) -> list[Path]:
    """The files that travel with a mail, laid into a folder."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    files = []
    for part in message.iter_attachments():
        files.append(folder / str(part.get_filename()))
        files[-1].write_bytes(part.get_content())
    return files


def picture_of_page(path: Path, name: str, part: float = 1) -> None:
    """The upper part of the first page of an office file as LibreOffice prints it, without its margins."""
    with tempfile.TemporaryDirectory() as folder:
        whole = trimmed(printed(path, Path(folder), dots=300))
        save(whole.crop((0, 0, whole.width, round(whole.height * part))), name)


def printed(path: Path, folder: Path, dots: int) -> Image.Image:
    """The first page of an office file as LibreOffice prints it; so many dots an inch."""
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(VIETNAMESE, "utf-8")
    profile = f"-env:UserInstallation={settings.parent.parent.as_uri()}"
    run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path))
    page = folder / "page"
    run("pdftoppm", "-r", str(dots), "-f", "1", "-png", "-singlefile", f"{folder / path.stem}.pdf", str(page))
    with Image.open(f"{page}.png") as picture:
        return picture.convert("RGB")


def trimmed(picture: Image.Image) -> Image.Image:
    """The picture without the white around it, but for a narrow margin."""
    white = Image.new("RGB", picture.size, "white")
    left, top, right, bottom = ImageChops.difference(picture, white).getbbox() or (0, 0, *picture.size)
    return picture.crop((left - EDGE, top - EDGE, right + EDGE, bottom + EDGE))


def save(picture: Image.Image, name: str) -> None:
    """As wide as a page at most, in few colours, so that the file is small."""
    picture.thumbnail((PAGE_WIDTH * SHARPNESS, 10 * PAGE_WIDTH))
    picture.quantize(COLOURS).save(IMAGES / f"{name}.png", optimize=True)


def run(*command: str) -> None:
    """Run a program and stop where it fails."""
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
