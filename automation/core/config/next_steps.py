"""Next steps that differ within a status: what a cell of `Việc cần làm` says, and for whom it says something else.

"Chờ tin nhắn báo kết quả. ⏎ khi Mức tài khoản = Mức 2: Hỏi Công an phường.": the first line that fits a person is
theirs, else the text before all of them. A line fits by a condition, by the code of a rule that found something in the
row, or by a setting: "khi [Mức tài khoản tối thiểu] = Mức 2".
"""

from __future__ import annotations

import re

from msgspec import Struct

from automation.core.config.conditions import Condition
from automation.core.reading.cells import clean

_BEGINNING = re.compile(r"(?:\A|[\n|]) *(?=khi +[^:|\n]+:)", re.IGNORECASE)
_VARIANT = re.compile(r"khi +([^:|\n]+):(.*)", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_SETTING = re.compile(r"\[([^\[\]]+)\] *(=|khác) *(.+)")


class TypedStep(Struct, frozen=True):
    """A line for some people, as typed."""

    when: str
    text: str

    @property
    def setting(self) -> tuple[str, bool, str] | None:
        """The setting that it asks for: its name, whether it is to be the value or to differ from it, the value."""
        found = _SETTING.fullmatch(self.when)
        return (clean(found[1]), found[2] == "=", clean(found[3])) if found else None

    @property
    def names_a_rule(self) -> bool:
        """Whether it asks for what a rule found, which goes by its code."""
        return _CODE.fullmatch(self.when) is not None


class NextStep(Struct, frozen=True):
    """What some people of a status do next."""

    when: Condition
    rule: str
    """Code of a rule that found something in their rows; "" where that does not matter."""
    said: str
    """For whom it is, in words."""
    text: str


def split_steps(typed: str) -> tuple[str, tuple[TypedStep, ...]]:
    """What a cell says to everybody else, and its lines for some."""
    lines = "\n".join(clean(line) for line in re.split("\r\n|\r|\n", typed))
    base, *rest = _BEGINNING.split(lines)
    found = (match for part in rest if (match := _VARIANT.match(part)))
    return clean(base), tuple(TypedStep(clean(match[1]), clean(match[2])) for match in found)
