"""The short config tabs: `Chỉ số` and `Văn bản`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from automation.core.admin.lines import ConfigLine, ConfigTab, SettingTexts, shortened
from automation.core.config.conditions import Vocabulary
from automation.core.config.values import Field, LegalDocument, PartRate
from automation.core.reading.cells import Unreadable, read_date


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
        if when is not None and used.issuperset(when.fields):
            rates.append(PartRate(code, name, when))
    return tuple(rates)


def read_documents(tab: ConfigTab) -> tuple[LegalDocument, ...]:
    """The documents to be made known, those of other days too."""
    numbers: dict[str, int] = {}
    documents: list[LegalDocument] = []
    for line in tab.lines():
        number, subject = line.needed("Số"), line.needed("Trích yếu")
        line.once("Số", number, numbers)
        dated = _day(line, "Ngày") if line.needed("Ngày") else None
        since, until = _day(line, "Hiệu lực từ"), _day(line, "Hiệu lực đến")
        if since and until and until < since:
            line.problem(
                "Hiệu lực đến", "document_days", number=shortened(line.text("Số")), since=line.text("Hiệu lực từ")
            )
        if dated:
            documents.append(LegalDocument(number, dated, subject, since, until))
    return tuple(documents)


def _day(line: ConfigLine, header: str) -> date | None:
    day = read_date(line.raw(header))
    if isinstance(day, Unreadable):
        line.problem(header, "document_day", header=header, value=shortened(line.text(header)))
        return None
    return day
