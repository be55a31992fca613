"""`tccb check --config`: another configuration on the live data, compared with the one in force; nothing is written."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from rich.console import Console

from automation.adapters.config_files import default_tables
from automation.adapters.mail.writer import MailWriter
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, check
from automation.app.wiring import proposed_config
from automation.base.errors import CannotStart
from automation.cli import commands
from automation.cli.rehearsal_report import as_json, print_rehearsal
from automation.cli.report import exit_status
from automation.core.admin.rehearsal import ChangedRow, ChangedUnit, Rehearsal, tabs_in
from automation.core.config import tabs
from automation.core.model.workbook import Cell, ConfigTables, Row
from tests.core.facts import CARD, LEVEL, NAME, NUMBER, PHONE, Person, table_with
from tests.core.judging.test_completion import DONE, TO_DO, staff
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore
from tests.workbooks import config_with, headers_of, registry, unit_line

CLOCK = standing_clock(datetime(2023, 4, 20, 8))
UNITS = [unit_line("mot"), unit_line("hai", headcount=4), unit_line("ba")]
PEOPLE: Mapping[str, Sequence[Person]] = {
    "mot": staff((1, DONE), (1, {PHONE: "12"})),
    "hai": staff((1, {LEVEL: "Mức 2"}), (1, TO_DO), start=10),
    "ba": staff((1, {CARD: "Đã làm, chờ cấp", "Ngày cấp thẻ": None}), start=20),
}
NOT_REGISTERED: Person = {"Mức tài khoản": None, "Tình trạng tài khoản": None, "Ngày kích hoạt": None}
FIRST = 4
"""The first line of people."""


def people_rows(*people: Person) -> list[Row]:
    return [[person.get(header) for header in headers_of(config_with(UNITS))] for person in people]


def book_tables() -> dict[str, Sequence[Row]]:
    headers = headers_of(config_with(UNITS))
    people: dict[str, Sequence[Row]] = {
        code: [[], [], headers, *([person.get(header) for header in headers] for person in members)]
        for code, members in PEOPLE.items()
    }
    return {**default_tables(), tabs.REGISTRY: registry(*UNITS), **people}


def phone_is_an_error(mode: str = "Bật") -> ConfigTables:
    return {tabs.RULES: table_with(tabs.RULES, ("Mã", "dien-thoai-sai"), Mức_độ="Lỗi", Chế_độ=mode)}


def setting(name: str, value: Cell) -> ConfigTables:
    return {tabs.SETTINGS: table_with(tabs.SETTINGS, ("Mục", name), Giá_trị=value)}


def rehearsed(proposed: ConfigTables, tables: Mapping[str, Sequence[Row]] | None = None) -> CycleReport:
    """A check of the workbook with those tabs to rehearse; nothing must have been touched."""
    book, store = MemoryWorkbook(tables or book_tables(), address="so.xlsx"), MemoryStore()
    before = book.read()
    report = check(book, store, CLOCK, proposed, writer=MailWriter())
    assert book.read() == before
    assert (store.unit_records(), store.last_config(), store.mail_history()) == ({}, None, [])
    return report


def rehearsal_of(proposed: ConfigTables) -> Rehearsal:
    found = rehearsed(proposed).rehearsal
    assert found is not None
    return found


def printed(report: CycleReport, source: str = "moi") -> str:
    console = Console(file=io.StringIO(), width=100)
    print_rehearsal(report, source, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


# --- what would change ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proposed", "rows"),
    [
        ({}, []),
        pytest.param(phone_is_an_error("Thử"), [], marks=pytest.mark.slow),
        (phone_is_an_error(), [ChangedRow("mot", FIRST + 1, "xong", "loi")]),
        pytest.param(
            setting("Thẻ được tính", "Đã có"), [ChangedRow("ba", FIRST, "xong", "cho-the")], marks=pytest.mark.slow
        ),
        (
            setting("Mức tài khoản tối thiểu", "Mức 2"),
            [
                ChangedRow("mot", FIRST, "xong", "chua-du-muc"),
                ChangedRow("mot", FIRST + 1, "xong", "chua-du-muc"),
                ChangedRow("ba", FIRST, "xong", "chua-du-muc"),
            ],
        ),
        # two tabs at once
        (
            {**phone_is_an_error(), **setting("Thẻ được tính", "Đã có")},
            [ChangedRow("mot", FIRST + 1, "xong", "loi"), ChangedRow("ba", FIRST, "xong", "cho-the")],
        ),
        # a registry that leaves a unit out
        ({tabs.REGISTRY: registry(*UNITS[:2])}, [ChangedRow("ba", FIRST, "xong", None)]),
    ],
)
def test_the_people_whose_status_would_change(proposed: ConfigTables, rows: list[ChangedRow]) -> None:
    assert list(rehearsal_of(proposed).rows) == rows


@pytest.mark.parametrize(
    ("proposed", "units", "total"),
    [
        ({}, [], (57.1, 57.1)),  # 4 of 2 + 4 + 1 people
        (phone_is_an_error(), [ChangedUnit("mot", "Đơn vị mot", 100.0, 50.0, 1)], (57.1, 42.8)),
        # a rate that changes although nobody's status does
        (
            {tabs.REGISTRY: registry(UNITS[0], unit_line("hai", headcount=2), UNITS[2])},
            [ChangedUnit("hai", "Đơn vị hai", 25.0, 50.0, 0)],
            (57.1, 80.0),
        ),
        # a status that changes although no rate does
        (
            {tabs.STATUSES: table_with(tabs.STATUSES, ("Mã", "cho-kich-hoat"), Mã="da-duyet", Trạng_thái="Đã duyệt")},
            [ChangedUnit("hai", "Đơn vị hai", 25.0, 25.0, 1)],
            (57.1, 57.1),
        ),
        ({tabs.REGISTRY: registry(*UNITS[:2])}, [ChangedUnit("ba", "Đơn vị ba", 100.0, None, 1)], (57.1, 50.0)),
    ],
)
def test_the_units_and_the_whole_before_and_after(
    proposed: ConfigTables, units: list[ChangedUnit], total: tuple[float, float]
) -> None:
    found = rehearsal_of(proposed)
    assert list(found.units) == units
    assert (found.before.rate, found.after.rate) == total


def test_other_programs_read_it_in_the_keys_of_the_contract() -> None:
    found = as_json(rehearsed({**phone_is_an_error(), **setting("Nguồn tổng số người", "số lớn hơn")}))["rehearsal"]
    assert json.loads(json.dumps({key: found[key] for key in ("rows", "units", "total", "trials")})) == {
        "rows": [{"unit": "mot", "row": FIRST + 1, "before": "xong", "after": "loi"}],
        "units": [{"code": "mot", "before": 100.0, "after": 50.0}],
        "total": {"before": 57.1, "after": 42.8},
        "trials": [],
    }


def moved(proposed: ConfigTables) -> list[tuple[str, str, str | None, str | None]]:
    """(day, unit, why now, why then) of the mails that would be others."""
    mails = as_json(rehearsed(proposed))["rehearsal"]["mails"]
    return [
        (each["day"], each["unit"], *(each[when] and each[when]["why"] for when in ("before", "after")))
        for each in mails
    ]


def test_the_mails_that_would_go_on_other_days_or_to_others() -> None:
    assert moved({}) == []
    later = moved(setting("Hạn hoàn thành", "05/05/2023"))
    assert later
    assert {unit for _, unit, _, _ in later} == {"hai"}  # the others are at their target
    assert any(now and not then for _, _, now, then in later)
    assert any(then and not now for _, _, now, then in later)
    newly_below = moved(phone_is_an_error())
    assert ("mot", None) in {(unit, now) for _, unit, now, _ in newly_below}


def test_the_texts_that_would_be_others_are_shown() -> None:
    report = rehearsed(setting("Mở đầu thư nhac-viec", "Kính đề nghị {{ don_vi }} khẩn trương."))
    assert report.mail_rehearsal is not None
    (changed,) = report.mail_rehearsal.texts
    assert (changed.kind, changed.unit) == ("nhac-viec", "Đơn vị hai")
    assert changed.new == ("Kính đề nghị Đơn vị hai khẩn trương.",)
    assert "  thêm: Kính đề nghị Đơn vị hai khẩn trương." in printed(report)


def tried_on(kind: str, tables: Mapping[str, Sequence[Row]]) -> tuple[str, str]:
    """(unit, what the rehearsal prints) of a mail whose opening tells how many are left."""
    wording = setting(f"Mở đầu thư {kind}", "Lời mới: {{ con_lai }}.")
    added = [*default_tables()[tabs.SETTINGS], [f"Mở đầu thư {kind}", "Lời mới: {{ con_lai }}.", ""]]
    known = any(row[0] == f"Mở đầu thư {kind}" for row in default_tables()[tabs.SETTINGS])
    report = rehearsed(wording if known else {tabs.SETTINGS: added}, tables)
    assert report.mail_rehearsal is not None
    (changed,) = report.mail_rehearsal.texts
    return changed.unit, " ".join(printed(report).split())


def tables_with(*codes: str) -> dict[str, Sequence[Row]]:
    """The workbook with these units alone."""
    return {**book_tables(), tabs.REGISTRY: registry(*(unit for unit in UNITS if unit["Mã"] in codes))}


def test_each_text_is_tried_on_a_unit_that_would_get_it() -> None:
    assert tried_on("cam-on", book_tables())[0] == "Đơn vị mot"
    assert tried_on("nhac-viec", book_tables())[0] == "Đơn vị hai"
    assert "hiện không có đơn vị nào" not in tried_on("cam-on", book_tables())[1]


def test_a_preview_says_nothing_of_a_mail_that_could_not_be_sent() -> None:
    """It goes to nobody: whom a mail is for stands among the mails to come."""
    many = {**book_tables(), "hai": [*book_tables()["hai"][:3], *people_rows(*staff((40, NOT_REGISTERED), start=10))]}
    report = rehearsed(setting("Đề nghị làm lưu động khi quá (người)", 50), many)
    assert report.mail_rehearsal is not None
    lines = [line for each in report.mail_rehearsal.texts for line in (*each.gone, *each.new)]
    assert any("đợt làm lưu động" in line for line in lines)
    assert [line for line in lines if "Thư thử" in line] == []


def test_a_text_that_no_unit_would_get_is_said_to_be_made_up() -> None:
    unit, said = tried_on("cam-on", tables_with("hai"))
    assert unit == "Đơn vị hai"
    assert "hiện không có đơn vị nào nhận thư này, thử với Đơn vị hai, số liệu chỉ để minh họa" in said
    assert "thêm: Lời mới: 0." in said
    unit, said = tried_on("nhac-viec", tables_with("mot"))
    assert (unit, "hiện không có đơn vị nào nhận thư này, thử với Đơn vị mot" in said) == ("Đơn vị mot", True)


def test_what_rules_on_trial_would_do_is_said_too() -> None:
    report = rehearsed(phone_is_an_error("Thử"))
    assert report.rehearsal is not None
    ((rule, would),) = report.rehearsal.trials
    assert rule == "dien-thoai-sai"
    assert "1 dòng" in would
    assert would in printed(report)


def test_the_screen_counts_changes_by_status_and_by_unit() -> None:
    lines = printed(rehearsed(setting("Mức tài khoản tối thiểu", "Mức 2"))).splitlines()
    assert "“moi”: thay trang Cấu hình;" in lines[0]
    assert "57,1 % (còn ít nhất 3 người)" in lines[1].replace("\u00a0", " ")
    assert lines[2] == "Đơn vị đạt chỉ tiêu: 2 → 0."
    assert lines[3].startswith("3 dòng đổi kết quả, 2 đơn vị đổi tỷ lệ")
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if line.startswith("│")]
    assert ["Hoàn thành", "Chưa đạt mức yêu cầu", "3"] in cells
    assert ["Đơn vị mot", "100\u00a0%", "0,0\u00a0%", "2"] in cells
    of_mails = next(number for number, line in enumerate(lines) if "thư sẽ gửi" in line)
    assert not any("Đơn vị hai" in line for line in lines[:of_mails])


def test_no_change_is_said_in_a_sentence() -> None:
    assert "Không có dòng nào đổi kết quả" in printed(rehearsed({}))


def test_a_lower_target_changes_no_rate_but_who_has_reached_it() -> None:
    report = rehearsed(setting("Chỉ tiêu theo nhóm", "Bệnh viện: 25"))
    assert report.rehearsal is not None
    assert (report.rehearsal.rows, report.rehearsal.units, report.rehearsal.reached) == ((), (), (2, 3))
    assert "Đơn vị đạt chỉ tiêu: 2 → 3." in printed(report)


def test_a_whole_configuration_is_called_one() -> None:
    tables = {title: book_tables()[title] for title in tabs.CONFIG_TABS}
    assert "toàn bộ các trang cấu hình" in printed(rehearsed(tables)).splitlines()[0]


# --- configurations that cannot be used -------------------------------------------------------------------


def test_a_refused_configuration_names_its_cells_and_leaves_the_check_as_it_is() -> None:
    report = rehearsed({**setting("Hạn hoàn thành", "31/04/2023"), **phone_is_an_error("Mở")})
    assert report.rehearsal is None
    assert as_json(report) == {"rehearsal": None}
    assert report.judged is not None
    assert report.judged.total.rate == 57.1
    wheres = [problem.where for problem in report.problems]
    assert [where for where in wheres if not where.endswith("(cấu hình diễn tập)")] == []
    assert {"“Cấu hình”" in where for where in wheres} == {True, False}
    assert exit_status(report.problems) == 1
    assert "chưa dùng được" in printed(report).splitlines()[0]


def test_a_tab_that_the_other_configuration_could_not_read_is_a_problem_of_the_rehearsal() -> None:
    fields = table_with(tabs.FIELDS, ("Mã", "dien-thoai"), Tiêu_đề="Số liên lạc", Tên_khác=None, Bắt_buộc="Có")
    report = rehearsed({tabs.FIELDS: fields, tabs.RULES: [r for r in default_tables()[tabs.RULES] if r[3] != PHONE]})
    assert report.rehearsal is not None
    assert {unit.after for unit in report.rehearsal.units} == {None}
    assert any("Số liên lạc" in each.what and each.where.endswith("(cấu hình diễn tập)") for each in report.problems)


def test_a_workbook_without_a_usable_configuration_has_nothing_to_compare_with() -> None:
    broken = {**book_tables(), **setting("Hạn hoàn thành", "mai")}
    report = rehearsed(setting("Hạn hoàn thành", "30/04/2023"), broken)
    assert (report.judged, report.rehearsal) == (None, None)
    assert exit_status(report.problems) == 1


# --- where it comes from ----------------------------------------------------------------------------------


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def write_book(path: Path, tables: Mapping[str, Sequence[Row]]) -> None:
    book = openpyxl.Workbook()
    for title, rows in tables.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)


def test_a_folder_brings_the_tabs_whose_files_it_has(tmp_path: Path) -> None:
    write_csv(tmp_path / "quy-tac.csv", phone_is_an_error()[tabs.RULES])
    write_csv(tmp_path / "ghi-chu.csv", [["x"]])
    proposed = proposed_config(str(tmp_path))
    assert list(proposed) == [tabs.RULES]
    assert rehearsal_of(proposed).rows == (ChangedRow("mot", FIRST + 1, "xong", "loi"),)


def test_another_workbook_brings_its_config_tabs(tmp_path: Path) -> None:
    write_book(tmp_path / "moi.xlsx", {"Ghi chú": [["x"]], "quy tắc": phone_is_an_error()[tabs.RULES], "Cấu hình": []})
    proposed = proposed_config(str(tmp_path / "moi.xlsx"))
    assert list(proposed) == [tabs.RULES]
    assert rehearsal_of(proposed).tabs == (tabs.RULES,)


@pytest.mark.parametrize(
    ("rows", "is_brought"),
    [
        (None, False),
        ([], False),
        ([[None, " "]], False),
        (registry(), False),  # headers alone name no unit
        (registry(UNITS[0]), True),
        ([["Danh sách đơn vị"], *registry(UNITS[0])], True),
        ([["không có tiêu đề"]], True),  # it is refused, not passed over
    ],
)
def test_the_registry_stays_unless_the_other_configuration_names_units(
    rows: Sequence[Row] | None, is_brought: bool
) -> None:
    tables = {} if rows is None else {tabs.REGISTRY: rows}
    assert (tabs.REGISTRY in tabs_in(tables)) is is_brought


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("khong-co", "khong-co"),
        ("khong-co.xlsx", "khong-co.xlsx"),
        ("quy-tac.csv", "--config"),  # one file is not a folder
        ("trong", "quy-tac.csv"),
        ("la.xlsx", "la.xlsx"),
    ],
)
def test_what_is_no_configuration_is_refused_before_anything_begins(
    named: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("trong").mkdir()
    write_csv(Path("quy-tac.csv"), phone_is_an_error()[tabs.RULES])
    write_book(Path("la.xlsx"), {"Ghi chú": [["x"]]})
    with pytest.raises(CannotStart) as refused:
        proposed_config(named)
    assert said in str(refused.value)


def test_the_command_prints_one_object_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, config = tmp_path / "so.xlsx", tmp_path / "moi"
    write_book(book, book_tables())
    config.mkdir()
    write_csv(config / "quy-tac.csv", phone_is_an_error()[tabs.RULES])
    before = book.read_bytes()
    status = commands.check(str(book), CLOCK, as_json=True, config=str(config))
    found = json.loads(capsys.readouterr().out)
    assert (status, found["problems"]) == (0, [])
    assert [row["after"] for row in found["rehearsal"]["rows"]] == ["loi"]
    assert list(found) == ["units", "rows", "total", "problems", "trials", "rehearsal"]
    assert book.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["moi", "so.xlsx"]

    write_csv(config / "quy-tac.csv", phone_is_an_error("Mở")[tabs.RULES])
    assert commands.check(str(book), CLOCK, as_json=False, config=str(config)) == 1
    assert "“Mở”" in capsys.readouterr().out


def test_no_name_and_no_number_of_a_person_is_shown() -> None:
    report = rehearsed(setting("Mức tài khoản tối thiểu", "Mức 2"))
    shown = printed(report) + json.dumps(as_json(report), ensure_ascii=False)
    people = [person for members in PEOPLE.values() for person in members]
    assert [person for person in people if str(person[NAME]) in shown or str(person[NUMBER]) in shown] == []
