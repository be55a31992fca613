"""The catalogue of sentences: what the code names is there, gets its figures, and keeps the register."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from automation.base.messages import text
from tests.tree import ROOT

TEMPLATES = ROOT / "templates"
TOPICS = sorted((TEMPLATES / "messages").glob("*.toml"))


def sentences_of(entries: dict[str, Any], key: str) -> Iterator[tuple[str, str]]:
    for name, entry in entries.items():
        if isinstance(entry, dict):
            yield from sentences_of(entry, f"{key}.{name}")
        else:
            yield f"{key}.{name}", entry


SENTENCES = {
    key: sentence
    for topic in TOPICS
    for key, sentence in sentences_of(tomllib.loads(topic.read_text("utf-8")), topic.stem)
}


def calls_of_text() -> Iterator[tuple[str, str, set[str]]]:
    """Where code names a sentence outright: the place, the key, the names of the figures it hands over."""
    for path in sorted((ROOT / "automation").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "text" and node.args:
                key, names = node.args[0], {keyword.arg for keyword in node.keywords}
                if isinstance(key, ast.Constant) and None not in names:
                    yield f"{path.name}:{node.lineno}", str(key.value), {str(name) for name in names}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize(("place", "key", "given"), list(calls_of_text()))
def test_a_sentence_that_code_names_exists_and_gets_its_figures(place: str, key: str, given: set[str]) -> None:
    assert key in SENTENCES, place
    # A sentence that gets no figures is not formatted: its braces may be meant for somebody else.
    if given:
        assert placeholders(SENTENCES[key]) <= given, place


def test_no_backslash_that_was_to_join_two_lines_is_shown() -> None:
    """A literal string of TOML keeps it, and a page of Jinja too; one before a letter may be a path."""
    pages = {str(path): path.read_text("utf-8") for path in TEMPLATES.rglob("*") if path.suffix in (".txt", ".html")}
    assert pages
    shown = re.compile(r"\\(?=\s|$)", re.MULTILINE)
    assert [where for where, said in {**SENTENCES, **pages}.items() if shown.search(said)] == []


@pytest.mark.parametrize("topic", TOPICS, ids=lambda path: path.stem)
def test_sentences_keep_the_register(topic: Path) -> None:
    sentences = [sentence for key, sentence in SENTENCES.items() if key.startswith(f"{topic.stem}.")]
    assert sentences
    loud = [each for each in sentences if "!" in each or any(ord(character) > 0x1F000 for character in each)]
    assert loud == []


def test_a_sentence_is_filled_in() -> None:
    assert text("cli.wrong.worker_only", option="--json") == "--json chỉ dùng cùng với --once."


@pytest.mark.parametrize(
    ("key", "values"), [("cli.wrong", {}), ("cli.nothing", {}), ("cli.wrong.value", {"name": "x"})]
)
def test_a_mistake_in_naming_a_sentence_is_an_error(key: str, values: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        text(key, **values)
