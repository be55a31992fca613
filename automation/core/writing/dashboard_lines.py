"""Where what stands in tab `Tổng hợp`: its columns, its blocks, the room for its chart."""

from __future__ import annotations

from datetime import timedelta

from automation.base.messages import text

COLUMNS = ("label", "people", "counted", "done", "left", "rate", "errors", "bar", "note")
"""The columns of the tab, from A on. Behind them stand, hidden, those of the chart."""
CHART_COLUMNS = 3
SIGN_OF_LIFE = timedelta(hours=1)
"""A quiet dashboard shows at least this often that somebody is still looking."""
SIGN_OF_LIFE_CELL = (2, 1)
"""When the bot last looked, in words."""
SILENCE_CELL = (2, len(COLUMNS) + 2)
"""How long it may be silent, as a part of a day; hidden."""
OPEN_COLUMN = len(COLUMNS) + CHART_COLUMNS + 1
"""What opens the tab of a ranked unit: a formula of each line, which a cycle leaves alone."""
TARGET_COLUMN = OPEN_COLUMN + 1
"""What is opened there; hidden."""
HEAD_LINES = 5
"""The title, what holds for all, and a blank line; blocks and chart begin below."""
CHART_LINES = 12
"""How many lines the chart takes beside the first blocks."""
SIGNS = ("reached", "under_way", "behind")
"""How far a rate is from its target, as keys of signs: said by a letter, and by colour."""
BAR_LENGTH = 10
SECTIONS = ("overall", "funnel", "groups", "categories", "ranking", "calendar")
"""The blocks of the tab, from the top."""
DAYS_OF_TREND = 30


def section_titles() -> tuple[str, ...]:
    """What stands at the head of each block, in column 1."""
    return tuple(text(f"dashboard.{key}") for key in SECTIONS)


def side_titles() -> tuple[str, ...]:
    """The heads among the lines of `beside`."""
    return tuple(text(f"dashboard.{key}") for key in ("at_risk", "difficulties", "next_mails"))
