"""Names of the tabs and of the columns that the bot itself looks for.

Input columns of a unit's tab are not here: they are rows of tab `Cột dữ liệu`. Those of the registry are rows of
`registry.py`.
"""

from __future__ import annotations

from typing import Final

from automation.core.config import registry

GUIDE: Final = "Hướng dẫn"
SETTINGS: Final = "Cấu hình"
FIELDS: Final = "Cột dữ liệu"
LISTS: Final = "Danh mục"
RULES: Final = "Quy tắc"
STATUSES: Final = "Trạng thái"
PART_RATES: Final = "Chỉ số"
DOCUMENTS: Final = "Văn bản"
LADDER: Final = "Nhắc việc"
REGISTRY: Final = "Đơn vị"
DASHBOARD: Final = "Tổng hợp"
HISTORY: Final = "Lịch sử"
JOURNAL: Final = "Nhật ký"
MAILS: Final = "Thư đã gửi"

HEADERS: Final[dict[str, tuple[str, ...]]] = {
    SETTINGS: ("Mục", "Giá trị", "Giải thích"),
    FIELDS: ("Mã", "Tiêu đề", "Tên khác", "Kiểu", "Danh mục", "Bắt buộc", "Dùng", "Hướng dẫn nhập"),
    LISTS: ("Danh mục", "Giá trị", "Cách viết khác", "Tính"),
    RULES: ("Mã", "Chế độ", "Mức độ", "Cột", "Phép kiểm tra", "Tham số", "Khi", "Thông báo"),
    STATUSES: ("Thứ tự", "Mã", "Trạng thái", "Khi", "Tính", "Việc cần làm", "Màu"),
    PART_RATES: ("Mã", "Tên", "Khi"),
    DOCUMENTS: ("Số", "Ngày", "Trích yếu", "Hiệu lực từ", "Hiệu lực đến"),
    LADDER: ("Mã", "Chế độ", "Khi gửi", "Điều kiện", "Gửi tới", "Mẫu thư"),
    REGISTRY: tuple(column.header for column in registry.FILLED_IN),
    HISTORY: ("Ngày", "Mã", "Đơn vị", "Tổng số", "Hoàn thành", "Tỷ lệ", "Ngoài diện", "Mã chiến dịch"),
    JOURNAL: ("Thời điểm", "Loại", "Nơi", "Nội dung"),
    MAILS: ("Thời điểm", "Mã", "Đơn vị", "Gửi tới", "Mẫu thư", "Mức", "Lý do", "Kết quả", "Ghi chú", "Mã thư"),
}

REGISTRY_COMPUTED: Final = tuple(column.header for column in registry.COMPUTED)

CONFIG_MARKS: Final = "Lỗi cấu hình"
"""Computed column of the config tabs: what is wrong with the row. It is never read as configuration."""

CONFIG_TABS: Final = (SETTINGS, FIELDS, LISTS, RULES, STATUSES, PART_RATES, DOCUMENTS, LADDER, REGISTRY)
"""Tabs that together make the configuration, in the order in which they are read."""

BOT_TABS: Final = (GUIDE, *CONFIG_TABS, DASHBOARD, HISTORY, JOURNAL, MAILS)
WRITTEN_TABS: Final = tuple(title for title in BOT_TABS if title not in CONFIG_TABS)
"""What the bot alone fills in."""

CONFIG_FILES: Final = {
    SETTINGS: "cau-hinh.csv",
    FIELDS: "cot-du-lieu.csv",
    LISTS: "danh-muc.csv",
    RULES: "quy-tac.csv",
    STATUSES: "trang-thai.csv",
    PART_RATES: "chi-so.csv",
    DOCUMENTS: "van-ban.csv",
    LADDER: "nhac-viec.csv",
    REGISTRY: "don-vi.csv",
}
"""The shipped default of each config tab, a file in `config/`."""
