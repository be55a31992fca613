"""The nearest thing that would have been understood, for "did you mean"."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

from automation.core.reading.cells import fold


def _bare(text: str) -> str:
    """Folded and without any marks, so that forgotten accents count for little."""
    plain = "".join(c for c in unicodedata.normalize("NFD", fold(text)) if not unicodedata.combining(c))
    return plain.replace("đ", "d")


def nearest(typed: str, allowed: Iterable[str]) -> str | None:
    """The allowed word most like what was typed, or None if nothing is alike."""
    by_bare = {_bare(word): word for word in allowed}
    close = difflib.get_close_matches(_bare(typed[:200]), list(by_bare), n=1, cutoff=0.6)
    return by_bare[close[0]] if close else None
