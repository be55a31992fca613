"""The program as its operator runs it on a spreadsheet: a key, real tokens, requests counted; where it takes two of
them, as a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from automation.adapters.google.lease import LEASE_ID
from tests.commands import Ended, Run
from tests.emulator import Emulator, Spreadsheet
from tests.tree import ROOT

LEASE = str(LEASE_ID).encode()
"""In every request about the lease, and in none besides."""
ACCOUNT = "tccb@du-an.iam.gserviceaccount.com"
NOW = ("--now", "2023-04-20T08:00")


class Operator:
    """Runs commands and keeps an eye on what the server has seen."""

    def __init__(self, emulator: Emulator, folder: Path, tccb: Run) -> None:
        self.emulator = emulator
        self._tccb = tccb
        self.sheet: Spreadsheet = emulator.new_spreadsheet(editors=[ACCOUNT])
        key = folder / "key.json"
        key.write_text(json.dumps(emulator.service_account(ACCOUNT)), "utf-8")
        lines = [f"u{number},Đơn vị {number},Bệnh viện,tab {number},3" for number in range(12)]
        self.units = folder / "units.csv"
        self.units.write_text("\n".join(["Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người", *lines]), "utf-8")
        self._environment = {
            "SHEETS_EMULATOR_HOST": emulator.host,
            "GOOGLE_APPLICATION_CREDENTIALS": str(key),
            "TCCB_STATE_DIR": str(folder / "state"),
        }

    def tccb(self, *arguments: str, **environment: str) -> Ended:
        """Raises AssertionError for a traceback."""
        done = self._tccb(*arguments, **self._environment | environment)
        assert "Traceback" not in done.stderr + done.stdout
        return done

    @contextmanager
    def working(self, spreadsheet: str) -> Iterator[None]:
        """The worker, while this is entered, from the end of its first cycle on."""
        command = [sys.executable, "-m", "automation", "run", spreadsheet, "--no-mail", *NOW]
        environment = {**os.environ, **self._environment}
        with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, encoding="utf-8") as running:
            assert running.stderr is not None
            try:
                while "hoàn thành; ghi" not in (said := running.stderr.readline()):
                    assert said, running.wait()
                yield
            finally:
                running.terminate()

    def more_units(self) -> Path:
        """A list with one unit more."""
        path = self.units.with_name("more.csv")
        path.write_text(self.units.read_text("utf-8") + "\nu99,Đơn vị 99,Bệnh viện,tab 99,3", "utf-8")
        return path

    def told(self, *arguments: str) -> dict[str, Any]:
        """The JSON object on standard output, and nothing else there; requests as the server counted them."""
        start = len(self.emulator.journal)
        done = self.tccb(*arguments, "--json", *NOW)
        found: dict[str, Any] = json.loads(done.stdout)
        journal = [record for record in self.emulator.journal[start:] if LEASE not in record.body]
        counted = {bucket: sum(record.bucket == bucket for record in journal) for bucket in ("read", "write")}
        assert found.get("requests", counted) == counted
        return found | {"exit": done.status, "requests": counted}


@pytest.fixture
def operator(tccb_here: Run, tmp_path: Path) -> Iterator[Operator]:
    with Emulator(auth=True) as emulator:
        yield Operator(emulator, tmp_path, tccb_here)


def test_init_is_not_done_while_somebody_keeps_us_out_of_a_tab(operator: Operator) -> None:
    assert operator.tccb("init", operator.sheet.id, "--units", str(operator.units)).status == 0
    human = operator.sheet.human
    area = {"sheetId": human.sheet_id("tab 3"), "startColumnIndex": 0, "endColumnIndex": 1}
    human.request({"addProtectedRange": {"protectedRange": {"range": area, "editors": {"users": ["lan@example.org"]}}}})
    done = operator.tccb("init", operator.sheet.id)
    assert (done.status, "chưa dựng lại: tab 3" in done.stdout) == (1, True), done.stdout
    assert "đã sẵn sàng" not in done.stdout


def test_a_campaign_begins(operator: Operator) -> None:
    address = operator.sheet.url
    refused = operator.tccb("run", address, "--once")
    assert (refused.status, "tccb init" in refused.stderr) == (2, True)

    done = operator.tccb("init", address, "--units", str(operator.units))
    assert done.status == 0, done.stderr
    writes, reads = operator.emulator.count("write"), operator.emulator.count("read")
    assert operator.tccb("init", operator.sheet.id).status == 0
    assert operator.emulator.count("write") == writes, "a second init writes nothing"
    assert operator.emulator.count("read") <= reads + 3

    first = operator.told("run", address, "--once")
    # results and the lines above config tabs, then the mails of the first day before and after they go
    assert (first["exit"], first["requests"]) == (0, {"read": 2, "write": 4})
    quiet = operator.told("run", operator.sheet.id, "--once")
    assert (quiet["exit"], quiet["cells_written"], quiet["requests"]) == (0, 0, {"read": 1, "write": 0})

    for number in (3, 5, 8):
        operator.sheet.human.type(f"tab {number}", 4, 3, f"Trần Văn {number}")
    busy = operator.told("run", address, "--once")
    # one read more for the copies of what units typed, with its formulas: once an hour
    assert (busy["changed"], busy["requests"]) == (3, {"read": 3, "write": 1})
    operator.sheet.human.type("tab 3", 4, 3, "Trần Văn Ba")
    busy = operator.told("run", address, "--once")
    assert (busy["changed"], busy["requests"]) == (1, {"read": 2, "write": 1})
    assert [operator.sheet.cell(f"tab {number}", 4, 1) for number in (3, 5, 8)] == ["Cần sửa dữ liệu"] * 3

    checked = operator.told("check", address)
    assert (checked["exit"], checked["requests"]["write"]) == (0, 0)
    assert checked["total"]["rows"] == 3


@pytest.mark.slow
def test_two_machines_do_not_work_on_one_spreadsheet(operator: Operator, tmp_path: Path) -> None:
    """What the second one may: look. It is told which machine has it, and mails nobody."""
    sheet, there = operator.sheet, {"TCCB_STATE_DIR": str(tmp_path / "another machine")}
    assert operator.tccb("init", sheet.id, "--units", str(operator.units)).status == 0
    sheet.human.type("tab 3", 4, 3, "Trần Văn Ba")
    with operator.working(sheet.id):
        assert sheet.cell("tab 3", 4, 1)
        sheet.human.type("tab 5", 4, 3, "Trần Văn Năm")
        writes = operator.emulator.count("write")
        for arguments in (
            ["run", "--once"],
            ["run"],
            ["init", "--units", str(operator.more_units())],
            ["summary", "--send"],
        ):
            refused = operator.tccb(arguments[0], sheet.id, *arguments[1:], *NOW, **there)
            assert (refused.status, refused.stderr.count("\n")) == (2, 1), refused.stderr
            assert "--take-over" in refused.stderr
        assert operator.emulator.count("write") == writes
        assert list((tmp_path / "another machine").glob("mails/*")) == []
        assert operator.tccb("check", sheet.id, **there).status == 0
        said = operator.tccb("doctor", sheet.id, **there).stdout
        assert "đang xử lý bảng tính này" in said
        assert operator.tccb("run", sheet.id, "--once", "--take-over", *NOW, **there).status == 0
        assert sheet.cell("tab 5", 4, 1)
    assert operator.tccb("run", sheet.id, "--once", *NOW).status == 0, "the other one has let go"


@pytest.mark.slow
def test_a_workbook_that_was_set_up_on_another_machine_is_found_at_once(operator: Operator, tmp_path: Path) -> None:
    operator.sheet.human.type(operator.sheet.titles()[0], 1, 1, "nháp")  # so that this tab stays
    assert operator.tccb("run", operator.sheet.id, "--once").status == 2  # and remembers that tab alone
    elsewhere = str(tmp_path / "another machine")
    assert (
        operator.tccb("init", operator.sheet.id, "--units", str(operator.units), TCCB_STATE_DIR=elsewhere).status == 0
    )
    assert operator.told("run", operator.sheet.id, "--once")["exit"] == 0


@pytest.mark.slow
def test_a_new_tab_a_renamed_one_and_a_copy_are_told_apart(operator: Operator) -> None:
    operator.tccb("init", operator.sheet.id, "--units", str(operator.units))
    operator.told("run", operator.sheet.id, "--once")
    operator.sheet.human.type("tab 3", 4, 3, "Trần Văn Ba")
    operator.sheet.human.rename_tab("tab 3", "Danh sách ba")
    operator.sheet.human.duplicate_tab("tab 5")
    operator.sheet.human.delete_tab("tab 8")
    found = operator.told("run", operator.sheet.id, "--once")
    said = {problem["where"]: problem["what"] for problem in found["problems"]}
    assert any("Danh sách ba" in where and "“tab 3”" in what for where, what in said.items())
    assert any("Bản sao của tab 5" in where for where in said)
    assert any("tab 8" in where for where in said)
    assert operator.sheet.cell("Danh sách ba", 4, 1) == "Cần sửa dữ liệu"
    assert {unit["code"]: unit["rows"] for unit in found["units"]}["u3"] == 1
    assert found["exit"] == 1


@pytest.mark.parametrize(
    ("trouble", "exit_status", "said"),
    [
        ("not shared", 2, ACCOUNT),
        # The sentences are tested beside the API; one shows that they get out.
        pytest.param("deleted", 2, "địa chỉ", marks=pytest.mark.slow),
        pytest.param("no key", 2, "GOOGLE_APPLICATION_CREDENTIALS", marks=pytest.mark.slow),
        pytest.param("no server", 1, "SHEETS_EMULATOR_HOST", marks=pytest.mark.slow),  # tries for half a minute
    ],
)
def test_what_stands_in_the_way_is_said_in_a_line(
    operator: Operator, trouble: str, exit_status: int, said: str, tmp_path: Path
) -> None:
    changed = {}
    if trouble == "not shared":
        operator.emulator.unshare(operator.sheet, ACCOUNT)
    elif trouble == "deleted":
        operator.emulator.delete(operator.sheet)
    elif trouble == "no key":
        changed = {"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "không có.json")}
    else:
        changed = {"SHEETS_EMULATOR_HOST": "127.0.0.1:1", "GOOGLE_APPLICATION_CREDENTIALS": ""}
    done = operator.tccb("check", operator.sheet.id, **changed)
    assert (done.status, said in done.stderr) == (exit_status, True), done.stderr
