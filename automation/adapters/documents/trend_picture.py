"""The course of the campaign as a picture: the rate day by day, the target, the deadline, and where the pace leads."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from automation.base.messages import text
from automation.core.figures.history import Reading
from automation.core.figures.summary import SummaryFigures
from automation.core.model.palette import ACCENT, AMBER_INK, GREEN, GREY, QUIET_INK, web
from automation.core.text.vietnamese import rate_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT, _DOTS_PER_INCH = 5.84, 2.5, 200
"""Inches; 584 x 250 CSS pixels, twice as fine for screens that show it."""
_DARK, _GREEN, _AMBER, _GREY, _GRID = map(web, (ACCENT, GREEN, AMBER_INK, QUIET_INK, GREY))
_FARTHEST = timedelta(days=45)
"""How far beyond the last reading the picture looks: more would press what is known into a corner."""
_DATES_SHOWN = 6


def can_be_drawn(figures: SummaryFigures) -> bool:
    """Whether there are two days to draw a line between."""
    return len(_known(figures)) >= 2


def trend_picture(figures: SummaryFigures) -> bytes:
    """A PNG of figures that can be drawn; the same figures give the same bytes."""
    # Of a home that it cannot write to, and of its list of fonts, it tells in English and nobody has to mend it.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    # Takes half a second to load, and only summaries need it.
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        # Comes with matplotlib, has every Vietnamese letter, and looks the same on every machine.
        matplotlib.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9.5, "axes.edgecolor": _GRID})
        figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DOTS_PER_INCH, facecolor="white")
        canvas = FigureCanvasAgg(figure)
        _draw(figure.add_axes((0.085, 0.13, 0.895, 0.8)), figures)
        out = BytesIO()
        canvas.print_png(out, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return out.getvalue()


def _known(figures: SummaryFigures) -> Sequence[Reading]:
    return [reading for reading in figures.trend if reading.rate is not None]


def _draw(axes: Axes, figures: SummaryFigures) -> None:
    known = _known(figures)
    first, last = known[0].day, known[-1].day
    end = _end(figures, last)
    _frame(axes, first, end)
    days, rates = [each.day.toordinal() for each in known], [each.rate or 0.0 for each in known]
    axes.axhline(figures.target, color=_GREEN, linewidth=1, linestyle=(0, (6, 3)))
    target = text("trend_picture.target", target=rate_text(figures.target))
    axes.text(first.toordinal(), figures.target + 2, target, color=_GREEN, va="bottom")
    if figures.deadline <= end:
        _draw_deadline(axes, figures.deadline)
    axes.fill_between(days, rates, color=_DARK, alpha=0.08, linewidth=0)
    axes.plot(days, rates, color=_DARK, linewidth=2, solid_capstyle="round")
    axes.plot(days[-1:], rates[-1:], color=_DARK, marker="o", markersize=4.5)
    _label_rate(axes, days[-1], rates[-1], is_left=(last - first) < (end - first) / 6)
    if course := [each for each in figures.forecast.course if each.day <= end]:
        _draw_course(axes, course)
        _label_course(axes, figures, course[-1])


def _end(figures: SummaryFigures, last: date) -> date:
    """The last day shown: as far as the deadline and the day that is forecast, unless that is too far off."""
    days = (last, figures.deadline, figures.forecast.reached_on or last)
    return max(day for day in days if day <= last + _FARTHEST)


def _frame(axes: Axes, first: date, end: date) -> None:
    span = max(1, (end - first).days)
    axes.set_xlim(first.toordinal() - span * 0.01, end.toordinal() + span * 0.03)
    axes.set_ylim(0, 114)
    axes.set_yticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100 %"])
    step = -(-span // _DATES_SHOWN)
    shown = [first + timedelta(days=number) for number in range(0, span + 1, step)]
    axes.set_xticks([day.toordinal() for day in shown], [f"{day:%d/%m}" for day in shown])
    axes.grid(axis="y", color=_GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=_GREY)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _label_rate(axes: Axes, day: int, rate: float, *, is_left: bool) -> None:
    """Beside the last point, where neither the axis nor the words at the target are in the way."""
    below, side = rate > 80, "left" if is_left else "right"
    axes.annotate(
        rate_text(rate),
        (day, rate),
        (0, -14 if below else 6),
        textcoords="offset points",
        ha=side,
        color=_DARK,
        weight="bold",
    )


def _draw_deadline(axes: Axes, deadline: date) -> None:
    axes.axvline(deadline.toordinal(), color=_GREY, linewidth=1)
    label = text("trend_picture.deadline", day=f"{deadline:%d/%m}")
    axes.annotate(label, (deadline.toordinal(), 4), (-4, 0), textcoords="offset points", ha="right", color=_GREY)


def _draw_course(axes: Axes, course: Sequence[Reading]) -> None:
    """Where the paces of all units lead, as far as that is told."""
    days, rates = [each.day.toordinal() for each in course], [each.rate or 0.0 for each in course]
    axes.plot(days, rates, color=_AMBER, linewidth=1.6, linestyle=(0, (1.5, 2)))
    axes.plot(days[-1:], rates[-1:], color=_AMBER, marker="o", markersize=4.5)


def _label_course(axes: Axes, figures: SummaryFigures, last: Reading) -> None:
    """The day on which the last unit is done; without one the rate on the deadline."""
    if last.day == figures.forecast.reached_on:
        label = text("trend_picture.forecast", day=f"{last.day:%d/%m}")
    elif last.day == figures.deadline:
        label = text("trend_picture.at_deadline", rate=rate_text(last.rate))
    else:
        return
    place = (last.day.toordinal(), last.rate or 0.0)
    # Left of the line that the deadline is.
    beside = (-4, 6) if last.day == figures.deadline else (2, 6)
    axes.annotate(label, place, beside, textcoords="offset points", ha="right", color=_AMBER, weight="bold")
