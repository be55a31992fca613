"""The language of tab `Nhắc việc`: when a rung falls due, for whom it holds, who gets the mail.

A reader answers with the value, or with a sentence that says what was not understood and what would be; it
never raises, so that the reader of the config can put the sentence beside the cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Final, TypeAlias

from msgspec import Struct

from automation.base.messages import text
from automation.core.config.registry import ROLES, Role
from automation.core.model.units import Mode
from automation.core.reading.cells import Unreadable, clean, fold, read_percent
from automation.core.text.vietnamese import quoted_list

# --- when -------------------------------------------------------------------------------------------------


class BeforeDeadline(Struct, frozen=True):
    """ "7 ngày làm việc trước hạn", or "7 ngày trước hạn" by the calendar."""

    days: int
    working: bool = True


class Overdue(Struct, frozen=True):
    """ "từ hạn, 2 ngày làm việc một lần, tối đa 6 lần": first on the first working day after the deadline."""

    every: int
    at_most: int


class Silence(Struct, frozen=True):
    """ "lâu không cập nhật" (as many days as the settings say), or "10 ngày không cập nhật"."""

    days: int | None = None


class TargetReached(Struct, frozen=True):
    """ "khi đạt chỉ tiêu": once a unit, the thank-you."""


class Start(Struct, frozen=True):
    """ "khi bắt đầu": the first mail of the campaign to a unit, whenever the unit or its address came."""


Due: TypeAlias = BeforeDeadline | Overdue | Silence | TargetReached | Start

_BEFORE = re.compile(r"(\d{1,3}) ngày( làm việc)? trước hạn")
_OVERDUE = re.compile(r"từ hạn,? (\d{1,3}) ngày làm việc một lần,? tối đa (\d{1,3}) lần")
_SILENCE = re.compile(r"(\d{1,3}) ngày không cập nhật")
_SILENCE_AS_SET = "lâu không cập nhật"
_TARGET_REACHED = "khi đạt chỉ tiêu"
_START = "khi bắt đầu"
_MOST = 365


def read_rung_due(typed: str) -> Due | str:
    """What a cell of `Khi gửi` means, or the sentence about it."""
    folded = fold(typed)
    found = _due(folded)
    return text("reminders.unreadable.due", typed=clean(typed)) if found is None else found


def _due(folded: str) -> Due | None:
    if folded == _SILENCE_AS_SET:
        return Silence()
    if folded == _TARGET_REACHED:
        return TargetReached()
    if folded == _START:
        return Start()
    for pattern in (_BEFORE, _OVERDUE, _SILENCE):
        if (found := pattern.fullmatch(folded)) and _numbers_are_sensible(found):
            return _counted(pattern, found)
    return None


def _numbers_are_sensible(found: re.Match[str]) -> bool:
    numbers = [int(group) for group in found.groups() if group and group.isdecimal()]
    return all(1 <= number <= _MOST for number in numbers)


def _counted(pattern: re.Pattern[str], found: re.Match[str]) -> Due:
    if pattern is _BEFORE:
        return BeforeDeadline(int(found[1]), working=found[2] is not None)
    if pattern is _OVERDUE:
        return Overdue(every=int(found[1]), at_most=int(found[2]))
    return Silence(int(found[1]))


# --- for whom ---------------------------------------------------------------------------------------------


class RateBound(Struct, frozen=True):
    """One comparison of a unit's rate; `percent` None stands for the target."""

    operator: str
    percent: float | None

    def holds(self, rate: float, target: float) -> bool:
        """Whether a unit at that rate is within it."""
        return _COMPARISONS[self.operator](rate, target if self.percent is None else self.percent)


class RungCondition(Struct, frozen=True):
    """All bounds must hold; no bounds: always."""

    bounds: tuple[RateBound, ...] = ()

    def holds(self, rate: float, target: float) -> bool:
        """Whether a unit with that rate (per cent) is meant."""
        return all(bound.holds(rate, target) for bound in self.bounds)


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_LOOKALIKES = str.maketrans({"≤": "<=", "≥": ">="})
_BOUND = re.compile(r"t[ỷỉ] lệ ?(<=|>=|<|>) ?(.+)")
_TARGET = "chỉ tiêu"


def read_rung_condition(typed: str) -> RungCondition | str:
    """What a cell of `Điều kiện` means, or the sentence about it. Blank: always."""
    bounds = []
    for part in filter(None, map(fold, typed.split(";"))):
        bound = _rate_bound(part.translate(_LOOKALIKES))
        if bound is None:
            return text("reminders.unreadable.condition", typed=clean(typed))
        bounds.append(bound)
    return RungCondition(tuple(bounds))


def _rate_bound(part: str) -> RateBound | None:
    found = _BOUND.fullmatch(part)
    if found is None:
        return None
    if found[2] == _TARGET:
        return RateBound(found[1], None)
    percent = read_percent(found[2].replace(" ", ""))
    if percent is None or isinstance(percent, Unreadable) or not 0 <= percent <= 100:
        return None
    return RateBound(found[1], percent)


# --- to whom ----------------------------------------------------------------------------------------------


HR_OFFICE: Final = Role("TCCB")
RECIPIENTS: Final = (*ROLES, HR_OFFICE)
"""Who a mail of the ladder may go to: the words of `Gửi tới`."""


class RungRecipients(Struct, frozen=True):
    """Whom a rung's mail is for, and who gets a copy."""

    direct: tuple[Role, ...]
    copied: tuple[Role, ...] = ()


_COPY_TO = "đồng gửi "
_RECIPIENTS = {fold(role): role for role in RECIPIENTS}


def read_recipients(typed: str) -> RungRecipients | str:
    """What a cell of `Gửi tới` means, or the sentence about it. At least one recipient is direct."""
    direct: list[Role] = []
    copied: list[Role] = []
    for part in filter(None, map(fold, re.split("[;,]", typed))):
        recipient = _RECIPIENTS.get(part.removeprefix(_COPY_TO))
        if recipient is None:
            return _no_recipients(typed)
        (copied if part.startswith(_COPY_TO) else direct).append(recipient)
    if not direct:
        return _no_recipients(typed)
    return RungRecipients(tuple(direct), tuple(copied))


def _no_recipients(typed: str) -> str:
    return text("reminders.unreadable.recipients", typed=clean(typed), roles=quoted_list(ROLES), office=HR_OFFICE)


# --- all of a row -----------------------------------------------------------------------------------------


class Rung(Struct, frozen=True):
    """One row of `Nhắc việc`."""

    code: str
    mode: Mode
    due: Due
    condition: RungCondition
    recipients: RungRecipients
    template: str
    due_text: str
    """`Khi gửi` as the admin wrote it, for sentences about the rung."""
