"""From the file that the drawing library saved to the one that takes the place of the old one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import IO
from zipfile import ZipFile

from lxml import etree
from msgspec import Struct

from automation.adapters.excel.drawing.contents import DrawnSheet, Places, Source
from automation.adapters.excel.drawing.kept_tabs import KeptTabs
from automation.adapters.excel.drawing.literal import NO_TEXTS, Skeletons
from automation.adapters.excel.package import (
    CONTENT_TYPES,
    RELATIONSHIPS,
    Content,
    Package,
    PartOf,
    Sheet,
    copy_package,
    parsed,
    parsed_output,
    relationships_part,
    serialised,
    with_usual_names,
)
from automation.adapters.excel.reader import shared_strings
from automation.adapters.excel.row_heights import RowHeights
from automation.adapters.excel.sheet_map import SheetColumns
from automation.adapters.excel.styles import Styles

_PACKAGE_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TEXTS = "xl/sharedStrings.xml"
_TEXTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_NO_RELATIONSHIPS = f'<Relationships xmlns="{_PACKAGE_RELATIONSHIPS}"/>'.encode()
_IDENTITY = f"{{{RELATIONSHIPS}}}id"
_BEFORE_LINKS = frozenset(
    (
        *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection"),
        *("protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews"),
        *("mergeCells", "phoneticPr", "conditionalFormatting", "dataValidations"),
    )
)
"""What stands in front of the links in a worksheet (ECMA-376 part 1, 18.3.1.99)."""
_BEFORE_IGNORED = _BEFORE_LINKS | frozenset(
    (
        *("hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks"),
        *("customProperties", "cellWatches"),
    )
)
"""What stands in front of the errors of which nothing is to be said."""


class Before(Struct, frozen=True):
    """The file as it was."""

    package: Package
    skeletons: Skeletons
    drawn_rows: Mapping[str, Collection[int]]
    """In which something was drawn, by title of the tab."""
    ours: Mapping[str, Places]
    """The cells that were to hold something, by title of the tab."""
    kept: KeptTabs | None = None
    """The tabs that could not be drawn."""


def finish(drawn: IO[bytes], target: IO[bytes], before: Before | None = None) -> None:
    """Copy the workbook that the library saved to `target`, with what the cells held before; without any `before` it is
    a new one.
    """
    with ZipFile(drawn) as archive:
        package = Package(archive)
        copy_package(package, target, _Finishing(package, before).changed())


class _Finishing:
    def __init__(self, drawn: Package, before: Before | None) -> None:
        self._drawn = drawn
        self._before = before
        self._old = {sheet.title: sheet for sheet in before.package.sheets} if before else {}
        self._changed: dict[str, Content] = {}

    def changed(self) -> dict[str, Content]:
        """The parts that are not as the library saved them."""
        kept = self._before.kept if self._before else None
        titles = kept.titles if kept else frozenset()
        sheets = [sheet for sheet in self._drawn.sheets if sheet.title not in titles]
        for sheet in sheets:
            self._changed[sheet.part] = self._with_what_it_does_not_know(sheet)
        if kept:
            kept.put_into(self._drawn, self._changed)
        heights = self._heights()
        for sheet in sheets:
            content = self._changed[sheet.part]
            assert isinstance(content, bytes)
            self._changed[sheet.part] = partial(_write, content, self._source(sheet.title), heights)
        self._put_texts()
        return self._changed

    def _source(self, title: str) -> Source | None:
        if self._before is None or title not in self._before.skeletons:
            return None
        package, part = self._before.package, self._old[title].part
        rows, ours = self._before.drawn_rows.get(title, ()), self._before.ours.get(title, ())
        formats = Styles(package.read_related("styles")).count
        return Source(partial(package.archive.open, part), self._before.skeletons[title], rows, ours, formats)

    def _heights(self) -> Callable[[SheetColumns], RowHeights]:
        part = self._drawn.related("styles")
        content = self._changed.get(part or "") or self._drawn.read_related("styles")
        styles = Styles(content if isinstance(content, bytes) else None)
        strings = shared_strings(self._before.package) if self._before else ()
        return lambda columns: RowHeights(columns, styles, strings)

    def _put_texts(self) -> None:
        """The cells of the old file name its texts by their numbers; what the library wrote stands in the cells."""
        old = self._before.package.related("sharedStrings") if self._before else None
        part = self._drawn.related("sharedStrings")
        if part is None and old is None:
            return
        if part is None:
            part = _TEXTS
            self._declare_texts()
        self._changed[part] = NO_TEXTS
        if self._before and old:
            self._changed[part] = PartOf(self._before.package, old)
            if self._before.package.has_other_names(old):
                self._changed[part] = with_usual_names(self._before.package.read(old))

    def _declare_texts(self) -> None:
        """The library writes none of its own."""
        types = self._present(CONTENT_TYPES)
        kind = {"PartName": f"/{_TEXTS}", "ContentType": _TEXTS_TYPE}
        etree.SubElement(types, f"{types.tag.rpartition('}')[0]}}}Override", kind)
        self._changed[CONTENT_TYPES] = serialised(types)
        place = relationships_part(self._drawn.workbook_part)
        relationships = self._present(place)
        attributes = {"Id": "tccbTexts", "Type": f"{RELATIONSHIPS}/sharedStrings", "Target": f"/{_TEXTS}"}
        etree.SubElement(relationships, f"{{{_PACKAGE_RELATIONSHIPS}}}Relationship", attributes)
        self._changed[place] = serialised(relationships)

    def _present(self, part: str) -> etree._Element:
        content = self._changed.get(part)
        return parsed(content if isinstance(content, bytes) else self._drawn.read(part))

    def _with_what_it_does_not_know(self, sheet: Sheet) -> bytes:
        """The worksheet as the library saved it, with what that did not get: links, errors to pass over."""
        content = self._drawn.read(sheet.part)
        skeleton = self._before.skeletons.get(sheet.title) if self._before else None
        if skeleton is None or (skeleton.links is None and skeleton.ignored is None):
            return content
        root = parsed_output(content)
        if skeleton.links is not None:
            self._put_targets(sheet.part, skeleton.links, self._targets(self._old[sheet.title].part))
            _put_links(root, skeleton.links)
        if skeleton.ignored is not None:
            _put_behind(root, _BEFORE_IGNORED, skeleton.ignored)
        return serialised(root)

    def _targets(self, part: str) -> Mapping[str, etree._Element]:
        """What relationships of a worksheet of the old file lead out of it, by their id."""
        assert self._before is not None
        content = self._before.package.read_relationships(part) or _NO_RELATIONSHIPS
        return {each.get("Id", ""): each for each in parsed(content) if each.get("TargetMode") == "External"}

    def _put_targets(self, part: str, links: etree._Element, targets: Mapping[str, etree._Element]) -> None:
        relationships = parsed_output(self._drawn.read_relationships(part) or _NO_RELATIONSHIPS)
        for number, link in enumerate(links, 1):
            target = targets.get(str(link.attrib.pop(_IDENTITY, "")))
            if target is not None:
                identity = f"tccbLink{number}"
                link.set(_IDENTITY, identity)
                attributes = {"Type": f"{RELATIONSHIPS}/hyperlink", "TargetMode": "External"}
                attributes |= {"Id": identity, "Target": target.get("Target", "")}
                etree.SubElement(relationships, f"{{{_PACKAGE_RELATIONSHIPS}}}Relationship", attributes)
        if len(relationships):
            self._changed[relationships_part(part)] = serialised(relationships)


def _put_links(root: etree._Element, links: etree._Element) -> None:
    """Put the links of people beside those that were drawn, if any."""
    drawn = root.find("{*}hyperlinks")
    if drawn is not None:
        drawn.extend(links)
    elif len(links):
        _put_behind(root, _BEFORE_LINKS, links)


def _put_behind(root: etree._Element, names: Collection[str], element: etree._Element) -> None:
    """Put an element behind those of a worksheet that have to stand in front of it."""
    *_, last = (each for each in root if etree.QName(each).localname in names)
    last.addnext(element)


def _write(
    drawn: bytes,
    source: Source | None,
    heights: Callable[[SheetColumns], RowHeights],
    target: IO[bytes],
) -> None:
    DrawnSheet(drawn, source).write(heights, target)
