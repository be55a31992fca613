"""What travels with a summary: the picture that its HTML shows, its tables as .xlsx, the draft report as .docx."""

from __future__ import annotations

import gc
from collections.abc import Callable

from automation.core.config.mail_kinds import SUMMARY
from automation.core.figures.summary import SummaryFigures
from automation.core.model.mail import Attachment

PICTURE_ID = "xu-huong"
"""Content-ID of the picture."""

_OFFICE = "application/vnd.openxmlformats-officedocument"


def summary_attachments(figures: SummaryFigures) -> tuple[Attachment, ...]:
    """The files of that day's summary; without the picture where there is no course to draw yet."""
    # What writes them takes a second to load, and is needed once a day.
    from automation.adapters.documents.draft_report import report_document
    from automation.adapters.documents.trend_picture import can_be_drawn, trend_picture
    from automation.adapters.documents.workbook import summary_workbook

    day = figures.as_of.date().isoformat()
    tables, report = _alone(summary_workbook, figures), _alone(report_document, figures)
    files = (
        Attachment(f"tong-hop-{day}.xlsx", f"{_OFFICE}.spreadsheetml.sheet", tables),
        Attachment(f"du-thao-bao-cao-{day}.docx", f"{_OFFICE}.wordprocessingml.document", report),
    )
    if not can_be_drawn(figures):
        return files
    return (Attachment(f"{PICTURE_ID}.png", "image/png", _alone(trend_picture, figures), PICTURE_ID), *files)


def _alone(make: Callable[[SummaryFigures], bytes], figures: SummaryFigures) -> bytes:
    """A file made without the documents of those before it, which refer to themselves and would outlive it: a worker
    keeps for months what it once needed at its fullest.
    """
    gc.collect()
    return make(figures)


ATTACHMENTS = {SUMMARY: summary_attachments}
"""Kind of mail -> what travels with it."""
