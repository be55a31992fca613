"""What the environment and the `.env` file say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.places import key_of
from automation.app.environment import EnvironmentSettings, read_environment
from automation.base.errors import CannotStart

SECRET_URL = "smtps://bot:s3cret@mail.example.org:465"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder and an environment without anything of ours."""
    for name in (*os.environ,):
        if name.startswith(("TCCB_", "GOOGLE_APPLICATION_", "SHEETS_EMULATOR_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_set_is_fine() -> None:
    assert read_environment() == EnvironmentSettings()
    assert read_environment().workbook is None


def test_the_names_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "TCCB_WORKBOOK": "a.xlsx",
        "GOOGLE_APPLICATION_CREDENTIALS": "key.json",
        "TCCB_SMTP_URL": SECRET_URL,
        "TCCB_MAIL_FROM": "bot@example.org",
        "TCCB_STATE_DIR": "state",
        "SHEETS_EMULATOR_HOST": "127.0.0.1:9099",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    found = read_environment()
    assert (found.workbook, found.mail_from, found.sheets_emulator) == (
        "a.xlsx",
        "bot@example.org",
        "127.0.0.1:9099",
    )
    assert (found.google_credentials, found.state_dir) == (Path("key.json"), Path("state"))
    assert found.smtp_url is not None
    assert found.smtp_url.get_secret_value() == SECRET_URL


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_says_the_same_as_the_environment(folder: Path, encoding: str) -> None:
    (folder / ".env").write_text("TCCB_WORKBOOK=Sổ theo dõi.xlsx\n# ghi chú\nKHAC=1\n", encoding)
    assert read_environment().workbook == "Sổ theo dõi.xlsx"


def test_the_environment_wins_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("TCCB_WORKBOOK=file.xlsx\n", "utf-8")
    monkeypatch.setenv("TCCB_WORKBOOK", "environment.xlsx")
    assert read_environment().workbook == "environment.xlsx"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TCCB_SMTP_URL", "")
    assert read_environment().smtp_url is None


def test_a_file_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / ".env").write_bytes("TCCB_WORKBOOK=sổ.xlsx".encode("utf-16"))
    with pytest.raises(CannotStart, match=r"\.env"):
        read_environment()


def test_the_mail_password_never_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TCCB_SMTP_URL", SECRET_URL)
    found = read_environment()
    assert "s3cret" not in f"{found!r} {found} {found.model_dump()} {found.model_dump_json()}"


@pytest.mark.parametrize(
    ("workbook", "state_dir", "folder"),
    [
        ("data/staff.xlsx", "", "data/staff.tccb"),
        ("/srv/2023.04 staff.XLSX", "", "/srv/2023.04 staff.tccb"),
        ("data/staff.xlsx", "elsewhere", "elsewhere"),
    ],
)
def test_state_lies_beside_the_workbook_or_where_it_is_wanted(
    workbook: str, state_dir: str, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TCCB_STATE_DIR", state_dir)
    assert read_environment().state_folder(Path(workbook)) == Path(folder)


def test_each_spreadsheet_without_a_folder_has_a_state_folder_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    places = (SpreadsheetAddress(id, id) for id in ("sheet-one", "sheet-two"))
    first, second = map(read_environment().state_folder, places)
    assert first != second
    assert first.parent == second.parent == folder / "tccb"


@pytest.mark.parametrize("state_dir", ["", "elsewhere"])
def test_files_beside_a_shared_database_lie_where_whoever_works_on_the_workbook_looks(
    folder: Path, monkeypatch: pytest.MonkeyPatch, state_dir: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    monkeypatch.setenv("TCCB_STATE_DIR", state_dir)
    monkeypatch.setenv("TCCB_DATABASE_URL", "postgresql://tccb@db.example.org/tccb")
    place, environment = folder / "so.xlsx", read_environment()
    own = environment.state_folder(place)
    assert own == environment.shared_folder(key_of(place)) != environment.state_folder(folder / "hai.xlsx")
    assert own.parent == environment.shared_folder()


def test_a_variable_is_known_however_its_name_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("tccb_mail_from=bot@example.org\nTCCB_STATE_DIR=\n", "utf-8")
    monkeypatch.setenv("Tccb_Workbook", "a.xlsx")
    found = read_environment()
    assert (found.workbook, found.mail_from, found.state_dir) == ("a.xlsx", "bot@example.org", None)


def test_an_empty_variable_leaves_that_of_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("TCCB_WORKBOOK=file.xlsx\n", "utf-8")
    monkeypatch.setenv("TCCB_WORKBOOK", "")
    assert read_environment().workbook == "file.xlsx"
