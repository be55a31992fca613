"""The admin's own words in mails: subject, opening and closing of a kind of mail, in `Cấu hình`.

They are jinja2 with placeholders in Vietnamese, `{{ don_vi }}`, and choices, `{% if con_lai > 10 %}`. Nothing else
is let in: without loops, calls, attributes and arithmetic a text takes no longer to fill than to read, and shows
nothing but its placeholders. The sandbox stands behind that, for whatever it may let through.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

from automation.core.config.mail_kinds import SAMPLES, Part, Values
from automation.core.config.values import Wording
from automation.core.model.mail import CustomTexts
from automation.core.reading.cells import clean
from automation.core.reading.suggestions import nearest
from automation.core.text.vietnamese import day_text, number_text

LONGEST = {Part.SUBJECT: 200, Part.OPENING: 1_000, Part.CLOSING: 1_000}
"""Characters, as typed."""
_MOST_NODES = 200
"""A text of that length with its placeholders has far fewer."""


class Mistake(NamedTuple):
    """Why a text cannot be used: `key` below `config.wording` of the messages, the words it is about."""

    key: str
    part: str = ""
    hint: str | None = None
    """The placeholder that may have been meant."""


def check(source: str, part: Part, kind: str) -> Mistake | None:
    """What is wrong with a text of that kind of mail; None where it can be used."""
    if len(source) > LONGEST[part]:
        return Mistake("long", str(LONGEST[part]))
    try:
        parsed = _ENVIRONMENT.parse(source)
    except (TemplateError, RecursionError):
        return Mistake("syntax")
    if not _is_plain(parsed):
        return Mistake("forbidden")
    for name in sorted({node.name for node in parsed.find_all(nodes.Name)}):
        if name not in SAMPLES[kind]:
            return Mistake("placeholder", name, nearest(name, SAMPLES[kind]))
    if not all(_compares_like_with_like(each, SAMPLES[kind]) for each in parsed.find_all(nodes.Compare)):
        return Mistake("comparison")
    return _tried(source, SAMPLES[kind])


def fill(wording: Wording, values: Values) -> CustomTexts:
    """The words for one mail. What comes out blank leaves the shipped text in place.

    `values` has the placeholders of `SAMPLES` for the kind. Raises nothing for a text that `check` lets through.
    """
    lines = (clean(line) for line in _rendered(wording.closing, values).splitlines())
    return CustomTexts(
        clean(_rendered(wording.subject, values)),
        clean(_rendered(wording.opening, values)),
        tuple(filter(None, lines)),
    )


def _tried(source: str, values: Values) -> Mistake | None:
    try:
        _rendered(source, values)
    except (TemplateError, SyntaxError, RecursionError, MemoryError):
        return Mistake("syntax")
    return None


_PLAIN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.Name,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
)


def _is_plain(parsed: nodes.Template) -> bool:
    """Whether there are only texts, placeholders and choices between them."""
    waiting: list[nodes.Node] = [parsed]
    seen = 0
    while waiting:
        node = waiting.pop()
        seen += 1
        if not isinstance(node, _PLAIN) or seen > _MOST_NODES or _is_half_a_letter(node):
            return False
        waiting.extend(node.iter_child_nodes())
    return True


def _is_half_a_letter(node: nodes.Node) -> bool:
    """Whether a text was typed that no mail can hold, as "\\ud800"."""
    return isinstance(node, nodes.Const) and any("\ud800" <= letter <= "\udfff" for letter in str(node.value))


_EQUALITY = frozenset({"eq", "ne"})
_ORDER = frozenset({"lt", "lteq", "gt", "gteq"})


def _compares_like_with_like(compared: nodes.Compare, values: Values) -> bool:
    """Whether the comparison works whatever the figures: only numbers have an order."""
    kinds = [_type_of(node, values) for node in (compared.expr, *(operand.expr for operand in compared.ops))]
    operators = {operand.op for operand in compared.ops}
    return operators <= _EQUALITY or (operators <= _EQUALITY | _ORDER and set(kinds) <= {int, float})


def _type_of(node: nodes.Expr, values: Values) -> type | None:
    if isinstance(node, nodes.Name):
        return type(values[node.name])
    return type(node.value) if isinstance(node, nodes.Const) else None


def _as_written(value: Any) -> Any:
    """How a value stands in the text."""
    if isinstance(value, date):
        return day_text(value)
    return number_text(value) if isinstance(value, int) and not isinstance(value, bool) else value


_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, finalize=_as_written)
_ENVIRONMENT.globals.clear()
_ENVIRONMENT.filters.clear()
_ENVIRONMENT.tests.clear()


@lru_cache(maxsize=64)
def _template(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


def _rendered(source: str, values: Values) -> str:
    return _template(source).render(values) if source else ""
