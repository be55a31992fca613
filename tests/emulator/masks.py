"""Field masks: `sheets(properties(sheetId,title),data.rowData)` and `gridProperties/rowCount,title`."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from tests.emulator.refusals import Json, Refused, violation
from tests.emulator.schema import Discovery

Mask: TypeAlias = dict[str, "Mask"]
"""What is wanted of each field; an empty one means all of it."""

_TOKEN = re.compile(r"\s*([A-Za-z0-9_$]+|\*|[./,()])\s*")


def parse_mask(text: str) -> Mask:
    """The tree that a mask describes. Raises `Refused` where it cannot be read."""
    tokens: list[str] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise bad_mask(text)
        tokens.append(found[1])
        place = found.end()
    tree, rest = _read_fields(tokens, 0, text)
    if rest != len(tokens) or not tree:
        raise bad_mask(text)
    return tree


def bad_mask(path: str) -> Refused:
    """400 "Request contains an invalid argument." with an explanation (M)."""
    explained = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    return violation("", explained, message="Request contains an invalid argument.")


def _read_fields(tokens: list[str], place: int, text: str) -> tuple[Mask, int]:
    tree: Mask = {}
    while True:
        place = _read_path(tokens, place, tree, text)
        if place < len(tokens) and tokens[place] == ",":
            place += 1
        else:
            return tree, place


def _read_path(tokens: list[str], place: int, tree: Mask, text: str) -> int:
    path: list[str] = []
    inner: Mask = {}
    while True:
        if place >= len(tokens) or tokens[place] in "./,()":
            raise bad_mask(text)
        path.append(tokens[place])
        place += 1
        if place < len(tokens) and tokens[place] in "./":
            place += 1
            continue
        break
    if place < len(tokens) and tokens[place] == "(":
        inner, place = _read_fields(tokens, place + 1, text)
        if place >= len(tokens) or tokens[place] != ")":
            raise bad_mask(text)
        place += 1
    for name in reversed(path):
        inner = {name: inner}
    _merge(tree, inner)
    return place


def _merge(tree: Mask, further: Mask) -> None:
    for name, inner in further.items():
        if name not in tree:
            tree[name] = inner
        elif not tree[name] or not inner:
            tree[name] = {}
        else:
            _merge(tree[name], inner)


def check_mask(tree: Mask, discovery: Discovery, schema: str, path: str = "") -> None:
    """Raises `Refused` where the mask names a field that the message does not have."""
    for name, inner in tree.items():
        here = f"{path}.{name}" if path else name
        if name == "*":
            continue
        known, behind = discovery.field(schema, name)
        if not known or (inner and not behind):
            raise bad_mask(here)
        check_mask(inner, discovery, behind, here)


def project(tree: Mask, value: Any) -> Any:
    """What the mask leaves of a JSON value; messages that are left without fields stay as `{}` (C)."""
    if not tree:
        return value
    if isinstance(value, list):
        return [project(tree, each) for each in value]
    if not isinstance(value, dict):
        return value
    if "*" in tree:
        return {name: project(tree.get(name, tree["*"]), each) for name, each in value.items()}
    return {name: project(inner, value[name]) for name, inner in tree.items() if name in value}


def inner_mask(tree: Mask, *path: str) -> Mask | None:
    """What the mask wants of a field further in; None where it does not want it at all."""
    for name in path:
        if not tree:
            return tree
        if name in tree:
            tree = tree[name]
        elif "*" in tree:
            tree = tree["*"]
        else:
            return None
    return tree


def overlay(tree: Mask, old: Json, new: Json) -> Json:
    """`old` with the masked fields as in `new`; a masked field that `new` lacks goes back to its default (M).

    Fields of messages are merged; lists and plain values are replaced whole.
    """
    if not tree or "*" in tree:
        return new
    merged = dict(old)
    for name, inner in tree.items():
        there = new.get(name)
        if inner and (isinstance(there, dict) or isinstance(merged.get(name), dict)):
            below = overlay(inner, merged.get(name) or {}, there or {})
            if below or isinstance(there, dict):
                merged[name] = below
            else:
                merged.pop(name, None)
        elif there is None:
            merged.pop(name, None)
        else:
            merged[name] = there
    return merged
