"""Links of worksheets: ours, known by what they say where the mouse rests on them, beside those of people."""

from __future__ import annotations

from lxml import etree
from openpyxl.utils.cell import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink

from automation.base.messages import text
from automation.core.model.layout import Link


def our_link(place: str, opens: Link) -> Hyperlink:
    """The link of the cell at that place. The cell holds what it holds."""
    tip = text("look.link_tip")
    if opens.address:
        return Hyperlink(ref=place, target=opens.address, tooltip=tip)
    return Hyperlink(ref=place, location=f"{quote_sheetname(opens.tab)}!A{opens.row}", tooltip=tip)


def drop_ours(links: etree._Element) -> None:
    """Leave the links of people alone: ours are drawn anew."""
    for link in list(links):
        if link.get("tooltip") == text("look.link_tip"):
            links.remove(link)
