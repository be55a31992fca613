"""Tab `Thư đã gửi`: which of its cells have to change; the registry's `Nhắc gần nhất` changes with them."""

from __future__ import annotations

from collections.abc import Sequence

from automation.core.config import tabs
from automation.core.judging.judged import Judged
from automation.core.mail.sent_tab import Outcome, SentTab, about_to_go, line_of, merged
from automation.core.model.mail import MailRecord
from automation.core.model.workbook import CellChange
from automation.core.writing.journal import line_changes
from automation.core.writing.moments import sheet_moment


def sent_mail_changes(
    sent: SentTab, judged: Judged, history: Sequence[MailRecord], going: Sequence[MailRecord] = ()
) -> list[CellChange]:
    """What has to change so that the tab, as it was read, tells of every mail in `history` that was ever tried, or
    stood there as about to go, and of those that are `going` to be handed over next.
    """
    if sent.tab is None or sent.table is None:
        return []
    zone = judged.config.settings.zone
    names = judged.names
    begun = {line.key for line in sent.lines if line.outcome in (Outcome.SENDING, Outcome.QUEUED)}
    told = (line_of(record, names, zone, announced=record.key in begun) for record in history)
    known = [line for line in told if line]
    now = sheet_moment(judged.now, judged)
    kept = {record.key for record in history}
    present = [line if line.key in kept else line.no_longer_known for line in sent.lines]
    wanted = merged([*known, *(about_to_go(each, names, now) for each in going)], present)
    return list(line_changes(sent.tab, sent.table, tabs.HEADERS[tabs.MAILS], [line.cells for line in wanted]))
