"""What `tccb import` prints. Of numbers of people nothing is shown but that there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from automation.app.exit_status import ExitStatus
from automation.app.lists.forms import FormsMade
from automation.app.lists.importing import ImportOutcome, ImportRequest, question
from automation.base.messages import text
from automation.cli import report
from automation.core.config.values import Config, FieldCode, FieldType
from automation.core.importing.declared import Declared
from automation.core.importing.pairing import Asked
from automation.core.importing.plan import CellPlan, Fate, ImportPlan, PersonPlan, Prefer
from automation.core.importing.readings import Reading
from automation.core.importing.rows import Place
from automation.core.reading.cells import as_text
from automation.core.reading.shown import redacted, shown
from automation.core.text.vietnamese import quoted_list

_HIDDEN = "•••"
_NUMBERS = (FieldType.IDENTITY, FieldType.PHONE)
_WRITTEN_OR_NOT = (Fate.FILLED, Fate.CONFLICT)


def exit_status(found: ImportOutcome, request: ImportRequest) -> ExitStatus:
    """Whether something is left that a person has to decide or mend."""
    undone = request.applies and not found.applied
    asks = found.plan is None or found.plan.needs_person(request.prefer)
    return ExitStatus.NEEDS_PERSON if undone or asks else report.exit_status(found.problems)


def print_import(found: ImportOutcome, request: ImportRequest, console: Console) -> None:
    """Who is new, each cell that is written or not, what is asked; then what was done."""
    if found.plan is not None and found.config is not None and found.unit is not None:
        told = _Told(found, request)
        report.print_line(
            text("importing.counts", unit=found.unit.name, **_counts(found.plan, request.prefer)), console
        )
        for heading, headers, lines in told.tables():
            _print_table(console, heading, headers, lines)
        for sentence in told.sentences():
            report.print_line(sentence, console)
        if request.marked:
            report.print_line(text("importing.marked.written", path=request.marked), console)
    report.print_problems(found.problems, console)


def print_forms(made: FormsMade, console: Console) -> None:
    """Where the forms lie, and which were not made."""
    for path in made.files:
        report.print_line(text("importing.forms.made", path=path), console)
    if made.files:
        report.print_line(text("importing.forms.send"), console)
    report.print_problems(made.problems, console)


def as_json(found: ImportOutcome, request: ImportRequest) -> dict[str, Any]:
    """The object that `--json` prints."""
    problems = report.problems_as_json(found.problems)
    if found.plan is None or found.unit is None or found.config is None:
        return {"unit": request.unit, "applied": False, "problems": problems}
    told = _Told(found, request)
    return {
        "unit": found.unit.code,
        "applied": found.applied,
        "counts": _counts(found.plan, request.prefer),
        "new": [told.person(each, list(each.readings)) for each in found.plan.new],
        "changed": [
            told.differences(each, each.written(request.prefer)) for each in found.plan.changed(request.prefer)
        ],
        "conflicting": [told.differences(each, _of(each, Fate.CONFLICT)) for each in found.plan.conflicting()],
        "not_understood": [
            told.differences(each, _of(each, Fate.UNCLEAR, Fate.DISAGREEING, Fate.NO_PLACE))
            for each in found.plan.unclear()
        ],
        "asked": [
            {**told.place(each.row.place), "why": each.question.value, "rows": list(each.candidates)}
            for each in found.plan.asked
        ],
        "only_in_tab": list(found.plan.only_in_tab),
        "columns_missing": list(found.plan.homeless),
        "declared": [{"field": each.code, "mailed": each.mailed, "cell": each.cell} for each in found.plan.declared],
        "written": [{"row": each.row, "field": each.code} for each in found.written],
        "problems": problems,
    }


def _counts(plan: ImportPlan, prefer: Prefer) -> dict[str, int]:
    return {
        "new": len(plan.new),
        "changed": len(plan.changed(prefer)),
        "conflicting": len(plan.conflicting()),
        "alike": plan.alike,
        "only": len(plan.only_in_tab),
        "asked": len(plan.asked),
    }


def _of(person: PersonPlan, *fates: Fate) -> tuple[CellPlan, ...]:
    return tuple(cell for cell in person.cells if cell.fate in fates)


class _Told:
    """What was found, in words and cells that may be shown."""

    def __init__(self, found: ImportOutcome, request: ImportRequest) -> None:
        assert found.plan is not None
        assert found.config is not None
        self._found, self._request = found, request
        self._plan: ImportPlan = found.plan
        self._config: Config = found.config

    def tables(self) -> Iterator[tuple[str, Sequence[str], list[Sequence[str]]]]:
        """Heading, headers and lines of each table that has any."""
        yield "heading_new", ("file_row", "person"), [(self._places(p), redacted(p.name)) for p in self._plan.new]
        headers = ("row", "person", "column", "present", "mailed", "fate")
        yield "heading_changed", headers, list(self._cells(_WRITTEN_OR_NOT))
        others = tuple(fate for fate in Fate if fate not in _WRITTEN_OR_NOT)
        yield "heading_unclear", headers, list(self._cells(others))
        yield "heading_asked", ("file_row", "person", "why"), [self._asked(each) for each in self._plan.asked]

    def _cells(self, fates: Sequence[Fate]) -> Iterator[Sequence[str]]:
        for person in (*self._plan.known, *self._plan.new):
            for cell in _of(person, *fates):
                before, after = self.value(cell.code, cell.present), self.value(cell.code, cell.mailed)
                row = str(person.row) if person.row else self._places(person)
                yield row, redacted(person.name), self._header(cell.code), before, after, self._fate(cell, person)

    def _fate(self, cell: CellPlan, person: PersonPlan) -> str:
        if cell.fate is Fate.UNCLEAR and not person.row:
            return text("importing.becomes.as_typed")
        decided = {Prefer.FILE: "overwritten", Prefer.SHEET: "kept", Prefer.NEITHER: "conflict"}
        key = decided[self._request.prefer] if cell.fate is Fate.CONFLICT else cell.fate.value
        return text(f"importing.becomes.{key}")

    def _asked(self, asked: Asked) -> Sequence[str]:
        name = asked.row.reading(FieldCode.NAME).value
        return self._place(asked.row.place), redacted(as_text(name)), question(asked)

    def sentences(self) -> Iterator[str]:
        """What the tables leave unsaid."""
        plan, prefer = self._plan, self._request.prefer
        if plan.only_in_tab:
            yield text("importing.only_in_tab", rows=", ".join(map(str, plan.only_in_tab)))
        if plan.homeless:
            yield text("importing.homeless", headers=quoted_list(map(self._header, plan.homeless)))
        if plan.declared:
            yield text("importing.declared", answers="; ".join(map(self._answer, plan.declared)))
        if plan.conflicting() and prefer is Prefer.NEITHER:
            yield text("importing.conflict_left")
        if plan.is_done(prefer):
            yield text("importing.nothing_to_do")
        elif not self._request.applies:
            yield text("importing.not_applied")
        elif self._found.applied:
            yield text("importing.applied", new=len(plan.new), cells=len(self._found.written))

    def _answer(self, each: Declared) -> str:
        said, present = (
            redacted(typed, 60) or text("importing.declared_words") for typed in (each.mailed, each.present)
        )
        key = "no_cell" if not each.cell else "differs" if each.differs else "missing"
        return text(
            f"importing.declared_{key}", label=self._header(each.code), said=said, present=present, cell=each.cell
        )

    def person(self, person: PersonPlan, codes: Iterable[str]) -> dict[str, Any]:
        """Somebody new: where they stand in the files, and which fields are given."""
        return {"rows": [self.place(each) for each in person.places], "fields": sorted(codes)}

    def differences(self, person: PersonPlan, cells: Iterable[CellPlan]) -> dict[str, Any]:
        """Somebody of the tab, cell by cell."""
        told = [
            {
                "field": cell.code,
                "present": self.value(cell.code, cell.present) if cell.present.key else "",
                "mailed": self.value(cell.code, cell.mailed),
                "why": cell.fate.value,
            }
            for cell in cells
        ]
        return {"row": person.row or None, "rows": [self.place(each) for each in person.places], "cells": told}

    def place(self, place: Place) -> dict[str, Any]:
        """A row of a file."""
        mailed = self._found.lists[place.source]
        return {"file": shown(mailed.path.name), "tab": shown(mailed.table.tab.title), "row": place.row}

    def value(self, code: str, read: Reading) -> str:
        """What may be shown of a cell."""
        if not read.key:
            return text("importing.nothing")
        return _HIDDEN if self._config.field(code).type in _NUMBERS else redacted(as_text(read.value), 60)

    def _header(self, code: str) -> str:
        return self._config.field(code).header

    def _places(self, person: PersonPlan) -> str:
        return "; ".join(map(self._place, person.places))

    def _place(self, place: Place) -> str:
        if len(self._found.lists) == 1:
            return text("importing.place", row=place.row)
        return text("importing.place_of_many", **self.place(place))


def _print_table(console: Console, heading: str, headers: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    if not lines:
        return
    table = Table(title=text(f"importing.{heading}"), title_justify="left", header_style="bold")
    for header in headers:
        table.add_column(text(f"importing.{header}"), overflow="fold")
    for line in lines:
        table.add_row(*map(report.cell_text, line))
    console.print(table)
