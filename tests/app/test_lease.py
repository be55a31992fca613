"""Who may mail: without the lease of the workbook nothing is queued and nothing leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.base.errors import HeldElsewhere
from automation.core.config import tabs
from automation.core.model.lease import OnlyHere
from automation.core.model.mail import MailState
from tests.app.test_manual_mails import Office

MONDAY = datetime(2023, 4, 24, 9, 0)
"""A day on which units are reminded."""


class CountedLease(OnlyHere):
    """Ours for so many questions; then another bot has it."""

    def __init__(self, times: int = 10_000) -> None:
        self.left = times
        self.asked: list[bool] = []
        """Whether it was to be renewed, each time that somebody asked."""

    def ensure(self, *, anew: bool = False) -> None:
        self.asked.append(anew)
        if not self.left:
            raise HeldElsewhere("may-2")
        self.left -= 1


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def lease_of(office: Office, times: int = 10_000) -> CountedLease:
    lease = office.book.lease = CountedLease(times)
    return lease


def states(office: Office) -> list[MailState]:
    return [record.state for record in office.store.mail_history()]


def test_a_cycle_of_another_bot_queues_nothing(office: Office) -> None:
    lease_of(office, 0)
    with pytest.raises(HeldElsewhere):
        office.cycle(MONDAY)
    assert (states(office), office.transport.sent) == ([], [])


@pytest.mark.parametrize("mails", ["remind", "summary"])
def test_mails_by_hand_neither(office: Office, mails: str) -> None:
    lease = lease_of(office, 0)
    command = getattr(office, mails)
    assert command().files
    assert lease.asked == []
    with pytest.raises(HeldElsewhere):
        command(send=True)
    assert (states(office), office.transport.sent) == ([], [])


def test_it_is_renewed_right_before_mails_and_looked_at_before_each(office: Office) -> None:
    lease = lease_of(office)
    sent = office.cycle(MONDAY)
    count = len(office.transport.sent)
    assert count > 1, sent
    assert lease.asked == [False, True, *[False] * (count - 1)]


def test_who_loses_it_between_two_mails_sends_no_more(office: Office) -> None:
    lease_of(office, 2)
    with pytest.raises(HeldElsewhere):
        office.cycle(MONDAY)
    assert states(office).count(MailState.SENT) == len(office.transport.sent) == 1
    assert MailState.QUEUED in states(office)


def test_where_no_mail_is_due_it_is_not_asked_for(office: Office) -> None:
    office.cycle(MONDAY)
    lease = lease_of(office, 0)
    office.cycle(MONDAY)
    run_cycle(office.book, office.store, None, standing_clock(MONDAY))
    assert lease.asked == []


class TakenAfterUs(CountedLease):
    """Another bot has it when we read, works, lets go of it, and then it is ours."""

    def __init__(self, other: Office, works: Callable[[], object]) -> None:
        super().__init__()
        self._other, self._works = other, works
        self.was_elsewhere = False

    def ensure(self, *, anew: bool = False) -> None:
        super().ensure(anew=anew)
        if len(self.asked) == 1:
            self._other.book.lease = OnlyHere()
            self._works()
            self._other.book.lease = self
            self.was_elsewhere = True


@pytest.fixture
def other(office: Office, tmp_path: Path) -> Office:
    """A bot with a state folder of its own on the same workbook."""
    office.book.add_tab(tabs.MAILS, [tabs.HEADERS[tabs.MAILS]])
    other = Office(tmp_path / "other")
    other.book = office.book
    return other


def test_what_another_bot_mailed_since_we_read_is_not_mailed_again(office: Office, other: Office) -> None:
    office.book.lease = TakenAfterUs(other, lambda: other.cycle(MONDAY))
    office.cycle(MONDAY)
    assert len(other.transport.sent) > 1
    assert [mail.key for mail in office.transport.sent] == []


def test_by_hand_it_is_ours_before_the_workbook_is_read(office: Office, other: Office) -> None:
    office.book.lease = TakenAfterUs(other, lambda: other.remind(send=True, at=MONDAY))
    done = office.remind(send=True, at=MONDAY)
    assert [mail.unit for mail in other.transport.sent] == ["cham"]
    assert [skipped.unit for skipped in done.skipped if "Hôm nay" in skipped.why] == ["cham"]
    assert office.transport.sent == []
