"""What a workbook file holds besides its cells, as far as the doctor has to know."""

from __future__ import annotations

import os
from pathlib import Path

from automation.adapters.excel.package import Sheet, open_package, parsed_sheet
from automation.core.model.inspection import Closure, Inspection, TabInspection
from automation.core.writing.judged_inputs import is_review_formula


def inspect(path: Path) -> Inspection:
    """Look into the file. Raises WorkbookMissing, NotAWorkbook, WorkbookUnavailable."""
    with open_package(path) as package:
        tabs = tuple(_looked_into(sheet, package.read_sheet(sheet)) for sheet in package.sheets)
    real = path.resolve()
    return Inspection(tabs, may_edit=os.access(real, os.W_OK) and os.access(real.parent, os.W_OK))


def _looked_into(sheet: Sheet, content: bytes) -> TabInspection:
    closure = Closure() if _is_protected(content) else None
    return TabInspection(sheet.title, sheet.title, _marks_reviews(content), closure=closure)


def _is_protected(content: bytes) -> bool:
    if b"sheetProtection" not in content:
        return False
    return any(each.get("sheet") in ("1", "true") for each in parsed_sheet(content).iterfind("{*}sheetProtection"))


def _marks_reviews(content: bytes) -> bool:
    if b"EXACT(" not in content:  # spares parsing the tabs that have none
        return False
    formulas = parsed_sheet(content).iterfind("{*}conditionalFormatting/{*}cfRule/{*}formula")
    return any(is_review_formula(each.text or "") for each in formulas)
