"""The catalogue of short sentences that people see: `templates/messages/*.toml`, one file a topic.

Code names a sentence by its key and hands over the figures; the Vietnamese lives in the files alone.
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from automation.base.paths import TEMPLATES


@cache
def _topic(name: str) -> dict[str, Any]:
    with open(TEMPLATES / "messages" / f"{name}.toml", "rb") as file:
        return tomllib.load(file)


def text(key: str, **values: object) -> str:
    """The sentence `topic.name` (or `topic.group.name`) with its `{placeholders}` filled in.

    Raises KeyError where the catalogue has no such sentence or a placeholder is not given.
    """
    return _sentence(key).format(**values) if values else _sentence(key)


@cache
def _sentence(key: str) -> str:
    topic, *path = key.split(".")
    found: Any = _topic(topic)
    for part in path:
        found = found[part]
    if not isinstance(found, str):
        raise KeyError(key)
    return found
