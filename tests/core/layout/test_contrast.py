"""Whatever is drawn can be read: letters stand out from their cell by 4.5 to 1 (WCAG 2.1, 1.4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from automation.adapters.config_files import default_tables
from automation.adapters.excel.drawing import style_palette as excel
from automation.adapters.google.drawing import styles as google
from automation.app.keeping import GUIDE_FILE
from automation.base.paths import TEMPLATES
from automation.core.admin.planned_tabs import plan_config_tabs
from automation.core.config.mail_kinds import MAIL_TEMPLATES
from automation.core.layout.workbook import plan_workbook
from automation.core.model.layout import Role, TabLook
from automation.core.model.palette import BLACK, FAULT_FILL, INK, REVIEW_FILL, REVIEW_INK, WARNING_FILL, WHITE
from tests.workbooks import config_with, registry, unit_line

LEAST = 4.5


def contrast(one: str, other: str) -> float:
    """The ratio of two colours (RRGGBB), 1 to 21."""
    lighter, darker = sorted(map(_luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def looks() -> tuple[TabLook, ...]:
    config = config_with([unit_line("mot")])
    planned = plan_config_tabs(None, default_tables(), registry(unit_line("mot")))
    return plan_workbook(None, config, planned, (TEMPLATES / GUIDE_FILE).read_text("utf-8"), MAIL_TEMPLATES)


def pairs() -> Iterator[tuple[str, str, str]]:
    """What is drawn: where, ink and ground."""
    for look in looks():
        inks = {column.column: column.ink or BLACK for column in look.columns}
        for colour in look.colours:
            yield f"{look.title}, {colour.value}", inks.get(colour.column, BLACK), colour.fill
        for column in look.columns:
            yield f"{look.title}, {column.header}", column.ink or BLACK, WHITE
    for ground in (FAULT_FILL, WARNING_FILL):
        yield "a marked cell", BLACK, ground
        yield "a marked cell", INK, ground
    yield "a result to review", REVIEW_INK, REVIEW_FILL
    yield from _styles()


def _rgb(colour: Any) -> str:
    return str(colour.rgb)[-6:]


def _styles() -> Iterator[tuple[str, str, str]]:
    for role in Role:
        ground = _rgb(excel.ROLE_FILLS[role].fgColor) if role in excel.ROLE_FILLS else WHITE
        yield f"Excel, {role}", _rgb(excel.ROLE_FONTS[role].color), ground
        style = google.ROLE_STYLES[role]
        yield f"Google, {role}", str(style[google.INK_COLOUR]), str(style.get(google.FILL, WHITE))
    for font, fill, _ in (excel.INPUT_HEADER, excel.COMPUTED_HEADER):
        yield "Excel, a header", _rgb(font.color), _rgb(fill.fgColor)
    for header in (google.INPUT_HEADER, google.COMPUTED_HEADER):
        yield "Google, a header", str(header[google.INK_COLOUR]), str(header[google.FILL])


@pytest.mark.parametrize(("where", "ink", "ground"), sorted(set(pairs())))
def test_letters_stand_out_from_their_cell(where: str, ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= LEAST, where


def test_the_measure_tells_good_pairs_from_bad_ones() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast("767676", WHITE) >= LEAST > contrast("777777", WHITE)  # the examples of WCAG
