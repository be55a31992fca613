"""The right side of tab `Tổng hợp`: where the campaign leads, what hinders it, and the figures of its chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from automation.base.messages import text
from automation.core.config.values import Config
from automation.core.figures.forecast import Outlook
from automation.core.figures.history import Reading
from automation.core.figures.prospects import CampaignForecast
from automation.core.figures.summary import CampaignOutlook, Difficulty, UnitLine
from automation.core.judging.judged import Judged
from automation.core.model.workbook import Cell
from automation.core.text.vietnamese import day_text, left_text, number_text, rate_text
from automation.core.writing.dashboard_lines import DAYS_OF_TREND, MOST_NAMED


def headline(judged: Judged, outlook: CampaignOutlook) -> str:
    """Where all units stand and where that leads, in a sentence."""
    total = judged.total
    if not total.counted:
        return text("dashboard.headline_nobody", units=number_text(total.units))
    done, counted, left = number_text(total.done), number_text(total.counted), left_text(total)
    stands = text("dashboard.headline", rate=rate_text(total.rate), done=done, counted=counted, left=left)
    return text("dashboard.headline_and", stands=stands, leads=leads) if (leads := _leads_to(outlook)) else stands


def _leads_to(outlook: CampaignOutlook) -> str:
    forecast = outlook.forecast
    if forecast.outlook is Outlook.ON_TIME and forecast.reached_on:
        return text("dashboard.on_time", day=day_text(forecast.reached_on))
    if forecast.outlook is Outlook.LATE and forecast.reached_on:
        return text("dashboard.late", day=day_text(forecast.reached_on), days=number_text(forecast.days_late))
    return "; ".join(_without_day(forecast))


def _without_day(forecast: CampaignForecast) -> Iterator[str]:
    """What is said where the last unit has no day: how many have none, and how far all come by the deadline."""
    if forecast.outlook is Outlook.NO_DAY:
        units = forecast.standing_still + forecast.too_far + forecast.without_data
        yield text("dashboard.no_day", units=number_text(units))
    if forecast.at_deadline:
        yield text("dashboard.at_deadline", rate=rate_text(forecast.at_deadline.rate))


def short_names(config: Config) -> dict[str, str]:
    """By code, the name of each unit that takes the least room: its own or that of its tab."""
    return {unit.code: min(unit.name, unit.tab_title or unit.name, key=len) for unit in config.units}


def beside(
    outlook: CampaignOutlook,
    names: Mapping[str, str],
    next_mails: Sequence[str],
    *,
    is_overdue: bool,
    asks_difficulties: bool,
) -> Iterator[str]:
    """The lines below the first of the ranking, heads among them. `names`: `short_names`; `next_mails`: what is said of
    them.
    """
    yield text("dashboard.past_deadline" if is_overdue else "dashboard.at_risk")
    yield from _at_risk(outlook, names)
    if asks_difficulties:
        yield text("dashboard.difficulties")
        yield from _difficulties(outlook.difficulties)
    yield from (text("dashboard.next_mails"), *next_mails)


def _at_risk(outlook: CampaignOutlook, names: Mapping[str, str]) -> Iterator[str]:
    named = outlook.at_risk[:MOST_NAMED]
    for line in named:
        yield _late(line, names.get(line.standing.code, line.unit.name))
    if more := len(outlook.at_risk) - len(named):
        yield text("dashboard.at_risk_more", count=number_text(more))
    others = []  # on a line of their own: in one with the former the last figures were cut at the edge of the paper
    if outlook.standing_still:
        others.append(text("dashboard.standing_still", count=number_text(outlook.standing_still)))
    if outlook.forecast.without_data:
        others.append(text("dashboard.too_little_data", count=number_text(outlook.forecast.without_data)))
    if others:
        yield "; ".join(others)
    if not (named or others):
        yield text("dashboard.at_risk_none")


def _late(line: UnitLine, unit: str) -> str:
    forecast = line.forecast
    if forecast.reached_on is None:
        return text("dashboard.at_risk_far", unit=unit)
    day, days = day_text(forecast.reached_on), number_text(forecast.days_late)
    return text("dashboard.at_risk_late", unit=unit, day=day, days=days)


def _difficulties(difficulties: Sequence[Difficulty]) -> Iterator[str]:
    for each in difficulties[:MOST_NAMED]:
        label = each.label or text("dashboard.difficulty_typed")
        people, units = number_text(each.people), number_text(len(each.units))
        yield text("dashboard.difficulty", label=label, people=people, units=units)
    if len(difficulties) > MOST_NAMED:
        yield text("dashboard.difficulties_more", count=number_text(len(difficulties) - MOST_NAMED))
    if not difficulties:
        yield text("dashboard.difficulties_none")


def trend_lines(trend: Sequence[Reading], target: float) -> list[list[Cell]]:
    """The figures of the chart, the names of its series first: day, rate and target, these as fractions of 1. Always as
    many lines: a day that is not known yet is blank. A single day makes no line, as the name of its series says.
    """
    rate_of = "first_rate" if len(trend) == 1 else "rate"
    lines: list[list[Cell]] = [[text(f"dashboard.trend_{name}") for name in ("day", rate_of, "target")]]
    for each in trend[-DAYS_OF_TREND:]:
        rate = None if each.rate is None else round(each.rate / 100, 4)
        lines.append([f"{each.day:%d/%m}", rate, round(target / 100, 4)])
    return lines + [[None, None, None]] * (DAYS_OF_TREND + 1 - len(lines))
