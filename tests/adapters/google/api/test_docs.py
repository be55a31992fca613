"""The pages on Google: every sentence that the program may show can be looked up, and no other is promised."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.tree import ROOT

PAGES = {page.name: page.read_text("utf-8") for page in sorted((ROOT / "docs" / "google").glob("*.md"))}
MESSAGES = tomllib.loads((ROOT / "templates" / "messages" / "google.toml").read_text("utf-8"))


def sentences(entries: dict[str, Any] = MESSAGES) -> Iterator[str]:
    for entry in entries.values():
        if isinstance(entry, dict):
            yield from sentences(entry)
        else:
            yield re.sub(r"\{\w+\}", "…", entry)


def what_happened(sentence: str) -> str:
    """The first of its sentences; the others say what to do."""
    return re.split(r"\.\s", sentence, maxsplit=1)[0].rstrip(".")


def first_cells(page: str) -> list[str]:
    lines = re.findall(r"^\| (.+?) \|", page, re.MULTILINE)
    return [cell for cell in lines if cell not in ("Câu hiện ra", "---")]


def test_every_sentence_can_be_looked_up() -> None:
    assert sorted(first_cells(PAGES["loi.md"])) == sorted(what_happened(each) for each in sentences())


def test_every_sentence_says_what_to_do() -> None:
    assert [each for each in sentences() if not re.search(r"\. (Đề nghị|Lần sau|Chu kỳ sau) ", each)] == []


def test_the_steps_quote_what_the_program_says() -> None:
    quoted = re.findall(r"(?<!\*)\*([^*\n]+(?:\n[^*\n]+)?)\*(?!\*)", PAGES["README.md"])
    in_vietnamese = [" ".join(each.split()) for each in quoted if not each.isascii()]
    assert len(in_vietnamese) >= 8
    everything = " ".join(sentences())
    assert [each for each in in_vietnamese if each.rstrip("…") not in everything] == []


@pytest.mark.parametrize("page", PAGES)
def test_pages_keep_the_register_and_their_links(page: str) -> None:
    plain = re.sub(r"`[^`]*`", "", PAGES[page])
    assert "!" not in plain
    assert "yêu cầu" not in plain
    for target, anchor in re.findall(r"\]\(([^)#]*)(?:#([^)]+))?\)", PAGES[page]):
        linked = PAGES[target or page]
        assert not anchor or anchor in anchors(linked), (target, anchor)


def anchors(page: str) -> set[str]:
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", page, re.M)}


def test_readers_find_the_way_there() -> None:
    assert "docs/google/" in (ROOT / "README.md").read_text("utf-8")
