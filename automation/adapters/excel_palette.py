"""Fonts, fills and number formats of a drawn tab."""

from __future__ import annotations

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from automation.adapters.excel_values import DATE_FORMAT, MOMENT_FORMAT
from automation.core.look import Format, Role

NUMBER_FORMATS = {
    Format.GENERAL: "General",
    Format.TEXT: "@",
    Format.DATE: DATE_FORMAT,
    Format.MOMENT: MOMENT_FORMAT,
    Format.INTEGER: "#,##0",
    Format.RATE: "0.0%",
    Format.TICK: "General",
}
CENTRED = {Format.DATE, Format.MOMENT, Format.TICK}
RIGHT_ALIGNED = {Format.INTEGER, Format.RATE}
"""Numbers, and the words above them in tables that have no header of their own."""

_INK = "1F2D3A"
_QUIET_INK = "55606B"
_ACCENT = "1D4E6B"
_ACCENT_LINE = "9DB8C9"
_GREY = "DDE2E7"
_GREY_LINE = "B9C1C9"
_INPUT = "FFF9E5"
_INPUT_LINE = "E3CF93"


def fill(colour: str) -> PatternFill:
    """A plain fill of that colour (RRGGBB)."""
    return PatternFill("solid", fgColor=colour, bgColor=colour)


def _box(colour: str) -> Border:
    side = Side("thin", color=colour)
    return Border(left=side, right=side, top=side, bottom=side)


def _font(colour: str, size: int = 11, *, bold: bool = False) -> Font:
    return Font(name="Calibri", size=size, bold=bold, color=colour)


HEADER_ALIGNMENT = Alignment(horizontal="center", vertical="center", wrap_text=True)
INPUT_HEADER = (_font("FFFFFF", bold=True), fill(_ACCENT), _box(_ACCENT_LINE))
COMPUTED_HEADER = (_font(_QUIET_INK, bold=True), fill(_GREY), _box(_GREY_LINE))

FILLED_ROW_BORDER = _box("D5DBE1")
"""Drawn around rows that hold something, so that a printed list has lines and an empty one has none."""

REVIEW_FONT = Font(italic=True, color="9AA3AB")
REVIEW_FILL = "ECEFF1"
"""A result whose row was edited since: it waits for the next look."""

ROLE_FONTS = {
    Role.TITLE: _font(_ACCENT, 14, bold=True),
    Role.LABEL: _font(_QUIET_INK),
    Role.INPUT: _font(_INK, bold=True),
    Role.SECTION: _font(_ACCENT, 12, bold=True),
    Role.TEXT: _font(_INK),
    Role.TERM: _font(_INK, bold=True),
}
ROLE_ALIGNMENTS = {
    Role.TITLE: Alignment(vertical="center"),
    Role.LABEL: Alignment(horizontal="right", vertical="center", wrap_text=True),
    Role.INPUT: Alignment(horizontal="center", vertical="center"),
    Role.SECTION: Alignment(vertical="center"),
    Role.TEXT: Alignment(vertical="top", wrap_text=True),
    Role.TERM: Alignment(vertical="top", wrap_text=True),
}
ROLE_FILLS = {Role.INPUT: fill(_INPUT)}
ROLE_BORDERS = {
    Role.INPUT: _box(_INPUT_LINE),
    Role.SECTION: Border(bottom=Side("medium", color=_ACCENT_LINE)),
}
