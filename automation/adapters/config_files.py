"""The shipped defaults: one CSV a config tab, with the headers of the tab."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.base.paths import CONFIG
from automation.core.config import tabs
from automation.core.config.shipped import Addition, ShippedTables
from automation.core.model.workbook import ConfigTables, Row

_HISTORY = "phien-ban.csv"
"""Which version of the tables brought what: a tab, a column of it (`Cột`), a row (`Dòng`), or one cell."""
_OF = " / "
"""Between the cells that name a row."""


def default_tables() -> ConfigTables:
    """The rows of every config tab as shipped, headers first."""
    return {title: read_csv(CONFIG / name) for title, name in tabs.CONFIG_FILES.items()}


@cache
def shipped_tables() -> ShippedTables:
    """The same with what each version of them brought."""
    _, *lines = read_csv(CONFIG / _HISTORY)
    additions = (
        Addition(int(str(since)), str(tab), str(header or ""), tuple(str(row).split(_OF)) if row else ())
        for since, tab, header, row in lines
    )
    return ShippedTables(default_tables(), tuple(sorted(additions, key=lambda each: each.since)))


def folder_tables(folder: Path) -> ConfigTables:
    """The rows of the config tabs whose CSV lies in the folder, under the names of the shipped ones.

    Raises CannotStart as `read_csv` does.
    """
    files = {title: folder / name for title, name in tabs.CONFIG_FILES.items()}
    return {title: read_csv(path) for title, path in files.items() if path.is_file()}


def read_csv(path: Path) -> Sequence[Row]:
    """The rows of a CSV file as text, blank cells as None; comma, semicolon or tab between cells.

    Raises CannotStart where the file is missing, is no UTF-8 text, or has a quote that never ends.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise CannotStart(text("init.csv_missing", path=path)) from None
    except UnicodeDecodeError:
        raise CannotStart(text("init.csv_encoding", path=path)) from None
    reader = csv.reader(content.splitlines(keepends=True), delimiter=_delimiter(content))
    try:
        return [[cell or None for cell in row] for row in reader]
    except csv.Error:
        raise CannotStart(text("init.csv_quotes", path=path, line=reader.line_num)) from None


def _delimiter(content: str) -> str:
    """What stands most often in the first line that has any of them; a title above the headers has none."""
    for line in content.splitlines():
        if any(each in line for each in ",;\t"):
            return max(",;\t", key=line.count)
    return ","
