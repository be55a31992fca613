"""Who may mail: without the lease of the workbook nothing is queued and nothing leaves."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.base.errors import HeldElsewhere
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
