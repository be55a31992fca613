"""The campaign of April 2023 as the tests of mails know it, and the ladder that comes with the package."""

from __future__ import annotations

import csv
from datetime import date, time

from automation.base.paths import CONFIG
from automation.core.config.ladder import Rung, read_recipients, read_rung_condition, read_rung_due
from automation.core.config.values import Settings
from automation.core.model.units import Mode

SETTINGS = Settings(
    campaign="Định danh điện tử",
    campaign_code="vneid-2023",
    issuer="Sở Y tế",
    legal_basis="",
    deadline=date(2023, 4, 30),
    target=100.0,
    time_zone="Asia/Ho_Chi_Minh",
    level_required="Mức 1",
    card_counts=("Đã có",),
    max_deferral_days=180,
    mail_mode_real=True,
    test_address="test@example.org",
    mail_from="sender@example.org",
    reply_to="reply@example.org",
    mail_hours=(time(8), time(16, 30)),
    extra_days_off=frozenset(),
    extra_working_days=frozenset(),
    summary_to=("hr@example.org",),
    summary_cc=(),
    summary_time=time(8),
    admin_address="admin@example.org",
    contact="",
    police_contact="",
    names_in_mail=True,
    cycle_minutes=15,
    silent_days=7,
)


def rung(code: str, due: str, condition: str = "Tỷ lệ < chỉ tiêu", to: str = "đầu mối", mode: Mode = Mode.ON) -> Rung:
    return read_rung(code, mode, due, condition, to, "nhac-viec")


def read_rung(code: str, mode: Mode, due: str, condition: str, to: str, template: str) -> Rung:
    """The rung of a line of `Nhắc việc` that can be read."""
    when, bound, recipients = read_rung_due(due), read_rung_condition(condition), read_recipients(to)
    assert not (isinstance(when, str))
    assert not (isinstance(bound, str))
    assert not (isinstance(recipients, str))
    return Rung(code, mode, when, bound, recipients, template, due)


def default_ladder(*, kick_off: bool = False) -> tuple[Rung, ...]:
    """The rows of `config/nhac-viec.csv`; the kick-off, which comes before all others, where it is asked for."""
    with open(CONFIG / "nhac-viec.csv", encoding="utf-8", newline="") as file:
        return tuple(
            read_rung(
                row["Mã"],
                Mode(row["Chế độ"]),
                row["Khi gửi"],
                row["Điều kiện"],
                row["Gửi tới"],
                row["Mẫu thư"],
            )
            for row in csv.DictReader(file)
            if kick_off or row["Mã"] != "bat-dau"
        )
