"""The form that a unit fills in that cannot use the shared workbook: its own tab, empty, the guide, and the lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from automation.core.admin.draft import Value
from automation.core.config import tabs
from automation.core.config.values import Config, FieldType
from automation.core.layout.dropdowns import INPUT_HEADERS, LIST_NAMES, Dropdowns, cells_of, dropdown_lists
from automation.core.layout.guide import guide_look
from automation.core.layout.unit import unit_look
from automation.core.model.layout import ColumnLook, Format, TabLook
from automation.core.model.units import Unit

_HEADERS = 1
_WIDTH = 32


def form_looks(unit: Unit, config: Config, guide: str) -> tuple[TabLook, ...]:
    """The tabs of the unit's form. Nothing of what the bot writes is in it, and nothing of anybody else.

    `guide`: the source of tab `Hướng dẫn`.
    """
    fields = tuple(field for field in config.fields if field.type is not FieldType.COMPUTED)
    inputs = replace(config, fields=fields, units=())
    lists = {name: values for name, values in dropdown_lists(inputs).items() if name not in (LIST_NAMES, INPUT_HEADERS)}
    ranges = {
        name: cells_of(tabs.LISTS, column, _HEADERS + 1, _HEADERS + len(values))
        for column, (name, values) in enumerate(lists.items(), start=1)
    }
    people = unit_look(replace(unit, focal_email="", head_email=""), None, inputs, Dropdowns(ranges=ranges))
    looks = (people, guide_look(guide, inputs, None), _lists_look(lists))
    return tuple(replace(look, anchors=(), tag="") for look in looks if look is not None)


def _lists_look(lists: Mapping[str, Sequence[str]]) -> TabLook:
    columns = tuple(
        ColumnLook(column, name, _WIDTH, Format.TEXT, computed=True) for column, name in enumerate(lists, start=1)
    )
    values: list[Value] = [(_HEADERS, look.column, look.header) for look in columns]
    for look, choices in zip(columns, lists.values(), strict=True):
        values += [(_HEADERS + place, look.column, choice) for place, choice in enumerate(choices, start=1)]
    return TabLook(title=tabs.LISTS, header_row=_HEADERS, columns=columns, values=tuple(values))
