"""The colours (RRGGBB) of everything people see: tabs, mails, pictures, documents; and which formats align how.

The colours of statuses are not among them: these are the admin's, in tab `Trạng thái`.
"""

from __future__ import annotations

from automation.core.model.layout import Format

WHITE = "FFFFFF"
BLACK = "000000"
INK = "1F2A37"
QUIET_INK = "5B6876"
ACCENT = "173F5F"
"""Titles, headers, and whatever the bot alone writes."""
ACCENT_LINE = "9DB8C9"
ACCENT_FILL = "D9E6EC"
LINK = "1D5C8A"
GREEN = "2F7D5B"
"""Done, the target, and the tabs of units."""
GREEN_FILL = "8CB9A3"
BLUE = "3B7EA8"
"""Well under way."""
AMBER = "C98A1B"
"""Not done."""
AMBER_INK = "B06F0C"
"""The same in lines and letters, which are thinner than bars."""
PLUM = "8A5A83"
SLATE = "8FA0B0"
"""Deferred or out of scope, and the tabs of admins."""
PAGE = "EEF1F4"
PANEL = "F4F7F9"
TRACK = "E3E8ED"
"""What a bar has not filled."""
GREY = "DFE4EA"
GREY_LINE = "C9D2DA"
HAIRLINE = "E8ECF0"
INPUT = "FFF9E5"
INPUT_LINE = "E3CF93"
TRIAL_FILL = "FFEFC2"
TRIAL_INK = "5C4500"
"""What says that a mail is only a trial."""
REVIEW_INK = QUIET_INK
REVIEW_FILL = "ECEFF1"
"""A result whose row was edited since: it waits for the next look."""
FAULT_FILL = "F9C9C4"
"""A cell with an error."""
WARNING_FILL = "FFE699"
"""A cell with a warning."""
SERIES = (ACCENT, GREEN, AMBER, PLUM)
"""Of the series of a chart, in their order."""

CENTRED = {Format.DATE, Format.MOMENT, Format.TICK}
RIGHT_ALIGNED = {Format.INTEGER, Format.RATE}
"""Numbers, and the words above them in tables that have no header of their own."""


def web(colour: str) -> str:
    """The colour as HTML and pictures write it, for example "#173f5f"."""
    return f"#{colour.lower()}"


WEB_COLOURS = {name.lower(): web(value) for name, value in globals().items() if name.isupper() and type(value) is str}
"""Every colour by its name in small letters, for templates."""
