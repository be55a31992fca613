"""The parts of an .xlsx file: what lies where in the zip, and how one gets at it.

Parts are found by their relationships, never by their usual names, and elements by their local names, so that
files of every writer open, "strict" ones too (ECMA-376 part 2, 9 and part 1, 12).
"""

from __future__ import annotations

import posixpath
import shutil
import struct
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from os import SEEK_CUR, SEEK_END
from pathlib import Path
from typing import IO, Any, TypeAlias
from zipfile import BadZipFile, ZipFile, ZipInfo

from lxml import etree
from msgspec import Struct

from automation.adapters.excel.budget import (
    MOST_SHEET_BYTES,
    MOST_SHEET_WEIGHT,
    MOST_SMALL_WEIGHT,
    TooLarge,
    check_sizes,
    read_within,
    weight_of,
)
from automation.adapters.excel.tags import read_tags
from automation.base.disk import NO_ROOM, reason_of
from automation.base.errors import NotAWorkbook, WorkbookBusy, WorkbookMissing, WorkbookUnavailable
from automation.base.messages import text

CONTENT_TYPES = "[Content_Types].xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OTHER_NAMES = {
    "http://purl.oclc.org/ooxml/spreadsheetml/main": MAIN,
    "http://purl.oclc.org/ooxml/officeDocument/relationships": RELATIONSHIPS,
    "http://schemas.openxmlformats.org/spreadsheetml/2006/5/main": MAIN,
}
"""Namespaces of strict files (ECMA-376 part 1) and of early ones, and what all others call them."""

PARSING: Mapping[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "remove_comments": True,
    "remove_pis": True,
    "huge_tree": False,  # keeps libxml2's own limits: depth, length of a text, growth of entities
}
"""How every part is parsed."""

EPOCH_1900, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
"""From when a workbook counts days. The first is right from March 1900 on: before that Excel has a day too many."""

_CHUNK = 1 << 20
_QUICKLY = 1
"""How parts are packed: four times as fast as usual, a quarter larger; so Excel does it, too."""
_SIZES_FOLLOW, _SIZES_OF_NAMES = 0x08, 26
"""The flag of a part whose sizes stand behind it, and where in its header the lengths of name and extras stand."""
_BEGINNING = 4_096
"""Bytes of a part within which its namespaces are declared."""
_PROPERTIES = "docProps/core.xml"
"""The part that holds when the file was saved."""
_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""How the files of old Excel and encrypted ones begin."""

DAMAGE = (BadZipFile, zlib.error, struct.error, etree.LxmlError, EOFError, KeyError, RuntimeError, ValueError)
"""What zipfile, lxml and this module raise for parts that are missing, cut off or garbled."""


class NoWorkbookInside(Exception):
    """The zip is sound and holds no workbook of a kind we read."""


class HasDoctype(Exception):
    """A part declares a document type: no program writes one into a workbook, and none opens one that has it."""


class Relationship(Struct, frozen=True):
    kind: str
    """The last word of the type, as "worksheet"."""
    target: str
    """Name of the part in the zip."""


class Sheet(Struct, frozen=True):
    title: str
    part: str
    """Name of the part in the zip."""


class Package:
    """One open workbook file. Raises KeyError, BadZipFile, XMLSyntaxError ... where the file is damaged, TooLarge
    where it unpacks to too much, HasDoctype.
    """

    def __init__(self, archive: ZipFile) -> None:
        check_sizes(archive.infolist())
        self.archive = archive
        self._names = set(archive.namelist())
        self.workbook_part = self._workbook_part()
        self._relationships = self._relationships_of(self.workbook_part)
        workbook = parsed(self.read(self.workbook_part))
        self.sheets = tuple(self._worksheets(workbook))
        self.epoch = _epoch(workbook)
        self.tags = read_tags(workbook)
        """Title of a tab -> what `init` put on it."""

    def read(self, part: str) -> bytes:
        with self.archive.open(part) as stream:
            return read_within(stream, self.archive.getinfo(part).file_size)

    def read_relationships(self, part: str) -> bytes | None:
        """The relationships of the part, None where it has none."""
        name = relationships_part(part)
        return self.read(name) if name in self._names else None

    def has_other_names(self, part: str) -> bool:
        """Whether a part begins with a namespace of strict or early files."""
        with self.archive.open(part) as stream:
            beginning = stream.read(_BEGINNING)
        return with_usual_names(beginning) != beginning

    def related(self, kind: str) -> str | None:
        """The part that the workbook holds as its `kind`, as "styles"; None where it has none."""
        for each in self._relationships.values():
            if each.kind == kind and each.target in self._names:
                return each.target
        return None

    def related_to(self, part: str, kind: str) -> list[str]:
        """The parts that `part` holds as its `kind`, as the "chart"s of a drawing."""
        found = self._relationships_of(part).values()
        return [each.target for each in found if each.kind == kind and each.target in self._names]

    def read_sheet(self, sheet: Sheet) -> bytes:
        """A worksheet that is to become a tree. Raises TooLarge before it is unpacked where it cannot."""
        if self.archive.getinfo(sheet.part).file_size > MOST_SHEET_BYTES:
            raise TooLarge
        return self.read(sheet.part)

    def named_by(self, part: str) -> list[str]:
        """The parts that `part` names, whatever it holds them as."""
        return [each.target for each in self._relationships_of(part).values() if each.target in self._names]

    def target_of(self, relationship: etree._Element, part: str) -> str:
        """Name of the part that one of the relationships of `part` leads to."""
        return _absolute(relationship.get("Target", ""), part)

    def read_related(self, kind: str) -> bytes | None:
        part = self.related(kind)
        return None if part is None else self.read(part)

    def _workbook_part(self) -> str:
        for each in self._relationships_of("").values():
            is_xml = each.target in self._names and each.target.endswith(".xml")  # an .xlsb has a .bin there
            if each.kind == "officeDocument" and is_xml:
                if _local_name(parsed(self.read(each.target))) == "workbook":
                    return each.target
                break
        raise NoWorkbookInside

    def _worksheets(self, workbook: etree._Element) -> list[Sheet]:
        sheets = []
        for element in workbook.iterfind("{*}sheets/{*}sheet"):
            relationship = self._relationships.get(_relationship_id(element))
            if relationship is not None and relationship.kind == "worksheet":
                sheets.append(Sheet(element.get("name", ""), relationship.target))
        return sheets

    def _relationships_of(self, part: str) -> dict[str, Relationship]:
        name = relationships_part(part)
        if name not in self._names:
            return {}
        return {
            element.get("Id", ""): Relationship(
                element.get("Type", "").rpartition("/")[2], _absolute(element.get("Target", ""), part)
            )
            for element in parsed(self.read(name)).iterfind("{*}Relationship")
            if element.get("TargetMode") != "External"
        }


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """The workbook file, open for reading.

    Raises WorkbookMissing, WorkbookUnavailable (no right to read, no disk) and, also for what turns out to be
    damaged while it is read, NotAWorkbook. What is written meanwhile out of it may raise OSError: that comes out as
    WorkbookBusy (no right to write) or WorkbookUnavailable (no room).
    """
    is_open = False
    try:
        with path.open("rb") as file, ZipFile(file) as archive:
            is_open = True
            yield Package(archive)
    except FileNotFoundError as error:
        raise WorkbookMissing(text("excel.missing", path=path)) from error
    except OSError as error:
        if path.is_dir():
            raise NotAWorkbook(text("excel.directory", path=path)) from error
        if is_open and isinstance(error, PermissionError):
            raise WorkbookBusy(text("excel.write_refused", path=path)) from error
        key = "excel.disk" if error.errno in NO_ROOM else "excel.unreadable"
        raise WorkbookUnavailable(text(key, path=path, reason=reason_of(error))) from error
    except TooLarge as error:
        raise NotAWorkbook(text("excel.too_large", path=path)) from error
    except HasDoctype as error:
        raise NotAWorkbook(text("excel.doctype", path=path)) from error
    except (NoWorkbookInside, *DAMAGE) as error:
        raise NotAWorkbook(text(_diagnosis(path, error), path=path)) from error


class PartOf(Struct, frozen=True):
    """A part of another file, which is copied without being in memory as a whole."""

    package: Package
    name: str


Written: TypeAlias = Callable[[IO[bytes]], None]
"""Writes a part."""
Content: TypeAlias = bytes | PartOf | IO[bytes] | Written
"""What a part is to hold; of a stream all that is in it."""


def copy_package(
    package: Package, target: IO[bytes], changed: Mapping[str, Content], dropped: Collection[str] = ()
) -> None:
    """Write the workbook anew: parts in `changed` with their new content (new ones last), none of `dropped`,
    every other part as it is, packed as it is. Raises BadZipFile.
    """
    members = package.archive.infolist()
    with ZipFile(target, "w") as copy:
        for member in members:
            if member.filename in changed:
                _write(copy, _fresh(member), changed[member.filename])
            elif member.filename not in dropped:
                _copy_packed(package.archive, member, copy)
        for name in changed.keys() - set(package.archive.namelist()):
            _write(copy, ZipInfo(name), changed[name])


def is_same(package: Package, written: IO[bytes]) -> bool:
    """Whether a workbook that was just written has the parts of this one, but for when it was saved."""
    with ZipFile(written) as archive:
        return _sums(archive) == _sums(package.archive)


def _sums(archive: ZipFile) -> Mapping[str, tuple[int, int]]:
    return {each.filename: (each.CRC, each.file_size) for each in archive.infolist() if each.filename != _PROPERTIES}


def _copy_packed(archive: ZipFile, member: ZipInfo, copy: ZipFile) -> None:
    """`zipfile` would unpack and pack it, which takes longer than all the rest.

    Raises BadZipFile.
    """
    entry = _fresh(member)
    entry.CRC, entry.flag_bits = member.CRC, member.flag_bits & ~_SIZES_FOLLOW
    entry.compress_size, entry.file_size = member.compress_size, member.file_size
    source, target = archive.fp, copy.fp
    if source is None or target is None:
        raise BadZipFile
    source.seek(member.header_offset + _SIZES_OF_NAMES)
    source.seek(sum(struct.unpack("<HH", source.read(4))), SEEK_CUR)
    target.seek(copy.start_dir)
    entry.header_offset = copy.start_dir
    target.write(entry.FileHeader(zip64=False))
    left = member.compress_size
    while left > 0:
        chunk = source.read(min(left, _CHUNK))
        if not chunk:
            raise BadZipFile
        target.write(chunk)
        left -= len(chunk)
    copy.start_dir = target.tell()
    copy.filelist.append(entry)
    copy.NameToInfo[entry.filename] = entry


def _write(copy: ZipFile, entry: ZipInfo, content: Content) -> None:
    if isinstance(content, bytes):
        copy.writestr(entry, content)
        return
    if callable(content):
        with copy.open(entry, "w") as target:
            content(target)
        return
    if isinstance(content, PartOf):
        entry.file_size = content.package.archive.getinfo(content.name).file_size
        with content.package.archive.open(content.name) as source:
            _copy(source, copy, entry)
        return
    entry.file_size = content.seek(0, SEEK_END)
    content.seek(0)
    _copy(content, copy, entry)


def _copy(source: IO[bytes], copy: ZipFile, entry: ZipInfo) -> None:
    with copy.open(entry, "w") as target:
        shutil.copyfileobj(source, target, _CHUNK)


def _fresh(member: ZipInfo) -> ZipInfo:
    """The same entry; writing changes it, and the one of the archive is still needed to read from it."""
    entry = ZipInfo(member.filename, member.date_time)
    entry.compress_type, entry.external_attr = member.compress_type, member.external_attr
    entry._compresslevel = _QUICKLY  # type: ignore[attr-defined]  # public under another name since Python 3.13
    return entry


def parsed(xml: bytes) -> etree._Element:
    """The root element of a part that is no worksheet. Raises XMLSyntaxError, TooLarge, HasDoctype."""
    return _tree(xml, MOST_SMALL_WEIGHT)


def parsed_sheet(xml: bytes) -> etree._Element:
    """The root element of a worksheet. Raises as `parsed`."""
    return _tree(xml, MOST_SHEET_WEIGHT)


def opened_up(xml: bytes) -> bytes:
    """A worksheet in UTF-8, with room between the tags for rows. Raises as `parsed`."""
    root = parsed_sheet(xml)
    data = root.find("{*}sheetData")
    if data is not None and not len(data):
        data.text = "\n"
    return serialised(root)


def in_main_namespace(root: etree._Element) -> etree._Element:
    """The worksheet with the names that Excel gives its elements, whatever they were called."""
    return etree.fromstring(with_usual_names(etree.tostring(root))) if etree.QName(root).namespace != MAIN else root


def with_usual_names(xml: bytes) -> bytes:
    """A part with the namespaces of strict and early files called as all others call them."""
    for other, usual in _OTHER_NAMES.items():
        xml = xml.replace(other.encode(), usual.encode())
    return xml


def parsed_output(xml: bytes) -> etree._Element:
    """The root element of a part that the drawing library has just written: nobody else had a hand in it."""
    return _tree(xml)


def _tree(xml: bytes, most: int | None = None) -> etree._Element:
    if most is not None and weight_of(xml) > most:
        raise TooLarge
    root = etree.fromstring(xml, etree.XMLParser(**PARSING))
    refuse_doctype(root)
    return root


def refuse_doctype(element: etree._Element) -> None:
    """Raises HasDoctype where the part that the element stands in has one."""
    if element.getroottree().docinfo.internalDTD is not None:
        raise HasDoctype


def serialised(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def relationships_part(part: str) -> str:
    """Where the relationships of `part` ("" = the package) are kept."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


def _diagnosis(path: Path, error: Exception) -> str:
    """Key of the sentence that says what kind of file this is instead."""
    content = path.read_bytes()
    if not content:
        return "excel.empty_file"
    if content.startswith(_OLE):
        return "excel.encrypted" if "EncryptedPackage".encode("utf-16-le") in content else "excel.old_excel"
    if content.startswith(_ZIP) and not isinstance(error, NoWorkbookInside):
        return "excel.damaged"
    return "excel.other_kind"


def _local_name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _relationship_id(element: etree._Element) -> str:
    return next((str(value) for name, value in element.items() if str(name).endswith("}id")), "")


def _absolute(target: str, source: str) -> str:
    joined = posixpath.join("/", posixpath.dirname(source), target.replace("\\", "/"))
    return posixpath.normpath(joined).lstrip("/")


def _epoch(workbook: etree._Element) -> datetime:
    properties = workbook.find("{*}workbookPr")
    old_macintosh = properties is not None and properties.get("date1904") in ("1", "true")
    return _EPOCH_1904 if old_macintosh else EPOCH_1900
