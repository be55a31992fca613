"""A department that does not collect a field does not read of it: neither mails nor guide, tables, report or dashboard
name one that is switched off, and there is no table that could only be empty.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import count

import pytest
from docx import Document
from openpyxl import load_workbook

from automation.adapters.config_files import default_tables
from automation.adapters.documents.draft_report import report_document
from automation.adapters.documents.workbook import summary_workbook
from automation.adapters.mail.writer import MailWriter, WrittenMail
from automation.base.paths import TEMPLATES
from automation.core.config import tabs
from automation.core.config.mail_kinds import MAIL_TEMPLATES, SUMMARY
from automation.core.config.values import KNOWN_FIELDS, Config
from automation.core.figures.history import NO_HISTORY
from automation.core.figures.summary import SummaryFigures
from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.layout.guide import read_guide
from automation.core.mail.desk import Desk, Letter
from automation.core.mail.mail_figures import with_figures
from automation.core.mail.recipients import Recipients
from automation.core.model.mail import Attachment
from automation.core.model.workbook import Cell, Row, Snapshot
from automation.core.writing.changes import unit_line
from automation.core.writing.dashboard import dashboard_rows
from tests.core.facts import table_with
from tests.workbooks import NOW, SOUND, config_with, unit_tab
from tests.workbooks import unit_line as registry_line

UNITS = [registry_line(code, headcount=6) for code in ("mot", "hai", "ba")]
OPEN: Mapping[str, Cell] = {"Tình trạng tài khoản": "Đã đăng ký, chờ duyệt", "Ngày kích hoạt": None}
NO_CARD: Mapping[str, Cell] = {
    **OPEN,
    "Thẻ CCCD gắn chíp": "Chưa làm",
    "Ngày cấp thẻ": None,
    "Mức tài khoản": None,
    "Tình trạng tài khoản": None,
}
KINDS: Mapping[str, Sequence[Mapping[str, Cell]]] = {
    "mot": [{}, OPEN, {**OPEN, "Khó khăn, vướng mắc": "Lỗi ứng dụng", "Đảng viên": "Có"}, NO_CARD],
    "hai": [{}] * 6,
    "ba": [],
}
"""One halfway, one that has reached its target, one that has not begun."""
NUMBERS = count(1)
PEOPLE = {
    unit: [{**SOUND, "Số CCCD": f"079085{next(NUMBERS):06}", **kind} for kind in kinds] for unit, kinds in KINDS.items()
}
CODES = [code for code, kind in KNOWN_FIELDS.items() if (kind.is_input or kind.is_declared) and code != "stt"]

HEADERS = {str(row[0]): str(row[1]) for row in default_tables()[tabs.FIELDS]}
NAMED = {
    "ngay-sinh": "ngày sinh|năm sinh",
    "cccd": "số cccd|cmnd|mất số 0|số định danh có ở",
    "doi-tuong": r"chưa ghi đối tượng|^đối tượng \|",
    "dang-vien": "trong đó: đảng viên",
    "dien-thoai": r"điện thoại \||(cột|ô) điện thoại",
    "the": "(cột|ô) thẻ cccd|thẻ cccd gắn chíp =|chưa có thẻ gắn chíp|cần đổi thẻ$",
    "ngay-cap": "ngày cấp|hết hạn theo tuổi",
    "muc": "(cột|ô) mức tài khoản|mức tài khoản =",
    "tinh-trang": "(cột|ô) tình trạng|tình trạng tài khoản =",
    "mien-hoan": "miễn|hoãn|không thuộc đối tượng|ngoài diện",
    "kho-khan": "khó khăn|vướng mắc(?! khi)",
    "tong-so-nguoi": "sửa tổng số người|: tổng số người",
    "so-nguoi-pho-bien": "người được phổ biến",
    "nguoi-than-van-dong": "người thân (được|đã) vận động",
}
"""By what a field is named, where that is more or less than its header; in small letters."""


QUICK = {"kho-khan", "mien-hoan", "ngay-quan-triet"}


def named(code: str) -> re.Pattern[str]:
    return re.compile(NAMED.get(code, re.escape(HEADERS[code].lower())), re.MULTILINE)


def fields_without(code: str) -> list[Row]:
    return table_with(tabs.FIELDS, ("Mã", code), Dùng="Không") if code else list(default_tables()[tabs.FIELDS])


@cache
def world(code: str) -> tuple[Config, Judged]:
    config = config_with(UNITS, **{tabs.FIELDS: fields_without(code)}).on(NOW.date())
    found = tuple(unit_tab(config, unit, people) for unit, people in PEOPLE.items())
    return config, judge(Snapshot(found), config, {}, NOW)


def mails(judged: Judged) -> Iterator[tuple[str, WrittenMail]]:
    desk = Desk(judged, NO_HISTORY, (), None, "bảng tính")
    kinds = [*((kind, "mot") for kind in MAIL_TEMPLATES), ("cam-on", "hai"), ("nhac-viec", "ba"), (SUMMARY, "")]
    letters = [
        Letter(key=f"{kind}/{unit}", kind=kind, unit=unit, rung="", day=NOW.date(), recipients=Recipients(()))
        for kind, unit in kinds
    ]
    writer = MailWriter(attach={SUMMARY: _documents})
    for mail in with_figures(letters, desk):
        yield mail.key, writer.write(mail.kind, mail.figures)


def _documents(figures: SummaryFigures) -> tuple[Attachment, ...]:
    made = {".docx": report_document(figures), ".xlsx": summary_workbook(figures)}
    return tuple(Attachment(name, "", content) for name, content in made.items())


def shown(code: str) -> Iterator[tuple[str, str]]:
    """(where, a line of what people see) of everything that the bot writes for others than the admin."""
    config, judged = world(code)
    for key, mail in mails(judged):
        plain = re.sub(r"<[^>]+>", "\n", mail.html)
        for part in (mail.subject, mail.text, plain):
            yield from ((key, line) for line in part.splitlines() if line.strip())
        for each in mail.attachments:
            if each.filename.endswith(".docx"):
                document = Document(io.BytesIO(each.content))
                yield from ((".docx", paragraph.text) for paragraph in document.paragraphs)
                cells = (cell for table in document.tables for row in table.rows for cell in row.cells)
                yield from ((".docx", cell.text) for cell in cells)
            elif each.filename.endswith(".xlsx"):
                for sheet in load_workbook(io.BytesIO(each.content)):
                    yield f".xlsx {sheet.title}", sheet.title
                    rows = sheet.iter_rows(values_only=True)
                    yield from ((f".xlsx {sheet.title}", str(cell)) for row in rows for cell in row if cell is not None)
    for line in read_guide((TEMPLATES / "guide.txt").read_text("utf-8"), config):
        yield "guide", f"{line.term} | {line.explanation}"
    yield from (("dashboard", str(cell)) for row in dashboard_rows(judged) for cell in row if cell is not None)
    yield from (("line 1", unit_line(each, judged)) for each in judged.standings)
    yield from (("row", str(cell)) for name in ("todo", "label") for cell in judged.people[name])


def is_help_of_another(where: str, line: str, code: str) -> bool:
    """The hints of the other columns are the admin's own words."""
    return where == "guide" and line.partition(" | ")[0] in HEADERS.values() and not line.startswith(HEADERS[code])


@pytest.mark.parametrize(
    "code", [each if each in QUICK else pytest.param(each, marks=pytest.mark.slow) for each in CODES]
)
def test_a_field_that_is_switched_off_is_named_nowhere(code: str) -> None:
    found = {
        (where.partition("/")[0], line.strip())
        for where, line in shown(code)
        if named(code).search(line.lower()) and not is_help_of_another(where, line, code)
    }
    assert found == set()


def test_what_is_collected_is_named() -> None:
    """Else the test above could not fail."""
    everything = "\n".join(line for _, line in shown("")).lower()
    assert [code for code in CODES if not named(code).search(everything)] == []


@pytest.mark.parametrize("code", ["", "kho-khan", "doi-tuong"])
def test_the_sections_of_the_summary_are_numbered_without_a_gap(code: str) -> None:
    summary = next(mail for key, mail in mails(world(code)[1]) if key.startswith(SUMMARY))
    for heads in (r"^(\d)\. [A-ZĐÀ-Ỹ, ]{8,}", r"<h2[^>]*>(\d)\."):
        numbers = [int(found) for found in re.findall(heads, f"{summary.text}\n{summary.html}", re.MULTILINE)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= 7
