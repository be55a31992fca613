"""The command line as people meet it: a process with arguments, two streams and an exit status."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from automation import __version__
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.init import set_up
from tests.commands import Ended, Run
from tests.lists import LISTS, TWELVE
from tests.patience import HANG_SECONDS
from tests.tree import ROOT

OLD_WORKBOOK = ROOT / "tests/workbooks_of_old/bang-1.xlsx"
ENGLISH = re.compile(
    r"\b(usage|options?|arguments?|commands?|show|exit|error|try|missing|invalid|default|required|such)\b",
    re.IGNORECASE,
)


def tccb(*arguments: str, folder: Path, **environment: str) -> Ended:
    """Run the program in `folder` as an operator would, with nothing of our own environment that it reads."""
    done = subprocess.run(
        [sys.executable, "-m", "automation", *arguments],
        cwd=folder,
        env={**_ours(), "XDG_STATE_HOME": str(folder / "state"), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=HANG_SECONDS,
        encoding="utf-8",
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def _ours() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TCCB_", "GOOGLE_"))}
    return {**kept, "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("arguments", [["--version"], ["--version", "check"]])
def test_the_program_tells_its_version(arguments: list[str], tccb_here: Run) -> None:
    assert tccb_here(*arguments) == Ended(0, f"tccb {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_the_front_page_lists_the_commands(arguments: list[str], tmp_path: Path) -> None:
    page = tccb(*arguments, folder=tmp_path)
    assert (page.status, page.stderr) == (0, "")
    assert re.findall(r"^  (\w+)  ", page.stdout, re.MULTILINE) == [
        "demo",
        "init",
        "adopt",
        "import",
        "check",
        "run",
        "remind",
        "summary",
        "mails",
        "status",
        "restore",
        "freeze",
        "purge",
        "doctor",
        "fleet",
    ]


@pytest.mark.parametrize(
    "command", ["demo", "init", "adopt", "import", "check", "run", "remind", "summary", "mails", "status", "doctor"]
)
def test_a_help_page_is_vietnamese_and_holds_an_example(command: str, tccb_here: Run) -> None:
    page = tccb_here(command, "--help")
    assert (page.status, page.stderr) == (0, "")
    assert page.stdout.startswith(f"Cách dùng: tccb {command} [TÙY CHỌN] [")
    assert f"\n    tccb {command}" in page.stdout
    prose = re.sub(r"--?[a-z-]+|[\w.-]+\.\w+", "", page.stdout)
    assert ENGLISH.findall(prose) == []


def test_without_a_command_the_front_page_goes_where_complaints_go(tmp_path: Path) -> None:
    ended = tccb(folder=tmp_path)
    assert (ended.status, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Cách dùng: tccb LỆNH")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["chek"], '"chek"'),
        (["chek"], 'Có phải ý bạn là "check"?'),
        (["xyz"], "Các lệnh dùng được: demo, init, adopt, import, check"),
        (["remnd", "a.xlsx"], '"remnd"'),
        (["check", "a.xlsx", "--unit", "a", "--config", "b"], "--config và --unit"),
        (["--jsn"], '"--jsn"'),
        (["check", "--jsn"], "--json"),  # what may have been meant
        (["check", "-x"], '"-x"'),
        (["check", "a.xlsx", "b.xlsx"], '"b.xlsx"'),
        (["check", "--now"], '"--now"'),
        (["check", "--now"], "tccb check --help"),
        (["run", "--once=3"], '"--once"'),
        (["run", "--once=3"], "tccb run --help"),
        (["remind", "a.xlsx", "--to", " "], '"--to" cần một giá trị'),
        (["fleet", "lst"], "Xem: tccb fleet --help"),
        (["fleet", "add", "--name"], "tccb fleet add --help"),
        (["xyz"], "Xem: tccb --help"),
        (["check", "a.xlsx", "--now", "mai"], '"mai"'),
        (["check", "a.xlsx", "--now", "2023-02-30"], '"2023-02-30"'),
        (["check", "a.xlsx", "--now", ""], "--now"),
        (["demo", "x", "--rows", "-5"], '"-5"'),
        (["demo", "x", "--rows", "nhiều"], '"nhiều"'),
        (["run", "a.xlsx", "--json"], "--once"),
        (["run", "a.xlsx", "--dry-run"], "--once"),
        # the arguments may hold anything
        (["che\nck"], '"che ck"'),
        (["{0}"], '"{0}"'),
    ],
)
def test_wrong_arguments_get_one_line(arguments: list[str], named: str, tccb_here: Run) -> None:
    ended = tccb_here(*arguments)
    assert (ended.status, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1
    assert named in ended.stderr
    assert ENGLISH.findall(re.sub(r'--\w+|"[^"]*"', "", ended.stderr)) == []


def test_a_process_says_the_same_of_wrong_arguments(tccb_here: Run, tmp_path: Path) -> None:
    for arguments in (["che\nck"], ["demo", "x", "--rows", "nhiều"]):
        assert tccb(*arguments, folder=tmp_path) == tccb_here(*arguments)


def test_vietnamese_does_not_depend_on_the_locale(tmp_path: Path) -> None:
    page = tccb("--help", folder=tmp_path, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert page.status == 0
    assert page.stdout.startswith("Cách dùng")


@pytest.mark.skipif(os.name == "nt", reason="needs a shell that closes streams")
def test_a_closed_stream_is_no_mistake_of_the_program(tmp_path: Path) -> None:
    units = tmp_path / "units.csv"
    units.write_text("Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người\nmot,Đơn vị một,Bệnh viện,mot,5\n", "utf-8")
    set_up(ExcelWorkbook(tmp_path / "sổ.xlsx"), units)
    command = f'"{sys.executable}" -m automation check sổ.xlsx >&- 2>&-'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environment, timeout=HANG_SECONDS)
    assert done.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["--version"], ["status", "so.xlsx"], ["check", "so.xlsx"]])
def test_a_full_disk_below_what_is_printed_is_no_mistake_of_the_program(
    arguments: list[str], unbuffered: str, tmp_path: Path
) -> None:
    shutil.copy(OLD_WORKBOOK, tmp_path / "so.xlsx")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "automation", *arguments],
            cwd=tmp_path,
            env={**_ours(), "PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=HANG_SECONDS,
            encoding="utf-8",
        )
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("Không ghi hết được kết quả in ra")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_who_reads_no_further_hears_no_complaint(tmp_path: Path) -> None:
    shutil.copy(OLD_WORKBOOK, tmp_path / "so.xlsx")
    command = f'(sleep 0.2; "{sys.executable}" -m automation status so.xlsx; echo "status $?" >&2) | true'
    environment = {**_ours(), "PYTHONUNBUFFERED": ""}
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=HANG_SECONDS
    )
    assert done.stderr == "status 0\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check"], "TCCB_WORKBOOK"),
        (["check", "--json"], "TCCB_WORKBOOK"),
        (["run"], "TCCB_WORKBOOK"),
        (["init"], "TCCB_WORKBOOK"),
        (["check", "."], "thư mục"),
        (["run", "staff.ods", "--once"], ".xlsx"),
        (["init", "https://docs.google.com/spreadsheets/d/abc/edit"], "Google"),
        # what would create it
        (["check", "none.xlsx"], 'tccb init "none.xlsx"'),
        (["run", "none.xlsx"], 'tccb init "none.xlsx"'),
    ],
)
def test_without_a_usable_workbook_nothing_begins(
    arguments: list[str], said: str, tccb_here: Run, tmp_path: Path
) -> None:
    ended = tccb_here(*arguments)
    assert (ended.status, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1
    assert said in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_process_says_the_same_of_a_workbook_that_is_not_there(tccb_here: Run, tmp_path: Path) -> None:
    assert tccb("check", "none.xlsx", folder=tmp_path) == tccb_here("check", "none.xlsx")


def test_the_workbook_may_come_from_the_environment_or_its_file(tccb_here: Run, tmp_path: Path) -> None:
    assert '"from-environment.xlsx"' in tccb_here("check", TCCB_WORKBOOK="from-environment.xlsx").stderr
    (tmp_path / ".env").write_text("TCCB_WORKBOOK=from-file.xlsx\n", "utf-8")
    assert '"from-file.xlsx"' in tccb_here("check").stderr


def test_a_file_that_is_no_workbook_is_refused_and_left_alone(tccb_here: Run, tmp_path: Path) -> None:
    (tmp_path / "staff.xlsx").write_text("họ tên;ngày sinh\n", "utf-8")
    ended = tccb_here("check", "staff.xlsx")
    assert (ended.status, ended.stdout) == (2, "")
    assert "Traceback" not in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["staff.xlsx"]


def test_a_name_is_printed_as_it_was_typed(tccb_here: Run, tmp_path: Path) -> None:
    """Also one that rich would take for a picture."""
    book = openpyxl.load_workbook(OLD_WORKBOOK)
    (header,) = (cell for row in book["Đơn vị"].iter_rows(max_row=5) for cell in row if cell.value == "Tên đơn vị")
    book["Đơn vị"].cell(header.row + 1, header.column, "Trạm :a: [b]Một[/b]")
    book.save(tmp_path / "so.xlsx")
    assert "Trạm :a: [b]Một[/b]" in tccb_here("check", "so.xlsx").stdout


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("automation.cli.main", ("pandas", "numpy", "pydantic", "openpyxl", "lxml", "gspread", "jinja2")),
        ("automation.cli.watching.status_report", ("pandas", "numpy", "openpyxl", "lxml", "jinja2", "phonenumbers")),
        (
            "automation.cli.commands",
            ("gspread", "docx", "matplotlib", "phonenumbers", "automation.adapters.excel.drawing.painter"),
        ),
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_wanted(modules: str, heavy: tuple[str, ...]) -> None:
    """Help takes some ten times what the empty interpreter takes, not a second."""
    seen = f"import sys, {modules}; print(*(name for name in {heavy!r} if name in sys.modules))"
    shown = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == []


_OF_NO_USE = ("openpyxl", "PIL", "asyncio", "jinja2", "gspread", "docx", "matplotlib", "sqlalchemy.dialects.postgresql")
"""To who reads and judges a file."""
_OF_OTHERS = ("holidays.countries", "rich.progress", "rich._emoji_codes")
"""Days off elsewhere, bars where nobody watches, pictures in names."""


@pytest.mark.parametrize(
    ("arguments", "unloaded"),
    [
        (["--help"], ("pandas", "numpy", "pydantic_core", "openpyxl", "lxml", "gspread", "jinja2", "holidays")),
        (["check", "so.xlsx"], (*_OF_NO_USE, *_OF_OTHERS)),
    ],
)
def test_a_command_loads_nothing_that_it_has_no_use_for(
    arguments: list[str], unloaded: tuple[str, ...], tmp_path: Path
) -> None:
    shutil.copy(OLD_WORKBOOK, tmp_path / "so.xlsx")
    asked = f"import atexit, sys; from automation.cli.main import main; sys.argv[1:] = {arguments!r}"
    told = f"lambda: print(*(name for name in {unloaded!r} if name in sys.modules), file=sys.stderr)"
    command = [sys.executable, "-c", f"{asked}; atexit.register({told}); main()"]
    shown = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=tmp_path, env=_ours())
    assert (shown.stdout.strip() != "", shown.stderr.split()) == (True, [])


def test_adopt_looks_at_a_workbook_and_leaves_it_as_it_is(tccb_here: Run, tmp_path: Path) -> None:
    path = tmp_path / "danh-sach.xlsx"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [["BỆNH VIỆN NHÂN DÂN GIA ĐỊNH"], *LISTS["official"].rows[6:]]:
        sheet.append(list(row))
    book.save(path)
    before = path.read_bytes()
    shown = tccb_here("adopt", "danh-sach.xlsx", "--now", "2023-04-20T08:00")
    assert (shown.status, shown.stderr) == (1, "")
    for said in ("12 người ở dòng 5–16", "cần hỏi", "--apply sẽ làm", "Bệnh viện Nhân dân Gia Định"):
        assert said in shown.stdout
    found = json.loads(tccb_here("adopt", "danh-sach.xlsx", "--json", "--now", "2023-04-20T08:00").stdout)
    (table,) = found["tabs"][0]["tables"]
    assert (table["people"], table["header_rows"]) == (list(range(5, 17)), [2, 3])
    assert {each["code"]: each["columns"] for each in table["columns"]}["ngay-sinh"] == ["C", "D"]
    assert found["registry"][0]["unit"] == "bv-nd-gia-dinh"
    assert (found["applied"], path.read_bytes()) == (False, before)
    assert not any(p.identity[-6:] in shown.stdout for p in TWELVE)
    assert [each.name for each in tmp_path.iterdir() if each.name != "state"] == ["danh-sach.xlsx"]
