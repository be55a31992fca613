"""A campaign for digital signatures, set up in the config tabs alone: no word of cards and accounts comes out."""

from __future__ import annotations

import email
import email.policy
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook

from automation.adapters.config_files import default_tables
from automation.cli.main import main
from automation.core.admin.reader import Refused, read_config
from automation.core.config import tabs
from automation.core.model.workbook import Cell, ConfigTables, Row
from tests.workbooks import registry, unit_line

OF_THE_FIRST_CAMPAIGN = re.compile(
    r"\bthẻ\b|vneid|cccd|căn cước|gắn chíp?|định danh|kích hoạt|mức (độ )?[12]\b|công an|tài khoản", re.IGNORECASE
)
NOT_USED = (
    "cccd",
    "the",
    "ngay-cap",
    "muc",
    "tinh-trang",
    "ngay-kich-hoat",
    "kho-khan",
    "dang-vien",
    "ngay-bao-cong-an",
)
TEXTS = ("Lỗi thường gặp", "Vận động người thân", "Tiêu chí cuối năm")
BLANK = ("Mức tài khoản tối thiểu", "Thẻ được tính", "Giấy tờ mang theo", "Tin nhắn báo duyệt", "Mục đích", *TEXTS)
OWN_SETTINGS = {
    "Tên chiến dịch": "Cấp chứng thư chữ ký số",
    "Mã chiến dịch": "chu-ky-so-2026",
    "Căn cứ": "Công văn số 1/SYT-CNTT ngày 02/01/2026 của Sở Y tế",
    "Hạn hoàn thành": "30/04/2026",
    **dict.fromkeys(BLANK),
}
RULES = ("ho-ten-", "ngay-sinh-", "hoan-", "doi-tuong-", "mien-hoan-danh-muc")
NOW = "2026-04-22T09:00"


def own_tables() -> ConfigTables:
    """What an admin makes of the shipped tabs, following the handbook's page on `Chỉ số`."""
    shipped = default_tables()
    used = tabs.HEADERS[tabs.FIELDS].index("Dùng")
    fields: list[Row] = [
        [*row[:used], "Không" if row[0] in NOT_USED else row[used], _own_help(row[-1])] for row in shipped[tabs.FIELDS]
    ]
    fields += [
        ["chu-ky", "Chữ ký số", None, "danh mục", "Chữ ký số", "Có", "Có", "Chọn bước đã đạt đến."],
        ["ngay-het-han", "Ngày hết hạn", None, "ngày", None, "Không", "Có", "Ngày hết hạn của chứng thư."],
    ]
    steps = [["Chữ ký số", step, None, None] for step in ("Chưa có", "Đã nộp hồ sơ", "Đã nhận")]
    rules = [row for row in shipped[tabs.RULES] if str(row[0]).startswith(RULES) or row[0] == "Mã"]
    message = "“{giá trị}” không có trong danh mục → chọn lại{gợi ý}"
    rules += [["chu-ky-danh-muc", "Bật", "Lỗi", "Chữ ký số", "trong danh mục", None, None, message]]
    statuses: list[Row] = [
        tabs.HEADERS[tabs.STATUSES],
        [1, "ngoai-dien", "Không thuộc đối tượng", "Tính của Miễn, hoãn = ngoài diện", "ngoài diện", None, None],
        [2, "loi", "Cần sửa dữ liệu", "Số lỗi > 0", "chưa hoàn thành", "{cần sửa}", "F8CBAD"],
        [3, "xong", "Đã có chữ ký số", "Chữ ký số = Đã nhận", "hoàn thành", None, "C6E0B4"],
        [4, "cho", "Chờ cấp", "Chữ ký số = Đã nộp hồ sơ", "chưa hoàn thành", "Chờ nhận chứng thư.", None],
        [5, "chua", "Chưa có", None, "chưa hoàn thành", "Nộp hồ sơ cho Phòng Công nghệ thông tin.", None],
    ]
    rates: list[Row] = [
        tabs.HEADERS[tabs.PART_RATES],
        ["nop", "Đã nộp hồ sơ", "Chữ ký số thuộc (Đã nộp hồ sơ | Đã nhận)"],
    ]
    settings = [[row[0], OWN_SETTINGS.get(str(row[0]), row[1]), row[2]] for row in shipped[tabs.SETTINGS]]
    units = [unit_line(code, headcount=4, **{"Email đầu mối": f"{code}@example.org"}) for code in ("mot", "hai")]
    return {
        **shipped,
        tabs.SETTINGS: settings,
        tabs.FIELDS: fields,
        tabs.LISTS: [*shipped[tabs.LISTS], *steps],
        tabs.RULES: rules,
        tabs.STATUSES: statuses,
        tabs.PART_RATES: rates,
        tabs.DOCUMENTS: [tabs.HEADERS[tabs.DOCUMENTS], ["Luật số 20/2023/QH15", "22/06/2023", "về giao dịch điện tử"]],
        tabs.REGISTRY: registry(*units),
    }


def _own_help(shipped: Cell) -> Cell:
    return "Như trong hồ sơ." if OF_THE_FIRST_CAMPAIGN.search(str(shipped)) else shipped


def save(path: Path, tables: Mapping[str, Sequence[Row]]) -> None:
    book = Book()
    book.remove(book.worksheets[0])
    for title, rows in tables.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)


PEOPLE: Sequence[Mapping[str, Cell]] = [
    {"Họ và tên": "Lê Lan", "Ngày sinh": "15/03/1985", "Đối tượng": "Viên chức", "Chữ ký số": step}
    for step in ("Đã nhận", "đã nộp hồ sơ", "Chưa có", "chưa biết")
]


def enter_people(path: Path) -> None:
    book = load_workbook(path)
    sheet = book["mot"]
    headers = [cell.value for cell in sheet[3]]
    for number, person in enumerate(PEOPLE, start=4):
        for header, value in person.items():
            sheet.cell(number, headers.index(header) + 1).value = value
    book.save(path)


@pytest.fixture
def tccb(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., str]:
    """Runs a command on the workbook of the campaign and returns what the screen shows."""
    for name in [name for name in os.environ if name.startswith(("TCCB_", "GOOGLE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "so.xlsx", own_tables())

    def run(command: str, *options: str) -> str:
        monkeypatch.setattr(sys, "argv", ["tccb", command, "so.xlsx", *options, "--now", NOW])
        with pytest.raises(SystemExit) as ended:
            main()
        said = "".join(capsys.readouterr())
        assert ended.value.code in (0, 1), said
        return said

    return run


def cells_of(content: bytes | Path, besides: Sequence[str] = ()) -> Iterator[str]:
    """Every text of a workbook, notes at headers too."""
    for sheet in load_workbook(content if isinstance(content, Path) else BytesIO(content)):
        for row in () if sheet.title in besides else sheet:
            yield from (str(cell.value) for cell in row if cell.value is not None)
            yield from (cell.comment.text for cell in row if cell.comment)


def texts_of(folder: Path) -> Iterator[str]:
    """Every text of the mails in the folder: head, both bodies, what the attachments hold."""
    for path in folder.rglob("*.eml"):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        yield from (str(mail["Subject"]), str(mail["From"]))
        for part in mail.walk():
            content = part.get_content() if not part.is_multipart() else ""
            if isinstance(content, str):
                yield content
            elif str(part.get_filename()).endswith(".xlsx"):
                yield from cells_of(content)
            elif str(part.get_filename()).endswith(".docx"):
                yield ZipFile(BytesIO(content)).read("word/document.xml").decode()


def found_in(texts: Iterator[str] | Sequence[str]) -> list[str]:
    """What speaks of the first campaign, with what stands around it."""
    return [
        text[max(0, found.start() - 40) : found.end() + 40]
        for text in texts
        for found in OF_THE_FIRST_CAMPAIGN.finditer(text)
    ]


@pytest.mark.slow
def test_it_is_set_up_by_config_alone_and_nothing_speaks_of_the_first_one(
    tccb: Callable[..., str], tmp_path: Path
) -> None:
    path = tmp_path / "so.xlsx"
    screens = [tccb("init")]
    enter_people(path)
    screens += [tccb("init"), tccb("check"), tccb("run", "--once")]
    screens += [tccb("remind", "--unit", "mot"), tccb("summary")]
    assert found_in(screens) == []
    assert found_in(cells_of(path, besides=tabs.CONFIG_TABS)) == []
    mails = [re.sub(r"\s+", " ", text) for text in texts_of(tmp_path)]
    assert len([text for text in mails if "Cấp chứng thư chữ ký số" in text]) > 4
    assert found_in(mails) == []
    shown = [" ".join(text.split()) for text in (*cells_of(path, besides=tabs.CONFIG_TABS), *mails)]
    assert any("Đã nộp hồ sơ: 2 người (25,0 %)" in text for text in shown)
    assert any("đã nộp hồ sơ: 2 người (25,0 %)" in text for text in shown)
    assert shown.count("Đã nộp hồ sơ") >= 2  # the dashboard, the table of the units


def test_what_is_explained_at_the_config_tabs_holds_for_every_campaign(
    tccb: Callable[..., str], tmp_path: Path
) -> None:
    """Their titles, explanations and notes; what stands in their rows is the admin's."""
    tccb("init")
    sheets = (sheet for sheet in load_workbook(tmp_path / "so.xlsx") if sheet.title in tabs.CONFIG_TABS)
    assert found_in([cell.comment.text for sheet in sheets for row in sheet for cell in row if cell.comment]) == []


@pytest.mark.parametrize(("setting", "header"), [(BLANK[0], "Mức tài khoản"), (BLANK[1], "Thẻ CCCD gắn chíp")])
def test_a_setting_may_be_blank_where_its_column_is_not_filled_in(setting: str, header: str) -> None:
    """The campaign above leaves both blank; where the column is in use, the cell is named."""
    settings = [[row[0], None if row[0] == setting else row[1], row[2]] for row in default_tables()[tabs.SETTINGS]]
    read = read_config({**default_tables(), tabs.SETTINGS: settings})
    assert isinstance(read, Refused)
    assert f"cột “{header}” đang dùng" in read.problems[0].what
    assert read.problems[0].place is not None
