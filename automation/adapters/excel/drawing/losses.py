"""What loading and saving a workbook with openpyxl would lose besides what cells hold, and how it is kept.

Validations in Excel's newer notation are put right; for the rest a copy of the file as it was must be kept.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from lxml import etree
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.excel.drawing.literal import Skeletons
from automation.adapters.excel.drawing.skeleton import Skeleton
from automation.adapters.excel.package import Package
from automation.base.messages import text
from automation.base.private_files import open_private

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


_ANY = "\0"
"""Stands for a number, and in no file's name."""


def things_at_risk(package: Package, drawn_anew: Collection[str], skeletons: Skeletons) -> tuple[str, ...]:
    """Words for what of the workbook openpyxl would lose or simplify, except the parts that are `drawn_anew`, and the
    tabs that are not among the `skeletons`; empty where it keeps everything.
    """
    names = (name for name in package.archive.namelist() if name not in drawn_anew)
    kinds = {_kind(name) for name in names if not name.startswith(_KEPT)}
    if any(map(_has_other_extensions, skeletons.values())):
        kinds.add("extensions")
    return tuple(text(f"excel.losses.{kind}") for kind in sorted(kinds))


def keep_copy(path: Path) -> Path:
    """Copy the file beside itself under a name that nothing bears yet; returns that name. Raises OSError."""
    for copy in _copies(path):
        with suppress(FileExistsError):
            with open(open_private(copy, new=True), "wb") as target, open(path, "rb") as source:
                shutil.copyfileobj(source, target)
            return copy
    raise AssertionError  # there is always one more


def kept_copies(path: Path) -> list[Path]:
    """The copies of the file that were kept, also behind one that somebody removed."""
    first, again = (
        text(key, stem=path.stem, suffix=path.suffix, number=_ANY) for key in ("excel.backup", "excel.backup_again")
    )
    names = re.compile(f"{re.escape(first)}|{re.escape(again).replace(re.escape(_ANY), '[0-9]+')}")
    return [each for each in sorted(path.parent.glob("*")) if names.fullmatch(each.name)]


def _copies(path: Path) -> Iterator[Path]:
    """The names that copies get, one after the other."""
    for number in count(1):
        key = "excel.backup" if number == 1 else "excel.backup_again"
        yield path.with_name(text(key, stem=path.stem, suffix=path.suffix, number=number))


def is_kept_already(package: Package, path: Path, drawn: IO[bytes]) -> bool:
    """Whether every part at risk lies in a copy that was kept before, or comes through as it is: what was simplified
    once is not simplified again. `drawn`: what the library saved.
    """
    kept = [_sums_of(copy) for copy in kept_copies(path)]
    if not kept:
        return False
    with ZipFile(drawn) as archive:
        known = set().union(_sums(archive), *kept)
    return all(each in known for each in _sums(package.archive))


def _sums_of(copy: Path) -> set[tuple[int, int]]:
    """None of what is no workbook any more."""
    with suppress(OSError, BadZipFile), ZipFile(copy) as archive:
        return _sums(archive)
    return set()


def _sums(archive: ZipFile) -> set[tuple[int, int]]:
    """What tells the parts apart that may be lost."""
    return {(each.CRC, each.file_size) for each in archive.infolist() if not each.filename.startswith(_KEPT)}


def adopt_newer_validations(skeleton: Skeleton, sheet: Worksheet) -> None:
    """openpyxl passes over validations in Excel's newer notation."""
    for extension in _extensions(skeleton):
        for element in extension.iterfind("{*}dataValidations/{*}dataValidation"):
            sheet.data_validations.append(_plain_validation(element))


def _kind(part: str) -> str:
    return next((kind for kind, prefixes in _KINDS.items() if part.startswith(prefixes)), "other")


def _has_other_extensions(skeleton: Skeleton) -> bool:
    return any(each.get("uri", "").lower() != _NEWER_VALIDATIONS for each in _extensions(skeleton))


def _extensions(skeleton: Skeleton) -> list[etree._Element]:
    return skeleton.root.findall("{*}extLst/{*}ext")


def _plain_validation(element: etree._Element) -> DataValidation:
    validation = DataValidation(sqref=element.findtext("{*}sqref", ""))
    for name, value in element.items():
        if name in _VALIDATION_SETTINGS:
            setattr(validation, str(name), value)
    validation.formula1 = element.findtext("{*}formula1/{*}f")
    validation.formula2 = element.findtext("{*}formula2/{*}f")
    return validation
