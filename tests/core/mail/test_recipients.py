from __future__ import annotations

import pytest
from msgspec.structs import replace

from automation.core.mail.recipients import Recipients, addressed, recipients_of
from automation.core.model.units import Unit
from tests.core.mail.ladder_examples import SETTINGS, rung

UNIT = Unit("BV01", "Bệnh viện Một", focal_email="focal@example.org", head_email="head@example.org")


@pytest.mark.parametrize(
    ("words", "unit", "expected"),
    [
        ("đầu mối", UNIT, Recipients(("focal@example.org",))),
        ("đầu mối; đồng gửi thủ trưởng", UNIT, Recipients(("focal@example.org",), ("head@example.org",))),
        ("đầu mối; đồng gửi TCCB", UNIT, Recipients(("focal@example.org",), ("hr@example.org",))),
        # two addresses in one cell
        (
            "đầu mối",
            replace(UNIT, focal_email="a@example.org; b@example.org"),
            Recipients(("a@example.org", "b@example.org")),
        ),
        # head and focal person are the same
        (
            "đầu mối; đồng gửi thủ trưởng",
            replace(UNIT, head_email="focal@example.org"),
            Recipients(("focal@example.org",)),
        ),
        # a copy alone is no mail
        (
            "đầu mối; đồng gửi thủ trưởng",
            replace(UNIT, focal_email=""),
            Recipients((), ("head@example.org",)),
        ),
        ("đầu mối", replace(UNIT, focal_email="chưa có"), Recipients(())),
    ],
)
def test_the_addresses_behind_the_words(words: str, unit: Unit, expected: Recipients) -> None:
    assert recipients_of(rung("r", "khi đạt chỉ tiêu", to=words), unit, SETTINGS) == expected


def test_real_mail_goes_to_real_people() -> None:
    meant = Recipients(("focal@example.org",), ("head@example.org",))
    assert addressed(meant, SETTINGS) == meant


@pytest.mark.parametrize(
    ("test_address", "goes_to"), [("test@example.org", "test@example.org"), ("", "admin@example.org")]
)
def test_until_then_nobody_but_the_test_address_gets_any(test_address: str, goes_to: str) -> None:
    settings = replace(SETTINGS, mail_mode_real=False, test_address=test_address)
    assert addressed(Recipients(("focal@example.org",), ("head@example.org",)), settings) == Recipients((goes_to,))
