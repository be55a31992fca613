"""Our exceptions, one family. The command line shows their sentence and nothing else.

TccbError
├── CannotStart           exit status 2
│   ├── WorkbookMissing
│   ├── NotAWorkbook
│   ├── WorkbookNotPrepared
│   ├── NotShared
│   ├── HeldElsewhere
│   └── GoogleNotReady
│       ├── CredentialsUnusable
│       ├── CredentialsRejected
│       └── ApiDisabled
├── WorkbookUnavailable   exit status 1: this time it did not work; the next cycle tries again
│   ├── WorkbookBusy
│   ├── CellWouldBeLost
│   ├── GoogleUnavailable
│   │   └── QuotaSpent
│   ├── StorageFull
│   └── RequestRefused
│       └── CellsProtected
├── DatabaseUnavailable
└── MailError
    ├── TemporaryMailError
    │   ├── MailServerUnavailable
    │   │   └── MailSettingWrong
    │   ├── MailboxPostponed
    │   └── PartlyPostponed
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


class NotShared(CannotStart):
    """The spreadsheet is there, and the account that we use may not open or change it."""


class HeldElsewhere(CannotStart):
    """Another bot works on the workbook: nothing more is written or mailed from here."""


class GoogleNotReady(CannotStart):
    """No spreadsheet at all can be reached until a person has mended how we get to Google."""


class CredentialsUnusable(GoogleNotReady):
    """There are no credentials here, or what is there cannot be read as such."""


class CredentialsRejected(GoogleNotReady):
    """Google does not accept the credentials: removed, expired, too narrow, or our clock is wrong."""


class ApiDisabled(GoogleNotReady):
    """Nobody has enabled the API in the Google Cloud project that the credentials belong to."""


class WorkbookUnavailable(TccbError):
    """The workbook could not be read or written this time.

    `may_have_happened`: a write was handed over and nobody knows what became of it. False is certain: nothing
    was changed.
    """

    def __init__(self, sentence: str, *, may_have_happened: bool = False) -> None:
        super().__init__(sentence)
        self.may_have_happened = may_have_happened


class WorkbookBusy(WorkbookUnavailable):
    """Somebody has the file open, so it was left as it is."""


class CellWouldBeLost(WorkbookUnavailable):
    """Drawing the workbook anew would have changed a cell of people's, so it was left as it is."""


class GoogleUnavailable(WorkbookUnavailable):
    """No usable answer: no connection, a time-out, a failure on the other side, an answer cut short."""


class QuotaSpent(GoogleUnavailable):
    """More requests than Google allows in a minute, and waiting did not help."""


class StorageFull(WorkbookUnavailable):
    """Whoever owns the spreadsheet has no room left."""


class RequestRefused(WorkbookUnavailable):
    """The service understood the request and will not do it, however often it is asked.

    `reason` is the service's own text. It may quote cells, so it is for judging the case, not for showing.
    """

    def __init__(self, sentence: str, *, reason: str = "", may_have_happened: bool = False) -> None:
        super().__init__(sentence, may_have_happened=may_have_happened)
        self.reason = reason


class CellsProtected(RequestRefused):
    """The write met cells that the account may not change; nothing was written."""


class DatabaseUnavailable(TccbError):
    """The database that several machines share does not answer just now."""


class MailError(TccbError):
    """A mail could not be handed over."""


class TemporaryMailError(MailError):
    """Worth another try later."""


class MailServerUnavailable(TemporaryMailError):
    """No mail at all can leave now, so there is no use in trying the next one."""


class MailSettingWrong(MailServerUnavailable):
    """No mail will ever leave until a person has mended a setting: the sender, the login, the way to connect."""


class OutcomeUnknown(MailError):
    """The server took the content of a mail and did not say what became of it: it may have arrived."""


class MailboxPostponed(TemporaryMailError):
    """The readers' mailboxes take nothing now; other mails may leave."""


class PartlyPostponed(TemporaryMailError):
    """Delivered to some recipients; others may get it later."""

    def __init__(self, message: str, waiting: tuple[str, ...], refused: str = "") -> None:
        """`waiting`: the addresses to try again; `refused`: what to tell of those that were refused for good."""
        super().__init__(message)
        self.waiting = waiting
        self.refused = refused


class RefusedMailError(MailError):
    """Refused for good."""
