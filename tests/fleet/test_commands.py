"""`tccb fleet` as it is typed, and what its page says to type."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import Run
from tests.pages import BOOK, UNITS, lay_out, of_a_fleet
from tests.postgres import PostgresServer, needs_postgres, postgres_server
from tests.tree import ROOT

PAGE = (ROOT / "docs" / "nhieu-so.md").read_text("utf-8")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.mark.parametrize("command", ["add", "remove", "list", "pause", "resume", "move", "status", "work"])
def test_every_command_has_a_page_with_an_example(command: str, tccb_here: Run) -> None:
    page = tccb_here("fleet", command, "--help")
    assert (page.status, page.stderr) == (0, "")
    assert page.stdout.startswith(f"Cách dùng: tccb fleet {command} [TÙY CHỌN]")
    assert f"\n    tccb fleet {command}" in page.stdout


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["list"], "TCCB_DATABASE_URL"),
        (["work", "--concurrency", "0"], "--concurrency"),
        (["work", "--concurrency", "many"], "--concurrency"),
        (["work", "--metrics", "here"], "--metrics"),
        (["ad", "so"], '"add"'),
        (["add"], "Chưa ghi bảng tính"),
        ([], "tccb fleet --help"),
    ],
)
def test_wrong_arguments_get_one_line(arguments: list[str], named: str, tccb_here: Run) -> None:
    done = tccb_here("fleet", *arguments)
    assert (done.status, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert named in done.stderr


@pytest.mark.parametrize("arguments", [["fleet", "list"], ["status", "danh-sach.xlsx"]])
def test_without_the_extra_one_sentence_says_what_to_install(arguments: list[str], tmp_path: Path) -> None:
    script = f"""
import sys
sys.modules["psycopg"] = None
sys.argv[1:] = {arguments!r}
from automation.cli.main import main
main()
"""
    (tmp_path / BOOK).write_bytes(b"")
    environment = {"TCCB_DATABASE_URL": "postgresql://h/d", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert 'pip install "tccb-automation[fleet]"' in done.stderr


@needs_postgres
@pytest.mark.slow
def test_what_the_page_says_to_type_works(server: PostgresServer, tccb_here: Run, tmp_path: Path) -> None:
    lay_out(tmp_path)
    assert tccb_here("init", BOOK, "--units", UNITS).status == 0
    assert tccb_here("run", BOOK, "--once", "--no-mail", "--now", "2023-04-20T08:00").status in (0, 1)
    commands = of_a_fleet(PAGE)
    assert {command[1] for command in commands} == {
        "add", "list", "move", "work", "status", "pause", "resume", "remove",
    }  # fmt: skip
    said = {
        command: tccb_here(*command, TCCB_DATABASE_URL=server.url.get_secret_value())
        for command in commands
        if command[1] != "work"
    }
    assert {command: done.stderr for command, done in said.items() if done.stderr} == {}
    assert all(done.status == 0 or command[1] == "status" for command, done in said.items())
    assert "Sở Y tế" in said["fleet", "list"].stdout
    assert "20/04/2023" in said["fleet", "status"].stdout  # what the file remembered
    restored = tccb_here("restore", BOOK, "--config", "--list", TCCB_DATABASE_URL=server.url.get_secret_value())
    assert (restored.status, restored.stderr) == (0, "")  # copies go along
    [told] = json.loads(said["fleet", "status", "--json"].stdout)["workbooks"]
    assert (told["name"], told["paused"], told["unreadable"]) == ("Sở Y tế", False, False)


@needs_postgres
@pytest.mark.slow
def test_a_list_is_kept_in_order(server: PostgresServer, tccb_here: Run, tmp_path: Path) -> None:
    for name in ("mot.xlsx", "hai.xlsx"):
        (tmp_path / name).write_bytes(b"")

    def fleet(*arguments: str) -> str:
        done = tccb_here("fleet", *arguments, TCCB_DATABASE_URL=server.url.get_secret_value())
        assert done.status == (2 if done.stderr else 0)
        return done.stdout + done.stderr

    assert fleet("add", "mot.xlsx", "--name", "Sở Y tế") == 'Đã nhận bảng tính "Sở Y tế".\n'
    assert "mot.xlsx" in fleet("add", "hai.xlsx", "--name", "Sở y tế")
    assert 'nay tên là "Sở Y tế"' in fleet("add", "mot.xlsx", "--credentials", "hai.xlsx")
    assert "hai.xlsx, tình trạng: đang dùng" in fleet("add", "mot.xlsx")
    for command in ("remove", "pause", "resume", "move"):
        assert 'không có bảng tính "So Y te". Có phải ý là "Sở Y tế".' in fleet(command, "So Y te"), command
        assert 'không có bảng tính "hai.xlsx"' in fleet(command, "hai.xlsx") or command == "move"
    assert "chưa có tệp trạng thái" in fleet("move", "Sở Y tế")
    (tmp_path / "mot.xlsx").unlink()
    assert "Đã tạm dừng" in fleet("pause", "Sở Y tế")
    assert "Đã bỏ" in fleet("remove", str(tmp_path / "mot.xlsx"))


@needs_postgres
@pytest.mark.slow
def test_one_workbook_runs_on_a_database_by_the_usual_commands(
    server: PostgresServer, tccb_here: Run, tmp_path: Path
) -> None:
    lay_out(tmp_path)
    where = {"TCCB_DATABASE_URL": server.url.get_secret_value(), "TCCB_STATE_DIR": str(tmp_path / "state")}
    assert tccb_here("init", BOOK, "--units", UNITS, **where).status == 0
    now = ("--now", "2023-04-20T08:00")
    assert tccb_here("run", BOOK, "--once", *now, **where).status in (0, 1)
    assert not list(tmp_path.rglob("state.sqlite3"))
    assert "08:00 20/04/2023" in tccb_here("status", BOOK, *now, **where).stdout
    assert tccb_here("mails", BOOK, *now, **where).status in (0, 1)
    assert list((tmp_path / "state").rglob("*.gz"))
    assert tccb_here("purge", BOOK, "--all", "--apply", *now, **where).status == 0
    assert not list((tmp_path / "state").rglob("*.gz"))


@needs_postgres
def test_a_server_that_is_not_there_is_named_without_its_password(tccb_here: Run) -> None:
    url = "postgresql://tccb:secret@127.0.0.1:1/tccb"
    done = tccb_here("fleet", "list", TCCB_DATABASE_URL=url)
    assert done.status == 1
    assert ("127.0.0.1/tccb" in done.stderr, "secret" in done.stderr) == (True, False)
