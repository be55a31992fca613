"""What several test modules begin with."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.examples import RANDOM, REPEATABLE

if TYPE_CHECKING:
    from tests.commands import Run
    from tests.emulator import Emulator
    from tests.google_world import Worlds

# No time of any kind counts: a slow machine is no mistake of the program.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
# The same examples every time, so that nobody's first run differs from anybody else's; fewer, as they find nothing new.
settings.register_profile(REPEATABLE, _UNHURRIED, derandomize=True, max_examples=50)
# Other examples every time; CI asks for it with --hypothesis-profile.
settings.register_profile(RANDOM, _UNHURRIED, derandomize=False, print_blob=True, max_examples=100)
settings.load_profile(REPEATABLE)

# Where no bytecode is to be written, each process that tests start would compile the program anew: a third of its time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Imported in the fixtures: who tests something else need not wait for it.


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Google, as an emulator of its own for each module."""
    from tests.emulator import Emulator

    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def worlds(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    """Spreadsheets with people in them, all set up alike."""
    from tests.google_world import Worlds

    return Worlds(emulator, tmp_path_factory.mktemp("worlds"))


@pytest.fixture
def tccb_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs the program in `tmp_path` with nothing of our own environment that it reads, but what is given by name; in
    this very process, which takes none of the seconds that one of its own takes to begin.
    """
    from automation.cli.main import main
    from tests.commands import Ended

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
