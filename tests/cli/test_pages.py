"""What the pages say to type does what it says: every command of the README and of every page, on a small workbook."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.commands import Run
from tests.emulator import Emulator
from tests.pages import BOOK, PAGES, UNITS, Command, lay_out, named, typed

BETWEEN_OTHER_STEPS = "danh-sach-san-co"
"""Its commands come between what somebody does by hand: test_kept_lists_page."""
IN_ORDER = [each for each in PAGES if each.stem != BETWEEN_OTHER_STEPS and typed(each.read_text("utf-8"))]
GOOGLE: list[Command] = [("doctor",), ("init",), ("check",)]
"""What the page about Google says to run there, in this order."""
INCOMPLETE: dict[Command, str] = {("import",): "--unit", ("restore",): "--unit", ("freeze",): "--name"}
"""Named in a sentence without what they need, and what they then ask for."""
NO_COPY = "chưa có bản sao"
"""What `restore` says where nobody has typed anything yet."""
WITHOUT_CLOCK = ("--help", "--version", "restore")
NOW = ("--now", "2023-04-20T08:00")


def in_a_test(command: Command) -> Command:
    """The command as a test can wait for it: one cycle of the worker, a demo of few people. A workbook without some
    columns is one that is not there yet.
    """
    if command[0] == "demo":
        return ("demo", "thu", "--rows", "100")
    if "--without" in command:
        return ("init", "moi.xlsx", *command[command.index("--without") :], "--units", UNITS)
    if command[0] == "run" and "--once" not in command:
        command = (*command, "--once")
    return command if command[0] in WITHOUT_CLOCK else (*command, *NOW)


def run_each(commands: Iterable[Command], tccb: Run, **environment: str) -> None:
    """Each of them one after the other; one that cannot do anything says why."""
    for command in commands:
        done = tccb(*in_a_test(command), **environment)
        if command in INCOMPLETE:
            assert (done.status, INCOMPLETE[command] in done.stderr) == (2, True), (command, done.stderr)
        elif command[0] == "restore":
            assert NO_COPY in done.stderr, command
        else:
            assert (done.status in (0, 1), done.stderr) == (True, ""), command


def test_pages_of_the_roles_show_commands() -> None:
    assert {"README", "tccb", "van-hanh"} <= {page.stem for page in IN_ORDER}


@pytest.mark.slow
@pytest.mark.parametrize("page", IN_ORDER, ids=lambda page: page.stem)
def test_the_commands_of_a_page_work_one_after_another(page: Path, tccb_here: Run, tmp_path: Path) -> None:
    lay_out(tmp_path)
    assert tccb_here("init", BOOK, "--units", UNITS).status == 0
    run_each(typed(page.read_text("utf-8")), tccb_here)


@pytest.mark.slow
def test_the_commands_that_sentences_name_work(tccb_here: Run, tmp_path: Path) -> None:
    lay_out(tmp_path)
    assert tccb_here("init", BOOK, "--units", UNITS).status == 0
    shutil.copy(tmp_path / BOOK, tmp_path / "ban-chep.xlsx")
    found = {command for page in PAGES for command in named(page.read_text("utf-8"))}
    assert found >= {*INCOMPLETE, *GOOGLE}
    once = {in_a_test(command): command for command in sorted(found) if (*command, BOOK) not in found}
    run_each(once.values(), tccb_here, TCCB_WORKBOOK=BOOK)


@pytest.mark.slow
def test_the_commands_of_the_page_about_google_work_there(emulator: Emulator, tccb_here: Run) -> None:
    (page,) = (each for each in PAGES if each.parent.name == "google" and each.stem == "README")
    last_step = page.read_text("utf-8").partition("\n## 7.")[2].partition("\n## ")[0]
    assert list(dict.fromkeys(named(last_step))) == GOOGLE
    sheet = emulator.new_spreadsheet()
    run_each(GOOGLE, tccb_here, TCCB_WORKBOOK=sheet.url, SHEETS_EMULATOR_HOST=emulator.host)
