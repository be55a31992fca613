"""`--now`: what people may type, and what the clocks then show."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from automation.app.clock import machine_clock, read_moment, running_clock, standing_clock
from automation.base.errors import CannotStart

HO_CHI_MINH = ZoneInfo("Asia/Ho_Chi_Minh")
EIGHT = datetime(2023, 4, 20, 8)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2023-04-20T08:00", EIGHT),
        ("2023-04-20 08:00", EIGHT),
        ("2023-04-20T08:00:30", datetime(2023, 4, 20, 8, 0, 30)),
        ("20/04/2023 08:00", EIGHT),
        ("20/4/2023 8:00", EIGHT),
        ("  20/04/2023  17:05 ", datetime(2023, 4, 20, 17, 5)),
        # a date alone: when the office opens
        ("2023-04-20", EIGHT),
        ("20/04/2023", EIGHT),
        # midnight is said in full
        ("2023-04-20T00:00", datetime(2023, 4, 20)),
        ("2024-02-29", datetime(2024, 2, 29, 8)),
    ],
)
def test_a_moment_is_read(typed: str, moment: datetime) -> None:
    assert read_moment(typed) == moment


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hôm nay",
        "2023-02-29",
        "31/04/2023",
        "2023-04-20T24:00",
        "2023-04-20T08",
        "20-04-2023",
        "04/20/2023",
        "1999-12-31",
        "2101-01-01",
        "0000-01-01",
        "２０２３-04-20",
        "2023-04-20T08:00+07:00",
    ],
)
def test_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(CannotStart, match="--now"):
        read_moment(typed)


NEARLY_A_MOMENT = r"(20[0-9]{2}-[01][0-9]-[0-3][0-9]|[0-3]?[0-9]/[01]?[0-9]/20[0-9]{2})([T ][0-2][0-9]:[0-6][0-9])?"


@given(st.text(alphabet="0123456789-/: T+Z.", max_size=24) | st.from_regex(NEARLY_A_MOMENT, fullmatch=True))
@example("2023-04-20T08:00")
def test_whatever_is_typed_becomes_a_moment_or_a_sentence(typed: str) -> None:
    with suppress(CannotStart):
        assert read_moment(typed).tzinfo is None


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 12, 31)).map(lambda moment: moment.replace(microsecond=0)))
def test_every_moment_can_be_named(moment: datetime) -> None:
    assert read_moment(moment.isoformat()) == moment
    assert read_moment(f"{moment:%d/%m/%Y %H:%M:%S}") == moment


def test_a_standing_clock_shows_the_same_wall_time_in_every_zone() -> None:
    clock = standing_clock(EIGHT)
    assert clock(HO_CHI_MINH) == datetime(2023, 4, 20, 8, tzinfo=HO_CHI_MINH)
    assert clock(HO_CHI_MINH).utcoffset() == machine_clock(HO_CHI_MINH).utcoffset()


def test_a_running_clock_goes_on_from_where_it_was_set() -> None:
    seconds = iter([1000.0, 1000.0, 1090.0])
    clock = running_clock(EIGHT, lambda: next(seconds))
    assert clock(HO_CHI_MINH) == datetime(2023, 4, 20, 8, tzinfo=HO_CHI_MINH)
    assert clock(HO_CHI_MINH) == datetime(2023, 4, 20, 8, 1, 30, tzinfo=HO_CHI_MINH)
