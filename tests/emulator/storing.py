"""What Google makes of what it is sent: zeros are dropped, colours are kept in two spellings."""

from __future__ import annotations

import math
from typing import Any

from tests.emulator.masks import Mask
from tests.emulator.presenting import THEME_COLOURS
from tests.emulator.refusals import Json
from tests.emulator.schema import single_precision, without_fraction

KEPT_AT_ZERO = {
    *("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex", "startIndex", "endIndex"),
    *("bold", "italic", "strikethrough", "underline", "boolValue", "numberValue", "stringValue"),
}
"""Zero, false and "" of these are shown (C); of all others they are not."""


COLOUR_PARTS = ("red", "green", "blue", "alpha")


def colour_part(value: float) -> float:
    """One of 256 steps: 0.5 comes back as 0.49803922 (C)."""
    return without_fraction(single_precision(math.ceil(value * 255 - 0.5) / 255))


def stored(value: Any) -> Any:
    """The value without zeros, false, "" and empty lists; messages stay even when nothing is left in them (C)."""
    if isinstance(value, list):
        return [stored(each) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) <= set(COLOUR_PARTS):
        return {name: kept for name, each in value.items() if (kept := colour_part(each) if name != "alpha" else each)}
    return {
        name: stored(each)
        for name, each in value.items()
        if name in KEPT_AT_ZERO or isinstance(each, dict) or each not in (0, False, "", [])
    }


def twin_of(name: str) -> str:
    """backgroundColor <-> backgroundColorStyle, and so on; "" for what is no colour."""
    if name in ("rgbColor", "themeColor"):
        return ""
    if name.endswith(("ColorStyle", "colorStyle")):
        return name[:-5]
    return f"{name}Style" if name.endswith(("Color", "color")) else ""


def twinned(value: Any) -> Any:
    """The value with each colour in both spellings; the newer one rules where both are given (D)."""
    if isinstance(value, list):
        return [twinned(each) for each in value]
    if not isinstance(value, dict):
        return value
    both = {name: twinned(each) for name, each in value.items()}
    for name, each in value.items():
        twin = twin_of(name)
        if name.endswith("Style") and twin and not each:
            # A style that says nothing is none (C).
            both.pop(name)
            both.pop(twin, None)
        elif name.endswith("Style") and twin:
            both[twin] = THEME_COLOURS.get(each.get("themeColor", ""), each.get("rgbColor", {}))
        elif twin and twin not in value:
            both[twin] = {"rgbColor": each}
    return both


def twinned_mask(tree: Mask) -> Mask:
    """A mask that names both spellings where it names one."""
    both: Mask = {}
    for name, inner in tree.items():
        twin = twin_of(name)
        both[name] = {} if twin else twinned_mask(inner)
        if twin:
            both[twin] = {}
    return both


def settled(value: Json) -> Json:
    """As Google gives it back."""
    kept: Json = stored(twinned(value))
    return kept
