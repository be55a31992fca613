"""Tags of tabs in an .xlsx: hidden names of the workbook that point to the tab.

Excel and LibreOffice carry such a name along when a tab is renamed or moved; a copy of the tab does not get it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from openpyxl import Workbook

_PREFIX = "_tccb.tab."
_REFERENCE = re.compile(r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))!\$A\$1")


def read_tags(workbook: etree._Element) -> Mapping[str, str]:
    """Title of a tab -> its tag. Where two names point to one tab none counts."""
    found: dict[str, list[str]] = {}
    for element in workbook.iterfind("{*}definedNames/{*}definedName"):
        name, reference = element.get("name", ""), _REFERENCE.fullmatch(element.text or "")
        if name.startswith(_PREFIX) and element.get("localSheetId") is None and reference:
            title = reference["plain"] or reference["quoted"].replace("''", "'")
            found.setdefault(title, []).append(name.removeprefix(_PREFIX))
    return {title: tags[0] for title, tags in found.items() if len(tags) == 1}


def put_tag(book: Workbook, title: str, tag: str) -> None:
    """Make the tag point to the tab of that title, and nothing else of ours."""
    from openpyxl.utils import quote_sheetname  # who only reads need not wait for it
    from openpyxl.workbook.defined_name import DefinedName

    reference = f"{quote_sheetname(title)}!$A$1"
    for name, defined in list(book.defined_names.items()):
        if name.startswith(_PREFIX) and (name == _PREFIX + tag or defined.attr_text == reference):
            del book.defined_names[name]
    book.defined_names[_PREFIX + tag] = DefinedName(_PREFIX + tag, attr_text=reference, hidden=True)
