"""What `adopt` proposes, for eyes (a table for each list) and for programs (one JSON object)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from automation.app.exit_status import ExitStatus
from automation.app.lists.adopt import AdoptionReport
from automation.base.messages import text
from automation.cli.report import cell_text, print_line, print_problems, problems_as_json
from automation.core.adoption.proposal import (
    Adoption,
    FieldColumn,
    RegistryStep,
    StrangerColumn,
    StrangeValue,
    TableProposal,
    TabProposal,
    UnitGuess,
    either,
)
from automation.core.model.workbook import column_letter
from automation.core.reading.shown import shown
from automation.core.text.vietnamese import quoted_list

_MOST_EMPTY = 10


def exit_status(report: AdoptionReport) -> ExitStatus:
    """Whether something needs a person: a question, a problem, what could not be drawn."""
    questions = report.adoption.questions if report.adoption else ()
    asks = any(each.needs_person for each in (*questions, *report.problems))
    unfinished = report.set_up is not None and report.set_up.unfinished
    return ExitStatus.NEEDS_PERSON if asks or unfinished else ExitStatus.DONE


# --- for eyes ---------------------------------------------------------------------------------------------


def print_adoption(report: AdoptionReport, console: Console) -> None:
    """Every list with its columns, what was asked, what is or was done."""
    adoption = report.adoption
    if adoption is None:
        print_problems(report.problems, console)
        return
    for tab in adoption.tabs:
        _print_tab(tab, console)
    if report.begins_with:
        print_line(text(f"adopt.{'begun' if report.applied else 'begins'}", units=report.begins_with), console)
    for line in _closing(adoption, applied=report.applied):
        print_line(line, console)
    print_problems((*adoption.questions, *report.problems), console)


def _print_tab(tab: TabProposal, console: Console) -> None:
    print_line(text("adopt.table.title", tab=shown(tab.title), unit=_unit(tab.unit)), console)
    if not tab.tables:
        print_line(text("adopt.table.no_table"), console)
    is_known = tab.unit is not None and (tab.unit.sure or tab.unit.is_registered)
    for table in tab.tables:
        for line in _lines(table, gets_columns=is_known and table.is_read):
            print_line(line, console)
        if table.is_list:
            console.print(_columns(table))
        for line in _values(table.values):
            print_line(line, console)


def _unit(guess: UnitGuess | None) -> str:
    if guess is None:
        return text("adopt.unit.none")
    key = "registered" if guess.is_registered else "asked" if not guess.sure else "sure" if guess.code else "new"
    return text(f"adopt.unit.{key}", unit=shown(guess.name), said=shown(guess.told_by))


def _lines(table: TableProposal, *, gets_columns: bool) -> Iterator[str]:
    header = ranges(range(table.header_rows[0], table.header_rows[1] + 1))
    if not table.is_list:
        yield text("adopt.table.counts", header=header)
        return
    key = "lines" if table.people else "lines_empty"
    yield text(f"adopt.table.{key}", header=header, people=len(table.people), rows=ranges(table.people))
    if table.others:
        yield text("adopt.table.others", rows=ranges(table.others))
    added = [each for each in table.missing if each not in table.renamed or not gets_columns]
    if added:
        yield text(f"adopt.table.{'missing' if gets_columns else 'missing_elsewhere'}", headers=quoted_list(added))
    if table.renamed and gets_columns:
        yield text("adopt.table.missing_renamed", headers=quoted_list(table.renamed))


def ranges(numbers: Sequence[int]) -> str:
    """ "3, 5–8" for 3, 5, 6, 7, 8."""
    parts: list[tuple[int, int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1] = (parts[-1][0], number)
        else:
            parts.append((number, number))
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in parts)


def _columns(table: TableProposal) -> Table:
    shown_table = Table(header_style="bold")
    for key in ("column", "header", "field", "sure", "samples"):
        shown_table.add_column(text(f"adopt.table.{key}"), overflow="fold")
    rows = [*map(_field_row, table.columns), *map(_stranger_row, table.strangers)]
    for _, cells in sorted(rows, key=lambda row: row[0]):
        shown_table.add_row(*map(cell_text, cells))
    return shown_table


def _field_row(column: FieldColumn) -> tuple[int, Sequence[str]]:
    place = min(column.columns, default=0)
    letters = ", ".join(map(column_letter, column.columns)) or "–"
    headers = " + ".join(map(shown, column.headers)) or text("adopt.table.sections")
    return place, (letters, headers, column.field, _sureness(column), "; ".join(column.samples))


def _sureness(column: FieldColumn) -> str:
    key = "yes" if column.sure else "asked"
    if column.fits is None:
        return text(f"adopt.sure.{key}")
    return text(f"adopt.sure.{key}_share", fits=column.fits, filled=column.filled)


def _stranger_row(column: StrangerColumn) -> tuple[int, Sequence[str]]:
    samples = "; ".join(column.samples)
    return column.column, (column_letter(column.column), column.header, text("adopt.table.stranger"), "", samples)


def _values(values: Sequence[StrangeValue]) -> Iterator[str]:
    if values:
        yield text("adopt.value.intro")
    for each in values:
        meanings = either(each.may_mean)
        key = "line" if meanings else "unknown"
        yield text(f"adopt.value.{key}", field=each.field, typed=each.typed, count=each.count, meanings=meanings)


def _closing(adoption: Adoption, *, applied: bool) -> Iterator[str]:
    if not adoption.tabs:
        yield text("adopt.nothing")
    if adoption.empty_tabs:
        tabs = quoted_list(map(shown, adoption.empty_tabs[:_MOST_EMPTY]))
        more = ", …" if len(adoption.empty_tabs) > _MOST_EMPTY else ""
        yield text("adopt.empty_tabs", count=len(adoption.empty_tabs), tabs=tabs + more)
    steps = list(_steps(adoption))
    if steps and not applied:
        yield text("adopt.step.intro")
    yield from steps
    yield text("adopt.applied" if applied else "adopt.not_applied" if steps else "adopt.nothing_to_apply")


def _steps(adoption: Adoption) -> Iterator[str]:
    for each in adoption.spellings:
        yield f"- {text('adopt.step.spelling', header=shown(each.header), field=each.field)}"
    for step in adoption.registry:
        key = "new_unit" if step.is_new else "tab"
        values = {"unit": shown(step.name), "tab": shown(step.tab), "former": shown(step.instead_of)}
        yield f"- {text(f'adopt.step.{key}', code=step.unit, **values)}"


# --- for programs -----------------------------------------------------------------------------------------


def as_json(report: AdoptionReport) -> dict[str, Any]:
    """The object that `--json` prints."""
    adoption = report.adoption
    return {
        "tabs": [_tab_json(tab) for tab in adoption.tabs] if adoption else [],
        "empty_tabs": list(adoption.empty_tabs) if adoption else [],
        "spellings": [{"code": s.code, "field": s.field, "header": s.header} for s in adoption.spellings]
        if adoption
        else [],
        "registry": [_step_json(step) for step in adoption.registry] if adoption else [],
        "questions": problems_as_json(adoption.questions) if adoption else [],
        "applied": report.applied,
        "problems": problems_as_json(report.problems),
    }


def _step_json(step: RegistryStep) -> dict[str, Any]:
    return {"unit": step.unit, "name": step.name, "tab": step.tab, "instead_of": step.instead_of, "new": step.is_new}


def _tab_json(tab: TabProposal) -> dict[str, Any]:
    unit = tab.unit
    return {
        "tab": tab.title,
        "unit": unit and {"code": unit.code, "name": unit.name, "sure": unit.sure, "registered": unit.is_registered},
        "tables": [_table_json(table) for table in tab.tables],
    }


def _table_json(table: TableProposal) -> dict[str, Any]:
    return {
        "header_rows": list(table.header_rows),
        "is_list": table.is_list,
        "is_read": table.is_read,
        "people": list(table.people),
        "other_lines": list(table.others),
        "columns": [_column_json(column) for column in table.columns],
        "not_understood": [
            {"column": column_letter(each.column), "header": each.header, "samples": list(each.samples)}
            for each in table.strangers
        ],
        "missing": list(table.missing),
        "values": [
            {"code": v.code, "field": v.field, "typed": v.typed, "count": v.count, "may_mean": list(v.may_mean)}
            for v in table.values
        ],
    }


def _column_json(column: FieldColumn) -> dict[str, Any]:
    marks = [
        {"column": column_letter(m.column), "label": m.label, "value": m.value, "may_mean": list(m.may_mean)}
        for m in column.marks
    ]
    return {
        "code": column.code,
        "field": column.field,
        "columns": list(map(column_letter, column.columns)),
        "headers": list(column.headers),
        "by": column.by.value,
        "sure": column.sure,
        "filled": column.filled,
        "fits": column.fits,
        "samples": list(column.samples),
        "marks": marks,
    }
