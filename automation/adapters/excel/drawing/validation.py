"""Dropdowns and warnings of a drawn tab. Every one warns and none refuses: other spellings must go in."""

from __future__ import annotations

from openpyxl.utils.cell import get_column_letter
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from automation.base.messages import text
from automation.core.model.layout import ColumnLook, Format

TICK = "x"
"""What a tick is in a spreadsheet without checkboxes; blank means no."""

LONGEST_INLINE_LIST = 255
"""Characters; Excel calls a file with a longer one damaged."""

LONGEST_HELP, LONGEST_HELP_TITLE = 255, 32
"""Characters that Excel shows of the help beside a cell, and of its title."""

_KINDS = ("choice", "date", "computed", "help")


def column_validation(look: ColumnLook, open_tab: bool) -> DataValidation | None:
    """The validation that the body of a column gets, if any."""
    if look.computed:
        return _warning("computed", type="custom", formula1="FALSE") if open_tab else None
    if look.choices_range:
        return _warning("choice", type="list", formula1=look.choices_range.lstrip("="))
    if look.choices:
        return inline_list(look.choices)
    return format_validation(look.format)


def format_validation(kind: Format) -> DataValidation | None:
    """The validation that goes with a format alone, if any."""
    if kind is Format.TICK:
        return inline_list((TICK,))
    if kind is Format.DATE:
        first, last = "DATE(1900,1,1)", "DATE(2099,12,31)"
        return _warning("date", type="date", operator="between", formula1=first, formula2=last)
    return None


def replace_validation(sheet: Worksheet, area: CellRange, validation: DataValidation | None) -> None:
    """Make `validation` the one of `area`; others give way there only. None removes ours."""
    for present in list(sheet.data_validations.dataValidation):
        if validation is not None or _is_ours(present):
            present.sqref = MultiCellRange([left for each in present.sqref.ranges for left in _outside(each, area)])
            if not present.sqref.ranges:
                sheet.data_validations.dataValidation.remove(present)
    if validation is not None:
        validation.sqref = MultiCellRange([area])
        sheet.data_validations.append(validation)


def help_typing(sheet: Worksheet, area: CellRange, title: str, message: str) -> None:
    """Whoever goes to a cell of `area`, which has its own validation by now, reads what it wants. Where people have one
    in columns in which we want none, theirs stays.
    """
    there = [each for each in sheet.data_validations.dataValidation if any(map(area.issubset, each.sqref.ranges))]
    if not there:
        others = (found for each in sheet.data_validations.dataValidation for found in each.sqref.ranges)
        if not all(map(area.isdisjoint, others)):
            return
        there = [DataValidation(sqref=MultiCellRange([area]), errorTitle=text("excel.validation.help.title"))]
        sheet.data_validations.append(there[0])
    for validation in filter(_is_ours, there):
        validation.showInputMessage = True
        validation.promptTitle, validation.prompt = title[:LONGEST_HELP_TITLE], message[:LONGEST_HELP]


def _is_ours(validation: DataValidation) -> bool:
    return validation.errorTitle in {text(f"excel.validation.{kind}.title") for kind in _KINDS}


def inline_list(choices: tuple[str, ...]) -> DataValidation | None:
    """A dropdown that holds its choices itself; None where Excel could not read it."""
    joined = ",".join(choices)
    if len(joined) > LONGEST_INLINE_LIST or any("," in choice for choice in choices):
        return None
    quoted = joined.replace('"', '""')
    return _warning("choice", type="list", formula1=f'"{quoted}"')


def _warning(kind: str, **settings: str) -> DataValidation:
    validation = DataValidation(
        allow_blank=True,
        showErrorMessage=True,
        errorStyle="warning",
        errorTitle=text(f"excel.validation.{kind}.title"),
        error=text(f"excel.validation.{kind}.message"),
    )
    for name, value in settings.items():
        setattr(validation, name, value)
    return validation


def _outside(whole: CellRange, taken: CellRange) -> list[CellRange]:
    """What of `whole` lies outside `taken`: the parts above, below, left and right of it."""
    if whole.isdisjoint(taken):
        return [whole]
    top, bottom = max(whole.min_row, taken.min_row), min(whole.max_row, taken.max_row)
    pieces = [
        (whole.min_col, whole.min_row, whole.max_col, top - 1),
        (whole.min_col, bottom + 1, whole.max_col, whole.max_row),
        (whole.min_col, top, taken.min_col - 1, bottom),
        (taken.max_col + 1, top, whole.max_col, bottom),
    ]
    return [
        CellRange(min_col=left, min_row=top, max_col=right, max_row=bottom)
        for left, top, right, bottom in pieces
        if left <= right and top <= bottom
    ]


def column_area(column: int, top: int, bottom: int) -> CellRange:
    """The cells of one column from line `top` to line `bottom`."""
    letter = get_column_letter(column)
    return CellRange(f"{letter}{top}:{letter}{bottom}")
