"""Where things lie in the repository, for tests that read its files."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "automation"
GOLDEN = ROOT / "tests" / "golden"
