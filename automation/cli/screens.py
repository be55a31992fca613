"""The consoles that commands print on.

Made here alone, since rich reads ":a:" as a picture unless it is told not to: names of units and tabs hold colons.
"""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 120
"""Columns of a table in a pipe or file, where there is no terminal to fit."""


def output(width_without_terminal: int = WIDTH_WITHOUT_TERMINAL, *, markup: bool = True) -> Console:
    """Standard output: as wide as the terminal, or as that where there is none."""
    return Console(width=None if sys.stdout.isatty() else width_without_terminal, markup=markup, emoji=False)


def errors() -> Console:
    """Standard error."""
    return Console(stderr=True, emoji=False)


def into(lines: TextIO) -> Console:
    """Lines that are kept, as wide as standard error."""
    return Console(file=lines, width=errors().width, emoji=False)
