"""Every sentence that tells people a rule rests on something: `tests/sentences.csv` says on what.

A sentence of the guide, of the next steps and of the mails is known by its words, with "…" for what is filled in. New
ones are classified before they are shipped: the item of the letter (D-, A-, N-) or of the notes on the domain that they
rest on, `tool` for how the program itself works, `none` for what states no rule.
"""

from __future__ import annotations

import csv
import html
import re
import tomllib
from collections.abc import Iterator
from functools import cache

from automation.adapters.config_files import default_tables
from automation.base.paths import TEMPLATES
from automation.core.config import tabs
from tests.tree import ROOT

TABLE = ROOT / "tests" / "sentences.csv"
LEAST_WORDS = 6
"""What is shorter is a label: it names something and states nothing."""
TOLD_SETTINGS = (
    *("Nơi làm thẻ", "Nơi đăng ký Mức 2", "Giấy tờ mang theo", "Tin nhắn báo duyệt"),
    *("Mục đích", "Vận động người thân", "Tiêu chí cuối năm", "Lỗi thường gặp"),
)
BASIS = re.compile(r"(?:D|A|N|E)-\d\d|domain \d+(?:\.\d+)?|design \d|tool|none")


def _in_sentences(text: str) -> Iterator[str]:
    """The sentences of a text, each on one line, what is filled in left out."""
    plain = re.sub(r"^(?:\?\[[^\]]*\] +|\?!?[a-z|-]+ +)+", "", text, flags=re.MULTILINE)
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}", "\n", plain, flags=re.DOTALL)
    plain = re.sub(r"\{\{.*?\}\}|\{[a-z_]+\}|\[[^\]\n]+\]", "…", plain, flags=re.DOTALL)
    plain = html.unescape(re.sub(r"</?(?:p|td|tr|h\d|br|table)[^>]*>", "\n", plain))
    plain = re.sub(r"<[^>]*>", "", plain)
    for part in re.split(r"\n|\||(?<=[.?;:])\s+(?=[A-ZÀ-ỸĐ“])", plain):
        sentence = re.sub(r"\s+", " ", part).strip(" -→#,;")
        if len(re.findall(r"[^\W\d_]+", sentence)) >= LEAST_WORDS:
            yield sentence


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, str):
        yield value


def _texts() -> Iterator[str]:
    yield (TEMPLATES / "guide.txt").read_text("utf-8")
    for path in sorted((TEMPLATES / "mail").rglob("*")):
        if path.suffix in (".txt", ".html") and path.name != "layout.html":
            yield path.read_text("utf-8")
    yield from _strings(tomllib.loads((TEMPLATES / "messages" / "mail_text.toml").read_text("utf-8")))
    column = tabs.HEADERS[tabs.STATUSES].index("Việc cần làm")
    yield from (str(row[column]) for row in default_tables()[tabs.STATUSES][1:] if row[column])
    yield from (str(row[1]) for row in default_tables()[tabs.SETTINGS] if row[0] in TOLD_SETTINGS)
    yield from (str(row[-1]) for row in default_tables()[tabs.FIELDS][1:])


@cache
def sentences() -> frozenset[str]:
    return frozenset(sentence for text in _texts() for sentence in _in_sentences(text))


@cache
def table() -> dict[str, str]:
    """Sentence -> what it rests on."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["sentence"]: row["rests on"] for row in csv.DictReader(file)}


def test_every_sentence_is_in_the_table() -> None:
    assert sorted(sentences() - table().keys()) == []


def test_every_line_of_the_table_is_said_somewhere() -> None:
    assert sorted(table().keys() - sentences()) == []


def test_the_table_names_items() -> None:
    wrong = {each for basis in table().values() for each in basis.split("; ") if not BASIS.fullmatch(each)}
    assert wrong == set()


def test_the_table_is_sorted_and_says_a_sentence_once() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        said = [row["sentence"] for row in csv.DictReader(file)]
    assert said == sorted(set(said))


def test_the_rules_of_the_letter_are_told() -> None:
    """The points that people must hear: each rests below some sentence."""
    told = {item for basis in table().values() for item in basis.split("; ")}
    wanted = {f"D-{number:02}" for number in (6, 11, 15, 16, 17, 18, 19, 20, 22, 23, 28, 32, 34, 35, 36, 37)}
    assert wanted - told == set()
