from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from io import BytesIO

import pytest
from msgspec.structs import replace
from PIL import Image

from automation.adapters.documents import trend_picture as trend_module
from automation.adapters.documents.trend_picture import can_be_drawn, trend_picture
from automation.core.figures.forecast import Outlook
from automation.core.figures.history import Reading
from automation.core.figures.prospects import CampaignForecast
from automation.core.figures.summary import SummaryFigures, summary_figures
from tests.core.judged_sample import history_under_way, under_way
from tests.tree import ROOT

FIGURES = summary_figures(under_way(), history_under_way())
DARK, AMBER = (0x17, 0x3F, 0x5F), (0xB0, 0x6F, 0x0C)


def until(day: date) -> CampaignForecast:
    """The last unit is done on that day."""
    course = (Reading(date(2023, 4, 20), 1000, 200), Reading(day, 1000, 1000))
    return CampaignForecast(Outlook.LATE, 800, reached_on=day, course=course)


def with_trend(*rates: float, forecast: CampaignForecast = FIGURES.forecast) -> SummaryFigures:
    days = (date(2023, 4, 20) - timedelta(days=len(rates) - 1 - number) for number in range(len(rates)))
    trend = tuple(Reading(day, 1000, round(rate * 10)) for day, rate in zip(days, rates, strict=True))
    return replace(FIGURES, trend=trend, forecast=forecast)


def colours(figures: SummaryFigures) -> set[object]:
    picture = Image.open(BytesIO(trend_picture(figures))).convert("RGB")
    return {colour for _, colour in picture.getcolors(picture.width * picture.height) or []}


def test_the_picture_is_a_png_fine_enough_for_dense_screens() -> None:
    picture = Image.open(BytesIO(trend_picture(FIGURES)))
    assert (picture.format, picture.size) == ("PNG", (1168, 500))


def test_a_home_that_cannot_be_written_to_is_no_news() -> None:
    """As of an account that only runs the program."""
    drawn = "from tests.adapters.documents.test_trend_picture import *; trend_picture(FIGURES)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "MPL"))}
    homeless = {**environment, "HOME": os.devnull, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", drawn], env=homeless, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_line_and_where_the_pace_leads_are_drawn() -> None:
    assert {DARK, AMBER} <= colours(FIGURES)
    assert AMBER not in colours(replace(FIGURES, forecast=CampaignForecast(Outlook.TOO_LITTLE_DATA)))


def label(figures: SummaryFigures, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """What is written at the end of the course."""
    said: list[tuple[str, object]] = []

    def noted(key: str, **values: object) -> str:
        said.extend((key.removeprefix("trend_picture."), value) for value in values.values())
        return key

    monkeypatch.setattr(trend_module, "text", noted)
    trend_picture(figures)
    return [each for each in said if each[0] in ("forecast", "at_deadline")]


def test_without_a_day_the_line_ends_at_the_deadline_with_the_rate_of_the_headline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert FIGURES.forecast.outlook is Outlook.NO_DAY
    assert label(FIGURES, monkeypatch) == [("at_deadline", "65,7\xa0%")]


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2023, 5, 12), [("forecast", "12/05")]), (date(2024, 4, 1), [])],
    ids=["in sight", "too far off to be shown"],
)
def test_with_a_day_the_line_ends_there(
    day: date, expected: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert label(with_trend(10, 20, forecast=until(day)), monkeypatch) == expected


@pytest.mark.parametrize(
    "figures",
    [
        with_trend(0, 0),
        with_trend(96, 99.9, forecast=until(date(2023, 4, 21))),
        with_trend(*range(100)),
        with_trend(10, 20, forecast=until(date(2024, 4, 1))),
        replace(with_trend(10, 20), deadline=date(2023, 3, 1)),
        replace(with_trend(10, 20), deadline=date(2025, 3, 1), target=90.0),
    ],
    ids=["nothing yet", "almost there", "a hundred days", "far too late", "long past", "far ahead"],
)
def test_any_course_can_be_drawn(figures: SummaryFigures) -> None:
    assert DARK in colours(figures)


@pytest.mark.parametrize(
    ("figures", "drawn"),
    [(with_trend(), False), (with_trend(10), False), (with_trend(10, 20), True)],
    ids=["no day", "a day", "two days"],
)
def test_a_line_needs_two_days(figures: SummaryFigures, drawn: bool) -> None:
    assert can_be_drawn(figures) is drawn


def test_days_with_nobody_to_count_are_no_points() -> None:
    nobody = Reading(date(2023, 4, 1), 0, 0)
    assert not can_be_drawn(replace(with_trend(10), trend=(nobody, *with_trend(10).trend)))


def test_the_same_figures_are_the_same_bytes() -> None:
    assert trend_picture(FIGURES) == trend_picture(FIGURES)


def test_nothing_that_draws_is_loaded_before_a_picture_is_wanted() -> None:
    modules = (
        "automation.cli.main, automation.cli.commands, automation.adapters.mail.writer, "
        "automation.adapters.documents.trend_picture"
    )
    seen = f"import sys, {modules}; print(*(name for name in ('matplotlib', 'docx') if name in sys.modules))"
    shown = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == []
