"""Pieces of the formulas by which a spreadsheet marks cells: written with ";" between arguments, as Google has them
whatever the language of a file; `as_in_files` turns them into what a file holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from automation.core.model.workbook import column_letter

_LATER_FUNCTIONS = ("UNICODE",)
"""Functions that Excel got after its file format, which name them with a prefix."""


def reference(column: int, row: int) -> str:
    """The cell of that column in the row that is looked at; columns and rows count from 1."""
    return f"${column_letter(column)}{row}"


def quoted(typed: str) -> str:
    """The text as a formula has it."""
    return '"' + typed.replace('"', '""') + '"'


def any_of(conditions: Iterable[str]) -> str:
    """Holds where one of them does; there is one at least."""
    return _joined("OR", conditions)


def all_of(conditions: Iterable[str]) -> str:
    """Holds where all of them do; there is one at least."""
    return _joined("AND", conditions)


def _joined(function: str, conditions: Iterable[str]) -> str:
    parts = list(conditions)
    return parts[0] if len(parts) == 1 else f"{function}({';'.join(parts)})"


def is_blank(cell: str) -> str:
    """Holds where nothing but spaces stands in the cell."""
    return f"LEN(TRIM({cell}))=0"


def is_filled(cell: str) -> str:
    """Holds where something stands in the cell."""
    return f"LEN(TRIM({cell}))>0"


def digits_of(cell: str) -> str:
    """How many digits stand in the cell. Lines inserted above change nothing of it."""
    return f'SUMPRODUCT(LEN({cell})-LEN(SUBSTITUTE({cell};ROW($1:$10)-ROW($1:$1);"")))'


def in_column(column: int, header_row: int, then: str, otherwise: str) -> str:
    """`then` for cells of that column, wherever columns inserted before it move it."""
    return f"IF(COLUMN()=COLUMN(${column_letter(column)}${header_row});{then};{otherwise})"


def as_in_files(formula: str) -> str:
    """The formula as a file holds it."""
    return outside_texts(formula.removeprefix("="), _as_stored)


def _as_stored(piece: str) -> str:
    for name in _LATER_FUNCTIONS:
        piece = piece.replace(f"{name}(", f"_xlfn.{name}(")
    return piece.replace(";", ",")


def outside_texts(formula: str, change: Callable[[str], str]) -> str:
    """The formula with everything changed but the texts in it."""
    pieces = formula.split('"')  # a quote within a text is two, so that the pieces alternate all the same
    return '"'.join(piece if place % 2 else change(piece) for place, piece in enumerate(pieces))
