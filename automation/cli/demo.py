"""`tccb demo`: a sample workbook of the real units with made-up people, one full cycle, and where to look."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from automation.adapters.config_files import default_tables
from automation.adapters.documents.attachments import ATTACHMENTS
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.mail.transport import FileTransport
from automation.adapters.mail.writer import MailWriter
from automation.adapters.store.store import STORE_FILE, SqliteStore
from automation.app import cycle
from automation.app.clock import standing_clock
from automation.app.crash_log import note_mistakes
from automation.app.init import set_up
from automation.app.mailing import Mailing
from automation.app.wiring import MAIL_FOLDER
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.cli import report, screens
from automation.cli.watching.run_notes import note_run
from automation.core.admin.reader import Refused, read_config
from automation.core.config.values import Config
from automation.demo.campaign import make_campaign
from automation.demo.filling import SEED, fill, fill_past, write_units

BOOK_STEM = "theo-doi-vneid"
UNITS_FILE = "don-vi.csv"


def run_demo(folder: Path, rows: int, moment: datetime, console: Console) -> int:
    """Make the sample in `folder` and judge it as of `moment` (naive, the campaign's local time).

    An earlier sample in the folder is kept: the new one gets the next free name. Returns the exit status.
    Raises TccbError.
    """
    config = _shipped_config()
    now = moment.replace(tzinfo=config.settings.zone)
    path = _free_path(folder)
    state = path.with_suffix(".tccb")
    with _bars() as bars:
        step = _Steps(bars, total=5)
        step(text("demo.step.people"))
        campaign = make_campaign(config.units, rows, now.date(), SEED)
        units_csv = state / UNITS_FILE
        write_units(units_csv, campaign)
        step(text("demo.step.workbook"))
        book = ExcelWorkbook(path)
        set_up(book, units_csv, standing_clock(moment))
        step(text("demo.step.fill"))
        fill(book, campaign, config)
        store = SqliteStore(state / STORE_FILE)
        step(text("demo.step.past"))
        fill_past(book, store, now)
        step(text("demo.step.cycle"))
        found = cycle.run_cycle(
            book,
            store,
            Mailing(MailWriter(attach=ATTACHMENTS), FileTransport(state / MAIL_FOLDER)),
            standing_clock(moment),
        )
        note_mistakes(found.mistakes, state)
        note_run(store, found, now, held_lease=book.lease.is_held)
        store.close()
        step.done()
    report.print_report(found, console)
    report.print_work_done(found, console, dry_run=False, mail_folder=None)
    _tell_where(path, state / MAIL_FOLDER, console)
    return 0


def _shipped_config() -> Config:
    read = read_config(default_tables())
    if isinstance(read, Refused):
        problem = read.problems[0]
        raise CannotStart(text("report.problem", where=problem.where, what=problem.what, fix=problem.fix))
    return read


def _free_path(folder: Path) -> Path:
    """The first name in the folder that no earlier sample has."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise CannotStart(text("demo.folder_refused", folder=folder)) from None
    number = 1
    while True:
        path = folder / (f"{BOOK_STEM}.xlsx" if number == 1 else f"{BOOK_STEM}-{number}.xlsx")
        if not path.exists() and not path.with_suffix(".tccb").exists():
            return path
        number += 1


def _tell_where(path: Path, mails: Path, console: Console) -> None:
    summaries = sorted(mails.glob("*tong-hop*.eml"))
    for key, place in (("workbook", path), ("mails", mails), ("summary", summaries[0] if summaries else None)):
        if place is not None:
            report.print_line(text(f"demo.where.{key}", path=place), console)


def _bars() -> Progress:
    screen = screens.errors()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal)


class _Steps:
    """One bar that names the step under way."""

    def __init__(self, bars: Progress, total: int) -> None:
        self._bars = bars
        self._task = bars.add_task("", total=total)
        self._taken = 0

    def __call__(self, name: str) -> None:
        self._bars.update(self._task, description=name, completed=self._taken)
        self._taken += 1

    def done(self) -> None:
        self._bars.update(self._task, completed=self._taken)
