"""Serve spreadsheets by hand: `python -m tests.emulator [--port 9099] [--auth] [workbook.xlsx ...]`."""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl

from tests.emulator.emulator import Emulator

ACCOUNT = "bot@example.org"


def read_workbook(path: Path) -> dict[str, list[list[Any]]]:
    """The values of an .xlsx file, tab by tab; times of day become text."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        sheet.title: [[_value(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        for sheet in book.worksheets
    }


def _value(value: Any) -> Any:
    if isinstance(value, time):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | date | datetime) else None


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description=__doc__)
    parser.add_argument("workbooks", nargs="*", type=Path, metavar="XLSX")
    parser.add_argument("--port", type=int, default=9099)
    parser.add_argument("--auth", action="store_true", help="ask for tokens; writes service-account.json here")
    given = parser.parse_args(arguments)
    with Emulator(auth=given.auth, port=given.port) as emulator:
        print(f"SHEETS_EMULATOR_HOST={emulator.host}", flush=True)
        if given.auth:
            Path("service-account.json").write_text(json.dumps(emulator.service_account(ACCOUNT)), "utf-8")
            print("GOOGLE_APPLICATION_CREDENTIALS=service-account.json", flush=True)
        for path in given.workbooks or [None]:
            tabs = read_workbook(path) if path else None
            sheet = emulator.new_spreadsheet(tabs, title=path.stem if path else "Bảng tính")
            print(f"{sheet.id}  {path or '(empty)'}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
