"""What loading and saving a workbook with openpyxl would lose, and how it is kept.

Results of formulas, validations in Excel's newer notation and heights of rows are put right; for the rest a copy
of the file as it was must be kept.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO
from zipfile import ZipFile

from lxml import etree
from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.excel.drawing.kept_tabs import KeptTabs
from automation.adapters.excel.package import Content, Package, copy_package, parsed_output, parsed_sheet, serialised
from automation.adapters.excel.reader import elements, position, shared_strings, without_bare_formats
from automation.adapters.excel.row_heights import RowHeights
from automation.adapters.excel.sheet_map import SheetColumns
from automation.adapters.excel.styles import Styles
from automation.base.messages import text
from automation.base.private_files import open_private

Results = Mapping[str, Mapping[str, "Result"]]
"""Results of formulas by title of the tab and by cell, as "B7"."""

_KINDS = {
    "charts": ("xl/charts/", "xl/chartsheets/"),
    "drawings": ("xl/drawings/drawing", "xl/media/", "xl/diagrams/"),
    "pivots": ("xl/pivotTables/", "xl/pivotCache/", "xl/slicers/", "xl/slicerCaches/", "xl/timelines/"),
    "links": ("xl/externalLinks/", "xl/connections.xml", "xl/queryTables/"),
    "macros": ("xl/vbaProject", "xl/macrosheets/", "xl/activeX/", "xl/ctrlProps/"),
    "threads": ("xl/threadedComments/", "xl/persons/"),
}
"""Folders of parts that openpyxl drops or keeps in a simpler form, by the word of `excel.losses`."""

_KEPT = (
    "[Content_Types].xml",
    "_rels/",
    "docProps/",
    "xl/_rels/",
    "xl/workbook",
    "xl/styles",
    "xl/sharedStrings",
    "xl/calcChain",
    "xl/theme/",
    "xl/worksheets/",
    "xl/tables/",
    "xl/comments",
    "xl/drawings/vmlDrawing",
    "xl/drawings/commentsDrawing",
    "xl/drawings/_rels/",
    "xl/printerSettings/",
)
"""Parts that openpyxl writes anew, or that nobody misses."""

_NEWER_VALIDATIONS = "{cce6a557-97bc-4b89-adb6-d9c93caab3df}"
"""Extension of a worksheet that holds validations whose lists stand on another tab (MS-XLSX 2.3.1)."""

_VALIDATION_SETTINGS = (
    *("type", "operator", "allowBlank", "showErrorMessage", "showInputMessage", "showDropDown"),
    *("errorStyle", "errorTitle", "error", "promptTitle", "prompt", "imeMode"),
)


@dataclass(frozen=True)
class Result:
    kind: str
    """The `t` of the cell."""
    text: str


def things_at_risk(
    package: Package, drawn_anew: Collection[str] = (), left_out: Collection[str] = ()
) -> tuple[str, ...]:
    """Words for what of the workbook openpyxl would lose or simplify, except the parts that are `drawn_anew` and
    the tabs that are `left_out`, by title; empty where it keeps everything.
    """
    names = (name for name in package.archive.namelist() if name not in drawn_anew)
    kinds = {_kind(name) for name in names if not name.startswith(_KEPT)}
    drawn = (sheet for sheet in package.sheets if sheet.title not in left_out)
    if any(_has_other_extensions(package.read_sheet(sheet)) for sheet in drawn):
        kinds.add("extensions")
    return tuple(text(f"excel.losses.{kind}") for kind in sorted(kinds))


def keep_copy(path: Path) -> Path:
    """Copy the file beside itself under a name that nothing bears yet; returns that name. Raises OSError."""
    number = 1
    while True:
        key = "excel.backup" if number == 1 else "excel.backup_again"
        copy = path.with_name(text(key, stem=path.stem, suffix=path.suffix, number=number))
        try:
            with open(open_private(copy, new=True), "wb") as target, open(path, "rb") as source:
                shutil.copyfileobj(source, target)
        except FileExistsError:
            number += 1
        else:
            return copy


def results_of(package: Package, left_out: Collection[str] = ()) -> Results:
    """What the formulas of every tab last came to, but for those `left_out`."""
    results = {}
    for sheet in package.sheets:
        if sheet.title in left_out:
            continue
        content = package.read_sheet(sheet)
        if b"f>" in content or b"<f " in content:  # spares parsing the many sheets that have none
            rows = elements(without_bare_formats(BytesIO(content)), "row")
            cells = ((cell.get("r", ""), _result(cell)) for row in rows for cell in _formulas(row))
            results[sheet.title] = {place: result for place, result in cells if result is not None}
    return results


def finish(source: IO[bytes], results: Results, target: IO[bytes], kept: KeptTabs | None = None) -> None:
    """Copy the workbook `source`, as openpyxl saved it, to `target`: its formulas with the results they had,
    its rows as high as they need, the tabs `kept` as they were.
    """
    with ZipFile(source) as archive:
        package = Package(archive)
        styles = Styles(package.read_related("styles"))
        strings = shared_strings(package)
        changed: dict[str, Content] = {}
        for sheet in package.sheets:
            if kept and sheet.title in kept.titles:
                continue
            root = parsed_output(package.read(sheet.part))
            heights = RowHeights(_columns(root), styles, strings)
            known = results.get(sheet.title, {})
            for row in root.iterfind("{*}sheetData/{*}row"):
                heights.fit(row)
                for cell in _formulas(row) if known else ():
                    if result := known.get(cell.get("r", "")):
                        _put_result(cell, result)
            changed[sheet.part] = serialised(root)
        if kept:
            kept.put_into(package, changed)
        copy_package(package, target, changed)


def adopt(package: Package, book: Workbook, left_out: Collection[str] = ()) -> None:
    """Correct what openpyxl misreads in the workbook it loaded from `package`, the tabs `left_out` excepted."""
    for sheet in package.sheets:
        if sheet.title in left_out:
            continue
        content = package.read(sheet.part)
        _adopt_newer_validations(content, book[sheet.title])
        _forget_fitted_heights(content, book[sheet.title])


def _adopt_newer_validations(content: bytes, sheet: Worksheet) -> None:
    for extension in _extensions(content):
        for element in extension.iterfind("{*}dataValidations/{*}dataValidation"):
            sheet.data_validations.append(_plain_validation(element))


def _forget_fitted_heights(content: bytes, sheet: Worksheet) -> None:
    """openpyxl takes every height for one that a person has set, and such rows no longer fit their text."""
    if b' ht="' not in content:
        return
    number = 0
    for row in elements(without_bare_formats(BytesIO(content)), "row"):
        number = position(row, number)
        if row.get("ht") and row.get("customHeight") not in ("1", "true"):
            sheet.row_dimensions[number].ht = None


def _columns(root: etree._Element) -> SheetColumns:
    columns = SheetColumns()
    for each in root.iterfind("{*}cols/{*}col"):
        columns.add({str(name): str(value) for name, value in each.items()})
    return columns


def _kind(part: str) -> str:
    return next((kind for kind, prefixes in _KINDS.items() if part.startswith(prefixes)), "other")


def _has_other_extensions(sheet: bytes) -> bool:
    return any(each.get("uri", "").lower() != _NEWER_VALIDATIONS for each in _extensions(sheet))


def _extensions(sheet: bytes) -> list[etree._Element]:
    if b"extLst" not in sheet:  # spares parsing the many sheets that have none
        return []
    return parsed_sheet(sheet).findall("{*}extLst/{*}ext")


def _formulas(row: etree._Element) -> Iterator[etree._Element]:
    for cell in row.iterfind("{*}c"):
        if cell.find("{*}f") is not None:
            yield cell


def _result(cell: etree._Element) -> Result | None:
    value = cell.find("{*}v")
    if value is None or cell.get("t") == "s":  # a number of a text in a list that openpyxl numbers anew
        return None
    return Result(cell.get("t", "n"), value.text or "")


def _put_result(cell: etree._Element, result: Result) -> None:
    value = cell.find("{*}v")
    if value is None:
        value = etree.SubElement(cell, cell.tag[:-1] + "v")
    value.text = result.text
    cell.set("t", result.kind)


def _plain_validation(element: etree._Element) -> DataValidation:
    validation = DataValidation(sqref=element.findtext("{*}sqref", ""))
    for name, value in element.items():
        if name in _VALIDATION_SETTINGS:
            setattr(validation, str(name), value)
    validation.formula1 = element.findtext("{*}formula1/{*}f")
    validation.formula2 = element.findtext("{*}formula2/{*}f")
    return validation
