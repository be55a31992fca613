"""A workbook file gets the tabs and the look it should have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO
from zipfile import BadZipFile

from lxml import etree
from openpyxl import Workbook

from automation.adapters.excel.budget import TooLarge
from automation.adapters.excel.drawing.charts import our_chart_parts
from automation.adapters.excel.drawing.kept_tabs import KeptTabs
from automation.adapters.excel.drawing.literal import TabNotDrawn, TooMany, load
from automation.adapters.excel.drawing.losses import adopt, finish, keep_copy, results_of, things_at_risk
from automation.adapters.excel.drawing.painter import Brush, paint
from automation.adapters.excel.package import HasDoctype, Package, open_package
from automation.adapters.excel.saving import NEW_FILE, refuse_if_open, replace_file, revision_of
from automation.base.errors import NotAWorkbook, TccbError, WorkbookBusy, WorkbookMissing
from automation.base.messages import text
from automation.core.model.layout import TabLook
from automation.core.model.workbook import RefusedTab


@dataclass(frozen=True)
class KeptCopy:
    """The file as it was, because it held things that drawing loses or simplifies."""

    path: Path
    at_risk: tuple[str, ...]
    """Words for those things."""


@dataclass(frozen=True)
class Drawn:
    """What came of drawing a file."""

    kept: KeptCopy | None = None
    refused: tuple[RefusedTab, ...] = ()
    """The tabs that could not be drawn: they are as they were, byte for byte."""


def draw_file(path: Path, looks: Sequence[TabLook], brush: Brush | None = None) -> Drawn:
    """Create the file or the tabs that are missing, and make every tab look as described. `brush`: what draws a tab.

    Raises WorkbookBusy, WorkbookUnavailable, WorkbookMissing (no such folder), NotAWorkbook, and CannotStart
    for the title of a tab that Excel does not allow; then the file is as it was.
    """
    refuse_if_open(path)
    if path.exists():
        return _redrawn(path, looks, brush)
    _create(path, looks)
    return Drawn()


def _create(path: Path, looks: Sequence[TabLook]) -> None:
    if not path.parent.is_dir():
        raise WorkbookMissing(text("excel.folder_missing", folder=path.parent))
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = text("excel.author")
    paint(book, looks)
    _put(path, _saved(book), lambda drawn, target: finish(drawn, {}, target), NEW_FILE)


def _redrawn(path: Path, looks: Sequence[TabLook], brush: Brush | None) -> Drawn:
    basis = revision_of(path)
    with open_package(path) as package:
        book, refused = _drawn_as_far_as_possible(path, package, looks, brush)
        at_risk = things_at_risk(package, our_chart_parts(package, looks), refused)
        results = results_of(package, refused)
        kept = KeptTabs(package, refused) if refused else None
        try:
            drawn = _saved(book)
        except Exception as error:  # openpyxl looks at some values only now
            raise NotAWorkbook(text("excel.not_drawable", path=path)) from error
        del book  # a large one takes half a kilobyte for each cell
        copy = keep_copy(path) if at_risk else None
        try:
            _put(path, drawn, lambda drawn, target: finish(drawn, results, target, kept), basis)
        except BaseException:
            if copy is not None:
                copy.unlink()
            raise
    return Drawn(KeptCopy(copy, at_risk) if copy is not None else None, tuple(refused.values()))


def _drawn_as_far_as_possible(
    path: Path, package: Package, looks: Sequence[TabLook], brush: Brush | None
) -> tuple[Workbook, Mapping[str, RefusedTab]]:
    """The workbook with every tab drawn that can be, and those that cannot, by title."""
    refused: dict[str, RefusedTab] = {}
    while True:
        try:
            book = _loaded(package, refused)
            paint(book, looks, refused, brush)
        except (TccbError, HasDoctype, BadZipFile, etree.XMLSyntaxError):
            raise
        except TabNotDrawn as error:
            refused[error.title] = _refused(error.title, error.__cause__)
        except Exception as error:  # openpyxl raises anything for what it does not know
            culprits = dict(_unloadable(package, refused))
            if not culprits:
                raise NotAWorkbook(text("excel.not_drawable", path=path)) from error
            refused |= culprits
        else:
            return book, refused


def _loaded(package: Package, left_out: Collection[str]) -> Workbook:
    book = load(package, left_out)
    adopt(package, book, left_out)
    return book


def _unloadable(package: Package, known: Collection[str]) -> Iterator[tuple[str, RefusedTab]]:
    """The tabs that cannot be loaded beside empty ones, where not all can."""
    titles = [sheet.title for sheet in package.sheets]
    yield from _unloadable_among([title for title in titles if title not in known], titles, package)


def _unloadable_among(
    suspects: Sequence[str], titles: Sequence[str], package: Package
) -> Iterator[tuple[str, RefusedTab]]:
    """Half of the suspects at a time: mostly there is one culprit, and every loading costs."""
    halves = suspects[: len(suspects) // 2], suspects[len(suspects) // 2 :]
    for half in halves:
        try:
            _loaded(package, [title for title in titles if title not in half])
        except Exception as error:
            if len(half) > 1:
                yield from _unloadable_among(half, titles, package)
            elif half:
                yield half[0], _refused(half[0], error)


def _refused(title: str, error: BaseException | None) -> RefusedTab:
    if isinstance(error, TooLarge):
        name = error.name if isinstance(error, TooMany) else "c"
        what = text(f"excel.too_many.{name}")
        return RefusedTab(title, title, text("excel.tab_too_large_to_draw", what=what))
    return RefusedTab(title, title, text("excel.tab_not_drawable"), error if isinstance(error, Exception) else None)


def _saved(book: Workbook) -> IO[bytes]:
    drawn = BytesIO()
    book.save(drawn)
    return drawn


def _put(path: Path, drawn: IO[bytes], finished: Callable[[IO[bytes], IO[bytes]], None], basis: str) -> None:
    if replace_file(path, lambda target: finished(drawn, target), basis) is None:
        raise WorkbookBusy(text("excel.saved_meanwhile", path=path))
