"""Our exceptions, one family. The command line shows their sentence and nothing else.

TccbError
├── CannotStart           exit status 2
│   ├── WorkbookMissing
│   ├── NotAWorkbook
│   └── WorkbookNotPrepared
├── WorkbookUnavailable   exit status 1: this time it did not work; the next cycle tries again
│   └── WorkbookBusy
└── MailError
    ├── TemporaryMailError
    └── RefusedMailError
"""

from __future__ import annotations


class TccbError(Exception):
    """Something a person can mend; the message is Vietnamese and says where, what and what to do."""


class CannotStart(TccbError):
    """Wrong arguments, no such workbook, no credentials: nothing was done."""


class WorkbookMissing(CannotStart):
    """There is no file or spreadsheet of that name."""


class NotAWorkbook(CannotStart):
    """The file is there and is not a workbook we can read."""


class WorkbookNotPrepared(CannotStart):
    """The workbook lacks the config tabs: `tccb init` has not been run on it."""


class WorkbookUnavailable(TccbError):
    """The workbook could not be read or written this time."""


class WorkbookBusy(WorkbookUnavailable):
    """Somebody has the file open, so it was left as it is."""


class MailError(TccbError):
    """A mail could not be handed over."""


class TemporaryMailError(MailError):
    """Worth another try later."""


class RefusedMailError(MailError):
    """Refused for good."""
