"""Where what stands in tab `Tổng hợp`: its columns, its blocks, the room for its chart, the first of its ranking."""

from __future__ import annotations

from datetime import timedelta

from automation.base.messages import text
from automation.core.config.values import Config, FieldCode
from automation.core.figures.overall import asks_categories, category_names

_BLOCKS = ("label", "people", "counted", "done", "left", "rate", "errors", "bar")
CHART = ("day", "reached", "target")
COLUMNS = (*_BLOCKS, "gap", *CHART, "open", "opened", "note", "top_left", "top_rate", "top_bar")
"""The columns of the tab, from A on: the blocks, hidden those of the chart, what opens a unit's tab, and at the right
the first of the ranking, what is said below them, further down notes.
"""


def place_of(column: str) -> int:
    """Where the column of that name stands, from 1."""
    return COLUMNS.index(column) + 1


SIGN_OF_LIFE = timedelta(hours=1)
"""A quiet dashboard shows at least this often that somebody is still looking."""
SIGN_OF_LIFE_CELL = (2, 1)
"""When the bot last looked, in words."""
SILENCE_CELL = (2, place_of("reached"))
"""How long it may be silent, as a part of a day; hidden."""
OPEN_COLUMN = place_of("open")
"""What opens the tab of a ranked unit: a formula of each line, which a cycle leaves alone."""
TARGET_COLUMN = place_of("opened")
"""What is opened there; hidden."""
TO_UNITS_CELL = (2, place_of("note"))
"""What leads to the list of the units' tabs."""
HEAD_LINES = 5
"""The title, what holds for all, and a blank line; blocks and chart begin below."""
CHART_LINES = 16
"""How many lines the chart takes beside the steps, in columns that they don't use."""
MOST_ON_TOP = 10
"""Of the ranking, how many stand in sight at once; the whole of it stands below."""
NEXT_MAILS = 2
"""How many of the mails to come stand beside the first blocks."""
MOST_NAMED = 3
"""Units at risk, and difficulties: who has more finds them in the summary."""
_MOST_BESIDE = (MOST_NAMED + 3) + (MOST_NAMED + 2) + (NEXT_MAILS + 2)
"""Lines below the first of the ranking at most, the heads and what is said of the others included."""
SIGNS = ("reached", "under_way", "behind")
"""How far a rate is from its target, as keys of signs: said by a letter, and by colour."""
BAR_LENGTH, TOP_BAR_LENGTH = 10, 6
"""Blocks of a bar that stands for 100 %, and of those on top, where names need the room."""
REASON_ROOM, NOTE_ROOM = 33, 57
"""How many letters a line of the calendar takes in column `errors`, over the blank cells at its left, and in column
`note`, over those at its right.
"""
SECTIONS = ("funnel", "overall", "groups", "categories", "ranking", "calendar")
"""The blocks of the tab, from the top."""
DAYS_OF_TREND = 30


def section_titles() -> tuple[str, ...]:
    """What stands at the head of each block, in column 1."""
    return tuple(text(f"dashboard.{key}") for key in SECTIONS)


def side_titles() -> tuple[str, ...]:
    """The heads of what may stand at the right, in column `note`."""
    return tuple(text(f"dashboard.{key}") for key in ("top", "at_risk", "past_deadline", "difficulties", "next_mails"))


def last_of_ranking(config: Config) -> int:
    """The line of the last unit of the ranking, with every line above it that there may be."""
    steps, overall = 2 + len(config.statuses), 6 + len(config.part_rates)
    left, right = max(CHART_LINES, steps) + 1 + overall, 1 + MOST_ON_TOP + 1 + _MOST_BESIDE
    groups = 1 + len({unit.group for unit in config.units})
    categories = 1 + len(category_names(config)) + config.uses(FieldCode.PARTY) + 1 if asks_categories(config) else 0
    return HEAD_LINES + max(left, right) + 1 + groups + 1 + categories + 1 + len(config.units)
