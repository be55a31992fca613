"""The office of these tests."""

from __future__ import annotations

from tests.app.records.desk import desk, worked
from tests.app.records.office import made, office

__all__ = ["desk", "made", "office", "worked"]
