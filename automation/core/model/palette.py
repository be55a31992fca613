"""The colours of a drawn tab (RRGGBB) and which formats align how: the same in every spreadsheet."""

from __future__ import annotations

from automation.core.model.layout import Format

WHITE = "FFFFFF"
INK = "1F2D3A"
QUIET_INK = "55606B"
ACCENT = "1D4E6B"
ACCENT_LINE = "9DB8C9"
GREY = "DDE2E7"
GREY_LINE = "B9C1C9"
INPUT = "FFF9E5"
INPUT_LINE = "E3CF93"
REVIEW_INK = "9AA3AB"
REVIEW_FILL = "ECEFF1"
"""A result whose row was edited since: it waits for the next look."""
SERIES = (ACCENT, "3C8D5A", "C9852B", "8A5A83")
"""Of the series of a chart, in their order."""

CENTRED = {Format.DATE, Format.MOMENT, Format.TICK}
RIGHT_ALIGNED = {Format.INTEGER, Format.RATE}
"""Numbers, and the words above them in tables that have no header of their own."""
