"""`tccb freeze`: the result of a day in a file that later edits cannot change, and whether such a file is untouched."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import partial
from pathlib import Path
from typing import IO, Protocol

from msgspec import Struct
from msgspec.structs import replace

from automation import __version__
from automation.adapters.documents.frozen import frozen_workbook, holds_the_same, title_of
from automation.adapters.excel.saving import NEW_FILE, replace_file
from automation.app.clock import Clock
from automation.app.deciding import Looked, desk_of, judged_under
from automation.app.looking import read_everything
from automation.app.writing_back import write_into_journal
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.base.paths import TEMPLATES, path_typed
from automation.core.admin.in_force import ConfigInForce
from automation.core.config import tabs
from automation.core.config.whose_tabs import bot_tab
from automation.core.mail.sent_tab import line_of
from automation.core.model.freezes import FreezeLog, FrozenNote
from automation.core.model.ports import Store, Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import Snapshot
from automation.core.reading.cells import as_text
from automation.core.reading.shown import shown
from automation.core.records.frozen import Freezing, frozen_tables
from automation.core.writing.journal import JournalLine, Repeat, read_journal
from automation.core.writing.moments import sheet_moment

_NOT_IN_NAMES = re.compile(r"[^\w]+", re.ASCII)
_LONGEST_NAME = 80
_SHA256 = re.compile(r"\b[0-9a-f]{64}\b")
_MARKED = ".sha256"
_STANDING = (1, 2)
"""The tables that say where units and people stand."""


class Frozen(Struct, frozen=True):
    """What was put away."""

    problems: tuple[Problem, ...] = ()
    file: Path | None = None
    """None where no configuration could be used."""
    sha256: str = ""
    is_new: bool = True
    """False: it lay there already, put away under that name on that day."""


class Verdict(Struct, frozen=True):
    """Whether a file is what was put away."""

    file: Path
    sha256: str
    told: str
    """The line of the journal that names it, "" without one."""
    noted: FrozenNote | None
    """What the state of the bot says of a file with these bytes."""
    is_guarded: bool
    """Whether the journal is closed to those who fill in the workbook: whoever opens an .xlsx may type any line."""

    @property
    def is_untouched(self) -> bool:
        return self.noted is not None or (self.is_guarded and bool(self.told))


class FreezeStore(Store, FreezeLog, Protocol):
    """What is remembered, and what was put away."""


def folder_for(workbook: str) -> Path:
    """Where the files of a workbook are put: beside an .xlsx, else where the operator stands."""
    return path_typed(workbook).parent if _is_file(workbook) else Path.cwd()


def _is_file(workbook: str) -> bool:
    return workbook.lower().endswith(".xlsx")


def freeze(
    book: Workbook, store: FreezeStore, clock: Clock, name: str, folder: Path, *, with_names: bool = True
) -> Frozen:
    """Write the file, its SHA-256 beside it, in the state and in a line of the journal. Whoever was stopped in between
    runs it again: what lies there is taken as it is, and what is missing is added.

    Raises CannotStart where a file of that name is somebody else's, was changed or was put away under another name.
    """
    snapshot, in_force = read_everything(book, store)
    looked = judged_under(snapshot, in_force, store, clock)
    if looked is None:
        return Frozen(in_force.problems)
    judged = looked.judged
    day = judged.now.date()
    title = text("freezing.title" if with_names else "freezing.title_without_names", name=name, day=f"{day:%d/%m/%Y}")
    path = folder / f"{_slug(name)}{'' if with_names else text('freezing.without_names')}-{day.isoformat()}.xlsx"
    is_new = not path.exists()
    if is_new:
        what = _freezing(book, store, snapshot, in_force, looked, name)
        content = frozen_workbook(frozen_tables(replace(what, with_names=with_names)), title, judged.now)
        note = FrozenNote(hashlib.sha256(content).hexdigest(), name, str(path.absolute()), judged.now)
        store.note_frozen(note)  # before the file: one that nobody noted cannot be told from a forged one
        _put_away(path, content, note.sha256)
    sha256 = _checked(path)
    if not is_new and title_of(path) != title:  # names that differ in marks or signs alone make the same file name
        raise CannotStart(text("freezing.other_name", path=path, title=shown(title_of(path))))
    line = JournalLine(
        text("freezing.journal_kind"),
        path.name,
        text("freezing.journal_line", name=name, file=path.name, sha256=sha256),
        Repeat.ONCE,
    )
    book.lease.ensure()
    now = write_into_journal(book, snapshot, line, sheet_moment(judged.now, judged))
    told = _told_in(now, sha256)
    problems = () if told else (_not_noted(path),)
    return Frozen((*_unknown(looked), *problems), path, sha256, is_new)


def verify(book: Workbook, log: FreezeLog, file: Path) -> Verdict:
    """Whether the state or the journal knows a file with these very bytes, whatever it is called now. Raises
    CannotStart.
    """
    if file.is_dir():
        raise CannotStart(text("freezing.folder", path=file))
    try:
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        raise CannotStart(text("freezing.no_file", path=file)) from None
    noted = next((each for each in log.frozen_notes() if each.sha256 == sha256), None)
    return Verdict(file, sha256, _told_in(book.read(), sha256), noted, is_guarded=not _is_file(book.address))


def put_away_as_it_stands(
    book: Workbook, store: FreezeStore, snapshot: Snapshot, in_force: ConfigInForce, looked: Looked, unit: str = ""
) -> FrozenNote | None:
    """The newest file that holds the result as it stands now, and that nobody has changed; with `unit`, a code, the
    result of that unit. Names may be left out there. None where there is none.
    """
    for note in reversed(store.frozen_notes()):
        path = Path(note.file)
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == note.sha256:
            what = _freezing(book, store, snapshot, in_force, looked, note.name)
            for with_names in (True, False):
                tables = frozen_tables(replace(what, with_names=with_names))
                if holds_the_same(path, [tables[at] for at in _STANDING], unit):
                    return note
    return None


def _freezing(
    book: Workbook, store: Store, snapshot: Snapshot, in_force: ConfigInForce, looked: Looked, name: str
) -> Freezing:
    judged = looked.judged
    zone = judged.config.settings.zone
    names = judged.names
    sent = desk_of(snapshot, looked, store, book).sent
    lines = (line_of(each, names, zone, untried=True) for each in sent)
    mails = [line for line in lines if line and judged.config.settings.is_campaign(line.campaign)]
    mails.sort(key=lambda line: (line.unit, line.when, line.key))
    since = in_force.since(judged.now)
    when = sheet_moment(since, judged) if since else None
    return Freezing(name, judged, book.name, when, _fingerprint(in_force), __version__, mails)


def _fingerprint(in_force: ConfigInForce) -> str:
    """Of what was asked and what was said: the config tabs, and the texts that are shipped."""
    digest = hashlib.sha256()
    for title in tabs.CONFIG_TABS:
        rows = in_force.tables.get(title, ())
        digest.update(repr([[as_text(cell) for cell in row] for row in rows]).encode())
    for path in sorted(TEMPLATES.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _put_away(path: Path, content: bytes, sha256: str) -> None:
    """First what the file will be known by: a file without it is none of ours."""
    mark = path.with_name(path.name + _MARKED)
    mark.unlink(missing_ok=True)  # of a run that was killed before the file itself
    for target, held in ((mark, f"{sha256}  {path.name}\n".encode()), (path, content)):
        replace_file(target, partial(_write, held), NEW_FILE)
        target.chmod(0o600)


def _write(content: bytes, file: IO[bytes]) -> None:
    file.write(content)


def _checked(path: Path) -> str:
    """Its SHA-256, where it is the one that was put away."""
    mark = path.with_name(path.name + _MARKED)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    if not mark.exists() or sha256 not in _SHA256.findall(mark.read_text("utf-8", "replace")):
        raise CannotStart(text("freezing.not_ours", path=path))
    return sha256


def _told_in(snapshot: Snapshot, sha256: str) -> str:
    journal = read_journal(bot_tab(snapshot, tabs.JOURNAL))
    if journal.tab is None or journal.table is None:
        return ""
    kind = text("freezing.journal_kind")
    lines = (
        [as_text(journal.table.cell(row, header)) for header in tabs.HEADERS[tabs.JOURNAL]] for row in journal.tab.rows
    )
    return next((line[3] for line in lines if line[1] == kind and sha256 in line[3]), "")


def _unknown(looked: Looked) -> list[Problem]:
    """The units of which the file has old numbers, or none."""
    return [each.problem for each in looked.judged.unreadable]


def _not_noted(path: Path) -> Problem:
    return Problem(str(path), text("freezing.not_noted.what"), text("freezing.not_noted.fix"))


def _slug(name: str) -> str:
    """A name for a file that every system takes: letters without marks."""
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    return _NOT_IN_NAMES.sub("-", plain).strip("-").lower()[:_LONGEST_NAME] or text("freezing.file")
