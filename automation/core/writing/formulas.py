"""Pieces of the formulas by which a spreadsheet marks cells: written with ";" between arguments, as Google has them
whatever the language of a file; `as_in_files` turns them into what a file holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from automation.core.model.workbook import column_letter

_LONGEST_TEXT = 250
"""Letters that a text within a formula may have, a few less than Excel takes."""
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


def without_digits(cell: str) -> str:
    """The text of the cell without its digits. Ten functions within each other, for whatever counts to ten by rows
    (`ROW($1:$10)`) counts to nine once somebody deletes one of them, and no conditional format has an array.
    """
    return "SUBSTITUTE(" * 10 + cell + "".join(f';{digit};"")' for digit in range(10))


def digits_of(cell: str) -> str:
    """How many digits stand in the cell."""
    return f"LEN({cell})-LEN({without_digits(cell)})"


def counted(column: int, most: int) -> str:
    """The numbers from 1 to `most`, one below the other, by the rows of a column that the formula needs anyway.

    The first cell of a whole column stays the first whatever rows people delete or insert; `$1:$500` moves with them.
    By OFFSET, for it is not sure that each Excel takes a range between two INDEX in a conditional format.
    """
    letter = column_letter(column)
    return f"ROW(OFFSET(INDEX(${letter}:${letter};1);0;0;{most}))"


def has_letter(cell: str) -> str:
    """Holds where a letter stands in the cell."""
    return f"NOT(EXACT(UPPER({cell});LOWER({cell})))"


def first_word(cell: str) -> str:
    """What stands in the cell before its first space."""
    return f'LEFT({cell};FIND(" ";{cell}&" ")-1)'


def is_none_of(word: str, words: Iterable[str]) -> str:
    """Holds for a word that none of `words` is, capitals or not."""
    chunks = [""]
    for each in sorted(words):
        if len(chunks[-1]) + len(each) > _LONGEST_TEXT:
            chunks.append("")
        chunks[-1] += f"{each}|"
    found = [f'ISNUMBER(SEARCH("|"&{word}&"|";{quoted("|" + chunk)}))' for chunk in chunks if chunk]
    return f"NOT({any_of(found)})" if found else "TRUE"


def is_impossible_date(cell: str) -> str:
    """Holds for a text of day, month and year of which no calendar has the day; the same sign stands between them."""
    sign = f"LEFT(RIGHT({cell};5))"
    apart = f'SUBSTITUTE({cell};{sign};REPT(" ";9))'
    day, month, year = f"VALUE(LEFT({apart};5))", f"VALUE(MID({apart};6;14))", f"VALUE(RIGHT({cell};4))"
    shaped = [f'ISNUMBER(FIND({sign};"/-."))', f"LEN({apart})=LEN({cell})+16"]
    wrong = f"MONTH(DATE({year};{month};{day}))<>{month}"
    return f"IFERROR({all_of([*shaped, wrong])};FALSE)"


def in_same_column(first: int, last: int, row: int, header_row: int, *, absolute: bool = False) -> str:
    """The cell of the column that is looked at, in that row, `absolute` or moving with the rows; of those from `first`
    to `last`.
    """
    fixed = "$" if absolute else ""
    area = f"${column_letter(first)}{fixed}{row}:${column_letter(last)}{fixed}{row}"
    return f"INDEX({area};COLUMN()-COLUMN(${column_letter(first)}${header_row})+1)"


def in_column(column: int, header_row: int, then: str, otherwise: str) -> str:
    """`then` for cells of that column, wherever columns inserted before it move it; `otherwise` once it is deleted: of
    others there may still be something to say.
    """
    return f"IFERROR(IF(COLUMN()=COLUMN(${column_letter(column)}${header_row});{then};{otherwise});{otherwise})"


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
