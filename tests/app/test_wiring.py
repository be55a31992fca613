"""Which workbook is meant, and what a command is given to work with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from automation.adapters.mail.transport import FileTransport, SmtpTransport
from automation.adapters.places import find_workbook
from automation.app.environment import EnvironmentSettings
from automation.app.wiring import command_context, only_worker
from automation.base.errors import CannotStart, NotAWorkbook, WorkbookMissing

GOOGLE_ID = "1aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789_-aBcDe"


@pytest.fixture
def staff(tmp_path: Path) -> Path:
    path = tmp_path / "staff.xlsx"
    path.touch()
    return path


@pytest.fixture
def environment(tmp_path: Path) -> EnvironmentSettings:
    return EnvironmentSettings.model_construct(state_dir=tmp_path / "state")


def test_a_file_is_found(staff: Path) -> None:
    assert find_workbook(str(staff)) == staff


@pytest.mark.parametrize(
    ("named", "refused_as", "said"),
    [
        (None, CannotStart, "TCCB_WORKBOOK"),
        ("", CannotStart, "TCCB_WORKBOOK"),
        ("missing.xlsx", WorkbookMissing, "missing.xlsx"),
        (".", NotAWorkbook, "thư mục"),
        ("staff.xls", NotAWorkbook, ".xlsx"),
        ("staff", NotAWorkbook, ".xlsx"),
        ("https://example.org/staff.xlsx", NotAWorkbook, "cũng không phải địa chỉ bảng tính Google"),
        (f"https://docs.google.com/document/d/{GOOGLE_ID}/edit", NotAWorkbook, "cũng không phải địa chỉ bảng tính"),
        (f"docs.google.com/forms/d/{GOOGLE_ID}/edit", NotAWorkbook, "cũng không phải địa chỉ bảng tính"),
        ("https://drive.google.com/drive/folders/1aBc", NotAWorkbook, "thư mục trên Google Drive"),
        ("https://drive.google.com/drive/u/0/folders/1aBc?usp=sharing", NotAWorkbook, "thư mục trên Google Drive"),
    ],
)
def test_what_is_no_workbook_is_refused_with_the_reason(
    named: str | None, refused_as: type[CannotStart], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(refused_as, match=said.replace(".", r"\.")):
        find_workbook(named)


@pytest.mark.parametrize(
    "named", [GOOGLE_ID, f"https://docs.google.com/spreadsheets/d/{GOOGLE_ID}/edit#gid=0", f" {GOOGLE_ID}"]
)
def test_a_spreadsheet_at_google_is_known_by_its_id(named: str) -> None:
    assert str(find_workbook(named)) == GOOGLE_ID


def test_a_file_that_is_named_like_an_id_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / GOOGLE_ID).mkdir()
    with pytest.raises(NotAWorkbook):
        find_workbook(GOOGLE_ID)


@pytest.mark.parametrize("named", ["x" * 300 + ".xlsx", "~nobody-has-this-home/staff.xlsx"])
def test_a_name_that_cannot_be_one_is_refused(named: str) -> None:
    with pytest.raises(CannotStart, match="xlsx"):
        find_workbook(named)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "staff.xlsx")
    with pytest.raises(NotAWorkbook):
        find_workbook(str(tmp_path / "staff.xlsx"))


def test_init_may_name_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    assert find_workbook(str(tmp_path / "new.xlsx"), may_be_new=True) == tmp_path / "new.xlsx"
    with pytest.raises(CannotStart):
        find_workbook(str(tmp_path / "no-folder" / "new.xlsx"), may_be_new=True)


def test_a_workplace_has_its_state_folder(staff: Path, environment: EnvironmentSettings, tmp_path: Path) -> None:
    with command_context(staff, environment) as place:
        assert place.book.address == str(staff)
        assert place.store.mail_history() == []
        assert place.state_folder == tmp_path / "state"
        (place.state_folder / "kept").touch()
    assert (tmp_path / "state" / "kept").exists()


def test_a_state_folder_in_which_nothing_was_kept_goes_again(
    staff: Path, environment: EnvironmentSettings, tmp_path: Path
) -> None:
    with pytest.raises(NotAWorkbook), command_context(staff, environment) as place:
        place.book.read()
    assert list(tmp_path.iterdir()) == [staff]
    (tmp_path / "state").mkdir()  # by a person
    with command_context(staff, environment):
        pass
    assert (tmp_path / "state").is_dir()


def test_who_only_looks_leaves_no_trace(staff: Path, environment: EnvironmentSettings, tmp_path: Path) -> None:
    with command_context(staff, environment, leaves_traces=False) as place:
        assert place.store.mail_history() == []
    assert list(tmp_path.iterdir()) == [staff]


def test_a_second_worker_is_refused_until_the_first_has_gone(staff: Path, environment: EnvironmentSettings) -> None:
    with command_context(staff, environment) as first, command_context(staff, environment) as second:
        with only_worker(first), pytest.raises(CannotStart, match="tiến trình khác"), only_worker(second):
            pass
        with only_worker(second):
            pass


def test_a_state_folder_that_cannot_be_made_is_refused(staff: Path) -> None:
    blocked = EnvironmentSettings.model_construct(state_dir=staff / "state")
    with pytest.raises(CannotStart, match="TCCB_STATE_DIR"), command_context(staff, blocked):
        pass


def test_mails_become_files_until_a_server_is_named(staff: Path, environment: EnvironmentSettings) -> None:
    with command_context(staff, environment) as place, place.mailing() as mailing:
        assert isinstance(mailing.transport, FileTransport)
        assert place.mail_folder == place.state_folder / "mails"


def test_a_server_that_is_misspelt_is_refused_without_its_password(
    staff: Path, environment: EnvironmentSettings
) -> None:
    misspelt = environment.model_copy(update={"smtp_url": SecretStr("smtpx://bot:s3cret@mail.example.org")})
    with command_context(staff, misspelt) as place, pytest.raises(CannotStart) as refusal, place.mailing():
        pass
    assert "s3cret" not in str(refusal.value)


def test_a_sender_that_is_no_address_is_refused_before_any_mail_is(
    staff: Path, environment: EnvironmentSettings
) -> None:
    wrong = environment.model_copy(update={"mail_from": "phòng TCCB"})
    with command_context(staff, wrong) as place, pytest.raises(CannotStart, match="TCCB_MAIL_FROM"), place.mailing():
        pass


def test_mails_go_to_the_server_that_is_named(staff: Path, environment: EnvironmentSettings) -> None:
    with_server = environment.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:2525")})
    with command_context(staff, with_server) as place, place.mailing() as mailing:
        assert isinstance(mailing.transport, SmtpTransport)
        assert place.mail_folder is None


@pytest.mark.parametrize("writes", [True, False])
def test_a_damaged_state_file_is_set_aside_by_who_writes(
    staff: Path, environment: EnvironmentSettings, tmp_path: Path, writes: bool
) -> None:
    state = tmp_path / "state" / "state.sqlite3"
    state.parent.mkdir(mode=0o700)
    state.write_bytes(b"no database" * 1000)
    state.chmod(0o600)
    with command_context(staff, environment, leaves_traces=writes) as place:
        assert (place.set_aside is not None) == writes
    assert state.exists() == (not writes)
    assert [each.read_bytes() for each in state.parent.iterdir()] == [b"no database" * 1000]
