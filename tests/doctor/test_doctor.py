"""What the doctor says of a healthy workbook, and of each thing that can be wrong with one: these lines, no others."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from msgspec.structs import replace
from pydantic import SecretStr
from rich.console import Console

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.sheets import connect
from automation.adapters.google.memory import SheetMemory
from automation.adapters.google.spreadsheets import open_spreadsheets
from automation.adapters.store.sqlite_file import held_alone
from automation.adapters.store.store import STORE_FILE, WORKER_LOCK, SqliteStore
from automation.app.clock import standing_clock
from automation.app.environment import EnvironmentSettings
from automation.app.exit_status import ExitStatus
from automation.app.init import set_up
from automation.base.errors import RefusedMailError, TemporaryMailError
from automation.cli.doctor_report import as_json, exit_status, print_findings
from automation.core.config import tabs
from automation.core.config.identity import codes_of
from automation.core.model.inspection import ClosedCells
from automation.core.model.mail import Mail
from automation.core.model.ports import MailTransport
from automation.doctor.examination import examine
from automation.doctor.findings import Finding, State
from automation.doctor.surroundings import Surroundings
from automation.doctor.work import waiting_time
from tests.adapters.google.api.keys import write_key
from tests.adapters.mail.examples import reminder
from tests.commands import Run
from tests.emulator import Emulator, Fault, Spreadsheet
from tests.fakes_store import RecordingTransport
from tests.patience import HANG_SECONDS
from tests.workbooks import config_with, unit_line

NOW = datetime(2023, 4, 20, 8, 0)
BOT = "bot@example.org"
UNITS = ("mot", "hai", "ba")
AT_REST = {"work.cycle": State.NOTE, "work.worker": State.NOTE}
"""Of a workbook on which nothing has run yet."""
CONTENT = {"config_tabs", "config", "bot_tabs", "unit_tabs", "left_over", "computed", "review", "protections"}


class MailServer:
    """Lets in who has the password; nobody should ever hand it a mail."""

    def __init__(self) -> None:
        self.greeted = 0
        self.mails = 0

    async def handle_EHLO(self, _server: Any, session: Any, _envelope: Any, name: str, says: list[str]) -> list[str]:
        self.greeted += 1
        session.host_name = name
        return says

    async def handle_MAIL(self, *_call: Any) -> str:
        self.mails += 1
        return "250 OK"

    def authenticate(self, *call: Any) -> AuthResult:
        return AuthResult(success=call[4].password == b"right", handled=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def mail_server() -> Iterator[tuple[MailServer, int]]:
    handler = MailServer()
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=handler.authenticate,
        auth_require_tls=False,
    )
    controller.start()
    yield handler, controller.port
    controller.stop()


@pytest.fixture(scope="module")
def smtp(mail_server: tuple[MailServer, int]) -> SecretStr:
    return SecretStr(f"smtp://bot:right@127.0.0.1:{mail_server[1]}")


def units_csv(folder: Path) -> Path:
    path = folder / "units.csv"
    lines = [f"{unit},Đơn vị {unit},Bệnh viện,{unit},5,{unit}@example.org" for unit in UNITS]
    path.write_text("\n".join(["Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người,Email đầu mối", *lines]), "utf-8")
    return path


# --- a workbook in a file ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `tccb init` makes it, with addresses of its own."""
    folder = tmp_path_factory.mktemp("file")
    path = folder / "sổ.xlsx"
    assert set_up(ExcelWorkbook(path), units_csv(folder)).drawn
    book = openpyxl.load_workbook(path)
    for row in book[tabs.SETTINGS].iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.endswith("@example.org"):
                cell.value = f"that-{cell.value}"
    book.save(path)
    return path


@pytest.fixture
def file(drawn_file: Path, tmp_path: Path) -> Path:
    path = tmp_path / "sổ.xlsx"
    path.write_bytes(drawn_file.read_bytes())
    return path


@pytest.fixture
def environment(tmp_path: Path, smtp: SecretStr) -> EnvironmentSettings:
    return EnvironmentSettings.model_construct(state_dir=tmp_path / "state", smtp_url=smtp)


SURROUNDINGS = Surroundings(standing_clock(NOW), free_bytes=lambda _: 2**40, smtp_seconds=HANG_SECONDS)


def told(
    named: str | Path | None, environment: EnvironmentSettings, surroundings: Surroundings = SURROUNDINGS
) -> list[Finding]:
    """What it finds; whatever that is, it prints each heading once."""
    findings = list(examine(str(named) if named else None, environment, surroundings))
    headings = [section for section, _ in groupby(findings, key=lambda each: each.section)]
    assert len(headings) == len(set(headings)), headings
    return findings


def not_ok(findings: list[Finding]) -> dict[str, State]:
    return {each.check: each.state for each in findings if each.state is not State.OK}


def finding(findings: list[Finding], check: str) -> Finding:
    return next(each for each in findings if each.check == check)


def edit(path: Path, title: str, change: Callable[[Any], object]) -> None:
    book = openpyxl.load_workbook(path)
    change(book[title])
    book.save(path)


def put(path: Path, title: str, key: str, column: str, value: object) -> None:
    """Write into the row of a config tab that holds `key`."""

    def change(sheet: Any) -> None:
        head = next(row for row in sheet.iter_rows() if any(cell.value == column for cell in row))
        place = next(cell.column for cell in head if cell.value == column)
        row = next(row[0].row for row in sheet.iter_rows() if any(cell.value == key for cell in row))
        sheet.cell(row, place).value = value

    edit(path, title, change)


def test_a_healthy_file(file: Path, environment: EnvironmentSettings, mail_server: tuple[MailServer, int]) -> None:
    server, _ = mail_server
    before, greeted = sorted(file.parent.rglob("*")), server.greeted
    findings = told(file, environment)
    assert not_ok(findings) == AT_REST
    assert exit_status(findings) is ExitStatus.DONE
    assert (server.greeted > greeted, server.mails) == (True, 0)
    assert sorted(file.parent.rglob("*")) == before
    assert {each.check for each in findings} >= {f"workbook.{name}" for name in CONTENT}


@pytest.mark.parametrize(
    ("title", "key", "column", "value", "wrong"),
    [
        (tabs.SETTINGS, "Hạn hoàn thành", "Giá trị", "hôm nào đó", "workbook.config"),
        pytest.param(
            tabs.SETTINGS, "Địa chỉ gửi", "Giá trị", "nhac-viec@example.org", "mail.sender", marks=pytest.mark.slow
        ),
        pytest.param(
            tabs.SETTINGS,
            "Hộp thư thử nghiệm",
            "Giá trị",
            "thu-nghiem@example.org",
            "mail.mode",
            marks=pytest.mark.slow,
        ),
        (tabs.SETTINGS, "Người nhận tổng hợp", "Giá trị", "tccb@example.org", "mail.office"),
        (tabs.REGISTRY, "hai", "Email đầu mối", None, "mail.units"),
        pytest.param(tabs.REGISTRY, "hai", "Trang tính", "trang nào đó", "workbook.unit_tabs", marks=pytest.mark.slow),
    ],
)
def test_what_the_config_tabs_lack(
    file: Path, environment: EnvironmentSettings, title: str, key: str, column: str, value: object, wrong: str
) -> None:
    put(file, title, key, column, value)
    findings = told(file, environment)
    assert not_ok(findings)[wrong] is State.TROUBLE
    assert exit_status(findings) is ExitStatus.NEEDS_PERSON
    others = {check for check, state in not_ok(findings).items() if state is State.TROUBLE and check != wrong}
    assert others == set()


def test_values_of_a_field_that_was_switched_off(file: Path, environment: EnvironmentSettings) -> None:
    def type_number(sheet: Any) -> None:
        header = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "Số CCCD")
        sheet.cell(header.row + 1, header.column, "079085000123")

    edit(file, "hai", type_number)
    put(file, tabs.FIELDS, "cccd", "Dùng", "Không")
    findings = told(file, environment)
    assert not_ok(findings) == AT_REST | {"workbook.left_over": State.NOTE}
    left = finding(findings, "workbook.left_over")
    assert "còn 1 giá trị" in left.found
    assert "079085000123" not in f"{left.found} {left.fix}"
    rename(file, tabs.FIELDS, "Các cột")
    assert "Trang “Các cột”" in finding(told(file, environment), "workbook.left_over").found


def rename(path: Path, title: str, now: str) -> None:
    """As spreadsheets do: names that point into the tab go along."""
    book = openpyxl.load_workbook(path)
    book[title].title = now
    for name in book.defined_names.values():
        name.attr_text = name.attr_text.replace(f"'{title}'!", f"'{now}'!")
    book.save(path)


def rename_header(sheet: Any) -> None:
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "Họ và tên")
    cell.value = "Cột khác"


def drop_results(sheet: Any) -> None:
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "Việc cần làm")
    sheet.delete_cols(cell.column, 3)


def drop_formats(sheet: Any) -> None:
    sheet.conditional_formatting = type(sheet.conditional_formatting)()


def paste_below_the_formats(sheet: Any) -> None:
    for row in range(100, 2_101, 100):
        sheet.cell(row, 4).value = "Trần Thị B"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (paste_below_the_formats, {"workbook.review": State.TROUBLE}),
        (rename_header, {"workbook.unit_tabs": State.TROUBLE}),
        (drop_results, {"workbook.computed": State.TROUBLE}),
        (drop_formats, {"workbook.review": State.TROUBLE}),
    ],
)
def test_what_a_unit_s_tab_lacks(
    file: Path, environment: EnvironmentSettings, change: Callable[[Any], object], wrong: dict[str, State]
) -> None:
    edit(file, "hai", change)
    findings = told(file, environment)
    assert not_ok(findings) == AT_REST | wrong
    assert "hai" in finding(findings, next(iter(wrong))).found


def test_tabs_that_are_gone_and_copies_of_tabs(file: Path, environment: EnvironmentSettings) -> None:
    book = openpyxl.load_workbook(file)
    book.remove(book[tabs.JOURNAL])
    book.copy_worksheet(book[tabs.SETTINGS]).title = "Bản sao của Cấu hình"
    book.save(file)
    findings = told(file, environment)
    assert not_ok(findings) == AT_REST | {"workbook.bot_tabs": State.NOTE}
    states = [each.state for each in findings if each.check == "workbook.bot_tabs"]
    assert states == [State.TROUBLE, State.NOTE]


def test_a_deleted_config_tab_leaves_nothing_more_to_look_at(file: Path, environment: EnvironmentSettings) -> None:
    book = openpyxl.load_workbook(file)
    book.remove(book[tabs.RULES])
    book.save(file)
    findings = told(file, environment)
    assert "Quy tắc" in finding(findings, "workbook.config_tabs").found
    found = not_ok(findings)
    assert found["workbook.config_tabs"] is State.TROUBLE
    rest = {f"workbook.{name}" for name in CONTENT - {"config_tabs"}} | {"mail.sender", "mail.mode"}
    assert {found[check] for check in rest} == {State.UNCHECKED}


def test_a_file_that_was_never_set_up(tmp_path: Path, environment: EnvironmentSettings) -> None:
    openpyxl.Workbook().save(tmp_path / "mới.xlsx")
    said = finding(told(tmp_path / "mới.xlsx", environment), "workbook.config_tabs")
    assert said.state is State.TROUBLE
    assert "tccb init" in said.fix


def test_what_is_to_be_typed_names_the_workbook(file: Path, environment: EnvironmentSettings) -> None:
    findings = told(file, environment)
    assert all(f'tccb run "{file}"' in finding(findings, check).fix for check in AT_REST)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no workbook"])
def test_a_file_that_is_no_workbook(tmp_path: Path, environment: EnvironmentSettings, content: bytes) -> None:
    (tmp_path / "sổ.xlsx").write_bytes(content)
    found = not_ok(told(tmp_path / "sổ.xlsx", environment))
    assert found["workbook.file"] is State.TROUBLE
    assert {found[f"workbook.{name}"] for name in CONTENT} == {State.UNCHECKED}


def test_a_file_that_somebody_has_open(file: Path, environment: EnvironmentSettings) -> None:
    file.with_name(".~lock.sổ.xlsx#").write_text("Minh,minh,may-1,28.04.2023 08:00,x;", "utf-8")
    assert not_ok(told(file, environment)) == AT_REST | {"workbook.file": State.NOTE}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights do not bind this account")
def test_a_file_that_may_not_be_written(file: Path, environment: EnvironmentSettings) -> None:
    file.chmod(0o400)
    assert not_ok(told(file, environment)) == AT_REST | {"workbook.file": State.TROUBLE}


# --- the machine, the state -------------------------------------------------------------------------------


def test_a_full_disk(file: Path, environment: EnvironmentSettings) -> None:
    full = replace(SURROUNDINGS, free_bytes=lambda _: 10 * 2**20)
    findings = told(file, environment, full)
    assert not_ok(findings) == AT_REST | {"machine.disk": State.TROUBLE}
    assert "10,0 MB" in finding(findings, "machine.disk").found


def test_a_state_folder_that_cannot_be(file: Path, environment: EnvironmentSettings) -> None:
    (file.parent / "state").write_text("a file in its place", "utf-8")
    assert not_ok(told(file, environment))["machine.state"] is State.TROUBLE


def test_a_store_that_is_damaged(file: Path, environment: EnvironmentSettings) -> None:
    (file.parent / "state").mkdir()
    (file.parent / "state" / STORE_FILE).write_bytes(b"no database" * 1000)
    found = not_ok(told(file, environment))
    assert found == {"work.mails": State.TROUBLE, "work.cycle": State.UNCHECKED, "work.worker": State.UNCHECKED}


@pytest.mark.parametrize(
    ("trouble", "state"),
    [(TemporaryMailError("Máy chủ bận."), State.NOTE), (RefusedMailError("Bị từ chối."), State.TROUBLE)],
)
def test_mails_that_did_not_get_out(
    file: Path, environment: EnvironmentSettings, trouble: Exception, state: State
) -> None:
    mail: Mail = replace(reminder("mot"), day=date(2023, 4, 20))
    now = NOW.replace(tzinfo=UTC)
    with closing(SqliteStore(file.parent / "state" / STORE_FILE)) as store:
        with store.transaction(now) as ledger:
            ledger.queue(mail, now)
        transport: MailTransport = RecordingTransport({"mot": [trouble]})
        store.deliver(transport, now)
    findings = told(file, environment)
    assert not_ok(findings) == AT_REST | {"work.mails": state}
    assert str(trouble) in finding(findings, "work.mails").found


def test_a_worker_at_work_and_one_that_has_fallen_asleep(
    tccb_here: Run, file: Path, environment: EnvironmentSettings
) -> None:
    state, in_clear = file.parent / "state", {"machine.copies": State.NOTE}
    ended = tccb_here("run", str(file), "--once", "--now", "2023-04-20T08:00", TCCB_STATE_DIR=str(state))
    assert ended.status in (0, 1), ended.stderr
    assert not_ok(told(file, environment)) == in_clear | {"work.worker": State.NOTE}
    with held_alone(state / WORKER_LOCK) as alone:
        assert alone
        assert not_ok(told(file, environment)) == in_clear
        later = replace(SURROUNDINGS, clock=standing_clock(NOW + timedelta(hours=5)))
        assert not_ok(told(file, environment, later)) == in_clear | {"work.cycle": State.TROUBLE}
    assert finding(told(file, environment), "work.cycle").found == "08:00 20/04/2023."


def test_how_long_an_edit_waits(file: Path, environment: EnvironmentSettings) -> None:
    assert "trong khoảng 1 phút" in finding(told(file, environment), "work.wait").found
    put(file, tabs.SETTINGS, "Chu kỳ kiểm tra (phút)", "Giá trị", 15)
    assert "trong khoảng 15 phút" in finding(told(file, environment), "work.wait").found


@pytest.mark.parametrize(("spreadsheets", "minutes"), [(54, 1), (55, 2), (110, 3)])
def test_reading_many_spreadsheets_takes_longer_than_the_setting_says(spreadsheets: int, minutes: int) -> None:
    units = [unit_line(f"d{number}", **{"Bảng tính": f"id-{number}"}) for number in range(spreadsheets)]
    (found,) = waiting_time(config_with(units))
    assert f"khoảng {minutes} phút" in found.found
    assert found.state is (State.OK if minutes == 1 else State.NOTE)


def test_looking_for_the_worker_never_stands_in_its_way(
    tmp_path: Path, file: Path, environment: EnvironmentSettings
) -> None:
    told(file, environment)
    with held_alone(tmp_path / "state.lock") as alone:
        assert alone
    (tmp_path / "state").mkdir()
    sqlite3.connect(tmp_path / "state" / WORKER_LOCK).close()
    told(file, environment)
    with held_alone(tmp_path / "state" / WORKER_LOCK) as alone:
        assert alone


def test_mistakes_of_the_program_are_told(file: Path, environment: EnvironmentSettings) -> None:
    (file.parent / "state").mkdir()
    (file.parent / "state" / "errors.log").write_text("x", "utf-8")
    assert not_ok(told(file, environment)) == AT_REST | {"work.mistakes": State.NOTE}


# --- mail -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [None, "không có.txt"])
def test_without_a_workbook_no_folder_is_named_for_mails(named: str | None) -> None:
    server = finding(told(named, EnvironmentSettings.model_construct()), "mail.server")
    assert str(Path.cwd()) not in server.found
    assert "thư mục trạng thái" in server.found


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("smtp://bot:wrong@127.0.0.1:{port}", "không chấp nhận đăng nhập"),
        ("smtp+starttls://127.0.0.1:{port}", "không nhận mã hóa STARTTLS ở cổng {port}"),
        ("smtps://127.0.0.1:{port}", "không mã hóa (TLS) ngay khi kết nối vào cổng {port}"),
        ("smtp://127.0.0.1:{free}", "Không kết nối được"),
        ("smtp://bot:s3cret@mail.example.org", "không mã hóa"),
        ("mail.example.org", "không đúng dạng"),
    ],
)
def test_a_mail_server_that_cannot_be_used(
    file: Path, environment: EnvironmentSettings, mail_server: tuple[MailServer, int], url: str, said: str
) -> None:
    address = SecretStr(url.format(port=mail_server[1], free=free_port()))
    findings = told(file, environment.model_copy(update={"smtp_url": address}))
    assert not_ok(findings) == AT_REST | {"mail.server": State.TROUBLE}
    trouble = finding(findings, "mail.server")
    assert said.format(port=mail_server[1]) in trouble.found
    assert "Đề nghị" in f"{trouble.found} {trouble.fix}"
    assert "s3cret" not in f"{trouble.found} {trouble.fix}"


def test_a_plain_connection_to_another_host_is_pointed_out(
    file: Path, environment: EnvironmentSettings, mail_server: tuple[MailServer, int]
) -> None:
    """0.0.0.0 reaches this machine under an address that isn't its own."""
    address = SecretStr(f"smtp://0.0.0.0:{mail_server[1]}")
    findings = told(file, environment.model_copy(update={"smtp_url": address}))
    assert not_ok(findings) == AT_REST | {"mail.server": State.NOTE}
    assert "không mã hóa" in finding(findings, "mail.server").found


def test_a_server_that_says_nothing_is_not_waited_for(file: Path, environment: EnvironmentSettings) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = SecretStr(f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        quick = replace(SURROUNDINGS, smtp_seconds=0.1)
        findings = told(file, environment.model_copy(update={"smtp_url": url}), quick)
    assert not_ok(findings) == AT_REST | {"mail.server": State.TROUBLE}


@pytest.mark.parametrize(("mode", "state"), [("Thử", State.NOTE), ("Thật", State.TROUBLE)])
def test_mails_that_become_files(file: Path, environment: EnvironmentSettings, mode: str, state: State) -> None:
    put(file, tabs.SETTINGS, "Chế độ gửi thư", "Giá trị", mode)
    without = environment.model_copy(update={"smtp_url": None})
    assert not_ok(told(file, without)) == AT_REST | {"mail.server": state}


def test_a_sender_of_the_environment_that_is_no_address(file: Path, environment: EnvironmentSettings) -> None:
    wrong = environment.model_copy(update={"mail_from": "phòng TCCB"})
    assert not_ok(told(file, wrong)) == AT_REST | {"mail.sender": State.TROUBLE}


# --- a spreadsheet at Google ------------------------------------------------------------------------------


class Ticking:
    """Time that passes only where somebody waits for it."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Google:
    """A spreadsheet that `init` has drawn, shared with the account whose key we have."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator = emulator
        self.key = folder / "key.json"
        self.key.write_text(json.dumps(emulator.service_account(BOT)), "utf-8")
        self.key.chmod(0o600)
        self.first = emulator.new_spreadsheet(owner="admin@example.org", editors=[BOT])
        time = Ticking()
        api = connect(self.key, emulator.host, throttle=Throttle(time.clock, time.sleep))
        book = open_spreadsheets(api, SpreadsheetAddress(self.first.id, self.first.id), folder, codes_of, any_id=True)
        assert set_up(book, units_csv(folder)).drawn
        for number, row in enumerate(self.first.rows(tabs.SETTINGS), start=1):
            for column, value in enumerate(row, start=1):
                if isinstance(value, str) and value.endswith("@example.org"):
                    self.first.human.type(tabs.SETTINGS, number, column, f"that-{value}")

    def copy(self) -> Spreadsheet:
        sheet = self.emulator.new_spreadsheet(owner="admin@example.org", editors=[BOT])
        sheet.document.book = self.first.document.book.draft()
        return sheet


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    with Emulator(auth=True) as emulator:
        yield Google(emulator, tmp_path_factory.mktemp("google"))


@pytest.fixture
def sheet(google: Google) -> Spreadsheet:
    google.emulator.journal.clear()
    return google.copy()


@pytest.fixture
def at_google(google: Google, environment: EnvironmentSettings) -> EnvironmentSettings:
    return environment.model_copy(update={"google_credentials": google.key, "sheets_emulator": google.emulator.host})


@pytest.fixture
def patient() -> Surroundings:
    time = Ticking()
    return replace(SURROUNDINGS, throttle=Throttle(time.clock, time.sleep))


AT_GOOGLE = AT_REST | {"workbook.access": State.NOTE}
"""The same; and nobody can tell from there who has the link."""

BEHIND_ACCESS = {"google.api", "google.sharing", "google.editing", "google.locale", "google.lease"}


def unchecked_of(findings: list[Finding]) -> set[str]:
    return {each.check for each in findings if each.state is State.UNCHECKED}


def troubles_of(findings: list[Finding]) -> dict[str, str]:
    return {each.check: f"{each.found} {each.fix}" for each in findings if each.state is State.TROUBLE}


def test_a_healthy_spreadsheet(google: Google, sheet: Spreadsheet, at_google: EnvironmentSettings) -> None:
    findings = told(sheet.id, at_google)
    assert not_ok(findings) == AT_GOOGLE
    assert BOT in finding(findings, "google.key").found
    assert google.emulator.count("write") == 0
    assert google.emulator.count("read") <= 5


def test_an_emulator_that_asks_nobody_who_he_is(environment: EnvironmentSettings) -> None:
    with Emulator() as emulator:
        sheet = emulator.new_spreadsheet()
        findings = told(sheet.id, environment.model_copy(update={"sheets_emulator": emulator.host}))
    assert finding(findings, "google.login").state is State.OK
    assert finding(findings, "google.clock").state is State.OK
    assert not_ok(findings)["google.editing"] is State.NOTE  # nothing is protected yet
    assert list(troubles_of(findings)) == ["workbook.config_tabs"]


@pytest.mark.parametrize(
    ("fault", "wrong", "said"),
    [
        (Fault.API_DISABLED_403, "google.api", "console.developers.google.com"),
        (Fault.SCOPES_403, "google.api", "quyền gọi Google Trang tính"),
        (Fault.UNAVAILABLE_503, "google.api", "sự cố"),
        (Fault.RESET_BEFORE, "google.api", "đứt"),
        (Fault.FORBIDDEN_403, "google.sharing", BOT),
        (Fault.NOT_FOUND_404, "google.sharing", "thanh địa chỉ"),
        (Fault.QUOTA_429, "google.quota", "hết số lượt"),
    ],
)
def test_what_google_refuses(
    google: Google, sheet: Spreadsheet, at_google: EnvironmentSettings, patient: Surroundings,
    fault: Fault, wrong: str, said: str,
) -> None:  # fmt: skip
    google.emulator.fail(lambda record: record.bucket == "read", fault, times=10)
    try:
        findings = told(sheet.id, at_google, patient)
    finally:
        google.emulator.forget_plans()
    assert list(troubles_of(findings)) == [wrong]
    assert said in troubles_of(findings)[wrong]
    assert unchecked_of(findings) >= {f"workbook.{name}" for name in CONTENT} | {"google.editing", "google.locale"}


def test_a_spreadsheet_that_nobody_shared(google: Google, sheet: Spreadsheet, at_google: EnvironmentSettings) -> None:
    google.emulator.unshare(sheet, BOT)
    troubles = troubles_of(told(sheet.id, at_google))
    assert list(troubles) == ["google.sharing"]
    assert BOT in troubles["google.sharing"]


def test_a_spreadsheet_that_is_shared_to_be_read_only(
    google: Google, sheet: Spreadsheet, at_google: EnvironmentSettings
) -> None:
    google.emulator.share(sheet, BOT, "reader")
    findings = told(sheet.id, at_google)
    assert not_ok(findings) == AT_GOOGLE | {
        "google.editing": State.TROUBLE,
        "workbook.protections": State.UNCHECKED,
    }
    assert "Người chỉnh sửa" in finding(findings, "google.editing").fix


@pytest.mark.parametrize(
    ("area", "state", "said"),
    [
        ({}, State.TROUBLE, "cả trang"),
        ({"startRowIndex": 0, "endRowIndex": 1}, State.TROUBLE, "1:1"),
        ({"startColumnIndex": 0, "endColumnIndex": 1}, State.TROUBLE, "A:A"),
        ({"startRowIndex": 3, "endRowIndex": 9, "startColumnIndex": 1, "endColumnIndex": 3}, State.NOTE, "B4:C9"),
    ],
)
def test_a_protection_that_locks_the_bot_out(
    sheet: Spreadsheet, at_google: EnvironmentSettings, area: dict[str, int], state: State, said: str
) -> None:
    drop_whole_tab_protections(sheet, "hai")
    protected = {"range": {"sheetId": sheet.sheet_id("hai"), **area}, "editors": {"users": ["admin@example.org"]}}
    sheet.human.request({"addProtectedRange": {"protectedRange": protected}})
    findings = told(sheet.id, at_google)
    assert not_ok(findings) == AT_GOOGLE | {"workbook.protections": state}
    assert f"“hai” ({said})" in finding(findings, "workbook.protections").found


def drop_whole_tab_protections(sheet: Spreadsheet, title: str) -> None:
    """Google allows one protection of a whole tab."""
    for each in list(sheet.sheet(title).protected):
        if not each.get("warningOnly"):
            sheet.human.request({"deleteProtectedRange": {"protectedRangeId": each["protectedRangeId"]}})


def access(findings: list[Finding], state: State) -> str:
    return " ".join(
        f"{each.found} {each.fix}" for each in findings if each.check == "workbook.access" and each.state is state
    )


def test_who_may_change_what_stands_in_a_table(sheet: Spreadsheet, at_google: EnvironmentSettings) -> None:
    findings = told(sheet.id, at_google)
    table = access(findings, State.OK)
    assert all(title in table for title in tabs.BOT_TABS)
    assert BOT in table
    assert "Quyền truy cập chung" in access(findings, State.NOTE)


def loosened(sheet: Spreadsheet, title: str, **change: Any) -> None:
    """Somebody opens the protection of a whole tab."""
    (found,) = (each for each in sheet.sheet(title).protected if not each.get("warningOnly"))
    changed = {"protectedRangeId": found["protectedRangeId"], **change}
    request = {"updateProtectedRange": {"protectedRange": changed, "fields": ",".join(change)}}
    sheet.human.request(request)


def gap(sheet: Spreadsheet, title: str) -> dict[str, int]:
    """Cells that anybody may edit then: what the browser calls "except certain cells"."""
    return {"sheetId": sheet.sheet_id(title), "startRowIndex": 0, "endRowIndex": 200, "endColumnIndex": 20}


@pytest.mark.parametrize(
    ("title", "harm"),
    [
        (tabs.REGISTRY, drop_whole_tab_protections),
        (tabs.SETTINGS, drop_whole_tab_protections),
        (tabs.SETTINGS, lambda sheet, title: loosened(sheet, title, warningOnly=True)),
        ("hai", drop_whole_tab_protections),
        ("hai", lambda sheet, title: loosened(sheet, title, warningOnly=True)),
        (tabs.SETTINGS, lambda sheet, title: loosened(sheet, title, unprotectedRanges=[gap(sheet, title)])),
        ("hai", lambda sheet, title: loosened(sheet, title, unprotectedRanges=[gap(sheet, title)])),
    ],
)
def test_a_protection_that_was_taken_away_is_told(
    sheet: Spreadsheet, at_google: EnvironmentSettings, title: str, harm: Callable[[Spreadsheet, str], None]
) -> None:
    harm(sheet, title)
    findings = told(sheet.id, at_google)
    assert f"“{title}”" in access(findings, State.TROUBLE)
    assert "tccb init" in access(findings, State.TROUBLE)


def test_a_former_focal_person_who_may_still_edit_is_named(sheet: Spreadsheet, at_google: EnvironmentSettings) -> None:
    loosened(sheet, "hai", editors={"users": ["admin@example.org", BOT, "former@example.org"]})
    assert "former@example.org (“hai”)" in access(told(sheet.id, at_google), State.NOTE)


def test_a_group_that_may_edit_the_settings_is_named(sheet: Spreadsheet, at_google: EnvironmentSettings) -> None:
    people = {"users": ["admin@example.org", BOT], "groups": ["everybody@example.org"]}
    loosened(sheet, tabs.SETTINGS, editors=people)
    assert f"everybody@example.org (“{tabs.SETTINGS}”)" in access(told(sheet.id, at_google), State.NOTE)


def test_a_file_says_that_it_knows_no_people(file: Path, environment: EnvironmentSettings) -> None:
    assert "ai mở được tệp" in access(told(str(file), environment), State.OK)
    edit(file, tabs.SETTINGS, lambda sheet: sheet.protection.disable())
    assert tabs.SETTINGS in access(told(str(file), environment), State.NOTE)


def test_a_spreadsheet_that_reads_dates_the_american_way(sheet: Spreadsheet, at_google: EnvironmentSettings) -> None:
    change = {"properties": {"locale": "en_US"}, "fields": "locale"}
    sheet.human.request({"updateSpreadsheetProperties": change})
    assert not_ok(told(sheet.id, at_google)) == AT_GOOGLE | {"google.locale": State.TROUBLE}


@pytest.mark.parametrize(("seconds", "side"), [(90, r"nhanh (89|9\d) giây"), (-3600, r"chậm 3\.(599|600) giây")])
def test_a_clock_that_is_wrong(sheet: Spreadsheet, at_google: EnvironmentSettings, seconds: int, side: str) -> None:
    wrong = replace(SURROUNDINGS, machine_clock=lambda zone: datetime.now(zone) + timedelta(seconds=seconds))
    findings = told(sheet.id, at_google, wrong)
    assert not_ok(findings) == AT_GOOGLE | {"google.clock": State.TROUBLE}
    assert re.search(side, finding(findings, "google.clock").found)


def test_a_clock_that_google_does_not_forgive(environment: EnvironmentSettings, tmp_path: Path) -> None:
    """Then there is no token, and the clock is named all the same."""
    with Emulator(lambda: datetime(2030, 1, 1, tzinfo=UTC).timestamp(), auth=True) as emulator:
        key = tmp_path / "key.json"
        key.write_text(json.dumps(emulator.service_account(BOT)), "utf-8")
        key.chmod(0o600)
        there = environment.model_copy(update={"google_credentials": key, "sheets_emulator": emulator.host})
        findings = told("abc", there)
    assert list(troubles_of(findings)) == ["google.login", "google.clock"]
    assert unchecked_of(findings) >= BEHIND_ACCESS


def test_an_account_that_was_deleted(google: Google, at_google: EnvironmentSettings, tmp_path: Path) -> None:
    key = write_key(tmp_path, f"http://{google.emulator.host}/token", client_email="gone@example.org")
    key.chmod(0o600)
    findings = told("abc", at_google.model_copy(update={"google_credentials": key}))
    assert list(troubles_of(findings)) == ["google.login"]
    assert unchecked_of(findings) >= BEHIND_ACCESS


@pytest.mark.parametrize("content", [None, b"{}"])
def test_a_key_that_is_none(at_google: EnvironmentSettings, tmp_path: Path, content: bytes | None) -> None:
    key = tmp_path / "none.json"
    if content is not None:
        key.write_bytes(content)
    findings = told("abc", at_google.model_copy(update={"google_credentials": key}))
    assert list(troubles_of(findings)) == ["google.key"]
    assert unchecked_of(findings) >= BEHIND_ACCESS | {"google.login", "google.clock"}


@pytest.mark.skipif(os.name == "nt", reason="rights of another kind")
def test_a_key_that_others_can_read(
    google: Google, sheet: Spreadsheet, at_google: EnvironmentSettings, tmp_path: Path
) -> None:
    key = tmp_path / "key.json"
    key.write_bytes(google.key.read_bytes())
    key.chmod(0o644)
    findings = told(sheet.id, at_google.model_copy(update={"google_credentials": key}))
    assert not_ok(findings) == AT_GOOGLE | {"google.key": State.NOTE}


def test_an_emulator_that_is_not_there(environment: EnvironmentSettings, patient: Surroundings) -> None:
    nowhere = environment.model_copy(update={"sheets_emulator": f"127.0.0.1:{free_port()}"})
    findings = told("abc", nowhere, patient)
    assert list(troubles_of(findings)) == ["google.api"]


def test_writes_that_google_does_not_take(sheet: Spreadsheet, at_google: EnvironmentSettings, tmp_path: Path) -> None:
    SheetMemory(tmp_path / "state", sheet.id).not_taken()
    assert not_ok(told(sheet.id, at_google)) == AT_GOOGLE | {"work.writes": State.TROUBLE}


class Own:
    """A spreadsheet that unit `ba` has of its own, drawn by `init`."""

    def __init__(self, google: Google, shared: Spreadsheet, folder: Path) -> None:
        self.sheet = google.emulator.new_spreadsheet(owner="ba@example.org", editors=[BOT])
        registry = shared.rows(tabs.REGISTRY)
        head = next(row for row in registry if "Bảng tính" in row)
        line = next(number for number, row in enumerate(registry, start=1) if row[:1] == ["ba"])
        shared.human.type(tabs.REGISTRY, line, head.index("Bảng tính") + 1, self.sheet.url)
        shared.human.delete_tab("ba")
        api = connect(google.key, google.emulator.host)
        address = SpreadsheetAddress(shared.id, shared.id)
        assert set_up(open_spreadsheets(api, address, folder, codes_of, keeps=False, any_id=True)).drawn


@pytest.fixture
def own(google: Google, sheet: Spreadsheet, tmp_path: Path) -> Own:
    return Own(google, sheet, tmp_path)


def test_a_unit_with_a_spreadsheet_of_its_own(sheet: Spreadsheet, own: Own, at_google: EnvironmentSettings) -> None:
    assert own.sheet.titles() == ["ba"]
    assert not_ok(told(sheet.id, at_google)) == AT_GOOGLE


def test_a_spreadsheet_of_a_unit_that_nobody_shared(
    google: Google, sheet: Spreadsheet, own: Own, at_google: EnvironmentSettings
) -> None:
    google.emulator.unshare(own.sheet, BOT)
    findings = told(sheet.id, at_google)
    assert not_ok(findings) == AT_GOOGLE | {"workbook.unit_tabs": State.TROUBLE}
    assert BOT in finding(findings, "workbook.unit_tabs").found


def test_a_spreadsheet_of_a_unit_that_is_shared_to_be_read_only(
    google: Google, sheet: Spreadsheet, own: Own, at_google: EnvironmentSettings
) -> None:
    google.emulator.share(own.sheet, BOT, "reader")
    assert not_ok(told(sheet.id, at_google)) == AT_GOOGLE | {"workbook.protections": State.TROUBLE}


def test_a_protection_in_a_spreadsheet_of_a_unit(sheet: Spreadsheet, own: Own, at_google: EnvironmentSettings) -> None:
    area = {"sheetId": own.sheet.sheet_id("ba"), "startColumnIndex": 17, "endColumnIndex": 20}
    protected = {"range": area, "editors": {"users": ["ba@example.org"]}}
    own.sheet.human.request({"addProtectedRange": {"protectedRange": protected}})
    findings = told(sheet.id, at_google)
    assert not_ok(findings) == AT_GOOGLE | {"workbook.protections": State.TROUBLE}
    assert "“ba” (R:T)" in finding(findings, "workbook.protections").found


# --- without a workbook, and how it is told ---------------------------------------------------------------


def test_without_a_workbook_the_rest_is_looked_at(at_google: EnvironmentSettings) -> None:
    findings = told(None, at_google)
    assert {each.check for each in findings if each.state is State.OK} >= {
        "machine.program", "google.key", "google.login", "google.clock", "mail.server",
    }  # fmt: skip
    assert not_ok(findings)["workbook.address"] is State.NOTE
    assert troubles_of(findings) == {}


def test_who_works_with_a_file_needs_no_key(file: Path, environment: EnvironmentSettings, tmp_path: Path) -> None:
    wrong = environment.model_copy(update={"google_credentials": tmp_path / "none.json"})
    assert not_ok(told(file, wrong)) == AT_REST


@pytest.mark.parametrize("named", ["none.xlsx", "staff.ods", "x" * 300 + ".xlsx"])
def test_a_workbook_that_is_none(environment: EnvironmentSettings, named: str) -> None:
    assert list(troubles_of(told(named, environment))) == ["workbook.address"]


def printed(findings: list[Finding], *, terminal: bool) -> str:
    console = Console(force_terminal=terminal, width=100, record=True, file=io.StringIO())
    print_findings(findings, console)
    return console.export_text()


FINDINGS = [
    Finding("machine.disk", State.OK, "Còn [nhiều] chỗ."),
    Finding("google.clock", State.TROUBLE, "Chậm một giờ. " * 10, "Đề nghị đặt lại."),
    Finding("google.api", State.UNCHECKED, "Chưa."),
]


def test_in_a_pipe_a_check_is_one_line() -> None:
    lines = printed(FINDINGS, terminal=False).splitlines()
    assert [line[:4].strip() for line in lines if line.startswith("  ")] == ["✓", "✗", "–"]
    assert lines[1] == "  ✓ Ổ đĩa: Còn [nhiều] chỗ."
    assert lines[3].endswith("Đề nghị đặt lại.")
    assert "1 việc" in lines[-1]


def test_on_a_screen_no_line_is_wider_than_it() -> None:
    lines = printed(FINDINGS, terminal=True).splitlines()
    assert max(map(len, lines)) <= 100
    assert sum("Chậm" in line for line in lines) > 1


def test_for_programs_it_is_one_object() -> None:
    found = as_json(FINDINGS)
    assert found["checks"][1] == {
        "check": "google.clock",
        "name": "Đồng hồ của máy",
        "status": "trouble",
        "found": "Chậm một giờ. " * 10,
        "fix": "Đề nghị đặt lại.",
    }
    assert (found["ok"], found["note"], found["trouble"], found["unchecked"]) == (1, 0, 1, 1)


@pytest.mark.parametrize(
    ("area", "name"),
    [
        ((1, 1, None, None), ""),
        ((1, 18, None, 20), "R:T"),
        ((4, 2, 9, 3), "B4:C9"),
        ((4, 2, None, 3), "B4:C"),
        ((3, 1, 3, None), "3:3"),
    ],
)
def test_areas_are_named_as_spreadsheets_do(area: tuple[int, int, int | None, int | None], name: str) -> None:
    assert ClosedCells(*area).name == name


def test_as_a_command(tccb_here: Run, file: Path) -> None:
    ended = tccb_here("doctor", str(file), "--json")
    assert (ended.status, ended.stderr) == (0, "")
    assert {each["status"] for each in json.loads(ended.stdout)["checks"]} == {"ok", "note"}
    ended = tccb_here("doctor", "none.xlsx")
    assert (ended.status, ended.stderr) == (1, "")
    assert re.search(r"^  ✗ Bảng tính: .*none\.xlsx", ended.stdout, re.MULTILINE)
    ended = tccb_here("doctor", "a.xlsx", "b.xlsx")
    assert (ended.status, ended.stdout) == (2, "")
