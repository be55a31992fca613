"""Workbooks of any size with made-up people, for whoever measures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from automation.adapters.config_files import default_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.init import set_up
from automation.core.admin.reader import read_config, with_tab_titles
from automation.core.config.values import Config
from automation.core.model.units import Unit
from automation.demo.campaign import DemoUnit, make_campaign
from automation.demo.filling import fill, write_units


def shipped_config() -> Config:
    """That of a new workbook."""
    config = read_config(default_tables())
    assert isinstance(config, Config)
    return config


def made_campaign(units: int, rows: int) -> list[DemoUnit]:
    """So many units, with so many people among them; the same ones every time."""
    registry = with_tab_titles([Unit(f"u{n:03}", f"Đơn vị {n:03}", group="Bệnh viện") for n in range(units)])
    return make_campaign(registry, rows, date(2023, 4, 20), seed=1)


def drawn_book(folder: Path, campaign: list[DemoUnit]) -> ExcelWorkbook:
    """A new workbook of these units, without people."""
    write_units(folder / "units.csv", campaign)
    book = ExcelWorkbook(folder / "so.xlsx")
    set_up(book, folder / "units.csv")
    return book


def filled_book(folder: Path, units: int, rows: int) -> ExcelWorkbook:
    """The same with their people."""
    campaign = made_campaign(units, rows)
    book = drawn_book(folder, campaign)
    fill(book, campaign, shipped_config())
    return book
