"""Fonts, fills and number formats of a drawn tab."""

from __future__ import annotations

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from automation.adapters.excel.values import DATE_FORMAT, MOMENT_FORMAT
from automation.base.messages import text
from automation.core.model.layout import Format, Role
from automation.core.model.palette import (
    ACCENT,
    ACCENT_LINE,
    GREY,
    GREY_LINE,
    INK,
    INPUT,
    INPUT_LINE,
    QUIET_INK,
    REVIEW_FILL,
    REVIEW_INK,
    WHITE,
)

THOUSANDS = '[>=1000000]0"."000"."000;[>=1000]0"."000;0'
"""Points between thousands, as Vietnamese has them, whatever the language of the program."""
NUMBER_FORMATS = {
    Format.GENERAL: "General",
    Format.TEXT: "@",
    Format.DATE: DATE_FORMAT,
    Format.MOMENT: MOMENT_FORMAT,
    Format.INTEGER: THOUSANDS,
    Format.RATE: "0.0%",
    Format.TICK: "General",
}


def fill(colour: str) -> PatternFill:
    """A plain fill of that colour (RRGGBB)."""
    return PatternFill("solid", fgColor=colour, bgColor=colour)


def _box(colour: str) -> Border:
    side = Side("thin", color=colour)
    return Border(left=side, right=side, top=side, bottom=side)


def letters(colour: str, size: int = 11, *, bold: bool = False) -> Font:
    """Letters of that colour (RRGGBB)."""
    return Font(name="Calibri", size=size, bold=bold, color=colour)


HEADER_ALIGNMENT = Alignment(horizontal="center", vertical="center", wrap_text=True)
INPUT_HEADER = (letters(WHITE, bold=True), fill(ACCENT), _box(ACCENT_LINE))
COMPUTED_HEADER = (letters(INK, bold=True), fill(GREY), _box(GREY_LINE))

_REVIEW_FONT, _REVIEW_FILL = Font(italic=True, color=REVIEW_INK), fill(REVIEW_FILL)
_SAYS_SO = NumberFormat(numFmtId=200, formatCode=f'@" {text("excel.review")}"')
REVIEW = DifferentialStyle(font=_REVIEW_FONT, fill=_REVIEW_FILL)
REVIEW_IN_WORDS = DifferentialStyle(font=_REVIEW_FONT, fill=_REVIEW_FILL, numFmt=_SAYS_SO)
"""A result that waits to be judged again; the first of a row says so."""

ROLE_FONTS = {
    Role.TITLE: letters(ACCENT, 14, bold=True),
    Role.HEADLINE: letters(ACCENT, bold=True),
    Role.LABEL: letters(QUIET_INK),
    Role.INPUT: letters(INK, bold=True),
    Role.SECTION: letters(ACCENT, 12, bold=True),
    Role.TEXT: letters(INK),
    Role.LINE: letters(INK),
    Role.TERM: letters(INK, bold=True),
    Role.LINK: Font(name="Calibri", size=11, color=ACCENT, underline="single"),
}
ROLE_ALIGNMENTS = {
    Role.TITLE: Alignment(vertical="center"),
    Role.HEADLINE: Alignment(vertical="center", wrap_text=True),
    Role.LABEL: Alignment(horizontal="right", vertical="center", wrap_text=True),
    Role.INPUT: Alignment(horizontal="center", vertical="center"),
    Role.SECTION: Alignment(vertical="center"),
    Role.TEXT: Alignment(vertical="top", wrap_text=True),
    Role.LINE: Alignment(vertical="top"),
    Role.TERM: Alignment(vertical="top", wrap_text=True),
    Role.LINK: Alignment(vertical="top", wrap_text=True),
}
ROLE_FILLS = {Role.INPUT: fill(INPUT)}
ROLE_BORDERS = {
    Role.INPUT: _box(INPUT_LINE),
    Role.SECTION: Border(bottom=Side("medium", color=ACCENT_LINE)),
}
