"""The audit of the locks: silence is not taken for a good answer."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.audit import KNOWN, NONE_KNOWN, NOT_ASKED, verdict
from tests.tree import ROOT

SOUND = {"name": "one", "version": "1.0", "vulns": []}
BAD = {"name": "two", "version": "2.0", "vulns": [{"id": "CVE-2026-1", "fix_versions": ["2.1"], "aliases": []}]}
SKIPPED = {"name": "three", "skip_reason": "not found and could not be audited"}


@pytest.mark.parametrize(
    ("dependencies", "status", "words"),
    [
        ([SOUND], NONE_KNOWN, "in 1 packages"),
        ([SOUND, BAD], KNOWN, "two 2.0: CVE-2026-1, mended in ['2.1']"),
        ([SKIPPED, BAD], KNOWN, "CVE-2026-1"),
        ([SOUND, SKIPPED], NOT_ASKED, "1 of 2 packages (three)"),
        ([SKIPPED], NOT_ASKED, "1 of 1 packages (three)"),
        ([], NOT_ASKED, "0 of 0"),
    ],
)
def test_a_report_is_told_for_what_it_is(dependencies: list[object], status: int, words: str) -> None:
    found, lines = verdict(json.dumps({"dependencies": dependencies, "fixes": []}))
    assert found == status
    assert words in "\n".join(lines)


@pytest.mark.parametrize("report", ["", "Traceback (most recent call last):", "[]", "null", "{}"])
def test_no_report_is_no_good_report(report: str) -> None:
    assert verdict(report)[0] == NOT_ASKED


@pytest.mark.parametrize(("status", "goes_on"), [(NONE_KNOWN, True), (NOT_ASKED, True), (KNOWN, False)])
def test_only_a_known_vulnerability_ends_the_checks(tmp_path: Path, status: int, goes_on: bool) -> None:
    (line,) = [line for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines() if ".ci/audit" in line]
    (tmp_path / ".ci").mkdir()
    audit = tmp_path / ".ci" / "audit"
    audit.write_text(f"#!/bin/sh\nexit {status}\n", "utf-8")
    audit.chmod(0o700)
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", f"{line}\ntrue"], cwd=tmp_path)
    assert (done.returncode == 0) is goes_on
