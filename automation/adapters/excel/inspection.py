"""What a workbook file holds besides its cells, as far as the doctor has to know."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lxml import etree

from automation.adapters.excel.package import Package, Sheet, open_package
from automation.adapters.excel.reach import LAST_ROW
from automation.adapters.excel.reader import elements, without_bare_formats
from automation.core.model.inspection import Closure, Inspection, TabInspection
from automation.core.writing.row_digest import is_review_formula


def inspect(path: Path) -> Inspection:
    """Look into the file, row by row: whatever can be read can be looked into. Raises WorkbookMissing, NotAWorkbook,
    WorkbookUnavailable.
    """
    with open_package(path) as package:
        tabs = tuple(_looked_into(package, sheet) for sheet in package.sheets)
    real = path.resolve()
    return Inspection(tabs, may_edit=os.access(real, os.W_OK) and os.access(real.parent, os.W_OK))


def _looked_into(package: Package, sheet: Sheet) -> TabInspection:
    is_protected, reviewed_to = False, None
    with package.archive.open(sheet.part) as stream:
        for element in elements(without_bare_formats(stream), "row", "sheetProtection", "formula"):
            kind = etree.QName(element).localname
            is_protected |= kind == "sheetProtection" and element.get("sheet") in ("1", "true")
            if kind == "formula" and is_review_formula(element.text or ""):
                reviewed_to = max(reviewed_to or 0, _last_row_of(element))
    return TabInspection(sheet.title, sheet.title, reviewed_to, closure=Closure() if is_protected else None)


def _last_row_of(formula: etree._Element) -> int:
    """Of the area that a conditional format with that formula is for."""
    area = next((str(each.get("sqref")) for each in formula.iterancestors("{*}conditionalFormatting")), "")
    return max(map(int, re.findall(r"[A-Z]\$?(\d+)", area)), default=LAST_ROW)
