"""What tab `Tổng hợp` shows, and its chart over the lines that the cycle writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from automation.adapters.config_files import default_tables
from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.figures.forecast import Forecast, Outlook
from automation.core.figures.history import History, Reading, read_history
from automation.core.figures.overall import Rated
from automation.core.figures.prospects import CampaignForecast
from automation.core.figures.summary import CampaignOutlook, UnitLine
from automation.core.layout.dashboard import dashboard_charts, dashboard_look
from automation.core.mail.recipients import Recipients
from automation.core.mail.send_calendar import ComingMail
from automation.core.model.layout import Link, Role, TabLook
from automation.core.model.units import Standing, Tally
from automation.core.model.workbook import Cell, Row, Tab
from automation.core.writing.changes import unit_line as line_1
from automation.core.writing.dashboard import dashboard_rows, outlook_places
from automation.core.writing.dashboard_lines import (
    CHART_LINES,
    COLUMNS,
    DAYS_OF_TREND,
    MOST_NAMED,
    MOST_ON_TOP,
    NOTE_ROOM,
    place_of,
    side_titles,
)
from automation.core.writing.outlook import beside, headline
from tests.workbooks import NOW, SOUND, config_with, judge_units, unit_line

FIELDS = default_tables()[tabs.FIELDS]
AT_DEADLINE = Reading(date(2023, 4, 30), 10, 5)
UNITS = {"mot": [SOUND], "hai": [], "ba": [SOUND]}


@pytest.mark.parametrize("off", [(), ("mien-hoan",), ("doi-tuong", "dang-vien"), ("kho-khan",)])
@pytest.mark.parametrize("days", [0, 3, 90])
def test_the_chart_is_drawn_over_the_days_so_far(days: int, off: tuple[str, ...]) -> None:
    judged = judge_units(UNITS, config=config_without(off))
    (chart,) = dashboard_charts()
    block = [
        [row[column - 1] if len(row) >= column else None for column in (chart.categories, *chart.series)]
        for row in dashboard_rows(judged, history=history_of(days))[chart.first_row - 1 : chart.last_row]
    ]
    assert block[0] == ["Ngày", "Hoàn thành" if days else "Hoàn thành (mới có một ngày)", "Chỉ tiêu"]
    known = [line for line in block[1:] if line != [None, None, None]]
    assert known == block[1 : len(known) + 1]
    assert len(known) == min(days + 1, DAYS_OF_TREND)
    assert known[-1] == [f"{NOW:%d/%m}", 1.0, 1.0]


def config_without(off: tuple[str, ...], units: Iterable[str] = UNITS) -> Config:
    used = tabs.HEADERS[tabs.FIELDS].index("Dùng")
    lines = ([*row[:used], "Không" if row[0] in off else row[used], *row[used + 1 :]] for row in FIELDS)
    return config_with([unit_line(code) for code in units], **{tabs.FIELDS: list(lines)})


def history_of(days: int) -> History:
    before = [NOW.date() - timedelta(days=ago) for ago in range(1, days + 1)]
    return read_history(tab_of_history([[day, "mot", "Đơn vị mot", 1, 0, 0, 0] for day in before]), "dot-1")


def tab_of_history(lines: list[Row]) -> Tab:
    return Tab(tabs.HISTORY, tabs.HISTORY, [tabs.HEADERS[tabs.HISTORY], *lines])


WITHOUT = [(), ("mien-hoan",), ("doi-tuong", "dang-vien", "kho-khan", "tinh-trang")]
SMALL_SCREEN = 31
"""Lines that 1366 to 768 pixels show."""


@pytest.mark.parametrize("off", WITHOUT)
def test_nothing_stands_where_the_chart_is(off: tuple[str, ...]) -> None:
    rows = dashboard_rows(judge_units(UNITS, config=config_without(off)))
    (chart,) = dashboard_charts()
    covered = rows[chart.row - 1 : chart.row - 1 + CHART_LINES]
    assert not any(cell for row in covered for cell in row[chart.column - 1 : chart.categories - 1])


@pytest.mark.parametrize("off", WITHOUT)
def test_what_matters_stands_on_the_first_screen(off: tuple[str, ...]) -> None:
    many = {f"u{number:02}": [SOUND] for number in range(40)}
    rows = dashboard_rows(judge_units(many, config=config_without(off, many)))[:SMALL_SCREEN]
    said = {str(cell) for row in rows for cell in row if cell}
    heads = {"THEO KẾT QUẢ", "TOÀN NGÀNH", "XẾP HẠNG", "NGUY CƠ KHÔNG KỊP HẠN (tốc độ hiện nay)", "THƯ SẮP GỬI"}
    assert heads <= said
    assert ("KHÓ KHĂN, VƯỚNG MẮC" in said) is ("kho-khan" not in off)
    assert sum("1. u" in each for each in said) == 10
    assert "Và 30 đơn vị nữa, xem bảng xếp hạng ở dưới" in said


@pytest.mark.parametrize(
    ("days_late", "head"),
    [(0, "NGUY CƠ KHÔNG KỊP HẠN (tốc độ hiện nay)"), (1, "ĐÃ QUÁ HẠN, CHƯA ĐẠT (tốc độ hiện nay)")],
)
def test_who_is_late_is_at_no_risk_of_it(days_late: int, head: str) -> None:
    now = datetime(2023, 4, 30, 8, tzinfo=NOW.tzinfo) + timedelta(days_late)
    said = {str(cell) for row in dashboard_rows(judge_units(UNITS, now=now)) for cell in row if cell}
    assert [each for each in said if "tốc độ hiện nay)" in each] == [head]
    assert head in side_titles()


@pytest.mark.parametrize(("late", "still", "no_data"), [(20, 13, 24), (20, 0, 0), (0, 55, 44), (0, 0, 0), (41, 99, 99)])
def test_what_is_said_of_the_others_at_risk_fits_on_the_paper(late: int, still: int, no_data: int) -> None:
    """ "Và 17 đơn vị nữa; 13 đơn vị không có …; 24 đơn vị …" was cut at the right edge, figures and all."""
    unit = Rated("Đơn vị mot", Tally(9, 9, 0), 100.0)
    line = UnitLine(1, unit, Standing("mot", "Đơn vị mot"), Forecast(Outlook.LATE))
    outlook = CampaignOutlook((), CampaignForecast(Outlook.NO_DAY, without_data=no_data), (line,) * late, still, ())
    said = list(beside(outlook, {}, [], is_overdue=False, asks_difficulties=False))[1:-1]
    looks = dashboard_look(config_with([unit_line("mot")]), None, Link(tabs.REGISTRY)).columns
    room = sum(look.width for look in looks[COLUMNS.index("note") :])
    assert [line for line in said if len(line) > room] == []
    for figure in (late - MOST_NAMED, still, no_data):
        assert figure <= 0 or any(f"{figure} đơn vị" in line for line in said)


@pytest.mark.parametrize("off", WITHOUT)
@pytest.mark.parametrize("count", [1, 12, 60])
def test_links_reach_to_the_end_of_the_ranking_and_hardly_below_the_last_line(count: int, off: tuple[str, ...]) -> None:
    """Their formulas went down to line 400, and paper showed blank pages for them."""
    many = {f"u{number:02}": [SOUND] for number in range(count)}
    config = config_without(off, many)
    rows = dashboard_rows(judge_units(many, config=config))
    last_unit = max(place for place, row in enumerate(rows, 1) if row and str(row[0]).startswith("Đơn vị u"))
    look = dashboard_look(config, None, Link(tabs.REGISTRY))
    last_link = max(row for row, column, _ in look.values if column == place_of("open"))
    assert last_unit <= last_link <= len(rows) + 2


LONG = "Trung tâm Kiểm soát bệnh tật, Truyền thông giáo dục sức khỏe và Dân số thành phố"
ADDRESSES = tuple(
    f"{name}.trung-tam-kiem-soat-benh-tat@example.org" for name in ("dau-moi", "pho-dau-moi", "thu-truong")
)


def test_mails_to_come_are_told_in_lines_that_nothing_cuts() -> None:
    """Names ran under the moments, and addresses in copy over the edge of the paper."""
    why = "từ hạn, 2 ngày làm việc một lần, tối đa 6 lần"
    to_all = Recipients(ADDRESSES[:2], ADDRESSES[2:])
    coming = [ComingMail(NOW, "mot", LONG, "qua-han", "qua-han", why, to) for to in (to_all, Recipients((), ()))]
    rows = [dict(zip(COLUMNS, row, strict=False)) for row in dashboard_rows(judge_units(UNITS), coming)]
    head = next(place for place, row in enumerate(rows) if str(row.get("label")).startswith("LỊCH GỬI"))
    lines = rows[head + 1 :]
    widths = {look.column: look.width for look in looks_of(config_without(())).columns if not look.hidden}
    room = {
        "errors": sum(widths[place_of(column)] for column in ("done", "left", "rate", "errors")),
        "note": sum(width for column, width in widths.items() if column >= place_of("note")),
    }
    for column, letters in room.items():
        assert [line for line in lines if len(str(line[column] or "")) > letters] == []
    assert [line["label"] for line in lines if line["label"]] == [LONG, LONG]
    assert [bool(line["label"]) for line in lines] == [bool(line["counted"]) for line in lines]
    said = {column: " ".join(str(line[column]) for line in lines if line[column]) for column in room}
    assert said["errors"] == f"{why} {why}"
    assert all(address in said["note"].replace(";", "").replace(",", "").split() for address in ADDRESSES)


def test_long_names_break_within_their_cells() -> None:
    """Two centres could not be told apart: their names were cut at the figures beside them."""
    look = looks_of(config_without(()))
    assert [each.column for each in look.columns if each.wrap] == [place_of("label")]
    on_top = {cell.row for cell in look.cells if (cell.column, cell.role) == (place_of("note"), Role.TEXT)}
    ranked = [row for row, cells in enumerate(dashboard_rows(judge_units(UNITS)), 1) if "1. " in str(cells)]
    assert len(on_top) == MOST_ON_TOP
    assert set(ranked) <= on_top


def test_the_tab_is_no_wider_than_a_small_screen() -> None:
    """LibreOffice without Excel's fonts takes 8.4 pixels for a character."""
    assert sum(look.width for look in looks_of(config_without(())).columns if not look.hidden) * 8.4 < 1330


def looks_of(config: Config) -> TabLook:
    return dashboard_look(config, None, Link(tabs.REGISTRY))


@pytest.mark.parametrize("days_late", [0, 1])
def test_notes_of_units_fit_on_the_paper(days_late: int) -> None:
    now = datetime(2023, 4, 30, 8, tzinfo=NOW.tzinfo) + timedelta(days_late)
    units: dict[str, list[dict[str, Cell]]] = {"mot": [SOUND | {"Ngày sinh": None}], "hai": []}
    config = config_with([unit_line(code, headcount=None) for code in units])
    rows = [dict(zip(COLUMNS, row, strict=False)) for row in dashboard_rows(judge_units(units, config=config, now=now))]
    notes = [str(row["note"]) for row in rows if str(row.get("label")).startswith("Đơn vị ") and row["note"]]
    assert len(notes) == 2
    assert max(map(len, notes)) <= NOTE_ROOM * 1.1  # most letters are narrower than digits


def test_of_units_of_unknown_size_at_least_so_many_are_left() -> None:
    """A bare 1 stood in the column, and the note beside it said "at least"."""
    waiting = SOUND | {"Tình trạng tài khoản": "Đã duyệt, chưa kích hoạt"}
    judged = judge_units({"mot": [waiting], "hai": [SOUND], "ba": [waiting]}, headcounts={"ba": 1})
    rows = [dict(zip(COLUMNS, row, strict=False)) for row in dashboard_rows(judged)]
    left = {str(row["label"]): row["left"] for row in rows if row.get("left")}
    assert {name: left[f"Đơn vị {name}"] for name in ("mot", "hai", "ba")} == {"mot": "≥1", "hai": "chưa rõ", "ba": 1}
    assert left["Người phải thực hiện"] == "≥2"
    top = {str(row["note"]).partition(". ")[2]: row["top_left"] for row in rows if row.get("top_left")}
    assert set(top.values()) == {"Còn lại", "≥1", "chưa rõ", 1}


def test_the_steps_go_from_done_to_those_who_are_not_entered() -> None:
    rows = dashboard_rows(judge_units(UNITS, headcounts={"mot": 9}))
    head = next(place for place, row in enumerate(rows) if row and row[0] == "THEO KẾT QUẢ")
    labels = [str(row[0]) for row in rows[head + 1 : head + 20] if row]
    steps = ["Hoàn thành", "Đã kích hoạt, chưa đăng nhập", "Đã duyệt, chưa kích hoạt", "Không được duyệt"]
    steps += ["Đang chờ duyệt", "Đang chờ thẻ", "Có thẻ, chưa đăng ký", "Chưa có thẻ gắn chíp", "Chưa khai báo"]
    steps += ["Tạm hoãn", "Không thuộc đối tượng", "Đã khai báo, chưa có trong danh sách"]
    assert [label for label in labels if label in steps] == steps


@pytest.mark.parametrize(
    ("done", "rate", "bar"), [(0, "▼ 0,0\u00a0%", None), (1, "▼ 25,0\u00a0%", "██▌"), (4, "✔ 100\u00a0%", "█" * 10)]
)
def test_a_rate_has_a_sign_and_a_bar(done: int, rate: str, bar: str | None) -> None:
    judged = judge_units({"mot": [SOUND] * done}, config=config_without_duplicates(4))
    line = next(row for row in dashboard_rows(judged) if row and row[0] == "Đơn vị mot")
    assert (line[COLUMNS.index("rate")], line[COLUMNS.index("bar")]) == (rate, bar)


@pytest.mark.parametrize(("headcount", "says_unknown"), [(None, True), (5, False), (0, False)])
def test_of_whom_nobody_knows_how_many_there_are_nobody_is_said_to_be_done(
    headcount: int | None, says_unknown: bool
) -> None:
    judged = judge_units({"mot": []}, config=config_with([unit_line("mot", headcount=headcount)]))
    line = next(row for row in dashboard_rows(judged) if row and row[0] == "Đơn vị mot")
    note = str(line[COLUMNS.index("note")])
    assert note.startswith("Chưa nhập danh sách")
    assert ("chưa rõ còn bao nhiêu người" in note) is says_unknown


@pytest.mark.parametrize("known", [True, False])
def test_old_figures_are_called_old_also_where_the_ranking_stands_in_sight(known: bool) -> None:
    """They may be those of a unit that was through before its tab was deleted."""
    judged = judge_units({"mot": [SOUND]}, config=config_without_duplicates(1))
    [unit] = judged.standings
    old = replace(judged, standings=(replace(unit, known=known, as_of=None if known else judged.now),))
    beside = [str(row[COLUMNS.index("note")]) for row in dashboard_rows(old) if row]
    assert sum(note.endswith("(số liệu cũ)") for note in beside) == (not known)


def config_without_duplicates(headcount: int) -> Config:
    rules = [row for row in default_tables()[tabs.RULES] if "trung" not in str(row[0])]
    return config_with([unit_line("mot", headcount=headcount)], **{tabs.RULES: rules})


def test_what_time_alone_changes_is_no_reason_to_write() -> None:
    judged = judge_units(UNITS)
    rows = dashboard_rows(judged, history=history_of(3))
    later = dashboard_rows(replace(judged, now=judged.now + timedelta(hours=5)), history=history_of(3))
    width = max(map(len, (*rows, *later)))
    filled = ([[*row, *[None] * (width - len(row))] for row in each] for each in (rows, later))
    changed = {
        (n, column)
        for n, (before, after) in enumerate(zip(*filled, strict=True), 1)
        for column, (one, other) in enumerate(zip(before, after, strict=True), 1)
        if one != other
    }
    assert (2, 1) in changed
    assert changed <= outlook_places(rows)


def test_thousands_are_written_as_everywhere_else() -> None:
    judged = judge_units({"a": []}, now=datetime(2023, 5, 2, 8, tzinfo=NOW.tzinfo), headcounts={"a": 1234})
    assert any("còn 1.234 người" in str(cell) for row in dashboard_rows(judged) for cell in row)
    (standing,) = judged.standings
    assert "(0/1.234 người) · còn 1.234 người" in line_1(standing, judged)
    assert any("còn 1.234 người" in note for note in standing.notes)


@pytest.mark.parametrize(
    ("forecast", "leads"),
    [
        (CampaignForecast(Outlook.REACHED), ""),
        (
            CampaignForecast(Outlook.LATE, reached_on=date(2023, 5, 20), days_late=20, at_deadline=AT_DEADLINE),
            "; theo tốc độ hiện nay, đơn vị cuối cùng đạt chỉ tiêu ngày 20/05/2023, chậm 20 ngày",
        ),
        (
            CampaignForecast(Outlook.NO_DAY, standing_still=16, too_far=2, without_data=1, at_deadline=AT_DEADLINE),
            "; 19 đơn vị chưa dự báo được ngày đạt; theo tốc độ hiện nay, đến hạn ước đạt 50,0\N{NO-BREAK SPACE}%",
        ),
        (CampaignForecast(Outlook.NO_DAY, standing_still=16), "; 16 đơn vị chưa dự báo được ngày đạt"),
    ],
)
def test_the_headline_says_where_units_have_no_day(forecast: CampaignForecast, leads: str) -> None:
    said = headline(judge_units(UNITS), CampaignOutlook((), forecast, (), 0, ()))
    assert said.partition("người)")[2].partition("người")[2] == leads
