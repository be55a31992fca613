from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from automation.core.config.ladder import Rung, RungRecipients
from automation.core.config.registry import FOCAL_PERSON, HEAD
from automation.core.config.values import Settings
from automation.core.config.working_days import calendar_of, next_opening
from automation.core.mail.reminders import (
    DueReminder,
    NoReminder,
    coming_reminders,
    due_reminders,
    mail_key,
    no_longer_due,
    overtaken,
    reminder_decisions,
    rung_as_of,
)
from automation.core.model.mail import MailRecord, MailState
from automation.core.model.units import Declaration, Mode, Standing, Tally
from tests.core.mail.ladder_examples import SETTINGS, default_ladder, rung

LADDER = default_ladder()
START = datetime(2023, 4, 11, 8)
"""When the campaign's first cycle ran."""


def april(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2023, 4, day, hour, minute)


def may(day: int, hour: int = 9) -> datetime:
    return datetime(2023, 5, day, hour)


def unit(rate: float | None = 60.0, changed_at: datetime | None = None, code: str = "BV01") -> Standing:
    """A unit that was edited on the day the tests look at, unless said otherwise."""
    return Standing(
        code,
        code,
        headcount=100,
        rows=100,
        # Rates here have one decimal at most, so that a thousand people show each of them.
        tally=Tally() if rate is None else Tally(in_scope=1000, done=round(rate * 10)),
        changed_at=changed_at or may(31),
    )


class Campaign:
    """The planner with a memory: what it decides is queued, as the cycle does."""

    def __init__(self, ladder: Sequence[Rung] = LADDER, settings: Settings = SETTINGS) -> None:
        self.ladder = ladder
        self.settings = settings
        self.first_cycle_at: datetime | None = START
        self.history: list[MailRecord] = []

    def cycle(self, now: datetime, *standings: Standing) -> list[DueReminder]:
        due = due_reminders(standings, self.ladder, self.settings, self.history, self.first_cycle_at, now)
        for each in due:
            key = mail_key(self.settings.campaign_code, each.unit, each.rung.code, each.day)
            assert key not in {record.key for record in self.history}
            self.history.append(
                MailRecord(key, each.rung.template, each.unit, each.rung.code, each.day, MailState.SENT, "<m@x>", now)
            )
        return due

    def codes(self, now: datetime, *standings: Standing) -> list[str]:
        return [due.rung.code for due in self.cycle(now, *standings)]

    def days_of_mail(self, first: date, last: date, standing: Standing) -> list[tuple[date, str]]:
        """What a worker that looks in every hour of those days sends to one unit."""
        hours = (last - first).days * 24 + 24
        moments = [datetime(first.year, first.month, first.day) + timedelta(hours=n) for n in range(hours)]
        return [(moment.date(), code) for moment in moments for code in self.codes(moment, standing)]


def test_the_default_ladder_up_to_the_deadline_in_a_long_break() -> None:
    assert Campaign().days_of_mail(date(2023, 4, 11), date(2023, 5, 3), unit(60.0)) == [
        (date(2023, 4, 11), "truoc-14"),
        (date(2023, 4, 20), "truoc-7"),
        (date(2023, 4, 26), "truoc-3"),
        (date(2023, 4, 28), "truoc-1"),
    ]


def test_the_first_mail_to_a_unit_is_the_kick_off_and_goes_once() -> None:
    """The campaign starts on the day of a rung: one mail a day, and the letter comes first."""
    campaign = Campaign(default_ladder(kick_off=True))
    assert campaign.days_of_mail(date(2023, 4, 11), date(2023, 4, 27), unit(60.0)) == [
        (date(2023, 4, 11), "bat-dau"),
        (date(2023, 4, 20), "truoc-7"),
        (date(2023, 4, 26), "truoc-3"),
    ]


def test_a_unit_added_later_gets_its_kick_off_then_and_one_that_was_mailed_none() -> None:
    campaign = Campaign(default_ladder(kick_off=True))
    campaign.cycle(april(11), unit(code="BV01"))
    (due,) = campaign.cycle(april(13), unit(code="BV01"), unit(code="BV02"))
    assert (due.unit, due.rung.code, due.day) == ("BV02", "bat-dau", date(2023, 4, 13))
    assert [due.rung.code for due in Campaign().cycle(april(20), unit())] == ["truoc-7"]
    mailed = Campaign(default_ladder(kick_off=True))
    mailed.history.append(replace(campaign.history[0], key="vneid-2023/BV01/truoc-14/2023-04-11", rung="truoc-14"))
    assert mailed.cycle(april(13), unit()) == []


@pytest.mark.parametrize(
    ("now", "rate", "goes"),
    [
        (datetime(2023, 4, 13, 9), 60.0, ["bat-dau"]),
        (datetime(2023, 4, 13, 9), 0.0, ["bat-dau"]),
        (datetime(2023, 4, 13, 9), 100.0, ["cam-on"]),
        (datetime(2023, 4, 15, 9), 60.0, []),  # a Saturday
        (datetime(2023, 4, 13, 17), 60.0, []),  # after the hours of mail
        (datetime(2023, 5, 4, 9), 60.0, ["qua-han"]),  # past the deadline
    ],
)
def test_when_a_kick_off_goes(now: datetime, rate: float, goes: list[str]) -> None:
    due = Campaign(default_ladder(kick_off=True)).cycle(now, unit(rate))
    assert [each.rung.code for each in due] == goes


def test_who_asks_for_a_reminder_by_hand_gets_no_kick_off() -> None:
    assert rung_as_of(unit(), default_ladder(kick_off=True), SETTINGS, april(13)).code != "bat-dau"


def test_after_the_deadline_every_second_working_day_and_six_times_at_most() -> None:
    assert Campaign().days_of_mail(
        date(2023, 4, 29), date(2023, 6, 30), unit(60.0, changed_at=datetime(2023, 7, 1))
    ) == [(date(2023, 5, day), "qua-han") for day in (4, 8, 10, 12, 16, 18)]


def test_below_half_the_head_gets_a_copy_three_days_before() -> None:
    (due,) = Campaign().cycle(april(26), unit(49.9))
    assert due.rung.code == "truoc-3-thap"
    assert due.rung.recipients == RungRecipients((FOCAL_PERSON,), (HEAD,))


def test_a_unit_that_rises_above_half_is_not_reminded_of_the_same_day_again() -> None:
    campaign = Campaign()
    assert campaign.codes(april(26), unit(45.0)) == ["truoc-3-thap"]
    assert campaign.codes(april(26, 15), unit(55.0)) == []
    assert campaign.codes(april(27), unit(55.0)) == []


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        (april(20, 7, 59), []),
        (april(20, 8), ["truoc-7"]),
        (april(20, 16, 29), ["truoc-7"]),
        (april(20, 16, 30), []),
        (april(21, 8), ["truoc-7"]),  # the next working morning
        (april(22, 9), []),  # a Saturday
    ],
)
def test_mail_hours(moment: datetime, goes: list[str]) -> None:
    assert Campaign().codes(moment, unit()) == goes


def test_the_campaign_lives_in_its_own_time_zone() -> None:
    half_past_eight_in_saigon = datetime.fromisoformat("2023-04-20T01:30:00+00:00")
    assert Campaign().codes(half_past_eight_in_saigon, unit()) == ["truoc-7"]
    assert Campaign().codes(datetime.fromisoformat("2023-04-20T10:00:00+00:00"), unit()) == []


def test_extra_days_off_and_extra_working_days_move_the_rungs() -> None:
    closed_on_the_20th = replace(
        SETTINGS,
        extra_days_off=frozenset({date(2023, 4, 20)}),
        extra_working_days=frozenset({date(2023, 4, 22)}),
    )
    campaign = Campaign(settings=closed_on_the_20th)
    days = campaign.days_of_mail(date(2023, 4, 19), date(2023, 4, 25), unit())
    assert days == [(date(2023, 4, 19), "truoc-14"), (date(2023, 4, 21), "truoc-7")]


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ("8 ngày trước hạn", date(2023, 4, 24)),  # 22/04 is a Saturday
        ("1 ngày trước hạn", date(2023, 4, 28)),  # the next working morning would be after the deadline
    ],
)
def test_a_day_that_is_not_worked_moves_on_unless_the_deadline_overtakes_it(due: str, expected: date) -> None:
    campaign = Campaign([rung("r", due)])
    assert campaign.days_of_mail(date(2023, 4, 11), date(2023, 5, 31), unit()) == [(expected, "r")]


def test_silence_that_would_fall_into_the_break_is_told_before_it() -> None:
    quiet = unit(changed_at=april(22))
    campaign = Campaign([each for each in LADDER if each.code == "im-lang"])
    assert campaign.days_of_mail(date(2023, 4, 22), date(2023, 5, 31), quiet) == [(date(2023, 4, 28), "im-lang")]


# --- what was missed --------------------------------------------------------------------------------------


def test_what_fell_due_while_nothing_ran_is_caught_up_once_and_only_the_latest() -> None:
    campaign = Campaign()
    (due,) = campaign.cycle(april(25), unit())
    assert (due.rung.code, due.day) == ("truoc-7", date(2023, 4, 20))
    assert "20/04/2023" in due.why
    assert campaign.codes(april(25, 15), unit()) == []
    assert campaign.codes(april(26), unit()) == ["truoc-3"]


def test_what_lay_before_the_first_cycle_was_not_missed() -> None:
    campaign = Campaign()
    campaign.first_cycle_at = april(20, 17)  # after the mail hours of the day of truoc-7
    assert campaign.codes(april(21), unit()) == []
    assert campaign.codes(april(26), unit()) == ["truoc-3"]


def test_the_very_first_cycle_sends_what_falls_due_that_day() -> None:
    campaign = Campaign()
    campaign.first_cycle_at = None
    assert campaign.codes(april(20, 10), unit()) == ["truoc-7"]


def test_after_the_deadline_no_rung_before_it_is_caught_up() -> None:
    campaign = Campaign([each for each in LADDER if each.code.startswith("truoc")])
    assert campaign.codes(may(4), unit()) == []


def test_missed_overdue_mails_are_caught_up_as_one() -> None:
    campaign = Campaign()
    (due,) = campaign.cycle(may(15), unit())
    assert (due.rung.code, due.day) == ("qua-han", date(2023, 5, 12))
    assert campaign.codes(may(16), unit()) == ["qua-han"]


def test_a_clock_set_back_repeats_nothing() -> None:
    campaign = Campaign()
    assert campaign.codes(april(20), unit()) == ["truoc-7"]
    assert campaign.codes(april(26), unit()) == ["truoc-3"]
    assert campaign.codes(april(20), unit()) == []


@pytest.mark.parametrize(
    ("fell_below", "now", "goes"),
    [
        (april(11), april(25), ["truoc-7"]),  # missed while nothing ran
        (april(20, 15), april(20, 15), ["truoc-7"]),  # on the day itself
        (april(21), april(21), []),  # it stood at its target when the day came
        (april(21), april(25), []),
        (april(21), april(26), ["truoc-3"]),
        (may(5), may(5), []),
        (may(5), may(8), ["qua-han"]),
    ],
)
def test_a_rung_is_for_units_below_the_target_on_its_day(fell_below: datetime, now: datetime, goes: list[str]) -> None:
    assert Campaign().codes(now, replace(unit(), below_since=fell_below)) == goes


def test_silence_is_counted_from_when_there_was_something_left_to_do() -> None:
    campaign = Campaign([each for each in LADDER if each.code == "im-lang"])
    headcount_rose = replace(unit(changed_at=april(12)), below_since=april(19))
    assert campaign.days_of_mail(date(2023, 4, 19), date(2023, 4, 30), headcount_rose) == [
        (date(2023, 4, 26), "im-lang")
    ]


# --- who is left alone ------------------------------------------------------------------------------------


def test_silence_is_told_once_until_somebody_edits() -> None:
    campaign = Campaign([each for each in LADDER if each.code == "im-lang"])
    assert campaign.days_of_mail(date(2023, 4, 11), date(2023, 4, 30), unit(changed_at=april(11))) == [
        (date(2023, 4, 18), "im-lang")
    ]
    assert campaign.codes(april(19), unit(changed_at=april(19))) == []
    assert campaign.codes(april(26), unit(changed_at=april(19))) == ["im-lang"]


@pytest.mark.parametrize(
    ("changed_on", "mails"),
    [
        # full on the 21st, the day after a reminder: on the third working day after that
        (14, [(20, "truoc-7"), (25, "im-lang"), (26, "truoc-3"), (28, "truoc-1")]),
        # full on the 20th itself: the stronger rung does for both
        (13, [(20, "truoc-7"), (26, "truoc-3"), (28, "truoc-1")]),
        # full on the 27th: the last mail before the deadline comes first
        (20, [(20, "truoc-7"), (26, "truoc-3"), (28, "truoc-1")]),
    ],
)
def test_silence_is_not_told_right_after_another_mail(changed_on: int, mails: list[tuple[int, str]]) -> None:
    quiet = unit(changed_at=april(changed_on))
    found = Campaign().days_of_mail(date(2023, 4, 17), date(2023, 4, 30), quiet)
    assert [(day.day, code) for day, code in found if code != "truoc-14"] == mails


def test_a_mail_that_was_taken_back_puts_nothing_off() -> None:
    campaign = Campaign([each for each in LADDER if each.code == "im-lang"])
    campaign.history = [
        MailRecord("k", "nhac-viec", "BV01", "truoc-7", april(20).date(), MailState.WITHDRAWN, "<m@x>", april(20))
    ]
    assert campaign.codes(april(21), unit(changed_at=april(14))) == ["im-lang"]


def test_the_days_of_silence_come_from_the_settings_unless_the_rung_has_its_own() -> None:
    quiet = unit(changed_at=april(11))
    as_set = Campaign([rung("r", "lâu không cập nhật")], replace(SETTINGS, silent_days=3))
    own = Campaign([rung("r", "2 ngày không cập nhật")], replace(SETTINGS, silent_days=3))
    assert as_set.days_of_mail(date(2023, 4, 11), date(2023, 4, 30), quiet) == [(date(2023, 4, 14), "r")]
    assert own.days_of_mail(date(2023, 4, 11), date(2023, 4, 30), quiet) == [(date(2023, 4, 13), "r")]


def test_the_strongest_rung_of_a_day_settles_the_weaker_ones() -> None:
    campaign = Campaign()
    quiet = unit(changed_at=april(13))  # seven days of silence are full on the day of truoc-7
    assert campaign.codes(april(20), quiet) == ["truoc-7"]
    assert campaign.codes(april(21), quiet) == []


def test_a_unit_at_its_target_gets_one_thank_you_and_nothing_else() -> None:
    campaign = Campaign(settings=replace(SETTINGS, target=95.0))
    assert campaign.days_of_mail(date(2023, 4, 19), date(2023, 5, 31), unit(95.0)) == [(date(2023, 4, 19), "cam-on")]


@pytest.mark.parametrize(
    ("headcount", "ticked", "codes"), [(None, False, []), (None, True, ["cam-on"]), (1, False, ["cam-on"])]
)
def test_a_list_that_may_lack_people_is_not_thanked_for(headcount: int | None, ticked: bool, codes: list[str]) -> None:
    one_row = replace(unit(100.0), headcount=headcount, declaration=Declaration(list_complete=ticked))
    assert Campaign().codes(april(19), one_row) == codes


def test_a_unit_reminded_in_the_morning_is_thanked_the_next_day() -> None:
    campaign = Campaign()
    assert campaign.codes(april(20), unit(99.9)) == ["truoc-7"]
    assert campaign.codes(april(20, 15), unit(100.0)) == []
    assert campaign.codes(april(21), unit(100.0)) == ["cam-on"]


def test_a_unit_whose_reminder_was_late_is_thanked_the_day_after_it_came() -> None:
    campaign = Campaign()
    campaign.cycle(april(26), unit(60.0))
    campaign.history = [replace(record, settled_at=april(27, 10)) for record in campaign.history]
    assert campaign.codes(april(27, 12), unit(100.0)) == []
    assert campaign.codes(april(28), unit(100.0)) == ["cam-on"]


def test_a_unit_that_falls_below_the_target_again_is_reminded_again_but_thanked_only_once() -> None:
    campaign = Campaign()
    assert campaign.codes(april(19), unit(100.0)) == ["cam-on"]
    assert campaign.codes(april(26), unit(99.0)) == ["truoc-3"]
    assert campaign.codes(april(27), unit(100.0)) == []


def test_a_thank_you_is_not_said_again_because_its_rung_has_another_code() -> None:
    campaign = Campaign()
    assert campaign.codes(april(19), unit(100.0)) == ["cam-on"]
    campaign.ladder = [replace(each, code="da-dat") if each.code == "cam-on" else each for each in LADDER]
    assert campaign.codes(april(20), unit(100.0)) == []


NOT_BEGUN = Standing("BV01", "BV01", changed_at=april(20))


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (replace(unit(), known=False), "Chưa đọc được trang"),
        (unit(rate=None), "Chưa có người"),  # everybody is out of scope or deferred
        (replace(unit(100.0), vanished_rows=3), "bớt dòng"),
        (replace(NOT_BEGUN, headcount=0), "Chưa có người"),
        (replace(unit(100.0), headcount=None), "chưa khai tổng số người"),
    ],
)
def test_units_that_get_nothing_whatever_the_day(standing: Standing, reason: str) -> None:
    (decision,) = reminder_decisions([standing], LADDER, SETTINGS, [], START, april(20))
    assert isinstance(decision, NoReminder)
    assert reason in decision.why


def test_a_unit_that_has_entered_nothing_at_all_is_reminded() -> None:
    assert Campaign().codes(april(26), NOT_BEGUN) == ["truoc-3-thap"]


@pytest.mark.parametrize(
    ("moment", "rate", "reason"),
    [
        (april(19), 60.0, "Chưa đến lượt"),
        (april(20, 17), 60.0, "từ 08:00 ngày 21/04/2023"),
        (april(28, 20), 100.0, "từ 08:00 ngày 04/05/2023"),
    ],
)
def test_the_reason_why_there_is_no_mail_now(moment: datetime, rate: float, reason: str) -> None:
    ladder = [each for each in LADDER if each.code != "truoc-14"]
    (decision,) = reminder_decisions([unit(rate)], ladder, SETTINGS, [], START, moment)
    assert isinstance(decision, NoReminder)
    assert reason in decision.why


@pytest.mark.parametrize("mode", [Mode.TRIAL, Mode.OFF])
def test_rungs_that_are_not_on_send_nothing(mode: Mode) -> None:
    assert Campaign([rung("r", "7 ngày làm việc trước hạn", mode=mode)]).codes(april(20), unit()) == []


def test_a_renamed_rung_does_not_send_its_mail_again() -> None:
    campaign = Campaign()
    assert campaign.codes(april(20), unit()) == ["truoc-7"]
    campaign.ladder = [replace(each, code=each.code.upper()) for each in LADDER]
    assert campaign.codes(april(20, 15), unit()) == []
    assert campaign.codes(april(21), unit()) == []


def test_other_mails_to_the_unit_are_no_reminders() -> None:
    campaign = Campaign()
    alarm = MailRecord("k", "mat-dong", "BV01", "mat-dong", date(2023, 4, 20), MailState.SENT, "<m@x>", april(20, 8))
    campaign.history.append(alarm)
    assert campaign.codes(april(20), unit()) == []  # one mail a day
    assert campaign.codes(april(21), unit()) == ["truoc-7"]


@pytest.mark.parametrize(
    ("state", "queued_at", "settled_at", "goes"),
    [
        (MailState.QUEUED, april(19, 20), None, []),  # it goes today
        (MailState.SENT, april(19, 20), april(20, 8), []),
        (MailState.SENT, april(19, 9), april(19, 9), ["truoc-7"]),
        (MailState.WITHDRAWN, april(20, 8), None, ["truoc-7"]),  # the rows are back
    ],
)
def test_on_the_day_of_an_alarm_the_unit_gets_no_other_mail(
    state: MailState, queued_at: datetime, settled_at: datetime | None, goes: list[str]
) -> None:
    campaign = Campaign()
    alarm = MailRecord("k", "mat-dong", "BV01", "mat-dong", date(2023, 4, 19), state, "<m@x>", queued_at)
    campaign.history.append(replace(alarm, settled_at=settled_at))
    assert campaign.codes(april(20), unit()) == goes


# --- between planning and sending, and ahead of it --------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "standing", "still_due"),
    [
        ("truoc-7", unit(99.9), True),
        ("truoc-7", unit(100.0), False),
        ("truoc-7", unit(None), False),
        ("truoc-7", replace(unit(60.0), known=False), False),  # silence is promised to units that cannot be read
        ("truoc-7", unit(60.0, code="BV02"), False),  # the unit has left the registry
        ("cam-on", unit(100.0), True),
        ("cam-on", unit(99.9), False),
    ],
)
def test_queued_mails_that_fit_no_more(code: str, standing: Standing, still_due: bool) -> None:
    kind = next(each.template for each in LADDER if each.code == code)
    queued = MailRecord("k", kind, "BV01", code, date(2023, 4, 20), MailState.QUEUED, "<m@x>", april(20))
    alarm = replace(queued, key="a", kind="mat-dong", rung="mat-dong")
    history = [queued, alarm, replace(queued, key="s", state=MailState.SENT)]
    assert no_longer_due([standing], LADDER, SETTINGS, history) == ([] if still_due else ["k"])


def test_a_mail_that_waits_gives_way_to_a_newer_one_to_the_same_unit() -> None:
    waiting = MailRecord("k", "nhac-viec", "BV01", "truoc-3", date(2023, 4, 26), MailState.QUEUED, "<m@x>", april(26))
    others = [
        replace(waiting, key="s", state=MailState.SENT),
        replace(waiting, key="a", kind="mat-dong", rung="mat-dong"),
    ]
    again = replace(waiting, key="u", state=MailState.UNSURE, due_at=april(26))
    others.append(replace(again, key="g", due_at=None))
    assert overtaken({"BV01"}, LADDER, [waiting, again, *others]) == ["k", "u"]
    assert overtaken({"BV02"}, LADDER, [waiting, *others]) == []


@pytest.mark.parametrize(
    ("waiting", "rate", "changed_at", "goes"),
    [
        (("im-lang", "im-lang", 25), 60.0, april(18), ["truoc-3"]),
        (("truoc-7", "nhac-viec", 20), 60.0, april(20), ["truoc-3"]),  # the newer of two alike
        (("truoc-3", "nhac-viec", 26), 60.0, april(20), []),  # silence is full on the 27th
        (("TRUOC-3", "nhac-viec", 26), 60.0, april(20), []),  # its code was changed since
        (("thu-cong", "nhac-viec", 26), 60.0, april(20), []),  # somebody asked for it
        (("truoc-3", "nhac-viec", 26), 100.0, april(20), ["cam-on"]),  # no reminder is due any more
    ],
)
def test_a_mail_that_waits_for_the_server_gives_way_to_a_stronger_one_only(
    waiting: tuple[str, str, int], rate: float, changed_at: datetime, goes: list[str]
) -> None:
    campaign = Campaign()
    code, kind, day = waiting
    campaign.history = [MailRecord("k", kind, "BV01", code, april(day).date(), MailState.QUEUED, "<m@x>", april(day))]
    assert campaign.codes(april(27), unit(rate, changed_at=changed_at)) == goes


def test_the_mails_to_come() -> None:
    standings = [unit(60.0), unit(100.0, code="BV02")]
    coming = coming_reminders(standings, LADDER, SETTINGS, [], START, april(19, 17), days=10)
    assert [(moment, due.unit, due.rung.code) for moment, due in coming] == [
        (datetime(2023, 4, 20, 8, tzinfo=coming[0][0].tzinfo), "BV01", "truoc-7"),
        (datetime(2023, 4, 20, 8, tzinfo=coming[0][0].tzinfo), "BV02", "cam-on"),
        (datetime(2023, 4, 26, 8, tzinfo=coming[0][0].tzinfo), "BV01", "truoc-3"),
        (datetime(2023, 4, 28, 8, tzinfo=coming[0][0].tzinfo), "BV01", "truoc-1"),
    ]


# --- whatever happens -------------------------------------------------------------------------------------

GAPS = st.lists(st.integers(1, 60), min_size=1, max_size=60)
RATES = st.sampled_from([None, 0.0, 49.9, 50.0, 99.9, 100.0])


@given(GAPS, st.lists(RATES, min_size=60, max_size=60))
def test_never_two_mails_a_day_nor_one_outside_hours_nor_the_same_twice(
    gaps: list[int], rates: list[float | None]
) -> None:
    campaign = Campaign()
    now, mailed = START, []
    for gap, rate in zip(gaps, rates, strict=False):
        now += timedelta(hours=gap)
        changed = datetime.combine(now.date() - timedelta(days=gap % 9), now.time())
        for due in campaign.cycle(now, unit(rate, changed_at=changed)):
            mailed.append(now.date())
            assert due.day <= now.date()
            assert next_opening(SETTINGS, now).replace(tzinfo=None) == now
            assert calendar_of(SETTINGS).is_working_day(due.day)
            assert (due.rung.code == "cam-on") == (rate == 100.0)
    assert len(mailed) == len(set(mailed))
    assert sum(record.rung == "cam-on" for record in campaign.history) <= 1
    assert sum(record.rung == "qua-han" for record in campaign.history) <= 6
