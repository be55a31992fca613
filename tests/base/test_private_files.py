"""What we keep is ours alone, whatever the umask and whoever was there first."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.base.private_files import (
    NotOurs,
    make_private_file,
    make_private_folder,
    may_be_changed_by_others,
    open_private,
    refuse_foreign_content,
    write_private,
)

NOBODY = 65534
pytestmark = pytest.mark.skipif(os.name != "posix", reason="no owners and modes")
needs_root = pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="gives files away")


@pytest.fixture(autouse=True, params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_and_files_are_for_us_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    write_private(folder / "mail.eml", b"text")
    make_private_file(folder / "state.sqlite3")
    os.close(open_private(folder / "errors.log"))
    assert [mode(each) for each in (tmp_path / "a", folder)] == [0o700, 0o700]
    assert {mode(each) for each in folder.iterdir()} == {0o600}
    assert (folder / "mail.eml").read_bytes() == b"text"


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "errors.log").write_text("old\n")
    (folder / "errors.log").chmod(0o644)
    make_private_folder(folder)
    with open(open_private(folder / "errors.log"), "a") as log:
        log.write("new\n")
    assert (mode(folder), mode(folder / "errors.log")) == (0o700, 0o600)
    assert (folder / "errors.log").read_text() == "old\nnew\n"


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("important")
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "errors.log").symlink_to(victim)
    (folder / "mail.eml").symlink_to(victim)
    with pytest.raises(NotOurs):
        open_private(folder / "errors.log")
    write_private(folder / "mail.eml", b"text")
    assert victim.read_text() == "important"
    assert not (folder / "mail.eml").is_symlink()
    with pytest.raises(NotOurs, match="errors"):
        refuse_foreign_content(folder)


def test_a_second_name_of_another_file_is_refused(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("important")
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "errors.log").hardlink_to(victim)
    with pytest.raises(NotOurs):
        open_private(folder / "errors.log")
    with pytest.raises(NotOurs):
        refuse_foreign_content(folder)


@needs_root
@pytest.mark.parametrize("what", ["folder", "file", "link to it"])
def test_what_somebody_else_made_is_refused(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "inside").touch()
    if what == "link to it":
        real, folder = folder, tmp_path / "link"
        folder.symlink_to(real)
    os.chown(folder / "inside" if what == "file" else folder, NOBODY, NOBODY, follow_symlinks=False)
    look = refuse_foreign_content if what == "file" else make_private_folder
    with pytest.raises(NotOurs):
        look(folder)


def test_a_link_of_our_own_on_the_way_is_followed(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "public").symlink_to(tmp_path / "private")
    make_private_folder(tmp_path / "public" / "state")
    assert (tmp_path / "private" / "state").is_dir()


@pytest.mark.parametrize(("bits", "open_to_others"), [(0o600, False), (0o644, False), (0o664, True), (0o606, True)])
def test_a_file_that_others_may_write_is_told(tmp_path: Path, bits: int, open_to_others: bool) -> None:
    path = tmp_path / ".env"
    path.touch()
    path.chmod(bits)
    assert may_be_changed_by_others(path) is open_to_others


@needs_root
def test_a_file_of_somebody_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.touch(0o600)
    os.chown(path, NOBODY, NOBODY)
    assert may_be_changed_by_others(path)
