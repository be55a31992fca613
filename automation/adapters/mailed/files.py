"""A file that came by mail becomes tabs, whatever program made it. What it is its content says, not its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile

from automation.adapters.excel.package import DAMAGE, open_package
from automation.adapters.excel.reader import read_tabs
from automation.adapters.mailed.foreign_sheets import NotReadable, ods_tabs, xls_tabs
from automation.adapters.mailed.plain_text import NoText, text_tabs
from automation.base.errors import CannotStart, NotAWorkbook, WorkbookMissing, WorkbookUnavailable
from automation.base.messages import text
from automation.core.model.workbook import Tab

MOST_BYTES = 20 << 20
"""Of a file: a list of 3,000 people takes less than one of these megabytes."""
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP = b"PK\x03\x04"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_OTHERS = (b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf")
"""How files begin that people send in place of a list."""


def read_mailed(path: Path) -> tuple[Tab, ...]:
    """The tabs of an .xlsx, .xls or .ods, or the one of a .csv.

    Raises CannotStart, with one sentence, for what is no such file, is damaged, encrypted or too large.
    """
    content = _content(path)
    try:
        return _READERS[_kind(path, content)](path, content)
    except (NotReadable, NoText) as error:
        raise NotAWorkbook(text(f"importing.file.{error.why}", path=path)) from error
    except (WorkbookMissing, WorkbookUnavailable) as error:
        raise CannotStart(text("importing.file.unreadable", path=path)) from error


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise CannotStart(text("importing.file.folder", path=path))
        if not path.is_file():
            raise WorkbookMissing(text("importing.file.missing", path=path))
        if path.stat().st_size > MOST_BYTES:
            raise NotAWorkbook(text("importing.file.too_large", path=path))
        return path.read_bytes()
    except OSError:
        raise CannotStart(text("importing.file.unreadable", path=path)) from None


def _kind(path: Path, content: bytes) -> str:
    """The reader that such a content needs. Raises NotReadable for what is no list at all."""
    if not content.strip():
        raise NotReadable("empty")
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise NotReadable("encrypted")
        return "xls"
    if content.startswith(_ZIP):
        return _kind_of_zip(path)
    if content.startswith(_OTHERS):
        raise NotReadable("other_kind")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise NotReadable("web_page")
    return "csv"


def _kind_of_zip(path: Path) -> str:
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
            if "mimetype" not in names or archive.read("mimetype").strip() != _ODS:
                return "xlsx"
            if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise NotReadable("encrypted")
    except DAMAGE:
        raise NotReadable("damaged") from None
    return "ods"


def _xlsx_tabs(path: Path, _content: bytes) -> tuple[Tab, ...]:
    with open_package(path) as package:
        return read_tabs(package)


_READERS: Mapping[str, Callable[[Path, bytes], tuple[Tab, ...]]] = {
    "xlsx": _xlsx_tabs,
    "xls": lambda _path, content: xls_tabs(content),
    "ods": lambda path, content: ods_tabs(path, content),
    "csv": lambda path, content: text_tabs(path.stem, content),
}
