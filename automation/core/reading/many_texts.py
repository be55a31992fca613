"""Many texts at once: one search finds the few that need a look of their own."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from automation.core.model.workbook import Cell
from automation.core.reading.cells import as_text, fold, with_tones_alike
from automation.core.reading.old_encodings import LETTERS

_NOT_PLAIN = re.compile(rf"[^ -~{LETTERS}]")
_ODD_SPACE = re.compile(r" (?:(?![^| ])|(?<![^|] ))")
"""One at an edge, or beside another."""
_NOT_SOON_FOLDED = re.compile(rf"[^ -+\--~{LETTERS}]")
"""A comma among it."""

Flags = np.ndarray[Any, np.dtype[np.bool_]]


def holding(texts: Sequence[str], *patterns: re.Pattern[str], edge: str = "|") -> Flags:
    """In which of the texts a pattern is found, which must not find `edge`: that stands between them."""
    found = np.zeros(len(texts), dtype=bool)
    joined = edge.join(texts)
    places = [each.start() for pattern in patterns for each in pattern.finditer(joined)]
    if places:
        ends = np.cumsum(np.fromiter(map(len, texts), dtype=np.intp, count=len(texts)) + len(edge))
        found[np.searchsorted(ends, places, side="right")] = True
    return found


def texts_of(cells: Sequence[Cell]) -> list[str]:
    """Each cell as `as_text`."""
    texts = [cell if cell.__class__ is str else as_text(cell) for cell in cells]
    for place in np.flatnonzero(holding(texts, _NOT_PLAIN, _ODD_SPACE)).tolist():
        texts[place] = as_text(cells[place])
    return texts


class FoldedTexts:
    """Texts as they were typed, folded together, each once for as long as it is remembered."""

    def __init__(self, most: int) -> None:
        """`most`: how many are remembered."""
        self._most = most
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._known: dict[str, str] = {}

    def of(self, cells: Collection[str]) -> list[str]:
        """Each as `fold` of `as_text`, unless it is longer than is looked at."""
        if len(self._known) > self._most:
            self.forget()
        new = list(set(cells).difference(self._known))
        self._known |= zip(new, _folded_cells(new), strict=True)
        return list(map(self._known.__getitem__, cells))


def _folded_cells(cells: Sequence[str]) -> list[str]:
    folded = with_tones_alike("\n".join(cells).casefold()).split("\n")
    if len(folded) != len(cells):
        return [fold(as_text(cell)) for cell in cells]
    for place in np.flatnonzero(holding(cells, _NOT_SOON_FOLDED, _ODD_SPACE)).tolist():
        folded[place] = fold(as_text(cells[place]))
    return folded


def folded_texts(texts: Sequence[str]) -> list[str]:
    """Each of these clean texts as `fold`."""
    folded = with_tones_alike("\n".join(texts).casefold()).split("\n")
    if len(folded) != len(texts):
        return list(map(fold, texts))
    for place in np.flatnonzero(holding(texts, _NOT_SOON_FOLDED)).tolist():
        folded[place] = fold(texts[place])
    return folded
