"""`Copies` as files of the state folder: one a copy, compressed, encrypted where a key is set.

`copies/<of>/<moment>-<digest>.gz`, or `.enc` of an encrypted one. A copy stands whole or not at all.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from pydantic import SecretStr

from automation.adapters.store.cells import tag, tagged, untag
from automation.adapters.store.sqlite_file import explained
from automation.base.private_files import write_private
from automation.core.records.copies import CopyNote, KeptCopy, is_config_key

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

COPIES_FOLDER = "copies"
"""Of a state folder."""
_PLAIN, _ENCRYPTED = ".gz", ".enc"
_MOMENT = "%Y%m%dT%H%M%SZ"
_PREFIX = "of-"
_SALT, _FIELDS = "salt", "fields.json"


def copies_in_clear(folder: Path) -> tuple[int, int]:
    """How many copies lie in the folder that anybody can read who has it: of units' lists, and of config tabs."""
    of_config = [is_config_key(_of(path.parent)) for path in folder.glob(f"{_PREFIX}*/*{_PLAIN}")]
    return of_config.count(False), of_config.count(True)


class CopyFolder:
    """Copies in a folder, which is made with the first of them. Raises TccbError where it is out of reach."""

    def __init__(self, folder: Path, key: SecretStr | None = None) -> None:
        self._folder = folder
        self._key = key
        self._notes: dict[str, list[CopyNote]] = {}

    @property
    def place(self) -> str:
        """See `Copies`."""
        return str(self._folder)

    def notes(self, of: str) -> Sequence[CopyNote]:
        """See `Copies`. Looked for once."""
        if of not in self._notes:
            with explained(self._folder):
                found = (_note(of, path) for path in sorted(self._place(of).glob("*")))
                self._notes[of] = [note for note in found if note]
        return self._notes[of]

    def kept_of(self) -> Collection[str]:
        """See `Copies`."""
        with explained(self._folder):
            return [_of(each) for each in sorted(self._folder.glob(f"{_PREFIX}*"))]

    def read(self, note: CopyNote) -> KeptCopy | None:
        """See `Copies`."""
        with explained(self._folder):
            path = next((each for each in self._paths(note) if each.exists()), None)
            content = path.read_bytes() if path else b""
        try:
            if path and path.suffix == _ENCRYPTED:
                content = self._decrypted(content)
            return _copy(note, json.loads(gzip.decompress(content), object_hook=untag))
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def keep(self, copy: KeptCopy) -> None:
        """See `Copies`. A second one of the same moment takes the place of the first."""
        written = json.dumps(_as_json(copy), ensure_ascii=False, default=tag)
        content = gzip.compress(written.encode("utf-8", "surrogatepass"), mtime=0)  # of a pair a cell may hold half
        plain, encrypted = self._paths(copy.note)
        known = [each for each in self.notes(copy.note.of) if each != copy.note]
        with explained(self._folder):
            if self._key:
                write_private(encrypted, self._cipher.encrypt(content))
                plain.unlink(missing_ok=True)
            else:
                write_private(plain, content)
        self._notes[copy.note.of] = sorted([*known, copy.note], key=lambda each: each.taken_at)

    def forget(self, notes: Iterable[CopyNote]) -> None:
        """See `Copies`."""
        for note in list(notes):
            with explained(self._folder):
                for path in self._paths(note):
                    path.unlink(missing_ok=True)
            self._notes[note.of] = [each for each in self.notes(note.of) if each != note]

    def fields(self) -> frozenset[str] | None:
        """See `Copies`."""
        with explained(self._folder):
            path = self._folder / _FIELDS
            return frozenset(json.loads(path.read_text("utf-8"))) if path.exists() else None

    def note_fields(self, codes: Collection[str]) -> None:
        """See `Copies`."""
        with explained(self._folder):
            write_private(self._folder / _FIELDS, json.dumps(sorted(codes)).encode())

    def sweep(self) -> None:
        """See `Copies`."""
        with explained(self._folder):
            for path in (*self._folder.glob(".*"), *self._folder.glob(f"{_PREFIX}*/.*")):
                path.unlink(missing_ok=True)
            for place in self._folder.glob(f"{_PREFIX}*"):
                if not any(place.iterdir()):
                    place.rmdir()

    def _decrypted(self, content: bytes) -> bytes:
        """b"" where there is no key, or another one."""
        from cryptography.fernet import InvalidToken  # as in `_cipher`

        try:
            return self._cipher.decrypt(content) if self._key else b""
        except InvalidToken:
            return b""

    def _place(self, of: str) -> Path:
        return self._folder / (_PREFIX + quote(of, safe=""))

    def _paths(self, note: CopyNote) -> tuple[Path, Path]:
        name = f"{note.taken_at.astimezone(UTC):{_MOMENT}}-{note.fingerprint}"
        return self._place(note.of) / (name + _PLAIN), self._place(note.of) / (name + _ENCRYPTED)

    @cached_property
    def _cipher(self) -> Fernet:
        """Out of what the operator typed, with a salt of the folder's own (RFC 7914)."""
        from cryptography.fernet import Fernet  # who set no key need not wait for it

        path = self._folder / _SALT
        if not path.exists():
            write_private(path, secrets.token_bytes(16))
        typed = self._key.get_secret_value() if self._key else ""
        key = hashlib.scrypt(typed.encode(), salt=path.read_bytes(), n=1 << 14, r=8, p=1, dklen=32)
        return Fernet(base64.urlsafe_b64encode(key))


def _of(place: Path) -> str:
    return unquote(place.name.removeprefix(_PREFIX))


def _note(of: str, path: Path) -> CopyNote | None:
    """None for what is no copy."""
    moment, _, digest = path.stem.partition("-")
    if path.suffix not in (_PLAIN, _ENCRYPTED) or not digest:
        return None
    try:
        return CopyNote(of, datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC), digest)
    except ValueError:
        return None


def _as_json(copy: KeptCopy) -> dict[str, Any]:
    return {
        "title": copy.title,
        "header_row": copy.header_row,
        "columns": {code: list(places) for code, places in copy.columns.items()},
        "rows": [[tagged(cell) for cell in row] for row in copy.rows],
    }


def _copy(note: CopyNote, found: dict[str, Any]) -> KeptCopy:
    columns = {code: tuple(places) for code, places in found["columns"].items()}
    return KeptCopy(note, found["title"], found["header_row"], columns, tuple(map(tuple, found["rows"])))
