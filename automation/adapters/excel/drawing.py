"""A workbook file gets the tabs and the look it should have."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook, load_workbook

from automation.adapters.excel.charts import our_chart_parts
from automation.adapters.excel.losses import Results, adopt, finish, keep_copy, results_of, things_at_risk
from automation.adapters.excel.package import Package, open_package
from automation.adapters.excel.painter import paint
from automation.adapters.excel.saving import NEW_FILE, refuse_if_open, replace_file, revision_of
from automation.base.errors import NotAWorkbook, WorkbookBusy, WorkbookMissing
from automation.base.messages import text
from automation.core.model.layout import TabLook


@dataclass(frozen=True)
class KeptCopy:
    """The file as it was, because it held things that drawing loses or simplifies."""

    path: Path
    at_risk: tuple[str, ...]
    """Words for those things."""


def draw_file(path: Path, looks: Sequence[TabLook]) -> KeptCopy | None:
    """Create the file or the tabs that are missing, and make every tab look as described.

    Raises WorkbookBusy, WorkbookUnavailable, WorkbookMissing (no such folder), NotAWorkbook, and CannotStart
    for the title of a tab that Excel does not allow; then the file is as it was.
    """
    refuse_if_open(path)
    if path.exists():
        return _redrawn(path, looks)
    _create(path, looks)
    return None


def _create(path: Path, looks: Sequence[TabLook]) -> None:
    if not path.parent.is_dir():
        raise WorkbookMissing(text("excel.folder_missing", folder=path.parent))
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = text("excel.author")
    paint(book, looks)
    _save(path, book, {}, NEW_FILE)


def _redrawn(path: Path, looks: Sequence[TabLook]) -> KeptCopy | None:
    basis = revision_of(path)
    with open_package(path) as package:
        at_risk = things_at_risk(package, our_chart_parts(package, looks))
        results = results_of(package)
        book = _loaded(path, package)
    paint(book, looks)
    copy = keep_copy(path) if at_risk else None
    try:
        _save(path, book, results, basis)
    except BaseException:
        if copy is not None:
            copy.unlink()
        raise
    return KeptCopy(copy, at_risk) if copy is not None else None


def _loaded(path: Path, package: Package) -> Workbook:
    has_macros = any(name.startswith("xl/vbaProject") for name in package.archive.namelist())
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl leaves out is told by `things_at_risk`
            book = load_workbook(file, rich_text=True, keep_vba=has_macros)
        adopt(package, book)
    except Exception as error:  # openpyxl raises anything for what it does not know
        raise NotAWorkbook(text("excel.not_drawable", path=path)) from error
    return book


def _save(path: Path, book: Workbook, results: Results, basis: str) -> None:
    drawn = BytesIO()
    book.save(drawn)
    if replace_file(path, lambda target: finish(drawn, results, target), basis) is None:
        raise WorkbookBusy(text("excel.saved_meanwhile", path=path))
