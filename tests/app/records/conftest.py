"""The office of these tests."""

from __future__ import annotations

from tests.app.records.office import made, office

__all__ = ["made", "office"]
