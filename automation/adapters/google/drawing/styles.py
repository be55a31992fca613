"""Formats and validations of a Google spreadsheet: those that the looks want, and how cells report theirs.

A format is a flat mapping from the path of a field to its value, so that two can be compared field by field;
colours are RRGGBB.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.model.layout import ColumnLook, Format, Role
from automation.core.model.palette import (
    ACCENT,
    ACCENT_LINE,
    CENTRED,
    GREY,
    GREY_LINE,
    INK,
    INPUT,
    INPUT_LINE,
    QUIET_INK,
    RIGHT_ALIGNED,
    WHITE,
)

NumberFormat: TypeAlias = tuple[str, str]
"""Type and pattern."""
Leaf: TypeAlias = str | int | bool | NumberFormat
Style: TypeAlias = Mapping[str, Leaf]
Patch: TypeAlias = tuple[tuple[str, Leaf], ...]
"""Fields of a format that have to change."""

NUMBER = "numberFormat"
FILL = "backgroundColorStyle"
INK_COLOUR = "textFormat.foregroundColorStyle"
BOLD, ITALIC, SIZE = "textFormat.bold", "textFormat.italic", "textFormat.fontSize"
UNDERLINE, LINK = "textFormat.underline", "textFormat.link"
ACROSS, DOWN, WRAP = "horizontalAlignment", "verticalAlignment", "wrapStrategy"
BORDERS = "borders"
ALIGNMENT = (ACROSS, DOWN, WRAP)

_COLOURS = (FILL, INK_COLOUR)
_DEFAULTS: Style = {BOLD: False, ITALIC: False, UNDERLINE: False, LINK: "", DOWN: "BOTTOM", WRAP: "OVERFLOW_CELL"}
"""What a cell without the field has."""

NUMBER_FORMATS: Mapping[Format, NumberFormat] = {
    Format.TEXT: ("TEXT", "@"),
    Format.DATE: ("DATE", "dd/mm/yyyy"),
    Format.MOMENT: ("DATE_TIME", "dd/mm/yyyy hh:mm"),
    Format.INTEGER: ("NUMBER", "#,##0"),
    Format.RATE: ("PERCENT", "0.0%"),
}
DATE_TYPES = {"DATE", "DATE_TIME", "TIME"}

_BOX = "box "
_UNDERLINE = "underline "


def _header(ink: str, fill: str, line: str) -> Style:
    return {
        BOLD: True,
        INK_COLOUR: ink,
        FILL: fill,
        ACROSS: "CENTER",
        DOWN: "MIDDLE",
        WRAP: "WRAP",
        BORDERS: _BOX + line,
    }


INPUT_HEADER = _header(WHITE, ACCENT, ACCENT_LINE)
COMPUTED_HEADER = _header(INK, GREY, GREY_LINE)

_NO_LINK: Style = {UNDERLINE: False, LINK: ""}
"""What takes a link away that an earlier drawing left there."""

ROLE_STYLES: Mapping[Role, Style] = {
    Role.TITLE: {BOLD: True, SIZE: 14, INK_COLOUR: ACCENT, DOWN: "MIDDLE"},
    Role.HEADLINE: {BOLD: True, SIZE: 11, INK_COLOUR: ACCENT, DOWN: "MIDDLE", WRAP: "WRAP"},
    Role.LABEL: {INK_COLOUR: QUIET_INK, ACROSS: "RIGHT", DOWN: "MIDDLE", WRAP: "WRAP"},
    Role.INPUT: {
        BOLD: True,
        INK_COLOUR: INK,
        ACROSS: "CENTER",
        DOWN: "MIDDLE",
        FILL: INPUT,
        BORDERS: _BOX + INPUT_LINE,
    },
    Role.SECTION: {
        **_NO_LINK,
        BOLD: True,
        SIZE: 12,
        INK_COLOUR: ACCENT,
        DOWN: "MIDDLE",
        BORDERS: _UNDERLINE + ACCENT_LINE,
    },
    Role.TEXT: {INK_COLOUR: INK, DOWN: "TOP", WRAP: "WRAP"},
    Role.LINE: {INK_COLOUR: INK, DOWN: "TOP", WRAP: "OVERFLOW_CELL"},
    Role.TERM: {**_NO_LINK, BOLD: True, INK_COLOUR: INK, DOWN: "TOP", WRAP: "WRAP"},
    Role.LINK: {UNDERLINE: True, INK_COLOUR: ACCENT, DOWN: "TOP", WRAP: "WRAP"},
}
FILLED_ROLES = {role for role, style in ROLE_STYLES.items() if FILL in style}


def alignment_of(column: ColumnLook) -> Style:
    """How the body of a column is aligned."""
    style: dict[str, Leaf] = {DOWN: "TOP"}
    if column.format in CENTRED:
        style[ACROSS] = "CENTER"
    elif column.format in RIGHT_ALIGNED:
        style[ACROSS] = "RIGHT"
    if column.wrap:
        style[WRAP] = "WRAP"
    return style


def number_format_of(kind: Format) -> Style:
    """The format of numbers and texts, empty where any will do."""
    return {NUMBER: NUMBER_FORMATS[kind]} if kind in NUMBER_FORMATS else {}


def patch(wanted: Style, present: Style) -> Patch:
    """The fields of `wanted` that `present` does not have. Borders go along with other changes only: cells share
    them with their neighbours, so that what is read back says little."""
    fields = {name: value for name, value in wanted.items() if name != BORDERS and not _is_there(name, value, present)}
    if fields and BORDERS in wanted:
        fields[BORDERS] = wanted[BORDERS]
    return tuple(sorted(fields.items()))


def _is_there(name: str, value: Leaf, present: Style) -> bool:
    found = present.get(name, _DEFAULTS.get(name))
    if isinstance(value, tuple) and isinstance(found, tuple):
        return value[0] == found[0] and found[1].casefold() in ("", value[1].casefold())
    return found == value


# --- to and from Google -----------------------------------------------------------------------------------


def colour_style(colour: str) -> dict[str, Any]:
    """Google's ColorStyle of an RRGGBB."""
    red, green, blue = (round(int(colour[place : place + 2], 16) / 255, 4) for place in (0, 2, 4))
    return {"rgbColor": {"red": red, "green": green, "blue": blue}}


def colour_of(style: Mapping[str, Any], field: str) -> str:
    """The colour in `field` or in the older field of that name without "Style"; "" where there is none."""
    found = style.get(field)
    if found is not None and "themeColor" in found:
        return str(found["themeColor"])
    rgb = found.get("rgbColor", {}) if found is not None else style.get(field.removesuffix("Style"))
    if rgb is None:
        return ""
    return "".join(f"{round(rgb.get(part, 0) * 255):02X}" for part in ("red", "green", "blue"))


def cell_format(fields: Patch) -> dict[str, Any]:
    """The fields as Google's CellFormat."""
    built: dict[str, Any] = {}
    for path, value in fields:
        *parents, name = path.split(".")
        place = built
        for parent in parents:
            place = place.setdefault(parent, {})
        if value != "":  # a field that is named and not there is taken away
            place[name] = _as_sent(path, value)
    return built


def _as_sent(path: str, value: Leaf) -> Any:
    if isinstance(value, tuple):
        return {"type": value[0], "pattern": value[1]}
    if path == LINK:
        return {"uri": value}
    if path in _COLOURS:
        return colour_style(str(value))
    return _borders(str(value)) if path == BORDERS else value


def _borders(wanted: str) -> dict[str, Any]:
    kind, _, colour = wanted.partition(" ")
    if kind == _BOX.strip():
        line = {"style": "SOLID", "colorStyle": colour_style(colour)}
        return dict.fromkeys(("top", "bottom", "left", "right"), line)
    return {"bottom": {"style": "SOLID_MEDIUM", "colorStyle": colour_style(colour)}}


STYLE_MASK = (
    "numberFormat(type,pattern),backgroundColorStyle,horizontalAlignment,verticalAlignment,wrapStrategy,"
    "textFormat(bold,fontSize,foregroundColorStyle,underline,link)"
)
"""The fields of CellFormat that `style_of` looks at."""


def style_of(found: Mapping[str, Any]) -> Style:
    """Google's CellFormat as a style; fields that no look wants are left out."""
    style: dict[str, Leaf] = {name: found[name] for name in ALIGNMENT if name in found}
    if NUMBER in found:
        style[NUMBER] = (found[NUMBER].get("type", ""), found[NUMBER].get("pattern", ""))
    if fill := colour_of(found, FILL):
        style[FILL] = fill
    letters = found.get("textFormat", {})
    if ink := colour_of(letters, "foregroundColorStyle"):
        style[INK_COLOUR] = ink
    if "link" in letters:
        style[LINK] = letters["link"].get("uri", "")
    for path in (BOLD, ITALIC, SIZE, UNDERLINE):
        name = path.rpartition(".")[2]
        if name in letters:
            style[path] = letters[name]
    return style


# --- validations ------------------------------------------------------------------------------------------


class Rule(Struct, frozen=True):
    """A validation: its condition, and whether it refuses what does not fit."""

    kind: str
    values: tuple[str, ...] = ()
    strict: bool = False
    help: str = ""
    """What the column wants, for whoever types there; makes no difference to what the rule does."""

    def is_like(self, present: Rule | None) -> bool:
        """Whether `present` does the same. Whether a checkbox is strict makes no difference."""
        if present is None or self.kind != present.kind:
            return False
        same_strictness = self.kind == "BOOLEAN" or self.strict == present.strict
        return same_strictness and list(map(_plain, self.values)) == list(map(_plain, present.values))


RULE_MASK = "condition(type,values(userEnteredValue)),strict"
"""The fields of DataValidationRule that `rule_of` looks at."""


def _plain(value: str) -> str:
    """Google is free to quote the name of a tab or not."""
    return value.removeprefix("=").replace("'", "")


def column_rule(look: ColumnLook) -> Rule | None:
    """The validation that the body of a column gets, if any; none refuses anything."""
    if look.computed:
        return None
    if look.choices_range:
        return Rule("ONE_OF_RANGE", ("=" + look.choices_range.removeprefix("="),), help=look.note)
    if look.choices:
        return Rule("ONE_OF_LIST", look.choices, help=look.note)
    rule = format_rule(look.format)
    return replace(rule, help=look.note) if rule else None


def format_rule(kind: Format) -> Rule | None:
    """The validation that goes with a format alone, if any."""
    if kind is Format.TICK:
        return Rule("BOOLEAN")
    return Rule("DATE_IS_VALID") if kind is Format.DATE else None


def rule_of(found: Mapping[str, Any] | None) -> Rule | None:
    """Google's DataValidationRule."""
    if not found:
        return None
    condition = found.get("condition", {})
    values = tuple(str(value.get("userEnteredValue", "")) for value in condition.get("values", ()))
    return Rule(str(condition.get("type", "")), values, bool(found.get("strict", False)))


def as_validation(rule: Rule) -> dict[str, Any]:
    """The rule as Google's DataValidationRule, with the sentence that helps."""
    condition: dict[str, Any] = {"type": rule.kind}
    if rule.values:
        condition["values"] = [{"userEnteredValue": value} for value in rule.values]
    validation = {"condition": condition, "strict": rule.strict, "showCustomUi": True}
    if rule.kind == "BOOLEAN":
        return validation
    topic = "date" if rule.kind == "DATE_IS_VALID" else "choice"
    message = text(f"google_drawing.input.{topic}")
    return validation | {"inputMessage": f"{rule.help}\n{message}" if rule.help else message}


def is_dropdown(rule: Rule | None, rules: Iterable[Rule]) -> bool:
    """Whether it is one of these dropdowns, as a paste from another column leaves it."""
    return rule is not None and any(each.kind == "ONE_OF_RANGE" and each.is_like(rule) for each in rules)
