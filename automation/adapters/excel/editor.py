"""Changes of cells become changed parts of the workbook file; every other part stays as it is.

Not through openpyxl: loading and saving a workbook of full size with it takes minutes and loses drawings,
extensions and what charts look like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from functools import partial
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO

from lxml import etree
from msgspec import Struct

from automation.adapters.excel.budget import TooLarge
from automation.adapters.excel.package import (
    CONTENT_TYPES,
    Content,
    Package,
    Sheet,
    parsed,
    relationships_part,
    serialised,
)
from automation.adapters.excel.reader import chunks_of, elements, shared_strings
from automation.adapters.excel.sheet_editor import EditedSheet, SheetChanges, edit_sheet
from automation.adapters.excel.styles import Styles
from automation.base.messages import text
from automation.core.model.workbook import RefusedTab

_HELD_IN_MEMORY = 1 << 20
"""Bytes of a worksheet until it is copied; what is larger lies in a file without a name."""
_NEW_STYLES = "xl/styles.xml"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_STYLES_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"
_BEFORE_CALCULATION = ("sheets", "functionGroups", "externalReferences", "definedNames")
"""What may stand right before calcPr in a workbook (ECMA-376 part 1, 18.2.27)."""


class EditedParts(Struct, frozen=True):
    changed: Mapping[str, Content]
    dropped: frozenset[str]
    refused: tuple[RefusedTab, ...] = ()
    """The tabs that could not be changed; they are as they were."""


def edit_workbook(
    package: Package, changes: Mapping[str, SheetChanges], beside: ExitStack, *, forgets: bool = False
) -> EditedParts:
    """The parts that the changes, by title of the tab, touch, as they stand afterwards; what lies `beside` until they
    are copied goes with it. `forgets`: texts that no cell shows any more go, too: a workbook keeps the texts of all
    cells in one table, and whoever empties a cell leaves its text there. Raises what `Package` raises.
    """
    return _WorkbookEditor(package, beside).edited(changes, forgets=forgets)


class _WorkbookEditor:
    def __init__(self, package: Package, beside: ExitStack) -> None:
        self._package = package
        self._beside = beside
        self._styles = Styles(package.read_related("styles"))
        self._changed: dict[str, bytes] = {}
        self._sheets: dict[str, IO[bytes]] = {}
        self._dropped: set[str] = set()
        self._refused: list[RefusedTab] = []

    def edited(self, changes: Mapping[str, SheetChanges], *, forgets: bool) -> EditedParts:
        sheets = {sheet.title: sheet for sheet in self._package.sheets}
        strings = shared_strings(self._package)
        lost_formula = has_formulas = False
        for title, cells in changes.items():
            edited = self._edited_sheet(sheets[title], cells, strings)
            if isinstance(edited, RefusedTab):
                self._refused.append(edited)
                continue
            lost_formula |= edited.lost_formula
            has_formulas |= edited.has_formulas
        if has_formulas or self._package.related("calcChain"):
            self._recalculate_when_opened()
        if lost_formula:
            self._drop_calculation_chain()
        if self._styles.changed:
            self._put_styles()
        if forgets:
            self._forget_texts()
        return EditedParts({**self._sheets, **self._changed}, frozenset(self._dropped), tuple(self._refused))

    def _edited_sheet(self, sheet: Sheet, cells: SheetChanges, strings: Sequence[str]) -> EditedSheet | RefusedTab:
        """A sheet that is too large, or that raises what nobody foresaw, stops no other."""
        opened = partial(self._package.archive.open, sheet.part)
        target = SpooledTemporaryFile(_HELD_IN_MEMORY)  # noqa: SIM115  # closed by whoever copies it
        self._beside.enter_context(target)
        try:
            edited = edit_sheet(opened, cells, self._styles, strings, self._package.epoch, target)
        except TooLarge:
            return RefusedTab(sheet.title, sheet.title, text("excel.tab_too_large"))
        except OSError:
            raise
        except Exception as error:
            return RefusedTab(sheet.title, sheet.title, text("excel.tab_not_writable"), error)
        self._sheets[sheet.part] = target
        return edited

    def _forget_texts(self) -> None:
        """All others keep their numbers."""
        part = self._package.related("sharedStrings")
        if part is None:
            return
        named = set(chain.from_iterable(map(self._texts_named_in, self._package.sheets)))
        texts = self._present(part)
        for number, item in enumerate(texts.iterfind("{*}si")):
            if str(number) not in named:
                item[:] = [etree.Element(f"{item.tag.rpartition('}')[0]}}}t")]
        self._changed[part] = serialised(texts)

    def _texts_named_in(self, sheet: Sheet) -> Iterator[str]:
        edited = self._sheets.get(sheet.part)
        if edited:
            edited.seek(0)
        with nullcontext(edited) if edited else self._package.archive.open(sheet.part) as stream:
            for cell in elements(chunks_of(stream), "c"):
                if cell.get("t") == "s":
                    yield cell.findtext("{*}v", "").strip()

    def _recalculate_when_opened(self) -> None:
        """People's formulas may count what we write; the results in the file are of before."""
        workbook = self._present(self._package.workbook_part)
        calculation = workbook.find("{*}calcPr")
        if calculation is None:
            calculation = etree.Element(workbook.tag.rpartition("}")[0] + "}calcPr")
            before = [child for child in workbook if etree.QName(child).localname in _BEFORE_CALCULATION]
            before[-1].addnext(calculation)
        calculation.set("fullCalcOnLoad", "1")
        self._changed[self._package.workbook_part] = serialised(workbook)

    def _drop_calculation_chain(self) -> None:
        """Excel takes a chain that names a cell without formula for damage, and makes a missing one anew."""
        chain = self._package.related("calcChain")
        if chain is None:
            return
        self._dropped.add(chain)
        types = self._present(CONTENT_TYPES)
        _remove(types, "PartName", lambda name: name.lstrip("/") == chain)
        self._changed[CONTENT_TYPES] = serialised(types)
        relationships = self._present(self._relationships)
        _remove(relationships, "Type", lambda kind: kind.endswith("/calcChain"))
        self._changed[self._relationships] = serialised(relationships)

    def _put_styles(self) -> None:
        part = self._package.related("styles")
        if part is None:
            part = _NEW_STYLES
            self._declare_styles()
        self._changed[part] = self._styles.to_bytes()

    def _declare_styles(self) -> None:
        types = self._present(CONTENT_TYPES)
        _append(types, "Override", PartName=f"/{_NEW_STYLES}", ContentType=_STYLES_TYPE)
        self._changed[CONTENT_TYPES] = serialised(types)
        relationships = self._present(self._relationships)
        _append(relationships, "Relationship", Id="tccbStyles", Type=_STYLES_KIND, Target=f"/{_NEW_STYLES}")
        self._changed[self._relationships] = serialised(relationships)

    @property
    def _relationships(self) -> str:
        return relationships_part(self._package.workbook_part)

    def _present(self, part: str) -> etree._Element:
        return parsed(self._changed.get(part) or self._package.read(part))


def _append(parent: etree._Element, name: str, **attributes: str) -> None:
    child = etree.SubElement(parent, f"{parent.tag.rpartition('}')[0]}}}{name}")
    for key, value in attributes.items():
        child.set(key, value)


def _remove(parent: etree._Element, attribute: str, unwanted: Callable[[str], bool]) -> None:
    for child in list(parent):
        if unwanted(child.get(attribute, "")):
            parent.remove(child)
