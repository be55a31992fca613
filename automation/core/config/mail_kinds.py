"""The kinds of mail, each a folder below `templates/mail/`."""

from __future__ import annotations

SUMMARY = "tong-hop"
"""Kind of the summary to the personnel office."""


MAIL_TEMPLATES = ("cam-on", "im-lang", "nhac-viec", "qua-han", "thu-truong")
"""The kinds of reminder that are shipped, folders below `templates/mail/`."""


REFUSAL = "cau-hinh"
"""Kind and rung of the mail."""


ALARM = "mat-dong"
"""Kind and rung of the mail."""
