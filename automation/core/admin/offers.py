"""What `init` offers to change in a workbook that keeps its own rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from automation.base.messages import text
from automation.core.admin.planned_tabs import lines_of, table_in
from automation.core.config import tabs
from automation.core.config.values import Config, Rule
from automation.core.judging.checks import Uniqueness, untold_rules
from automation.core.model.problems import Problem
from automation.core.model.units import Mode, Severity
from automation.core.model.workbook import Row, cell_name
from automation.core.reading.cells import as_text, fold
from automation.core.reading.tables import body


def milder_rules(config: Config, rows: Sequence[Row], shipped: Sequence[Row]) -> Iterator[Problem]:
    """The rules about other units' rows that are errors here and warnings in the shipped table: with them a unit
    that types another's numbers takes its rate away. `rows`: tab `Quy tắc`.
    """
    milder = {as_text(line["Mã"]) for line in lines_of(tabs.RULES, shipped) if line["Mức độ"] == Severity.WARNING.value}
    for rule in config.rules:
        if rule.code in milder and _hits_other_units(rule):
            cell = _severity_cell(rule.code, rows)
            yield Problem(
                where=text("config.cell", tab=tabs.RULES, cell=cell),
                what=text("init.milder_rule.what", code=rule.code),
                fix=text("init.milder_rule.fix"),
                needs_person=False,
            )


def _hits_other_units(rule: Rule) -> bool:
    is_across = isinstance(rule.parameters, Uniqueness) and not rule.parameters.within_unit
    return is_across and rule.mode is not Mode.OFF and not untold_rules([rule])


def _severity_cell(code: str, rows: Sequence[Row]) -> str:
    table = table_in(tabs.RULES, rows)
    if table is None:
        return ""
    named = (row for row, line in body(rows, table) if fold(as_text(table.cell(line, "Mã"))) == fold(code))
    return cell_name(next(named, table.header_row), table.columns["Mức độ"])
