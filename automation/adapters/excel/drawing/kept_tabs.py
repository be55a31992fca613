"""Tabs that could not be drawn go into the file that openpyxl saved as they were, byte for byte.

Their cells name formats by numbers, so the formats of the file as it was come first in the new one and those of the
drawn tabs, which are renumbered, behind them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy

from lxml import etree

from automation.adapters.excel.package import (
    CONTENT_TYPES,
    Content,
    Package,
    PartOf,
    parsed,
    parsed_output,
    relationships_part,
    serialised,
)
from automation.adapters.excel.styles import FIRST_CUSTOM_FORMAT, MINIMAL

_GROUPS = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs")
"""Of formats, in the order that the schema wants."""
_FORMAT_PARTS = {"fontId": "fonts", "fillId": "fills", "borderId": "borders"}
_TABLES = "xl/tables/"


class KeptTabs:
    """Tabs of a file as it was."""

    def __init__(self, package: Package, titles: Collection[str]) -> None:
        self._package = package
        self.titles = frozenset(titles)

    def put_into(self, drawn: Package, changed: dict[str, Content]) -> None:
        """Put them into `changed`, the parts of the `drawn` file that are not as openpyxl saved them."""
        formats = _Formats(self._package.read_related("styles"), drawn.read_related("styles"))
        changed[drawn.related("styles") or "xl/styles.xml"] = formats.merged()
        for sheet in drawn.sheets:
            content = changed.get(sheet.part)
            if isinstance(content, bytes):
                changed[sheet.part] = _renumbered(content, formats)
        for part in drawn.archive.namelist():
            if part.startswith(_TABLES):
                changed[part] = _with_formats_behind(drawn.read(part), formats)
        self._put_tabs(drawn, changed)

    def _put_tabs(self, drawn: Package, changed: dict[str, Content]) -> None:
        types = parsed_output(drawn.read(CONTENT_TYPES))
        parts = {sheet.title: sheet.part for sheet in self._package.sheets}
        for number, sheet in enumerate(drawn.sheets, 1):
            if sheet.title in self.titles and sheet.title in parts:
                self._put_tab(parts[sheet.title], sheet.part, f"kept{number}/", changed, types)
        changed[CONTENT_TYPES] = serialised(types)

    def _put_tab(self, part: str, place: str, folder: str, changed: dict[str, Content], types: etree._Element) -> None:
        """The tab itself, and in a folder of its own what belongs to it."""
        changed[place] = PartOf(self._package, part)
        names = set(self._package.archive.namelist())
        if relationships_part(part) in names:
            changed[relationships_part(place)] = self._moved(part, folder)
        kinds = _kinds(parsed(self._package.read(CONTENT_TYPES)))
        for each in self._belonging_to(part):
            changed[folder + each] = PartOf(self._package, each)
            if relationships_part(each) in names:
                changed[folder + relationships_part(each)] = self._moved(each, folder)
            _declare(types, folder + each, kinds)

    def _belonging_to(self, part: str) -> Iterator[str]:
        """The parts that the part names, and those that these name."""
        waiting, seen = [part], {part}
        while waiting:
            for each in self._package.named_by(waiting.pop()):
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)
                    yield each

    def _moved(self, part: str, folder: str) -> bytes:
        """The relationships of the part, to what is now in the folder."""
        root = parsed(self._package.read(relationships_part(part)))
        for element in root.iterfind("{*}Relationship"):
            if element.get("TargetMode") != "External":
                element.set("Target", f"/{folder}{self._package.target_of(element, part)}")
        return serialised(root)


class _Formats:
    """The formats of the file as it was, and behind them those of the drawn one."""

    def __init__(self, before: bytes | None, drawn: bytes | None) -> None:
        self._root, self._drawn = parsed(before or MINIMAL), parsed_output(drawn or MINIMAL)
        self._namespace = self._root.tag.rpartition("}")[0] + "}"
        self._first = {group: len(self._group(group)) for group in _GROUPS}

    @property
    def cells(self) -> int:
        """How many formats of cells come first."""
        return self._first["cellXfs"]

    @property
    def differential(self) -> int:
        """How many of the formats that conditions bring come first."""
        return self._first["dxfs"]

    def merged(self) -> bytes:
        """The part that holds them all."""
        numbers = self._number_formats()
        for group in (*_FORMAT_PARTS.values(), "dxfs"):
            self._group(group).extend(deepcopy(list(self._drawn.iterfind(f"{{*}}{group}/*"))))
        for each in self._drawn.iterfind("{*}cellXfs/*"):
            self._group("cellXfs").append(self._cell_format(each, numbers))
        for element in map(self._group, _GROUPS):
            element.set("count", str(len(element)))
            if not len(element):
                self._root.remove(element)
        return serialised(self._root)

    def _cell_format(self, drawn: etree._Element, numbers: Mapping[str, str]) -> etree._Element:
        own = deepcopy(drawn)
        for name, group in _FORMAT_PARTS.items():
            own.set(name, str(int(own.get(name, "0")) + self._first[group]))
        own.set("numFmtId", numbers.get(own.get("numFmtId", "0"), own.get("numFmtId", "0")))
        own.set("xfId", "0")
        return own

    def _number_formats(self) -> dict[str, str]:
        """Number of each custom number format of the drawn file -> what it is now."""
        group = self._group("numFmts")
        free = max((int(each.get("numFmtId", "0")) for each in group), default=0) + 1
        numbers = {}
        for number, each in enumerate(self._drawn.iterfind("{*}numFmts/*"), max(free, FIRST_CUSTOM_FORMAT)):
            own = deepcopy(each)
            own.set("numFmtId", str(number))
            group.append(own)
            numbers[each.get("numFmtId", "")] = str(number)
        return numbers

    def _group(self, name: str) -> etree._Element:
        found = self._root.find(self._namespace + name)
        if found is None:
            found = etree.Element(self._namespace + name)
            before = [each for each in self._root if etree.QName(each).localname in _GROUPS[: _GROUPS.index(name)]]
            self._root.insert(self._root.index(before[-1]) + 1 if before else 0, found)
        return found


def _renumbered(sheet: bytes, formats: _Formats) -> bytes:
    """A drawn worksheet whose formats stand behind those of the file as it was."""
    root = parsed_output(sheet)
    for element in root.iterfind("{*}cols/{*}col"):
        _raise(element, "style", formats.cells)
    for row in root.iterfind("{*}sheetData/{*}row"):
        _raise(row, "s", formats.cells)
        for cell in row:
            cell.set("s", str(int(cell.get("s", "0")) + formats.cells))
    for rule in root.iterfind("{*}conditionalFormatting/{*}cfRule"):
        _raise(rule, "dxfId", formats.differential)
    return serialised(root)


def _with_formats_behind(table: bytes, formats: _Formats) -> bytes:
    root = parsed_output(table)
    for element in root.iter("*"):
        for name in element.attrib:
            if str(name).lower().endswith("dxfid"):
                _raise(element, str(name), formats.differential)
    return serialised(root)


def _raise(element: etree._Element, name: str, by: int) -> None:
    if element.get(name) is not None:
        element.set(name, str(int(element.get(name, "0")) + by))


def _kinds(types: etree._Element) -> dict[str, str]:
    """Content type by name of the part, as "/xl/comments1.xml", and by the end of names, as "vml"."""
    return {each.get("PartName") or each.get("Extension") or "": each.get("ContentType", "") for each in types}


def _declare(types: etree._Element, part: str, kinds: Mapping[str, str]) -> None:
    _, _, original = part.partition("/")
    kind = kinds.get(f"/{original}") or kinds.get(part.rpartition(".")[2])
    if kind:
        override = etree.SubElement(types, types.tag.rpartition("}")[0] + "}Override")
        override.set("PartName", f"/{part}")
        override.set("ContentType", kind)
