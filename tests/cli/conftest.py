"""The program as people call it, in this very process: without the seconds that one of its own takes to start."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from automation.cli.main import main


@dataclass(frozen=True)
class Ended:
    """A run of the program that came to its end."""

    status: int
    stdout: str
    stderr: str


Run = Callable[..., Ended]


@pytest.fixture
def tccb_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs the program in `tmp_path` with nothing of our own environment that it reads, but what is given by name."""
    for name in [name for name in os.environ if name.startswith(("TCCB_", "GOOGLE_", "SHEETS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **environment: str) -> Ended:
        capsys.readouterr()
        with monkeypatch.context() as here:
            here.setattr(sys, "argv", ["tccb", *arguments])
            for name, value in environment.items():
                here.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, *capsys.readouterr())

    return run
