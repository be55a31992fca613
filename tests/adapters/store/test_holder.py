"""By which a bot is known again."""

from __future__ import annotations

from pathlib import Path

from automation.adapters.store.holder import holder_in


def test_a_state_folder_is_one_bot(tmp_path: Path) -> None:
    first = holder_in(tmp_path / "a")
    assert first == holder_in(tmp_path / "a")
    assert first.owner != holder_in(tmp_path / "b").owner
    assert first.host


def test_who_keeps_nothing_is_somebody_new(tmp_path: Path) -> None:
    assert holder_in(tmp_path, keeps=False) != holder_in(tmp_path, keeps=False)
    assert list(tmp_path.iterdir()) == []


def test_a_state_folder_that_takes_nothing_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert holder_in(tmp_path / "file").owner
