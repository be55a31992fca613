"""Tab `Tổng hợp`: the figures for those who open the workbook, as rows of cells from A1 on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from automation.core.completion import Total, total_of
from automation.core.config import FieldCode
from automation.core.judging import Judged
from automation.core.mail_material import statuses_counting_as
from automation.core.model import Cell, CountsAs, Standing
from automation.core.reminders import local
from automation.texts import text

NOBODY = "–"
"""Shown in place of a rate where there is nobody to count."""


def fraction(rate: float | None) -> Cell:
    """A rate in per cent as the fraction that a cell formatted as per cent holds."""
    return NOBODY if rate is None else round(rate / 100, 4)


def sheet_moment(moment: datetime, judged: Judged) -> datetime:
    """A moment as cells hold it: the campaign's local time to the minute, without a zone."""
    here = local(moment, ZoneInfo(judged.config.settings.time_zone))
    return here.replace(second=0, microsecond=0, tzinfo=None)


def dashboard_rows(judged: Judged) -> list[list[Cell]]:
    """The whole tab, with the moment of judging as its sign of life."""
    return [
        [text("dashboard.title", campaign=judged.config.settings.campaign)],
        [text("dashboard.as_of"), sheet_moment(judged.now, judged)],
        [],
        *_overall(judged),
        [],
        *_funnel(judged),
        [],
        *_groups(judged),
        [],
        *_categories(judged),
        [],
        *_ranking(judged),
    ]


def _say(*keys: str) -> list[Cell]:
    return [text(f"dashboard.{key}") for key in keys]


def _overall(judged: Judged) -> Iterable[list[Cell]]:
    total, settings = judged.total, judged.config.settings
    yield _say("overall")
    yield [*_say("rate"), fraction(total.rate)]
    yield [*_say("left"), total.left]
    yield [*_say("done"), total.done]
    yield [*_say("counted"), total.in_scope - total.deferred]
    yield [*_say("strict_rate"), fraction(total.strict_rate)]
    yield [*_say("deferred"), total.deferred]
    yield [*_say("out_of_scope"), total.out_of_scope]
    yield [*_say("rows"), total.rows]
    yield [*_say("errors"), total.errors]
    yield [*_say("card"), total.card_done]
    yield [*_say("account"), total.account_done]
    yield [*_say("level_2"), total.level_2]
    yield [*_say("deadline"), settings.deadline]
    yield [*_say("target"), fraction(settings.target)]


def _funnel(judged: Judged) -> Iterable[list[Cell]]:
    yield _say("funnel", "people")
    for status in judged.config.statuses:
        yield [status.label, judged.total.statuses.get(status.code, 0)]


def _groups(judged: Judged) -> Iterable[list[Cell]]:
    yield _say("groups", "units", "counted", "done", "left", "rate")
    for group in dict.fromkeys(standing.group for standing in judged.standings):
        members = [standing for standing in judged.standings if standing.group == group]
        yield [group or text("dashboard.no_group"), len(members), *_figures(total_of(members))]


def _figures(total: Total | Standing) -> list[Cell]:
    return [total.in_scope - total.deferred, total.done, total.left, fraction(total.rate)]


def _categories(judged: Judged) -> Iterable[list[Cell]]:
    """People entered, by staff category; the members of the Party are an "in which", never added."""
    yield _say("categories", "in_scope", "done")
    counts_as = judged.people["status"].map(statuses_counting_as(judged.config))
    people = judged.people[counts_as != CountsAs.OUT_OF_SCOPE]
    done = counts_as[people.index] == CountsAs.DONE
    for category in _listed_categories(judged):
        chosen = people["category"] == category
        yield [category, int(chosen.sum()), int((chosen & done).sum())]
    yield [*_say("party"), int(people["party"].sum()), int((people["party"] & done).sum())]


def _listed_categories(judged: Judged) -> Sequence[str]:
    field = next((f for f in judged.config.fields if f.code == FieldCode.CATEGORY and f.used), None)
    return [value.value for value in judged.config.lists.get(field.list_name, ())] if field else []


def _ranking(judged: Judged) -> Iterable[list[Cell]]:
    yield _say("ranking", "counted", "done", "left", "rate", "to_correct", "state")
    known = [standing for standing in judged.standings if standing.known]
    known.sort(key=lambda each: (-1.0 if each.rate is None else each.rate, -each.left), reverse=True)
    unknown = [standing for standing in judged.standings if not standing.known]
    for standing in (*known, *unknown):
        yield [standing.name, *_figures(standing), standing.errors, _state(standing, judged)]


def _state(standing: Standing, judged: Judged) -> str:
    if not standing.known:
        if standing.as_of is None:
            return text("dashboard.never_read")
        return text("dashboard.read_last", moment=f"{sheet_moment(standing.as_of, judged):%H:%M %d/%m/%Y}")
    if standing.vanished_rows:
        return text("dashboard.vanished", rows=standing.vanished_rows)
    return text("dashboard.not_started") if standing.rows == 0 else ""
