"""Workbook files that a hostile or careless person could bring, made from one that is sound."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from automation.adapters.excel.package import open_package

LAUGH = (
    '<!DOCTYPE x [<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)) + "]>"
)
_MEBIBYTE = 1 << 20


def sheet_part(path: Path, title: str) -> str:
    """Name of the part that holds the tab."""
    with open_package(path) as package:
        return next(sheet.part for sheet in package.sheets if sheet.title == title)


def part_of(path: Path, part: str) -> bytes:
    with ZipFile(path) as archive:
        return archive.read(part)


def rewrite(path: Path, changed: Mapping[str, str | Iterable[bytes]]) -> None:
    """Put other contents, or further parts, into the file; what is given in pieces is never in memory as a whole."""
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in {**parts, **changed}.items():
            with archive.open(name, "w", force_zip64=True) as part:
                for piece in _pieces(content):
                    part.write(piece)


def _pieces(content: bytes | str | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(content, str):
        return [content.encode()]
    return [content] if isinstance(content, bytes) else content


def with_rows(path: Path, title: str, rows: str | Iterable[bytes]) -> None:
    """Add rows, as XML, to a tab."""
    part = sheet_part(path, title)
    before, after = part_of(path, part).decode().split("</sheetData>")
    rewrite(path, {part: _joined(before, _pieces(rows), "</sheetData>" + after)})


def with_merged(path: Path, title: str, *areas: str) -> None:
    """Merge cells as Excel does not let one: whatever they hold stays in the file."""
    part = sheet_part(path, title)
    xml = part_of(path, part).decode()
    cells = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    if "</mergeCells>" in xml:
        rewrite(path, {part: xml.replace("</mergeCells>", f"{cells}</mergeCells>")})
        return
    behind = re.search(r"</sheetData>(<sheetCalcPr[^>]*/>)?(<sheetProtection[^>]*/>)?(<autoFilter[^>]*/>)?", xml)
    assert behind is not None
    rewrite(path, {part: f"{xml[: behind.end()]}<mergeCells>{cells}</mergeCells>{xml[behind.end() :]}"})


def with_head(path: Path, part: str, head: str) -> None:
    """Put a declaration in front of a part."""
    rewrite(path, {part: head + re.sub(r"<\?xml[^>]*\?>", "", part_of(path, part).decode())})


def mebibytes(piece: bytes, count: int) -> Iterable[bytes]:
    """So many mebibytes of the piece over and over."""
    return (piece * (_MEBIBYTE // len(piece)) for _ in range(count))


def text_cell(place: str, content: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{content}</t></is></c>'


def _joined(before: str, pieces: Iterable[bytes], after: str) -> Iterable[bytes]:
    yield before.encode()
    yield from pieces
    yield after.encode()
