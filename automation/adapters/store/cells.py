"""Cells as JSON has them. JSON has no days, times and formulas: they travel as {"<type>": "<text>"}. No cell is an
object otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from automation.core.model.workbook import Cell, Formula

_DATED: dict[str, type[date] | type[time]] = {each.__name__: each for each in (datetime, date, time)}
_READ: dict[str, Callable[[str], Cell]] = {**{n: t.fromisoformat for n, t in _DATED.items()}, Formula.__name__: Formula}


def tag(cell: date | time) -> dict[str, str]:
    """For `json.dumps(default=...)`."""
    return {type(cell).__name__: cell.isoformat()}


def tagged(cell: Cell) -> Cell | dict[str, str]:
    """A cell that may be a formula, which JSON would take for text."""
    return {Formula.__name__: str(cell)} if isinstance(cell, Formula) else cell


def untag(found: dict[str, Any]) -> Any:
    """For `json.loads(object_hook=...)`. Raises ValueError for what was never tagged so."""
    if len(found) == 1:
        [(name, value)] = found.items()
        if name in _READ and isinstance(value, str):
            return _READ[name](value)
    return found
