"""The notes of mistakes in the program."""

from __future__ import annotations

import errno
from datetime import UTC, datetime
from pathlib import Path

import pytest

from automation.app.crash_log import ProgramMistake, mistakes_noted_in, note_mistake
from automation.base.errors import TccbError, WorkbookBusy

NOW = datetime(2023, 4, 20, 1, tzinfo=UTC)


def fail_over(cell: str) -> None:
    """What a mistake looks like: an exception that quotes what somebody typed, wrapped in another one."""
    try:
        raise KeyError(cell)
    except KeyError as error:
        raise ValueError(f"cannot judge {cell}") from error


def mistake_over(cell: str) -> Exception:
    try:
        fail_over(cell)
    except ValueError as error:
        return error
    raise AssertionError("it fails")


def test_a_note_says_where_and_what_kind_but_not_what_was_typed(tmp_path: Path) -> None:
    log = note_mistake(mistake_over("Nguyễn Văn An"), tmp_path / "new", NOW)
    assert log is not None
    note = log.read_text("utf-8")
    assert note.startswith("2023-04-20T01:00:00+00:00\n")
    assert "in fail_over" in note
    assert note.index("builtins.KeyError") < note.index("builtins.ValueError")
    assert "Nguyễn" not in note


def test_notes_add_up(tmp_path: Path) -> None:
    for _ in range(2):
        log = note_mistake(mistake_over(""), tmp_path, NOW)
    assert log is not None
    assert log.read_text("utf-8").count("builtins.ValueError") == 2


def test_where_no_note_can_be_written_the_program_still_ends_well(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert note_mistake(mistake_over(""), tmp_path / "file", NOW) is None


def test_what_nobody_foresaw_is_noted(tmp_path: Path) -> None:
    with pytest.raises(ProgramMistake) as caught, mistakes_noted_in(tmp_path):
        fail_over("x")
    assert caught.value.log is not None
    assert caught.value.log.parent == tmp_path


@pytest.mark.parametrize("foreseen", [WorkbookBusy("đang mở"), BrokenPipeError()])
def test_what_was_foreseen_passes_without_a_note(foreseen: Exception, tmp_path: Path) -> None:
    with pytest.raises(type(foreseen)), mistakes_noted_in(tmp_path):
        raise foreseen
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_no_more_is_no_mistake_and_not_noted(tmp_path: Path) -> None:
    with pytest.raises(TccbError, match=r"Không ghi hết được .* \(ổ đĩa hết chỗ\)"), mistakes_noted_in(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(ProgramMistake), mistakes_noted_in(tmp_path / "log"):
        raise OSError(errno.EINVAL, "Invalid argument")
    assert [each.name for each in tmp_path.iterdir()] == ["log"]
