"""Nobody else on the machine reads what the program keeps, decides where it writes, or where its secrets go."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.init import set_up
from tests.commands import Run

NOW = ("--now", "2023-04-20T08:05")
NOBODY = 65534
pytestmark = pytest.mark.skipif(os.name != "posix", reason="no owners and modes")
needs_root = pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="gives files away")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook that was set up."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "units.csv").write_text("Mã,Tên đơn vị,Email đầu mối\nbv-a,Bệnh viện A,a@example.org\n", "utf-8")
    assert set_up(ExcelWorkbook(folder / "w.xlsx"), folder / "units.csv").drawn
    return folder / "w.xlsx"


@pytest.fixture
def tccb(tccb_here: Run, drawn: Path, tmp_path: Path) -> Iterator[Run]:
    """The program in a folder with a workbook, under an umask that lets everybody do everything."""
    shutil.copy(drawn, tmp_path)
    before = os.umask(0)
    yield tccb_here
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_all_that_is_kept_is_ours_alone_under_any_umask(tccb: Run, tmp_path: Path) -> None:
    assert tccb("run", "w.xlsx", "--once", *NOW).status == 0
    assert tccb("summary", "w.xlsx", *NOW).status in (0, 1)
    kept = [tmp_path / "w.tccb", *(tmp_path / "w.tccb").rglob("*")]
    assert {path.suffix for path in kept if path.is_file()} >= {".sqlite3", ".eml", ".html"}
    assert {path.name: oct(mode(path)) for path in kept if mode(path) != (0o700 if path.is_dir() else 0o600)} == {}


@needs_root
def test_a_state_folder_of_somebody_else_is_refused(tccb: Run, tmp_path: Path) -> None:
    mails = tmp_path / "w.tccb" / "mails"
    mails.mkdir(parents=True)
    for folder in (mails, mails.parent):
        folder.chmod(0o777)
        os.chown(folder, NOBODY, NOBODY)
    done = tccb("run", "w.xlsx", "--once", *NOW)
    assert (done.status, "w.tccb" in done.stderr) == (2, True), done.stderr
    assert list(mails.iterdir()) == []


@contextmanager
def another_account(folder: Path) -> Iterator[None]:
    """Inside, the folder is looked at by somebody who may enter it and does not own what lies there."""
    closed = {each: mode(each) for each in (folder, *folder.parents) if not mode(each) & stat.S_IXOTH}
    for each in closed:
        each.chmod(0o755)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        for each, before in closed.items():
            each.chmod(before)


@needs_root
@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "w.xlsx"],
        ["mails", "w.xlsx"],
        ["status", "w.xlsx"],
        ["restore", "w.xlsx", "--unit", "bv-a", "--list"],
        ["freeze", "w.xlsx", "--verify", "w.xlsx"],
        ["purge", "w.xlsx"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_who_may_not_look_into_the_state_folder_is_told_so(tccb: Run, tmp_path: Path, arguments: list[str]) -> None:
    assert tccb("run", "w.xlsx", "--once", *NOW).status == 0
    (tmp_path / "w.xlsx").chmod(0o644)
    with another_account(tmp_path):
        done = tccb(*arguments)
    assert (done.status, done.stdout) == (1, "")
    assert "w.tccb/state.sqlite3. Đề nghị chạy bằng tài khoản đã tạo thư mục này" in done.stderr


def test_a_file_in_the_place_of_the_state_folder_is_named(tccb: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    at = {"TCCB_STATE_DIR": str(tmp_path / "notes.txt")}
    for command in ("status", "mails"):
        done = tccb(command, "w.xlsx", **at)
        assert (done.status, "notes.txt" in done.stderr) == (1, True), done.stdout + done.stderr
    done = tccb("doctor", "w.xlsx", **at)
    assert done.status == 1
    assert "✗ Hàng đợi thư: Không mở hoặc không ghi được" in done.stdout


@needs_root
def test_copies_that_cannot_be_looked_at_do_not_count_as_none(tccb: Run, tmp_path: Path) -> None:
    assert tccb("run", "w.xlsx", "--once", *NOW).status == 0
    for each in [tmp_path, tmp_path / "w.xlsx", *(tmp_path / "w.tccb").rglob("*"), tmp_path / "w.tccb"]:
        os.chown(each, NOBODY, NOBODY)
    os.chown(tmp_path / "w.tccb" / "copies", 0, 0)
    with another_account(tmp_path):
        done = tccb("purge", "w.xlsx")
    assert (done.status, done.stdout) == (1, "")
    assert "Không mở hoặc không ghi được tệp trạng thái w.tccb." in done.stderr


def test_a_link_in_the_state_folder_is_refused_and_not_followed(tccb: Run, tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("important")
    mails = tmp_path / "w.tccb" / "mails"
    mails.mkdir(parents=True)
    (mails / "2023-04-20_nhac-viec_bv-a_68933cc2.part").symlink_to(victim)
    done = tccb("run", "w.xlsx", "--once", *NOW)
    assert (done.status, ".part" in done.stderr) == (2, True), done.stderr
    assert victim.read_text() == "important"


PLANTED = "SHEETS_EMULATOR_HOST=127.0.0.1:1\nTCCB_SMTP_URL=smtp://127.0.0.1:1\nTCCB_STATE_DIR=elsewhere\n"


def test_settings_that_others_may_write_are_refused(tccb: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(PLANTED)
    (tmp_path / ".env").chmod(0o666)
    done = tccb("run", "w.xlsx", "--once", *NOW)
    assert (done.status, ".env" in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "elsewhere").exists()


@needs_root
def test_settings_of_somebody_else_are_refused(tccb: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(PLANTED)
    (tmp_path / ".env").chmod(0o644)
    os.chown(tmp_path / ".env", NOBODY, NOBODY)
    assert tccb("check", "w.xlsx", *NOW).status == 2


@needs_root
def test_settings_that_may_not_be_read_are_named(tccb: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TCCB_MAIL_FROM=bot@example.org\n")
    (tmp_path / ".env").chmod(0o600)
    (tmp_path / "w.xlsx").chmod(0o644)
    with another_account(tmp_path):
        for command in ("check", "status", "doctor", "run"):
            done = tccb(command, "w.xlsx")
            assert (done.status, done.stdout, ".env" in done.stderr) == (2, "", True), done.stderr


def test_doctor_goes_on_where_no_disk_takes_the_name_of_the_state_folder(tccb: Run) -> None:
    done = tccb("doctor", "w.xlsx", *NOW, TCCB_STATE_DIR="x" * 5000)
    assert (done.status, "✗ Thư mục trạng thái: Không ghi được" in done.stdout) == (1, True), done.stderr


@pytest.mark.parametrize("named", [[], ["w.xlsx"]])
def test_doctor_says_that_the_current_folder_is_gone(
    tccb: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: list[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    done = tccb("doctor", *named)
    assert (done.status, "Thư mục đang đứng không còn" in done.stderr) == (2, True), done.stderr


def test_doctor_names_what_comes_out_of_a_file(tccb: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TCCB_MAIL_FROM=bot@example.org\n")
    (tmp_path / ".env").chmod(0o600)
    said = tccb("doctor", "w.xlsx", *NOW).stdout
    assert "Lấy từ tệp" in said
    assert "Lấy từ tệp" not in tccb("doctor", "w.xlsx", *NOW, TCCB_MAIL_FROM="bot@example.org").stdout


@pytest.mark.parametrize(
    ("host", "is_refused"),
    [("emulator.example.org:9099", True), ("192.0.2.7:9099", True), ("127.0.0.1:9", False), ("[::1]:9", False)],
)
def test_a_key_goes_to_no_emulator_on_another_machine(tccb: Run, tmp_path: Path, host: str, is_refused: bool) -> None:
    (tmp_path / "key.json").write_text("{}")
    done = tccb("check", "1" * 44, SHEETS_EMULATOR_HOST=host, GOOGLE_APPLICATION_CREDENTIALS=str(tmp_path / "key.json"))
    assert ("SHEETS_EMULATOR_HOST" in done.stderr) is is_refused, done.stderr
    assert done.status == 2
