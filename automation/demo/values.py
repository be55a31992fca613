"""The fields and list values that made-up rows are filled with, as the default config tabs spell them."""

from __future__ import annotations

from typing import TypeAlias

from automation.core.model.workbook import Cell

DemoRow: TypeAlias = dict[str, Cell]
"""One line of a unit's table: every code of `FIELDS` with its cell, None where nothing is typed."""

FIELDS = (
    "stt",
    "ho-ten",
    "ngay-sinh",
    "gioi-tinh",
    "cccd",
    "doi-tuong",
    "dang-vien",
    "khoa-phong",
    "dien-thoai",
    "the",
    "ngay-cap",
    "muc",
    "tinh-trang",
    "ngay-kich-hoat",
    "mien-hoan",
    "hoan-den",
    "kho-khan",
)

MALE, FEMALE = "Nam", "Nữ"
YES, NO = "Có", "Không"

CIVIL_SERVANT, PUBLIC_EMPLOYEE, CONTRACT_WORKER = "Công chức", "Viên chức", "Người lao động"

CARD_HELD = "Đã có"
CARD_PENDING = "Đã làm, chờ cấp"
CARD_NOT_STARTED = "Chưa làm"
CARD_TO_CHANGE = "Mất, hỏng, cần đổi"

LEVEL_1, LEVEL_2 = "Mức 1", "Mức 2"

NOT_REGISTERED = "Chưa đăng ký"
AWAITING_APPROVAL = "Đã đăng ký, chờ duyệt"
REJECTED = "Không được duyệt"
APPROVED = "Đã duyệt, chưa kích hoạt"
ACTIVATED = "Đã kích hoạt, chưa đăng nhập"
LOGGED_IN = "Đã kích hoạt và đăng nhập"

LEFT = "Đã nghỉ việc, chuyển công tác"
RETIRED = "Đã nghỉ hưu"
SECONDED = "Biệt phái đến"
FOREIGNER = "Người nước ngoài"
ABROAD = "Đang ở nước ngoài"
LONG_LEAVE = "Nghỉ dài ngày theo chế độ"
STUDYING = "Đi học dài hạn trong nước"
PAPERS_PENDING = "Chờ cấp lại, đính chính giấy tờ"

OUT_OF_SCOPE = frozenset({LEFT, RETIRED, SECONDED, FOREIGNER})

NO_SMARTPHONE = "Không có điện thoại thông minh"
NUMBER_CHANGED = "Đổi số điện thoại"
BORROWED_SIM = "SIM không chính chủ"
APPROVAL_OVERDUE = "Chờ duyệt quá hạn"
APP_ERROR = "Lỗi ứng dụng"
WRONG_CARD_DETAILS = "Sai thông tin trên thẻ"
NO_SESSION = "Chưa có đợt làm lưu động"
OTHER = "Khác"

TOTALS = ("Tổng", "Tổng cộng", "Tổng số", "Cộng")


def empty_row() -> DemoRow:
    """A line in which nothing is typed."""
    return dict.fromkeys(FIELDS)
