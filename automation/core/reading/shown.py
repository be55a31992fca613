"""What others typed, as it may stand in a sentence of ours: in the summary, the journal, a mail, on a terminal."""

from __future__ import annotations

import re
import unicodedata

from automation.core.reading.cells import clean

# Six digits or more, whatever stands between them: an identity number or a phone typed into the wrong column.
# Days with slashes are no such thing, so a slash ends a run.
_LONG_NUMBER = re.compile(r"\d(?:[ .\-–()+]*\d){5,}")
# Nine digits or more in a title, with up to two of any marks between them: a day has eight.
_NUMBER_IN_A_TITLE = re.compile(r"\d(?:[\W_]{0,2}\d){8,}")
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|tel:|sms:|javascript:)\S*", re.IGNORECASE)
# Mail programs make links of these too: a dot between a word and two letters or more, also one of East Asian writing,
# which names of machines may have in its place (UTS 46).
_DOT_OF_A_NAME = re.compile(r"(?<=[^\W_])[.。．｡](?=[^\W\d_]{2})")
_VARIANTS = frozenset(map(chr, range(0xFE00, 0xFE10)))
_HIDDEN = "•••"
_LONGEST = 300
_LONGEST_TITLE = 100


def redacted(typed: str, longest: int = _LONGEST) -> str:
    """What a person typed, fit for a mail: one line, of bounded length, without any long number in it."""
    text = _LONG_NUMBER.sub(_HIDDEN, _with_plain_digits(visible(typed)))
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def shown(title: str) -> str:
    """The title of a tab, or a header that people typed: `redacted`, and nothing in it that could become a link."""
    without_links = linkless(visible(title))
    return redacted(_NUMBER_IN_A_TITLE.sub(_HIDDEN, _with_plain_digits(without_links)), _LONGEST_TITLE)


def linkless(text: str) -> str:
    """The text with nothing in it that a mail program would make a link of."""
    return _DOT_OF_A_NAME.sub(". ", _LINK.sub(_HIDDEN, text))


def _with_plain_digits(text: str) -> str:
    """Digits in circles, raised, in brackets or on keys as plain ones: a phone number is read and dialled from those
    too.
    """
    return text if text.isascii() else "".join(map(_plain_digit, text))


def _plain_digit(letter: str) -> str:
    if unicodedata.category(letter) == "Me" or letter in _VARIANTS:
        return ""  # a circle or key around what stands before it
    number = unicodedata.numeric(letter, None) if unicodedata.category(letter) == "No" else None
    return str(int(number)) if number is not None and number == int(number) else letter


def visible(typed: str) -> str:
    """One line without what steers a terminal or turns the direction of writing: no control, no format character."""
    return "".join(each for each in clean(typed) if unicodedata.category(each)[0] != "C")
