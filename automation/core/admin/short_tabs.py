"""The short config tabs: `Chỉ số`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from automation.core.admin.lines import ConfigTab, SettingTexts
from automation.core.config.conditions import Condition, Subject, Vocabulary
from automation.core.config.values import Field, PartRate


def read_part_rates(
    tab: ConfigTab, fields: Sequence[Field], vocabulary: Vocabulary, settings: SettingTexts
) -> tuple[PartRate, ...]:
    """The part rates that can be worked out; one that asks for a field that is switched off rests."""
    used = {field.code for field in fields if field.used}
    codes: dict[str, int] = {}
    names: dict[str, int] = {}
    rates: list[PartRate] = []
    for line in tab.lines():
        code, name = line.needed("Mã"), line.needed("Tên")
        line.once("Mã", code, codes)
        line.once("Tên", name, names)
        if not line.needed("Khi"):
            continue
        when = line.condition("Khi", vocabulary, settings)
        if when is not None and used.issuperset(_fields_of(when)):
            rates.append(PartRate(code, name, when))
    return tuple(rates)


def _fields_of(condition: Condition) -> Iterator[str]:
    """The codes of the fields that a condition asks for."""
    for term in condition.terms:
        yield term.subject.field
        yield from (value.field for value in term.values if isinstance(value, Subject))
