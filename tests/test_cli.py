"""The command line as people meet it: a process with arguments, two streams and an exit status."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENGLISH = re.compile(
    r"\b(usage|options?|arguments?|commands?|show|exit|error|try|missing|invalid|default|required|such)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Ended:
    """A process that came to its end."""

    status: int
    stdout: str
    stderr: str


def tccb(*arguments: str, folder: Path, **environment: str) -> Ended:
    """Run the program in `folder` as an operator would, with nothing of our own environment that it reads."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TCCB_", "GOOGLE_"))}
    done = subprocess.run(
        [sys.executable, "-m", "automation", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder / "state"), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        encoding="utf-8",
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_the_front_page_lists_the_commands(arguments: list[str], tmp_path: Path) -> None:
    page = tccb(*arguments, folder=tmp_path)
    assert (page.status, page.stderr) == (0, "")
    assert re.findall(r"^  (\w+)  ", page.stdout, re.MULTILINE) == ["demo", "init", "check", "run"]


@pytest.mark.parametrize("command", ["demo", "init", "check", "run"])
def test_a_help_page_is_vietnamese_and_holds_an_example(command: str, tmp_path: Path) -> None:
    page = tccb(command, "--help", folder=tmp_path)
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
        (["remind", "a.xlsx"], '"remind"'),
        (["--jsn"], '"--jsn"'),
        (["check", "--jsn"], "--json"),  # what may have been meant
        (["check", "-x"], '"-x"'),
        (["check", "a.xlsx", "b.xlsx"], '"b.xlsx"'),
        (["check", "--now"], '"--now"'),
        (["run", "--once=3"], '"--once"'),
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
def test_wrong_arguments_get_one_line(arguments: list[str], named: str, tmp_path: Path) -> None:
    ended = tccb(*arguments, folder=tmp_path)
    assert (ended.status, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1
    assert named in ended.stderr
    assert ENGLISH.findall(re.sub(r'--\w+|"[^"]*"', "", ended.stderr)) == []


def test_vietnamese_does_not_depend_on_the_locale(tmp_path: Path) -> None:
    page = tccb("--help", folder=tmp_path, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert page.status == 0
    assert page.stdout.startswith("Cách dùng")
