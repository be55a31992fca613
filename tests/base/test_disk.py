"""Why a file is not read or written, in the readers' words."""

import errno
import os

import pytest

from automation.base.disk import NO_ROOM, reason_of


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "không có quyền"),
        (errno.EPERM, "không có quyền"),
        (errno.ENOSPC, "ổ đĩa hết chỗ"),
        (errno.EROFS, "ổ đĩa chỉ cho đọc"),
        (errno.EIO, "ổ đĩa báo lỗi đọc, ghi"),
        (errno.ESTALE, "mất kết nối tới ổ đĩa"),
        (errno.EMFILE, "máy đang mở quá nhiều tệp"),
        (errno.EILSEQ, f"hệ thống báo: {os.strerror(errno.EILSEQ)}"),
    ],
)
def test_a_reason_of_the_system(number: int, said: str) -> None:
    assert reason_of(OSError(number, os.strerror(number))) == said


@pytest.mark.parametrize("number", sorted(NO_ROOM))
def test_a_disk_that_takes_no_more_says_why_in_words(number: int) -> None:
    assert "hệ thống" not in reason_of(OSError(number, "in another language"))


def test_an_error_without_a_number_is_told_by_its_kind() -> None:
    assert reason_of(TimeoutError()) == "hệ thống báo: TimeoutError"
