"""The answer to a read, cut by tab before it is decoded: what came as it came last time is not looked at again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec


class _Range(msgspec.Struct):
    range: str = ""


class _Values(msgspec.Struct):
    values: list[list[Any]] = []


_Part = TypeVar("_Part", _Range, _Values)


class FoundRange(msgspec.Struct):
    """What one or several filters found, not decoded yet."""

    valueRange: msgspec.Raw = msgspec.Raw(b"{}")  # as Google calls it
    dataFilters: list[dict[str, Any]] = []

    @property
    def range(self) -> str:
        """Where it lies, as "'Tab'!A1:Z1000"."""
        return self._part(_Range).range

    @property
    def values(self) -> Sequence[Sequence[Any]]:
        """Its columns, or its rows, as was asked."""
        return self._part(_Values).values

    def _part(self, kind: type[_Part]) -> _Part:
        try:
            return msgspec.json.decode(self.valueRange, type=kind)
        except msgspec.DecodeError:
            return msgspec.convert(json.loads(bytes(self.valueRange)), kind)


class Answer(msgspec.Struct):
    """The answer to `values:batchGetByDataFilter`."""

    valueRanges: list[FoundRange] = []


def decode_answer(content: bytes) -> Answer:
    """The answer, as far as to tell its ranges apart. Raises ValueError where it is broken."""
    try:
        return msgspec.json.decode(content, type=Answer)
    except msgspec.DecodeError:  # half of a surrogate pair, which no text should hold and a cell may: JSON allows it
        whole = json.loads(content)
        if not isinstance(whole, dict):
            raise ValueError(type(whole)) from None
        ranges = whole.get("valueRanges", ())
        raws = (msgspec.Raw(json.dumps(each["valueRange"]).encode()) for each in ranges)
        return Answer([FoundRange(raw, each.get("dataFilters", [])) for raw, each in zip(raws, ranges, strict=True)])
