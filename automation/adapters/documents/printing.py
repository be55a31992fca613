"""How a table of a made file prints."""

from __future__ import annotations

from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from automation.base.messages import text


def set_up_printing(drawn: Worksheet, title: str) -> None:
    """A4 landscape, all columns on a page, the header on every page."""
    drawn.page_setup.orientation = "landscape"
    drawn.page_setup.paperSize = "9"
    drawn.page_setup.fitToWidth, drawn.page_setup.fitToHeight = 1, 0
    drawn.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    drawn.print_title_rows = "1:1"
    margins = drawn.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.7, 0.6, 0.3, 0.3
    header = f"{drawn.title}. {title}".replace("&", "&&")
    drawn.HeaderFooter.oddHeader = HeaderFooterItem(center=_HeaderFooterPart(header, size=9))
    drawn.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text("summary_workbook.page"), size=9))
