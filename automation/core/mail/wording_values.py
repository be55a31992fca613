"""What the placeholders of the admin's own words stand for in a mail: the same figures as the rest of it shows."""

from __future__ import annotations

from automation.core.config.mail_kinds import ALARM, SUMMARY
from automation.core.config.mail_wording import fill
from automation.core.config.values import Settings, Wording
from automation.core.figures.summary import SummaryFigures
from automation.core.figures.unit import ReminderFigures
from automation.core.mail.alarms import AlarmFigures
from automation.core.model.mail import OwnWords
from automation.core.text.vietnamese import rate_text

_SHIPPED = Wording()


def words_of_reminder(figures: ReminderFigures, kind: str, settings: Settings) -> OwnWords:
    """The admin's words for a mail of that kind to a unit."""
    return fill(
        settings.wordings.get(kind, _SHIPPED),
        {
            "chien_dich": figures.campaign,
            "co_quan": figures.issuer,
            "don_vi": figures.unit,
            "han": figures.deadline,
            "so_ngay": figures.days_left,
            "so_ngay_lam_viec": figures.working_days_left,
            "chi_tieu": rate_text(figures.target),
            "ty_le": rate_text(figures.rate),
            "tong_so": figures.counted,
            "da_xong": figures.done,
            "con_lai": figures.left,
            "can_sua": figures.to_correct,
            "chua_nhap": figures.not_entered,
        },
    )


def words_of_alarm(figures: AlarmFigures, settings: Settings) -> OwnWords:
    """The admin's words for the mail about rows that vanished."""
    return fill(
        settings.wordings.get(ALARM, _SHIPPED),
        {
            "chien_dich": figures.campaign,
            "co_quan": figures.issuer,
            "don_vi": figures.unit,
            "so_dong_truoc": figures.before,
            "so_dong_con": figures.now,
            "so_dong_mat": figures.gone,
        },
    )


def words_of_summary(figures: SummaryFigures, settings: Settings) -> OwnWords:
    """The admin's words for the summary."""
    tally = figures.overall.tally
    return fill(
        settings.wordings.get(SUMMARY, _SHIPPED),
        {
            "chien_dich": figures.campaign,
            "co_quan": figures.issuer,
            "han": figures.deadline,
            "so_ngay": figures.days_left,
            "chi_tieu": rate_text(figures.target),
            "ty_le": rate_text(figures.overall.rate),
            "tong_so": tally.counted,
            "da_xong": tally.done,
            "con_lai": tally.left,
            "so_don_vi": len(figures.units),
        },
    )
