"""What the bot keeps of people is shown, removed and certified, and nothing of it is left: killed anywhere too."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from contextlib import closing
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from openpyxl import load_workbook

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.holdings import outlived_files
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.records.copying import CopyKeeper
from automation.base.errors import CannotStart
from automation.core.config import tabs
from automation.core.records.purging import Holding
from tests.app.records.desk import NAMES, NUMBERS, PHONES, Desk
from tests.app.records.office import MORNING, UNIT, Office, settle
from tests.commands import Run
from tests.patience import HANG_SECONDS


def test_nothing_of_anybody_is_left(desk: Desk) -> None:
    assert [desk.found(planted) for planted in (NAMES, NUMBERS, PHONES)] == [50, 50, 50]
    before = desk.path.read_bytes()
    shown = desk.purge(applies=False)
    assert shown.counts is not None
    assert {kind for kind, number in shown.counts.items() if number} >= {
        Holding.COPIES,
        Holding.PREVIEWS,
        Holding.CONFIG,
    }
    assert desk.path.read_bytes() == before
    assert desk.found(NUMBERS) == 50
    done = desk.purge()
    assert (done.problems, done.counts) == ((), shown.counts)
    assert [desk.found(planted) for planted in (NAMES, NUMBERS, PHONES)] == [0, 0, 0]
    with closing(desk.state) as store:
        assert store.unit_records()[UNIT].standing.rows == 50, "the figures stay"
        assert store.mail_history(), "or else units were mailed twice"


def test_a_certificate_says_what_and_when_and_by_whom(desk: Desk) -> None:
    done = desk.purge()
    assert done.certificate is not None
    said = done.certificate.read_text("utf-8")
    assert "Người xóa: lan" in said
    assert "08:00 20/04/2023" in said
    journal = load_workbook(desk.path)[tabs.JOURNAL].iter_rows(values_only=True)
    lines = [row for row in journal if row[1] == "Xóa dữ liệu"]
    assert [row[2] for row in lines] == [done.certificate.name]
    assert desk.purge().certificate is None, "nothing was left"


def test_removals_of_one_second_have_a_certificate_each(desk: Desk) -> None:
    done = [desk.purge(unit=UNIT).certificate, desk.purge().certificate]
    said = [each.read_text("utf-8") for each in done if each]
    assert (len(set(done)), len(set(said))) == (2, 2)
    journal = load_workbook(desk.path)[tabs.JOURNAL].iter_rows(values_only=True)
    assert {row[2] for row in journal if row[1] == "Xóa dữ liệu"} == {each.name for each in done if each}


def test_of_one_unit_the_others_keep_theirs(desk: Desk) -> None:
    (desk.folder / "mails").mkdir(exist_ok=True)
    other = desk.folder / "mails" / "2023-04-20_nhac-viec_hai_0.eml"
    other.write_text("của đơn vị khác", "utf-8")
    desk.purge(unit=UNIT)
    assert not desk.copies.notes(UNIT)
    assert desk.found(NUMBERS) == desk.found(PHONES) == 0
    assert other.exists()


def test_the_certificate_of_a_unit_or_field_names_what_stays_and_where(desk: Desk) -> None:
    backup = desk.path.with_name("so (trước khi init).xlsx")
    backup.write_bytes(desk.path.read_bytes())
    damaged = desk.folder / "state-20230420-080000.sqlite3.damaged"
    damaged.write_bytes(b"not read any more")
    for asked, told in (
        ({"unit": UNIT}, {Holding.COPIES, Holding.CONFIG, Holding.SET_ASIDE, Holding.BACKUPS}),
        ({"field": "Số CCCD"}, {Holding.SET_ASIDE, Holding.BACKUPS}),
    ):
        shown = desk.purge(applies=False, **asked)
        desk.work()
        done = desk.purge(**asked)
        assert shown.stays.keys() == done.stays.keys() == told
        assert done.certificate is not None
        said = done.certificate.read_text("utf-8")
        assert "không còn dữ liệu" not in said
        assert "1 bản sao bảng tính (tên có “trước khi init”), cạnh tệp .xlsx" in said
        assert ("state.sqlite3" in said) == (Holding.CONFIG in told)
        done.certificate.unlink()
    everything = desk.purge()
    assert everything.certificate is not None
    assert "không còn dữ liệu" in everything.certificate.read_text("utf-8")
    assert not backup.exists()
    assert not damaged.exists()


def test_every_backup_goes_also_behind_one_that_somebody_removed(desk: Desk) -> None:
    names = ("so (trước khi init 2).xlsx", "so (trước khi init 11).xlsx")
    for name in (*names, "so (trước khi init x).xlsx", "xso (trước khi init).xlsx"):
        desk.path.with_name(name).write_bytes(b"")
    assert (desk.purge().counts or {})[Holding.BACKUPS] == 2
    left = [path.name for path in desk.path.parent.glob("*init*")]
    assert sorted(left) == ["so (trước khi init x).xlsx", "xso (trước khi init).xlsx"]


def test_of_one_field_the_copies_keep_the_others(desk: Desk) -> None:
    desk.purge(field="Điện thoại")
    assert [desk.found(planted) for planted in (NUMBERS, PHONES)] == [50, 0]
    with pytest.raises(CannotStart, match="dien-thoai"):
        desk.purge(field="lương")


def test_what_was_kept_long_enough_goes_by_itself_and_the_journal_says_so(desk: Desk) -> None:
    desk.leave(5)
    desk.path.touch()
    folders = desk.folder / "mails", desk.folder / "previews"
    mails = sum(1 for folder in folders for _ in folder.glob("*.eml"))
    old, new = (desk.path.with_name(f"so (trước khi init{which}).xlsx") for which in ("", " 2"))
    for backup, age in ((old, 0), (new, 50)):
        backup.write_bytes(b"everything")
        os.utime(backup, times=((MORNING + timedelta(days=age)).timestamp(),) * 2)
    for days in (7, 60, 60):
        keeper = CopyKeeper(desk.copies, partial(outlived_files, folders, desk.path))
        with closing(desk.state) as store:
            run_cycle(
                ExcelWorkbook(desk.path), store, None, standing_clock(MORNING + timedelta(days=days)), keeper=keeper
            )
    assert desk.found(NUMBERS) == 5, "what the tab says still"
    assert not [path for folder in folders for path in folder.iterdir()]
    journal = load_workbook(desk.path)[tabs.JOURNAL].iter_rows(values_only=True)
    (said,) = [row[3] for row in journal if row[1] == "Hết hạn lưu"]
    assert f"{mails} tệp thư, 1 bản sao bảng tính" in str(said)
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.slow
def test_a_unit_that_the_workbook_names_no_more_can_be_purged_alone(desk: Desk) -> None:
    book = load_workbook(desk.path)
    for row in book[tabs.REGISTRY].iter_rows():
        if row[0].value == UNIT:
            for cell in row:
                cell.value = None
    book.save(desk.path)
    with pytest.raises(CannotStart, match="khác"):
        desk.purge(unit="khác")
    desk.purge(unit=UNIT.upper())
    assert not desk.copies.notes(UNIT)
    assert desk.found(NUMBERS) == desk.found(PHONES) == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("workbook", [False, True], ids=["beside the workbook", "and in it"])
def test_killed_at_every_step_the_next_run_ends_it(desk: Desk, workbook: bool) -> None:
    desk.freeze()
    folder = desk.path.parent
    files = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    counts = desk.purge(applies=False).counts or {}
    kills = 0
    for step in count(1, 5):
        worker = multiprocessing.get_context("fork").Process(target=_until, args=(desk, step, workbook))
        worker.start()
        worker.join(HANG_SECONDS)
        assert desk.purge(workbook=workbook).problems == ()
        assert desk.found_in_workbook(NUMBERS) == (0 if workbook else 50), step
        assert [desk.found(planted) for planted in (NAMES, NUMBERS, PHONES)] == [0, 0, 0], step
        (certificate,) = (desk.folder / "certificates").glob("*.txt")
        assert f"cấu hình: {counts[Holding.COPIES]}\n" in certificate.read_text("utf-8"), step
        assert not (desk.folder / "purging.json").exists()
        if worker.exitcode == 0:
            break
        assert worker.exitcode == -signal.SIGKILL
        kills += 1
        for path in folder.rglob("*"):
            if path.is_file() and path not in files:
                path.unlink()
        for path, content in files.items():
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_bytes(content)
    assert kills > 5


def _until(desk: Desk, step: int, workbook: bool) -> None:
    """Purges, and is killed at the so many-th time that anything is done to a file."""
    steps = count(1)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        place = str(desk.path.parent)
        if event.startswith(("open", "os.", "sqlite3")) and place in str(arguments) and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    desk.purge(workbook=workbook)


def test_the_command_shows_first(desk: Desk, tccb_here: Run) -> None:
    shown = tccb_here("purge", str(desk.path))
    assert (shown.status, shown.stderr, "--apply" in shown.stdout) == (0, "", True)
    assert desk.found(NUMBERS) == 50
    done = tccb_here("purge", str(desk.path), "--all", "--apply", "--now", "2023-04-26T08:00")
    assert (done.status, "Biên bản" in done.stdout) == (0, True), done.stderr
    assert desk.found(NUMBERS) == 0
    assert f"nơi đã xem: {desk.path.with_suffix('.tccb')}" in tccb_here("purge", str(desk.path)).stdout
    again = json.loads(tccb_here("purge", str(desk.path), "--json").stdout)
    assert not any(again["counts"].values())


def test_the_last_good_configuration_is_not_removed_while_the_tabs_are_refused(desk: Desk) -> None:
    settle(desk.path, "Chỉ tiêu (%)", "rất nhiều")
    with pytest.raises(CannotStart, match="tccb check"):
        desk.purge()
    assert desk.found(NUMBERS) == 50
    with closing(desk.state) as store:
        assert store.last_config() is not None
    desk.purge(unit=UNIT)
    assert desk.found(NUMBERS) == 0, "that leaves the configuration"
    settle(desk.path, "Chỉ tiêu (%)", 100)
    assert (desk.purge().counts or {})[Holding.CONFIG] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--apply"], "--all"),
        (["--all", "--unit", UNIT], "--unit"),
        (["--unit", "hai"], "hai"),
        (["--field", "luong"], "dien-thoai"),
    ],
)
def test_what_the_command_refuses(office: Office, tccb_here: Run, arguments: list[str], said: str) -> None:
    done = tccb_here("purge", str(office.path), *arguments)
    assert (done.status, said in done.stderr, done.stderr.count("\n")) == (2, True, 1), done.stderr
