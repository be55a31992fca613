"""Values that stand in several columns, put together row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from automation.core.model.workbook import Cell, Row
from automation.core.reading.cells import as_text, fold, read_tick
from automation.core.reading.tables import Composed, How, Source

_NO_MARK = frozenset(["", "0", "-", "–", "—", "không", "ko", "k", "kg", "chưa", "false", "no", "n"])
"""What stands in a column that is not meant."""
_DENIAL = re.compile(r"(?:chưa|chua|không|khong)\b|\?")
"""How a text begins that says the contrary of the column it stands in, or asks: "chưa đủ điều kiện", "?"."""
_BETWEEN_MARKS = "; "
_BETWEEN_PARTS = "/"


def put_together(rows: Sequence[Row], composed: Composed, spellings: Mapping[str, str]) -> list[Cell]:
    """The value of each row. Where several columns are marked that exclude each other, all their names: no list has
    such a value, so the row is asked about. `spellings`: those of the field's list.
    """
    cells = [
        [row[source.column - 1] if source.column <= len(row) else None for row in rows] for source in composed.sources
    ]
    make = partial(_marked, composed.sources, spellings) if composed.how is How.MARKED else _MAKERS[composed.how]
    return [make(row) for row in zip(*cells, strict=True)]


def _joined(cells: Iterable[Cell]) -> Cell:
    return " ".join(filter(None, map(as_text, cells))) or None


def _first(cells: Iterable[Cell]) -> Cell:
    return next((cell for cell in cells if _is_mark(cell)), None)


def _marked(sources: Sequence[Source], spellings: Mapping[str, str], cells: Iterable[Cell]) -> Cell:
    marked = ((cell, source.label) for cell, source in zip(cells, sources, strict=True) if _is_mark(cell))
    return _BETWEEN_MARKS.join(_told_by_mark(cell, label, spellings) for cell, label in marked) or None


def _told_by_mark(cell: Cell, label: str, spellings: Mapping[str, str]) -> str:
    """The name of the column, and what was typed there where that says something else ("Chưa làm" below "Đã có")."""
    typed, named = as_text(cell), fold(label)
    value = spellings.get(fold(typed))
    denies = value is None and _DENIAL.match(fold(typed)) and not _DENIAL.match(named)
    is_another = value is not None and not read_tick(cell) and value != spellings.get(named, value)
    return f"{label}{_BETWEEN_MARKS}{typed}" if denies or is_another else label


def _dated(cells: Iterable[Cell]) -> Cell:
    """As somebody types it into one cell; what is left out is left out there, too."""
    return _BETWEEN_PARTS.join(as_text(cell) for cell in cells if _is_mark(cell)) or None


def _is_mark(cell: Cell) -> bool:
    return cell is not None and cell is not False and fold(as_text(cell)) not in _NO_MARK


_MAKERS: Mapping[How, Callable[[Iterable[Cell]], Cell]] = {
    How.JOINED: _joined,
    How.FIRST: _first,
    How.DATED: _dated,
}
