"""A workbook file gets the tabs and the look it should have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO
from zipfile import BadZipFile

from lxml import etree
from msgspec import Struct
from msgspec.structs import replace
from openpyxl import Workbook

from automation.adapters.excel.budget import TooLarge
from automation.adapters.excel.drawing.charts import our_chart_parts
from automation.adapters.excel.drawing.contents import Places
from automation.adapters.excel.drawing.finishing import Before, finish
from automation.adapters.excel.drawing.kept_tabs import KeptTabs
from automation.adapters.excel.drawing.literal import Skeletons, TabNotDrawn, load
from automation.adapters.excel.drawing.losses import adopt_newer_validations, is_kept_already, keep_copy, things_at_risk
from automation.adapters.excel.drawing.painter import Brush, paint, rows_drawn, title_among
from automation.adapters.excel.drawing.proof import changed_cell
from automation.adapters.excel.drawing.skeleton import TooMany
from automation.adapters.excel.package import HasDoctype, Package, is_same, open_package
from automation.adapters.excel.saving import NEW_FILE, refuse_if_open, replace_file, revision_of
from automation.base.errors import CellWouldBeLost, NotAWorkbook, TccbError, WorkbookBusy, WorkbookMissing
from automation.base.messages import text
from automation.core.model.layout import TabLook
from automation.core.model.workbook import RefusedTab
from automation.core.reading.shown import shown


class KeptCopy(Struct, frozen=True):
    """The file as it was, because it held things that drawing loses or simplifies."""

    path: Path
    at_risk: tuple[str, ...]
    """Words for those things."""


class Drawn(Struct, frozen=True):
    """What came of drawing a file."""

    kept: KeptCopy | None = None
    refused: tuple[RefusedTab, ...] = ()
    """The tabs that could not be drawn: they are as they were, byte for byte."""
    changed: bool = True
    """False: everything looked so already, and the file is as it was."""


class _LooksSo(Exception):
    """There is nothing to put in the place of the file."""


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
    _put(path, partial(finish, _saved(book)), NEW_FILE)


def _redrawn(path: Path, looks: Sequence[TabLook], brush: Brush | None) -> Drawn:
    basis = revision_of(path)
    with open_package(path) as package:
        by_title = _by_title(package, looks)
        book, skeletons, refused = _drawn_as_far_as_possible(path, package, by_title, looks, brush)
        at_risk = things_at_risk(package, our_chart_parts(package, looks), skeletons)
        try:
            drawn = _saved(book)
        except Exception as error:  # openpyxl looks at some values only now
            raise NotAWorkbook(text("excel.not_drawable", path=path)) from error
        del book
        kept = KeptTabs(package, refused) if refused else None
        before = Before(package, skeletons, _drawn_rows(by_title), _drawn_cells(by_title, refused), kept)
        copy = keep_copy(path) if at_risk and not is_kept_already(package, path, drawn) else None
        try:
            _put(path, partial(_finish_and_prove, path, drawn, before), basis)
        except _LooksSo:
            if copy is not None:
                copy.unlink()
            return Drawn(refused=tuple(refused.values()), changed=False)
        except BaseException:
            if copy is not None:
                copy.unlink()
            raise
    return Drawn(KeptCopy(copy, at_risk) if copy is not None else None, tuple(refused.values()))


def _by_title(package: Package, looks: Sequence[TabLook]) -> Mapping[str, TabLook]:
    """The looks of the tabs that are there, by their title in the file."""
    titles = [sheet.title for sheet in package.sheets]
    found = ((title_among(titles, look.title), look) for look in looks)
    return {title: look for title, look in found if title is not None}


def _drawn_rows(looks: Mapping[str, TabLook]) -> Mapping[str, Collection[int]]:
    return {title: rows_drawn(look) for title, look in looks.items()}


def _drawn_cells(looks: Mapping[str, TabLook], refused: Collection[str]) -> Mapping[str, Places]:
    drawn = {title: look for title, look in looks.items() if title not in refused}
    return {title: {(row, column) for row, column, _ in look.values} for title, look in drawn.items()}


def _finish_and_prove(path: Path, drawn: IO[bytes], before: Before, target: IO[bytes]) -> None:
    """Raises CellWouldBeLost, and _LooksSo where nothing would be different; then the file is as it was."""
    finish(drawn, target, before)
    if is_same(before.package, target):
        raise _LooksSo
    changed = changed_cell(before.package, target, before.ours)
    if changed is not None:
        key = "excel.cell_would_be_lost" if changed.place else "excel.tab_would_be_lost"
        raise CellWouldBeLost(text(key, path=path, tab=shown(changed.title), cell=changed.place))


def _drawn_as_far_as_possible(
    path: Path, package: Package, by_title: Mapping[str, TabLook], looks: Sequence[TabLook], brush: Brush | None
) -> tuple[Workbook, Skeletons, Mapping[str, RefusedTab]]:
    """The workbook with every tab drawn that can be, what it was made of, and those that cannot, by title."""
    refused: dict[str, RefusedTab] = {}
    while True:
        try:
            book, skeletons = _loaded(package, refused, by_title)
            paint(book, [_down_to_the_last_row(look, by_title, skeletons) for look in looks], refused, brush)
        except (TccbError, HasDoctype, BadZipFile, etree.XMLSyntaxError):
            raise
        except TabNotDrawn as error:
            refused[error.title] = _refused(error.title, error.__cause__)
        except Exception as error:  # openpyxl raises anything for what it does not know
            culprits = dict(_unloadable(package, refused, by_title))
            if not culprits:
                raise NotAWorkbook(text("excel.not_drawable", path=path)) from error
            refused |= culprits
        else:
            return book, skeletons, refused


def _down_to_the_last_row(look: TabLook, by_title: Mapping[str, TabLook], skeletons: Skeletons) -> TabLook:
    """The look of a tab, its body as long as the list in the file, of which the library sees the head alone."""
    titles = [title for title, each in by_title.items() if each is look and title in skeletons]
    last = max((skeletons[title].last_row for title in titles), default=0)
    return replace(look, body_rows=max(look.body_rows, last - look.header_row)) if look.body_rows else look


def _loaded(package: Package, left_out: Collection[str], looks: Mapping[str, TabLook]) -> tuple[Workbook, Skeletons]:
    book, skeletons = load(package, left_out, _drawn_rows(looks))
    for title, skeleton in skeletons.items():
        adopt_newer_validations(skeleton, book[title])
    return book, skeletons


def _unloadable(
    package: Package, known: Collection[str], looks: Mapping[str, TabLook]
) -> Iterator[tuple[str, RefusedTab]]:
    """The tabs that cannot be loaded beside empty ones, where not all can."""
    titles = [sheet.title for sheet in package.sheets]
    yield from _unloadable_among([title for title in titles if title not in known], titles, package, looks)


def _unloadable_among(
    suspects: Sequence[str], titles: Sequence[str], package: Package, looks: Mapping[str, TabLook]
) -> Iterator[tuple[str, RefusedTab]]:
    """Half of the suspects at a time: mostly there is one culprit, and every loading costs."""
    halves = suspects[: len(suspects) // 2], suspects[len(suspects) // 2 :]
    for half in halves:
        try:
            _loaded(package, [title for title in titles if title not in half], looks)
        except Exception as error:
            if len(half) > 1:
                yield from _unloadable_among(half, titles, package, looks)
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


def _put(path: Path, write: Callable[[IO[bytes]], None], basis: str) -> None:
    if replace_file(path, write, basis) is None:
        raise WorkbookBusy(text("excel.saved_meanwhile", path=path))
