"""`tccb init --form`: a workbook to hand out for each unit that cannot use the shared one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.clock import Clock
from automation.app.keeping import guide_source
from automation.app.looking import read_everything
from automation.app.manual_mails import unit_typed
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.core.layout.form import form_looks
from automation.core.model.ports import Store, Workbook
from automation.core.model.problems import Problem
from automation.core.model.units import Unit

_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


class FormsMade(Struct, frozen=True):
    """The files that were written; a form that lies there, perhaps filled in, stays."""

    files: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = ()


def make_forms(book: Workbook, store: Store, codes: Sequence[str], folder: Path, clock: Clock) -> FormsMade:
    """A form for each of the units, () for all. The workbook itself stays as it is.

    Raises CannotStart (no such unit, no such folder), WorkbookUnavailable.
    """
    _, in_force = read_everything(book, store)
    if in_force.config is None:
        return FormsMade(problems=in_force.problems)
    config = in_force.config.on(clock(in_force.config.settings.zone).date())
    units = [unit_typed(code, config) for code in codes] or list(config.units)
    guide = guide_source()
    _make_folder(folder)
    files: list[Path] = []
    problems: list[Problem] = []
    for unit in units:
        path = folder / f"{_NOT_IN_NAMES.sub('_', unit.code)}.xlsx"
        if path.exists():
            problems.append(_is_there(unit, path))
        else:
            ExcelWorkbook(path).draw(form_looks(unit, config, guide))
            files.append(path)
    return FormsMade(tuple(files), tuple(problems))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise CannotStart(text("importing.forms.no_folder", folder=folder)) from None


def _is_there(unit: Unit, path: Path) -> Problem:
    what = text("importing.forms.is_there.what", path=path)
    return Problem(where=unit.name, what=what, fix=text("importing.forms.is_there.fix"))
