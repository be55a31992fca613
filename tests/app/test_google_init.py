"""What a second `init` of a whole department asks of Google."""

from __future__ import annotations

from pathlib import Path

import pytest

from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.sheets import connect
from automation.adapters.google.spreadsheets import open_spreadsheets
from automation.app.init import set_up
from automation.core.config.identity import codes_of
from automation.demo.filling import fill, write_units
from tests.emulator.emulator import Emulator
from tests.made_campaigns import made_campaign, shipped_config

MOST_REQUESTS, MOST_BYTES = 3, 15_000_000


@pytest.mark.slow
def test_a_second_init_reads_what_it_compares(emulator: Emulator, tmp_path: Path) -> None:
    """A department of 100 units with 65 people each."""
    campaign = made_campaign(100, 6_500)
    write_units(tmp_path / "units.csv", campaign)
    sheet = emulator.new_spreadsheet()
    api = connect(emulator_host=emulator.host)
    book = open_spreadsheets(api, SpreadsheetAddress(sheet.id, sheet.url), tmp_path / "state", codes_of)
    set_up(book, tmp_path / "units.csv")
    fill(book, campaign, shipped_config())
    set_up(book)
    before = len(api.journal)
    set_up(book)
    asked = api.journal[before:]
    assert len(asked) <= MOST_REQUESTS
    assert sum(call.received for call in asked) <= MOST_BYTES
