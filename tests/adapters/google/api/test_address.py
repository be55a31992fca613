"""How people name a spreadsheet."""

from __future__ import annotations

import pytest

from automation.adapters.google.api.address import spreadsheet_address

ID = "1AbC-dEfGhIjKlMnOpQrStUvWxYz_0123456789abcdef"


@pytest.mark.parametrize(
    "typed",
    [
        ID,
        f"  {ID} ",
        f"https://docs.google.com/spreadsheets/d/{ID}",
        f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=0",
        f"https://docs.google.com/spreadsheets/d/{ID}/edit?usp=sharing&pli=1#gid=12",
        f"https://docs.google.com/spreadsheets/u/0/d/{ID}/edit",
        f"docs.google.com/spreadsheets/d/{ID}/htmlview",
        f"https://drive.google.com/file/d/{ID}/view",
        f"https://drive.google.com/open?id={ID}",
        f"https://docs.google.com/a/example.org/spreadsheets/d/{ID}/edit",
        f"http://127.0.0.1:9099/spreadsheets/d/{ID}/edit",
    ],
)
def test_addresses_name_the_spreadsheet_by_its_id(typed: str) -> None:
    found = spreadsheet_address(typed)
    assert found is not None
    assert str(found) == found.id == ID


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "so-theo-doi.xlsx",
        "/srv/so/theo-doi.xlsx",
        "so",
        "C:\\so\\theo doi.xlsx",
        "https://example.org/",
        "~/d/x.xlsx",
        "so/d/theo-doi",
    ],
)
def test_a_file_is_no_spreadsheet_at_google(typed: str) -> None:
    assert spreadsheet_address(typed) is None


def test_an_emulator_may_have_short_ids() -> None:
    assert spreadsheet_address("so-1") is None
    found = spreadsheet_address("so-1", any_id=True)
    assert found is not None
    assert found.id == "so-1"
