"""The kinds of mail, each a row here and a folder below `templates/mail/`: what its figures tell of, when it goes, what
stands in for texts that its folder lacks, what the admin's own words for it may speak of.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Final, TypeAlias

from msgspec import Struct, field

from automation.core.reading.cells import clean, fold

Value: TypeAlias = str | int | date
Values: TypeAlias = Mapping[str, Value]
"""Placeholder -> what it stands for: numbers can be compared, all of them are written as Vietnamese writes them."""


class Part(Enum):
    """What of a mail can be worded anew. The values begin the `Mục` that holds the words."""

    SUBJECT = "Tiêu đề thư"
    OPENING = "Mở đầu thư"
    CLOSING = "Kết thúc thư"


class Tells(Enum):
    """What the figures of a mail tell of; how they are made stands in `mail/mail_figures.py`."""

    UNIT = "unit"
    ALL_UNITS = "all units"
    LOST_ROWS = "lost rows"
    UNREADABLE_TAB = "a tab that cannot be read"
    REFUSED_CONFIG = "refused configuration"
    LEFT_OVER = "left-over values"
    ADMIN_TASKS = "what waits for the admin"


REMINDER: Final = "nhac-viec"
SUMMARY: Final = "tong-hop"
REFUSAL: Final = "cau-hinh"
LEFT_OVER: Final = "cot-da-tat"
ADMIN_TASKS: Final = "quan-tri"
ALARM: Final = "mat-dong"
UNREADABLE: Final = "chua-doc-duoc"
"""The kinds that the program asks for by name. The last five are also the rungs under which such mails are queued."""
REDIRECTED: Final = "xem-thu"
"""The kind of a mail that was asked for and goes to somebody else: no unit was reminded by it."""
BY_HAND: Final = "thu-cong"
"""The rung of a mail that a person asked for. To the unit it counts as any reminder: it settles what fell due."""
TO_ADMIN: Final = frozenset({REFUSAL, LEFT_OVER, ADMIN_TASKS})


class MailKind(Struct, frozen=True):
    """One kind of mail. `samples`: its placeholders with figures to try a text on; without any it cannot be worded."""

    code: str
    """Also the name of its folder."""
    tells: Tells
    of_ladder: bool = False
    """Whether a rung of `Nhắc việc` may ask for it; all others have an occasion of their own."""
    falls_back_to: str | None = None
    """The kind whose templates are taken where the folder has none."""
    samples: Values = field(default_factory=dict)


_CAMPAIGN: Values = {"chien_dich": "Định danh điện tử", "co_quan": "Sở Y tế"}
_OF_A_UNIT: Values = {
    **_CAMPAIGN,
    "don_vi": "Bệnh viện A",
    "han": date(2023, 4, 30),
    "so_ngay": 10,
    "so_ngay_lam_viec": 7,
    "chi_tieu": "100 %",
    "ty_le": "62,5 %",
    "tong_so": 1200,
    "da_xong": 750,
    "con_lai": 450,
    "can_sua": 12,
    "chua_nhap": 3,
}
_OF_LOST_ROWS: Values = {
    **_CAMPAIGN,
    "don_vi": "Bệnh viện A",
    "so_dong_truoc": 1200,
    "so_dong_con": 40,
    "so_dong_mat": 1160,
}
_OF_ALL_UNITS: Values = {
    **_CAMPAIGN,
    "han": date(2023, 4, 30),
    "so_ngay": 10,
    "chi_tieu": "100 %",
    "ty_le": "62,5 %",
    "tong_so": 19876,
    "da_xong": 12422,
    "con_lai": 7454,
    "so_don_vi": 80,
}


def _rung(code: str) -> MailKind:
    return MailKind(code, Tells.UNIT, of_ladder=True, falls_back_to=REMINDER, samples=_OF_A_UNIT)


_KINDS = (
    _rung("bat-dau"),
    _rung("cam-on"),
    _rung("im-lang"),
    _rung(REMINDER),
    _rung("qua-han"),
    _rung("thu-truong"),
    MailKind(ALARM, Tells.LOST_ROWS, samples=_OF_LOST_ROWS),
    MailKind(UNREADABLE, Tells.UNREADABLE_TAB),
    MailKind(SUMMARY, Tells.ALL_UNITS, samples=_OF_ALL_UNITS),
    MailKind(REFUSAL, Tells.REFUSED_CONFIG),
    MailKind(LEFT_OVER, Tells.LEFT_OVER),
    MailKind(ADMIN_TASKS, Tells.ADMIN_TASKS),
)

MAIL_KINDS: Final[Mapping[str, MailKind]] = {kind.code: kind for kind in _KINDS}

MAIL_TEMPLATES: Final = tuple(kind.code for kind in _KINDS if kind.of_ladder)
"""What `Mẫu thư` of a rung may name."""

SAMPLES: Final[Mapping[str, Values]] = {kind.code: kind.samples for kind in _KINDS if kind.samples}
"""The kinds that the admin can word, with their placeholders and figures to try a text on."""


def read_name(setting: str) -> tuple[Part, str] | None:
    """Which text of which kind of mail a `Mục` holds, the kind as typed; None for any other setting."""
    folded = fold(setting)
    for part in Part:
        if folded.startswith(f"{fold(part.value)} "):
            return part, clean(setting)[len(part.value) :].strip().lower()
    return None
