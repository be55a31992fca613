"""The figures of a mail to one unit: where it stands, who is left at which step, what to mend."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
from msgspec import Struct
from msgspec.structs import replace

from automation.core.config.values import (
    AWAITS_APPROVAL,
    GOES_THERE_BELOW_LEVEL,
    GOES_TO_THE_POLICE,
    POLICE_PLACES,
    Config,
    FieldCode,
    LegalDocument,
    StatusCode,
)
from automation.core.config.working_days import last_working_day
from automation.core.figures.forecast import Pace, pace_needed, people_to_go
from automation.core.figures.history import Reading
from automation.core.figures.shared import (
    Change,
    Judgement,
    change_since,
    errors_in_force,
    units_with_unreported_difficulties,
    warnings_told,
)
from automation.core.model.units import CountsAs, Standing, Tallied, Tally
from automation.core.reading.cells import clean
from automation.core.reading.shown import linkless, redacted

NEEDS_CORRECTION = StatusCode.TO_CORRECT
"""The status of people whose row has an error; their block shows what to type instead of a next step."""

PEOPLE_PER_STEP = 20
CORRECTIONS_PER_MAIL = 15
ROWS_PER_CORRECTION = 12
_LONGEST_NAME = 60
_VALUE_LEFT_OUT = "“…”"
"""What stands in a public sentence for what was typed."""
_DIGITS = re.compile(r"\d+")
"""No name has digits: what stands there is a number in the wrong column."""


def _no_address(_cells: str) -> str:
    return ""


class TabPlace(Struct, frozen=True):
    """Where the unit's tab is: an address to open, or the names of file and tab."""

    tab: str
    file: str = ""
    url: str = ""
    """Opens the tab; "" for a file."""
    address_of: Callable[[str], str] = _no_address
    """Cells in A1 notation -> what opens the tab there; "" for a file."""


class Occasion(Struct, frozen=True):
    """What a reminder needs to know beyond the judged workbook."""

    place: TabPlace
    working_days_left: int
    """Working days up to and including the deadline, today included; 0 once it has passed."""
    work_left: float
    """The same, of today only what is left of it: what paces are measured by."""
    earlier: Reading | None = None
    """Where the unit stood on the last day before that is known."""
    pace: Pace | None = None
    """How many people got there lately; None where too few days have been seen."""
    real_recipients: tuple[str, ...] = ()
    """To whom the mail would go if mails were real."""


class PersonLine(Struct, frozen=True):
    """One person as mails show them: the row, and the name unless the settings drop names."""

    row: int
    name: str


class PeopleCut(Struct, frozen=True):
    """The first people of a list, and how many more there are."""

    shown: tuple[PersonLine, ...]
    more: int = 0
    next_row: int | None = None
    """The row of the first one that is not shown."""

    @property
    def count(self) -> int:
        return len(self.shown) + self.more


class Step(Struct, frozen=True):
    """People who stand at the same step, and what they do next."""

    status: str
    label: str
    todo: str
    colour: str
    people: PeopleCut


class Correction(Struct, frozen=True):
    """One mistake, wherever it occurs in the unit: what is wrong in the column and what to type instead."""

    header: str
    wrong: str
    instead: str
    people: PeopleCut


class StartFigures(Struct, frozen=True):
    """What the first mail of a campaign tells beyond reminders; all of it may be blank."""

    purpose: str
    documents: tuple[LegalDocument, ...]
    relatives_request: str
    year_end: str
    usual_mistakes: tuple[str, ...]
    declarations: tuple[str, ...]
    """What the unit declares on line 2 of its tab, by the labels there."""


class ReminderFigures(Struct, Tallied, frozen=True):
    """Everything a mail to a unit says."""

    unit: str
    campaign: str
    issuer: str
    legal_basis: str
    deadline: date
    as_of: datetime
    days_left: int
    """Calendar days to the deadline; negative once it has passed."""
    working_days_left: int
    work_left: float
    """The same, of today only what is left of it."""
    last_working_day: date | None
    """The last one before a deadline that is a day off; None where the deadline itself is worked."""
    tally: Tally
    target: float
    rows: int
    change: Change | None
    to_go: int
    """People who still have to get done for the target to be reached."""
    pace_needed: float | None
    """People a working day until the target is reached; None once no working time is left, or where it is reached."""
    pace: Pace | None
    """The present one; None where too few days have been seen."""
    silent_days: int | None
    """Days since the sheet last changed; None where that was never seen."""
    steps: tuple[Step, ...]
    to_correct: int
    """People whose row has an error and therefore cannot count."""
    errors_without_effect: int
    """Rows with an error that hold nobody back, such as those of people out of scope."""
    corrections: tuple[Correction, ...]
    more_corrections: int
    warnings: int
    start: StartFigures
    papers: str
    """What to bring to the police; "" where nobody has to go there."""
    approval_message: str
    """What the message of approval looks like; "" where nobody waits for it or has it."""
    not_entered: int
    """People who were declared and are not in the list yet."""
    asks_headcount: bool
    """Whether the unit itself declares how many people it has."""
    asks_difficulties: bool
    claims_too_much: bool
    """Whether the unit says that its list is complete all the same."""
    on_site: tuple[Step, ...]
    """The steps at which so many people have to go to the police that these might come to the unit."""
    missing_declarations: tuple[str, ...]
    """What the unit has not declared yet, by its label in the sheet."""
    correction_column: str
    """The header of the column that says what to correct."""
    names_shown: bool
    """Whether the mail names people, so that it has to be handled with care."""
    place: TabPlace
    contact: str
    police_contact: str
    test_recipients: tuple[str, ...] | None
    """In test mode the real recipients; None for a real mail."""
    is_size_known: bool = True

    @property
    def people_by_status(self) -> Mapping[str, int]:
        """People by what their status is called, in the order of the steps; a status may have several of these."""
        people: Counter[str] = Counter()
        for step in self.steps:
            people[step.label] += step.people.count
        return people

    @property
    def people_in_steps(self) -> int:
        return sum(step.people.count for step in self.steps)


def reminder_figures(judged: Judgement, occasions: Mapping[str, Occasion]) -> dict[str, ReminderFigures]:
    """The figures of the mails to the units named in `occasions` (unit code -> occasion).

    A unit without a standing gets none. Identity numbers and phones never get in; names only where the settings allow
    them: personal data is cut to what is needed.
    """
    people = judged.people
    waiting = people[people["unit"].isin(list(occasions)) & (people["counts_as"] == CountsAs.NOT_DONE)]
    steps = _steps(judged, waiting)
    corrections = _corrections(judged, waiting)
    unreported = units_with_unreported_difficulties(judged)
    to_correct = waiting[waiting["status"] == NEEDS_CORRECTION].groupby("unit", sort=False).size()
    return {
        standing.code: _figures(
            judged,
            standing,
            occasions[standing.code],
            steps=steps.get(standing.code, ()),
            corrections=corrections.get(standing.code, ()),
            to_correct=int(to_correct.get(standing.code, 0)),
            has_to_report=standing.code in unreported,
        )
        for standing in judged.standings
        if standing.code in occasions
    }


def _figures(
    judged: Judgement,
    standing: Standing,
    occasion: Occasion,
    *,
    steps: tuple[Step, ...],
    corrections: tuple[Correction, ...],
    to_correct: int,
    has_to_report: bool,
) -> ReminderFigures:
    settings = judged.config.settings
    target, stands_at = settings.target_of(standing.group), {step.status for step in steps}
    to_go = people_to_go(target, standing.counted, standing.done)
    return ReminderFigures(
        unit=standing.name,
        campaign=settings.campaign,
        issuer=settings.issuer,
        legal_basis=settings.legal_basis,
        deadline=settings.deadline,
        as_of=judged.now,
        days_left=(settings.deadline - judged.now.date()).days,
        working_days_left=occasion.working_days_left,
        work_left=occasion.work_left,
        last_working_day=last_working_day(settings),
        tally=standing.tally,
        is_size_known=standing.is_size_known,
        target=target,
        rows=standing.rows,
        change=change_since(occasion.earlier, standing.rate),
        to_go=to_go,
        pace_needed=pace_needed(to_go, occasion.work_left),
        pace=occasion.pace,
        silent_days=_days_since(standing.changed_at, judged.now),
        steps=steps,
        to_correct=to_correct,
        errors_without_effect=max(0, standing.errors - to_correct),
        corrections=corrections[:CORRECTIONS_PER_MAIL],
        more_corrections=max(0, len(corrections) - CORRECTIONS_PER_MAIL),
        warnings=warnings_told(judged, standing),
        start=_start_figures(judged.config),
        papers=settings.papers if any(_goes_to_the_police(step, judged.config) for step in steps) else "",
        approval_message=settings.approval_message if stands_at & AWAITS_APPROVAL else "",
        not_entered=standing.not_entered,
        asks_headcount=judged.config.uses(FieldCode.HEADCOUNT),
        asks_difficulties=judged.config.uses(FieldCode.DIFFICULTY),
        claims_too_much=standing.claims_too_much and judged.config.uses(FieldCode.LIST_COMPLETE),
        on_site=tuple(step for step in steps if _wants_a_session(step, judged.config)),
        missing_declarations=_missing_declarations(judged.config, standing, has_to_report),
        correction_column="".join(_headers(judged.config, FieldCode.TO_CORRECT)),
        names_shown=settings.names_in_mail and bool(steps or corrections),
        place=occasion.place,
        contact=settings.contact,
        police_contact=settings.police_contact,
        test_recipients=settings.named_on_trial(occasion.real_recipients),
    )


def as_if_reached(figures: ReminderFigures) -> ReminderFigures:
    """The same unit as if all its people were done, to try a text on."""
    people = max(figures.in_scope, figures.rows, 1)
    return replace(
        figures,
        tally=Tally(people, 0, people),
        steps=(),
        to_correct=0,
        errors_without_effect=0,
        corrections=(),
        not_entered=0,
    )


def _goes_to_the_police(step: Step, config: Config) -> bool:
    """Whether the step may take people there: by their status, and by a place that the next step names."""
    places = [place for name in POLICE_PLACES if (place := clean(config.raw_settings.get(name, "")))]
    names_one = any(place in step.todo for place in places)
    if step.status in GOES_THERE_BELOW_LEVEL:
        return names_one
    return step.status in GOES_TO_THE_POLICE and (names_one or not places)


def _wants_a_session(step: Step, config: Config) -> bool:
    return _goes_to_the_police(step, config) and step.people.count > config.settings.on_site_above


def _start_figures(config: Config) -> StartFigures:
    settings = config.settings
    return StartFigures(
        purpose=settings.purpose,
        documents=config.documents,
        relatives_request=settings.relatives_request,
        year_end=settings.year_end,
        usual_mistakes=config.usual_mistakes,
        declarations=tuple(field.header for field in config.declared),
    )


def _missing_declarations(config: Config, standing: Standing, has_to_report: bool) -> tuple[str, ...]:
    """`has_to_report`: people of the unit have difficulties of which the police have not been told."""
    told = standing.declaration
    declared = {
        FieldCode.HEADCOUNT: standing.headcount,
        FieldCode.DISSEMINATED_ON: told.disseminated_on,
        FieldCode.DISSEMINATED_BY: told.disseminated_by or None,
        FieldCode.INFORMED: told.informed,
        FieldCode.REPORTED_ON: told.reported_on if has_to_report else True,
        FieldCode.LIST_COMPLETE: told.list_complete or standing.rows == 0 or standing.not_entered > 0 or None,
    }
    return _headers(config, *(code for code, value in declared.items() if value is None))


def _headers(config: Config, *codes: str) -> tuple[str, ...]:
    return tuple(config.field(code).header for code in codes if config.uses(code))


def _days_since(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else (now.date() - moment.date()).days


def _steps(judged: Judgement, waiting: pd.DataFrame) -> dict[str, tuple[Step, ...]]:
    """Per unit the steps at which people are left, in the order of the status table."""
    at_step = waiting[waiting["status"] != NEEDS_CORRECTION]
    step = ["unit", "status", "todo"]
    counts: dict[Any, int] = at_step.groupby(step, sort=False).size().to_dict()
    first = at_step.groupby(step, sort=False).head(PEOPLE_PER_STEP + 1)
    shown: defaultdict[tuple[str, str, str], list[PersonLine]] = defaultdict(list)
    with_names = judged.config.settings.names_in_mail
    for unit, status, todo, row, name in _lines(first, *step, "row", "name"):
        shown[unit, status, todo].append(_person(row, name, with_names))
    steps: defaultdict[str, list[Step]] = defaultdict(list)
    for each in judged.config.statuses:
        for key in [key for key in shown if key[1] == each.code]:
            unit, _, todo = key
            cut = _cut(shown[key], PEOPLE_PER_STEP, counts[key])
            steps[unit].append(Step(each.code, each.label, clean(todo), each.colour, cut))
    return {unit: tuple(found) for unit, found in steps.items()}


def _corrections(judged: Judgement, waiting: pd.DataFrame) -> dict[str, tuple[Correction, ...]]:
    """Per unit the errors that hold people back, equal ones together, the most frequent first."""
    errors = errors_in_force(judged)
    held_back = waiting.loc[waiting["status"] == NEEDS_CORRECTION, ["unit", "row", "name"]]
    errors = errors.merge(held_back, on=["unit", "row"], how="inner", sort=False)
    found: defaultdict[str, dict[tuple[str, str], list[PersonLine]]] = defaultdict(dict)
    with_names = judged.config.settings.names_in_mail
    for unit, header, message, row, name in _lines(errors, "unit", "header", "public_message", "row", "name"):
        found[unit].setdefault((header, message), []).append(_person(row, name, with_names))
    return {unit: tuple(_by_frequency(mistakes)) for unit, mistakes in found.items()}


def _by_frequency(mistakes: Mapping[tuple[str, str], list[PersonLine]]) -> Iterator[Correction]:
    for (header, message), people in sorted(mistakes.items(), key=lambda each: (-len(each[1]), each[1][0].row)):
        wrong, _, instead = (part.strip() for part in redacted(_bare(message, header)).partition("→"))
        cut = _cut(people, ROWS_PER_CORRECTION, len(people))
        yield Correction(redacted(header), wrong, instead, cut)


def _cut(people: Sequence[PersonLine], most: int, count: int) -> PeopleCut:
    """The first `most` of `count` people; `people` are at least one more of them, if there are."""
    shown = tuple(people[:most])
    return PeopleCut(shown, count - len(shown), people[most].row if count > most else None)


def _bare(message: str, header: str) -> str:
    """The sentence without the header before it (the mail shows that itself) and without a value left out of it."""
    return message.removeprefix(f"{header}: ").removeprefix(_VALUE_LEFT_OUT).lstrip()


def _person(row: Any, name: Any, with_names: bool) -> PersonLine:
    return PersonLine(int(row), redacted(linkless(_DIGITS.sub("•", str(name))), _LONGEST_NAME) if with_names else "")


def _lines(frame: pd.DataFrame, *columns: str) -> Iterable[tuple[Any, ...]]:
    return zip(*(frame[column].tolist() for column in columns), strict=True)
