"""A1 notation: what people and programs write for ranges, and how Google writes it back."""

from __future__ import annotations

import re

from msgspec import Struct

PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LOOKS_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*")
_CORNER = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9][0-9]*)?")
_R1C1 = re.compile(r"[Rr]([1-9][0-9]*)[Cc]([1-9][0-9]*)(?::[Rr]([1-9][0-9]*)[Cc]([1-9][0-9]*))?")


class Rectangle(Struct, frozen=True):
    """Zero-based, the ends excluded; None is unbounded."""

    first_row: int | None = None
    end_row: int | None = None
    first_column: int | None = None
    end_column: int | None = None


class Written(Struct, frozen=True):
    """A range as somebody wrote it: the part before the last `!`, whether that was quoted, and the rest."""

    title: str | None
    quoted: bool
    cells: str


def column_letters(index: int) -> str:
    """0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """A -> 0, aa -> 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def quoted_title(title: str) -> str:
    """The title as Google echoes it: quoted unless it is a plain word that does not look like a cell (C)."""
    if PLAIN_TITLE.fullmatch(title) and not LOOKS_LIKE_A_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def split(text: str) -> Written | None:
    """The two sides of the last `!`; None where the quotes are broken."""
    if "!" not in text:
        title = _unquoted(text)
        if title is None:
            return None
        return Written(title, True, "") if text.startswith("'") else Written(None, False, text)
    before, cells = text.rsplit("!", 1)
    title = _unquoted(before)
    return None if title is None or not cells else Written(title, before.startswith("'"), cells)


def _unquoted(text: str) -> str | None:
    if not text.startswith("'"):
        return text if text.strip() == text else None
    inside = text[1:-1]
    if len(text) < 3 or not text.endswith("'") or "'" in inside.replace("''", ""):
        return None
    return inside.replace("''", "'")


def read_cells(text: str) -> Rectangle | None:
    """`A1`, `A1:B2`, `A:A`, `2:3`, `A2:C`, `B2:A1`, `R1C1:R2C2`; None for anything else."""
    numbered = _R1C1.fullmatch(text)
    if numbered:
        row, column, last_row, last_column = (int(each) if each else None for each in numbered.groups())
        assert row is not None
        assert column is not None
        return _ordered(row - 1, column - 1, (last_row or row) - 1, (last_column or column) - 1)
    first, colon, last = text.partition(":")
    start = _corner(first)
    end = _corner(last) if colon else start
    if start is None or end is None or (not colon and None in start):
        return None
    return _ordered(*start, *end)


def _corner(text: str) -> tuple[int | None, int | None] | None:
    found = _CORNER.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    row = int(found[2]) - 1 if found[2] else None
    return row, column_index(found[1]) if found[1] else None


def _ordered(row: int | None, column: int | None, last_row: int | None, last_column: int | None) -> Rectangle | None:
    rows = sorted(each for each in (row, last_row) if each is not None)
    columns = sorted(each for each in (column, last_column) if each is not None)
    if (row is None and last_row is not None) or (column is None and last_column is not None):
        # `A:B2` is read by Google as `A1:B2`; written the other way round (`A2:B`) the end is open.
        row, column = (0 if row is None else row), (0 if column is None else column)
        rows, columns = sorted([row, *rows]), sorted([column, *columns])
    return Rectangle(
        rows[0] if rows else None,
        rows[-1] + 1 if rows and last_row is not None else None,
        columns[0] if columns else None,
        columns[-1] + 1 if columns and last_column is not None else None,
    )


def write_cells(first_row: int, end_row: int, first_column: int, end_column: int) -> str:
    """`A1:B2`, or `A1` where it is one cell."""
    start = f"{column_letters(first_column)}{first_row + 1}"
    end = f"{column_letters(end_column - 1)}{end_row}"
    return start if start == end else f"{start}:{end}"


def write_range(title: str, first_row: int, end_row: int, first_column: int, end_column: int) -> str:
    """The whole range with its tab, as answers carry it."""
    return f"{quoted_title(title)}!{write_cells(first_row, end_row, first_column, end_column)}"
