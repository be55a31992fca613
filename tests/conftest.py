"""What several test modules begin with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.emulator import Emulator
    from tests.google_world import Worlds

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
