"""The part of `xl/styles.xml` that reading and writing single cells needs: which formats are dates."""

from __future__ import annotations

import re
from copy import deepcopy
from functools import cached_property

from lxml import etree

from automation.adapters.excel.package import parsed

FIRST_CUSTOM_FORMAT = 164
"""Number formats below this one are built into Excel."""
_MOMENTS_BUILT_IN = frozenset(map(str, (*range(14, 23), 45, 47)))
"""Those of them that show a date or a time of day (ECMA-376 part 1, 18.8.30); 46 shows a span of time."""
_ASIDE = re.compile(r'".*?"|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]')
_OF_A_MOMENT = re.compile(r"(?<![_\\])[dmhysDMHYS]")
_OF_A_SPAN = re.compile(r"\[(?:hh?|mm?|ss?)\]", re.IGNORECASE)

MINIMAL = b"""<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill>
<fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


def shows_moment(code: str) -> bool:
    """Whether a number of this format shows as a date or a time of day, and not as a span of time."""
    first = code.split(";")[0]
    return _OF_A_MOMENT.search(_ASIDE.sub("", first)) is not None and not _OF_A_SPAN.search(first)


class Styles:
    """Cell formats by their index, the `s` of a cell. `changed` tells whether one was added."""

    def __init__(self, xml: bytes | None) -> None:
        """`xml`: the styles part, None where the workbook has none. Raises XMLSyntaxError."""
        self._root = parsed(xml or MINIMAL)
        self._namespace = self._root.tag.rpartition("}")[0] + "}"
        given = self._root.iterfind(f"{self._namespace}numFmts/{self._namespace}numFmt")
        self._given = {each.get("numFmtId", ""): each.get("formatCode", "") for each in given}
        self._formats = self._root.findall(f"{self._namespace}cellXfs/{self._namespace}xf")
        self._aligned: dict[tuple[int, str], bool] = {}
        self.changed = False

    @property
    def count(self) -> int:
        """How many formats of cells there are."""
        return len(self._formats)

    def dates(self) -> frozenset[int]:
        """Formats that show a number as a date or a time of day (not as a span of time)."""
        return frozenset(index for index in range(len(self._formats)) if self.is_date(index))

    def is_date(self, index: int) -> bool:
        """Whether a number in a cell of this format shows as a date."""
        if index >= len(self._formats):
            return False
        number = self._formats[index].get("numFmtId", "0")
        if number in self._given:
            return shows_moment(self._given[number])
        return number in _MOMENTS_BUILT_IN

    def wraps(self, index: int) -> bool:
        """Whether text in a cell of this format runs over several lines."""
        return self._aligns(index, "wrapText")

    def is_low(self, index: int) -> bool:
        """Whether text in a cell of this format is to fit the cell and not the other way round. Where text wraps no
        program heeds that; we do (`ColumnLook.low`).
        """
        return self._aligns(index, "shrinkToFit")

    def _aligns(self, index: int, how: str) -> bool:
        if (index, how) not in self._aligned:
            formats = self._formats[index : index + 1]
            alignment = formats[0].find(self._namespace + "alignment") if formats else None
            self._aligned[index, how] = alignment is not None and alignment.get(how) in ("1", "true")
        return self._aligned[index, how]

    def with_number_format(self, index: int, code: str) -> int:
        """Index of the format that equals format `index` but for its number format `code`; added once."""
        if index < len(self._formats):
            wanted = deepcopy(self._formats[index])
        else:
            wanted = etree.Element(self._namespace + "xf")
        wanted.set("numFmtId", self._number_format(code))
        wanted.set("applyNumberFormat", "1")
        for position, present in enumerate(self._formats):
            if _same(present, wanted):
                return position
        self._append("cellXfs", wanted)
        self._formats.append(wanted)
        return len(self._formats) - 1

    def to_bytes(self) -> bytes:
        return etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", standalone=True)

    @cached_property
    def _codes(self) -> dict[str, str]:
        from openpyxl.styles.numbers import BUILTIN_FORMATS  # who only reads need not wait for it

        return {str(number): str(code) for number, code in BUILTIN_FORMATS.items()} | self._given

    def _number_format(self, code: str) -> str:
        for number, known in self._codes.items():
            if known == code:
                return number
        number = str(max(FIRST_CUSTOM_FORMAT, *(int(known) + 1 for known in self._codes)))
        element = etree.Element(self._namespace + "numFmt")
        element.set("numFmtId", number)
        element.set("formatCode", code)
        self._append("numFmts", element)
        self._codes[number] = self._given[number] = code
        return number

    def _append(self, group: str, element: etree._Element) -> None:
        parent = self._root.find(self._namespace + group)
        if parent is None:  # the schema wants numFmts first
            parent = etree.Element(self._namespace + group)
            self._root.insert(0, parent)
        parent.append(element)
        parent.set("count", str(len(parent)))
        self.changed = True


def _same(one: etree._Element, other: etree._Element) -> bool:
    return sorted(one.items()) == sorted(other.items()) and _inner(one) == _inner(other)


def _inner(element: etree._Element) -> list[bytes]:
    return [etree.tostring(child, with_tail=False) for child in element]
