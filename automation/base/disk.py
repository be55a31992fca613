"""Why the system does not read or write a file, by what it says of it."""

from __future__ import annotations

import errno

from automation.base.messages import text

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
"""By what the system says that a disk takes no more."""
_REASONS = {
    errno.EACCES: "closed",
    errno.EPERM: "closed",
    errno.ENOSPC: "full",
    errno.EDQUOT: "share",
    errno.EFBIG: "too_large",
    errno.EROFS: "read_only",
    errno.EIO: "broken",
    errno.ENXIO: "broken",
    errno.ENODEV: "away",
    errno.ENOTCONN: "away",
    errno.ENETDOWN: "away",
    errno.ENETUNREACH: "away",
    errno.EHOSTUNREACH: "away",
    errno.ECONNRESET: "away",
    errno.ESTALE: "away",
    errno.ETIMEDOUT: "away",
    errno.EBUSY: "in_use",
    errno.ENAMETOOLONG: "too_long",
    errno.EMFILE: "too_many",
    errno.ENFILE: "too_many",
    errno.ENOENT: "no_folder",
    errno.ENOTDIR: "no_folder",
}
"""Number of the system -> sentence of `disk.toml`."""


def reason_of(error: OSError) -> str:
    """The reason in the readers' language; what the system itself says, which is in another, where it is a rare one."""
    known = _REASONS.get(error.errno or 0)
    return text(f"disk.{known}") if known else text("disk.other", said=error.strerror or type(error).__name__)
