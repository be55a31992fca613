"""What is remembered of units, campaign by campaign."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from automation.core.config.values import Settings
from automation.core.model.units import UnitRecord


def of_this_campaign(memory: Mapping[str, UnitRecord], settings: Settings) -> Mapping[str, UnitRecord]:
    """What was remembered in another campaign says nothing of lists that begin anew: no row of them is lost. Where the
    campaign before is on again, its code was changed by mistake: what was remembered then counts.
    """
    known = ((code, _of_campaign(record, settings)) for code, record in memory.items())
    return {code: record for code, record in known if record}


def _of_campaign(record: UnitRecord, settings: Settings) -> UnitRecord | None:
    then = (record, record.before) if record.before else (record,)
    return next((each for each in then if not each.campaign or settings.is_campaign(each.campaign)), None)


def with_those_before(
    records: Iterable[UnitRecord], memory: Mapping[str, UnitRecord], settings: Settings
) -> Iterator[UnitRecord]:
    """The records with what was remembered in the campaign before. `memory`: of all campaigns."""
    for record in records:
        then = memory.get(record.code)
        is_other = then and then.campaign and not settings.is_campaign(then.campaign)
        before = replace(then, before=None) if then and is_other else then and then.before
        yield replace(record, before=before) if before else record


def begun_anew(memory: Mapping[str, UnitRecord], settings: Settings) -> frozenset[str]:
    """The units whose lists, where they were removed, are lists without people yet: it was in another campaign. What
    nothing is remembered of may have been removed in this one.
    """
    ours = of_this_campaign(memory, settings)
    return frozenset(code for code in memory if code not in ours or not ours[code].peak_rows)
