"""The commands that the pages tell people to type, as they stand there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.tree import ROOT

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
BOOK, UNIT, UNITS = "danh-sach.xlsx", "bv-tu-du", "don-vi.csv"

Command = tuple[str, ...]

_LINE = re.compile(r"^ *tccb (.+?)(?: {2,}.*)?$", re.MULTILINE)
"""A command that has the line to itself; what follows after a gap explains it."""
_NAMED = re.compile(r"`tccb (.+?)`", re.DOTALL)
_FLEET = "fleet"
_STANDS_FOR: Mapping[str, Command] = {
    "WORKBOOK": (BOOK,),
    "[WORKBOOK]": (BOOK,),
    "[DIR]": ("thu",),
    "FILE...": ("bv-mau.csv",),
    "CODE": (UNIT,),
    "MÃ": (UNIT,),
    "CỘT": ("dien-thoai",),
    "TEXT": ("Chốt",),
    "LỆNH": ("check",),
}
"""What somebody types in place of such a word."""


def typed(page: str) -> list[Command]:
    """Commands that have a line of their own in the page, in its order, without `tccb`."""
    return _of_one_workbook(tuple(shlex.split(line)) for line in _LINE.findall(page))


def named(page: str) -> list[Command]:
    """Commands in the sentences and tables of the page, words that stand for something replaced."""
    return _of_one_workbook(
        tuple(_replaced(shlex.split(" ".join(command.split())))) for command in _NAMED.findall(page)
    )


def of_a_fleet(page: str) -> list[Command]:
    """Those that have a line of their own and need a database."""
    return [tuple(shlex.split(line)) for line in _LINE.findall(page) if line.startswith(_FLEET)]


def _of_one_workbook(commands: Iterable[Command]) -> list[Command]:
    return [command for command in commands if command[0] != _FLEET]


def _replaced(words: list[str]) -> Iterator[str]:
    for word in words:
        yield from _STANDS_FOR.get(word, (word,))


def lay_out(folder: Path) -> None:
    """The files that the commands of the pages name, but for the workbook itself; one unit, as pages need no more."""
    header, *units = (ROOT / "config" / UNITS).read_text("utf-8").splitlines(keepends=True)
    few = [header, *(line for line in units if line.startswith(f"{UNIT},"))]
    (folder / UNITS).write_text("".join(few), "utf-8")
    for name in ("bv-mau.csv", f"{UNIT}.csv"):
        (folder / name).write_text("Họ và tên;Ngày sinh;Số CCCD\nLê Minh Bình;02/09/1990;001090000002\n", "utf-8")
