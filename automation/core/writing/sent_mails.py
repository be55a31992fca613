"""Tab `Thư đã gửi`: which of its cells have to change; the registry's `Nhắc gần nhất` changes with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from automation.core.config import tabs
from automation.core.config.whose_tabs import bot_tab
from automation.core.judging.judged import Judged
from automation.core.mail.sent_tab import SentLine, SentTab, about_to_go, line_of, merged, read_sent
from automation.core.model.mail import MailRecord
from automation.core.model.workbook import CellChange, Snapshot
from automation.core.reading.comparing import same
from automation.core.writing.dashboard import sheet_moment


def sent_mail_changes(
    snapshot: Snapshot, judged: Judged, history: Sequence[MailRecord], going: Sequence[MailRecord] = ()
) -> list[CellChange]:
    """What has to change so that the tab tells of every mail in `history` that was ever tried, and of those that are
    `going` to be handed over next.
    """
    sent = read_sent(bot_tab(snapshot, tabs.MAILS))
    zone = ZoneInfo(judged.config.settings.time_zone)
    names = {each.code: each.name for each in judged.standings}
    known = [line for record in history if (line := line_of(record, names, zone))]
    now = sheet_moment(judged.now, judged)
    return list(_changes(sent, merged([*known, *(about_to_go(each, names, now) for each in going)], sent.lines)))


def _changes(sent: SentTab, wanted: Sequence[SentLine]) -> Iterator[CellChange]:
    if sent.tab is None or sent.table is None:
        return
    first = sent.table.header_row + 1
    blank = (None,) * len(tabs.HEADERS[tabs.MAILS])
    for place in range(max(len(wanted), len(sent.tab.rows) - sent.table.header_row)):
        cells = wanted[place].cells if place < len(wanted) else blank
        for header, value in zip(tabs.HEADERS[tabs.MAILS], cells, strict=True):
            column = sent.table.columns.get(header)
            if column and not same(sent.tab.cell(first + place, column), value):
                yield CellChange(sent.tab.key, first + place, column, value)
