"""Everything beside a workbook in which personal data may stand, counted and removed. Every step may be repeated."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from automation.adapters.excel.drawing.losses import kept_copies
from automation.adapters.mail.transport import unit_of_file
from automation.adapters.store.copies import CopyFolder
from automation.adapters.store.sqlite_file import explained
from automation.adapters.store.store import STORE_FILE, DatabaseStore
from automation.base.private_files import write_private
from automation.core.config.values import FieldCode
from automation.core.records.copies import is_config_key, without_fields
from automation.core.records.purging import Holding, InWorkbook, Purge, Scope

_DAY = re.compile(r"\d{4}-\d\d-\d\d_")
BEGUN_FILE = "purging.json"
CERTIFICATES = "certificates"
"""Of a state folder."""


class _Handling(NamedTuple):
    """How one kind is counted and removed."""

    count: Callable[[Scope], int]
    remove: Callable[[Scope], None]


def _of_files(find: Callable[[Scope], Iterator[Path]]) -> _Handling:
    """Of a preview the page for a browser is no second one."""

    def remove(scope: Scope) -> None:
        for path in list(find(scope)):
            path.unlink(missing_ok=True)

    return _Handling(lambda scope: sum(path.suffix != ".html" for path in find(scope)), remove)


class Holdings:
    """What lies in a state folder, and beside an .xlsx. Raises TccbError where it is out of reach."""

    def __init__(
        self, folder: Path, store: DatabaseStore, copies: CopyFolder, mails: Path, previews: Path, workbook: Path | None
    ) -> None:
        """`mails`, `previews`: folders; `workbook`: None for one that is no file."""
        self._folder, self._store, self._copies = folder, store, copies
        self._mails, self._previews, self._workbook = mails, previews, workbook

    def units(self) -> frozenset[str]:
        """The codes of the units of which anything is known here, also of those that the workbook names no more."""
        with explained(self._folder):
            copied = set(self._copies.kept_of()) - set(self._of_config())
        return frozenset(copied | self._store.unit_records().keys())

    def counts(self, scope: Scope) -> Mapping[Holding, int]:
        """How many of each kind there are."""
        with explained(self._folder):
            _look_everywhere(self._folder)
            return {kind: handling.count(scope) for kind, handling in self._kinds().items()}

    def stays(self, scope: Scope) -> Mapping[Holding, int]:
        """How many of each kind no removal of less than everything takes, though something of the scope may stand in
        them.
        """
        if scope == Scope():
            return {}
        with explained(self._folder):
            counts = {
                Holding.COPIES: sum(len(self._copies.notes(of)) for of in self._of_config()) if scope.unit else 0,
                Holding.CONFIG: self._count_config(Scope()) if scope.unit else 0,
                Holding.SET_ASIDE: len(list(self._set_aside(Scope()))),
                Holding.BACKUPS: len(list(self._backups(Scope()))),
            }
        return {kind: number for kind, number in counts.items() if number}

    def remove(self, scope: Scope) -> None:
        """All of it. Mails that wait are taken back."""
        with explained(self._folder):
            for handling in self._kinds().values():
                handling.remove(scope)
            self._copies.sweep()
        self._store.compact()

    def _kinds(self) -> Mapping[Holding, _Handling]:
        return {
            Holding.COPIES: _Handling(self._count_copies, self._remove_copies),
            Holding.MAILS: _of_files(partial(_letters_in, self._mails)),
            Holding.PREVIEWS: _of_files(partial(_letters_in, self._previews)),
            Holding.LETTERS: _Handling(self._count_letters, self._remove_letters),
            Holding.CONFIG: _Handling(self._count_config, self._remove_config),
            Holding.SET_ASIDE: _of_files(self._set_aside),
            Holding.BACKUPS: _of_files(self._backups),
        }

    # --- copies

    def _count_copies(self, scope: Scope) -> int:
        if not scope.field:
            return sum(len(self._copies.notes(of)) for of in self._of(scope))
        notes = chain.from_iterable(map(self._copies.notes, self._of(scope)))
        return sum(copy is None or scope.field in copy.columns for copy in map(self._copies.read, notes))

    def _remove_copies(self, scope: Scope) -> None:
        for of in self._of(scope):
            for note in list(self._copies.notes(of)):
                copy = self._copies.read(note) if scope.field else None
                if copy is None:  # one that cannot be read may hold the field
                    self._copies.forget([note])
                elif scope.field in copy.columns:
                    self._copies.keep(without_fields(copy, copy.columns.keys() - {scope.field}))

    def _of(self, scope: Scope) -> list[str]:
        kept = list(self._copies.kept_of())
        if scope != Scope():  # what the admin typed is of all
            kept = [of for of in kept if of not in self._of_config()]
        return [of for of in kept if of == scope.unit] if scope.unit else kept

    def _of_config(self) -> list[str]:
        return [of for of in self._copies.kept_of() if is_config_key(of)]

    # --- the state

    def _count_letters(self, scope: Scope) -> int:
        return self._store.letters(scope.unit) if scope.field in ("", FieldCode.NAME) else 0

    def _remove_letters(self, scope: Scope) -> None:
        if scope.field in ("", FieldCode.NAME):
            self._store.forget_letters(scope.unit)

    def _count_config(self, scope: Scope) -> int:
        return int(scope == Scope() and self._store.last_config() is not None)

    def _remove_config(self, scope: Scope) -> None:
        if scope == Scope():
            self._store.forget_config()

    # --- files

    def _set_aside(self, scope: Scope) -> Iterator[Path]:
        if scope == Scope():
            yield from self._folder.glob(f"{Path(STORE_FILE).stem}-*.damaged*")

    def _backups(self, scope: Scope) -> Iterator[Path]:
        if scope == Scope() and self._workbook:
            yield from kept_copies(self._workbook)

    # --- what is said of it

    def begun(self) -> Purge | None:
        """A removal that was cut short."""
        with explained(self._folder):
            path = self._folder / BEGUN_FILE
            return _purge(json.loads(path.read_text("utf-8"))) if path.exists() else None

    def begin(self, purge: Purge) -> Purge:
        """Note it before anything is removed; numbered, so that its certificate lies over no other."""
        with explained(self._folder):
            tries = (replace(purge, number=number) for number in count(1))
            begun = next(each for each in tries if not self._certificate(each).exists())
            write_private(self._folder / BEGUN_FILE, json.dumps(_as_json(begun), ensure_ascii=False).encode())
            return begun

    def certify(self, purge: Purge) -> Path:
        """Write the certificate."""
        with explained(self._folder):
            path = self._certificate(purge)
            write_private(path, purge.certificate.encode())
            return path

    def _certificate(self, purge: Purge) -> Path:
        return self._folder / CERTIFICATES / purge.file_name

    def end(self) -> None:
        """It is done and told."""
        with explained(self._folder):
            (self._folder / BEGUN_FILE).unlink(missing_ok=True)


def _look_everywhere(folder: Path) -> None:
    """Raises OSError where a folder below it cannot be looked into: what lies there would count as not there."""
    for place in [folder, *folder.rglob("*/")] if folder.exists() else ():
        next(place.iterdir(), None)


def _letters_in(folder: Path, scope: Scope) -> Iterator[Path]:
    """Files of mails, those that a killed process left half written too."""
    for path in sorted(folder.glob("*")) if folder.exists() else ():
        if path.is_file() and (not scope.unit or unit_of_file(path.name, scope.unit)):
            yield path


def outlived_files(folders: Sequence[Path], workbook: Path | None, before: date) -> Mapping[Holding, int]:
    """Remove the files of mails in these folders, and the copies of the workbook that were made before it was drawn,
    of days before that one; how many mails and copies that were. `workbook`: None for one that is no file.
    """
    return {Holding.MAILS: _outlived_mails(folders, before), Holding.BACKUPS: _outlived_backups(workbook, before)}


def _outlived_backups(workbook: Path | None, before: date) -> int:
    """Their content says nothing of when they were made, and nobody writes into them later."""
    gone = 0
    for path in kept_copies(workbook) if workbook else ():
        with explained(path):
            if date.fromtimestamp(path.stat().st_mtime) < before:
                path.unlink()
                gone += 1
    return gone


def _outlived_mails(folders: Sequence[Path], before: date) -> int:
    """By what the files are called."""
    gone = 0
    for path in chain.from_iterable(_letters_in(folder, Scope()) for folder in folders):
        if _DAY.match(path.name) and path.name[: len("2023-04-20")] < before.isoformat():
            with explained(path):
                path.unlink(missing_ok=True)
            gone += path.suffix != ".html"
    return gone


def _as_json(purge: Purge) -> dict[str, Any]:
    return {
        "unit": purge.scope.unit,
        "field": purge.scope.field,
        "begun_at": purge.begun_at.isoformat(),
        "by": purge.by,
        "counts": {kind.value: number for kind, number in purge.counts.items()},
        "stays": {kind.value: number for kind, number in purge.stays.items()},
        "workbook": purge.workbook and msgspec.to_builtins(purge.workbook),
        "number": purge.number,
    }


def _purge(found: dict[str, Any]) -> Purge:
    counts, stays = (
        {Holding(kind): number for kind, number in found.get(name, {}).items()} for name in ("counts", "stays")
    )
    scope = Scope(found["unit"], found["field"])
    workbook = found.get("workbook")
    part = msgspec.convert(workbook, InWorkbook) if workbook else None
    begun_at, number = datetime.fromisoformat(found["begun_at"]), found.get("number", 1)
    return Purge(scope, begun_at, found["by"], counts, stays, part, number)
