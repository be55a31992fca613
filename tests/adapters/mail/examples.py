"""A reminder as the tests of the outbox and the transports know it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from automation.core.model.mail import Mail

NOW = datetime(2023, 4, 20, 8, 5, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def reminder(unit: str = "BV01", day: date = date(2023, 4, 20), rung: str = "truoc-7") -> Mail:
    return Mail(
        key=f"vneid-2023/{unit}/{rung}/{day.isoformat()}",
        kind="nhac-viec",
        unit=unit,
        rung=rung,
        day=day,
        to=("focal@example.org",),
        cc=("head@example.org",),
        sender="Phòng Tổ chức cán bộ <sender@example.org>",
        reply_to="reply@example.org",
        subject="[Nhắc việc] Bệnh viện Một: còn 12 người chưa hoàn thành định danh điện tử (hạn 30/04/2023)",
        text="Kính gửi: Bệnh viện Một\n\nCòn 12 người.\n",
        html="<p>Kính gửi: Bệnh viện Một</p>\n<p>Còn 12 người.</p>\n",
    )
